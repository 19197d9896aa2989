"""Cans, bottles, jars and other vessels of the shelf."""

from ..fields import band, step, wave
from ..shapes import box, capsule, cone, cylinder, length, smooth_cut, smooth_union, turned, union
from .catalogue import BRASS, DARK, STEEL, Part, product


def disc(surface, x: float, y: float, radius: float, soft: float = 0.03):
    """A round patch on the front."""
    return step(radius + soft, radius - soft, length(surface.x - x, surface.y - y)) * surface.front


def paint_can(s):
    swirl = (wave(s.x * 0.55 + s.y * 0.25) - 0.5) * 0.22  # the label's wavy edge
    s.put(band(s.y + swirl, 0.32, 0.5, 0.03), "accent", 0)
    s.put(band(s.y + swirl, 0.56, 0.60, 0.03), "accent", 0)
    around = length(s.x, s.y - 0.98)
    s.put(step(0.29, 0.26, around) * step(-0.02, 0.02, s.y - 0.98 - 0.6 * swirl) * s.front, "accent", 0)
    s.put(step(0.29, 0.26, around) * step(-0.07, -0.11, s.y - 0.98 - 0.6 * swirl) * s.front, "accent", 0)


@product("can", (0.46, 1.62, 0.46), (Part(rough=0.22, metal=0.25), STEEL), paint_can)
def can(x, y, z):
    radial = length(x, z)
    radius = 0.45 - 0.09 * step(1.40, 1.56, y) - 0.07 * step(0.12, 0.0, y)
    body = turned(radial, y, radius, 0.02, 1.56)
    rim = union(cylinder(x, y, z, 0.375, 1.54, 1.61), cylinder(x, y, z, 0.385, 0.0, 0.05))
    bowl = cylinder(x, y, z, 0.33, 1.58, 1.8)
    lid = smooth_lid(rim, bowl)
    return [body, lid]


def smooth_lid(rim, bowl):
    return -smooth_union(-rim, bowl, 0.02)


def paint_bottle(s):
    s.put(band(s.y, 0.56, 1.06, 0.02), "accent", 0)
    s.put(band(s.y, 0.62, 0.66, 0.02), "main", 0)
    s.put(band(s.y, 0.96, 1.0, 0.02), "main", 0)
    s.put(disc(s, 0, 0.81, 0.11), "main", 0)
    s.put(band(s.y, 1.62, 1.65, 0.01), "#ffffff", 0)


@product("bottle", (0.42, 2.0, 0.42), (Part(rough=0.1, clear=0.25), Part(rough=0.3, tint=0.8)), paint_bottle)
def bottle(x, y, z):
    radial = length(x, z)
    waist = 0.035 * step(0.40, 0.50, y) * step(1.2, 1.1, y)
    radius = 0.40 - waist - 0.26 * step(1.12, 1.68, y) - 0.05 * step(0.1, 0.0, y)
    body = turned(radial, y, radius, 0.0, 1.82)
    cap = cylinder(x, y, z, 0.165, 1.80, 2.0)
    return [body, cap]


def paint_wine(s):
    s.put(band(s.y, 0.25, 0.85, 0.02) * step(-0.05, 0.05, s.z), "#f3ead2", 0)
    s.put(band(s.y, 0.30, 0.33, 0.015) * s.front, "#b8902f", 0)
    s.put(disc(s, 0, 0.62, 0.12), "main", 0)
    s.put(band(s.y, 0.40, 0.44, 0.02) * step(0.2, 0.17, s.x.abs()) * s.front, "#4a4038", 0)
    s.put(band(s.y, 1.66, 1.70, 0.015), "#e0b24a", 1)


@product(
    "wine bottle", (0.33, 2.2, 0.33), (Part(rough=0.06, tint=0.75, clear=0.12), Part(rough=0.35, metal=0.3)), paint_wine
)
def wine_bottle(x, y, z):
    radial = length(x, z)
    radius = 0.32 - 0.215 * step(1.10, 1.52, y) - 0.03 * step(0.06, 0.0, y)
    body = turned(radial, y, radius, 0.0, 2.1, slope=0.65)
    foil = union(cylinder(x, y, z, 0.115, 1.66, 2.16), cylinder(x, y, z, 0.13, 2.04, 2.11))
    return [body, foil]


def paint_jar(s):
    s.put(band(s.y, 0.25, 0.75, 0.02) * step(-0.12, 0.0, s.z), "#f7f0dd", 1)
    s.put(disc(s, 0, 0.5, 0.16), "main", 1)
    s.put(disc(s, 0.05, 0.56, 0.05), "#f7f0dd", 1)
    s.put(band(s.y, 0.28, 0.31, 0.015) * s.front, "main", 1)
    check = ((s.x * 8).floor() + (s.z * 8).floor()) % 2
    s.put(check * step(1.16, 1.18, s.y), "#f4f4f2", 2)


@product(
    "jar",
    (0.53, 1.3, 0.53),
    (Part("#e8f4f2", rough=0.05, clear=0.6), Part(rough=0.2, glow=0.06), Part(rough=0.4, tint=0.9)),
    paint_jar,
)
def jar(x, y, z):
    radial = length(x, z)
    radius = 0.51 - 0.08 * step(0.88, 1.02, y) - 0.05 * step(0.1, 0.0, y)
    glass = turned(radial, y, radius, 0.84, 1.06)
    jam = turned(radial, y, radius, 0.0, 0.86)
    lid = cylinder(x, y, z, 0.47, 1.04, 1.28, 0.04)
    return [glass, jam, lid]


def paint_perfume(s):
    s.put(step(0.63, 0.60, s.y), "main", 0)
    plate = step(0.2, 0.18, s.x.abs()) * band(s.y, 0.22, 0.46, 0.02) * s.front
    s.put(plate, "#f8f2e2", 1)
    s.put(plate * band(s.y, 0.31, 0.34, 0.02) * step(0.14, 0.12, s.x.abs()), "#3a3530", 1)


@product(
    "perfume",
    (0.53, 1.36, 0.27),
    (
        Part("#f2f6f8", rough=0.03, clear=0.55),
        Part(rough=0.08, clear=0.08, glow=0.04),
        BRASS,
        Part(rough=0.12, tint=0.8),
    ),
    paint_perfume,
    yaw=18,
)
def perfume(x, y, z):
    shell = box(x, y - 0.44, z, 0.52, 0.44, 0.26, 0.07)
    liquid = box(x, y - 0.37, z, 0.45, 0.31, 0.262, 0.05)
    collar = union(cylinder(x, y, z, 0.15, 0.86, 0.98), cylinder(x, y, z, 0.2, 0.86, 0.9))
    stopper = box(x, y - 1.16, z, 0.2, 0.19, 0.19, 0.04)
    return [shell, liquid, collar, stopper]


def paint_pump(s):
    s.put(band(s.y, 0.28, 0.86, 0.02) * step(0.36, 0.34, s.x.abs()) * s.front, "accent", 0)
    s.put(disc(s, 0, 0.66, 0.12), "main", 0)
    s.put(band(s.y, 0.38, 0.43, 0.02) * step(0.22, 0.2, s.x.abs()) * s.front, "main", 0)


@product("pump bottle", (0.48, 1.78, 0.34), (Part(rough=0.25), Part("#f2f2f0", rough=0.3)), paint_pump, yaw=12)
def pump_bottle(x, y, z):
    radial = length(x, z * 1.35)
    radius = 0.46 - 0.30 * step(0.98, 1.22, y) - 0.04 * step(0.1, 0.0, y)
    body = turned(radial, y, radius, 0.0, 1.2, slope=0.6)
    pump = union(
        cylinder(x, y, z, 0.17, 1.17, 1.34),
        cylinder(x, y, z, 0.06, 1.3, 1.64),
        box(x, y - 1.69, z, 0.16, 0.08, 0.12, 0.05),
        capsule(x, y, z, (0.0, 1.7, 0.0), (0.40, 1.66, 0.0), 0.065, 0.05),
        capsule(x, y, z, (0.40, 1.66, 0.0), (0.42, 1.57, 0.0), 0.05),
    )
    return [body, pump]


def paint_lipstick(s):
    s.put(band(s.y, 0.60, 0.64, 0.015), "#f0d27a", 0)


@product("lipstick", (0.3, 1.75, 0.3), (Part(rough=0.12, tint=0.45), BRASS, Part(rough=0.25)), paint_lipstick)
def lipstick(x, y, z):
    base = cylinder(x, y, z, 0.28, 0.0, 0.68, 0.03)
    collar = cylinder(x, y, z, 0.235, 0.66, 1.0, 0.02)
    bullet = cylinder(x, y, z, 0.19, 0.9, 1.75, 0.08)
    slant = (y - 1.45) * 0.8 + x * 0.62  # the tip is cut at an angle
    return [base, collar, -smooth_union(-bullet, -slant, 0.06)]


def paint_tube(s):
    s.put(band(s.y, 0.62, 1.2, 0.02) * step(0.3, 0.27, s.x.abs()) * s.front, "accent", 0)
    s.put(band(s.y, 0.98, 1.08, 0.02) * step(0.22, 0.2, s.x.abs()) * s.front, "main", 0)
    s.put(band(s.y, 0.76, 0.80, 0.02) * step(0.22, 0.2, s.x.abs()) * s.front, "main", 0)
    s.put(wave(s.x, 14) * step(1.62, 1.64, s.y), "#ffffff", 0)


@product("cream tube", (0.45, 1.8, 0.3), (Part(rough=0.3), Part("#f4f4f2", rough=0.35)), paint_tube, yaw=14)
def cream_tube(x, y, z):
    flat = step(0.3, 1.6, y)  # the tube is round at its cap and flat at its crimped end
    thin = 0.27 - 0.235 * flat
    outline = length(x / (0.29 + 0.14 * flat), z / thin) - 1.0
    body = smooth_cut(outline * thin * 0.85, (y - 1.04).abs() - 0.74, 0.02)
    cap = cone(x, y, z, 0.22, 0.25, 0.0, 0.34)
    return [body, cap]


def paint_candle(s):
    s.put(band(s.y, 0.25, 0.62, 0.02) * step(0.28, 0.26, s.x.abs()) * s.front, "accent", 0)
    s.put(band(s.y, 0.40, 0.46, 0.02) * step(0.18, 0.16, s.x.abs()) * s.front, "main", 0)
    warm = step(0.7, 1.15, s.y) * s.on(0)
    s.glow = s.glow + warm * 0.35
    s.put(step(1.42, 1.25, s.y), "#fff3c0", 2)


@product(
    "candle", (0.42, 1.62, 0.42), (Part(rough=0.6), DARK, Part("#ffb347", glow=2.2)), paint_candle, mouth=(1.6, 0.1)
)
def candle(x, y, z):
    body = cylinder(x, y, z, 0.4, 0.0, 1.1, 0.05)
    dish = -smooth_union(-body, length(x, (y - 1.22) * 1.5, z) - 0.33, 0.05)
    wick = capsule(x, y, z, (0, 0.95, 0), (0, 1.2, 0), 0.025)
    height = ((y - 1.16) / 0.44).clamp(0, 1)
    radius = 0.12 * (height * (1 - height) * (1.6 - height) * 2.4 + 0.02).sqrt()
    flame = turned(length(x, z), y, radius, 1.16, 1.6, slope=0.6)
    return [dish, wick, flame]
