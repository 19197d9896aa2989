"""Trains the judges: one tells product, colour and backdrop of a still, the other the camera's move in a clip."""

from __future__ import annotations

import random
from pathlib import Path

import scenes as drawing
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKLWan
from torch import Tensor, nn

from . import autoencoder as autoencoders
from .bank import Bank
from .budget import Budget, Every
from .degradation import blur
from .loop import Training, load_average, mixed_precision
from .settings import Load, Settings
from .upscaler import autoencoded

STILL, CLIP = "classifier-stills", "classifier-clips"
AXES = ("product", "colour", "backdrop")
STILLS_SHARE = 0.8  # of the time; what is where takes longer to learn than how the camera moves
DECODED_BATCHES = 24  # of stills as the autoencoder gives them back
DECODED_SHARE = 1 / 6  # how often one of these is trained on


def labels(axis: str) -> list[str]:
    return list(drawing.VOCABULARY[axis])


def truth(scenes: list[drawing.Scene], axis: str, device: str) -> Tensor:
    """The numbers of the words, [B]."""
    numbers = {word: number for number, word in enumerate(labels(axis))}
    return torch.tensor([numbers[getattr(scene, axis)] for scene in scenes], device=device)


class _Residual(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.norm = nn.GroupNorm(width // 8 or 1, width)
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.second(F.silu(self.first(F.silu(self.norm(x)))))


class StillJudge(nn.Module):
    """Halves a picture four times, then reads what is there from the mean and the most of each feature."""

    def __init__(self, width: int):
        super().__init__()
        widths = self.widths(width)
        layers: list[nn.Module] = [nn.Conv2d(3, widths[0], 5, stride=2, padding=2)]
        for before, after in zip(widths, widths[1:]):
            layers += [_Residual(before), nn.Conv2d(before, after, 3, stride=2, padding=1)]
        layers.append(_Residual(widths[-1]))
        self.body = nn.Sequential(*layers)
        self.heads = nn.ModuleDict({axis: nn.Linear(2 * widths[-1], len(labels(axis))) for axis in AXES})

    @staticmethod
    def widths(width: int) -> list[int]:
        """The features of each level; `local` gives those of the last but one."""
        return [width, 2 * width, 4 * width, 6 * width, 6 * width]

    def local(self, pictures: Tensor) -> Tensor:
        """What is seen in each 16×16 pixels, [B, C, H/16, W/16], of pictures in 0…1, [B, 3, H, W]."""
        return self.body[:-2](pictures * 2 - 1)

    def forward(self, pictures: Tensor) -> dict[str, Tensor]:
        """Logits by axis, [B, words], of pictures in 0…1, [B, 3, H, W]."""
        x = F.silu(self.body(pictures * 2 - 1))  # [B, C, H/32, W/32]
        pooled = torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1)  # [B, 2C]
        return {axis: head(pooled) for axis, head in self.heads.items()}


class MoveJudge(nn.Module):
    """Reads motion from frames of 48 pixels and their differences by convolutions in space and time."""

    def __init__(self, width: int):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv3d(6, width, (3, 5, 5), stride=(1, 2, 2), padding=(1, 2, 2)), nn.SiLU(),
            nn.Conv3d(width, 2 * width, 3, stride=2, padding=1), nn.GroupNorm(width // 8, 2 * width), nn.SiLU(),
            nn.Conv3d(2 * width, 3 * width, 3, stride=2, padding=1), nn.GroupNorm(width // 8, 3 * width), nn.SiLU(),
            nn.Conv3d(3 * width, 3 * width, 3, padding=1), nn.SiLU())
        self.head = nn.Sequential(
            nn.Flatten(), nn.Linear(3 * width * 2 * 3 * 3, 96), nn.SiLU(), nn.Linear(96, len(labels("move"))))

    def forward(self, clips: Tensor) -> Tensor:
        """Logits [B, moves] of clips in 0…1, [B, F, 3, H, W]."""
        b = len(clips)
        small = F.interpolate(clips.flatten(0, 1), (48, 48), mode="area").unflatten(0, (b, -1))  # [B, F, 3, 48, 48]
        small = (small * 2 - 1).transpose(1, 2)  # [B, 3, F, 48, 48]
        change = F.pad(small.diff(dim=2), (0, 0, 0, 0, 1, 0)) * 4  # [B, 3, F, 48, 48]
        x = self.body(torch.cat([small, change], 1))  # [B, C, T, 6, 6]
        return self.head(F.adaptive_avg_pool3d(x, (2, 3, 3)))


def load(settings: Settings, folder: Path, device: str) -> tuple[StillJudge, MoveJudge] | None:
    stills, clips = load_still(settings, folder, device), MoveJudge(settings.classifier_width)
    if stills is None or not load_average(CLIP, clips, folder, device):
        return None
    return stills, clips.to(device).eval().requires_grad_(False)


def load_still(settings: Settings, folder: Path, device: str) -> StillJudge | None:
    judge = StillJudge(settings.classifier_width)
    if not load_average(STILL, judge, folder, device):
        return None
    return judge.to(device).eval().requires_grad_(False)


def train(
    settings: Settings, load_: Load, bank: Bank, budget: Budget, folder: Path, device: str,
    data: Path | None = None, peak_rate: float = 2e-3,
) -> None:
    generator = random.Random()
    decoder = autoencoders.load(settings, folder, device)
    rescan = Every(60)
    decoded = decoded_stills(decoder, bank, load_, budget.part(0.05), device, generator) if decoder is not None else []
    stills = StillJudge(settings.classifier_width).to(device)
    training = Training(
        STILL, stills, folder=folder, device=device, budget=budget.part(STILLS_SHARE), peak_rate=peak_rate,
        weight_decay=0.05, average=0.998, with_muon=True)
    for _ in training.steps():
        if data is not None and rescan():
            bank.rescan(data)
        if decoded and generator.random() < DECODED_SHARE:
            pictures, scenes = generator.choice(decoded)
        else:
            pictures, scenes = any_frames(bank, load_.classifier_stills, generator)
        with mixed_precision(device):
            logits = stills(softened(pictures, generator))
        losses = {axis: _loss(logits[axis], truth(scenes, axis, device)) for axis in AXES}
        training.update(losses, {axis: 1.0 for axis in AXES})
    clips = MoveJudge(settings.classifier_width).to(device)
    training = Training(
        CLIP, clips, folder=folder, device=device, budget=budget.part(1), peak_rate=peak_rate,
        weight_decay=0.05, average=0.998, with_muon=True)
    for _ in training.steps():
        frames, scenes = bank.batch("clips", load_.classifier_clips, generator)
        videos = frames.float().permute(0, 1, 4, 2, 3) / 255  # [B, F, 3, H, W]
        # Light changes nothing about how the camera moves.
        videos = (videos * generator.uniform(0.8, 1.2) + generator.uniform(-0.1, 0.1)).clamp(0, 1)
        with mixed_precision(device):
            logits = clips(videos)
        training.update({"move": _loss(logits, truth(scenes, "move", device))}, {"move": 1.0})


def _loss(logits: Tensor, words: Tensor) -> Tensor:
    return F.cross_entropy(logits.float(), words, label_smoothing=0.05)


def any_frames(bank: Bank, count: int, generator: random.Random) -> tuple[Tensor, list[drawing.Scene]]:
    """Stills, and now and then single frames of clips: [B, 3, H, W] in 0…1.

    Each shows one product: of two it would be left open which one is asked for.
    """
    kind = "stills" if bank.count("stills", alone=True) and generator.random() < 0.7 else "clips"
    frames, scenes = bank.batch(kind, count, generator, alone=True)
    frames = frames[:, generator.randrange(frames.shape[1])]  # [B, H, W, 3]
    return frames.permute(0, 3, 1, 2).float() / 255, scenes


def decoded_stills(
    decoder: AutoencoderKLWan, bank: Bank, load_: Load, budget: Budget, device: str, generator: random.Random,
) -> list[tuple[Tensor, list[drawing.Scene]]]:
    """Batches of drawn stills as the autoencoder gives them back, at least one.

    They are made once: on a processor a few pictures there and back take longer than a step.
    """
    batches: list[tuple[Tensor, list[drawing.Scene]]] = []
    while not batches or len(batches) < DECODED_BATCHES and not budget.is_over:
        pictures, scenes = any_frames(bank, load_.classifier_stills, generator)
        parts = [autoencoded(decoder, part, device, generator) for part in pictures.split(32)]
        batches.append((torch.cat(parts), scenes))
    return batches


def softened(pictures: Tensor, generator: random.Random) -> Tensor:
    """As a generated picture may look: a little blurred, noisy or off in its light; and either way round."""
    if generator.random() < 0.5:
        pictures = pictures.flip(-1)
    if generator.random() < 0.3:
        pictures = blur(pictures, generator.uniform(0.4, 1.2))
    if generator.random() < 0.3:
        pictures = pictures + torch.randn_like(pictures) * generator.uniform(0.005, 0.03)
    return (pictures * generator.uniform(0.92, 1.08)).clamp(0, 1)


@torch.no_grad()
def accuracy_of_stills(
    judge: StillJudge, pictures: Tensor, scenes: list[drawing.Scene], device: str
) -> dict[str, list[bool]]:
    """Whether each of the pictures, [B, 3, H, W] in 0…1, is judged to show what its scene says."""
    logits = judge(pictures.to(device))
    return {axis: (logits[axis].argmax(1) == truth(scenes, axis, device)).tolist() for axis in AXES}


@torch.no_grad()
def accuracy_of_clips(judge: MoveJudge, clips: Tensor, scenes: list[drawing.Scene], device: str) -> list[bool]:
    """The same for the camera's move in clips, [B, F, 3, H, W] in 0…1."""
    return (judge(clips.to(device)).argmax(1) == truth(scenes, "move", device)).tolist()
