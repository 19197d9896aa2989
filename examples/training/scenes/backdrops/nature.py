"""Landscapes."""

import torch

from ..fields import band, noise, scatter, step, wave
from ..shapes import length
from .view import View, place


def sand(view: View, x, z, away):
    ripple = noise(x * 0.6, z * 1.8) * 0.6 + 0.4 * noise(x * 3, z * 3)
    return view.mix(view.fill("#cfa877"), "#f6dfb2", ripple)


def clouds(view: View, picture, low: float, high: float, strength: float = 0.9):
    u, v = view.sky()
    cover = step(0.48, 0.66, noise(u * 0.32 + view.seed * 16 + view.time * 0.1, v * 0.75))
    return view.mix(picture, "#ffffff", cover * band(v, low, high, 1.6) * strength)


@place("on a sunny beach", sand, 6.5, ("#ecd3a4", "#bfe6f2", "#6fbdf0"), soft=0.05)
def beach(view: View):
    u, v = view.sky()
    picture = view.ramp(v, (-1.0, "#d9f2fb"), (3.0, "#86cdf5"), (9.0, "#2f8fe0"))
    picture = clouds(view, picture, 0.6, 6.0)
    line = -0.25  # the sea's horizon lies just under eye level
    sea = step(line + 0.12, line - 0.12, v)
    water = view.ramp(v, (-3.6, "#8fe3da"), (-2.2, "#35c0cc"), (-0.3, "#1273b8"))
    foam = step(0.60, 0.72, noise(u * 0.35 + view.time * 0.5, v * 2.6 + view.time * 0.4)) * step(-1.0, -3.0, v)
    water = view.mix(water, "#ffffff", foam)
    picture = torch.lerp(picture, water, sea)
    side = torch.where(view.seed > 0.5, 1.0, -1.0)
    pu, pv = view.wall(9.0)
    pu = pu * side
    bend = pu - 2.7 + 0.08 * (pv - 0.6) ** 2
    trunk = step(0.20, 0.10, bend.abs()) * band(pv, -1.0, 3.2, 0.2)
    picture = view.mix(picture, "#8a6542", trunk)
    du, dv = pu - 2.2, pv - 3.2
    reach = length(du, dv)
    angle = torch.atan2(dv + 0.28 * reach, du)
    frond = step(0.35, 0.7, wave(angle / 6.2832, 7.0)) * step(1.9, 1.4, reach)
    return view.mix(picture, "#2c8a3d", frond)


def snow(view: View, x, z, away):
    soft = noise(x * 0.5, z * 0.9)
    return view.mix(view.fill("#b9d0ea"), "#fbfdff", (soft * 1.6 - 0.2).clamp(0, 1))


def ridge(view: View, u, v, base: float, height: float, frequency: float, offset: float):
    """The height above a ridge's outline at every pixel; negative inside the mountain."""
    outline = noise(u * frequency + offset + view.seed * 16, u * 0.0 + offset, "ridge")
    return v - base - height * (outline * outline * 1.5)


@place("in snowy mountains", snow, 7.0, ("#eaf2fb", "#cfe2f5", "#6ea8e4"), soft=0.08)
def mountains(view: View):
    u, v = view.sky()
    picture = view.ramp(v, (-1.0, "#dcecf9"), (3.0, "#8fbdf0"), (9.0, "#2f6fcf"))
    for base, height, frequency, offset, rock, ice in (
        (-0.6, 6.6, 0.075, 1.3, "#7f9cc4", "#eaf2fc"),
        (-0.9, 4.2, 0.105, 5.1, "#3d5880", "#ffffff"),
    ):
        above = ridge(view, u, v, base, height, frequency, offset)
        inside = step(0.12, -0.12, above)
        streak = noise(u * 0.7 + above * 0.35 + offset, v * 0.55 - u * 0.3)
        cap = step(0.40, 0.50, streak - 0.06 + 0.06 * v)
        face = view.mix(view.fill(rock), ice, cap)
        picture = torch.lerp(picture, face, inside)
    fu, fv = view.wall(11.0)
    cell = (fu / 0.95).floor()
    tone = torch.sin(cell * 37.7) * 0.5 + 0.5
    tree = (fu / 0.95 - cell - 0.5).abs() * 1.9 - (1.0 + 1.4 * tone - fv) * 0.34
    trees = step(0.05, -0.05, tree) * step(0.30, 0.36, tone)
    picture = view.mix(picture, "#1d4038", trees * (fv > -0.5))
    return view.mix(picture, "#f2f7fd", step(0.35, 0.0, fv))


def moss(view: View, x, z, away):
    picture = view.mix(view.fill("#3b5a22"), "#86a83c", noise(x * 1.2, z * 1.6))
    return view.mix(picture, "#5a4326", step(0.55, 0.7, noise(x * 0.7 + 5, z * 0.7)) * 0.7)


def trunks(
    view: View, picture, radius: float, spacing: float, thick: float, colour: str, salt: float, haze: float = 0.0
):
    u, v = view.wall(radius)
    cell = (u / spacing).floor()
    tone = torch.sin(cell * 57.3 + salt) * 43758.5453
    tone = tone - tone.floor()
    centre = (cell + 0.3 + 0.4 * tone) * spacing
    half = thick * (0.6 + 0.7 * tone) * (1 + 0.35 * step(0.9, 0.0, v))
    trunk = step(1.15, 0.8, (u - centre).abs() / half)
    lit = 0.55 + 0.45 * step(-1.0, 1.0, (u - centre) / half * -1)
    return torch.lerp(picture, view.colour(colour) * lit, trunk * (1 - haze))


@place("in a green forest", moss, 5.5, ("#4f6f2c", "#86b04a", "#d6eab0"), soft=0.10)
def forest(view: View):
    u, v = view.sky()
    light = noise(u * 0.35 + view.seed * 16, v * 0.35)
    picture = view.ramp(v + 5 * (light - 0.5), (-3.0, "#2d5a28"), (0.5, "#7fb552"), (4.0, "#d8efa8"), (8.0, "#8cc25c"))
    picture = trunks(view, picture, 16.0, 2.2, 0.26, "#6f8a55", 1.0, 0.25)
    picture = trunks(view, picture, 10.5, 3.1, 0.34, "#4f4a30", 2.0)
    fu, fv = view.wall(9.0)
    canopy = noise(fu * 0.6 + 3 + view.seed * 16, fv * 0.8)
    picture = view.mix(picture, "#2f7a2c", step(0.0, 1.2, fv - 3.6 + 3.4 * (canopy - 0.5)))
    picture = trunks(view, picture, 7.5, 5.2, 0.42, "#3b2a1c", 3.0)
    bush = step(0.2, -0.15, fv - 0.35 - 1.3 * noise(fu * 1.1 + 9, fu * 0.0))
    picture = view.mix(picture, "#3d7a30", bush)
    du, dv, kind, _ = scatter(fu * 0.8, fv * 0.8)
    return picture + view.colour("#f2ffb0") * (
        step(0.28, 0.2, length(du, dv)) * step(0.7, 0.8, kind) * step(1.0, 3.0, fv) * 0.35
    )


def dune_sand(view: View, x, z, away):
    ripple = wave(z + 0.6 * noise(x * 0.5, z * 0.3) + 0.15 * x, 1.8)
    return view.mix(view.fill("#b5652f"), "#efa45c", 0.25 + 0.65 * ripple)


@place("in a desert at sunset", dune_sand, 7.0, ("#d98a4c", "#ffb468", "#8f5a9c"), soft=0.08)
def desert(view: View):
    u, v = view.sky()
    picture = view.ramp(v, (-1.0, "#ffd489"), (1.8, "#ff9a4d"), (4.5, "#e0586a"), (9.0, "#5d3a86"))
    sun_u = u - (view.seed - 0.5) * 5
    away = length(sun_u, v - 2.2)
    picture = picture + view.colour("#ffd890") * torch.exp(-away * 0.75) * 0.8
    picture = view.mix(picture, "#fff3c4", step(1.25, 1.05, away))
    for base, height, frequency, offset, lit, dark in (
        (-0.4, 2.2, 0.10, 2.7, "#c86a4a", "#8f4450"),
        (-1.0, 2.6, 0.14, 7.9, "#b9572f", "#6b2b33"),
    ):
        curve = noise(u * frequency + offset + view.seed * 16, u * 0 + offset, "smooth")
        above = v - base - height * curve
        slope = noise(u * frequency + 0.15 + offset + view.seed * 16, u * 0 + offset, "smooth") - curve
        face = torch.lerp(view.colour(dark), view.colour(lit), step(-0.04, 0.05, slope))
        picture = torch.lerp(picture, face, step(0.12, -0.12, above))
    cu, cv = view.wall(10.0)
    side = torch.where(view.seed > 0.5, 1.0, -1.0)
    cu = cu * side + 2.3
    stem = step(0.26, 0.18, cu.abs()) * step(2.7, 2.6, cv)
    arm = (
        step(0.20, 0.12, (length(cu - 0.1, (cv - 1.5).clamp(max=0)) - 0.75).abs())
        * step(2.2, 2.1, cv)
        * step(-0.1, 0.0, cu)
    )
    arm = arm * step(0.6, 0.7, cv)
    return view.mix(picture, "#3c2b33", torch.maximum(stem, arm))


def moon_dust(view: View, x, z, away):
    du, dv, kind, _ = scatter(x * 0.55, z * 0.55)
    ring = length(du, dv) / 0.3
    dust = 0.3 + 0.6 * noise(x * 1.4, z * 1.4) - 0.35 * step(0.8, 0.5, ring) + 0.25 * band(ring, 0.75, 1.0, 0.15)
    return view.mix(view.fill("#3a3c48"), "#a8abb8", dust.clamp(0, 1))


@place("in outer space", moon_dust, 6.0, ("#6c6f7c", "#1b2146", "#080a1c"), soft=0.02)
def space(view: View):
    u, v = view.sky()
    cloud = noise(u * 0.16 + view.seed * 16, v * 0.16 + 3)
    picture = view.mix(view.fill("#05060f"), "#4a1f7a", step(0.42, 0.75, cloud))
    picture = view.mix(picture, "#1c5a9c", step(0.5, 0.75, noise(u * 0.14 + 9, v * 0.2 + view.seed * 16)) * 0.75)
    for density, size in ((0.8, 0.14), (0.45, 0.12)):
        du, dv, kind, more = scatter(u * density, v * density)
        star = step(size, size * 0.3, length(du, dv)) * step(0.35, 0.5, kind)
        picture = picture + star * (0.35 + 0.9 * more)
    pu, pv = (u + torch.where(view.seed > 0.5, 4.0, -4.0)), v - 2.9
    globe = length(pu, pv)
    bands = wave(pv * 0.35 + 0.25 * noise(u * 0.5, v * 1.2), 1.4)
    planet = view.mix(view.fill("#c7784a"), "#f0cf9a", bands)
    lit = 0.12 + 1.0 * step(-0.9, 1.0, (-pu * 0.7 + pv * 0.5) / 2.0)
    picture = torch.lerp(picture, planet * lit, step(2.3, 2.15, globe))
    ring = length(pu * 0.94 + pv * 0.34, (pv * 0.94 - pu * 0.34) * 3.6)
    front = 1 - step(2.3, 2.15, globe) * ((pv * 0.94 - pu * 0.34) > 0)
    return view.mix(picture, "#e8d3b0", band(ring, 2.75, 3.7, 0.2) * front * 0.75)


def sea_floor(view: View, x, z, away):
    ripple = noise(x * 1.1, z * 1.7)
    caustic = noise(x * 1.0 + view.time * 0.8, z * 1.0 - view.time * 0.6, "ridge")
    picture = view.mix(view.fill("#2f7f92"), "#9fdac8", ripple)
    return picture + step(0.55, 0.85, caustic) * 0.30


@place("underwater", sea_floor, 6.0, ("#58a5a8", "#1f8fb8", "#6fe0f0"), soft=0.25)
def underwater(view: View):
    u, v = view.sky()
    picture = view.ramp(v, (-3.0, "#0d5f8c"), (1.0, "#1484b0"), (8.0, "#59d3e6"))
    slant = u + v * 0.35
    rays = noise(slant * 0.5 + view.time * 0.8, u * 0.0 + 2 + view.time) * step(-1.5, 7.0, v)
    picture = picture + view.colour("#c4fff6") * (step(0.45, 0.75, rays * 1.3) * 0.45)
    wu, wv = view.wall(9.0)
    for radius, word, salt in ((9.0, "#165a78", 3.0), (7.2, "#d9506a", 8.0)):
        ku, kv = view.wall(radius)
        cell = (ku / 1.5).floor()
        tone = torch.sin(cell * 41.3 + salt) * 0.5 + 0.5
        sway = 0.25 * torch.sin(kv * 1.6 + view.time * 5 + cell)
        if salt < 5:
            weed = step(0.20, 0.10, (ku / 1.5 - cell - 0.5 + sway * 0.4).abs()) * step(3.4, 2.6, kv / (0.5 + tone))
            picture = view.mix(picture, word, weed)
        else:
            away = length(ku / 1.5 - cell - 0.5, kv * 0.55)
            lobes = 0.36 * tone + 0.10 * torch.cos(torch.atan2(kv * 0.55, ku / 1.5 - cell - 0.5) * 9)
            coral = step(0.05, -0.02, away - lobes) * step(0.35, 0.4, tone)
            picture = torch.lerp(
                picture, torch.lerp(view.colour(word), view.colour("#f2a34a"), (cell % 2.0 == 0).to(tone.dtype)), coral
            )
    du, dv, kind, more = scatter(wu * 0.75, wv * 0.75 - view.time * 1.6)
    away = length(du, dv)
    bubble = band(away, 0.09 + 0.1 * 0, 0.2, 0.06) * step(0.55, 0.6, kind)
    picture = view.mix(picture, "#d8fbff", bubble * 0.6)
    fu, fv, kind, _ = scatter(u * 0.2 + view.time * 0.4, v * 0.4)
    body = length(fu * 1.0, fv * 2.2) - 0.13
    tail = (fu + 0.15).abs() - 0.06
    fish = torch.maximum(
        step(0.02, -0.02, body), step(0.02, -0.02, tail) * step(0.0, -0.02, fv.abs() * 1.2 + fu + 0.08)
    )
    return view.mix(picture, "#f2b53a", fish * step(0.7, 0.75, kind))


def grass(view: View, x, z, away):
    blades = noise(x * 5, z * 3.2)
    picture = view.mix(view.fill("#3f7d24"), "#a5d552", blades)
    du, dv, kind, more = scatter(x * 1.6, z * 1.6)
    flower = step(0.20, 0.13, length(du, dv)) * step(0.45, 0.5, kind) * step(1.0, 1.8, away)
    petal = torch.lerp(view.colour("#ffffff"), view.colour("#ef4b6e"), (more > 0.5).to(more.dtype))
    petal = torch.lerp(petal, view.colour("#ffd23a"), (more > 0.78).to(more.dtype))
    return torch.lerp(picture, petal, flower)


@place("in a flower meadow", grass, 6.0, ("#7fb344", "#cfe8f5", "#8cc8f2"), soft=0.08)
def meadow(view: View):
    u, v = view.sky()
    picture = view.ramp(v, (-1.0, "#e6f5fb"), (4.0, "#9bd3f5"), (9.0, "#4fa3e6"))
    picture = clouds(view, picture, 1.5, 7.0)
    hill = v - 0.2 - 2.2 * noise(u * 0.09 + view.seed * 16, u * 0 + 3.0, "smooth")
    picture = torch.lerp(picture, view.ramp(hill, (-3.0, "#5ba043"), (0.0, "#a9d680")), step(0.15, -0.15, hill))
    for radius, density, rise in ((12.0, 1.1, 0.9), (8.0, 1.05, 0.65)):
        mu, mv = view.wall(radius)
        picture = view.mix(picture, "#5d9e33", step(0.2, -0.2, mv - rise + 0.2 * noise(mu * 2, mu * 0.0)))
        du, dv, kind, more = scatter(mu * density, mv * density + 0.4)
        flower = step(0.30, 0.22, length(du, dv)) * step(rise + 0.55, rise + 0.35, mv) * step(0.25, 0.3, kind)
        petal = torch.lerp(view.colour("#f2466c"), view.colour("#ffd23a"), (more > 0.4).to(more.dtype))
        petal = torch.lerp(petal, view.colour("#b277e8"), (more > 0.7).to(more.dtype))
        picture = torch.lerp(picture, petal, flower)
    return picture


def lava_rock(view: View, x, z, away):
    crack = step(0.07, 0.0, (noise(x * 0.9, z * 0.9) - 0.5).abs())
    rock = view.mix(view.fill("#1c1719"), "#4b4144", noise(x * 2, z * 2))
    return rock + view.colour("#ff5a14") * (crack * 1.3 * step(0.9, 2.0, away))


@place("by a volcano", lava_rock, 6.0, ("#4a2a22", "#b0402a", "#3a1a22"), soft=0.06)
def volcano(view: View):
    u, v = view.sky()
    picture = view.ramp(v, (-1.0, "#d9582f"), (2.5, "#8a2a32"), (8.0, "#2a1524"))
    smoke = step(0.45, 0.7, noise(u * 0.3 + view.time * 0.3 + view.seed * 16, v * 0.3 - view.time * 0.7))
    picture = view.mix(picture, "#1d1418", smoke * 0.65)
    cu = u - (view.seed - 0.5) * 3.0
    slope = 3.3 - 0.85 * (cu.abs() - 0.8).clamp(min=0) ** 0.9 + 0.5 * (noise(u * 0.8, u * 0.0) - 0.5)
    above = v - slope
    column = torch.exp(-((cu / (0.55 + 0.22 * (v - 3.0).clamp(min=0))) ** 2)) * step(2.8, 3.3, v)
    spray = column * step(0.25, 0.6, noise(u * 1.2, v * 0.8 - view.time * 5))
    picture = (
        picture
        + view.colour("#ff8a2a") * spray * 1.6
        + view.colour("#ff5a1a") * torch.exp(-(length(cu, v - 3.6) * 0.6)) * 0.9
    )
    rock = view.mix(view.fill("#2a1c20"), "#5a3a38", noise(u * 0.9, v * 0.7))
    flow = step(0.28, 0.10, (cu - 0.5 * torch.sin(v * 1.3) - 0.2).abs() - 0.10) + step(
        0.24, 0.08, (cu + 0.9 + 0.4 * torch.sin(v * 1.1 + 1)).abs() - 0.06
    ) * step(2.9, 2.4, v)
    rock = rock + view.colour("#ff6a1a") * (flow.clamp(max=1) * 1.7)
    picture = torch.lerp(picture, rock, step(0.12, -0.12, above))
    du, dv, kind, more = scatter(u * 0.9, v * 0.9 - view.time * 1.5)
    return picture + view.colour("#ffb04a") * (step(0.13, 0.05, length(du, dv)) * step(0.6, 0.65, kind))


def leaves_ground(view: View, x, z, away):
    du, dv, kind, more = scatter(x * 2.4, z * 2.4)
    picture = view.mix(view.fill("#7a5426"), "#a8863a", noise(x * 1.2, z * 1.2))
    leaf = step(0.30, 0.24, length(du, dv * 1.5))
    tone = torch.lerp(view.colour("#d9481c"), view.colour("#f2b02a"), kind)
    return torch.lerp(picture, tone, leaf * step(0.3, 0.35, more))


def crowns(view: View, picture, radius: float, low: float, dark: str, light: str, salt: float):
    """A row of tree crowns: lumps of leaves in two tones."""
    u, v = view.wall(radius)
    lumps = noise(u * 0.42 + salt + view.seed * 16, v * 0.42)
    fine = noise(u * 1.5 + salt, v * 1.5)
    mask = step(-0.25, 0.35, v - low + 4.2 * (lumps - 0.5))
    return torch.lerp(picture, torch.lerp(view.colour(dark), view.colour(light), step(0.3, 0.7, fine)), mask)


@place("in an autumn park", leaves_ground, 6.0, ("#a8762f", "#e0a850", "#f2d9a0"), soft=0.08)
def autumn(view: View):
    u, v = view.sky()
    picture = view.ramp(v, (-1.0, "#f2dfb0"), (3.0, "#f7e6bd"), (9.0, "#cfe0e8"))
    picture = trunks(view, picture, 15.0, 2.6, 0.22, "#7a5a3c", 1.5, 0.2)
    picture = crowns(view, picture, 15.0, 2.7, "#c9661f", "#f0b03a", 2.0)
    picture = trunks(view, picture, 9.5, 3.8, 0.34, "#4a3222", 4.5)
    picture = crowns(view, picture, 9.5, 2.9, "#b8321a", "#f08a24", 6.0)
    fu, fv = view.wall(8.0)
    picture = view.mix(picture, "#c98a2e", step(0.3, -0.1, fv - 0.4 - 0.6 * noise(fu, fu * 0.0)))
    du, dv, kind, more = scatter(fu * 0.8 + 0.3 * view.time, fv * 0.8 + view.time * 1.2)
    leaf = step(0.2, 0.14, length(du, dv * 1.6)) * step(0.6, 0.65, kind) * step(0.6, 1.2, fv)
    return torch.lerp(picture, torch.lerp(view.colour("#d9481c"), view.colour("#ffc83a"), more), leaf)


def petals_ground(view: View, x, z, away):
    du, dv, kind, more = scatter(x * 2.2, z * 2.2)
    picture = view.mix(view.fill("#6f9a4a"), "#b5cf86", noise(x * 2.0, z * 2.0))
    return view.mix(picture, "#ffc4d9", step(0.28, 0.2, length(du, dv * 1.4)) * step(0.2, 0.25, kind))


@place("under cherry blossoms", petals_ground, 6.0, ("#b9c98f", "#fbd3e2", "#cfe8fa"), soft=0.08)
def blossoms(view: View):
    u, v = view.sky()
    picture = view.ramp(v, (-1.0, "#eaf6fb"), (5.0, "#bfe0f7"), (9.0, "#8fc4f0"))
    hill = v - 0.4 - 3.0 * noise(u * 0.10 + 3, u * 0.0 + 1.0, "smooth")
    picture = view.mix(picture, "#9cc48f", step(0.2, -0.2, hill))
    picture = crowns(view, picture, 14.0, 2.2, "#e58fb2", "#ffd6e4", 1.0)
    picture = trunks(view, picture, 9.0, 4.6, 0.30, "#5a3a34", 2.5)
    picture = crowns(view, picture, 9.0, 2.7, "#f07fae", "#ffe3ee", 9.0)
    fu, fv = view.wall(7.5)
    du, dv, kind, more = scatter(fu * 0.9 - 0.4 * view.time, fv * 0.9 + view.time * 0.9)
    return view.mix(picture, "#fff0f6", step(0.17, 0.1, length(du, dv * 1.5)) * step(0.5, 0.55, kind))
