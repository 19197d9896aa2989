"""Records a run of the stock pipeline as a case file, which `reel models verify DIR --case FILE` replays."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import WanImageToVideoPipeline
from PIL import Image
from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch import Tensor

from .checkpoint import replacing
from .text import embed, tokens
from .whole_clip import denormalised, normalised


def load_pipeline(directory: Path) -> WanImageToVideoPipeline:
    return WanImageToVideoPipeline.from_pretrained(directory, dtype=torch.float32)


@torch.no_grad()
def record(
    directory: Path, path: Path, prompt: str, first: Tensor, last: Tensor, frames: int, steps: int, guidance: float,
    prompt_length: int, calls: int = 4, seed: int = 0,
) -> None:
    """Runs the pipeline on the CPU between two keyframes, uint8 [H, W, 3], and keeps what its parts took and gave."""
    pipeline = load_pipeline(directory)
    pipeline.set_progress_bar_config(disable=True)
    kept: dict[str, Tensor] = {}
    height, width = first.shape[:2]
    _watch(pipeline, kept, calls)
    noise = torch.randn(
        1, pipeline.vae.config.z_dim, 1 + (frames - 1) // 4, height // 8, width // 8,
        generator=torch.Generator().manual_seed(seed))

    def after_step(_, index: int, __, values: dict[str, Tensor]) -> dict[str, Tensor]:
        kept[f"step{index}.latents"] = values["latents"].clone()
        return {}

    embeds = _embedded(pipeline, directory, prompt, prompt_length)
    video = pipeline(
        image=Image.fromarray(first.numpy()), last_image=Image.fromarray(last.numpy()), prompt_embeds=embeds[0],
        negative_prompt_embeds=embeds[1], height=height, width=width, num_frames=frames, num_inference_steps=steps,
        guidance_scale=guidance, latents=noise.clone(), max_sequence_length=prompt_length, output_type="np",
        callback_on_step_end=after_step).frames[0]
    kept |= {
        "prompt_embeds": embeds[0], "negative_prompt_embeds": embeds[1], "initial_noise": noise,
        "timesteps": pipeline.scheduler.timesteps.float(), "sigmas": pipeline.scheduler.sigmas.float(),
        "video": torch.as_tensor(video).float(), "input.image": first, "input.last_image": last}
    _save(path, kept, {
        "pipeline": "WanImageToVideoPipeline", "prompt": prompt, "height": height, "width": width,
        "num_frames": frames, "num_inference_steps": steps, "guidance_scale": guidance,
        "max_sequence_length": prompt_length})


@torch.no_grad()
def record_still(
    directory: Path, path: Path, prompt: str, height: int, width: int, steps: int, guidance: float, prompt_length: int,
    calls: int = 2, seed: int = 1,
) -> None:
    """Keeps how a still is made: one frame, a mask of zeros, and what the encoder makes of grey as the condition.

    No stock pipeline runs an image-to-video model without an image; its parts do.
    """
    pipeline = load_pipeline(directory)
    autoencoder, scheduler = pipeline.vae, pipeline.scheduler
    kept: dict[str, Tensor] = {}
    embeds = _embedded(pipeline, directory, prompt, prompt_length)
    grey = autoencoder.encode(torch.zeros(1, 3, 1, height, width)).latent_dist.mode()  # [1, z, 1, h, w]
    condition = normalised(autoencoder, grey)
    mask = torch.zeros(1, 4, *condition.shape[2:])
    latents = torch.randn(condition.shape, generator=torch.Generator().manual_seed(seed))  # [1, z, 1, h, w]
    kept |= {
        "prompt_embeds": embeds[0], "negative_prompt_embeds": embeds[1], "condition": condition,
        "initial_noise": latents}
    scheduler.set_timesteps(steps)
    for step, time in enumerate(scheduler.timesteps):
        inputs = torch.cat([latents, mask, condition], 1)  # [1, 2z + 4, 1, h, w]
        with_prompt, without = (
            pipeline.transformer(inputs, time[None], embed, return_dict=False)[0] for embed in embeds)
        velocity = without + guidance * (with_prompt - without)
        if step < calls:
            kept |= {f"call{step}.transformer.in.hidden_states": inputs, f"call{step}.transformer.out": velocity}
        latents = scheduler.step(velocity, time, latents, return_dict=False)[0]
        kept[f"step{step}.latents"] = latents
    denormal = denormalised(autoencoder, latents)
    decoded = autoencoder.decode(denormal).sample  # [1, 3, 1, H, W]
    kept |= {
        "timesteps": scheduler.timesteps.float(), "sigmas": scheduler.sigmas.float(),
        "vae.decode.in": denormal, "vae.decode.out": decoded,
        "video": (decoded[0].clamp(-1, 1) * 0.5 + 0.5).permute(1, 2, 3, 0)}
    _save(path, kept, {
        "pipeline": "parts of WanImageToVideoPipeline; what the transformer gave is recorded after guidance",
        "prompt": prompt, "height": height, "width": width, "num_frames": 1, "num_inference_steps": steps,
        "guidance_scale": guidance, "max_sequence_length": prompt_length})


def _embedded(
    pipeline: WanImageToVideoPipeline, directory: Path, prompt: str, prompt_length: int
) -> list[Tensor]:
    """The prompt and the empty one, [1, L, d] each.

    Embedded here, as the pipeline would, so that its text cleaning and what that depends on are not needed.
    """
    tokenizer = Tokenizer.from_file(str(directory / "tokenizer" / "tokenizer.json"))
    return [embed(pipeline.text_encoder, tokens(tokenizer, [text], prompt_length)) for text in (prompt, "")]


def _save(path: Path, kept: dict[str, Tensor], how: dict[str, str | int | float]) -> None:
    """Writes the case, and as its metadata how it was made; the negative prompt is always empty."""
    metadata = {name: str(value) for name, value in how.items()} | {"negative_prompt": ""}
    with replacing(path) as part:
        save_file({name: tensor.contiguous().cpu() for name, tensor in kept.items()}, part, metadata=metadata)


def _watch(pipeline: WanImageToVideoPipeline, kept: dict[str, Tensor], calls: int) -> None:
    """Has the pipeline's parts keep their inputs and outputs."""
    counts = {"text": 0, "call": 0, "encode": 0}

    def number(what: str) -> int:
        counts[what] += 1
        return counts[what] - 1

    def text(_, __, named: dict, ___) -> None:
        kept[f"text{number('text')}.ids"] = named["input_ids"].to(torch.int32).clone()

    def transformer(_, __, named: dict, output: tuple) -> None:
        call = number("call")
        if call < calls:
            for name in ("hidden_states", "timestep", "encoder_hidden_states"):
                kept[f"call{call}.transformer.in.{name}"] = named[name].float().clone()
            kept[f"call{call}.transformer.out"] = output[0].clone()

    pipeline.text_encoder.register_forward_hook(text, with_kwargs=True)
    pipeline.transformer.register_forward_hook(transformer, with_kwargs=True)
    encode, decode = pipeline.vae.encode, pipeline.vae.decode

    def watched_encode(x: Tensor, *arguments, **named):
        result = encode(x, *arguments, **named)
        call = number("encode")
        kept[f"vae.encode{call}.in"] = x.clone()
        kept[f"vae.encode{call}.out.mode"] = result.latent_dist.mode().clone()
        return result

    def watched_decode(z: Tensor, *arguments, **named):
        result = decode(z, *arguments, **named)
        kept["vae.decode.in"] = z.clone()
        kept["vae.decode.out"] = result[0].clone()
        return result

    pipeline.vae.encode, pipeline.vae.decode = watched_encode, watched_decode
