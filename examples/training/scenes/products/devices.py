"""Phones, laptops, watches and other things with a switch."""

import torch

from ..fields import band, step
from ..shapes import box, capsule, cone, cylinder, extrude, flat_box, length, sphere, turn, union
from .catalogue import BRASS, DARK, RUBBER, STEEL, Part, product


def wallpaper(s, x, y, part: int) -> None:
    """A screen in the scene's colour: soft hills of light under a glow."""
    s.put(step(-0.3, 1.2, y + 0.25 * torch.sin(x * 3.0)) * 0.3, "#ffffff", part)
    s.put(step(0.02, -0.02, y + 0.25 - 0.16 * torch.sin(x * 4.5 + 0.6)) * 0.3, "accent", part)
    s.put(step(0.02, -0.02, y + 0.42 - 0.12 * torch.sin(x * 3.5 + 2.6)) * 0.5, "#000000", part)


def paint_phone(s):
    wallpaper(s, s.x * 1.4, (s.y - 0.8) * 1.1, 1)
    s.put(step(0.14, 0.12, s.x.abs()) * band(s.y, 1.50, 1.55, 0.01), "#050506", 1)
    icon = length((s.x * 5.2) % 1.0 - 0.5, (s.y * 5.2) % 1.0 - 0.5)
    s.put(step(0.34, 0.28, icon) * band(s.y, 0.10, 0.32, 0.01) * 0.85, "#ffffff", 1)


@product(
    "phone", (0.42, 1.64, 0.09), (Part(rough=0.25, metal=0.4), Part(rough=0.08, glow=0.55), DARK), paint_phone, yaw=-24
)
def phone(x, y, z):
    body = extrude(flat_box(x, y - 0.82, 0.41, 0.82, 0.11), z, 0.07, 0.03)
    glass = extrude(flat_box(x, y - 0.82, 0.355, 0.765, 0.07), z - 0.055, 0.02, 0.004)
    bump = box(x - 0.18, y - 1.42, z + 0.08, 0.15, 0.15, 0.03)
    return [body, glass, bump]


def paint_laptop(s):
    up, _ = turn(s.y - 0.1, s.z + 0.5, -14)
    wallpaper(s, s.x * 0.9, (up - 0.55) * 1.3, 2)
    s.put(band(s.x, -0.78, 0.78, 0.02) * band(s.z, -0.40, 0.08, 0.02) * step(0.08, 0.09, s.y), "#26272a", 0)
    keys = ((s.x * 9) % 1.0 > 0.18).to(s.x.dtype) * ((s.z * 9) % 1.0 > 0.2).to(s.x.dtype)
    s.put(keys * band(s.x, -0.76, 0.76, 0.02) * band(s.z, -0.38, 0.06, 0.02) * step(0.08, 0.09, s.y), "#4c4e54", 0)
    s.put(band(s.x, -0.22, 0.22, 0.02) * band(s.z, 0.18, 0.44, 0.02) * step(0.08, 0.09, s.y) * 0.25, "#000000", 0)


@product(
    "laptop",
    (1.0, 1.3, 0.85),
    (Part(rough=0.35, metal=0.3), Part(rough=0.35, metal=0.3), Part(rough=0.1, glow=0.55)),
    paint_laptop,
    yaw=18,
)
def laptop(x, y, z):
    base = box(x, y - 0.05, z - 0.02, 0.98, 0.05, 0.56, 0.03)
    up, out = turn(y - 0.1, z + 0.54, -14)
    lid = box(x, up - 0.6, out, 0.98, 0.6, 0.035, 0.03)
    screen = box(x, up - 0.6, out - 0.03, 0.9, 0.53, 0.012, 0.005)
    return [base, lid, screen]


def paint_watch(s):
    radius = length(s.x, s.y - 0.8)
    angle = torch.atan2(s.y - 0.8, s.x)
    marks = step(0.75, 0.9, torch.cos(angle * 12)) * band(radius, 0.25, 0.31, 0.01)
    s.put(marks, "#26262a", 2)
    s.put(
        step(0.022, 0.012, (s.x * 0.86 - (s.y - 0.8) * 0.5).abs()) * step(0.0, 0.02, s.x) * step(0.2, 0.18, radius),
        "#1a1a1d",
        2,
    )
    s.put(
        step(0.022, 0.012, (s.x * 0.5 + (s.y - 0.8) * 0.866).abs())
        * step(0.0, 0.02, s.y - 0.8)
        * step(0.26, 0.24, radius),
        "#1a1a1d",
        2,
    )
    s.put(step(0.04, 0.03, radius), "main", 2)
    s.put(band(s.x.abs(), 0.21, 0.23, 0.01) * 0.5, "#ffffff", 0)


@product("watch", (0.44, 1.62, 0.62), (Part(rough=0.65), STEEL, Part("#fafaf6", rough=0.12)), paint_watch, yaw=-26)
def watch(x, y, z):
    strap = extrude(length((y - 0.8) * 0.72, z + 0.02) - 0.55, x, 0.26, 0.02)
    strap = torch.maximum(strap, 0.49 - length((y - 0.8) * 0.72, z + 0.02)) * 0.8
    around = length(x, y - 0.8)
    case = extrude(around - 0.42, z - 0.52, 0.09, 0.04)
    crown = capsule(x, y, z, (0.40, 0.8, 0.52), (0.46, 0.8, 0.52), 0.05)
    dial = extrude(around - 0.35, z - 0.535, 0.085, 0.005)
    return [strap, union(case, crown), dial]


def paint_headphones(s):
    ring = length(s.y - 0.5, s.z)
    s.put(band(ring, 0.16, 0.19, 0.01) * step(0.7, 0.72, s.x.abs()), "accent", 1)


@product(
    "headphones",
    (0.86, 1.72, 0.4),
    (Part(rough=0.35), Part(rough=0.2, tint=0.9), RUBBER, STEEL),
    paint_headphones,
    yaw=24,
)
def headphones(x, y, z):
    side = x.abs()
    arch = length(x, (y - 0.92) * 0.98) - 0.70
    band_ = extrude(arch.abs() - 0.05, z, 0.13, 0.05)
    top = torch.maximum(band_, 0.92 - y)
    arms = capsule(side, y, z, (0.70, 0.95, 0.0), (0.72, 0.55, 0.0), 0.05)
    cup = extrude(length((y - 0.48) * 0.86, z) - 0.34, side - 0.72, 0.11, 0.06)
    cushion = extrude(length((y - 0.48) * 0.86, z) - 0.33, side - 0.55, 0.10, 0.08)
    return [top, cup, cushion, arms]


def paint_speaker(s):
    for centre, radius in ((0.52, 0.30), (1.12, 0.18)):
        ring = length(s.x, s.y - centre)
        s.put(step(radius + 0.07, radius + 0.05, ring) * s.front, "#3b3c40", (0, 1))
        s.put(step(radius + 0.02, radius, ring) * s.front, "#141416", (0, 1))
        s.put(step(radius * 0.4, radius * 0.36, ring) * s.front, "#9fa2a8", (0, 1))
        s.put(band(ring, radius * 0.6, radius * 0.68, 0.02) * s.front * 0.4, "#77797f", (0, 1))


@product("speaker", (0.52, 1.5, 0.42), (Part(rough=0.45), RUBBER), paint_speaker, yaw=24)
def speaker(x, y, z):
    cabinet = box(x, y - 0.75, z, 0.5, 0.75, 0.4, 0.06)
    cones = union(sphere(x, y - 0.52, z - 0.56, 0.28), sphere(x, y - 1.12, z - 0.47, 0.16))
    cabinet = torch.maximum(cabinet, -cones)
    domes = union(sphere(x, y - 0.52, z - 0.27, 0.11), sphere(x, y - 1.12, z - 0.32, 0.065))
    return [cabinet, domes]


def paint_camera(s):
    s.put(band(s.y, 0.14, 0.66, 0.02), "main", 0)
    s.put(step(0.12, 0.10, s.x.abs()) * band(s.y, 0.90, 1.04, 0.02) * s.front, "accent", 1)
    ring = length(s.x, s.y - 0.42)
    s.put(band(ring, 0.24, 0.28, 0.01), "#e8e8e8", 2)
    s.put(step(0.10, 0.02, length(s.x + 0.06, s.y - 0.48)) * 0.8, "#8fb4e8", 3)


@product(
    "camera",
    (0.84, 1.12, 0.66),
    (
        Part("#c9cbce", rough=0.3, metal=0.6),
        Part(rough=0.35),
        Part("#1b1c1f", rough=0.3),
        Part("#10162e", rough=0.02),
        STEEL,
    ),
    paint_camera,
    yaw=20,
)
def camera(x, y, z):
    body = box(x, y - 0.42, z, 0.80, 0.42, 0.24, 0.08)
    bump = box(x, y - 0.92, z, 0.30, 0.17, 0.2, 0.06)
    out = length(x, y - 0.42)
    barrel = union(extrude(out - 0.37, z - 0.30, 0.12, 0.02), extrude(out - 0.32, z - 0.42, 0.20, 0.02))
    glass = length(x, y - 0.42, z - 0.44) - 0.24
    barrel = torch.maximum(barrel, -extrude(out - 0.25, z - 0.7, 0.15, 0.0))
    shutter = union(cylinder(x - 0.55, y, z, 0.09, 0.8, 0.94), cylinder(x + 0.55, y, z, 0.13, 0.8, 0.92))
    return [body, bump, barrel, glass, shutter]


def paint_lamp(s):
    s.glow = s.glow + s.on(0) * (0.35 + 0.45 * step(1.5, 1.0, s.y))
    s.put(band(s.y, 0.98, 1.02, 0.01) + band(s.y, 1.70, 1.74, 0.01), "accent", 0)


@product("lamp", (0.66, 1.8, 0.66), (Part(rough=0.8), BRASS, Part("#fff1c9", glow=2.0)), paint_lamp)
def lamp(x, y, z):
    shade = cone(x, y, z, 0.64, 0.36, 0.95, 1.78)
    shade = torch.maximum(shade, -cone(x, y, z, 0.61, 0.33, 0.9, 1.85))
    stand = union(
        cylinder(x, y, z, 0.34, 0.0, 0.08, 0.03),
        cylinder(x, y, z, 0.045, 0.05, 1.3),
        length(x, (y - 0.34) * 0.9, z) - 0.17,
    )
    return [shade * 0.9, stand, sphere(x, y - 1.25, z, 0.14)]


def paint_clock(s):
    x, y = s.x, s.y - 0.72
    radius = length(x, y)
    angle = torch.atan2(y, x)
    s.put(step(0.6, 0.8, torch.cos(angle * 12)) * band(radius, 0.36, 0.44, 0.015), "#26262a", 1)
    s.put(step(0.035, 0.02, (x * 0.5 - y * 0.866).abs()) * step(0.0, 0.02, x) * step(0.3, 0.28, radius), "#1a1a1d", 1)
    s.put(step(0.035, 0.02, (x * 0.95 + y * 0.3).abs()) * step(0.0, 0.02, y) * step(0.4, 0.38, radius), "#1a1a1d", 1)
    s.put(step(0.06, 0.05, radius), "main", 1)


@product("alarm clock", (0.66, 1.56, 0.34), (Part(rough=0.2), Part("#fbf8ee", rough=0.3), STEEL), paint_clock, yaw=-14)
def alarm_clock(x, y, z):
    side = x.abs()
    around = length(x, y - 0.72)
    shell = extrude(around - 0.60, z, 0.24, 0.07)
    shell = torch.maximum(shell, -extrude(around - 0.52, z - 0.36, 0.16, 0.0))
    feet = capsule(side, y, z, (0.32, 0.25, 0.0), (0.44, 0.04, 0.0), 0.05)
    face = extrude(around - 0.54, z, 0.21, 0.0)
    bell_x, bell_y = turn(side - 0.36, y - 1.28, -30)
    bells = torch.maximum(length(bell_x, bell_y, z) - 0.2, -bell_y - 0.02)
    hammer = union(capsule(x, y, z, (0, 1.3, 0), (0, 1.46, 0), 0.03), sphere(x, y - 1.48, z, 0.06))
    return [union(shell, feet), face, union(bells, hammer)]
