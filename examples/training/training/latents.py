"""Examples as the transformer sees them: latents, conditions and tokens, made once from drawn frames."""

from __future__ import annotations

import random
from dataclasses import dataclass, fields
from pathlib import Path

import scenes as drawing
import torch
from diffusers import AutoencoderKLWan
from tokenizers import Tokenizer
from torch import Tensor

from . import checkpoint
from .bank import Bank, Chunk, as_signed, moments
from .budget import Budget
from .classifier import StillJudge
from .conditioning import WAYS, condition, known_frames
from .loop import mixed_precision
from .settings import Settings
from .text import tokens

CAPTIONS = 4  # ways each scene is put into words; the first is the canonical one
CONDITIONS = 2  # sets of known frames that each clip is encoded with


@dataclass
class Latents:
    """Examples of one size."""

    latents: Tensor     # [N, z, T, h, w], normalised
    conditions: Tensor  # [N, CONDITIONS, 4 + z, T, h, w]; of stills, whose condition is always empty, [N, 0, …]
    ids: Tensor         # int16 [N, CAPTIONS, L]
    features: Tensor    # [N, h/2·w/2, C], what the judge sees at each of the transformer's tokens; of clips [N, 0]
    presence: Tensor    # [N, T, h, w], how much of each place lies within a product's bounds, 0…1


@dataclass
class Batch:
    """What one step is trained on."""

    latents: Tensor    # [B, z, T, h, w]
    condition: Tensor  # [B, 4 + z, T, h, w]
    ids: Tensor        # [B, L]
    features: Tensor   # [B, h/2·w/2, C]; of clips [B, 0]
    presence: Tensor   # [B, T, h, w]


class LatentBank:
    """All latents, by kind and aspect."""

    def __init__(
        self, settings: Settings, autoencoder: AutoencoderKLWan, tokenizer: Tokenizer, judge: StillJudge | None,
        device: str,
    ):
        self.settings = settings
        self._judge = judge
        self._features_mean: Tensor | None = None
        self._features_deviation: Tensor | None = None
        self.device = device
        self._autoencoder = autoencoder
        self._tokenizer = tokenizer
        self._parts: dict[tuple[str, str], list[Latents]] = {}
        self._joined: dict[tuple[str, str], Latents] = {}
        self._done: set[str] = set()
        self._empty = {}
        for aspect, (height, width) in settings.aspects.items():
            for kind, frames in (("clips", settings.frames), ("stills", 1)):
                with torch.no_grad():
                    blank = torch.zeros(1, 3, frames, height, width, device=device)
                    self._empty[kind, aspect] = condition(autoencoder, blank, [set()])  # [1, 4 + z, T, h, w]

    @torch.no_grad()
    def extend(self, bank: Bank, budget: Budget, batch: int) -> bool:
        """Encodes what the bank has and this has not, kinds and aspects in turn, until the time is over.

        At least one chunk of each. Returns whether there was anything new.
        """
        queues = {
            (kind, aspect): [chunk for chunk in bank.chunks(kind, aspect) if chunk.name not in self._done]
            for kind in ("clips", "stills") for aspect in self.settings.aspects}
        is_new = any(queues.values())
        generator = random.Random()
        while any(queues.values()):
            for (kind, aspect), queue in queues.items():
                if not queue or budget.is_over and (kind, aspect) in self._parts:
                    continue
                chunk = queue.pop(0)
                self._done.add(chunk.name)
                at_once = batch if kind == "clips" else 4 * batch
                for start in range(0, len(chunk.scenes), at_once):
                    self._parts.setdefault((kind, aspect), []).append(
                        self._encoded(kind, chunk, start, start + at_once, generator))
            if budget.is_over:
                break
        if is_new:
            self._joined.clear()
        return is_new

    def _encoded(self, kind: str, chunk: Chunk, start: int, end: int, generator: random.Random) -> Latents:
        frames = Bank._tensor(chunk.frames[start:end]).to(self.device)
        video = as_signed(frames)  # [B, 3, F, H, W]
        ids = []
        for scene in chunk.scenes[start:end]:
            texts = [drawing.canonical(scene)] + [drawing.caption(scene, generator) for _ in range(CAPTIONS - 1)]
            ids.append(tokens(self._tokenizer, texts, self.settings.prompt_length))
        with mixed_precision(self.device):
            everything = [set(range(video.shape[2]))] * len(video)
            latents = condition(self._autoencoder, video, everything)[:, self.settings.temporal_factor:]
            conditions = []
            for _ in range(CONDITIONS if kind == "clips" else 0):
                ways = generator.choices([way for way in WAYS if way != "none"], [
                    weight for way, weight in WAYS.items() if way != "none"], k=len(video))
                known = [known_frames(way, video.shape[2], generator) for way in ways]
                conditions.append(condition(self._autoencoder, video, known))
            features = self._seen(video[:, :, 0]) if kind == "stills" else latents.new_zeros(len(latents), 0)
        stacked = torch.stack(conditions, 1) if conditions else latents.new_zeros(len(latents), 0)
        return Latents(
            latents.half(), stacked.half(), torch.stack(ids).to(torch.int16).to(self.device),
            features.half(), self._presence(chunk.scenes[start:end], video.shape[2:], latents.shape[3:]).half())

    def _presence(self, scenes: list[drawing.Scene], pixels: torch.Size, places: torch.Size) -> Tensor:
        """Where the products are in videos of `pixels` [F, H, W], at the latents' places [h, w]: [B, T, h, w]."""
        frames, height, width = pixels
        times = torch.stack([moments(scene, frames) for scene in scenes])  # [B, F]
        seen = drawing.presence(scenes, times, height, width, *places).to(self.device)  # [B, F, h, w]
        # The first frame is a latent frame of its own, and then as many as the autoencoder joins.
        later = seen[:, 1:].unflatten(1, (-1, self.settings.temporal_factor)).amax(2)  # [B, T − 1, h, w]
        return torch.cat([seen[:, :1], later], 1)

    def _seen(self, pictures: Tensor) -> Tensor:
        """The judge's features of pictures in −1…1, [B, 3, H, W], of mean 0 and deviation 1: [B, tokens, C]."""
        if self._judge is None:
            return pictures.new_zeros(len(pictures), 0)
        seen = self._judge.local(pictures * 0.5 + 0.5).float().flatten(2).mT  # [B, tokens, C]
        if self._features_mean is None:  # those of the first pictures do for all
            self._features_mean, self._features_deviation = seen.mean((0, 1)), seen.std((0, 1)) + 1e-3
        return (seen - self._features_mean) / self._features_deviation

    # MARK: kept for the next run

    def save(self, path: Path) -> None:
        checkpoint.save(path, {
            "statistics": self._statistics, "done": sorted(self._done),
            "features": None if self._features_mean is None else [self._features_mean, self._features_deviation],
            "parts": {key: [vars(self._whole(*key))] for key in self._parts}})

    def resume(self, path: Path) -> None:
        """Takes in what `save` wrote, unless another autoencoder made it."""
        state = checkpoint.load(path, self.device)
        if state is None or state["statistics"] != self._statistics:
            return
        names = {field.name for field in fields(Latents)}
        if any(part.keys() != names for parts in state["parts"].values() for part in parts):
            return  # of another version of this code
        # A judge that came later has not seen these stills.
        kinds = ("clips", "stills") if (self._judge is None) == (state["features"] is None) else ("clips",)
        if "stills" in kinds and state["features"] is not None:
            self._features_mean, self._features_deviation = state["features"]
        self._done = {name for name in state["done"] if name.startswith(kinds)}
        self._parts = {
            key: [Latents(**part) for part in parts] for key, parts in state["parts"].items() if key[0] in kinds}

    @property
    def _statistics(self) -> list[float]:
        return [*self._autoencoder.config.latents_mean, *self._autoencoder.config.latents_std]

    def count(self, kind: str) -> int:
        return sum(len(part.latents) for (k, _), parts in self._parts.items() if k == kind for part in parts)

    def batch(self, kind: str, count: int, generator: random.Random) -> Batch:
        """Examples of one aspect."""
        aspect = generator.choice([aspect for (k, aspect) in self._parts if k == kind])
        all_ = self._whole(kind, aspect)
        total = len(all_.latents)
        picks = torch.randint(total, (count,), device=self.device)
        latents, features, presence = (
            values[picks].float() for values in (all_.latents, all_.features, all_.presence))
        ids = all_.ids[picks, torch.randint(CAPTIONS, (count,), device=self.device)].long()
        empty = self._empty[kind, aspect].expand(count, -1, -1, -1, -1)
        if kind == "stills":
            return Batch(latents, empty, ids, features, presence)
        conditions = all_.conditions[picks, torch.randint(CONDITIONS, (count,), device=self.device)].float()
        none = (torch.rand(count, device=self.device) < WAYS["none"])[:, None, None, None, None]
        return Batch(latents, torch.where(none, empty, conditions), ids, features, presence)

    def _whole(self, kind: str, aspect: str) -> Latents:
        key = (kind, aspect)
        if key not in self._joined:
            parts = self._parts[key]
            whole = Latents(
                torch.cat([part.latents for part in parts]), torch.cat([part.conditions for part in parts]),
                torch.cat([part.ids for part in parts]), torch.cat([part.features for part in parts]),
                torch.cat([part.presence for part in parts]))
            self._parts[key] = [whole]
            self._joined[key] = whole
        return self._joined[key]
