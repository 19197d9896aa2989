"""Known frames as channels beside the noise: which frames are given, and what the autoencoder makes of them."""

from __future__ import annotations

import random

import torch
from diffusers import AutoencoderKLWan
from torch import Tensor

from .whole_clip import encode, normalised

# How often a clip is trained with which frames given. The product asks for none (a still), the first, first and last.
WAYS = {"none": 0.10, "first": 0.42, "first and last": 0.33, "any": 0.08, "prefix": 0.07}


def known_frames(way: str, frames: int, generator: random.Random) -> set[int]:
    if way == "none":
        return set()
    if way == "first":
        return {0}
    if way == "first and last":
        return {0, frames - 1}
    if way == "prefix":
        return set(range(1 + 4 * generator.randrange(0, max(1, frames // 4))))
    return set(generator.sample(range(frames), generator.randint(1, min(4, frames))))


def mask(known: set[int], frames: int, height: int, width: int, factor: int = 4) -> Tensor:
    """[factor, T, h, w], 1 where a frame is known: frame 0 sets all channels of latent frame 0, frame f ≥ 1 channel
    (f − 1) mod factor of latent frame 1 + ⌊(f − 1)/factor⌋."""
    channels = torch.zeros(factor, 1 + (frames - 1) // factor)
    for frame in known:
        if frame == 0:
            channels[:, 0] = 1
        else:
            channels[(frame - 1) % factor, 1 + (frame - 1) // factor] = 1
    return channels[:, :, None, None].expand(-1, -1, height, width)


def masked(video: Tensor, known: list[set[int]]) -> Tensor:
    """The video [B, 3, F, H, W] in −1…1 with zeros, grey, in all frames but the known."""
    keep = torch.zeros(video.shape[0], video.shape[2], device=video.device, dtype=video.dtype)
    for row, frames in enumerate(known):
        keep[row, sorted(frames)] = 1
    return video * keep[:, None, :, None, None]


def condition(autoencoder: AutoencoderKLWan, video: Tensor, known: list[set[int]]) -> Tensor:
    """Mask and latents of the known frames, [B, 4 + z, T, h, w]."""
    latents = normalised(autoencoder, encode(autoencoder, masked(video, known))[0].float())  # [B, z, T, h, w]
    frames, (height, width) = video.shape[2], latents.shape[3:]
    masks = torch.stack([mask(frames_, frames, height, width) for frames_ in known]).to(latents)  # [B, 4, T, h, w]
    return torch.cat([masks, latents], dim=1)
