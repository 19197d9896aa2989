"""What each command does: opens the data, trains within its time, writes its results."""

from __future__ import annotations

import os
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import torch

from . import adopting, autoencoder, classifier, evaluating, exporting, packing, recording, transformer, upscaler
from .bank import KINDS, Bank, draw, write_shards
from .budget import Budget
from .checkpoint import read_json, write_json
from .settings import Load, Settings
from .workers import Workers

# How many examples of a kind there shall be for each aspect.
MOST = {"held-clips": 24, "held-pairs": 12, "held-stills": 80, "pairs": 200, "clips": 3000, "stills": 9000}
# What a command needs drawn.
NEEDED = {
    "vae": ("held-clips", "clips"), "transformer": ("clips", "stills"), "upscaler": ("held-pairs", "pairs"),
    "classifier": ("clips", "stills"), "evaluate": ("held-clips", "held-stills", "held-pairs"), "all": tuple(MOST)}
# The stages of `all`, and the share of the time that each may take. Drawing goes on beside the autoencoder's training,
# and the transformer learns from what the judge sees.
PLAN = {
    "draw": 0.12, "vae": 0.30, "classifier": 0.10, "transformer": 0.37, "upscaler": 0.05, "export": 0.01,
    "evaluate": 0.05}
WORKERS = 8  # processes that draw on a GPU


def _data(options: Namespace) -> Path:
    return options.data or options.checkpoint / "data"


def _draw(options: Namespace, settings: Settings, load: Load, kinds: tuple[str, ...], budget: Budget) -> Workers | None:
    """Draws for so long; on a GPU in processes of their own, which are given back running."""
    if not options.device.startswith("cuda"):
        write_shards(_data(options), kinds, budget, settings, load, options.device, 2, MOST)
        return None
    workers = Workers(WORKERS, _data(options), list(kinds), budget.seconds / 60, options.device, options.rehearse)
    workers.wait(25)
    if workers.have_failed:
        print("data: the GPU cannot draw; its host's processors do", flush=True)
        count = max(1, (os.cpu_count() or 2) - 2)
        workers = Workers(count, _data(options), list(kinds), budget.left / 60, "cpu", options.rehearse)
    return workers


def _bank(options: Namespace, settings: Settings, load: Load, budget: Budget) -> Bank:
    """The shards on disk; what a command needs and is not there is drawn now, in a fifth of its time."""
    bank = Bank(settings, options.device)
    bank.rescan(_data(options))
    missing = tuple(kind for kind in NEEDED[options.command] if not bank.count(kind))
    if missing:
        workers = _draw(options, settings, load, missing, budget.part(0.2))
        if workers is not None:
            workers.wait(budget.left)
        bank.rescan(_data(options))
    return bank


def has_all(bank: Bank, folder: Path) -> bool:
    """Whether there is something of every kind and aspect."""
    bank.rescan(folder)
    return all(bank.count(kind, aspect) for kind in KINDS for aspect in bank.settings.aspects)


def data(options: Namespace, settings: Settings, load: Load) -> None:
    kinds = options.kinds.split(",")
    for kind in kinds:
        if kind not in KINDS:
            raise SystemExit(f"there is no kind '{kind}'; there are {', '.join(KINDS)}")
    budget = Budget(options.minutes)
    write_shards(
        _data(options), kinds, budget, settings, load, options.device, options.shard_size, MOST, options.worker,
        options.workers)


def vae(options: Namespace, settings: Settings, load: Load) -> None:
    budget = Budget(options.minutes)
    bank = _bank(options, settings, load, budget)
    if options.decoder:
        autoencoder.train_decoder(settings, load, bank, budget, options.checkpoint, options.device)
    else:
        autoencoder.train(settings, load, bank, budget, options.checkpoint, options.device, _data(options))


def transformer_(options: Namespace, settings: Settings, load: Load) -> None:
    budget = Budget(options.minutes)
    bank = _bank(options, settings, load, budget)
    transformer.train(settings, load, bank, budget, options.checkpoint, options.device, _data(options))


def upscaler_(options: Namespace, settings: Settings, load: Load) -> None:
    budget = Budget(options.minutes)
    bank = _bank(options, settings, load, budget)
    upscaler.train(
        settings, load, bank, budget.part(1), options.checkpoint, options.device, options.factor,
        _data(options))
    network = upscaler.load(settings, options.factor, options.checkpoint, options.device)
    if bank.count("held-pairs"):
        print(f"upscaler: {evaluating.rounded(upscaler.compare(network, bank, options.device))}", flush=True)


def classifier_(options: Namespace, settings: Settings, load: Load) -> None:
    budget = Budget(options.minutes)
    bank = _bank(options, settings, load, budget)
    classifier.train(settings, load, bank, budget, options.checkpoint, options.device, _data(options))


def export(options: Namespace, settings: Settings, load: Load) -> None:
    exporting.export(settings, options.checkpoint, options.output)
    if (options.output / "model").exists():
        _record(options, settings)


def _record(options: Namespace, settings: Settings) -> None:
    """The cases that `reel models verify` replays, small ones: a still, and a clip between a drawn first and last frame."""
    model, side, frames = options.output / "model", 64, min(9, settings.frames)
    small = replace(settings, aspects={"1x1": (side, side)}, frames=frames)
    drawn = draw("held-clips", "1x1", [0], small, "cpu")[0]  # [F, H, W, 3]
    recording.record(
        model, options.output / "first-last.safetensors", "a red can, in snowy mountains, soft light, push in",
        drawn[0].contiguous(), drawn[-1].contiguous(), frames, min(8, settings.steps), 2.0, settings.prompt_length)
    recording.record_still(
        model, options.output / "keyframe.safetensors", "a green bottle, on a sunny beach, left light, static",
        side, side, min(8, settings.steps), settings.guidance, settings.prompt_length)
    print(f"export: {options.output}/first-last.safetensors and keyframe.safetensors record runs", flush=True)


def evaluate(options: Namespace, settings: Settings, load: Load) -> None:
    budget = Budget(options.minutes)
    bank = _bank(options, settings, load, budget)
    evaluating.evaluate(
        settings, load, bank, budget, options.checkpoint, options.output, options.device, options.prompts)


def all_(options: Namespace, settings: Settings, load: Load) -> None:
    """Every stage in one stretch of time.

    A stage that was finished before an interruption is not run again, and its time goes to those that are left.
    Where one command may not run long enough, `--stages` splits the work: what was drawn and trained is on disk.
    """
    path = options.checkpoint / "plan.json"
    done: list[str] = read_json(path) if path.exists() else []
    chosen = options.stages.split(",") if options.stages else list(PLAN)
    for stage in chosen:
        if stage not in PLAN:
            raise SystemExit(f"there is no stage '{stage}'; there are {', '.join(PLAN)}")
    left = {stage: share for stage, share in PLAN.items() if stage in chosen and stage not in done}
    total = Budget(options.minutes)
    folder, device, data_folder = options.checkpoint, options.device, _data(options)
    bank = Bank(settings, device)
    workers: Workers | None = None

    def draw_first(time: Budget) -> None:
        """On a GPU the workers go on until the autoencoder is trained."""
        nonlocal workers
        beside = left.get("vae", 0) / sum(left.values()) * total.left
        on_gpu = device.startswith("cuda")
        workers = _draw(options, settings, load, NEEDED["all"], Budget((time.left + on_gpu * beside) / 60))
        if workers is not None:
            workers.wait(time.left)
            # Nothing can be trained without some of each kind; a slow renderer is waited for.
            workers.wait(total.left / 2, is_enough=lambda: has_all(bank, data_folder))

    def upscalers(time: Budget) -> None:
        for factor, share in ((2, 0.5), (4, 1.0)):
            upscaler.train(settings, load, bank, time.part(share), folder, device, factor, data_folder)

    stages = {
        "draw": draw_first,
        "vae": lambda time: autoencoder.train(settings, load, bank, time, folder, device, data_folder),
        "classifier": lambda time: classifier.train(settings, load, bank, time, folder, device, data_folder),
        "transformer": lambda time: transformer.train(settings, load, bank, time, folder, device, data_folder),
        "upscaler": upscalers,
        "export": lambda _: export(options, settings, load),
        "evaluate": lambda time: evaluating.evaluate(
            settings, load, bank, time, folder, options.output, device, options.prompts),
    }
    try:
        for stage in list(left):
            time = total.part(left[stage] / sum(left.values()))
            print(f"all: {stage}, {time.seconds / 60:.1f} of the {total.left / 60:.1f} minutes left", flush=True)
            bank.rescan(data_folder)
            stages[stage](time)
            left.pop(stage)
            if workers is not None and stage != "draw":
                workers.stop()
                workers = None
            if device.startswith("cuda"):
                torch.cuda.empty_cache()
            bank.rescan(data_folder)
            print(f"all: there are {({kind: bank.count(kind) for kind in KINDS})}", flush=True)
            done.append(stage)
            write_json(path, done)
    finally:
        if workers is not None:
            workers.stop()
    print(f"all: done in {total.elapsed / 60:.1f} minutes", flush=True)


def adopt(options: Namespace, settings: Settings, load: Load) -> None:
    adopting.adopt(settings, options.output, options.checkpoint)


def pack(options: Namespace, settings: Settings, load: Load) -> None:
    packing.pack(options.output, options.parts)


BODIES = {
    "data": data, "vae": vae, "transformer": transformer_, "upscaler": upscaler_, "classifier": classifier_,
    "export": export, "evaluate": evaluate, "all": all_, "adopt": adopt,
    "pack": pack}
