"""Furniture."""

from ..fields import band, step
from ..shapes import box, capsule, union
from .catalogue import WOOD, Part, product


def paint_armchair(s):
    s.put(band(s.x, -0.012, 0.012, 0.01) * step(0.7, 0.72, s.y) * 0.4, "#000000", 0)


@product("armchair", (0.84, 1.5, 0.72), (Part(rough=0.85), Part(rough=0.85, tint=0.85), WOOD), paint_armchair, yaw=28)
def armchair(x, y, z):
    side = x.abs()
    back = box(x, y - 0.95, z + 0.42, 0.62, 0.54, 0.16, 0.14)
    arms = box(side - 0.66, y - 0.58, z, 0.15, 0.34, 0.58, 0.12)
    seat = box(x, y - 0.36, z, 0.6, 0.14, 0.56, 0.05)
    cushion = box(x, y - 0.56, z - 0.08, 0.5, 0.13, 0.5, 0.10)
    legs = capsule(side, y, z.abs(), (0.56, 0.25, 0.42), (0.64, 0.03, 0.5), 0.06, 0.04)
    return [union(back, arms, seat), cushion, legs]
