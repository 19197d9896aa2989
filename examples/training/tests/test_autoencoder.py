"""The autoencoder over whole clips, against diffusers' own streaming."""

from dataclasses import replace

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
    latents = torch.randn(1, network.config.z_dim, 2, 4, 4)
    torch.testing.assert_close(denormalised(network, normalised(network, latents)), latents)


def test_losses_can_be_descended(settings):
    network = autoencoder.build(settings)
    parts = autoencoder.losses(network, torch.rand(1, 3, 5, 16, 16) * 2 - 1)
    sum(parts[name] * weight for name, weight in autoencoder.WEIGHTS.items()).backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in network.parameters())


def test_widened_still_makes_what_it_made(settings):
    narrow, wide = replace(settings, latent_channels=3), replace(settings, latent_channels=7)
    before = autoencoder.build(narrow)
    torch.nn.init.normal_(before.quant_conv.bias)
    torch.nn.init.normal_(before.post_quant_conv.weight)
    after = autoencoder.build(wide)
    after.load_state_dict(autoencoder.widened(before.state_dict(), wide))
    video = torch.rand(1, 3, 5, 32, 32) * 2 - 1
    with torch.no_grad():
        (mean, log_variance), (wide_mean, wide_log_variance) = encode(before, video), encode(after, video)
        torch.testing.assert_close(wide_mean[:, :3], mean)
        torch.testing.assert_close(wide_log_variance[:, :3], log_variance)
        torch.testing.assert_close(decode(after, wide_mean), decode(before, mean))
        assert wide_mean[:, 3:].std() > 1e-3  # and has something to say in its new channels
