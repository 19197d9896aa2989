"""Trains the diffusion transformer and its text encoder together, by flow matching on latents."""

from __future__ import annotations

import random
from pathlib import Path

import torch
import torch.nn.functional as F
from diffusers import WanTransformer3DModel
from torch import Tensor, nn

from . import autoencoder as autoencoders
from . import classifier
from .bank import Bank
from .budget import Budget, Every
from .classifier import StillJudge
from .latents import Batch, LatentBank
from .loop import Training, load_average, mixed_precision, short_attention
from .settings import Load, Settings
from .text import build_encoder, embed, tokenizer_of, tokens

NAME = "transformer"
DROPPED_CAPTIONS = 0.1  # what guidance steers away from
SHIFT = 2.0  # moves the times that are trained towards noise
# So many of the times are from the very beginning of sampling, where it is decided which colour goes where. Of the
# others hardly one in seventy is as early as 0.95.
EARLY_SHARE, EARLIEST = 0.2, 0.85
ALIGNED_BLOCK = 3  # whose tokens are held against what the judge sees at their places
# Late in a training it holds back what it helped at first (Wang et al. 2025, "REPA works until it doesn't").
ALIGNED_SHARE = 0.5  # of the time
# A product fills a quarter of the frame and is what the shot is about: its places count for more.
EMPHASIS = 3.0
WEIGHTS = {"stills": 1.0, "clips": 1.0, "alignment": 0.5}


class Denoiser(nn.Module):
    """Text encoder and transformer, as one network to train.

    From the tokens of an early block `alignment` reads what a judge that knows products and backdrops sees in the clean
    picture there, which the block so learns to see in the noisy one (Yu et al. 2024, "Representation alignment for
    generation"). It is for training alone and not exported.
    """

    def __init__(self, settings: Settings, vocabulary: int):
        super().__init__()
        self.text_encoder = build_encoder(settings, vocabulary)
        self.transformer = WanTransformer3DModel(
            num_attention_heads=settings.heads, attention_head_dim=settings.head_width,
            in_channels=settings.condition_channels, out_channels=settings.latent_channels,
            text_dim=settings.text_width, ffn_dim=settings.feed_forward, num_layers=settings.layers,
            freq_dim=256, cross_attn_norm=True, qk_norm="rms_norm_across_heads", eps=1e-6)
        nn.init.zeros_(self.transformer.proj_out.weight)
        nn.init.zeros_(self.transformer.proj_out.bias)
        width, features = settings.heads * settings.head_width, StillJudge.widths(settings.classifier_width)[-2]
        self.alignment = nn.Sequential(nn.Linear(width, 2 * width), nn.SiLU(), nn.Linear(2 * width, features))
        self._tokens: Tensor | None = None
        self.transformer.blocks[min(ALIGNED_BLOCK, settings.layers - 1)].register_forward_hook(self._keep)

    def _keep(self, _, __, tokens: Tensor) -> None:
        self._tokens = tokens

    def misalignment(self, features: Tensor) -> Tensor:
        """How far the last call's tokens are from telling `features`, [B, tokens, C]: 1 − cosine, []."""
        return 1 - F.cosine_similarity(self.alignment(self._tokens).float(), features, dim=-1).mean()

    def forward(self, noisy: Tensor, condition: Tensor, sigma: Tensor, ids: Tensor) -> Tensor:
        """The velocity, noise − latents, [B, z, T, h, w] at σ [B]."""
        text = embed(self.text_encoder, ids)  # [B, L, d]
        return self.transformer(
            hidden_states=torch.cat([noisy, condition], 1),  # [B, 2z + 4, T, h, w]
            timestep=sigma * 1000, encoder_hidden_states=text, return_dict=False)[0]


def load(settings: Settings, folder: Path, device: str) -> Denoiser | None:
    tokenizer = tokenizer_of(folder)
    denoiser = Denoiser(settings, tokenizer.get_vocab_size())
    if not load_average(NAME, denoiser, folder, device):
        return None
    return denoiser.to(device).eval().requires_grad_(False)


def times(count: int, device: str) -> Tensor:
    """σ of logit-normal distribution, shifted, and some near 1: [B] in 0…1."""
    sigma = torch.sigmoid(torch.randn(count, device=device))
    sigma = SHIFT * sigma / (1 + (SHIFT - 1) * sigma)
    early = EARLIEST + (1 - EARLIEST) * torch.rand(count, device=device)
    return torch.where(torch.rand(count, device=device) < EARLY_SHARE, early, sigma)


def train(
    settings: Settings, load_: Load, bank: Bank, budget: Budget, folder: Path, device: str,
    data: Path | None = None, peak_rate: float = 2e-3, compiled: bool | None = None,
) -> None:
    autoencoder = autoencoders.load(settings, folder, device)
    if autoencoder is None:
        raise autoencoders.missing(folder)
    tokenizer = tokenizer_of(folder)
    denoiser = Denoiser(settings, tokenizer.get_vocab_size()).to(device)
    latents = LatentBank(
        settings, autoencoder, tokenizer, classifier.load_still(settings, folder, device), device)
    latents.resume(folder / "latents.pt")
    if latents.extend(bank, budget.part(0.2), load_.transformer_clips):
        latents.save(folder / "latents.pt")
    print(f"transformer: {latents.count('clips')} clips, {latents.count('stills')} stills in latents", flush=True)
    if compiled is None:
        compiled = budget.left > (200 if device.startswith("cuda") else 600)
    if compiled:
        compile_blocks(denoiser, settings, latents, load_, device)
    empty = tokens(tokenizer, [""], settings.prompt_length).to(device)  # [1, L]
    generator = random.Random()
    training = Training(
        NAME, denoiser, folder=folder, device=device, budget=budget.part(1), peak_rate=peak_rate, with_muon=True)
    # On a CPU the drawing goes on beside the training: new shards are encoded in small portions.
    refill = Every(120)
    for step in training.steps():
        if data is not None and refill():
            bank.rescan(data)
            latents.extend(bank, Budget(0.25), load_.transformer_clips)
        # Clips cost more, and what things look like is learnt from stills: the first half of the time has few of them.
        every = 3 if budget.progress > 0.5 else 6
        kind = "clips" if step % every == every - 1 and latents.count("clips") else "stills"
        kind = kind if latents.count(kind) else "clips"
        count = load_.transformer_clips if kind == "clips" else load_.transformer_stills
        batch = latents.batch(kind, count, generator)
        batch.ids = _with_dropped(batch.ids, empty)
        losses = {kind: flow_loss(denoiser, batch, device)}
        if batch.features.numel() and budget.progress < ALIGNED_SHARE:
            with mixed_precision(device):
                losses["alignment"] = denoiser.misalignment(batch.features)
        training.update(losses, WEIGHTS)


def flow_loss(denoiser: Denoiser, batch: Batch, device: str) -> Tensor:
    x = batch.latents  # [B, z, T, h, w]
    noise = torch.randn_like(x)  # [B, z, T, h, w]
    sigma = times(len(x), device)  # [B]
    at = sigma[:, None, None, None, None]
    noisy = (1 - at) * x + at * noise  # [B, z, T, h, w]
    with mixed_precision(device), short_attention(device):
        velocity = denoiser(noisy, batch.condition, sigma, batch.ids)
    squares = (velocity.float() - (noise - x)).pow(2).mean(1)  # [B, T, h, w]
    weights = 1 + EMPHASIS * batch.presence  # [B, T, h, w]
    return (weights * squares).sum() / weights.sum()  # []


def _with_dropped(ids: Tensor, empty: Tensor) -> Tensor:
    dropped = torch.rand(len(ids), 1, device=ids.device) < DROPPED_CAPTIONS
    return torch.where(dropped, empty, ids)


def compile_blocks(denoiser: Denoiser, settings: Settings, latents: LatentBank, load_: Load, device: str) -> None:
    """Compiles the transformer's blocks, which are alike and so are compiled once; goes on without where that fails."""
    try:
        for block in denoiser.transformer.blocks:
            block.compile(dynamic=True)
        generator = random.Random(0)
        for kind, count in (("stills", load_.transformer_stills), ("clips", load_.transformer_clips)):
            if latents.count(kind):
                flow_loss(denoiser, latents.batch(kind, count, generator), device).backward()
        denoiser.zero_grad(set_to_none=True)
        print("transformer: blocks are compiled", flush=True)
    except Exception as error:  # any failure of the compiler: it only saves time
        print(f"transformer: not compiled ({type(error).__name__}: {str(error)[:200]})", flush=True)
        for block in denoiser.transformer.blocks:
            block._compiled_call_impl = None
        denoiser.zero_grad(set_to_none=True)
