"""Solids onto a canvas: rays for the pixels an actor can cover, traced, shaded and laid over one another."""

from dataclasses import dataclass

import torch

from .camera import Track
from .fields import linear, step
from .lights import Lights
from .materials import shade
from .products.catalogue import Surface
from .staging import Actor
from .trace import enter, march, normal, shadow
from .vocabulary import COLOURS

Tensor = torch.Tensor


@dataclass
class Canvas:
    """What solids cover, at the finer size: light [3, B·F·H·W] times opacity [B·F·H·W]."""

    light: Tensor
    cover: Tensor
    frames: int
    height: int
    width: int


@dataclass
class Shot:
    """What drawing needs to know of a batch, on its device."""

    track: Track
    corner: Track  # the same on the CPU, to bound what is drawn without asking the device
    lights: Lights
    room: Tensor  # [B, 3, 3] floor, horizon and sky
    gloss: Tensor  # [B]
    device: torch.device


class Pose:
    """A group of actors of one product: per actor and moment the map from world to product."""

    def __init__(self, actors: list[Actor], device):
        self.actors = actors
        self.rows = torch.tensor([actor.row for actor in actors])  # [A]
        yaw = torch.tensor([actor.yaw for actor in actors])  # [A, F]
        lift = torch.tensor([actor.lift for actor in actors])
        scale = torch.tensor([[actor.scale] for actor in actors]).expand_as(yaw)
        x = torch.tensor([[actor.x] for actor in actors]).expand_as(yaw)
        z = torch.tensor([[actor.z] for actor in actors]).expand_as(yaw)
        flip = torch.tensor([[-1.0 if actor.mirror else 1.0] for actor in actors]).expand_as(yaw)
        self.table = torch.stack([yaw.cos(), yaw.sin(), x, lift, z, scale, flip])  # [7, A, F]
        self.on_device = self.table.reshape(7, -1).to(device)

    def corners(self, size: tuple[float, float, float]) -> Tensor:
        """The bounds' corners in the world, [A, F, 8, 3], on the CPU."""
        cosine, sine, x, lift, z, scale, flip = (row[..., None] for row in self.table)
        signs = torch.tensor([[a, b, c] for a in (-1, 1) for b in (0, 1) for c in (-1, 1)], dtype=torch.float32)
        px, py, pz = (signs[:, axis] * size[axis] for axis in range(3))
        return torch.stack(
            [x + scale * (px * cosine + pz * sine), flip * (lift + scale * py), z + scale * (pz * cosine - px * sine)],
            -1,
        )

    def local(self, index: Tensor, point: tuple, is_direction: bool = False) -> tuple:
        """World points or directions (three of [N]) in the frames of their poses, index [N] into A·F."""
        cosine, sine, x, lift, z, scale, flip = self.on_device[:, index]
        px, py, pz = point
        py = py * flip
        if not is_direction:
            px, py, pz = (px - x) / scale, (py - lift) / scale, (pz - z) / scale
        return px * cosine - pz * sine, py, px * sine + pz * cosine


def rectangle(x: Tensor, y: Tensor, aspect: tuple[float, float], height: int, width: int, grow: int = 2):
    """The pixels that bound projected points [A, F, P]: first column and row [A, F], greatest width and height."""
    column = (x / aspect[0] + 1) * (width / 2)
    row = (1 - y / aspect[1]) * (height / 2)
    left = (column.amin(-1).floor() - grow).clamp(0, width).long()
    right = (column.amax(-1).ceil() + grow).clamp(0, width).long()
    top = (row.amin(-1).floor() - grow).clamp(0, height).long()
    bottom = (row.amax(-1).ceil() + grow).clamp(0, height).long()
    wide, tall = int((right - left).max()), int((bottom - top).max())
    return left.clamp(max=max(0, width - wide)), top.clamp(max=max(0, height - tall)), max(wide, 0), max(tall, 0)


def rays(shot: Shot, pose: Pose, points: Tensor, frames: int, height: int, width: int):
    """Rays of the pixels that bound `points` [A, F, P, 3]: rays [A, F, h, w] and their pixels in B·F·H·W."""
    corner = shot.corner.take(pose.rows)
    x, y, _ = corner.project(points)
    left, top, wide, tall = rectangle(x, y, corner.aspect, height, width)
    if wide == 0 or tall == 0:
        return None
    device = shot.device
    left, top = left.to(device), top.to(device)
    rows = pose.rows.to(device)
    column = left[..., None, None] + torch.arange(wide, device=device)  # [A, F, 1, w]
    line = top[..., None, None] + torch.arange(tall, device=device)[:, None]  # [A, F, h, 1]
    track = shot.track.take(rows)
    px = ((column + 0.5) * (2 / width) - 1) * corner.aspect[0]
    py = (1 - (line + 0.5) * (2 / height)) * corner.aspect[1]
    direction = track.directions(px, py)  # three of [A, F, h, w]
    frame = torch.arange(frames, device=device)
    base = (rows[:, None] * frames + frame) * (height * width)  # [A, F]
    pixel = base[..., None, None] + line * width + column
    origin = tuple(track.position[..., axis, None, None].expand_as(direction[0]) for axis in range(3))
    of = (torch.arange(len(pose.actors), device=device)[:, None] * frames + frame)[..., None, None]
    return origin, direction, pixel, of.expand_as(pixel)


@dataclass
class Fragments:
    """What some actors put on the canvas: where, what light, how opaque, and above which others."""

    pixel: Tensor  # [N] index into B·F·H·W
    light: Tensor  # [3, N]
    opacity: Tensor  # [N]
    layer: Tensor  # [N]


def compose(canvas: Canvas, fragments: list[Fragments]) -> None:
    """Lay fragments over one another, the lowest layer first; within a layer no two share a pixel."""
    pixel = torch.cat([f.pixel for f in fragments])
    light = torch.cat([f.light for f in fragments], dim=1)
    opacity = torch.cat([f.opacity for f in fragments])
    layers = torch.cat([f.layer for f in fragments])
    for layer in (-3, -2, -1, 1, 2, 3):
        chosen = (layers == layer).nonzero()[:, 0]
        where, cover = pixel[chosen], opacity[chosen]
        canvas.light[:, where] = torch.lerp(canvas.light[:, where], light[:, chosen], cover)
        before = canvas.cover[where]
        canvas.cover[where] = before + (1 - before) * cover


def look_at(canvas: Canvas, shot: Shot, actors: list[Actor]) -> Fragments | None:
    """Trace and shade all actors of one product together, whatever their layers: few, large steps suit a GPU."""
    product = actors[0].product
    pose = Pose(actors, shot.device)
    found = rays(shot, pose, pose.corners(product.size), canvas.frames, canvas.height, canvas.width)
    if found is None:
        return None
    origin, direction, pixel, of = (
        tuple(v.reshape(-1) for v in part) if isinstance(part, tuple) else part.reshape(-1) for part in found
    )
    start, heading = pose.local(of, origin), pose.local(of, direction, True)
    scale = pose.on_device[5][of]
    near, far = enter(start, heading, product.size)
    keep = (near < far).nonzero()[:, 0]
    if keep.shape[0] == 0:
        return None
    start, heading = tuple(v[keep] for v in start), tuple(v[keep] for v in heading)
    near, far, of, pixel, scale = near[keep], far[keep], of[keep], pixel[keep], scale[keep]
    width_of_pixel = 2 * shot.track.aspect[1] / canvas.height / 3.732
    place, cover = march(product, start, heading, near, far, torch.full_like(near, width_of_pixel))
    keep = (cover > 0).nonzero()[:, 0]
    if keep.shape[0] == 0:
        return None
    place, cover, of, pixel = place[keep], cover[keep], of[keep], pixel[keep]
    heading = tuple(v[keep] for v in heading)
    x, y, z = (start[axis][keep] + heading[axis] * place for axis in range(3))
    colour, opacity = _look(shot, pose, product, (x, y, z), heading, of)
    opacity = opacity * cover
    actor = torch.div(of, canvas.frames, rounding_mode="floor")
    layer = torch.tensor([a.layer for a in actors], device=shot.device)[actor]
    if any(a.mirror for a in actors):
        gloss = shot.gloss[pose.rows.to(shot.device)][actor] * step(1.1, 0.0, y + pose.on_device[3][of])
        opacity = torch.where(layer < 0, opacity * gloss, opacity)  # images in the floor are faint
    return Fragments(pixel, colour, opacity, layer)


def _look(shot: Shot, pose: Pose, product, point: tuple, heading: tuple, of: Tensor) -> tuple[Tensor, Tensor]:
    """Light [3, N] and opacity [N] of the product's points, in its own frame."""
    x, y, z = point
    device = x.device
    frames = pose.table.shape[2]
    actor = torch.div(of, frames, rounding_mode="floor")  # [N]
    row = pose.rows.to(device)[actor]
    part = torch.stack(product.distance(x, y, z)).argmin(0)  # [N]
    main = torch.tensor([linear(a.colour) for a in pose.actors], device=device)  # [A, 3]
    accent = torch.tensor([_accent(linear(a.colour)) for a in pose.actors], device=device)
    surface = _surface(product, x, y, z, part, main[actor].T, accent[actor].T)
    gilded = torch.tensor([0.7 * float(a.colour == COLOURS["gold"]) for a in pose.actors], device=device)[actor]  # [N]
    if product.paint is not None:
        product.paint(surface)
    rough, metal, clear = (
        torch.tensor([getattr(p, name) for p in product.parts], device=device)[part]
        for name in ("rough", "metal", "clear")
    )
    of_colour = torch.tensor([float(p.colour == "main") for p in product.parts], device=device)[part]
    metal = torch.maximum(metal, gilded * of_colour)  # gold is a metal, not a yellow
    rough = torch.lerp(rough, torch.full_like(rough, 0.28), gilded * of_colour)
    towards = normal(product, x, y, z)
    table = {
        name: getattr(shot.lights, name)[row].T
        for name in ("key_direction", "key", "second_direction", "second", "ambient")
    }
    for name in ("key_direction", "second_direction"):  # into the product's frame: only the yaw matters
        cosine, sine = pose.on_device[0][of], pose.on_device[1][of]
        d = table[name]
        table[name] = torch.stack([d[0] * cosine - d[2] * sine, d[1], d[0] * sine + d[2] * cosine])
    reach = 0.22
    around = product.distance(x + towards[0] * reach, y + towards[1] * reach, z + towards[2] * reach)
    gap = around[0]
    for other in around[1:]:
        gap = torch.minimum(gap, other)
    occlusion = (0.35 + 0.65 * gap.clamp(min=0) / reach).clamp(0.0, 1.0)
    occlusion = occlusion * (0.55 + 0.45 * step(-0.05, 0.35, y))  # the ground takes light from below
    lit = shadow(
        product,
        x + towards[0] * 0.03,
        y + towards[1] * 0.03,
        z + towards[2] * 0.03,
        table["key_direction"],
        steps=5,
        reach=1.0,
    )
    if pose.actors[0].footprint is not None:
        lit, occlusion = _contact(pose, actor, of, x, y, z, towards, table["key_direction"], lit, occlusion)
    return shade(
        surface.albedo,
        towards,
        heading,
        rough,
        metal,
        clear,
        surface.glow,
        occlusion,
        lit,
        table,
        shot.room[row].permute(1, 2, 0),
    )


def _contact(pose: Pose, actor: Tensor, of: Tensor, x, y, z, towards, key, lit, occlusion):
    """The soft shadow of what stands on a podium, on the podium's top."""
    size = torch.tensor([[a.footprint[0] / a.scale, a.footprint[1] / a.scale] for a in pose.actors], device=x.device)[
        actor
    ]
    top = step(0.5, 0.9, towards[1])
    near = ((x / size[:, 0]) ** 2 + (z / size[:, 1]) ** 2).sqrt()  # the product's yaw differs, so this is an ellipse
    occlusion = occlusion * (1 - 0.55 * top * step(1.35, 0.7, near))
    cast = (((x + key[0] * 0.5) / size[:, 0]) ** 2 + ((z + key[2] * 0.5) / size[:, 1]) ** 2).sqrt()
    return lit * (1 - 0.7 * top * step(1.3, 0.6, cast)), occlusion


def _accent(main: tuple[float, float, float]) -> tuple[float, float, float]:
    """White on most colours, a dark ink on the light ones."""
    brightness = 0.3 * main[0] + 0.6 * main[1] + 0.1 * main[2]
    return linear("#f7f5f0") if brightness < 0.48 else linear("#2b2f3a")


def _surface(product, x, y, z, part, main, accent) -> Surface:
    words = []
    device = x.device
    glow = torch.tensor([p.glow for p in product.parts], device=device)[part]
    tint = torch.tensor([p.tint for p in product.parts], device=device)[part]
    for p in product.parts:
        words.append((0.0, 0.0, 0.0) if p.colour in ("main", "accent") else linear(p.colour))
    own = torch.tensor(words, device=device).T[:, part]  # [3, N]
    is_main = torch.tensor([float(p.colour == "main") for p in product.parts], device=device)[part]
    is_accent = torch.tensor([float(p.colour == "accent") for p in product.parts], device=device)[part]
    albedo = (own + main * is_main + accent * is_accent) * tint
    return Surface(x, y, z, part, albedo, glow, main, accent)


def ground_shadow(shot: Shot, actors: list[Actor], shade_: Tensor, frames: int, height: int, width: int) -> None:
    """Darken `shade_` [2, B·F·H·W] (key's light, ambient light) on the floor around actors of one product."""
    product = actors[0].product
    pose = Pose(actors, shot.device)
    reach = 1.1
    size = (product.size[0] + reach, 0.0, product.size[2] + reach)
    points = pose.corners(size)
    points[..., 1] = 0.0
    found = rays(shot, pose, points, frames, height, width)
    if found is None:
        return
    origin, direction, pixel, of = (
        tuple(v.reshape(-1) for v in part) if isinstance(part, tuple) else part.reshape(-1) for part in found
    )
    keep = (direction[1] < -0.01).nonzero()[:, 0]
    if keep.shape[0] == 0:
        return
    pixel, of = pixel[keep], of[keep]
    t = -origin[1][keep] / direction[1][keep]
    floor = (origin[0][keep] + direction[0][keep] * t, torch.zeros_like(t), origin[2][keep] + direction[2][keep] * t)
    x, y, z = pose.local(of, floor)
    inside = ((x.abs() < size[0]) & (z.abs() < size[2])).nonzero()[:, 0]
    if inside.shape[0] == 0:
        return
    x, y, z, of, pixel = x[inside], y[inside], z[inside], of[inside], pixel[inside]
    row = pose.rows.to(shot.device)[torch.div(of, frames, rounding_mode="floor")]
    key = shot.lights.key_direction[row].T
    cosine, sine = pose.on_device[0][of], pose.on_device[1][of]
    key = (key[0] * cosine - key[2] * sine, key[1], key[0] * sine + key[2] * cosine)
    fade = step(reach, reach * 0.4, torch.maximum(x.abs() - product.size[0], z.abs() - product.size[2]))
    lit = shadow(product, x, y + 0.01, z, key, start=0.05, steps=9, reach=2.4, soft=4.0)
    shade_[0, pixel] = shade_[0, pixel] * (1 - (1 - lit) * fade)
    parts = product.distance(x, y + 0.06, z)
    gap = parts[0]
    for other in parts[1:]:
        gap = torch.minimum(gap, other)
    open_ = (0.25 + 0.75 * (gap.clamp(min=0) / 0.42).sqrt()).clamp(max=1.0)
    shade_[1, pixel] = shade_[1, pixel] * (1 - (1 - open_) * fade)
