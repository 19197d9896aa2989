"""Studios and rooms."""

import torch

from ..fields import band, noise, scatter, step, wave
from ..shapes import length
from ..vocabulary import STUDIO
from .view import View, place


def studio_ground(view: View, x, z, away):
    pool = 0.80 + 0.28 * step(6.0, 0.3, away) - 0.18 * step(0.0, 14.0, away)
    return view.studio * pool + 0.02


@place(STUDIO, studio_ground, 7.0, ("#cccccc", "#eeeeee", "#ffffff"), soft=0.5, gloss=0.28)
def studio(view: View):
    """A paper roll that curves up from the floor, with a pool of light, a pale disc and slanting bars of shade.

    The disc and the bars belong to the wall, so that a turn about the product differs from a turn of the product.
    """
    along, height = view.wall(7.0)
    glow = torch.exp(-(along * along * 0.06 + (height - 1.6) ** 2 * 0.10))
    picture = view.studio * (0.56 + 0.50 * glow) + 0.03 * glow
    disc = step(1.75, 1.60, length(along - 2.4 * (view.seed - 0.5), height - 1.9))
    picture = torch.lerp(picture, view.studio * 0.72 + 0.20, disc * 0.38)
    bars = wave(along * 0.22 + height * 0.10 + view.seed) ** 2 * step(0.2, 1.2, height)
    return picture * (1 - 0.20 * bars)


def wood(view: View, x, z, dark: str, light: str, plank: float):
    """Boards that run from side to side, each of its own tone."""
    row = z / plank
    board = row.floor()
    tone = torch.sin(board * 91.7) * 0.5 + 0.5
    grain = noise(x * 0.5 + board * 5.3, z * 6.0)
    picture = view.mix(view.fill(dark), light, (0.25 * tone + 0.85 * grain).clamp(0, 1))
    gap = step(0.06, 0.01, (row - board - 0.5).abs() * -1 + 0.5)
    return picture * (1 - 0.45 * gap)


def counter(view: View, x, z, away):
    vein = step(0.10, 0.0, (noise(x * 0.55 + 4, z * 0.9) - 0.5).abs())
    return view.mix(view.fill("#e2ded6"), "#b9b2a6", vein * 0.35)


@place("in a bright kitchen", counter, 3.4, ("#dcd8d0", "#f3f0ea", "#ffffff"), soft=0.04, gloss=0.22)
def kitchen(view: View):
    u, v = view.wall(9.0)
    tiles = step(0.06, 0.0, torch.minimum((u / 0.9 + 0.02) % 1.0, (v / 0.6) % 1.0))
    picture = view.mix(view.fill("#dbe6e4"), "#b8c8c6", tiles)
    picture = view.mix(picture, "#4f7f7c", band(v, -6.0, -0.1, 0.1))  # lower cupboards
    picture = view.mix(
        picture, "#3b625f", step(0.10, 0.02, ((u / 1.9) % 1.0 - 0.5).abs() * -1 + 0.5) * step(-0.1, -0.2, v)
    )
    picture = view.mix(picture, "#c89b6a", band(v, -0.12, 0.22, 0.08))  # worktop
    shelf = band(v, 2.95, 3.12, 0.08)
    picture = view.mix(picture, "#b07a48", shelf)
    window = band(u, -4.6, -1.3, 0.15) * band(v, 0.9, 5.0, 0.15)
    outside = view.ramp(v, (0.9, "#bfe08a"), (2.0, "#dff1f7"), (4.0, "#a9d7f5"))
    picture = torch.lerp(picture, outside * 1.15, window)
    picture = view.mix(picture, "#ffffff", window * step(0.16, 0.06, torch.minimum((u + 2.95).abs(), (v - 2.9).abs())))
    jar_u, cell = (u / 0.8) % 1.0 - 0.5, (u / 0.8).floor()
    tall = 0.55 + 0.25 * torch.sin(cell * 12.9)
    pots = (
        step(0.34, 0.26, jar_u.abs()) * band(v, 3.12, 3.12 + 0.7, 0.1) * step(tall + 0.06, tall, v - 3.12) * (u > -0.9)
    )
    hue = torch.sin(cell * 7.7) * 0.5 + 0.5
    picture = torch.lerp(picture, torch.lerp(view.colour("#d9623a"), view.colour("#f0d9a0"), hue), pots)
    plant = step(0.62, 0.3, length(u - 2.6, (v - 1.0) * 0.8) + 0.5 * (noise(u * 3, v * 3) - 0.5))
    picture = view.mix(picture, "#4f9a45", plant)
    return view.mix(picture, "#e9e4da", band(u, 2.25, 2.95, 0.1) * band(v, 0.1, 0.62, 0.08))


def table(view: View, x, z, away):
    return wood(view, x, z, "#6b4327", "#b07b4a", 0.9)


@place("in a cosy living room", table, 3.2, ("#8a5c38", "#d9b98f", "#f2e3c8"), soft=0.04, gloss=0.10)
def living_room(view: View):
    u, v = view.wall(9.0)
    picture = view.ramp(v, (-1.0, "#c9a780"), (5.5, "#e3cba6"))
    lamp = torch.exp(-((u - 3.2) ** 2 * 0.16 + (v - 2.6) ** 2 * 0.16))
    picture = picture + view.colour("#ffcf80") * lamp * 0.55
    frame = band(u, -1.6, 0.9, 0.08) * band(v, 2.6, 4.5, 0.08)
    picture = view.mix(picture, "#5a4130", frame)
    art = band(u, -1.4, 0.7, 0.08) * band(v, 2.8, 4.3, 0.08)
    hills = view.mix(view.fill("#f0d9b0"), "#3f7d7a", step(0.1, -0.1, v - 3.3 - 0.35 * torch.sin(u * 2.2)))
    picture = torch.lerp(picture, hills, art)
    sofa = band(u, -4.6, 1.9, 0.2) * step(1.55, 1.35, v + 0.12 * torch.cos(u * 1.5))
    picture = view.mix(picture, "#2f5d78", sofa)
    picture = view.mix(picture, "#234a61", sofa * step(0.12, 0.0, ((u + 1.3) / 2.1 % 1.0 - 0.5).abs() * -1 + 0.5))
    picture = view.mix(picture, "#234a61", sofa * step(0.45, 0.25, v))
    for centre, word in ((-3.4, "#e0a33a"), (-0.2, "#d9694a")):
        cushion = step(0.42, 0.30, ((u - centre) ** 4 + (v - 0.9) ** 4))
        picture = view.mix(picture, word, cushion)
    picture = view.mix(picture, "#3a2b20", band(u, 3.13, 3.27, 0.06) * step(2.1, 2.0, v))
    shade = step(0.95, 0.85, (u - 3.2).abs() + 0.35 * (v - 2.7)) * band(v, 2.0, 3.2, 0.1)
    picture = torch.lerp(picture, view.colour("#fff0c4") * 1.15, shade)
    picture = view.mix(
        picture,
        "#3f7a3a",
        step(0.9, 0.5, length((u + 5.2) * 0.9, (v - 2.0) * 0.6) + 0.9 * (noise(u * 2.5, v * 1.6) - 0.5)),
    )
    return picture


@place("in a café", table, 2.8, ("#7a4e2f", "#8f6a48", "#e8c58a"), soft=0.04, gloss=0.12)
def cafe(view: View):
    u, v = view.wall(10.0)
    picture = view.ramp(v, (-1.0, "#3a2518"), (2.0, "#6b4429"), (6.0, "#4a2f1e"))
    brick = torch.minimum(((u / 0.9 + (v / 0.45).floor() * 0.5) % 1.0), (v / 0.45) % 1.0)
    picture = view.mix(picture, "#8a4f33", step(0.06, 0.16, brick) * 0.55)
    board = band(u, -3.6, -0.4, 0.1) * band(v, 1.7, 3.5, 0.1)
    picture = view.mix(picture, "#b98752", band(u, -3.8, -0.2, 0.1) * band(v, 1.5, 3.7, 0.1))
    picture = view.mix(picture, "#20262a", board)
    chalk = band((v * 2.6) % 1.0, 0.35, 0.6, 0.1) * step(0.35, 0.5, noise(u * 3.2, (v * 2.6).floor() * 3.7)) * board
    picture = view.mix(picture, "#e8e6dc", chalk * 0.8)
    picture = view.mix(picture, "#a56a3a", band(v, -3.0, 0.7, 0.12))
    picture = view.mix(picture, "#5d3820", band(v, 0.7, 0.95, 0.08))
    machine = band(u, 1.5, 4.3, 0.15) * band(v, 0.9, 2.3, 0.15)
    picture = view.mix(picture, "#b9bcc0", machine)
    picture = view.mix(picture, "#5b5e63", machine * band(v, 1.2, 1.6, 0.1))
    near_u, near_v = view.wall(7.5)  # lamps hang nearer than the wall, so they slide before it
    cell = (near_u / 2.1).floor()
    lamp_u = near_u - (cell + 0.5) * 2.1
    cord = step(0.06, 0.02, lamp_u.abs()) * step(2.8, 2.9, near_v)
    picture = view.mix(picture, "#15100c", cord)
    shade = step(0.1, 0.0, lamp_u.abs() - 0.75 * (2.95 - near_v).clamp(0, 1)) * band(near_v, 2.3, 2.9, 0.08)
    picture = view.mix(picture, "#17130f", shade)
    glow = torch.exp(-(lamp_u**2 + (near_v - 2.15) ** 2) * 2.2)
    return picture + view.colour("#ffd08a") * glow * 1.5


def marble_floor(view: View, x, z, away):
    vein = step(0.09, 0.0, (noise(x * 0.5 + 2.0, z * 0.5 + noise(x, z) * 0.8) - 0.5).abs())
    return view.mix(view.fill("#e9ecec"), "#9aa5a8", vein * 0.6)


@place("in a marble bathroom", marble_floor, 3.6, ("#dfe6e6", "#eef4f4", "#ffffff"), soft=0.04, gloss=0.32)
def bathroom(view: View):
    u, v = view.wall(8.5)
    vein = step(0.07, 0.0, (noise(u * 0.35 + 7, v * 0.35 + noise(u * 0.8, v * 0.8) * 0.9) - 0.5).abs())
    picture = view.mix(view.fill("#c9d6d8"), "#8496a0", vein * 0.6)
    joint = step(0.05, 0.0, torch.minimum((u / 2.2) % 1.0, (v / 2.2) % 1.0) * 2.2)
    picture = view.mix(picture, "#b5c2c4", joint)
    rim = length((u - 0.2) * 1.0, (v - 2.9) * 1.0)
    picture = view.mix(picture, "#c9a04a", step(1.45, 1.38, rim))
    mirror = view.ramp(v + u * 0.35, (1.8, "#8fb9c4"), (3.0, "#c4e2e8"), (4.6, "#9cc6d0"))
    picture = torch.lerp(picture, mirror, step(1.32, 1.24, rim))
    tub = step(1.35, 1.2, v + 0.02 * u * u) * band(u, -5.2, 1.4, 0.2)
    picture = view.mix(picture, "#fbfdfd", tub)
    picture = view.mix(picture, "#aebfc4", tub * step(1.0, -0.2, v))
    picture = view.mix(picture, "#93a7ae", tub * band(v, 0.88, 1.0, 0.08))
    towel = band(u, 2.5, 3.9, 0.1) * band(v, 0.7, 2.9, 0.1)
    picture = view.mix(picture, "#2fa39a", towel)
    picture = view.mix(picture, "#f2f6f5", towel * band(v, 1.0, 1.25, 0.06))
    picture = view.mix(picture, "#c9a04a", band(u, 2.2, 4.2, 0.1) * band(v, 2.9, 3.05, 0.06))
    du, dv, kind, _ = scatter(u * 0.7, v * 0.7 + view.time * 0.2)
    bubble = step(0.26, 0.22, length(du, dv)) * step(0.72, 0.75, kind) * step(2.4, 1.4, v) * tub
    return view.mix(picture, "#ffffff", bubble * 0.6)


def stage_floor(view: View, x, z, away):
    boards = wood(view, x, z, "#3a2015", "#7a4a2c", 0.8)
    return boards * (0.35 + 1.5 * step(3.2, 0.6, away))


@place("on a stage with curtains", stage_floor, 5.5, ("#6a3f28", "#8a1420", "#3a0a10"), soft=0.05, gloss=0.18)
def stage(view: View):
    u, v = view.wall(6.5)
    fold = wave(u + 0.15 * torch.sin(v * 0.9 + u), 0.85)
    picture = view.mix(view.fill("#3f050b"), "#c41b28", fold * fold)
    picture = picture * (0.55 + 0.5 * torch.exp(-(u * u * 0.05 + (v - 1.5) ** 2 * 0.08)).sqrt())
    near_u, near_v = view.wall(5.9)
    drape = near_v - 3.2 + 0.5 * wave(near_u, 0.33)
    swag = step(-0.05, 0.08, drape)
    picture = view.mix(picture, "#8a0d17", swag)
    picture = view.mix(picture, "#dfb04a", band(drape, -0.05, 0.16, 0.08))
    beam = step(0.9, 0.0, (near_u.abs() - 0.55 - 0.16 * (6 - near_v)).clamp(min=0)) * step(-0.2, 3.0, near_v)
    return picture + view.colour("#fff0d0") * beam * 0.10


@place("in a library", table, 3.0, ("#6b4429", "#7a5234", "#d9b070"), soft=0.04, gloss=0.12)
def library(view: View):
    u, v = view.wall(8.5)
    shelf = (v + 1.2) / 1.45
    level = shelf.floor()
    height = (shelf - level) * 1.45
    slot = u / 0.26 + level * 7.3
    book = slot.floor()
    tone = torch.sin(book * 12.9898 + level * 78.2) * 43758.5453
    tone = tone - tone.floor()
    tall = 0.85 + 0.35 * ((tone * 17) % 1.0)
    inside = step(tall + 0.04, tall, height) * step(0.04, 0.14, slot - book) * step(0.98, 0.9, slot - book)
    spines = view.fill("#7d1f22")
    for index, word in enumerate(("#1f4b6e", "#b07c2a", "#2d5b3a", "#d6c39a", "#4a2a4f")):
        spines = view.mix(spines, word, ((tone * 6).floor() == index + 1).to(tone.dtype))
    spines = view.mix(spines, "#e6c878", band(height, 0.55, 0.64, 0.05) * 0.7)
    picture = torch.lerp(view.fill("#20130b"), spines * 0.9, inside)
    picture = view.mix(picture, "#6d4325", step(1.30, 1.34, height))
    post = step(0.16, 0.10, ((u / 3.6 + 0.35) % 1.0 - 0.5).abs() * 3.6)
    picture = view.mix(picture, "#7d4e2c", post)
    glow = torch.exp(-((u - 1.8) ** 2 * 0.1 + (v - 3.4) ** 2 * 0.12))
    return picture * (0.65 + 0.7 * glow) + view.colour("#ffcf80") * glow * 0.06
