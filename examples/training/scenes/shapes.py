"""Signed distances to simple solids, in separate x, y, z tensors of one shape."""

import math

import torch

Tensor = torch.Tensor


def length(*parts: Tensor) -> Tensor:
    total = parts[0] * parts[0]
    for part in parts[1:]:
        total = torch.addcmul(total, part, part)
    return total.add_(1e-9).sqrt_()


def smooth_union(a: Tensor, b: Tensor, width: float) -> Tensor:
    blend = (0.5 + 0.5 / width * (b - a)).clamp_(0.0, 1.0)
    return torch.lerp(b, a, blend) - width * blend * (1.0 - blend)


def smooth_cut(a: Tensor, b: Tensor, width: float) -> Tensor:
    """What of `a` lies inside `b`, its new edges rounded over `width`."""
    return -smooth_union(-a, -b, width)


def union(*distances: Tensor) -> Tensor:
    result = distances[0]
    for distance in distances[1:]:
        result = torch.minimum(result, distance)
    return result


def sphere(x, y, z, radius: float) -> Tensor:
    return length(x, y, z) - radius


def ellipsoid(x, y, z, rx: float, ry: float, rz: float) -> Tensor:
    first = length(x / rx, y / ry, z / rz)
    second = length(x / (rx * rx), y / (ry * ry), z / (rz * rz))
    return first * (first - 1.0) / second


def box(x, y, z, hx: float, hy: float, hz: float, rounding: float = 0.02) -> Tensor:
    qx, qy, qz = x.abs() - (hx - rounding), y.abs() - (hy - rounding), z.abs() - (hz - rounding)
    outside = length(qx.clamp(min=0), qy.clamp(min=0), qz.clamp(min=0))
    inside = torch.maximum(torch.maximum(qx, qy), qz).clamp_(max=0)
    return outside + inside - rounding


def extrude(flat: Tensor, z: Tensor, half: float, rounding: float = 0.02) -> Tensor:
    """A flat distance in x, y given thickness along z."""
    qx, qz = flat + rounding, z.abs() - (half - rounding)
    return length(qx.clamp(min=0), qz.clamp(min=0)) + torch.maximum(qx, qz).clamp_(max=0) - rounding


def cylinder(x, y, z, radius: float, low: float, high: float, rounding: float = 0.02) -> Tensor:
    """Along y from `low` to `high`."""
    return extrude(length(x, z) - radius, y - (low + high) / 2, (high - low) / 2, rounding)


def turned(
    radial: Tensor, y: Tensor, radius: Tensor, low: float, high: float, rounding: float = 0.03, slope: float = 0.75
) -> Tensor:
    """A surface of revolution whose radius is a function of y; `slope` shortens steps where it is steep."""
    side = (radial - radius) * slope
    return smooth_cut(side, (y - (low + high) / 2).abs() - (high - low) / 2, rounding)


def cone(x, y, z, bottom: float, top: float, low: float, high: float, rounding: float = 0.02) -> Tensor:
    slope = (top - bottom) / (high - low)
    radius = bottom + slope * (y - low)
    side = (length(x, z) - radius) * (1.0 / math.sqrt(1 + slope * slope))
    return smooth_cut(side, (y - (low + high) / 2).abs() - (high - low) / 2, rounding)


def capsule(x, y, z, a: tuple, b: tuple, radius: float, end_radius: float | None = None) -> Tensor:
    bx, by, bz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    px, py, pz = x - a[0], y - a[1], z - a[2]
    along = ((px * bx + py * by + pz * bz) * (1.0 / (bx * bx + by * by + bz * bz))).clamp_(0.0, 1.0)
    distance = length(px - along * bx, py - along * by, pz - along * bz)
    if end_radius is None:
        return distance - radius
    return distance - (radius + (end_radius - radius) * along)


def torus(x, y, z, ring: float, tube: float) -> Tensor:
    """Around the z axis: a ring seen from the front."""
    return length(length(x, y) - ring, z) - tube


def flat_box(x, y, hx: float, hy: float, rounding: float = 0.0) -> Tensor:
    qx, qy = x.abs() - (hx - rounding), y.abs() - (hy - rounding)
    return length(qx.clamp(min=0), qy.clamp(min=0)) + torch.maximum(qx, qy).clamp_(max=0) - rounding


def turn(a: Tensor, b: Tensor, degrees: float) -> tuple[Tensor, Tensor]:
    """The plane (a, b) turned, so that a solid drawn in the result leans by `degrees`."""
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return a * cosine + b * sine, b * cosine - a * sine


__all__ = [name for name in dir() if not name.startswith("_") and name not in ("torch", "math")]
