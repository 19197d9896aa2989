"""Trains the video autoencoder: what the transformer works on instead of pixels."""

from __future__ import annotations

import random
from pathlib import Path

import torch
from diffusers import AutoencoderKLWan
from diffusers.models.autoencoders.autoencoder_kl_wan import WanAttentionBlock, WanResidualBlock
from torch import Tensor, nn

from . import checkpoint
from .bank import Bank, as_signed
from .budget import Budget, Every
from .loop import Training, load_average, mixed_precision
from .settings import Load, Settings
from .whole_clip import decode, encode

NAME = "vae"
FIRST_LOG_VARIANCE = -4.0
WEIGHTS = {"squares": 4.0, "pixels": 0.5, "gradients": 0.25, "kl": 1e-5}
# A channel that hardly matters to the picture is this much of the size of one that does.
LEAST_SIZE = 0.4


def build(settings: Settings) -> AutoencoderKLWan:
    z, patch = settings.latent_channels, settings.autoencoder_patch
    autoencoder = AutoencoderKLWan(
        base_dim=settings.autoencoder_width, z_dim=z, dim_mult=list(settings.autoencoder_multipliers),
        num_res_blocks=settings.residual_blocks, temperal_downsample=[True, True], attn_scales=[],
        latents_mean=[0.0] * z, latents_std=[1.0] * z, in_channels=3 * patch ** 2, out_channels=3 * patch ** 2,
        is_residual=True, patch_size=patch, scale_factor_spatial=8, scale_factor_temporal=4)
    start_linear(autoencoder)
    return autoencoder


@torch.no_grad()
def start_linear(autoencoder: AutoencoderKLWan) -> None:
    """Has every residual branch give nothing and the latents hardly any noise.

    What is left is a chain of convolutions, through which colours and shapes pass from the first step on. From random
    branches it took more than a thousand steps until anything but grey came out.
    """
    for module in autoencoder.modules():
        if isinstance(module, WanResidualBlock):
            module.conv2.weight.zero_()
            module.conv2.bias.zero_()
        elif isinstance(module, WanAttentionBlock):
            module.proj.weight.zero_()
            module.proj.bias.zero_()
    z = autoencoder.config.z_dim
    autoencoder.quant_conv.weight[z:].zero_()
    autoencoder.quant_conv.bias[z:].fill_(FIRST_LOG_VARIANCE)


@torch.no_grad()
def widened(state: dict[str, Tensor], settings: Settings) -> dict[str, Tensor]:
    """The weights of an autoencoder of fewer latent channels, with room for the others.

    What it made it still makes: the decoder does not listen to the new channels yet.
    """
    wide = build(settings).state_dict()
    before, after = len(state["post_quant_conv.bias"]), settings.latent_channels
    for name, old in state.items():
        new = wide[name]
        if new.shape == old.shape:
            new.copy_(old)
        elif name.startswith("encoder.conv_out"):  # [2z, C, 3, 3, 3]; their order is quant_conv's affair
            new.mul_(8)  # as large beside their first noise as trained channels are
            new[:2 * before] = old
        elif name == "decoder.conv_in.weight":  # [C, z, 3, 3, 3]
            new.zero_()
            new[:, :before] = old
        elif name.endswith("quant_conv.weight"):  # [2z, 2z, 1, 1, 1] and [z, z, 1, 1, 1]
            halves = new.shape[0] // after  # mean and log variance, or the latents alone
            new.zero_()
            for half in range(halves):
                new[half * after:half * after + before, :halves * before] = old[half * before:(half + 1) * before]
            for channel in range(before, after):
                new[channel, halves * before + channel - before] = 1
        elif name.endswith("quant_conv.bias"):
            halves = new.shape[0] // after
            new.fill_(FIRST_LOG_VARIANCE if halves == 2 else 0)
            new[:after] = 0
            for half in range(halves):
                new[half * after:half * after + before] = old[half * before:(half + 1) * before]
        else:
            raise ValueError(f"{name} is of shape {list(old.shape)}, not {list(new.shape)}")
    return wide


def channels_last(network: nn.Module) -> nn.Module:
    """The network with its convolutions' weights as their fast kernels want them: channels next to one another."""
    for parameter in network.parameters():
        if parameter.ndim == 5:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last_3d)
        elif parameter.ndim == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return network


def load(settings: Settings, folder: Path, device: str) -> AutoencoderKLWan | None:
    """The trained autoencoder with its measured statistics; `None` where there is none."""
    statistics = folder / "vae-statistics.json"
    autoencoder = build(settings)
    if not statistics.exists() or not load_average(NAME, autoencoder, folder, device):
        return None
    autoencoder.register_to_config(**checkpoint.read_json(statistics))
    return channels_last(autoencoder.to(device).eval().requires_grad_(False))


def missing(folder: Path) -> LookupError:
    """What is raised where `load` found none and one is needed."""
    return LookupError(f"{folder} has no autoencoder yet: train it first with `python -m training vae`")


def losses(autoencoder: AutoencoderKLWan, video: Tensor) -> dict[str, Tensor]:
    """Of a video in −1…1, [B, 3, F, H, W]."""
    mean, log_variance = encode(autoencoder, video)  # [B, z, T, h, w] each
    deviation = torch.exp(0.5 * log_variance.float())
    latents = mean + deviation * torch.randn_like(mean)
    decoded = decode(autoencoder, latents).float()  # [B, 3, F, H, W]
    kl = 0.5 * (mean.float() ** 2 + deviation ** 2 - 1 - log_variance.float()).sum(1).mean()  # []
    across = (decoded.diff(dim=4) - video.diff(dim=4)).abs().mean()  # []
    down = (decoded.diff(dim=3) - video.diff(dim=3)).abs().mean()  # []
    # Charbonnier's smooth |x|: near zero it falls off like a square, which PSNR rewards.
    pixels = ((decoded - video) ** 2 + 1e-4).sqrt().mean()  # []
    # The absolute error alone learns no colours as long as the brightness is wrong: it pulls all three the same way.
    squares = (decoded - video).pow(2).mean()  # []
    squared = ((decoded.detach().clamp(-1, 1) - video) / 2).pow(2).mean()
    return {
        "squares": squares, "pixels": pixels, "gradients": across + down, "kl": kl,
        "psnr": -10 * torch.log10(squared + 1e-10)}


def train(
    settings: Settings, load_: Load, bank: Bank, budget: Budget, folder: Path, device: str,
    data: Path | None = None, peak_rate: float = 2e-3,
) -> None:
    autoencoder = channels_last(build(settings).to(device))
    _widen_checkpoint(settings, folder)
    generator = random.Random()
    # The last of the time goes to the statistics and the measurement.
    share = 1 - min(30 / budget.seconds, 0.1)
    training = Training(
        NAME, autoencoder, folder=folder, device=device, budget=budget.part(share), peak_rate=peak_rate,
        weight_decay=1e-4, with_muon=True)
    rescan = Every(60)
    for step in training.steps():
        if data is not None and rescan():
            bank.rescan(data)
        frames = _crops(settings, load_, bank, generator, step)
        with mixed_precision(device):
            parts = losses(autoencoder, as_signed(frames))
        training.update(parts, WEIGHTS)
    load_average(NAME, autoencoder, folder, device)
    autoencoder.eval().requires_grad_(False)
    checkpoint.write_json(folder / "vae-statistics.json", statistics(autoencoder, bank, settings, device))
    _tell(autoencoder, bank, settings, device)


def _tell(autoencoder: AutoencoderKLWan, bank: Bank, settings: Settings, device: str) -> None:
    kind = "held-clips" if bank.count("held-clips") else "clips"
    print(f"vae: PSNR of {kind} {psnr(autoencoder, bank, kind, settings, device, most=24):.2f} dB", flush=True)


def _crops(settings: Settings, load_: Load, bank: Bank, generator: random.Random, step: int) -> Tensor:
    """What a step sees, uint8 [B, F, crop, crop, 3]: of three steps one sees stills, whose latents are first frames'."""
    if step % 3 < 2:
        return bank.crops(
            "clips", load_.autoencoder_clips, generator, settings.crop, generator.choice(settings.crop_frames))
    kind = "stills" if bank.count("stills") and step % 2 else "clips"
    return bank.crops(kind, load_.autoencoder_stills, generator, settings.crop, 1)


def train_decoder(
    settings: Settings, load_: Load, bank: Bank, budget: Budget, folder: Path, device: str, peak_rate: float = 5e-4,
) -> None:
    """Trains the decoder alone: latents stay what they are, and what was trained on them stays right.

    Its loss is close to what is measured, the PSNR of clips.
    """
    path = folder / f"{NAME}.pt"
    state = checkpoint.load(path)
    if state is None:
        raise missing(folder)
    # Latents are made with the averaged weights, so the decoder goes on from these.
    checkpoint.save(path, {**state, "network": state["average"], "optimisers": []})
    autoencoder = channels_last(build(settings).to(device)).requires_grad_(False)
    for part in (autoencoder.post_quant_conv, autoencoder.decoder):
        part.requires_grad_(True)
    generator = random.Random()
    training = Training(
        NAME, autoencoder, folder=folder, device=device, budget=budget.part(0.9), peak_rate=peak_rate,
        weight_decay=1e-4, with_muon=True)
    for step in training.steps():
        frames = _crops(settings, load_, bank, generator, step)
        video = as_signed(frames)  # [B, 3, F, H, W]
        with mixed_precision(device):
            with torch.no_grad():
                latents = encode(autoencoder, video)[0]  # [B, z, T, h, w]
            decoded = decode(autoencoder, latents).float()  # [B, 3, F, H, W]
        squares = ((decoded - video) / 2).pow(2).mean((1, 2, 3, 4))  # [B]
        # The mean of PSNRs would be ruled by flat crops, which are nearly right, and that of squares by the hardest.
        error = (squares + 1e-7).sqrt().mean()  # []
        training.update({"psnr": -20 * torch.log10(error)}, {"psnr": -0.1})
    load_average(NAME, autoencoder, folder, device)
    _tell(autoencoder.eval().requires_grad_(False), bank, settings, device)


def _widen_checkpoint(settings: Settings, folder: Path) -> None:
    """Makes a checkpoint of fewer latent channels one of the settings' number."""
    path = folder / f"{NAME}.pt"
    state = checkpoint.load(path)
    if state is None or len(state["network"]["post_quant_conv.bias"]) == settings.latent_channels:
        return
    checkpoint.save(path, {
        **state, "network": widened(state["network"], settings), "average": widened(state["average"], settings),
        "optimisers": []})


@torch.no_grad()
def statistics(
    autoencoder: AutoencoderKLWan, bank: Bank, settings: Settings, device: str, clips: int = 48
) -> dict[str, list[float]]:
    """Mean and deviation of each latent channel over clips, which the config freezes.

    The deviations are stretched where a channel matters little: smaller beside the noise, it is decided late and
    weighs little in the transformer's loss, as fine detail should.
    """
    generator = random.Random(1)
    count, total, squares = 0, 0.0, 0.0
    samples: list[Tensor] = []
    for _ in range(max(3, clips // 4)):
        frames, _ = bank.batch("clips", 4 if device.startswith("cuda") else 1, generator)
        mean = encode(autoencoder, as_signed(frames))[0]  # [B, z, T, h, w]
        samples.append(mean)
        values = mean.double().transpose(0, 1).flatten(1)  # [z, N]
        count += values.shape[1]
        total = total + values.sum(1)
        squares = squares + (values ** 2).sum(1)
    centre = total / count  # [z]
    deviation = (squares / count - centre ** 2).clamp_min(1e-6).sqrt()  # [z]
    size = importance(autoencoder, samples[:3], centre).sqrt().clamp(LEAST_SIZE, 1)  # [z]
    return {"latents_mean": centre.tolist(), "latents_std": (deviation / size.to(deviation)).tolist()}


@torch.no_grad()
def importance(autoencoder: AutoencoderKLWan, samples: list[Tensor], centre: Tensor) -> Tensor:
    """How far the picture goes off without each latent channel, root mean square, [z]; 1 for the upper quarter."""
    errors = torch.zeros(autoencoder.config.z_dim)
    for latents in samples:
        latents = latents[:, :, :3]
        decoded = decode(autoencoder, latents)
        for channel in range(len(errors)):
            without = latents.clone()
            without[:, channel] = centre[channel]
            errors[channel] += float((decode(autoencoder, without) - decoded).pow(2).mean())
    rms = errors.sqrt()
    return rms / rms.quantile(0.75)


@torch.no_grad()
def psnr(
    autoencoder: AutoencoderKLWan, bank: Bank, kind: str, settings: Settings, device: str, most: int
) -> float:
    """Mean over clips, each decoded from its posterior's mean, at the model's full frame sizes."""
    values = []
    for aspect in bank.aspects(kind):
        for chunk in bank.chunks(kind, aspect):
            for i in range(len(chunk.scenes)):
                if len(values) >= most * (1 + bank.aspects(kind).index(aspect)) / len(bank.aspects(kind)):
                    break
                video = as_signed(Bank._tensor(chunk.frames[i]).to(device)[None])  # [1, 3, F, H, W]
                decoded = decode(autoencoder, encode(autoencoder, video)[0]).clamp(-1, 1)
                values.append(float(-10 * torch.log10(((decoded - video) / 2).pow(2).mean() + 1e-10)))
    return sum(values) / len(values)
