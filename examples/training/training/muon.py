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
        # All parameters in one call where that can be: on a GPU some hundred small calls take longer than their work.
        for group in self.param_groups:
            parameters = [parameter for parameter in group["params"] if parameter.grad is not None]
            if not parameters:
                continue
            for parameter in parameters:
                if "momentum" not in self.state[parameter]:
                    self.state[parameter]["momentum"] = torch.zeros_like(parameter)
            gradients = [parameter.grad for parameter in parameters]
            momenta = [self.state[parameter]["momentum"] for parameter in parameters]
            torch._foreach_lerp_(momenta, gradients, 1 - group["momentum"])
            directions = torch._foreach_lerp(gradients, momenta, group["momentum"])
            torch._foreach_mul_(parameters, 1 - group["lr"] * group["weight_decay"])
            alike: dict[tuple[int, int], list[int]] = {}
            for i, parameter in enumerate(parameters):
                alike.setdefault((parameter.shape[0], parameter[0].numel()), []).append(i)
            for (rows, columns), places in alike.items():
                updates = orthogonal(torch.stack([directions[i].reshape(rows, columns) for i in places]))
                # Scaled so that an element changes by about as much as with AdamW at the same rate (Liu et al. 2025).
                scale = 0.2 * max(rows, columns) ** 0.5
                torch._foreach_add_(
                    [parameters[i] for i in places],
                    [update.reshape(parameters[i].shape) for i, update in zip(places, updates)],
                    alpha=-group["lr"] * scale)
