"""Writes the trained model as a stock diffusers directory, and reel.json beside it."""

from __future__ import annotations

import shutil
from pathlib import Path

import scenes as drawing
import torch
from diffusers import UniPCMultistepScheduler
from safetensors import safe_open
from safetensors.torch import save_file

from . import autoencoder as autoencoders
from . import classifier
from . import transformer as transformers
from . import upscaler as upscalers
from .checkpoint import read_json, replacing, write_json
from .settings import Settings
from .text import tokenizer_of

CLAUSES = ["a {colour} {product}", "{backdrop}", "{light} light", "{move}"]
LARGEST_FILE = 16 * 1024 * 1024


def export(settings: Settings, folder: Path, output: Path) -> None:
    """The model as `output`/model, each trained upscaler as `output`/upscaler-xN.safetensors."""
    output.mkdir(parents=True, exist_ok=True)
    for factor in (2, 4):
        network = upscalers.load(settings, factor, folder, "cpu")
        if network is not None:
            upscalers.export(network, folder, output / f"{upscalers.name(factor)}.safetensors", settings)
    judges = classifier.load(settings, folder, "cpu")
    for name, judge in zip((classifier.STILL, classifier.CLIP), judges or ()):
        with replacing(output / f"{name}.safetensors") as part:
            save_file({key: value.half().contiguous() for key, value in judge.state_dict().items()}, part)
    autoencoder = autoencoders.load(settings, folder, "cpu")
    denoiser = transformers.load(settings, folder, "cpu")
    if autoencoder is None or denoiser is None:
        print("export: no model yet, only what upscalers there are", flush=True)
        return
    target, part = output / "model", output / ".model.part"
    shutil.rmtree(part, ignore_errors=True)
    most = f"{settings.shard_megabytes}MB"
    autoencoder.half().save_pretrained(part / "vae", max_shard_size=most)
    denoiser.transformer.half().save_pretrained(part / "transformer", max_shard_size=most)
    denoiser.text_encoder.half().save_pretrained(part / "text_encoder", max_shard_size=most)
    for name in ("vae", "transformer"):
        _without(part / name / "config.json", "_name_or_path")
    (part / "tokenizer").mkdir()
    tokenizer_of(folder).save(str(part / "tokenizer" / "tokenizer.json"))
    write_json(part / "tokenizer" / "tokenizer_config.json", {
        "tokenizer_class": "T5Tokenizer", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>",
        "extra_ids": 0, "model_max_length": settings.prompt_length})
    UniPCMultistepScheduler(
        prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=settings.flow_shift,
        num_train_timesteps=1000, solver_order=2, solver_type="bh2", final_sigmas_type="zero",
    ).save_pretrained(part / "scheduler")
    version = read_json(part / "transformer" / "config.json")["_diffusers_version"]
    nothing = [None, None]
    write_json(part / "model_index.json", {
        "_class_name": "WanImageToVideoPipeline", "_diffusers_version": version, "boundary_ratio": None,
        "expand_timesteps": False, "image_encoder": nothing, "image_processor": nothing,
        "scheduler": ["diffusers", "UniPCMultistepScheduler"], "text_encoder": ["transformers", "UMT5EncoderModel"],
        "tokenizer": ["transformers", "TokenizersBackend"], "transformer": ["diffusers", "WanTransformer3DModel"],
        "transformer_2": nothing, "vae": ["diffusers", "AutoencoderKLWan"]})
    write_json(part / "reel.json", declaration(settings))
    check_sizes(part)
    shutil.rmtree(target, ignore_errors=True)
    part.rename(target)
    total = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    print(f"export: {target}, {total / 1e6:.1f} MB", flush=True)


def declaration(settings: Settings) -> dict:
    """What the model says of itself: the sizes it makes well and the captions it was trained on."""
    height, width = settings.aspects["16x9"]
    return {
        "width": width, "height": height, "frames": settings.frames,
        "frames_per_second": settings.frames_per_second, "steps": settings.steps, "guidance": settings.guidance,
        "sizes": [f"{w}x{h}" for h, w in settings.aspects.values()],
        "captions": {
            "clauses": CLAUSES, "optional": ["{motion}"], "complete": True,
            "words": {axis: {word: list(synonyms) for word, synonyms in words.items()}
                      for axis, words in drawing.VOCABULARY.items()}}}


def check_sizes(directory: Path) -> None:
    """No file may be too large to be carried, and no weight may have left the range of half precision."""
    for path in directory.rglob("*"):
        if path.is_file() and path.stat().st_size > LARGEST_FILE:
            raise ValueError(f"{path} is {path.stat().st_size} bytes, more than {LARGEST_FILE}")
    for path in directory.rglob("*.safetensors"):
        with safe_open(path, "pt") as file:
            for key in file.keys():
                if not torch.isfinite(file.get_tensor(key).float()).all():
                    raise ValueError(f"{path}: {key} holds numbers that are not finite")


def _without(path: Path, member: str) -> None:
    config = read_json(path)
    config.pop(member, None)
    write_json(path, config)
