"""How a surface answers the lights: matte, gloss, metal and glass, with a studio's reflections."""

import torch

from .fields import step

Tensor = torch.Tensor


def surroundings(x: Tensor, y: Tensor, z: Tensor, room: Tensor, key: Tensor, key_direction: Tensor) -> Tensor:
    """What a mirror turned to (x, y, z) would show: floor, horizon, sky, a soft box and two strip lights. [3, N].

    `room` [3, 3, N] holds the colours of floor, horizon and sky; `key` [3, N] the soft box's.
    """
    lower = step(-0.35, 0.02, y)  # [N]
    upper = step(0.0, 0.75, y)  # [N]
    seen = torch.lerp(torch.lerp(room[0], room[1], lower), room[2], upper)  # [3, N]
    toward = x * key_direction[0] + y * key_direction[1] + z * key_direction[2]  # [N]
    boxed = step(0.80, 0.90, toward) * 1.6
    flat = (x * x + z * z).add_(1e-6).rsqrt_() * x  # sideways, whatever the height: strips run upright
    strips = step(0.12, 0.04, (flat - 0.78).abs()) + step(0.10, 0.04, (flat + 0.84).abs())
    strips = strips * step(-0.5, -0.1, y) * step(0.85, 0.6, y) * 0.8
    return seen + (boxed + strips) * (key * 0.8 + 0.12)


def shade(
    albedo: Tensor,
    normal: tuple,
    view: tuple,
    rough: Tensor,
    metal: Tensor,
    clear: Tensor,
    glow: Tensor,
    occlusion: Tensor,
    shadow: Tensor,
    lights: dict,
    room: Tensor,
) -> tuple[Tensor, Tensor]:
    """Light [3, N] and opacity [N] of surface points; `view` runs from the camera to them."""
    nx, ny, nz = normal
    vx, vy, vz = view
    facing = -(nx * vx + ny * vy + nz * vz)  # [N]
    facing = facing.clamp(0.0, 1.0)
    rx, ry, rz = vx + 2 * facing * nx, vy + 2 * facing * ny, vz + 2 * facing * nz
    kd, sd = lights["key_direction"], lights["second_direction"]  # [3, N]
    key = nx * kd[0] + ny * kd[1] + nz * kd[2]
    key = ((key + 0.15) * (1 / 1.15)).clamp(min=0) * shadow  # [N] wrapped a little, as from a large lamp
    second = (nx * sd[0] + ny * sd[1] + nz * sd[2]).clamp(min=0)
    sky = (0.5 + 0.5 * ny) * occlusion
    hemisphere = torch.lerp(room[0], room[2], 0.5 + 0.5 * ny)  # [3, N]
    ambient = lights["ambient"] * (0.55 + 0.55 * sky) * occlusion + hemisphere * (0.16 * occlusion)
    diffuse = ambient + lights["key"] * key + lights["second"] * second  # [3, N]
    fresnel = (1.0 - facing) ** 4 * (1.0 - 0.85 * rough)  # [N]
    base = torch.lerp(torch.full_like(albedo, 0.04), albedo, metal)
    mirror = surroundings(rx, ry, rz, room, lights["key"], kd)
    dull = lights["ambient"] + 0.25 * lights["key"]
    mirror = torch.lerp(mirror, dull, (rough * 1.15).clamp(max=1.0)) * (0.35 + 0.65 * occlusion)
    reflect = base + (1.0 - base) * (fresnel * 0.75)  # [3, N]
    gleam = 0.0
    sharp = 8.0 + 120.0 * (1.0 - rough) ** 3  # [N]
    strength = (1.0 - rough) * 0.9 + 0.03
    for direction, lamp, seen in ((kd, lights["key"], shadow), (sd, lights["second"], None)):
        toward = (rx * direction[0] + ry * direction[1] + rz * direction[2]).clamp(min=1e-3)
        spot = torch.exp2(torch.log2(toward) * sharp) * strength
        gleam = gleam + lamp * (spot if seen is None else spot * seen)
    tinted = torch.lerp(torch.ones_like(albedo), albedo, metal)
    colour = albedo * (diffuse * (1.0 - 0.75 * metal) * (1.0 - 0.5 * clear)) + mirror * reflect
    colour = colour + gleam * tinted * 0.55 + albedo * glow
    opacity = 1.0 - clear * (1.0 - fresnel) * (0.55 + 0.45 * facing)
    return colour, opacity
