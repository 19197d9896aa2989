"""Makes checkpoints of an exported model, so that training goes on from weights that were shipped."""

from __future__ import annotations

import shutil
from pathlib import Path

from safetensors.torch import load_file
from torch import nn

from . import autoencoder, checkpoint, classifier, transformer, upscaler
from .settings import Settings
from .text import tokenizer_of


def adopt(settings: Settings, output: Path, folder: Path) -> None:
    """Writes a checkpoint for everything that `output` holds and that has none yet."""
    model = output / "model"
    if model.exists():
        _adopt(autoencoder.NAME, autoencoder.build(settings), [("", model / "vae")], folder)
        config = checkpoint.read_json(model / "vae" / "config.json")
        statistics = folder / "vae-statistics.json"
        if not statistics.exists():
            checkpoint.write_json(statistics, {name: config[name] for name in ("latents_mean", "latents_std")})
        if not (folder / "tokenizer.json").exists():
            shutil.copyfile(model / "tokenizer" / "tokenizer.json", folder / "tokenizer.json")
        denoiser = transformer.Denoiser(settings, tokenizer_of(folder).get_vocab_size())
        parts = [("transformer.", model / "transformer"), ("text_encoder.", model / "text_encoder")]
        _adopt(transformer.NAME, denoiser, parts, folder)
    for factor in (2, 4):
        name = upscaler.name(factor)
        _adopt(name, upscaler.build(settings, factor), [("", output / f"{name}.safetensors")], folder)
    judges = (
        (classifier.STILL, classifier.StillJudge(settings.classifier_width)),
        (classifier.CLIP, classifier.MoveJudge(settings.classifier_width)))
    for name, judge in judges:
        _adopt(name, judge, [("", output / f"{name}.safetensors")], folder)


def _adopt(name: str, network: nn.Module, parts: list[tuple[str, Path]], folder: Path) -> None:
    """Fills the network from safetensors files or folders of them, each with what its names lack in front."""
    if not all(path.exists() for _, path in parts):
        return
    if (folder / f"{name}.pt").exists():
        print(f"adopt: {name} has a checkpoint already", flush=True)
        return
    state = {}
    for prefix, path in parts:
        for file in sorted(path.glob("*.safetensors")) if path.is_dir() else [path]:
            state.update({prefix + key: tensor.float() for key, tensor in load_file(file).items()})
    missing, unexpected = network.load_state_dict(state, strict=False)
    # The token table is stored once, under one of its two names; what serves the training alone is not stored.
    lost = [key for key in missing if not key.endswith("embed_tokens.weight") and not key.startswith("alignment.")]
    if unexpected or lost:
        raise ValueError(f"{name}: weights of another layout; missing {missing}, not known {unexpected}")
    full = network.state_dict()
    checkpoint.save(folder / f"{name}.pt", {
        "network": full, "average": full, "optimisers": [], "steps": 0, "seconds": 0.0})
    print(f"adopt: {name}", flush=True)
