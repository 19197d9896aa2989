"""Which solids a scene holds and how each moves: the product, its podium, a second product."""

import math
from dataclasses import dataclass, field

import torch

from .camera import uniform
from .podiums import PODIUMS
from .products import PRODUCTS, Product
from .scene import Scene
from .vocabulary import COLOURS

Tensor = torch.Tensor


@dataclass
class Actor:
    """A solid in a scene over its moments. Actors of one product and layer are drawn together."""

    product: Product
    row: int  # which scene of the batch
    layer: int  # painted from the lowest up: floor images -3…-1, podium 1, second product 2, product 3
    yaw: list[float]  # [F] radians
    lift: list[float]  # [F] height of its feet
    x: float
    z: float
    scale: float
    colour: str
    mirror: bool = False  # its image in a shining floor
    footprint: tuple[float, float] | None = None  # of what stands on it, for a contact shadow
    shadow: bool = True


@dataclass
class Staging:
    actors: list[Actor] = field(default_factory=list)
    extents: list[tuple[float, float, float]] = field(default_factory=list)  # half-width, base, top for the camera
    tops: list[float] = field(default_factory=list)  # where the product's feet rest
    scales: list[float] = field(default_factory=list)  # of the product


def natural_scale(product: Product) -> float:
    """Brings every product to one size, so that backdrops keep theirs."""
    return 1.6 / max(product.size[1], 1.7 * _half_width(product))


def fall(moment: float, height: float) -> float:
    """The height of something dropped from `height`, with two bounces, at rest after 0.82 of the shot.

    It starts within the frame, so that every moment of the shot shows what the caption names.
    """
    for start, end, peak in ((-0.38, 0.38, 1.0), (0.38, 0.66, 0.30), (0.66, 0.82, 0.08)):
        if moment <= end:
            middle, half = (start + end) / 2, (end - start) / 2
            return height * peak * max(0.0, 1.0 - ((moment - middle) / half) ** 2)
    return 0.0


def stage(scenes: list[Scene], moments: list[list[float]], gloss: list[float]) -> Staging:
    """The actors of a batch; `gloss` tells how much each scene's floor mirrors."""
    staging = Staging()
    for row, (scene, times) in enumerate(zip(scenes, moments)):
        product = PRODUCTS[scene.product]
        still = [0.0] * len(times)
        own = natural_scale(product)
        base, width, tall = 0.0, _half_width(product) * own, product.size[1] * own
        if scene.podium != "none":
            podium = PODIUMS[scene.podium]
            scale = own * max(product.size[0], product.size[2]) * (1.3 if scene.podium != "plinth" else 1.15)
            scale = min(max(scale, 0.45), 1.0)
            base = podium.size[1] * scale - (0.02 if scene.podium == "stone" else 0.0)
            turn = math.radians(uniform(scene, 40) * 60)
            footprint = (product.size[0] * own, product.size[2] * own)
            actor = Actor(
                podium, row, 1, [turn] * len(times), still, 0.0, 0.0, scale, COLOURS[scene.colour], footprint=footprint
            )
            staging.actors.append(actor)
            if gloss[row] > 0:
                staging.actors.append(_image(actor))
        actor = _actor(scene, product, row, 3, times, base, 0.0, 0.0, scene.colour, 20, own)
        extent = (width, base * 0.35, base + tall)
        if scene.second_product is not None:
            other = PRODUCTS[scene.second_product]
            scale = natural_scale(other) * 0.85
            gap = (width + _half_width(other) * scale) * 0.52
            side = 1.0 if uniform(scene, 41) < 0.5 else -1.0
            actor.x, second_x = -side * gap, side * gap
            staging.actors.append(
                _actor(scene, other, row, 2, times, 0.0, second_x, -0.3, scene.second_colour, 30, scale)
            )
            if gloss[row] > 0:
                staging.actors.append(_image(staging.actors[-1]))
            top = max(tall, other.size[1] * scale)
            extent = (gap + max(width, _half_width(other) * scale), 0.0, top)
        staging.actors.append(actor)
        if gloss[row] > 0 and scene.podium == "none":
            staging.actors.append(_image(actor))
        staging.extents.append(extent)
        staging.tops.append(base)
        staging.scales.append(own)
    return staging


def _half_width(product: Product) -> float:
    yaw = math.radians(product.yaw)
    return min(abs(math.cos(yaw)) * product.size[0] + 0.6 * abs(math.sin(yaw)) * product.size[2], 1.1)


def _actor(scene, product, row, layer, times, base, x, z, colour, salt, scale=1.0) -> Actor:
    yaw = math.radians(product.yaw + 20 * (uniform(scene, salt) - 0.5))
    yaws, lifts = [yaw] * len(times), [base] * len(times)
    if scene.motion == "spinning":
        turns = (0.75 + 0.35 * uniform(scene, salt + 1)) * 2 * math.pi * (1 if uniform(scene, salt + 2) < 0.5 else -1)
        yaws = [yaw + turns * (time - 0.5) for time in times]
    if scene.motion == "dropping":
        height = 0.8 * (1.1 + 0.4 * uniform(scene, salt + 1))
        lifts = [base + fall(time, height) for time in times]
        yaws = [yaw + 0.5 * max(0.0, 0.6 - time) for time in times]
    return Actor(product, row, layer, yaws, lifts, x, z, scale, COLOURS[colour])


def _image(actor: Actor) -> Actor:
    return Actor(
        actor.product,
        actor.row,
        actor.layer - 4,
        actor.yaw,
        actor.lift,
        actor.x,
        actor.z,
        actor.scale,
        actor.colour,
        mirror=True,
        footprint=actor.footprint,
        shadow=False,
    )
