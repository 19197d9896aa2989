"""Things to wear and to play."""

import torch

from ..fields import band, step
from ..shapes import capsule, ellipsoid, extrude, flat_box, length, smooth_union, turn, union
from .catalogue import BRASS, DARK, Part, product


def paint_sneaker(s):
    stripe = ((s.x * 0.8 - s.y * 0.55 + 0.12) * 7.0) % 1.0
    s.put(
        step(0.1, 0.16, stripe) * step(0.62, 0.56, stripe) * band(s.x, -0.36, 0.26, 0.02) * band(s.y, 0.2, 0.56, 0.02),
        "accent",
        0,
    )
    s.put(step(0.62, 0.7, s.x) * step(0.38, 0.3, s.y), "accent", 0)
    s.put(step(-0.72, -0.78, s.x), "accent", 0)
    s.put(band(s.y, 0.10, 0.13, 0.01), "main", 1)


@product(
    "sneaker",
    (1.02, 0.98, 0.4),
    (Part(rough=0.7), Part("#f5f5f3", rough=0.6), Part("#fbfbfa", rough=0.8), DARK),
    paint_sneaker,
    yaw=22,
)
def sneaker(x, y, z):
    wide = 1.0 / (1.0 + 0.22 * step(-0.6, 0.5, x))  # broader at the ball of the foot
    sole = extrude(flat_box(x, z * wide, 0.98, 0.29, 0.28), y - 0.10, 0.10, 0.04)
    toe = ellipsoid(x - 0.42, y - 0.16, z, 0.54, 0.30, 0.31)
    heel = ellipsoid(x + 0.56, y - 0.36, z, 0.40, 0.42, 0.27)
    ankle = capsule(x, y, z, (-0.56, 0.45, 0), (-0.52, 0.78, 0), 0.26, 0.25)
    instep = capsule(x, y, z, (-0.38, 0.66, 0), (0.42, 0.26, 0), 0.20, 0.17)
    upper = smooth_union(smooth_union(toe, smooth_union(heel, ankle, 0.1), 0.2), instep, 0.12)
    upper = torch.maximum(upper, 0.12 - y)
    mouth = ellipsoid(x + 0.55, y - 0.98, z, 0.30, 0.22, 0.18)
    upper = torch.maximum(upper, -mouth)
    along, rise = turn(x + 0.02, y - 0.52, -26)
    pitch = (along + 0.34) / 0.14
    nearest = pitch - pitch.round().clamp(0, 4)
    laces = length(nearest * 0.14, rise - 0.155) - 0.035
    laces = torch.maximum(laces, z.abs() - 0.17)
    inside = ellipsoid(x + 0.55, y - 0.82, z, 0.26, 0.08, 0.16)
    return [upper * 0.85, sole, laces, inside]


def paint_sunglasses(s):
    s.put(step(0.1, 0.55, s.y) * 0.45, "#8fa6c8", 1)


@product(
    "sunglasses",
    (0.92, 0.66, 0.95),
    (Part(rough=0.15), Part("#1a1c24", rough=0.02, clear=0.15), BRASS),
    paint_sunglasses,
    yaw=24,
)
def sunglasses(x, y, z):
    side = x.abs()
    depth = z - 0.1 + 0.12 * side * side
    outline = flat_box(side - 0.44, y - 0.34, 0.38, 0.28, 0.20)
    frame = extrude((outline).abs() - 0.05, depth, 0.05, 0.03)
    lens = extrude(outline, depth, 0.02, 0.005)
    bridge = capsule(x, y, depth, (-0.08, 0.46, 0.0), (0.08, 0.46, 0.0), 0.045)
    temple = union(
        capsule(side, y, z, (0.84, 0.48, 0.0), (0.86, 0.46, -0.74), 0.045),
        capsule(side, y, z, (0.86, 0.46, -0.74), (0.84, 0.14, -0.9), 0.045),
    )
    hinge = capsule(side, y, z, (0.84, 0.48, 0.02), (0.84, 0.48, 0.06), 0.05)
    return [union(frame, bridge, temple) * 0.9, lens, hinge]


def paint_guitar(s):
    hole = length(s.x, s.y - 0.72)
    s.put(step(0.17, 0.16, hole) * s.front, "#140c08", 0)
    s.put(band(hole, 0.17, 0.21, 0.01) * s.front, "#f0d9a8", 0)
    edge = step(0.06, 0.12, s.z)
    s.put((1 - edge) * 0.5, "#1c1009", 0)
    fret = ((s.y * 8) % 1.0 < 0.12).to(s.y.dtype)
    s.put(fret, "#d8d4c8", 1)
    string = ((s.x * 28) % 1.0 < 0.2).to(s.x.dtype) * step(0.06, 0.05, s.x.abs()) * s.front
    s.put(string * step(0.4, 0.42, s.y) * 0.6, "#f4f0e0", (0, 1))


@product(
    "guitar",
    (0.56, 2.3, 0.2),
    (Part(rough=0.12), Part("#3a2416", rough=0.4), Part("#20140d", rough=0.3), BRASS),
    paint_guitar,
    yaw=-16,
)
def guitar(x, y, z):
    lower = length(x, (y - 0.46) * 1.1) - 0.50
    upper = length(x, y - 1.02) - 0.35
    body = extrude(smooth_union(lower, upper, 0.16), z, 0.13, 0.03)
    neck = extrude(flat_box(x, y - 1.5, 0.075, 0.55, 0.02), z - 0.12, 0.04, 0.02)
    head = extrude(flat_box(x, y - 2.14, 0.13, 0.15, 0.04), z - 0.09, 0.04, 0.01)
    bridge = extrude(flat_box(x, y - 0.34, 0.2, 0.04, 0.01), z - 0.14, 0.03, 0.01)
    pegs = capsule(x.abs(), (y - 2.14).abs(), z, (0.12, 0.07, 0.09), (0.19, 0.07, 0.09), 0.035)
    return [body, neck, union(head, bridge), pegs]
