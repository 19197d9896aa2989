"""Where the camera stands at every moment of a shot, and which ray belongs to which pixel."""

import math
from dataclasses import dataclass

import torch

from .scene import Scene

Tensor = torch.Tensor
FIELD = math.radians(30.0)  # along the frame's shorter side, a portrait lens
FOCAL = 1.0 / math.tan(FIELD / 2)


@dataclass
class Track:
    """The camera over a batch of shots; pixels run to ±1 along the shorter side of the frame."""

    position: Tensor  # [B, F, 3]
    right: Tensor  # [B, F, 3]
    up: Tensor  # [B, F, 3]
    forward: Tensor  # [B, F, 3]
    shift: Tensor  # [B, 2] where the optical axis meets the frame
    aspect: tuple[float, float]  # half the frame's width and height

    def to(self, device) -> "Track":
        moved = [tensor.to(device) for tensor in (self.position, self.right, self.up, self.forward, self.shift)]
        return Track(*moved, self.aspect)

    def take(self, rows: Tensor) -> "Track":
        parts = [tensor[rows] for tensor in (self.position, self.right, self.up, self.forward, self.shift)]
        return Track(*parts, self.aspect)

    def project(self, points: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Points [B, F, P, 3] to the frame: x, y and depth, each [B, F, P]."""
        away = points - self.position[:, :, None]  # [B, F, P, 3]
        depth = (away * self.forward[:, :, None]).sum(-1).clamp(min=0.1)
        x = (away * self.right[:, :, None]).sum(-1) / depth * FOCAL + self.shift[:, None, 0:1]
        y = (away * self.up[:, :, None]).sum(-1) / depth * FOCAL + self.shift[:, None, 1:2]
        return x, y, depth

    def directions(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Unit rays through frame positions x and y, [B, F, …] each; as three tensors of that shape."""
        extra = [1] * (torch.broadcast_tensors(x, y)[0].dim() - 2)
        x = (x - self.shift[:, 0].reshape(-1, 1, *extra)) / FOCAL
        y = (y - self.shift[:, 1].reshape(-1, 1, *extra)) / FOCAL
        parts = []
        for axis in range(3):
            r, u, f = (v[..., axis].reshape(*v.shape[:2], *extra) for v in (self.right, self.up, self.forward))
            parts.append(x * r + (y * u + f))
        scale = (x * x + y * y + 1.0).rsqrt()
        return tuple(part * scale for part in parts)


def uniform(scene: Scene, salt: int) -> float:
    """A number in 0…1 that belongs to the scene; a counter-based hash, so that order never matters."""
    state = (scene.seed * 0x9E3779B1 + salt * 0x85EBCA6B) & 0xFFFFFFFF
    for _ in range(2):
        state ^= state >> 16
        state = state * 0x7FEB352D & 0xFFFFFFFF
    state ^= state >> 15
    return state / 4294967296.0


FILL = {"close": 0.80, "medium": 0.66, "wide": 0.46}  # of the frame that the product takes


def film(
    scenes: list[Scene], extents: list[tuple[float, float, float]], moments: Tensor, height: int, width: int
) -> Track:
    """The camera's track. `extents` give each scene's half-width, base and top; `moments` [B, F] the time in 0…1."""
    short = min(height, width)
    aspect = (width / short, height / short)
    rows = [_one(scene, extent, aspect) for scene, extent in zip(scenes, extents)]
    table = torch.tensor(rows, dtype=torch.float32)  # [B, 18]
    (distance, target, yaw, pitch, d_scale, d_yaw, d_pitch, d_pan, d_tilt, shift_x, shift_y, ease) = table.T[:, :, None]
    smooth = moments * moments * (3 - 2 * moments)
    u = torch.lerp(moments, smooth, ease) * 2 - 1  # [B, F] from -1 to 1
    distance = distance * torch.exp(-d_scale * u)
    yaw, pitch = yaw + d_yaw * u, pitch + d_pitch * u
    look_yaw, look_pitch = d_pan * u, d_tilt * u
    position = torch.stack(
        [
            torch.sin(yaw) * torch.cos(pitch) * distance,
            target + torch.sin(pitch) * distance,
            torch.cos(yaw) * torch.cos(pitch) * distance,
        ],
        dim=-1,
    )  # [B, F, 3]
    position[..., 1] = position[..., 1].clamp(min=0.12)
    heading, elevation = yaw + look_yaw, pitch - look_pitch
    zero = torch.zeros_like(heading)
    forward = torch.stack(
        [-torch.sin(heading) * torch.cos(elevation), -torch.sin(elevation), -torch.cos(heading) * torch.cos(elevation)],
        -1,
    )
    right = torch.stack([torch.cos(heading), zero, -torch.sin(heading)], -1)
    up = torch.linalg.cross(right, forward)
    return Track(position, right, up, forward, torch.cat([shift_x, shift_y], dim=1), aspect)


def _one(scene: Scene, extent: tuple[float, float, float], aspect: tuple[float, float]) -> list[float]:
    """The numbers of one shot's track; every amplitude is drawn within ±15 % so that no two are quite alike."""
    half_width, base, top = extent
    r = [uniform(scene, salt) for salt in range(12)]
    strength = 0.88 + 0.3 * r[0]
    fill = FILL[scene.size] * (0.94 + 0.12 * r[1])
    wide = 0.92 if scene.second_product else min(fill * 1.15, 0.9)
    visible = max((top - base) / (fill * aspect[1]), 2 * half_width / (wide * aspect[0]))
    distance = visible / 2 * FOCAL
    shown = (top - base) / (visible * aspect[1])  # the part of the frame's height it really takes
    target = base + (top - base) * 0.5
    yaw = math.radians(-10 + 20 * r[2])
    pitch = math.radians(2.5 + 6.5 * r[3])
    scale = d_yaw = d_pitch = pan = tilt = 0.0
    move = scene.move
    if move in ("push in", "pull out"):
        scale = (0.27 + 0.03 * r[4]) * (1 if move == "push in" else -1)  # 1.72 to 1.82 over the shot
        distance *= 1.12
    elif move.startswith("orbit"):
        # To the left the camera itself goes left, so the scene turns to the right.
        d_yaw = math.radians(30 * strength) * (-1 if move == "orbit left" else 1)
    elif move.startswith("pan"):
        room = max(0.3, min(0.62, 1.0 - half_width / (visible / 2) / aspect[0] * 0.5)) * aspect[0]
        pan = math.atan(min(room, 0.62) * 0.85 / FOCAL) * strength * (1 if move == "pan left" else -1)
    elif move.startswith("tilt"):
        room = max(0.34, min(0.55, 1.0 - 0.55 * shown))
        tilt = math.atan(room * aspect[1] / FOCAL) * strength * (1 if move == "tilt up" else -1)
    elif move.startswith("crane"):
        pitch = math.radians(22)
        d_pitch = math.radians(19 * strength) * (1 if move == "crane up" else -1)
    place = {"left": -0.3, "centre": 0.0, "right": 0.3}[scene.place]
    if pan or scene.second_product:
        place *= 0.3
    limit = max(0.0, 1.0 - half_width / (visible / 2 * aspect[0]))
    shift_x = max(-limit, min(limit, place)) * aspect[0] + 0.04 * (r[6] - 0.5)
    shift_y = -0.10 * aspect[1] * (1.0 if not tilt else 0.0)
    return [distance, target, yaw, pitch, scale, d_yaw, d_pitch, pan, tilt, shift_x, shift_y, r[7]]
