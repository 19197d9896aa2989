"""What every training does alike: optimiser, schedule, averaged weights, checkpoints, a line now and then."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Iterator

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from . import checkpoint
from .budget import Budget, Every
from .muon import Muon


def mixed_precision(device: str) -> torch.autocast | contextlib.nullcontext:
    """bf16 where the device computes with it: every GPU that is current, and processors with AVX512-BF16 or AMX."""
    if device.startswith("cuda"):
        return torch.autocast("cuda", dtype=torch.bfloat16)
    if torch.backends.mkldnn.is_available() and _processor_has_bf16():
        return torch.autocast("cpu", dtype=torch.bfloat16)
    return contextlib.nullcontext()


def short_attention(device: str) -> contextlib.AbstractContextManager:
    """Attention as three plain products on a processor: over some hundred tokens, its fused kernel is slower."""
    return contextlib.nullcontext() if device.startswith("cuda") else sdpa_kernel(SDPBackend.MATH)


def _processor_has_bf16() -> bool:
    supported = getattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", None)
    has_instruction = getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    return bool(supported and supported() and has_instruction())


class Training:
    """Trains `network` within `budget`, going on from the checkpoint `<folder>/<name>.pt` where there is one."""

    def __init__(
        self, name: str, network: nn.Module, *, folder: Path, device: str, budget: Budget, peak_rate: float,
        weight_decay: float = 0.01, average: float = 0.999, save_every: float = 180, log_every: float = 20,
        with_muon: bool = False,
    ):
        self.name = name
        self.network = network
        self.budget = budget
        self.path = folder / f"{name}.pt"
        self.device = device
        self.step_count = 0
        self.seconds_before = 0.0
        self._average_limit = average
        self._peak_rate = peak_rate
        parameters = [p for p in network.parameters() if p.requires_grad]
        # A table of vectors is no map from space to space: orthogonal updates are not for it.
        tables = {id(m.weight) for m in network.modules() if isinstance(m, nn.Embedding)}
        vectors = [p for p in parameters if p.ndim < 2 or 1 in (p.shape[0], p[0].numel())]
        matrices = [p for p in parameters if all(p is not vector for vector in vectors)]
        turned = [p for p in matrices if with_muon and id(p) not in tables]
        others = [p for p in matrices if not with_muon or id(p) in tables]
        self._parameters = parameters
        adam = torch.optim.AdamW(
            [{"params": others, "weight_decay": weight_decay}, {"params": vectors, "weight_decay": 0.0}],
            lr=peak_rate, betas=(0.9, 0.98), fused=True)
        self.optimisers: list[torch.optim.Optimizer] = [adam]
        if turned:
            self.optimisers.append(Muon(turned, lr=peak_rate, weight_decay=weight_decay))
        self._should_save = Every(save_every)
        self._should_log = Every(log_every)
        self._sums: dict[str, Tensor] = {}
        self._counts: dict[str, int] = {}
        self._resume()
        self._averages = [p.detach().clone() for p in self._average_source]

    def _resume(self) -> None:
        state = checkpoint.load(self.path, self.device)
        self._average_source: list[Tensor] = self._parameters
        if state is None:
            return
        self.network.load_state_dict(state["network"])
        names = {id(p): name for name, p in self.network.named_parameters()}
        self._average_source = [state["average"][names[id(p)]] for p in self._parameters]
        # None where the weights were adopted; others where the method has changed since.
        if len(state["optimisers"]) == len(self.optimisers):
            for optimiser, saved in zip(self.optimisers, state["optimisers"]):
                optimiser.load_state_dict(saved)
        self.step_count = state["steps"]
        self.seconds_before = state["seconds"]
        print(f"{self.name}: goes on after {self.step_count} steps, {self.seconds_before / 60:.1f} minutes", flush=True)

    def steps(self) -> Iterator[int]:
        """Numbers of steps until the time is over; saves then."""
        first = self.step_count
        while self.step_count == first or not self.budget.is_over:
            yield self.step_count
            if self._should_save():
                self.save()
        self.save()
        self.log(force=True)

    def update(self, losses: dict[str, Tensor], weights: dict[str, float]) -> None:
        """One step down the weighted sum of `losses`."""
        total = sum(weights[name] * loss for name, loss in losses.items() if name in weights)
        rate = self.budget.learning_rate(self._peak_rate)
        for optimiser in self.optimisers:
            optimiser.zero_grad(set_to_none=True)
            for group in optimiser.param_groups:
                group["lr"] = rate
        total.backward()
        norm = nn.utils.clip_grad_norm_(self._parameters, 1.0)
        if torch.isfinite(norm):
            for optimiser in self.optimisers:
                optimiser.step()
        self.step_count += 1
        decay = min(self._average_limit, (1 + self.step_count) / (10 + self.step_count))
        torch._foreach_lerp_(self._averages, [p.detach() for p in self._parameters], 1 - decay)
        for name, loss in losses.items():
            value = loss.detach().float()
            self._sums[name] = self._sums.get(name, torch.zeros_like(value)) + value
            self._counts[name] = self._counts.get(name, 0) + 1
        self.log()

    def log(self, force: bool = False) -> None:
        if not self._sums or not (self._should_log() or force):
            return
        means = "  ".join(f"{name} {float(self._sums[name]) / self._counts[name]:.4f}" for name in self._sums)
        print(f"{self.name}: step {self.step_count}  {self.budget.progress:4.0%}  {means}", flush=True)
        self._sums.clear()
        self._counts.clear()

    def save(self) -> None:
        checkpoint.save(self.path, {
            "network": self.network.state_dict(), "average": self.average_state(),
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers], "steps": self.step_count,
            "seconds": self.seconds_before + min(self.budget.elapsed, self.budget.seconds)})

    def average_state(self) -> dict[str, Tensor]:
        """The running average, by the parameters' names, and the network's buffers."""
        names = {id(p): name for name, p in self.network.named_parameters()}
        state = dict(self.network.state_dict())
        state.update({names[id(p)]: average for p, average in zip(self._parameters, self._averages)})
        return state


def load_average(name: str, network: nn.Module, folder: Path, device: str) -> bool:
    """Puts the running average of a training into `network`; false where it never ran."""
    state = checkpoint.load(folder / f"{name}.pt", device)
    if state is None:
        return False
    network.load_state_dict(state["average"])
    return True


def history(name: str, folder: Path) -> dict[str, float]:
    """How long a training ran, as the READMEs of weights state it."""
    state = checkpoint.load(folder / f"{name}.pt")
    return {} if state is None else {"steps": state["steps"], "minutes": round(state["seconds"] / 60, 1)}
