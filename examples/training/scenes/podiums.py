"""What a product may stand on; solids like the products', of radius one."""

import torch

from .fields import band, noise, step
from .products.catalogue import Part, Product
from .shapes import box, cylinder, ellipsoid, smooth_union, union

PODIUM = "#e9e6e0"


def _paint_stone(s):
    grain = noise(s.x * 4 + 3, s.z * 4 + s.y * 5)
    s.put((grain * 1.6 - 0.5).clamp(0, 1) * 0.6, "#55524e")


def _paint_plinth(s):
    s.put(band(s.y, 0.86, 0.9, 0.01), "accent")


def _paint_none(s):
    s.put(step(-1, 0, s.y) * 0.0, PODIUM)


def _cylinder(x, y, z):
    return [cylinder(x, y, z, 1.0, 0.0, 0.42, 0.04)]


def _block(x, y, z):
    return [box(x, y - 0.28, z, 0.92, 0.28, 0.92, 0.03)]


def _stone(x, y, z):
    rock = ellipsoid(x, y - 0.12, z, 1.12, 0.42, 1.0)
    lump = ellipsoid(x + 0.5, y - 0.1, z - 0.3, 0.62, 0.34, 0.6)
    rock = smooth_union(rock, lump, 0.1) + 0.03 * torch.sin(x * 6 + 1) * torch.sin(z * 7) * torch.sin(y * 8 + 2)
    return [torch.maximum(rock * 0.8, y - 0.40)]


def _plinth(x, y, z):
    return [
        union(
            cylinder(x, y, z, 1.0, 0.82, 1.0, 0.03),
            cylinder(x, y, z, 0.84, 0.0, 0.9, 0.02),
            cylinder(x, y, z, 1.0, 0.0, 0.14, 0.03),
        )
    ]


def _podium(name, size, part, distance, paint=None):
    return Product(f"podium {name}", size, (part,), distance, paint, 0.0, (size[1], 0.5))


PODIUMS = {
    "cylinder": _podium("cylinder", (1.0, 0.42, 1.0), Part(PODIUM, rough=0.55), _cylinder),
    "block": _podium("block", (0.92, 0.56, 0.92), Part(PODIUM, rough=0.6), _block),
    "stone": _podium("stone", (1.2, 0.42, 1.1), Part("#8d8983", rough=0.95), _stone, _paint_stone),
    "plinth": _podium("plinth", (1.0, 1.0, 1.0), Part(PODIUM, rough=0.4), _plinth),
}
