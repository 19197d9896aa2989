"""The sizes of everything that is trained, in full and for a rehearsal that takes seconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Mapping

Size = tuple[int, int]  # height, width


@dataclass(frozen=True)
class Settings:
    """What decides the shape of data and networks. Everything else is a matter of time."""

    # Multiples of 16: the autoencoder's latents are an eighth of each side and the transformer reads 2×2 patches.
    aspects: Mapping[str, Size] = field(
        default_factory=lambda: MappingProxyType({"16x9": (112, 192), "9x16": (192, 112), "1x1": (144, 144)}))
    frames: int = 17
    frames_per_second: int = 8
    steps: int = 20
    guidance: float = 2.0
    flow_shift: float = 3.0
    prompt_length: int = 64

    latent_channels: int = 48
    # 2×2 pixels are one with four times the channels, as in Wan 2.2's autoencoder: the layers at full size, where
    # most of the work was, are a quarter of it. Each level but the last halves the sides.
    autoencoder_patch: int = 2
    autoencoder_width: int = 32
    autoencoder_multipliers: tuple[int, ...] = (1, 4, 4)
    residual_blocks: int = 1
    # Training sees crops of so many pixels and frames; what convolutions learn there holds at full size.
    crop: int = 64
    crop_frames: tuple[int, ...] = (9, 9, 17)

    text_width: int = 256
    text_feed_forward: int = 512
    text_heads: int = 6
    text_head_width: int = 64
    text_layers: int = 3

    heads: int = 5
    head_width: int = 64
    feed_forward: int = 1280
    layers: int = 8

    upscaler_features: int = 48
    upscaler_convolutions: int = 12
    upscaler_crop: int = 32  # pixels a side before upscaling

    classifier_width: int = 32

    # The weights that are exported: no file above this.
    shard_megabytes: int = 15

    @property
    def temporal_factor(self) -> int:
        return 4

    @property
    def condition_channels(self) -> int:
        """Noise, a mask channel for every frame of a latent frame, and the latents of the known frames."""
        return 2 * self.latent_channels + self.temporal_factor

    @property
    def latent_frames(self) -> int:
        return 1 + (self.frames - 1) // self.temporal_factor

    @staticmethod
    def rehearsal() -> "Settings":
        """The same networks in miniature."""
        return Settings(
            aspects=MappingProxyType({"16x9": (32, 48), "9x16": (48, 32), "1x1": (32, 32)}), frames=9, steps=4,
            prompt_length=64, autoencoder_width=8, autoencoder_multipliers=(1, 2, 2), crop=32, crop_frames=(5, 9),
            text_width=32, text_feed_forward=64, text_heads=4, text_head_width=8, text_layers=1, heads=2, head_width=16,
            feed_forward=64, layers=2, upscaler_features=8, upscaler_convolutions=2, upscaler_crop=12,
            classifier_width=8)


@dataclass(frozen=True)
class Load:
    """How much a device takes at once."""

    clips_drawn: int       # clips rendered in one call
    stills_drawn: int
    pairs_drawn: int
    pair_scale: int        # how much larger than the model's frames the upscaler's examples are drawn
    autoencoder_clips: int
    autoencoder_stills: int
    transformer_clips: int
    transformer_stills: int
    upscaler_pairs: int
    classifier_clips: int
    classifier_stills: int
    generated: int         # stills sampled at once in the evaluation
    measured: int          # drawn examples that the evaluation measures on
    shown: int             # prompts on the grid

    @staticmethod
    def of(device: str, rehearse: bool) -> "Load":
        if rehearse:
            return Load(2, 4, 2, 2, 2, 4, 2, 4, 2, 2, 4, 4, 8, 4)
        if device.startswith("cuda"):
            return Load(32, 512, 24, 4, 12, 48, 128, 768, 48, 96, 256, 100, 200, 36)
        return Load(1, 16, 1, 4, 3, 12, 8, 48, 4, 4, 32, 12, 200, 36)
