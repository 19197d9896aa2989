"""Records the cases of this folder that were not given to the project: small models with random weights, run by the
reference (torch 2.13, diffusers 0.42.1, transformers 5.23, on the CPU in fp32).

    python record.py            # all of them, into the folders beside this file
    python record.py clip-first

Tokenizer, text encoder and autoencoder are those of `t2v-unipc` and `ti2v-first-frame`, linked, not copied.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import numpy as np
import torch
from diffusers import (
    AutoencoderKLWan, UniPCMultistepScheduler, WanImageToVideoPipeline, WanPipeline, WanTransformer3DModel,
    WanVACEPipeline, WanVACETransformer3DModel, WanVideoToVideoPipeline)
from diffusers.hooks import FirstBlockCacheConfig, apply_first_block_cache
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor
from transformers import AutoTokenizer, CLIPImageProcessor, CLIPVisionConfig, CLIPVisionModel, UMT5EncoderModel

here = Path(__file__).resolve().parent
prompt = "a red can of sparkling water in snowy mountains, soft light, push in"
negative = "blurry, low quality"
sizes = dict(num_attention_heads=2, attention_head_dim=12, ffn_dim=40, num_layers=2, text_dim=32, freq_dim=64)


def randomized(module: torch.nn.Module, seed: int) -> torch.nn.Module:
    """Weights that keep every part of the module visible in its result; norms stay near 1."""
    generator = torch.Generator().manual_seed(seed)
    for name, weight in module.named_parameters():
        noise = torch.randn(weight.shape, generator=generator)
        if "norm" in name and name.endswith("weight"):
            weight.data = 1 + 0.2 * noise
        elif weight.ndim > 1:
            weight.data = noise / weight[0].numel() ** 0.5
        else:
            weight.data = 0.2 * noise
    return module.eval()


def picture(height: int, width: int, seed: int) -> np.ndarray:
    """Smooth colours, uint8 [height, width, 3]."""
    coarse = torch.rand(1, 3, 4, 5, generator=torch.Generator().manual_seed(seed))
    fine = torch.nn.functional.interpolate(coarse, (height, width), mode="bicubic").clamp(0, 1)[0]
    return (fine.permute(1, 2, 0) * 255).round().byte().numpy()


def watch(pipeline, kept: dict[str, Tensor]) -> None:
    """Has the pipeline's parts keep their inputs and outputs: of the transformer those of the first two calls."""
    counts = {"text": 0, "call": 0}

    def number(what: str) -> int:
        counts[what] += 1
        return counts[what] - 1

    def text(_, arguments: tuple, named: dict, __) -> None:
        ids = named.get("input_ids", arguments[0] if arguments else None)
        kept[f"text{number('text')}.ids"] = ids.to(torch.int32).clone()

    def transformer(_, __, named: dict, output: tuple) -> None:
        call = number("call")
        if call < 2:
            for name, value in named.items():
                if isinstance(value, Tensor):
                    kept[f"call{call}.transformer.in.{name}"] = value.float().clone()
            kept[f"call{call}.transformer.out"] = output[0].clone()

    pipeline.text_encoder.register_forward_hook(text, with_kwargs=True)
    pipeline.transformer.register_forward_hook(transformer, with_kwargs=True)
    decode = pipeline.vae.decode

    def watched_decode(z: Tensor, *arguments, **named):
        kept["vae.decode.in"] = z.clone()
        return decode(z, *arguments, **named)

    pipeline.vae.decode = watched_decode


@torch.no_grad()
def record(
    name: str, pipeline, noise: Tensor | None, frames: int, height: int, width: int, inputs: dict, steps: int = 3,
    told: dict[str, str] | None = None, **options,
) -> None:
    """Runs the pipeline and writes case and model. `told` is metadata beside that of every case."""
    kept: dict[str, Tensor] = {}
    watch(pipeline, kept)
    pipeline.set_progress_bar_config(disable=True)

    def after_step(_, index: int, __, values: dict[str, Tensor]) -> dict[str, Tensor]:
        kept[f"step{index}.latents"] = values["latents"].clone()
        return {}

    (guidance, length) = (4.0, 512)
    if noise is None:
        # A run that begins with a film draws its noise itself.
        (_, channels, *extents) = (1, pipeline.vae.config.z_dim, (frames - 1) // 4 + 1, height // 8, width // 8)
        noise = latents(channels, *extents)
        options |= {"generator": torch.Generator().manual_seed(5)}
    else:
        options |= {"latents": noise.clone(), "num_frames": frames}
    video = pipeline(
        prompt=prompt, negative_prompt=negative, height=height, width=width, num_inference_steps=steps,
        guidance_scale=guidance, max_sequence_length=length, output_type="np", callback_on_step_end=after_step,
        **options).frames[0]
    kept |= {f"input.{name}": torch.as_tensor(value) for name, value in inputs.items()}
    taken = int(steps * options.get("strength", 1))
    kept |= {
        "initial_noise": noise, "timesteps": pipeline.scheduler.timesteps[-taken:].float(),
        "sigmas": pipeline.scheduler.sigmas[-taken - 1:].float(), "video": torch.as_tensor(video).float()}
    metadata = {
        "pipeline": type(pipeline).__name__, "prompt": prompt, "negative_prompt": negative, "height": str(height),
        "width": str(width), "num_frames": str(frames), "num_inference_steps": str(steps),
        "guidance_scale": str(guidance), "max_sequence_length": str(length)} | (told or {})
    folder = here / name
    save_file({name: value.contiguous() for name, value in kept.items()}, folder / "case.safetensors", metadata)
    for part in ("transformer", "image_encoder", "image_processor"):
        if getattr(pipeline, part, None) is not None:
            getattr(pipeline, part).save_pretrained(folder / "model" / part)
    pipeline.scheduler.save_pretrained(folder / "model" / "scheduler")
    index = {key: value for key, value in pipeline.config.items() if not key.startswith("_name")}
    (folder / "model" / "model_index.json").write_text(
        json.dumps({"_class_name": type(pipeline).__name__, **index}, indent=2, sort_keys=True) + "\n")


def parts(name: str, autoencoder: str = "t2v-unipc") -> dict:
    """The linked parts of a case's model, opened."""
    model = here / name / "model"
    model.mkdir(parents=True, exist_ok=True)
    for part, source in (("tokenizer", "t2v-unipc"), ("text_encoder", "t2v-unipc"), ("vae", autoencoder)):
        if not (model / part).is_symlink():
            os.symlink(f"../../{source}/model/{part}", model / part)
    return {
        "tokenizer": AutoTokenizer.from_pretrained(model / "tokenizer"),
        "text_encoder": UMT5EncoderModel.from_pretrained(model / "text_encoder"),
        "vae": AutoencoderKLWan.from_pretrained(model / "vae"),
        "scheduler": UniPCMultistepScheduler(
            prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0, num_train_timesteps=1000)}


def latents(channels: int, *extents: int) -> Tensor:
    return torch.randn(1, channels, *extents, generator=torch.Generator().manual_seed(5))


def image_encoder(activation: str, seed: int) -> dict:
    encoder = CLIPVisionModel(CLIPVisionConfig(
        hidden_size=28, num_attention_heads=2, intermediate_size=48, num_hidden_layers=3, image_size=28, patch_size=14,
        hidden_act=activation))
    processor = CLIPImageProcessor(size={"shortest_edge": 28}, crop_size={"height": 28, "width": 28})
    return {"image_encoder": randomized(encoder, seed), "image_processor": processor}


def clip_first(name: str) -> None:
    """Wan 2.1's image-to-video: one picture, seen through CLIP as well."""
    transformer = WanTransformer3DModel(in_channels=36, out_channels=16, image_dim=28, added_kv_proj_dim=24, **sizes)
    pipeline = WanImageToVideoPipeline(
        transformer=randomized(transformer, 1), **image_encoder("gelu", 2), **parts(name))
    first = picture(32, 48, 3)
    record(name, pipeline, latents(16, 2, 4, 6), 5, 32, 48, {"image": first}, image=Image.fromarray(first))


def clip_first_last(name: str) -> None:
    """Wan 2.1's first-last-frame-to-video: two pictures, told apart by what is added to their vectors."""
    transformer = WanTransformer3DModel(
        in_channels=36, out_channels=16, image_dim=28, added_kv_proj_dim=24, pos_embed_seq_len=10, **sizes)
    pipeline = WanImageToVideoPipeline(
        transformer=randomized(transformer, 4), **image_encoder("quick_gelu", 5), **parts(name))
    (first, last) = (picture(48, 32, 6), picture(48, 32, 7))
    record(
        name, pipeline, latents(16, 2, 6, 4), 5, 48, 32, {"image": first, "last_image": last},
        image=Image.fromarray(first), last_image=Image.fromarray(last))


def vace_references(name: str) -> None:
    """VACE with two reference images of another size, a soft mask, and other than full strength."""
    transformer = WanVACETransformer3DModel(
        in_channels=16, out_channels=16, vace_layers=[0, 1], vace_in_channels=96, **sizes)
    pipeline = WanVACEPipeline(transformer=randomized(transformer, 8), **parts(name))
    video = np.stack([picture(32, 32, 10 + frame) for frame in range(5)])
    mask = np.stack([picture(32, 32, 20 + frame)[:, :, 0] for frame in range(5)])
    references = np.stack([picture(20, 36, 30), picture(20, 36, 31)])
    record(
        name, pipeline, latents(16, 4, 4, 4), 5, 32, 32,
        {"video": video, "mask": mask, "reference_images": references},
        video=[Image.fromarray(frame) for frame in video], mask=[Image.fromarray(frame) for frame in mask],
        reference_images=[Image.fromarray(image) for image in references], conditioning_scale=[0.7, 1.2])


def ti2v_text(name: str) -> None:
    """Wan 2.2's text-and-image-to-video with a prompt alone: every token at the same time."""
    transformer = WanTransformer3DModel(in_channels=24, out_channels=24, **sizes)
    pipeline = WanPipeline(
        transformer=randomized(transformer, 9), expand_timesteps=True, **parts(name, "ti2v-first-frame"))
    record(name, pipeline, latents(24, 2, 2, 4), 5, 32, 64, {})


def text_model(name: str) -> dict:
    transformer = WanTransformer3DModel(in_channels=16, out_channels=16, **(sizes | {"num_layers": 3}))
    return {"transformer": randomized(transformer, 11), **parts(name)}


def film_to_film(name: str) -> None:
    """A film noised to 3 of 5 steps, and made anew from there."""
    video = np.stack([picture(32, 32, 50 + frame) for frame in range(5)])
    record(
        name, WanVideoToVideoPipeline(**text_model(name)), None, 5, 32, 32, {"video": video}, steps=5,
        told={"strength": "0.6"}, video=[Image.fromarray(frame) for frame in video], strength=0.6)


def first_block_cache(name: str) -> None:
    pipeline = WanPipeline(**text_model(name))
    saved = pipeline.transformer.state_dict()
    apply_first_block_cache(pipeline.transformer, FirstBlockCacheConfig(threshold=0.9))
    assert saved.keys() == pipeline.transformer.state_dict().keys()
    runs = []
    pipeline.transformer.blocks[1].ffn.register_forward_hook(lambda *_: runs.append(1))
    record(name, pipeline, latents(16, 2, 4, 4), 5, 32, 32, {}, steps=10, told={"first_block_cache": "0.9"})
    print("first-block-cache ran", len(runs), "of 20")


class TeaCache(torch.nn.Module):
    """The blocks of a transformer under TeaCache, after TeaCache4Wan2.1/teacache_generate.py, for a polynomial that is
    the distance itself; the calls are for prompt and negative prompt in turn."""

    def __init__(self, transformer: torch.nn.Module, threshold: float, steps: int) -> None:
        super().__init__()
        self.blocks, self.threshold, self.steps, self.count, self.skipped = transformer.blocks, threshold, steps, 0, 0
        self.state = [{"distance": 0.0}, {"distance": 0.0}]
        transformer.condition_embedder.register_forward_hook(lambda _, __, output: setattr(self, "now", output[0]))

    def forward(self, x: Tensor, *arguments) -> Tensor:
        (step, branch) = divmod(self.count, 2)
        (self.count, state) = (self.count + 1, self.state[branch])
        runs = step < 1 or step >= self.steps - 1
        if not runs:
            before = state["time"]
            state["distance"] += ((self.now - before).abs().mean() / before.abs().mean()).item()
            runs = state["distance"] >= self.threshold
        if runs:
            state["distance"] = 0.0
        state["time"] = self.now.clone()
        if not runs:
            self.skipped += 1
            return x + state["added"]
        result = x
        for block in self.blocks:
            result = block(result, *arguments)
        state["added"] = result - x
        return result


def teacache(name: str) -> None:
    pipeline = WanPipeline(**text_model(name))
    blocks = pipeline.transformer.blocks
    cached = TeaCache(pipeline.transformer, 0.8, 10)
    pipeline.transformer.blocks = torch.nn.ModuleList([cached])
    (save, model) = (pipeline.transformer.save_pretrained, pipeline.transformer)

    def save_plain(folder: Path) -> None:
        model.blocks = blocks
        save(folder)

    pipeline.transformer.save_pretrained = save_plain
    record(name, pipeline, latents(16, 2, 4, 4), 5, 32, 32, {}, steps=10, told={"teacache": "0.8"})
    print("teacache skipped", cached.skipped, "of", cached.count)


cases = {
    "clip-first": clip_first, "clip-first-last": clip_first_last, "vace-references": vace_references,
    "ti2v-text": ti2v_text, "film-to-film": film_to_film, "first-block-cache": first_block_cache, "teacache": teacache}

if __name__ == "__main__":
    for name in sys.argv[1:] or cases:
        cases[name](name)
