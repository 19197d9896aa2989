"""Samples stills and clips from an exported model directory, many at once, as the product does one by one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers import AutoencoderKLWan, UniPCMultistepScheduler, WanTransformer3DModel
from tokenizers import Tokenizer
from torch import Tensor
from transformers import UMT5EncoderModel

from .checkpoint import read_json
from .conditioning import condition
from .loop import mixed_precision, short_attention
from .text import embed, tokens
from .whole_clip import decode, denormalised


@dataclass
class Model:
    """The parts of a diffusers directory, in fp32 on one device."""

    autoencoder: AutoencoderKLWan
    transformer: WanTransformer3DModel
    text_encoder: UMT5EncoderModel
    tokenizer: Tokenizer
    scheduler: UniPCMultistepScheduler
    prompt_length: int
    device: str

    @classmethod
    def of(cls, folder: Path, device: str) -> "Model":
        def part(kind: type, name: str):
            module = kind.from_pretrained(folder, subfolder=name, dtype=torch.float32)
            return module.to(device).eval().requires_grad_(False)

        return cls(
            part(AutoencoderKLWan, "vae"), part(WanTransformer3DModel, "transformer"),
            part(UMT5EncoderModel, "text_encoder"), Tokenizer.from_file(str(folder / "tokenizer" / "tokenizer.json")),
            UniPCMultistepScheduler.from_pretrained(folder, subfolder="scheduler"),
            read_json(folder / "tokenizer" / "tokenizer_config.json")["model_max_length"], device)

    @torch.no_grad()
    def sample(
        self, prompts: list[str], frames: int, height: int, width: int, *, steps: int, guidance: float,
        known: dict[int, Tensor] | None = None, seed: int = 0, noise: Tensor | None = None,
    ) -> Tensor:
        """Videos [B, F, H, W, 3] in 0…1.

        `known` holds the pixels of given frames by index, [B, H, W, 3] in 0…1.
        """
        video = torch.zeros(len(prompts), 3, frames, height, width, device=self.device)
        for frame, pixels in (known or {}).items():
            video[:, :, frame] = pixels.to(self.device).permute(0, 3, 1, 2) * 2 - 1
        with mixed_precision(self.device):
            given = condition(self.autoencoder, video, [set(known or {})] * len(prompts)).float()  # [B, 4 + z, T, h, w]
            text = embed(self.text_encoder, self._ids(prompts)).float()  # [B, L, d]
            no_text = embed(self.text_encoder, self._ids([""])).float().expand_as(text)  # [B, L, d]
        z = self.autoencoder.config.z_dim
        shape = (len(prompts), z, *given.shape[2:])
        if noise is None:
            noise = torch.randn(shape, generator=torch.Generator().manual_seed(seed))
        x = noise.to(self.device)  # [B, z, T, h, w]
        scheduler = UniPCMultistepScheduler.from_config(self.scheduler.config)
        scheduler.set_timesteps(steps, device=self.device)
        for time in scheduler.timesteps:
            v = self._velocity(x, given, time, text)
            if guidance > 1:
                free = self._velocity(x, given, time, no_text)
                v = free + guidance * (v - free)  # [B, z, T, h, w]
            x = scheduler.step(v, time, x, return_dict=False)[0]
        # The decoder's full-size layers are what takes memory: a few clips at a time.
        parts = []
        for part in x.split(16):
            with mixed_precision(self.device):
                parts.append(decode(self.autoencoder, denormalised(self.autoencoder, part)).float())
        decoded = torch.cat(parts).clamp(-1, 1)  # [B, 3, F, H, W]
        return (decoded * 0.5 + 0.5).permute(0, 2, 3, 4, 1)

    def _velocity(self, x: Tensor, given: Tensor, time: Tensor, text: Tensor) -> Tensor:
        with mixed_precision(self.device), short_attention(self.device):
            return self.transformer(
                hidden_states=torch.cat([x, given], 1), timestep=time.expand(len(x)).to(torch.float32),
                encoder_hidden_states=text, return_dict=False)[0].float()

    def _ids(self, prompts: list[str]) -> Tensor:
        return tokens(self.tokenizer, prompts, self.prompt_length).to(self.device)
