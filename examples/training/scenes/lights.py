"""The lights of a shot: where they stand, their colour, and what they do to the backdrop."""

from dataclasses import dataclass, fields

import torch

Tensor = torch.Tensor


@dataclass
class Lights:
    """A batch's lights, each [B, 3] but for `shadow` [B, 1]."""

    key_direction: Tensor
    key: Tensor
    second_direction: Tensor
    second: Tensor
    ambient: Tensor
    gain: Tensor  # what the backdrop is multiplied with at the frame's left edge
    gain_right: Tensor  # and at its right
    shadow: Tensor  # how dark a cast shadow is

    def to(self, device) -> "Lights":
        return Lights(*(getattr(self, field.name).to(device) for field in fields(self)))


# direction and colour of the key and of the second light, ambient, the backdrop's gain left and right, depth of shadows
RIGS = {
    "left": (
        (-0.75, 0.65, 0.55),
        (1.0, 0.97, 0.9),
        (0.85, 0.35, -0.35),
        (0.3, 0.33, 0.38),
        (0.40, 0.41, 0.43),
        (1.14, 1.12, 1.08),
        (0.84, 0.85, 0.88),
        0.62,
    ),
    "right": (
        (0.75, 0.65, 0.55),
        (1.0, 0.97, 0.9),
        (-0.85, 0.35, -0.35),
        (0.3, 0.33, 0.38),
        (0.40, 0.41, 0.43),
        (0.84, 0.85, 0.88),
        (1.14, 1.12, 1.08),
        0.62,
    ),
    "soft": (
        (-0.12, 0.92, 0.5),
        (0.55, 0.55, 0.54),
        (0.5, 0.5, 0.4),
        (0.18, 0.18, 0.18),
        (0.66, 0.66, 0.67),
        (1.04, 1.04, 1.04),
        (1.04, 1.04, 1.04),
        0.38,
    ),
    "rim": (
        (-0.7, 0.5, -0.6),
        (1.9, 1.9, 1.95),
        (0.75, 0.45, -0.6),
        (1.7, 1.75, 1.85),
        (0.33, 0.33, 0.35),
        (0.34, 0.34, 0.36),
        (0.34, 0.34, 0.36),
        0.5,
    ),
    "sunset": (
        (0.85, 0.3, 0.35),
        (1.35, 0.86, 0.5),
        (-0.75, 0.3, -0.45),
        (0.42, 0.34, 0.55),
        (0.46, 0.38, 0.38),
        (0.92, 0.66, 0.56),
        (1.28, 0.94, 0.62),
        0.6,
    ),
    "night": (
        (-0.5, 0.8, 0.35),
        (0.42, 0.50, 0.72),
        (0.75, 0.3, -0.55),
        (0.5, 0.6, 0.9),
        (0.24, 0.27, 0.36),
        (0.22, 0.28, 0.48),
        (0.17, 0.21, 0.38),
        0.5,
    ),
    "neon": (
        (-0.85, 0.35, 0.35),
        (1.05, 0.36, 0.85),
        (0.85, 0.35, 0.35),
        (0.25, 0.75, 1.1),
        (0.36, 0.34, 0.40),
        (0.85, 0.18, 0.62),
        (0.12, 0.50, 0.80),
        0.45,
    ),
}


def light(names: list[str]) -> Lights:
    rows = [RIGS[name] for name in names]
    columns = [torch.tensor([row[i] if isinstance(row[i], tuple) else (row[i],) for row in rows]) for i in range(8)]
    for index in (0, 2):
        columns[index] = torch.nn.functional.normalize(columns[index], dim=1)
    return Lights(*columns)
