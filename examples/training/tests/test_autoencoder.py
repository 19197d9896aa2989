"""The autoencoder over whole clips, against diffusers' own streaming."""

import pytest
import torch
from training import autoencoder
from training.whole_clip import decode, denormalised, encode, normalised


@pytest.fixture(scope="module")
def network(settings):
    torch.manual_seed(1)
    return autoencoder.build(settings).eval().requires_grad_(False)


@pytest.mark.parametrize("frames", [1, 5, 9])
def test_encodes_and_decodes_as_diffusers_does(network, frames):
    video = torch.rand(1, 3, frames, 32, 48) * 2 - 1
    mean, log_variance = encode(network, video)
    reference = network.encode(video).latent_dist
    torch.testing.assert_close(mean, reference.mean, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(log_variance, reference.logvar, rtol=1e-4, atol=1e-5)
    decoded = decode(network, mean)
    assert decoded.shape == video.shape
    torch.testing.assert_close(decoded.clamp(-1, 1), network.decode(mean).sample, rtol=1e-4, atol=1e-5)


def test_normalising_and_back(network):
    latents = torch.randn(1, 16, 2, 4, 4)
    torch.testing.assert_close(denormalised(network, normalised(network, latents)), latents)


def test_losses_can_be_descended(settings):
    network = autoencoder.build(settings)
    parts = autoencoder.losses(network, torch.rand(1, 3, 5, 16, 16) * 2 - 1)
    sum(parts[name] * weight for name, weight in autoencoder.WEIGHTS.items()).backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in network.parameters())
