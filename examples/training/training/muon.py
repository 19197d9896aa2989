"""Muon: momentum whose update of a matrix is made orthogonal, so that every direction in it learns alike."""

from __future__ import annotations

from typing import Iterable

import torch
from torch import Tensor

# Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks": a quintic Newton-Schulz iteration
# that takes singular values to about 1 in five rounds.
A, B, C = 3.4445, -4.7750, 2.0315
ROUNDS = 5


def orthogonal(matrices: Tensor) -> Tensor:
    """U·Vᵀ, about, of matrices U·S·Vᵀ, [N, m, n]."""
    x = matrices.bfloat16()
    is_tall = x.shape[1] > x.shape[2]
    if is_tall:
        x = x.mT
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(ROUNDS):
        gram = x @ x.mT  # [N, m, m]
        x = A * x + (B * gram + C * gram @ gram) @ x
    return (x.mT if is_tall else x).float()


class Muon(torch.optim.Optimizer):
    """For weights of two and more dimensions; those beyond the first count as one, as a convolution's do."""

    def __init__(self, parameters: Iterable[Tensor], lr: float, momentum: float = 0.95, weight_decay: float = 0.0):
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure=None) -> None:
        for group in self.param_groups:
            alike: dict[tuple[int, int], list[Tensor]] = {}
            for parameter in group["params"]:
                if parameter.grad is not None:
                    alike.setdefault((parameter.shape[0], parameter[0].numel()), []).append(parameter)
            for (rows, columns), parameters in alike.items():
                updates = []
                for parameter in parameters:
                    state = self.state[parameter]
                    if "momentum" not in state:
                        state["momentum"] = torch.zeros_like(parameter)
                    momentum = state["momentum"].lerp_(parameter.grad, 1 - group["momentum"])
                    updates.append(parameter.grad.lerp(momentum, group["momentum"]).reshape(rows, columns))
                # Scaled so that an element changes by about as much as with AdamW at the same rate (Liu et al. 2025).
                scale = 0.2 * max(rows, columns) ** 0.5
                for parameter, update in zip(parameters, orthogonal(torch.stack(updates))):
                    parameter.mul_(1 - group["lr"] * group["weight_decay"])
                    parameter.add_(update.reshape(parameter.shape), alpha=-group["lr"] * scale)
