"""Open vessels: mugs, cups, pots."""

import math

import torch

from ..fields import band, noise, step
from ..shapes import capsule, cone, cylinder, ellipsoid, length, smooth_union, sphere, torus, union
from .bottles import disc
from .catalogue import Part, product


def paint_mug(s):
    s.put(step(0.41, 0.39, length(s.x, s.z)) * step(0.1, 0.2, s.y), "#f6efe4", 0)
    heart = length(s.x, (s.y - 0.47) * 1.05 - 0.32 * s.x.abs().sqrt()) - 0.22
    s.put(step(0.02, -0.02, heart) * s.front, "accent", 0)


@product(
    "mug", (0.82, 1.05, 0.5), (Part(rough=0.2), Part("#4a2a15", rough=0.15)), paint_mug, yaw=-25, mouth=(0.9, 0.38)
)
def mug(x, y, z):
    body = cylinder(x, y, z, 0.48, 0.0, 1.05, 0.05)
    hollow = cylinder(x, y, z, 0.41, 0.1, 1.4, 0.03)
    handle = torus(x - 0.5, (y - 0.54) * 0.92, z, 0.25, 0.07)
    shell = -smooth_union(-smooth_union(body, handle, 0.06), hollow, 0.03)
    return [shell, cylinder(x, y, z, 0.42, 0.2, 0.88, 0.01)]


def paint_paper_cup(s):
    s.put(band(s.y, 0.38, 0.88, 0.02), "accent", 0)
    s.put(disc(s, 0, 0.63, 0.17), "main", 0)
    stripe = ((s.y * 7 + s.x * 3) % 1.0 > 0.5).to(s.y.dtype)
    s.put(stripe, "main", 2)


@product(
    "paper cup",
    (0.56, 2.0, 0.52),
    (Part(rough=0.5), Part("#f7f7f5", rough=0.15), Part("#ffffff", rough=0.4)),
    paint_paper_cup,
    mouth=(1.4, 0.3),
)
def paper_cup(x, y, z):
    body = cone(x, y, z, 0.34, 0.48, 0.0, 1.25)
    rim = cylinder(x, y, z, 0.52, 1.22, 1.31, 0.03)
    dome = ellipsoid(x, y - 1.28, z, 0.46, 0.28, 0.46)
    straw = capsule(x, y, z, (0.05, 1.3, 0.0), (0.28, 1.96, 0.0), 0.055)
    return [body, union(rim, dome), straw]


def paint_teapot(s):
    inside = step(0.63, 0.6, s.x.abs())
    s.put(band(s.y, 0.76, 0.80, 0.02) * inside, "accent", 0)
    petals = length(s.x, s.y - 0.46) - 0.17 - 0.05 * torch.cos(torch.atan2(s.y - 0.46, s.x) * 5)
    s.put(step(0.02, -0.02, petals) * s.front, "accent", 0)
    s.put(disc(s, 0, 0.46, 0.07), "#e8b030", 0)


@product(
    "teapot", (1.12, 1.42, 0.62), (Part(rough=0.15), Part(rough=0.15, tint=0.8)), paint_teapot, yaw=10, mouth=(1.3, 0.2)
)
def teapot(x, y, z):
    body = ellipsoid(x, y - 0.54, z, 0.62, 0.54, 0.62)
    foot = cylinder(x, y, z, 0.36, 0.0, 0.1)
    spout = union(
        capsule(x, y, z, (0.45, 0.42, 0), (0.80, 0.62, 0), 0.15, 0.10),
        capsule(x, y, z, (0.80, 0.62, 0), (1.02, 1.02, 0), 0.10, 0.075),
    )
    handle = torus(x + 0.66, (y - 0.62) * 0.9, z, 0.32, 0.065)
    shell = smooth_union(smooth_union(smooth_union(body, spout, 0.08), handle, 0.05), foot, 0.05)
    lid = smooth_union(ellipsoid(x, y - 1.02, z, 0.36, 0.14, 0.36), sphere(x, y - 1.28, z, 0.12), 0.06)
    return [shell, lid]


def paint_plant(s):
    s.put(band(s.y, 0.50, 0.66, 0.01), "main", 0)
    vein = step(0.03, 0.0, (noise(s.x * 6, s.y * 6) - 0.5).abs())
    s.put(vein * 0.4, "#7cc45c", 2)


@product(
    "plant pot",
    (0.8, 1.9, 0.8),
    (Part(rough=0.6), Part("#3b2415", rough=1.0), Part("#2f8f3a", rough=0.45)),
    paint_plant,
)
def plant_pot(x, y, z):
    pot = smooth_union(cone(x, y, z, 0.32, 0.46, 0.0, 0.62), cylinder(x, y, z, 0.52, 0.54, 0.74, 0.03), 0.02)
    soil = cylinder(x, y, z, 0.46, 0.6, 0.76)
    leaves = None
    for turn in range(7):
        angle = turn * 2 * math.pi / 7 + (0.4 if turn % 2 else 0.0)
        lean = 0.34 if turn % 2 else 0.56
        cosine, sine = math.cos(angle), math.sin(angle)
        along, across = x * cosine + z * sine, z * cosine - x * sine
        rise = y - 0.72
        top = 1.05 if turn % 2 else 0.72
        bend = along - lean * (rise / top).clamp(0, 1.2) ** 2 * 1.1  # the leaf arches outwards
        leaf = ellipsoid(bend, rise - top / 2, across, 0.055, top / 2 + 0.05, 0.17) * 0.75
        leaves = leaf if leaves is None else union(leaves, leaf)
    return [pot, soil, leaves]
