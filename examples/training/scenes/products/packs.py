"""Boxes, cartons and books."""

import torch

from ..fields import band, step
from ..shapes import box, capsule, cylinder, extrude, flat_box, length, torus, turn, union
from .bottles import disc
from .catalogue import BRASS, Part, product


def paint_box(s):
    s.put(step(0.44, 0.42, s.x.abs()) * band(s.y, 0.95, 1.32, 0.02) * s.front, "accent", 0)
    s.put(step(0.34, 0.32, s.x.abs()) * band(s.y, 1.08, 1.2, 0.02) * s.front, "main", 0)
    s.put(disc(s, 0, 0.48, 0.28), "accent", 0)
    s.put(disc(s, 0, 0.48, 0.17), "#f2b01e", 0)
    side = step(0.5, 0.51, s.x.abs())
    s.put(side * band(s.y, 0.2, 1.3, 0.02) * step(0.13, 0.12, s.z.abs()) * 0.6, "accent", 0)
    s.put(side * 0.25, "#000000", 0)


@product("box", (0.54, 1.5, 0.24), (Part(rough=0.55),), paint_box, yaw=26)
def cereal_box(x, y, z):
    return [box(x, y - 0.75, z, 0.53, 0.75, 0.23, 0.012)]


def paint_carton(s):
    face = step(0.36, 0.34, torch.minimum(s.x.abs(), s.z.abs()))
    s.put(step(0.70, 0.66, s.y + 0.06 * torch.sin(s.x * 9 + s.z * 9)), "#fbfbf8", 0)
    s.put(face * band(s.y, 0.82, 1.0, 0.02) * step(0.25, 0.23, s.x.abs()) * s.front, "#fbfbf8", 0)
    s.put(disc(s, 0, 0.38, 0.16), "main", 0)
    s.put(band(s.y, 1.66, 1.70, 0.01) * 0.5, "#ffffff", 1)


@product(
    "milk carton",
    (0.44, 1.76, 0.44),
    (Part(rough=0.4), Part(rough=0.4, tint=0.85), Part("#f4f4f2", rough=0.3)),
    paint_carton,
    yaw=30,
)
def milk_carton(x, y, z):
    body = box(x, y - 0.6, z, 0.42, 0.6, 0.42, 0.02)
    slope = torch.maximum((z.abs() * 0.78 + (y - 1.56) * 0.62), (y - 1.56))  # a gable whose ridge runs along x
    roof = torch.maximum(torch.maximum(slope, x.abs() - 0.42), 1.18 - y)
    fin = box(x, y - 1.62, z, 0.42, 0.12, 0.035, 0.01)
    cap_y, cap_z = turn(y - 1.36, z - 0.24, 40)
    cap = cylinder(x, cap_y, cap_z, 0.12, 0.0, 0.14)
    return [body, union(roof, fin), cap]


def paint_gift(s):
    dots = length((s.x * 4 + s.z * 4) % 1.0 - 0.5, (s.y * 4) % 1.0 - 0.5)
    s.put(step(0.2, 0.14, dots) * 0.35, "#ffffff", 0)


@product(
    "gift box",
    (0.66, 1.5, 0.66),
    (Part(rough=0.35), Part(rough=0.35, tint=0.9), Part("accent", rough=0.2)),
    paint_gift,
    yaw=30,
)
def gift_box(x, y, z):
    body = box(x, y - 0.46, z, 0.58, 0.46, 0.58, 0.02)
    lid = box(x, y - 1.0, z, 0.64, 0.14, 0.64, 0.02)
    ribbon = union(box(x, y - 0.575, z, 0.11, 0.585, 0.66, 0.01), box(x, y - 0.575, z, 0.66, 0.585, 0.11, 0.01))
    left_x, left_y = turn(x + 0.23, y - 1.3, 28)
    right_x, right_y = turn(x - 0.23, y - 1.3, -28)
    bow = union(
        torus(left_x, left_y * 1.5, z, 0.2, 0.055),
        torus(right_x, right_y * 1.5, z, 0.2, 0.055),
        length(x, y - 1.2, z) - 0.1,
    )
    return [body, lid, union(ribbon, bow * 0.7)]


def paint_book(s):
    cover = s.on(0)
    s.put(cover * band(s.y, 1.02, 1.26, 0.02) * band(s.x, -0.34, 0.42, 0.02) * s.front, "accent", 0)
    s.put(cover * band(s.y, 0.86, 0.91, 0.02) * band(s.x, -0.24, 0.32, 0.02) * s.front, "accent", 0)
    s.put(disc(s, 0.04, 0.46, 0.2), "accent", 0)
    s.put(disc(s, 0.12, 0.52, 0.15), "main", 0)
    s.put(step(-0.46, -0.48, s.x) * 0.35, "#000000", 0)
    lines = ((s.z * 40) % 1.0 > 0.5).to(s.z.dtype)
    s.put(lines * 0.25, "#a09880", 1)


@product("book", (0.58, 1.5, 0.2), (Part(rough=0.5), Part("#f5efdc", rough=0.9)), paint_book, yaw=-32)
def book(x, y, z):
    covers = box(x, y - 0.75, z.abs() - 0.165, 0.57, 0.75, 0.025, 0.01)
    spine = box(x + 0.55, y - 0.75, z, 0.025, 0.75, 0.19, 0.02)
    pages = box(x + 0.02, y - 0.75, z, 0.54, 0.70, 0.15, 0.005)
    return [union(covers, spine), pages]


def paint_backpack(s):
    s.put(band(s.x, -0.36, 0.36, 0.01) * band(s.y, 0.60, 0.63, 0.015) * s.front, "#e8e2d0", (0, 1))
    s.put(step(0.12, 0.10, s.x.abs()) * band(s.y, 0.28, 0.42, 0.02), "accent", 1)
    s.put(band(s.y, 1.02, 1.05, 0.01) * s.front, "#2a2a2c", 0)


@product(
    "backpack",
    (0.72, 1.66, 0.52),
    (Part(rough=0.8), Part(rough=0.8, tint=0.72), Part("#2b2b2e", rough=0.7), BRASS),
    paint_backpack,
    yaw=24,
)
def backpack(x, y, z):
    outline = flat_box(x, y - 0.74, 0.56, 0.74, 0.34)
    body = extrude(outline, z + 0.05, 0.32, 0.16)
    pocket = box(x, y - 0.40, z - 0.30, 0.42, 0.30, 0.16, 0.10)
    sides = box(x.abs() - 0.58, y - 0.36, z + 0.02, 0.10, 0.28, 0.2, 0.08)
    handle = torus(x, (y - 1.46), z + 0.12, 0.15, 0.04)
    straps = capsule(x.abs() - 0.36, y, z, (0, 1.3, -0.34), (0.12, 0.2, -0.42), 0.06)
    buckle = box(x, y - 0.62, z - 0.46, 0.05, 0.05, 0.03)
    return [body, union(pocket, sides), union(handle, straps), buckle]
