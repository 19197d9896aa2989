"""Things to eat."""

import math

import torch

from ..fields import noise, scatter, step
from ..shapes import cone, ellipsoid, length, smooth_union, sphere
from .catalogue import Part, product

SPRINKLES = ("#ffffff", "#ffd84a", "#58c8f0", "#ff5a7a")


def sprinkle(s, u, v, part: int) -> None:
    """Little coloured drops strewn over a part."""
    du, dv, kind, _ = scatter(u, v)
    drop = step(0.22, 0.14, length(du, dv * 1.3))
    for index, word in enumerate(SPRINKLES):
        s.put(drop * ((kind * 4).floor() == index).to(drop.dtype), word, part)


def paint_ice_cream(s):
    lines = torch.minimum(((s.x * 1.2 + s.y) * 6) % 1.0, ((s.y - s.x * 1.2) * 6) % 1.0)
    s.put(step(0.16, 0.06, lines) * 0.6, "#8a5420", 0)
    s.put((noise(s.x * 7, s.y * 7 + s.z * 5) - 0.5).clamp(min=0) * 0.9, "#ffffff", 1)
    sprinkle(s, s.x * 7, s.y * 7, 2)


@product(
    "ice cream",
    (0.5, 2.05, 0.5),
    (Part("#d99a4e", rough=0.7), Part(rough=0.5), Part(rough=0.5), Part("#c8102e", rough=0.1)),
    paint_ice_cream,
    mouth=(1.8, 0.3),
)
def ice_cream(x, y, z):
    wafer = cone(x, y, z, 0.05, 0.36, 0.0, 1.05)
    low = smooth_union(sphere(x, y - 1.18, z, 0.44), length(length(x, z) - 0.36, y - 1.02) - 0.10, 0.08)
    high = sphere(x + 0.02, y - 1.6, z, 0.33)
    cherry = sphere(x, y - 1.95, z, 0.1)
    return [wafer, low, high, cherry]


def paint_cupcake(s):
    angle = torch.atan2(s.x, s.z)
    s.put(step(0.3, 0.7, torch.cos(angle * 16) * 0.5 + 0.5) * 0.45, "#000000", 0)
    sprinkle(s, s.x * 6, s.y * 6, 1)


@product(
    "cupcake",
    (0.66, 1.45, 0.66),
    (Part("#f0e2c4", rough=0.7), Part(rough=0.4), Part("#c8102e", rough=0.1)),
    paint_cupcake,
    yaw=0,
    mouth=(1.3, 0.3),
)
def cupcake(x, y, z):
    case = cone(x, y, z, 0.38, 0.54, 0.0, 0.56)
    radial = length(x, z)
    swirl = torch.atan2(z, x) / (2 * math.pi)  # the piped cream climbs as it winds
    frosting = None
    for level, (height, radius, tube) in enumerate(((0.66, 0.40, 0.20), (0.88, 0.28, 0.18), (1.08, 0.15, 0.15))):
        ring = length(radial - radius * 0.75, y - height - 0.06 * torch.sin(swirl * 2 * math.pi + level)) - tube
        frosting = ring if frosting is None else smooth_union(frosting, ring, 0.05)
    frosting = smooth_union(frosting, ellipsoid(x, y - 0.8, z, 0.36, 0.42, 0.36), 0.05)
    return [case, frosting * 0.85, sphere(x, y - 1.32, z, 0.12)]


def paint_doughnut(s):
    sprinkle(s, s.x * 6.5, s.y * 6.5, 1)


@product(
    "doughnut",
    (0.78, 1.52, 0.36),
    (Part("#c98a46", rough=0.7), Part(rough=0.2)),
    paint_doughnut,
    yaw=-20,
    mouth=(1.5, 0.4),
)
def doughnut(x, y, z):
    ring = length(x, y - 0.76)
    dough = length(ring - 0.46, z) - 0.29
    drip = 0.04 * torch.sin(torch.atan2(y - 0.76, x) * 7)  # the glaze ends in drops
    glaze = torch.maximum(length(ring - 0.46, z - 0.02) - 0.305, 0.02 + drip - z)
    return [dough, glaze]
