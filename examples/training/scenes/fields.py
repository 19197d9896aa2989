"""Small functions of tensors that every drawing is made of: steps, mixes, colours and noise from tables."""

import math
from functools import lru_cache

import torch
import torch.nn.functional as functional

Tensor = torch.Tensor


def step(low: float, high: float, value: Tensor) -> Tensor:
    """0 below `low`, 1 above `high`, smooth between; `low` may be the greater one."""
    ramp = ((value - low) * (1.0 / (high - low))).clamp_(0.0, 1.0)
    return ramp * ramp * (3.0 - 2.0 * ramp)


def band(value: Tensor, low: float, high: float, soft: float) -> Tensor:
    """1 between `low` and `high`, 0 outside, over `soft` at either end."""
    centre, half = (low + high) / 2, (high - low) / 2
    return ((half - (value - centre).abs()) * (1.0 / soft) + 0.5).clamp_(0.0, 1.0)


def linear(hexadecimal: str) -> tuple[float, float, float]:
    """An sRGB word as light; the display curve is taken as a square, which is cheap both ways."""
    return tuple((int(hexadecimal[i : i + 2], 16) / 255.0) ** 2 for i in (1, 3, 5))


@lru_cache(maxsize=4096)
def colour(hexadecimal: str, device: str, dimensions: int) -> Tensor:
    """A constant colour with `dimensions` axes of one behind its channels; never write to it."""
    return torch.tensor(linear(hexadecimal), device=device).reshape(3, *([1] * dimensions))


def _hash(count: int, salt: int) -> Tensor:
    """`count` numbers in 0…1 from a counter (a 32-bit mix in 64-bit integers), the same everywhere."""
    state = torch.arange(count, dtype=torch.int64) + salt * 7919
    for multiplier in (0x7FEB352D, 0x046CA68B):
        state = (state ^ (state >> 16)) * multiplier & 0xFFFFFFFF
    state = state ^ (state >> 16)
    return state.to(torch.float32) / 4294967296.0


TABLE = 512  # pixels along a noise table
PERIOD = 16  # units after which its noise repeats


@lru_cache(maxsize=8)
def _noise_table(device: str) -> Tensor:
    """Three tables, [1, 3, T+1, T+1]: four octaves of value noise about 0.5, ridged noise, and one smooth octave."""
    octaves = []
    for octave in range(5):
        cells = PERIOD * 2**octave
        grid = _hash(cells * cells, octave + 1).reshape(1, 1, cells, cells)
        grid = functional.pad(grid, (2, 2, 2, 2), mode="circular")
        size = TABLE // cells
        fine = functional.interpolate(grid, scale_factor=size, mode="bicubic", align_corners=False)
        edge = 2 * size
        octaves.append(fine[..., edge : edge + TABLE, edge : edge + TABLE])
    cloud = sum(o * 0.5 ** (i + 1) for i, o in enumerate(octaves)) / (1 - 0.5**5)
    ridge = sum((1 - (2 * o - 1).abs()) * 0.5 ** (i + 1) for i, o in enumerate(octaves)) / (1 - 0.5**5)
    table = torch.cat([cloud, ridge, octaves[0]], dim=1)
    table = functional.pad(table, (0, 1, 0, 1), mode="circular")
    return table.to(device)


def noise(u: Tensor, v: Tensor | float, kind: str = "cloud") -> Tensor:
    """Noise in 0…1 at (u, v), with features of about one unit; kinds: cloud, ridge, smooth. Shape of u and v."""
    table = _noise_table(str(u.device))
    index = {"cloud": 0, "ridge": 1, "smooth": 2}[kind]
    v = v if isinstance(v, Tensor) else torch.full_like(u, v)
    u, v = torch.broadcast_tensors(u, v)
    shape = u.shape
    u = u * (1 / PERIOD)
    v = v * (1 / PERIOD)
    grid = torch.stack([u - u.floor(), v - v.floor()], dim=-1).reshape(1, -1, 1, 2) * 2 - 1  # [1, N, 1, 2]
    picked = functional.grid_sample(table[:, index : index + 1], grid, align_corners=True, padding_mode="border")
    return picked.reshape(shape)


def scatter(u: Tensor, v: Tensor, salt: float = 0.0) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Cells of one unit, a point in each: offsets from that point, and two random numbers of the cell.

    The point keeps 0.3 from the cell's edges, so a disc of radius 0.3 is never cut.
    """
    column, row = u.floor(), v.floor()
    first = column * 127.1 + row * 311.7 + salt  # a sine hash is good enough for whole numbers
    first = torch.sin(first) * 43758.5453
    first = first - first.floor()
    second = torch.sin(column * 269.5 + row * 183.3 + salt) * 24634.6345
    second = second - second.floor()
    du = u - column - (0.3 + 0.4 * first)
    dv = v - row - (0.3 + 0.4 * second)
    third = first * 17.0 + second * 31.0
    return du, dv, third - third.floor(), (first * 53.0) - (first * 53.0).floor()


def wave(value: Tensor, turns: float = 1.0) -> Tensor:
    """A sine of 0…1 that repeats `turns` times a unit."""
    return torch.sin(value * (2 * math.pi * turns)) * 0.5 + 0.5
