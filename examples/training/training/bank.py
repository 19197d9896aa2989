"""Drawn scenes to train on: shards on disk, read where they lie or held in a GPU's memory."""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import chain, zip_longest
from pathlib import Path
from typing import Iterable, Iterator, Sequence

import numpy
import scenes as drawing
import torch
from torch import Tensor

from .budget import Budget
from .checkpoint import read_json, replacing, write_json
from .settings import Load, Settings


@dataclass(frozen=True)
class Kind:
    """A kind of example."""

    name: str
    frames: int       # 0 stands for the model's own number of frames
    is_held_out: bool
    is_large: bool = False  # drawn larger than the model's frames, for the upscaler


KINDS = {kind.name: kind for kind in (
    Kind("clips", 0, False), Kind("stills", 1, False), Kind("pairs", 2, False, is_large=True),
    Kind("held-clips", 0, True), Kind("held-stills", 1, True), Kind("held-pairs", 2, True, is_large=True))}


def scene_of(kind: str, seed: int) -> drawing.Scene:
    """The scene with this number; the same kind and number always give the same one."""
    return drawing.sample(random.Random(f"{kind} {seed}"), held_out=KINDS[kind].is_held_out)


def draw(
    kind: str, aspect: str, seeds: Sequence[int], settings: Settings, device: str, pair_scale: int = 2
) -> Tensor:
    """Frames of the scenes, uint8 [B, F, H, W, 3]."""
    what = KINDS[kind]
    height, width = settings.aspects[aspect]
    chosen = [scene_of(kind, seed) for seed in seeds]
    frames = what.frames or settings.frames
    if not what.is_large:
        times = torch.stack([moments(scene, frames) for scene in chosen])  # [B, F]
        return as_bytes(drawing.render(chosen, frames, height, width, device=device, moments=times))
    # Two neighbouring frames of a clip, from anywhere in it.
    between = 1 / (settings.frames - 1)
    starts = [random.Random(f"{kind} moment {seed}").uniform(0, 1 - between) for seed in seeds]
    times = torch.tensor([[start, start + between] for start in starts])  # [B, 2]
    supersample = 2 if pair_scale <= 2 else 1
    return as_bytes(drawing.render(
        chosen, frames, height * pair_scale, width * pair_scale, device=device, supersample=supersample,
        moments=times))


def moments(scene: drawing.Scene, frames: int) -> Tensor:
    """When the frames of a clip are seen, [F]; a still is a beginning.

    A clip runs from 0 to 1, but what drops is in the picture only later, and a still without the product would teach
    that captions mean nothing.
    """
    return torch.linspace(0.4 if scene.motion == "dropping" else 0.0, 1, frames)


def as_bytes(pixels: Tensor) -> Tensor:
    """0…1 to 0…255."""
    return (pixels * 255 + 0.5).clamp(0, 255).to(torch.uint8)


def as_signed(frames: Tensor) -> Tensor:
    """uint8 [B, F, H, W, 3] to the autoencoder's −1…1, [B, 3, F, H, W]."""
    return frames.permute(0, 4, 1, 2, 3).float() / 127.5 - 1


@dataclass
class Chunk:
    """Examples of one kind and aspect, all of a size."""

    frames: numpy.ndarray | Tensor  # uint8 [N, F, H, W, 3], mapped from a file or on the device
    scenes: list[drawing.Scene]
    name: str  # its file's

    @cached_property
    def alone(self) -> list[int]:
        """The numbers of the examples with a single product."""
        return [number for number, scene in enumerate(self.scenes) if scene.second_product is None]

    def numbers(self, alone: bool) -> Sequence[int]:
        return self.alone if alone else range(len(self.scenes))


class Bank:
    """All examples there are, by kind and aspect."""

    def __init__(self, settings: Settings, device: str):
        self.settings = settings
        self.device = device
        self._chunks: dict[tuple[str, str], list[Chunk]] = {}
        self._files: set[str] = set()

    def count(self, kind: str, aspect: str | None = None, alone: bool = False) -> int:
        return sum(
            len(chunk.numbers(alone)) for (k, a), chunks in self._chunks.items() if k == kind and aspect in (None, a)
            for chunk in chunks)

    def add(self, kind: str, aspect: str, chunk: Chunk) -> None:
        self._chunks.setdefault((kind, aspect), []).append(chunk)

    def chunks(self, kind: str, aspect: str) -> list[Chunk]:
        return self._chunks.get((kind, aspect), [])

    # MARK: sources

    def rescan(self, folder: Path) -> None:
        """Takes in the shards that are new in the folder: maps them, or loads them onto the GPU."""
        for path in sorted(folder.glob("*.npy")):
            if path.name in self._files or not path.with_suffix(".json").exists():
                continue
            self._files.add(path.name)
            what = read_json(path.with_suffix(".json"))
            try:
                shown = [drawing.Scene(**scene) for scene in what["scenes"]]
            except TypeError as error:
                print(f"data: {path.name} is of another version of the scenes and left out ({error})", flush=True)
                continue
            frames = numpy.load(path, mmap_mode="r")
            if self.device.startswith("cuda"):
                frames = torch.from_numpy(numpy.array(frames)).to(self.device)
            self.add(what["kind"], what["aspect"], Chunk(frames, shown, path.stem))

    # MARK: batches

    def batch(
        self, kind: str, count: int, generator: random.Random, aspect: str | None = None, alone: bool = False
    ) -> tuple[Tensor, list[drawing.Scene]]:
        """Whole examples of one aspect: uint8 [B, F, H, W, 3] on the device, and what they show.

        `alone` leaves out what shows two products.
        """
        aspect = aspect or generator.choice(self.aspects(kind, alone))
        return self._gathered([self._pick(kind, aspect, generator, alone) for _ in range(count)])

    def each(
        self, kind: str, size: int, most: int | None = None, alone: bool = False
    ) -> Iterator[tuple[Tensor, list[drawing.Scene]]]:
        """All examples once, as batches of one aspect, at most `size` in each; the aspects take turns.

        With `most`, ends after the batch that reaches so many.
        """
        portions = [
            [picks[i:i + size] for i in range(0, len(picks), size)] for picks in (
                [(chunk, i) for chunk in self.chunks(kind, aspect) for i in chunk.numbers(alone)]
                for aspect in self.aspects(kind, alone))]
        given = 0
        for picks in filter(None, chain.from_iterable(zip_longest(*portions))):
            yield self._gathered(picks)
            given += len(picks)
            if most is not None and given >= most:
                return

    def _gathered(self, picks: list[tuple[Chunk, int]]) -> tuple[Tensor, list[drawing.Scene]]:
        frames = torch.stack([self._tensor(chunk.frames[i]) for chunk, i in picks])
        return frames.to(self.device), [chunk.scenes[i] for chunk, i in picks]

    def crops(
        self, kind: str, count: int, generator: random.Random, size: int, frames: int | None = None
    ) -> Tensor:
        """Squares of `size` pixels, of `frames` frames in a row: uint8 [B, F, size, size, 3] on the device."""
        crops = []
        for _ in range(count):
            chunk, i = self._pick(kind, generator.choice(self.aspects(kind)), generator)
            _, total, height, width, _ = chunk.frames.shape
            side = min(size, height, width)
            length = min(frames or total, total)
            f = generator.randint(0, total - length)
            y = generator.randint(0, height - side)
            x = generator.randint(0, width - side)
            crops.append(self._tensor(chunk.frames[i, f:f + length, y:y + side, x:x + side]))
        return torch.stack(crops).to(self.device)

    def aspects(self, kind: str, alone: bool = False) -> list[str]:
        found = [aspect for aspect in self.settings.aspects if self.count(kind, aspect, alone)]
        if not found:
            what = f"{kind} of a single product" if alone else kind
            raise LookupError(f"there are no {what}: draw some with `python -m training data`")
        return found

    def _pick(
        self, kind: str, aspect: str, generator: random.Random, alone: bool = False
    ) -> tuple[Chunk, int]:
        index = generator.randrange(self.count(kind, aspect, alone))
        for chunk in self.chunks(kind, aspect):
            numbers = chunk.numbers(alone)
            if index < len(numbers):
                return chunk, numbers[index]
            index -= len(numbers)
        raise IndexError(index)

    @staticmethod
    def _tensor(values: numpy.ndarray | Tensor) -> Tensor:
        return values if isinstance(values, Tensor) else torch.from_numpy(numpy.array(values))


def write_shards(
    folder: Path, kinds: Iterable[str], budget: Budget, settings: Settings, load: Load, device: str,
    shard_size: int, most: dict[str, int], worker: int = 0, workers: int = 1,
) -> None:
    """Draws shards in turn until the time is over, going on after those that the folder has.

    `most` bounds how many examples of a kind there shall be for each aspect. There will be some of each, even where
    the time is short. Several workers draw different scenes into the same folder.
    """
    turns = [(kind, aspect) for kind in kinds for aspect in settings.aspects]
    aspects = list(settings.aspects)
    while True:
        ready = [(_examples(folder, *turn, worker) / -(-most[turn[0]] // workers), turn) for turn in turns]
        done, (kind, aspect) = min(ready, key=lambda entry: entry[0])
        if budget.is_over and done > 0:
            return
        if done >= 1:
            print(f"data: worker {worker} has drawn all there is to be", flush=True)
            return
        start = _examples(folder, kind, aspect, worker)
        step = {"clips": load.clips_drawn, "pairs": load.pairs_drawn}.get(kind.removeprefix("held-"), load.stills_drawn)
        size = min(max(step, shard_size * (8 if KINDS[kind].frames == 1 else 1)), -(-most[kind] // workers) - start)
        seeds = [((start + i) * workers + worker) * len(aspects) + aspects.index(aspect) for i in range(size)]
        parts = []
        for i in range(0, size, step):
            parts.append(draw(kind, aspect, seeds[i:i + step], settings, device, load.pair_scale).cpu().numpy())
            if budget.is_over:
                break
        frames = numpy.concatenate(parts)
        seeds = seeds[:len(frames)]
        path = folder / f"{kind}-{aspect}-{worker}-{start:06}.npy"
        with replacing(path) as part, open(part, "wb") as file:
            numpy.save(file, frames)
        write_json(path.with_suffix(".json"), {
            "kind": kind, "aspect": aspect, "scenes": [asdict(scene_of(kind, seed)) for seed in seeds]})
        print(f"data: {path.name}  {len(frames)} examples  {budget.progress:4.0%}", flush=True)


def _examples(folder: Path, kind: str, aspect: str, worker: int) -> int:
    """How many a worker has on disk; its shards of a kind follow one another without gaps."""
    return sum(len(read_json(path)["scenes"]) for path in folder.glob(f"{kind}-{aspect}-{worker}-*.json"))
