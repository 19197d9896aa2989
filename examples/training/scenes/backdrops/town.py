"""Streets and roofs."""

import torch

from ..fields import band, noise, scatter, step
from ..shapes import length
from .view import View, place

LAMPS = ("#ffb347", "#ff5fa2", "#5fd0ff", "#fff1c9", "#7dff9a")


def bokeh(view: View, picture, u, v, density: float, size: float, share: float, strength: float, salt: float = 0.0):
    """Lamps out of focus: discs of even light, a little brighter at the rim."""
    du, dv, kind, more = scatter(u * density, v * density, salt)
    away = length(du, dv) / (size * (0.7 + 0.3 * more))
    disc = step(1.05, 0.9, away) * (0.75 + 0.35 * away.clamp(max=1)) * step(1 - share, 1 - share + 0.02, kind)
    tone = view.fill(LAMPS[0])
    for index, word in enumerate(LAMPS[1:]):
        tone = view.mix(tone, word, ((more * 5).floor() == index + 1).to(more.dtype))
    return picture + tone * (disc * strength)


def towers(
    view: View, picture, radius: float, spacing: float, tall: float, wall: str, lit: str, salt: float, share: float
):
    u, v = view.wall(radius)
    cell = (u / spacing).floor()
    tone = torch.sin(cell * 91.7 + salt) * 43758.5453
    tone = tone - tone.floor()
    top = tall * (0.45 + 0.75 * tone)
    inside = step(0.08, -0.08, v - top)
    wu, wv = u / (spacing / 4), v / 0.55
    window = step(0.16, 0.26, (wu % 1.0 - 0.5).abs() * -1 + 0.5) * step(0.2, 0.3, (wv % 1.0 - 0.5).abs() * -1 + 0.5)
    on = torch.sin(wu.floor() * 12.99 + wv.floor() * 78.23 + salt) * 43758.5453
    on = step(1 - share, 1 - share + 0.02, on - on.floor())
    shade = 0.8 + 0.5 * tone
    face = view.colour(wall) * shade + view.colour(lit) * (window * on * 1.2)
    return torch.lerp(picture, face, inside)


def wet_asphalt(view: View, x, z, away):
    patch = noise(x * 0.7, z * 0.5)
    picture = view.mix(view.fill("#10121f"), "#262b42", patch)
    azimuth = view.sky()[0]  # lamps are mirrored along the line of sight, as streaks that point at the camera
    shine = step(0.46, 0.70, noise(azimuth * 0.9 + 3, view.dy * 2.5 + 0.2 * patch))
    hue = noise(azimuth * 0.45 + 7, azimuth * 0.0 + 2, "smooth")
    glow = torch.lerp(view.colour("#ff5a9a"), view.colour("#4fb6ff"), step(0.40, 0.48, hue))
    glow = torch.lerp(glow, view.colour("#ffb95a"), step(0.52, 0.6, hue))
    return picture + glow * (shine * 0.45 * step(0.8, 5.0, away))


@place("in a city at night", wet_asphalt, 6.0, ("#1a1c2e", "#3a3f78", "#0c0f24"), soft=0.06, gloss=0.35)
def city(view: View):
    u, v = view.sky()
    picture = view.ramp(v, (-1.0, "#3d2f66"), (3.0, "#1a1d4a"), (9.0, "#070a20"))
    picture = towers(view, picture, 22.0, 2.6, 8.5, "#1b2148", "#ffcf7a", 1.0, 0.45)
    picture = towers(view, picture, 14.0, 2.8, 5.0, "#0f1330", "#ffb84f", 2.0, 0.5)
    wu, wv = view.wall(10.0)
    picture = bokeh(view, picture, wu + view.seed * 9, wv * 1.0 + 0.3, 1.05, 0.30, 0.55, 0.95)
    low = step(2.6, 1.6, wv)
    base = towers(view, picture, 14.0, 2.8, 5.0, "#0f1330", "#ffb84f", 2.0, 0.5)
    return torch.lerp(base, picture, low)


def pavement(view: View, x, z, away):
    picture = view.mix(view.fill("#262c36"), "#4d5866", noise(x * 0.8, z * 0.6))
    joint = step(0.04, 0.0, torch.minimum((x / 1.3) % 1.0, (z / 1.3) % 1.0) * 1.3)
    picture = picture * (1 - 0.35 * joint)
    puddle = step(0.48, 0.66, noise(x * 0.45 + 2, z * 0.7))
    return view.mix(picture, "#93a8bc", puddle * 0.6)


@place("on a rainy street", pavement, 5.5, ("#3a4452", "#8496a8", "#9fb0c0"), soft=0.08, gloss=0.3)
def rainy(view: View):
    u, v = view.sky()
    picture = view.ramp(v, (-1.0, "#a9bccb"), (8.0, "#6d7f92"))
    picture = towers(view, picture, 18.0, 3.2, 7.0, "#62748a", "#d8dccc", 5.0, 0.25)
    picture = towers(view, picture, 11.0, 3.9, 4.2, "#3f4e62", "#ffd9a0", 6.0, 0.4)
    wu, wv = view.wall(9.0)
    cell = (wu / 2.7).floor()
    lamp = length(wu - (cell + 0.5) * 2.7, wv - 3.0)
    picture = view.mix(picture, "#222a35", step(0.07, 0.03, (wu - (cell + 0.5) * 2.7).abs()) * step(3.0, 2.9, wv))
    picture = picture + view.colour("#ffd79a") * (torch.exp(-lamp * lamp * 3.0) * 1.1)
    umbrella = length(wu - 1.2, (wv - 1.7) * 1.3)
    picture = view.mix(picture, "#1c222c", band(wu, 0.98, 1.42, 0.1) * band(wv, -1.0, 1.8, 0.1))
    picture = view.mix(picture, "#d9343f", step(1.0, 0.9, umbrella) * step(1.62, 1.72, wv))
    streak = noise(u * 7.0 + v * 0.9, v * 0.55 + view.time * 14)
    return view.mix(picture, "#eef4fa", step(0.58, 0.72, streak) * 0.55)


def decking(view: View, x, z, away):
    row = x / 0.55
    tone = torch.sin(row.floor() * 47.3) * 0.5 + 0.5
    picture = view.mix(view.fill("#8a6f58"), "#bda184", 0.5 * tone + 0.5 * noise(z * 0.5 + row.floor() * 3, x * 5))
    return picture * (1 - 0.55 * step(0.08, 0.02, (row % 1.0 - 0.5).abs() * -1 + 0.5))


@place("on a rooftop", decking, 5.5, ("#b09478", "#f2d7c0", "#8fb8e8"), soft=0.03)
def rooftop(view: View):
    u, v = view.sky()
    picture = view.ramp(v, (-1.0, "#ffe0c2"), (3.0, "#c9d9f0"), (9.0, "#6fa3e0"))
    cover = step(0.5, 0.7, noise(u * 0.25 + view.seed * 16, v * 0.7))
    picture = view.mix(picture, "#fff2e6", cover * step(1.0, 3.0, v) * 0.8)
    picture = towers(view, picture, 30.0, 3.0, 5.2, "#a9b4c9", "#dfe8f2", 11.0, 0.5)
    picture = towers(view, picture, 20.0, 3.6, 2.9, "#7d8aa6", "#c8d6ea", 12.0, 0.5)
    wu, wv = view.wall(6.4)
    rail = torch.maximum(
        band(wv, 1.20, 1.34, 0.05), step(0.07, 0.03, ((wu / 1.4) % 1.0 - 0.5).abs() * 1.4) * step(1.3, 1.25, wv)
    )
    glass = step(1.25, 1.2, wv)
    picture = view.mix(picture, "#cfe6ee", glass * 0.28)
    picture = view.mix(picture, "#30363f", rail)
    nu, nv = view.wall(6.0)
    sag = nv - 2.7 - 0.10 * (((nu / 3.4) % 1.0 - 0.5) * 3.4) ** 2
    picture = view.mix(picture, "#3a3a3a", step(0.05, 0.02, sag.abs()) * 0.8)
    bulb = length(((nu / 0.62) % 1.0 - 0.5) * 0.62, sag + 0.14)
    picture = view.mix(picture, "#ffe7a8", step(0.15, 0.11, bulb))
    shrub = step(0.25, -0.1, nv - 0.55 - 0.7 * noise(nu * 1.8 + 4, nu * 0.0)) * step(
        0.3, 0.0, ((nu / 4.6 + 0.1) % 1.0 - 0.5).abs() * -1 + 0.5
    )
    return view.mix(picture, "#4c8a45", shrub)
