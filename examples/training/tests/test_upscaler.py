"""The upscaler, what it is compared with, and what its inputs suffer."""

import random

import pytest
import torch
import torch.nn.functional as F
from safetensors import safe_open
from training import upscaler
from training.degradation import _LUMINANCE, compress, degrade, lanczos, shrink


@pytest.mark.parametrize("factor", [2, 4])
def test_starts_as_nearest_neighbour(settings, factor):
    small = torch.rand(1, 3, 5, 7)
    large = upscaler.build(settings, factor)(small)
    torch.testing.assert_close(large, F.interpolate(small, scale_factor=factor, mode="nearest"))


def test_keys_are_those_of_published_weights(settings, tmp_path):
    network = upscaler.build(settings, 2)
    upscaler.export(network, tmp_path, tmp_path / "x2.safetensors", settings)
    with safe_open(tmp_path / "x2.safetensors", "pt") as file:
        convolutions = settings.upscaler_convolutions + 2
        assert "body.0.weight" in file.keys() and f"body.{2 * convolutions - 2}.bias" in file.keys()
        assert file.get_tensor("body.1.weight").shape == (settings.upscaler_features,)
        assert file.get_tensor("body.0.weight").dtype == torch.float16
        assert file.metadata()["scale"] == "2"


def test_lanczos_keeps_a_constant_and_sharpens_a_ramp():
    torch.testing.assert_close(lanczos(torch.full((1, 3, 6, 6), 0.3), 2), torch.full((1, 3, 12, 12), 0.3))
    large = torch.sin(torch.arange(64) / 6).view(1, 1, 1, 64).expand(1, 3, 64, 64) * 0.4 + 0.5
    small = shrink(large, 2)
    nearest = F.interpolate(small, scale_factor=2, mode="nearest")
    assert (lanczos(small, 2) - large).abs().mean() < 0.3 * (nearest - large).abs().mean()


def test_fine_quantisation_loses_nothing_and_coarse_something():
    frames = torch.rand(2, 3, 20, 36)
    fine = compress(frames, torch.full((8, 8), 0.05), halve_colour=False)
    torch.testing.assert_close(fine, frames, atol=0.01, rtol=0)
    coarse = compress(frames, _LUMINANCE, halve_colour=True)
    assert coarse.shape == frames.shape and (coarse - frames).abs().mean() > 0.02


def test_degraded_frames_are_small_and_in_range():
    for seed in range(12):
        small = degrade(torch.rand(2, 3, 32, 48), 2, random.Random(seed))
        assert small.shape == (2, 3, 16, 24) and 0 <= small.min() and small.max() <= 1


def test_similarity_of_a_picture_with_itself_is_one():
    picture = torch.rand(1, 3, 24, 24)
    assert upscaler.ssim(picture, picture) == pytest.approx(1)
    assert upscaler.ssim(picture, 1 - picture) < 0.5
