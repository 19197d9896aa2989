"""Where rays meet a product: sphere tracing inside its bounds, with soft edges, normals and shadows."""

import torch

from .products import Product

Tensor = torch.Tensor


def enter(
    origin: tuple, direction: tuple, size: tuple[float, float, float], margin: float = 0.02
) -> tuple[Tensor, Tensor]:
    """Where rays enter and leave the bounds of a product; they miss where the first exceeds the second."""
    low = (-size[0] - margin, -margin, -size[2] - margin)
    high = (size[0] + margin, size[1] + margin, size[2] + margin)
    near = far = None
    for o, d, lo, hi in zip(origin, direction, low, high):
        inverse = 1.0 / torch.where(d.abs() < 1e-6, torch.full_like(d, 1e-6), d)
        first, second = (lo - o) * inverse, (hi - o) * inverse
        start, end = torch.minimum(first, second), torch.maximum(first, second)
        near = start if near is None else torch.maximum(near, start)
        far = end if far is None else torch.minimum(far, end)
    return near.clamp(min=0.05), far


def nearest(product: Product, x: Tensor, y: Tensor, z: Tensor) -> Tensor:
    parts = product.distance(x, y, z)
    distance = parts[0]
    for part in parts[1:]:
        distance = torch.minimum(distance, part)
    return distance


def march(
    product: Product, origin: tuple, direction: tuple, near: Tensor, far: Tensor, pixel: Tensor, steps: int = 26
) -> tuple[Tensor, Tensor]:
    """The distance along each ray to the product, and how much of its pixel the product covers, [N] each.

    A ray that passes within a pixel of the surface counts in part, which smooths outlines without more rays.
    """
    count = near.shape[0]
    best = torch.full_like(near, 1e9)  # the closest approach, in pixels
    place = near.clone()
    rows = torch.arange(count, device=near.device)
    ox, oy, oz = origin
    dx, dy, dz = direction
    t = near
    end, px = far, pixel
    closest, where = best, place
    for index in range(steps):
        distance = nearest(product, torch.addcmul(ox, dx, t), torch.addcmul(oy, dy, t), torch.addcmul(oz, dz, t))
        ratio = distance / (px * t)
        better = ratio < closest
        closest = torch.where(better, ratio, closest)
        where = torch.where(better, t, where)
        t = t + distance.clamp(min=0.0) * 0.96
        if index % 4 == 3 or index == steps - 1:
            best[rows] = closest
            place[rows] = where
            going = (ratio > 0.2) & (t < end)
            keep = going.nonzero()[:, 0]
            if keep.shape[0] == 0:
                break
            if index < steps - 1:
                rows = rows[keep]
                ox, oy, oz, dx, dy, dz = (v[keep] for v in (ox, oy, oz, dx, dy, dz))
                t, end, px, closest, where = (v[keep] for v in (t, end, px, closest, where))
    cover = (1.2 - best).clamp_(0.0, 1.0)
    return place, cover


def normal(product: Product, x: Tensor, y: Tensor, z: Tensor, width: float = 0.012) -> tuple[Tensor, Tensor, Tensor]:
    """The outward normal by four samples at a tetrahedron's corners, evaluated in one call."""
    corners = ((1, -1, -1), (-1, -1, 1), (-1, 1, -1), (1, 1, 1))
    many = nearest(
        product,
        torch.cat([x + c[0] * width for c in corners]),
        torch.cat([y + c[1] * width for c in corners]),
        torch.cat([z + c[2] * width for c in corners]),
    ).reshape(4, -1)
    nx = many[0] - many[1] - many[2] + many[3]
    ny = -many[0] - many[1] + many[2] + many[3]
    nz = -many[0] + many[1] - many[2] + many[3]
    scale = (nx * nx + ny * ny + nz * nz).add_(1e-12).rsqrt_()
    return nx * scale, ny * scale, nz * scale


def shadow(
    product: Product,
    x: Tensor,
    y: Tensor,
    z: Tensor,
    direction: tuple,
    start: float = 0.06,
    steps: int = 7,
    reach: float = 1.6,
    soft: float = 5.0,
) -> Tensor:
    """How much of a lamp is seen from points, 0…1: the narrowest gap on the way decides."""
    light = torch.ones_like(x)
    t = torch.full_like(x, start)
    for _ in range(steps):
        distance = nearest(product, x + direction[0] * t, y + direction[1] * t, z + direction[2] * t)
        light = torch.minimum(light, (0.5 + 0.5 * soft * distance / t).clamp(0.0, 1.0))
        t = t + distance.clamp(0.03, reach / steps * 1.6)
    return light * light * (3 - 2 * light)
