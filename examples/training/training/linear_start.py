"""Starts an upscaler as the best linear filter, so that training begins where Lanczos is already passed."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

REACH = 2  # pixels to each side that the filter sees: 5×5


def fit(small: Tensor, large: Tensor, factor: int) -> Tensor:
    """Least squares over all pixels: [factor², 5, 5] for what nearest-neighbour upscaling lacks, of [B, 3, h, w]."""
    side = 2 * REACH + 1
    flat = small.flatten(0, 1)[:, None]  # [3B, 1, h, w]
    seen = F.unfold(F.pad(flat, (REACH,) * 4, mode="replicate"), side)  # [3B, 25, h·w]
    seen = seen.transpose(1, 2).reshape(-1, side * side).double()  # [N, 25]
    lacking = large - F.interpolate(small, scale_factor=factor, mode="nearest")  # [B, 3, H, W]
    wanted = F.pixel_unshuffle(lacking.flatten(0, 1)[:, None], factor)  # [3B, factor², h, w]
    wanted = wanted.flatten(2).transpose(1, 2).reshape(-1, factor * factor).double()  # [N, factor²]
    # A constant must stay as it is: weights that sum to zero, by leaving out the middle of the window.
    centred = seen - seen[:, [side * side // 2]]  # [N, 25]
    gram = centred.T @ centred  # [25, 25]
    gram += torch.eye(side * side, dtype=gram.dtype, device=gram.device) * 1e-5 * gram.diagonal().mean()
    weights = torch.linalg.solve(gram, centred.T @ wanted)  # [25, factor²]
    weights[side * side // 2] -= weights.sum(0)
    return weights.T.reshape(factor * factor, side, side).float()


@torch.no_grad()
def start(body: nn.ModuleList, filters: Tensor, factor: int) -> None:
    """Sets the layers so that together they are the filter; the features it does not need stay random.

    The first convolution puts the nine neighbours of a pixel on channels of their own, those in between hand these on,
    and the last combines 3×3 of them: a 5×5 filter for each place within the pixel.
    """
    passed = 27
    convolutions = [layer for layer in body if isinstance(layer, nn.Conv2d)]
    first, between, last = convolutions[0], convolutions[1:-1], convolutions[-1]
    if first.out_channels < passed:
        raise ValueError(f"a linear start needs {passed} features, not {first.out_channels}")
    for convolution in (first, *between):
        convolution.weight[:passed] = 0
        convolution.bias[:passed] = 0
    for colour in range(3):
        for neighbour in range(9):
            first.weight[colour * 9 + neighbour, colour, neighbour // 3, neighbour % 3] = 1
    for convolution in between:
        for channel in range(passed):
            convolution.weight[channel, channel, 1, 1] = 1
    for layer in body:
        if isinstance(layer, nn.PReLU):
            layer.weight[:passed] = 1
    last.weight.zero_()
    last.bias.zero_()
    for colour in range(3):
        for place in range(factor * factor):
            for y in range(2 * REACH + 1):
                for x in range(2 * REACH + 1):
                    # Tap (y, x) of the filter: a neighbour of one of the last convolution's taps. The middle of the
                    # last convolution serves where it can, and its border the rest.
                    ny, nx = min(max(y - 1, 0), 2), min(max(x - 1, 0), 2)
                    row, column = y - ny, x - nx
                    last.weight[colour * factor * factor + place, colour * 9 + ny * 3 + nx, row, column] \
                        = filters[place, y, x]
