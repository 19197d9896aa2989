"""Where in the frame the products are: what a training should look at most."""

import torch

from .camera import film
from .draw import Pose
from .scene import Scene
from .staging import stage

Tensor = torch.Tensor
PRODUCT_LAYERS = (2, 3)


def presence(scenes: list[Scene], moments: Tensor, height: int, width: int, rows: int, columns: int) -> Tensor:
    """How much of each cell of a grid over the frame lies within a product's bounds: 0…1, [B, F, rows, columns].

    The frame has `height` and `width` pixels; `moments` [B, F] are the times of the frames, as for `render`.
    """
    staging = stage(scenes, moments.tolist(), [0.0] * len(scenes))
    track = film(scenes, staging.extents, moments, height, width)
    found = torch.zeros(len(scenes), moments.shape[1], rows, columns)
    for actor in staging.actors:
        if actor.layer not in PRODUCT_LAYERS:
            continue
        pose = Pose([actor], "cpu")
        x, y, _ = track.take(pose.rows).project(pose.corners(actor.product.size))  # [1, F, 8], ±1 on the shorter side
        across = _covered((x[0] / track.aspect[0] + 1) / 2, columns)  # [F, columns]
        down = _covered((1 - y[0] / track.aspect[1]) / 2, rows)  # [F, rows]
        found[actor.row] = torch.maximum(found[actor.row], down[:, :, None] * across[:, None, :])
    return found


def _covered(places: Tensor, cells: int) -> Tensor:
    """How much of each cell of 0…1 lies between the least and the greatest of `places`, [F, P]: [F, cells]."""
    edges = torch.arange(cells + 1) / cells
    first, last = places.amin(-1, keepdim=True), places.amax(-1, keepdim=True)  # [F, 1]
    return ((torch.minimum(edges[1:], last) - torch.maximum(edges[:-1], first)) * cells).clamp(0, 1)
