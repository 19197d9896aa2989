"""Pictures of scenes: backdrop at half size (it is out of focus anyway), floor, shadows, solids, particles, grade."""

import torch
import torch.nn.functional as functional

from .backdrops import PLACES, View
from .camera import film, uniform
from .draw import Canvas, Shot, compose, ground_shadow, look_at
from .effects import add_effects
from .fields import linear, step
from .lights import light
from .scene import Scene
from .staging import stage
from .vocabulary import COLOURS

Tensor = torch.Tensor
PIXELS_AT_ONCE = {"cpu": 4_000_000, "cuda": 240_000_000}  # what one pass may hold, in pixels of the finer size


@torch.no_grad()
def render(
    scenes: list[Scene],
    frames: int,
    height: int,
    width: int,
    device="cpu",
    supersample: int = 2,
    moments: Tensor | None = None,
) -> Tensor:
    """The scenes as films: [B, F, H, W, 3] in 0…1, sRGB. `moments` [B, F] picks other times than an even spread."""
    device = torch.device(device)
    if moments is None:
        moments = (
            torch.linspace(0, 1, frames).expand(len(scenes), frames)
            if frames > 1
            else torch.full((len(scenes), 1), 0.5)
        )
    moments = moments.to("cpu", torch.float32)
    budget = PIXELS_AT_ONCE.get(device.type, PIXELS_AT_ONCE["cpu"])
    each = max(1, budget // (frames * height * width * supersample * supersample))
    parts = []
    for start in range(0, len(scenes), each):
        parts.append(
            _pass(scenes[start : start + each], moments[start : start + each], height, width, device, supersample)
        )
    return torch.cat(parts)


def _pass(scenes: list[Scene], moments: Tensor, height: int, width: int, device, supersample: int) -> Tensor:
    batch, frames = moments.shape
    gloss = [PLACES[scene.backdrop].gloss for scene in scenes]
    staging = stage(scenes, moments.tolist(), gloss)
    corner = film(scenes, staging.extents, moments, height, width)
    room = torch.tensor([_room(scene) for scene in scenes])  # [B, 3, 3]
    shot = Shot(
        corner.to(device),
        corner,
        light([scene.light for scene in scenes]).to(device),
        room.to(device),
        torch.tensor(gloss).to(device),
        device,
    )
    far, floor = _backdrop(scenes, moments, shot, height, width)
    _cast(staging, shot, far, floor, height, width)
    size = (height * supersample, width * supersample)
    canvas = Canvas(
        torch.zeros(3, batch * frames * size[0] * size[1], device=device),
        torch.zeros(batch * frames * size[0] * size[1], device=device),
        frames,
        *size,
    )
    groups: dict = {}
    for actor in staging.actors:
        groups.setdefault(actor.product.name, []).append(actor)
    fragments = [look_at(canvas, shot, actors) for actors in groups.values()]
    fragments = [found for found in fragments if found is not None]
    if fragments:
        compose(canvas, fragments)
    solid = canvas.light.reshape(3, batch * frames, *size)
    cover = canvas.cover.reshape(1, batch * frames, *size)
    if supersample > 1:
        solid, cover = functional.avg_pool2d(solid, supersample), functional.avg_pool2d(cover, supersample)
    picture = far.reshape(3, batch * frames, height, width) * (1 - cover) + solid
    picture = picture.reshape(3, batch, frames, height, width)
    picture = add_effects(picture, scenes, staging, shot, moments)
    return _develop(picture)


def _room(scene: Scene) -> list:
    words = PLACES[scene.backdrop].room
    if scene.backdrop_colour is None:
        return [linear(word) for word in words]
    paper = linear(COLOURS[scene.backdrop_colour])
    return [[0.75 * c for c in paper], [0.25 + 0.6 * c for c in paper], [0.5 + 0.5 * c for c in paper]]


def _backdrop(scenes: list[Scene], moments: Tensor, shot: Shot, height: int, width: int) -> tuple[Tensor, Tensor]:
    """The backdrop with its floor, unshaded, [3, B, F, H, W], and where the floor is, [B, F, H, W]."""
    batch, frames = moments.shape
    device = shot.device
    picture = torch.empty(3, batch, frames, height, width, device=device)
    floor = torch.empty(batch, frames, height, width, device=device)
    groups: dict[str, list[int]] = {}
    for row, scene in enumerate(scenes):
        groups.setdefault(scene.backdrop, []).append(row)
    for name, rows in groups.items():
        index = torch.tensor(rows, device=device)
        track = shot.track.take(index)
        seed = torch.tensor([uniform(scenes[row], 50) for row in rows], device=device).reshape(-1, 1, 1, 1)
        time = moments[rows].to(device)[..., None, None]
        studio = torch.tensor([linear(COLOURS[scenes[row].backdrop_colour or "white"]) for row in rows], device=device)
        studio = studio.T.reshape(3, -1, 1, 1, 1)
        half = (max(1, height // 2), max(1, width // 2))
        view = View(track.position, _grid(track, *half), seed, time, studio)
        far = PLACES[name].far(view).expand(3, len(rows), frames, *half)
        far = far.reshape(3, -1, *half)
        far = functional.pad(far, (1, 1, 1, 1), mode="replicate")
        far = functional.avg_pool2d(functional.avg_pool2d(far, 2, 1), 2, 1)  # depth of field: a round 3×3 blur
        far = functional.interpolate(far, size=(height, width), mode="bilinear", align_corners=False)
        far = far.reshape(3, len(rows), frames, height, width)
        view = View(track.position, _grid(track, height, width), seed, time, studio)
        picture[:, index], floor[index] = _with_ground(PLACES[name], view, far)
    return picture, floor


def _grid(track, height: int, width: int) -> tuple:
    device = track.position.device
    x = ((torch.arange(width, device=device) + 0.5) * (2 / width) - 1) * track.aspect[0]
    y = (1 - (torch.arange(height, device=device) + 0.5) * (2 / height)) * track.aspect[1]
    return track.directions(x.reshape(1, 1, 1, -1), y.reshape(1, 1, -1, 1))


def _with_ground(place, view: View, far: Tensor) -> tuple[Tensor, Tensor]:
    t = view.oy / (-view.dy).clamp(min=1e-3)
    x, z = view.ox + view.dx * t, view.oz + view.dz * t
    away = (x * x + z * z).sqrt()
    # Towards the camera the ground goes on for ever: a table's near edge would be out of every good frame.
    flat = (view.ox * view.ox + view.oz * view.oz).clamp(min=1e-4).rsqrt()
    before = (x * view.ox + z * view.oz) * flat
    edge = (away * away - before.clamp(min=0) ** 2).clamp(min=0).sqrt()
    mask = step(place.radius * (1 + place.soft), place.radius * (1 - place.soft), edge)
    mask = mask * (view.dy < -1e-3)
    x, z = x.clamp(-60, 60), z.clamp(-60, 60)
    return torch.lerp(far, place.ground(view, x, z, away.clamp(max=80)), mask), mask


def _cast(staging, shot: Shot, picture: Tensor, floor: Tensor, height: int, width: int) -> None:
    """Give the backdrop the shot's light and the solids' shadows, in place."""
    _, batch, frames, _, _ = picture.shape
    half = (max(1, height // 2), max(1, width // 2))  # shadows are soft
    shade = torch.ones(2, batch * frames * half[0] * half[1], device=shot.device)
    groups: dict = {}
    for actor in staging.actors:
        if actor.shadow:
            groups.setdefault((actor.product.name, actor.layer), []).append(actor)
    for actors in groups.values():
        ground_shadow(shot, actors, shade, frames, *half)
    shade = functional.interpolate(shade.reshape(2, batch * frames, *half), size=(height, width), mode="bilinear")
    shade = shade.reshape(2, batch, frames, height, width)
    depth = shot.lights.shadow.reshape(-1, 1, 1, 1)
    dark = (1 - depth * (1 - shade[0])) * (0.35 + 0.65 * shade[1])
    picture *= torch.lerp(torch.ones_like(dark), dark, floor)
    # Lamps at either side of the frame show on the backdrop too.
    left, right = (gain.T.reshape(3, -1, 1, 1, 1) for gain in (shot.lights.gain, shot.lights.gain_right))
    across = step(-1.1, 1.1, torch.linspace(-1, 1, width, device=shot.device))
    picture *= torch.lerp(left, right, across)


def _develop(picture: Tensor) -> Tensor:
    """Vignette, a soft shoulder, and the display curve: [3, B, F, H, W] to [B, F, H, W, 3]."""
    height, width = picture.shape[-2:]
    y = torch.linspace(-1, 1, height, device=picture.device)[:, None]
    x = torch.linspace(-1, 1, width, device=picture.device)
    picture = picture * (1 - 0.16 * (x * x + y * y) * (x * x + y * y) * 0.5)
    bright = (picture - 0.7).clamp(min=0)
    picture = picture.clamp(min=0, max=0.7) + 0.3 * bright / (bright + 0.45)
    return picture.clamp(0, 1).sqrt().permute(1, 2, 3, 4, 0).contiguous()
