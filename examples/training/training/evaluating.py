"""Measures the exported model: JSON figures and PNG pictures."""

from __future__ import annotations

import random
from pathlib import Path

import scenes as drawing
import torch
from torch import Tensor

from . import autoencoder as autoencoders
from . import classifier, upscaler
from .bank import Bank, as_signed
from .budget import Budget
from .checkpoint import read_json, write_json
from .pictures import sheet
from .sampling import Model
from .settings import Load, Settings
from .whole_clip import decode, encode


def evaluate(
    settings: Settings, load_: Load, bank: Bank, budget: Budget, folder: Path, output: Path, device: str, prompts: int,
) -> None:
    """What there is a checkpoint of is measured; figures are written after every part, so none is lost to time."""
    path = output / "evaluation.json"
    figures: dict = read_json(path) if path.exists() else {}

    def keep(name: str, values: dict) -> None:
        figures[name] = rounded(values)
        write_json(path, figures)
        print(f"evaluate: {name} {figures[name]}", flush=True)

    if bank.count("held-clips"):
        autoencoder = autoencoders.load(settings, folder, device)
        if autoencoder is not None:
            value = autoencoders.psnr(autoencoder, bank, "held-clips", settings, device, most=min(36, load_.measured))
            keep("autoencoder", {"psnr of held-out clips": value, **autoencoder_sheet(
                autoencoder, bank, output / "autoencoder.png", device)})
    for factor in (2, 4):
        network = upscaler.load(settings, factor, folder, device)
        if network is not None and bank.count("held-pairs"):
            keep(upscaler.name(factor), upscaler.compare(network, bank, device, most=min(48, load_.measured)))
            upscaler_sheet(network, bank, output / f"{upscaler.name(factor)}.png", device)
    judges = classifier.load(settings, folder, device)
    if judges is not None:
        keep("judges on drawn, held-out scenes", judges_on_drawn(judges, bank, load_, device))
    if not (output / "model" / "model_index.json").exists():
        return
    model = Model.of(output / "model", device)
    grid(model, settings, load_, output / "grid.png", load_.shown)
    if judges is not None and not budget.is_over:
        for name, held_out in (("stills", False), ("stills, held-out combinations", True)):
            count = prompts if not held_out else max(1, prompts // 2)
            keep(name, stills(model, judges, settings, load_, count, held_out, budget, device))
    if not budget.is_over:
        keep("clips", clips(model, judges, settings, load_, max(1, prompts // 3), budget, output, device))


def rounded(values: dict) -> dict:
    return {key: round(value, 4) if isinstance(value, float) else value for key, value in values.items()}


@torch.no_grad()
def autoencoder_sheet(autoencoder, bank: Bank, path: Path, device: str) -> dict[str, float]:
    """Drawn frames above, decoded ones below; and how much more the decoded clips flicker."""
    rows: tuple[list[Tensor], list[Tensor]] = ([], [])
    flicker = []
    for aspect in bank.aspects("held-clips"):
        frames = Bank._tensor(bank.chunks("held-clips", aspect)[0].frames[:2]).to(device)
        video = as_signed(frames)  # [2, 3, F, H, W]
        decoded = decode(autoencoder, encode(autoencoder, video)[0]).clamp(-1, 1)
        flicker.append(float((decoded.diff(dim=2) - video.diff(dim=2)).abs().mean()) * 127.5)
        for clip in range(len(video)):
            for frame in (0, video.shape[2] - 1):
                for row, source in zip(rows, (video, decoded)):
                    row.append(source[clip, :, frame].permute(1, 2, 0) * 0.5 + 0.5)
    sheet(path, rows[0] + rows[1], columns=len(rows[0]))
    return {"change from frame to frame, off by (of 255)": sum(flicker) / len(flicker)}


@torch.no_grad()
def upscaler_sheet(network: upscaler.SRVGGNetCompact, bank: Bank, path: Path, device: str) -> None:
    """Nearest, Lanczos, learned and drawn, side by side."""
    pictures = []
    for aspect in bank.aspects("held-pairs"):
        chunk = bank.chunks("held-pairs", aspect)[0]
        large = upscaler.held_out(bank, aspect, chunk, 0, network.factor, device)[:1]  # [1, 3, H, W]
        small = upscaler.shrink(large, network.factor)  # [1, 3, h, w]
        nearest = small.repeat_interleave(network.factor, 2).repeat_interleave(network.factor, 3)
        for way in (nearest, upscaler.lanczos(small, network.factor), network(small).clamp(0, 1), large):
            pictures.append(way[0].permute(1, 2, 0))
    sheet(path, pictures, columns=4)


def judges_on_drawn(judges, bank: Bank, load_: Load, device: str) -> dict:
    """How often the judges are right about scenes that were drawn, of combinations that they never saw."""
    right: dict[str, list[bool]] = {axis: [] for axis in (*classifier.AXES, "move")}
    kind = "held-stills" if bank.count("held-stills") else "held-clips"
    for frames, scenes in bank.each(kind, load_.classifier_stills, load_.measured, alone=True):
        pictures = frames[:, 0].permute(0, 3, 1, 2).float() / 255
        for axis, values in classifier.accuracy_of_stills(judges[0], pictures, scenes, device).items():
            right[axis] += values
    if bank.count("held-clips"):
        for frames, scenes in bank.each("held-clips", load_.classifier_clips, load_.measured):
            videos = frames.permute(0, 1, 4, 2, 3).float() / 255
            right["move"] += classifier.accuracy_of_clips(judges[1], videos, scenes, device)
    return {axis: share(values) for axis, values in right.items()}


def share(values: list[bool]) -> float | None:
    return sum(values) / len(values) if values else None


def asked(count: int, held_out: bool | None, seed: int, single: bool = True) -> list[drawing.Scene]:
    """Scenes to ask the model for; a second product would leave it open which one is judged."""
    generator = random.Random(seed)
    found: list[drawing.Scene] = []
    while len(found) < count:
        scene = drawing.sample(generator, held_out)
        if not single or getattr(scene, "second_product", None) is None:
            found.append(scene)
    return found


def stills(
    model: Model, judges, settings: Settings, load_: Load, count: int, held_out: bool, budget: Budget, device: str,
) -> dict:
    """Generates a still for each prompt, aspects in turn, and has it judged."""
    scenes = asked(count, held_out, seed=100 + held_out)
    right: dict[str, list[bool]] = {axis: [] for axis in classifier.AXES}
    for batch, part in enumerate(_portions(scenes, load_.generated)):
        if budget.is_over:
            break
        height, width = list(settings.aspects.values())[batch % len(settings.aspects)]
        made = model.sample(
            [drawing.canonical(scene) for scene in part], 1, height, width, steps=settings.steps,
            guidance=settings.guidance, seed=batch)
        pictures = made[:, 0].permute(0, 3, 1, 2)  # [B, 3, H, W]
        for axis, values in classifier.accuracy_of_stills(judges[0], pictures, part, device).items():
            right[axis] += values
    return {axis: share(values) for axis, values in right.items()} | {"prompts": len(right["product"])}


def clips(
    model: Model, judges, settings: Settings, load_: Load, count: int, budget: Budget, output: Path, device: str,
) -> dict:
    """As the product does it: a still, a clip grown from it, then the footage between the first and the last."""
    scenes = asked(count, False, seed=300)
    right: list[bool] = []
    kept: list[float] = []
    flicker: list[float] = []
    shown: list[Tensor] = []
    for batch, part in enumerate(_portions(scenes, max(1, load_.generated // 2))):
        if budget.is_over and right:
            break
        height, width = list(settings.aspects.values())[batch % len(settings.aspects)]
        prompts = [drawing.canonical(scene) for scene in part]
        how = {"steps": settings.steps, "guidance": settings.guidance}
        first = model.sample(prompts, 1, height, width, seed=batch, **how)[:, 0]  # [B, H, W, 3]
        grown = model.sample(prompts, settings.frames, height, width, seed=batch + 1, known={0: first}, **how)
        ends = {0: first, settings.frames - 1: grown[:, -1]}
        footage = model.sample(prompts, settings.frames, height, width, seed=batch + 2, known=ends, **how)
        if judges is not None:
            right += classifier.accuracy_of_clips(judges[1], footage.permute(0, 1, 4, 2, 3), part, device)
        for frame, pixels in ends.items():
            errors = (footage[:, frame] - pixels.to(footage)).pow(2).mean((1, 2, 3))
            kept += (-10 * torch.log10(errors + 1e-10)).tolist()
        # Smooth motion has small second differences: what is left of them is flicker.
        flicker += (footage.diff(n=2, dim=1).abs().mean((1, 2, 3, 4)) * 255).tolist()
        if len(shown) < 36:
            places = [round(i * (settings.frames - 1) / 5) for i in range(6)]
            shown += [clip[place] for clip in footage[:2] for place in places]
    sheet(output / "clips.png", shown, columns=6)
    return {
        "move": share(right), "psnr at keyframes": sum(kept) / len(kept),
        "second difference from frame to frame (of 255)": sum(flicker) / len(flicker), "clips": len(flicker)}


def grid(model: Model, settings: Settings, load_: Load, path: Path, count: int) -> None:
    """A picture of so many prompts, in the model's first aspect, each prompt below its still."""
    scenes = asked(count, None, seed=36)
    height, width = next(iter(settings.aspects.values()))
    pictures: list[Tensor] = []
    for batch, part in enumerate(_portions(scenes, min(count, load_.generated))):
        pictures += list(model.sample(
            [drawing.canonical(scene) for scene in part], 1, height, width, steps=settings.steps,
            guidance=settings.guidance, seed=batch)[:, 0])
    sheet(path, pictures, columns=6, captions=[drawing.canonical(scene) for scene in scenes])


def _portions(scenes: list[drawing.Scene], size: int) -> list[list[drawing.Scene]]:
    return [scenes[start:start + size] for start in range(0, len(scenes), size)]
