"""What happens to frames before they are upscaled: shrinking, blur, the noise of compression."""

from __future__ import annotations

import math
import random

import torch
import torch.nn.functional as F
from torch import Tensor

# JPEG's luminance table at quality 50.
_LUMINANCE = torch.tensor([
    [16, 11, 10, 16, 24, 40, 51, 61], [12, 12, 14, 19, 26, 58, 60, 55], [14, 13, 16, 24, 40, 57, 69, 56],
    [14, 17, 22, 29, 51, 87, 80, 62], [18, 22, 37, 56, 68, 109, 103, 77], [24, 35, 55, 64, 81, 104, 113, 92],
    [49, 64, 78, 87, 103, 121, 120, 101], [72, 92, 95, 98, 112, 100, 103, 99]], dtype=torch.float32)


def shrink(frames: Tensor, factor: int, how: str = "area") -> Tensor:
    """[B, 3, H, W] in 0…1 to [B, 3, H/factor, W/factor]."""
    if how == "area":
        return F.avg_pool2d(frames, factor)
    height, width = frames.shape[2] // factor, frames.shape[3] // factor
    return F.interpolate(frames, (height, width), mode=how, antialias=True).clamp(0, 1)


def lanczos(frames: Tensor, factor: int, lobes: int = 3) -> Tensor:
    """[B, 3, h, w] to [B, 3, h·factor, w·factor] by Lanczos' windowed sinc, edges repeated: what learned
    upscaling is compared with."""
    for dimension in (2, 3):
        frames = _lanczos_along(frames, factor, lobes, dimension)
    return frames.clamp(0, 1)


def _lanczos_along(frames: Tensor, factor: int, lobes: int, dimension: int) -> Tensor:
    length = frames.shape[dimension]
    place = (torch.arange(length * factor, dtype=torch.float64) + 0.5) / factor - 0.5  # [N] in source pixels
    taps = torch.floor(place)[:, None] + torch.arange(1 - lobes, lobes + 1)  # [N, 2·lobes]
    distance = place[:, None] - taps  # [N, 2·lobes]
    weights = torch.sinc(distance) * torch.sinc(distance / lobes)  # [N, 2·lobes]
    weights = weights / weights.sum(1, keepdim=True)
    matrix = torch.zeros(length * factor, length, dtype=torch.float64)  # [N, length]
    matrix.scatter_add_(1, taps.clamp(0, length - 1).long(), weights)
    matrix = matrix.to(frames)
    return torch.einsum("nh,bchw->bcnw" if dimension == 2 else "nw,bchw->bchn", matrix, frames)


def blur(frames: Tensor, sigma: float) -> Tensor:
    """A Gaussian of `sigma` pixels, [B, 3, H, W]."""
    radius = max(1, math.ceil(3 * sigma))
    places = torch.arange(-radius, radius + 1, device=frames.device, dtype=frames.dtype)
    kernel = torch.exp(-0.5 * (places / sigma) ** 2)  # [2·radius + 1]
    kernel = (kernel / kernel.sum()).repeat(3, 1, 1, 1)  # [3, 1, 1, 2·radius + 1]
    frames = F.conv2d(F.pad(frames, (radius, radius, 0, 0), mode="replicate"), kernel, groups=3)
    return F.conv2d(F.pad(frames, (0, 0, radius, radius), mode="replicate"), kernel.transpose(2, 3), groups=3)


def compress(frames: Tensor, table: Tensor, halve_colour: bool) -> Tensor:
    """What JPEG leaves of frames [B, 3, H, W] in 0…1: cosine transform of 8×8 blocks, rounded to multiples of `table`.

    With a flat table it resembles what H.264 leaves of a frame at one quantiser.
    """
    h, w = frames.shape[2:]
    padded = F.pad(frames, (0, -w % 16, 0, -h % 16), mode="replicate")
    r, g, b = (padded * 255).unbind(1)  # [B, H, W] each
    luma = 0.299 * r + 0.587 * g + 0.114 * b  # [B, H, W]
    to_blue = _chroma(0.564 * (b - luma), table, halve_colour)  # [B, H, W]
    to_red = _chroma(0.713 * (r - luma), table, halve_colour)  # [B, H, W]
    luma = _quantised(luma - 128, table) + 128
    rgb = torch.stack(
        [luma + 1.403 * to_red, luma - 0.344 * to_blue - 0.714 * to_red, luma + 1.773 * to_blue], 1)  # [B, 3, H, W]
    return (rgb[:, :, :h, :w] / 255).clamp(0, 1)


def _chroma(plane: Tensor, table: Tensor, halve: bool) -> Tensor:
    if not halve:
        return _quantised(plane, table)
    small = _quantised(F.avg_pool2d(plane[:, None], 2)[:, 0], table)
    return F.interpolate(small[:, None], scale_factor=2, mode="bilinear")[:, 0]


def _quantised(plane: Tensor, table: Tensor) -> Tensor:
    b, h, w = plane.shape
    matrix = _cosines(plane.device)  # [8, 8]
    blocks = plane.reshape(b, h // 8, 8, w // 8, 8).permute(0, 1, 3, 2, 4)  # [B, h/8, w/8, 8, 8]
    coefficients = matrix @ blocks @ matrix.T  # [B, h/8, w/8, 8, 8]
    coefficients = torch.round(coefficients / table) * table
    blocks = matrix.T @ coefficients @ matrix  # [B, h/8, w/8, 8, 8]
    return blocks.permute(0, 1, 3, 2, 4).reshape(b, h, w)


def _cosines(device: torch.device) -> Tensor:
    """The orthonormal cosine transform, [frequency, place]."""
    place = torch.arange(8, device=device, dtype=torch.float32)
    matrix = torch.cos((2 * place[None] + 1) * place[:, None] * math.pi / 16) * 0.5  # [8, 8]
    matrix[0] *= math.sqrt(0.5)
    return matrix


def _table(generator: random.Random, device: torch.device) -> Tensor:
    if generator.random() < 0.5:  # JPEG at qualities 40 to 95
        quality = generator.uniform(40, 95)
        scale = (5000 / quality if quality < 50 else 200 - 2 * quality) / 100
        return (_LUMINANCE * scale).clamp(1, 255).to(device)
    # H.264 at quantisers 18 to 32: a step doubles every 6.
    step = 2 ** ((generator.uniform(18, 32) - 4) / 6)
    return torch.full((8, 8), step, device=device)


def degrade(large: Tensor, factor: int, generator: random.Random) -> Tensor:
    """A small version of [B, 3, H, W] as footage might be: half of them clean, the rest blurred or compressed.

    All frames of a batch are treated alike, so neighbouring frames keep belonging together.
    """
    if generator.random() < 0.25:
        large = blur(large, generator.uniform(0.3, 0.6) * factor)
    small = shrink(large, factor, generator.choices(("area", "bicubic", "bilinear"), weights=(6, 2, 2))[0])
    if generator.random() < 0.4:
        # The blocks of a coded film lie anywhere on a crop.
        dy, dx = generator.randrange(8), generator.randrange(8)
        shifted = F.pad(small, (dx, 0, dy, 0), mode="replicate")
        table = _table(generator, small.device)
        small = compress(shifted, table, halve_colour=generator.random() < 0.5)[:, :, dy:, dx:]
    if generator.random() < 0.1:
        small = small + torch.randn_like(small) * generator.uniform(0.002, 0.01)
    return small.clamp(0, 1)
