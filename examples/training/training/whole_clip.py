"""The autoencoder on a whole clip at once: what diffusers computes chunk by chunk, in a fifth of the calls.

`AutoencoderKLWan` feeds its encoder 1 and then 4 frames at a time and keeps the last inputs of each convolution. The
convolutions are causal, so one pass over all frames gives the same numbers; only the two layers that change the frame
rate need care, and those are written out here.
"""

from __future__ import annotations

import torch
from diffusers import AutoencoderKLWan
from diffusers.models.autoencoders.autoencoder_kl_wan import WanResample, patchify, unpatchify
from torch import Tensor


def encode(autoencoder: AutoencoderKLWan, video: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and log variance of the posterior, [B, z, T, h, w] each, of a video in −1…1, [B, 3, F, H, W], F = 4k + 1."""
    encoder = autoencoder.encoder
    x = patchify(video, autoencoder.config.patch_size)  # [B, 3·p², F, H/p, W/p]
    x = encoder.conv_in(_channels_last(x))  # [B, C, F, H/p, W/p]
    for block in encoder.down_blocks:
        y = x
        for resnet in block.resnets:
            y = resnet(y)
        if block.downsampler is not None:
            y = _downsampled(block.downsampler, y)
        x = y + block.avg_shortcut(x)  # pads the first frame with one of zeros, as for the first chunk
    x = encoder.mid_block(x)
    x = encoder.conv_out(encoder.nonlinearity(encoder.norm_out(x)))  # [B, 2z, T, h, w]
    mean, log_variance = autoencoder.quant_conv(x).chunk(2, dim=1)
    return mean, log_variance.clamp(-30.0, 20.0)


def decode(autoencoder: AutoencoderKLWan, latents: Tensor) -> Tensor:
    """A video [B, 3, F, H, W], not clamped, from latents [B, z, T, h, w] that are not normalised."""
    decoder = autoencoder.decoder
    x = decoder.conv_in(autoencoder.post_quant_conv(_channels_last(latents)))  # [B, C, T, h, w]
    x = decoder.mid_block(x)
    for block in decoder.up_blocks:
        y = x
        for resnet in block.resnets:
            y = resnet(y)
        if block.upsampler is not None:
            y = _upsampled(block.upsampler, y)
        x = y if block.avg_shortcut is None else y + block.avg_shortcut(x, first_chunk=True)
    x = decoder.conv_out(decoder.nonlinearity(decoder.norm_out(x)))  # [B, 3·p², F, H/p, W/p]
    return unpatchify(x, autoencoder.config.patch_size)  # [B, 3, F, H, W]


def _channels_last(x: Tensor) -> Tensor:
    return x.contiguous(memory_format=torch.channels_last_3d)


def _downsampled(layer: WanResample, x: Tensor) -> Tensor:
    """Half the height and width; in time, frame 0 stays and the rest is halved."""
    x = _each_frame(layer, x)
    if layer.mode == "downsample3d" and x.shape[2] > 1:
        # The convolution has no padding: its outputs are centred on frames 1, 3, 5, …
        x = torch.cat([x[:, :, :1], layer.time_conv(x)], dim=2)
    return x


def _upsampled(layer: WanResample, x: Tensor) -> Tensor:
    """Double the height and width; in time, frame 0 stays and the rest is doubled."""
    if layer.mode == "upsample3d" and x.shape[2] > 1:
        b, c, t, h, w = x.shape
        # The history of frame 1 is zero: frame 0 is no part of it.
        y = layer.time_conv(x[:, :, 1:])  # [B, 2C, T − 1, h, w]
        y = y.reshape(b, 2, c, t - 1, h, w).permute(0, 2, 3, 1, 4, 5)  # [B, C, T − 1, 2, h, w]
        x = torch.cat([x[:, :, :1], y.reshape(b, c, 2 * (t - 1), h, w)], dim=2)
    return _each_frame(layer, x)


def _each_frame(layer: WanResample, x: Tensor) -> Tensor:
    b, c, t, h, w = x.shape
    x = layer.resample(x.permute(0, 2, 1, 3, 4).reshape(b * t, c, h, w))
    return x.reshape(b, t, *x.shape[1:]).permute(0, 2, 1, 3, 4)


def normalised(autoencoder: AutoencoderKLWan, latents: Tensor) -> Tensor:
    """(posterior mean − mean)/deviation, each channel by the config's numbers."""
    mean, deviation = _statistics(autoencoder, latents)
    return (latents - mean) / deviation


def denormalised(autoencoder: AutoencoderKLWan, latents: Tensor) -> Tensor:
    mean, deviation = _statistics(autoencoder, latents)
    return latents * deviation + mean


def _statistics(autoencoder: AutoencoderKLWan, like: Tensor) -> tuple[Tensor, Tensor]:
    shape = (1, -1, 1, 1, 1)
    mean = torch.tensor(autoencoder.config.latents_mean, device=like.device, dtype=like.dtype).view(shape)
    deviation = torch.tensor(autoencoder.config.latents_std, device=like.device, dtype=like.dtype).view(shape)
    return mean, deviation
