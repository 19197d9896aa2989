"""What moves about a product: drops of a splash, steam, a poured stream."""

import math

import torch

from .camera import FOCAL, uniform
from .fields import linear, noise, step
from .products import PRODUCTS
from .scene import Scene
from .vocabulary import COLOURS

Tensor = torch.Tensor
DROPS = 44


def add_effects(picture: Tensor, scenes: list[Scene], staging, shot, moments: Tensor) -> Tensor:
    """The picture [3, B, F, H, W] with its scenes' effects drawn over."""
    for row, scene in enumerate(scenes):
        if scene.motion in ("splashing", "steaming", "pouring"):
            draw = {"splashing": _splash, "steaming": _steam, "pouring": _pour}[scene.motion]
            track = shot.corner.take(torch.tensor([row]))
            layer = draw(
                scene, staging.tops[row], staging.scales[row], track, moments[row], picture.shape[-2:], picture.device
            )
            if layer is not None:
                colour, cover = layer  # [3, F, H, W] or [3, 1, 1, 1], and [F, H, W]
                gain = (
                    (0.35 + 0.65 * 0.5 * (shot.lights.gain[row] + shot.lights.gain_right[row]))
                    .clamp(max=1.0)
                    .reshape(3, 1, 1, 1)
                )
                picture[:, row] = torch.lerp(picture[:, row], colour * gain, cover)
    return picture


def _frame(track, size: tuple[int, int], device) -> tuple[Tensor, Tensor]:
    height, width = size
    x = ((torch.arange(width, device=device) + 0.5) * (2 / width) - 1) * track.aspect[0]
    y = (1 - (torch.arange(height, device=device) + 0.5) * (2 / height)) * track.aspect[1]
    return x, y[:, None]


def _project(track, points: list[tuple[float, float, float]], frames: int, device) -> Tensor:
    """Fixed points to the frame over time: x, y and the length of a unit there, [3, F, P]."""
    where = torch.tensor(points).expand(1, frames, len(points), 3)
    x, y, depth = track.project(where)
    return torch.stack([x[0], y[0], FOCAL / depth[0]]).to(device)


def _splash(scene: Scene, base: float, scale: float, track, moments: Tensor, size, device):
    """Drops that fly up and out and fall again, each a small shaded ball drawn in its own little window."""
    broad, tall = PRODUCTS[scene.product].size[0] * scale, PRODUCTS[scene.product].size[1] * scale
    height, width = size
    frames = moments.shape[0]
    r = torch.tensor([[uniform(scene, 100 + drop * 6 + i) for i in range(5)] for drop in range(DROPS)])  # [P, 5]
    angle, speed = r[:, 0] * 2 * math.pi, 0.5 + 0.9 * r[:, 1]
    life = moments[:, None] * 0.95 + 0.14 - 0.22 * r[:, 2]  # [F, P]
    alive = (life > 0).float()
    life = life.clamp(min=0)
    rise = (1.5 + 1.9 * r[:, 3]) * tall * 0.9
    out = broad * 0.7 + speed * life * 1.5
    x, z = torch.cos(angle) * out, torch.sin(angle) * out * 0.8
    y = base + 0.15 + rise * life - 2.6 * life * life * tall * 0.7
    points = torch.stack([x, y, z], -1)[None]  # [1, F, P, 3]
    px, py, depth = track.project(points)
    radius = (0.03 + 0.065 * r[:, 4] ** 2) * FOCAL / depth[0] * alive * (y > 0.02)  # [F, P]
    column = (px[0] / track.aspect[0] + 1) * (width / 2)
    line = (1 - py[0] / track.aspect[1]) * (height / 2)
    pixels = radius * height / (2 * track.aspect[1])  # [F, P] radius in pixels
    reach = max(2, int(pixels.max()) + 2)
    offsets = torch.arange(-reach, reach + 1)
    columns = column.floor().long()[..., None, None] + offsets  # [F, P, 1, w]
    lines = line.floor().long()[..., None, None] + offsets[:, None]
    dx = (columns + 0.5 - column[..., None, None]) / pixels[..., None, None].clamp(min=0.3)
    dy = (lines + 0.5 - line[..., None, None]) / pixels[..., None, None].clamp(min=0.3)
    away = (dx * dx + dy * dy).sqrt()
    edge = 1.0 / pixels[..., None, None].clamp(min=0.6)
    cover = ((1 + edge * 0.5 - away) / edge).clamp(0, 1) * 0.85 * (pixels[..., None, None] > 0.25)
    glint = (1.1 - ((dx + 0.35) ** 2 + (dy + 0.35) ** 2).sqrt() * 1.6).clamp(0, 1)
    inside = (columns >= 0) & (columns < width) & (lines >= 0) & (lines < height)
    frame = torch.arange(frames)[:, None, None, None]
    index = (frame * height + lines.clamp(0, height - 1)) * width + columns.clamp(0, width - 1)
    cover = (cover * inside).reshape(-1)
    flat = index.expand_as(away).reshape(-1)
    total = torch.zeros(frames * height * width).scatter_reduce(0, flat, cover, "amax")
    light = torch.zeros_like(total).scatter_reduce(0, flat, glint.reshape(-1) * cover, "amax")
    total, light = (v.reshape(frames, height, width).to(device) for v in (total, light))
    tint = torch.tensor(linear("#8fc4ea"), device=device).reshape(3, 1, 1, 1)
    return (tint + light[None] * 1.0).clamp(max=1.2), total


def _steam(scene: Scene, base: float, scale: float, track, moments: Tensor, size, device):
    """Three wisps that rise and thin out, in the plane that faces the camera."""
    product = PRODUCTS[scene.product]
    frames = moments.shape[0]
    start, wide = (length * scale for length in product.mouth)
    anchor = _project(track, [(0.0, base + start * 0.95, 0.0)], frames, device)  # [3, F, 1]
    ax, ay, unit = (anchor[i].reshape(-1, 1, 1) for i in range(3))
    x, y = _frame(track, size, device)
    u, v = (x - ax) / unit, (y - ay) / unit  # [F, H, W]
    time = moments.to(device).reshape(-1, 1, 1)
    seed = uniform(scene, 60) * 16
    rise = v.clamp(0, 3)
    cover = torch.zeros_like(v * u)
    for side, beat in ((-1.0, 0.0), (0.15, 2.1), (1.0, 4.0)):
        centre = side * wide * (0.45 + 0.25 * rise) + 0.16 * torch.sin(v * 4.6 - time * 9.0 + beat + seed) * (
            0.25 + rise
        )
        ribbon = (u - centre) / (0.07 + 0.11 * rise)
        gust = noise(v * 0.9 - time * 2.4 + beat, v * 0.0 + seed + beat, "smooth")
        cover = torch.maximum(cover, torch.exp(-ribbon * ribbon) * (0.45 + 0.9 * gust))
    cover = (cover * step(-0.05, 0.25, v) * step(1.6, 0.35, v)).clamp(max=0.9)
    return torch.tensor(linear("#f4f6f8"), device=device).reshape(3, 1, 1, 1), cover


def _pour(scene: Scene, base: float, scale: float, track, moments: Tensor, size, device):
    """A stream from above the frame that lands in the product, its tip falling at first."""
    product = PRODUCTS[scene.product]
    frames = moments.shape[0]
    start, wide = (length * scale for length in product.mouth)
    anchor = _project(track, [(0.0, base + start, 0.05)], frames, device)
    ax, ay, unit = (anchor[i].reshape(-1, 1, 1) for i in range(3))
    x, y = _frame(track, size, device)
    u, v = (x - ax) / unit, (y - ay) / unit
    time = moments.to(device).reshape(-1, 1, 1)
    seed = uniform(scene, 61) * 16
    thick = wide * 0.26 * (1 + 0.25 * (noise(v * 1.6 + time * 9 + seed, v * 0.0, "smooth") - 0.5)) + 0.02
    thick = thick * (1 + 0.8 * step(0.18, 0.0, v))  # it spreads where it lands
    bend = 0.05 * torch.sin(v * 3.1 + time * 11)
    across = (u - bend) / thick  # -1…1 over the stream
    tip = 1.0 * (1 - (time / 0.22).clamp(0, 1) ** 2) - 0.03
    soft = 1.2 / (thick * unit * size[0] / (2 * track.aspect[1])).clamp(min=0.5)
    cover = ((1 - across.abs()) / soft + 0.5).clamp(0, 1) * step(-0.04, 0.02, v - tip + 0.03) * step(-0.03, 0.03, v)
    liquid = "#5a2f14" if scene.product in ("mug", "paper cup") else COLOURS[scene.colour]
    colour = torch.tensor(linear(liquid), device=device).reshape(3, 1, 1, 1)
    shine = step(0.35, 0.05, (across + 0.4).abs()) * 0.75
    colour = colour * (0.65 + 0.6 * (1 - across * across).clamp(0, 1)) + shine * 0.6
    return colour, cover * 0.96
