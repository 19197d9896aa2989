"""Trains the upscaler, Real-ESRGAN's compact network, on pairs of neighbouring frames."""

from __future__ import annotations

import random
from pathlib import Path

import torch
import torch.nn.functional as F
from diffusers import AutoencoderKLWan
from safetensors.torch import save_file
from torch import Tensor, nn

from . import autoencoder as autoencoders
from . import linear_start
from .bank import Bank, Chunk
from .budget import Budget, Every
from .checkpoint import replacing
from .degradation import degrade, lanczos, shrink
from .loop import Training, history, load_average, mixed_precision
from .settings import Load, Settings
from .whole_clip import decode, encode

WEIGHTS = {"pixels": 1.0, "steadiness": 0.5}


class SRVGGNetCompact(nn.Module):
    """Convolutions at the small size; only the last one's channels are spread out to the large size.

    The keys are those of published weights: `body.k.weight`, `body.k.bias`.
    """

    def __init__(self, features: int, convolutions: int, factor: int):
        super().__init__()
        self.factor = factor
        layers: list[nn.Module] = [nn.Conv2d(3, features, 3, padding=1), nn.PReLU(features)]
        for _ in range(convolutions):
            layers += [nn.Conv2d(features, features, 3, padding=1), nn.PReLU(features)]
        layers.append(nn.Conv2d(features, 3 * factor * factor, 3, padding=1))
        self.body = nn.ModuleList(layers)

    def forward(self, small: Tensor) -> Tensor:
        x = small  # [B, 3, h, w]
        for layer in self.body:
            x = layer(x)  # [B, C, h, w]; at last [B, 3·factor², h, w]
        x = F.pixel_shuffle(x, self.factor)  # [B, 3, H, W]
        return x + F.interpolate(small, scale_factor=self.factor, mode="nearest")


def name(factor: int) -> str:
    return f"upscaler-x{factor}"


def build(settings: Settings, factor: int) -> SRVGGNetCompact:
    network = SRVGGNetCompact(settings.upscaler_features, settings.upscaler_convolutions, factor)
    nn.init.zeros_(network.body[-1].weight)  # is nearest-neighbour upscaling until it is trained
    nn.init.zeros_(network.body[-1].bias)
    return network


def load(settings: Settings, factor: int, folder: Path, device: str) -> SRVGGNetCompact | None:
    network = build(settings, factor)
    if not load_average(name(factor), network, folder, device):
        return None
    return network.to(device).eval().requires_grad_(False)


def train(
    settings: Settings, load_: Load, bank: Bank, budget: Budget, folder: Path, device: str, factor: int,
    data: Path | None = None, peak_rate: float = 8e-4,
) -> None:
    network = build(settings, factor)
    decoder = autoencoders.load(settings, folder, device)
    generator = random.Random()
    if settings.upscaler_features >= 27 and not (folder / f"{name(factor)}.pt").exists():
        large = _large(bank, 48, settings.upscaler_crop, factor, generator).flatten(0, 1).cpu()  # [B, 3, H, W]
        linear_start.start(network.body, linear_start.fit(shrink(large, factor), large, factor), factor)
    network = network.to(device, memory_format=torch.channels_last)
    training = Training(
        name(factor), network, folder=folder, device=device, budget=budget, peak_rate=peak_rate, weight_decay=0.0)
    rescan = Every(60)
    for _ in training.steps():
        if data is not None and rescan():
            bank.rescan(data)
        large = _large(bank, load_.upscaler_pairs, settings.upscaler_crop, factor, generator)  # [B, 2, 3, H, W]
        flat = large.flatten(0, 1)  # [2B, 3, H, W]
        if decoder is not None and generator.random() < 0.25:
            small = autoencoded(decoder, shrink(flat, factor), device, generator)
        else:
            small = degrade(flat, factor, generator)  # [2B, 3, h, w]
        with mixed_precision(device):
            upscaled = network(small.contiguous(memory_format=torch.channels_last)).float()  # [2B, 3, H, W]
        pixels = ((upscaled - flat) ** 2 + 1e-6).sqrt().mean()  # []
        # What changes from frame to frame shall be what changes in the scene.
        change = upscaled.view_as(large).diff(dim=1)  # [B, 1, 3, H, W]
        steadiness = ((change - large.diff(dim=1)) ** 2 + 1e-6).sqrt().mean()  # []
        psnr = -10 * torch.log10((upscaled.detach().clamp(0, 1) - flat).pow(2).mean() + 1e-10)
        training.update({"pixels": pixels, "steadiness": steadiness, "psnr": psnr}, WEIGHTS)


def _large(bank: Bank, count: int, small: int, factor: int, generator: random.Random) -> Tensor:
    """Crops of pairs in 0…1, [B, 2, 3, H, W], that are `small` pixels a side before upscaling.

    Pairs are drawn at four times the model's size. For ×2 most are halved, which is the size that upscaled footage
    has; the others show edges at another sharpness.
    """
    size = small * factor
    often = 0.8 if factor == 2 else 0.2
    zoom = 2 if generator.random() < often and _smallest_side(bank) >= 2 * size else 1
    crops = bank.crops("pairs", count, generator, size * zoom).float() / 255  # [B, 2, H, W, 3]
    crops = crops.permute(0, 1, 4, 2, 3)  # [B, 2, 3, H, W]
    b = crops.shape[0]
    if zoom > 1:
        crops = F.avg_pool2d(crops.flatten(0, 1), zoom).unflatten(0, (b, 2))
    side = crops.shape[-1] - crops.shape[-1] % 4
    crops = crops[..., :side, :side]
    if generator.random() < 0.5:
        crops = crops.flip(-1)
    if generator.random() < 0.3:
        crops = crops.transpose(-1, -2)
    return crops


def _smallest_side(bank: Bank) -> int:
    return min(min(bank.chunks("pairs", aspect)[0].frames.shape[2:4]) for aspect in bank.aspects("pairs"))


@torch.no_grad()
def autoencoded(decoder: AutoencoderKLWan, frames: Tensor, device: str, generator: random.Random) -> Tensor:
    """Frames [B, 3, h, w] in 0…1 as the model's own decoder shows them, its latents a little off."""
    height, width = frames.shape[2:]
    padded = F.pad(frames, (0, -width % 8, 0, -height % 8), mode="replicate")
    with mixed_precision(device):
        latents = encode(decoder, padded[:, :, None] * 2 - 1)[0]  # [B, z, 1, h/8, w/8]
        scale = torch.tensor(decoder.config.latents_std, device=device).view(1, -1, 1, 1, 1)
        latents = latents + torch.randn_like(latents) * scale * generator.uniform(0, 0.1)
        decoded = decode(decoder, latents)[:, :, 0].float()  # [B, 3, h, w]
    return (decoded[..., :height, :width] * 0.5 + 0.5).clamp(0, 1)


@torch.no_grad()
def compare(network: SRVGGNetCompact, bank: Bank, device: str, most: int = 48) -> dict[str, float]:
    """PSNR, SSIM and flicker on held-out pairs, of the network and of Lanczos, from the model's frame size."""
    factor = network.factor
    sums: dict[str, float] = {}
    count = 0
    for aspect in bank.aspects("held-pairs"):
        for chunk in bank.chunks("held-pairs", aspect):
            for i in range(len(chunk.scenes)):
                if count >= most:
                    break
                pair = held_out(bank, aspect, chunk, i, factor, device)  # [2, 3, H, W]
                # Small frames are bytes, as they are where the upscaler runs.
                small = (shrink(pair, factor) * 255).round() / 255  # [2, 3, h, w]
                ways = {"learned": network(small).clamp(0, 1), "lanczos": lanczos(small, factor)}
                for way, upscaled in ways.items():
                    error = -10 * torch.log10((upscaled - pair).pow(2).mean() + 1e-10)
                    flicker = (upscaled.diff(dim=0) - pair.diff(dim=0)).abs().mean() * 255
                    for measure, value in (
                        ("psnr", error), ("ssim", ssim(upscaled, pair)), ("flicker", flicker)):
                        key = f"{way} {measure}"
                        sums[key] = sums.get(key, 0.0) + float(value)
                count += 1
    return {key: value / count for key, value in sums.items()} | {"pairs": count}


def held_out(bank: Bank, aspect: str, chunk: Chunk, index: int, factor: int, device: str) -> Tensor:
    """A pair in 0…1, [2, 3, H, W], at `factor` times the model's frame size."""
    pair = Bank._tensor(chunk.frames[index]).to(device).permute(0, 3, 1, 2).float() / 255  # [2, 3, H, W]
    surplus = pair.shape[2] // (bank.settings.aspects[aspect][0] * factor)
    return shrink(pair, surplus) if surplus > 1 else pair


def ssim(a: Tensor, b: Tensor) -> Tensor:
    """Structural similarity of [B, 3, H, W] in 0…1 over Gaussian windows of 11 pixels, mean of channels."""
    places = torch.arange(11, device=a.device, dtype=a.dtype) - 5
    line = torch.exp(-0.5 * (places / 1.5) ** 2)
    line = line / line.sum()
    window = (line[:, None] * line[None]).repeat(3, 1, 1, 1)  # [3, 1, 11, 11]

    def mean(x: Tensor) -> Tensor:
        return F.conv2d(x, window, groups=3)  # [B, 3, H − 10, W − 10]

    ma, mb = mean(a), mean(b)
    va, vb, covariance = mean(a * a) - ma * ma, mean(b * b) - mb * mb, mean(a * b) - ma * mb
    c1, c2 = 0.01 ** 2, 0.03 ** 2
    return ((2 * ma * mb + c1) * (2 * covariance + c2) / ((ma * ma + mb * mb + c1) * (va + vb + c2))).mean()


def export(network: SRVGGNetCompact, folder: Path, path: Path, settings: Settings) -> None:
    """Half-precision weights, with what they are in the file's metadata."""
    tensors = {key: value.detach().half().cpu().contiguous() for key, value in network.state_dict().items()}
    told = history(name(network.factor), folder)
    metadata = {
        "architecture": "SRVGGNetCompact", "scale": str(network.factor), "activation": "prelu",
        "features": str(settings.upscaler_features), "convolutions": str(settings.upscaler_convolutions),
        "trained_minutes": str(told.get("minutes", 0)), "trained_steps": str(told.get("steps", 0))}
    with replacing(path) as part:
        save_file(tensors, part, metadata=metadata)
