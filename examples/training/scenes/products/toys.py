"""Balls and toys."""

import torch

from ..fields import band, step
from ..shapes import box, ellipsoid, extrude, flat_box, length, smooth_union, sphere, union
from .catalogue import RUBBER, Part, product


def paint_ball(s):
    x, y = s.x / 0.75, (s.y - 0.75) / 0.75
    seam = torch.minimum(
        torch.minimum((y * 0.94 + x * 0.34).abs(), (x * 0.94 - y * 0.34).abs()),
        (length(y * 0.94 + x * 0.34, (x * 0.94 - y * 0.34).abs() - 1.15) - 0.72).abs(),
    )
    s.put(step(0.05, 0.03, seam), "accent", 0)


@product("ball", (0.76, 1.52, 0.76), (Part(rough=0.4),), paint_ball)
def ball(x, y, z):
    return [sphere(x, y - 0.75, z, 0.75)]


def paint_car(s):
    s.put(band(s.x, 0.78, 0.90, 0.02) * band(s.y, 0.36, 0.48, 0.02), "#fff4c8", 0)
    s.put(band(s.y, 0.30, 0.34, 0.01) * 0.8, "accent", 0)
    s.put(step(0.09, 0.07, length(s.x.abs() - 0.52, s.y - 0.22)), "#d8dade", 2)


@product(
    "toy car",
    (1.0, 0.98, 0.5),
    (Part(rough=0.1), Part("#1f2a3a", rough=0.03), RUBBER, Part(rough=0.1)),
    paint_car,
    yaw=28,
)
def toy_car(x, y, z):
    hull = box(x, y - 0.40, z, 0.96, 0.22, 0.42, 0.14)
    cabin = extrude(flat_box(x + 0.08, y - 0.70, 0.52 - 0.0, 0.24, 0.16), z, 0.36, 0.08)
    roof = extrude(flat_box(x + 0.08, y - 0.90, 0.40, 0.06, 0.05), z, 0.35, 0.04)
    pillar = box(x + 0.08, y - 0.72, z, 0.05, 0.2, 0.37, 0.02)
    wheels = extrude(length(x.abs() - 0.52, y - 0.22) - 0.22, z.abs() - 0.38, 0.10, 0.04)
    return [hull, cabin, wheels, union(roof, pillar)]


def paint_duck(s):
    eye = length(s.x - 0.52, s.y - 1.18, s.z.abs() - 0.24)
    s.put(step(0.10, 0.08, eye), "#ffffff", 0)
    s.put(step(0.07, 0.05, length(s.x - 0.56, s.y - 1.18, s.z.abs() - 0.24)), "#101012", 0)


@product("rubber duck", (0.92, 1.52, 0.6), (Part(rough=0.2), Part("#f57c12", rough=0.25)), paint_duck, yaw=-28)
def rubber_duck(x, y, z):
    body = ellipsoid(x + 0.08, y - 0.44, z, 0.76, 0.46, 0.56)
    tail = ellipsoid(x + 0.74, y - 0.74, z, 0.16, 0.26, 0.2)
    head = sphere(x - 0.36, y - 1.08, z, 0.40)
    wing = ellipsoid(x + 0.12, y - 0.52, z.abs() - 0.50, 0.36, 0.22, 0.10)
    duck = smooth_union(smooth_union(smooth_union(body, head, 0.12), tail, 0.16), wing, 0.03)
    duck = torch.maximum(duck, 0.0 - y)
    bill = smooth_union(
        ellipsoid(x - 0.76, y - 1.04, z, 0.16, 0.06, 0.18), ellipsoid(x - 0.74, y - 0.98, z, 0.12, 0.05, 0.14), 0.02
    )
    return [duck, bill]
