"""The latents that the transformer learns from, and its loss."""

import random
from dataclasses import replace

import pytest
import torch
from training import autoencoder
from training.bank import Bank, Chunk, draw, scene_of
from training.budget import Budget
from training.latents import Batch, LatentBank
from training.text import build_tokenizer, words
from training.transformer import EMPHASIS, flow_loss


@pytest.fixture(scope="module")
def bank(settings):
    bank = Bank(settings, "cpu")
    for kind, seeds in (("stills", range(3)), ("clips", range(2))):
        bank.add(kind, "16x9", Chunk(
            draw(kind, "16x9", seeds, settings, "cpu"), [scene_of(kind, seed) for seed in seeds], kind))
    return bank


def latents(settings) -> LatentBank:
    torch.manual_seed(1)
    network = autoencoder.build(settings).eval().requires_grad_(False)
    return LatentBank(settings, network, build_tokenizer(words(50)), None, "cpu")


def test_latents_are_kept_and_made_anew_where_their_fields_have_changed(settings, bank, tmp_path):
    made = latents(settings)
    assert made.extend(bank, Budget(1), 2) and not made.extend(bank, Budget(1), 2)
    made.save(tmp_path / "latents.pt")
    kept = latents(settings)
    kept.resume(tmp_path / "latents.pt")
    assert (kept.count("stills"), kept.count("clips")) == (3, 2) and not kept.extend(bank, Budget(1), 2)
    state = torch.load(tmp_path / "latents.pt", weights_only=True)
    for parts in state["parts"].values():
        del parts[0]["presence"]
    torch.save(state, tmp_path / "latents.pt")
    other = latents(settings)
    other.resume(tmp_path / "latents.pt")
    assert other.count("stills") == 0 and other.extend(bank, Budget(1), 2)


def test_batches_know_where_the_products_are(settings, bank):
    made = latents(settings)
    made.extend(bank, Budget(1), 2)
    for kind, count in (("stills", 1), ("clips", 3)):
        batch = made.batch(kind, 4, random.Random(0))
        assert batch.latents.shape == (4, settings.latent_channels, count, 4, 6)
        assert batch.presence.shape == (4, count, 4, 6)
        assert batch.presence.amax((1, 2, 3)).min() > 0.3 and batch.presence.min() >= 0 and batch.presence.max() <= 1


def test_errors_in_the_product_count_for_more():
    class Exact(torch.nn.Module):
        """Knows the velocity, but for one place."""

        def forward(self, noisy, condition, sigma, ids):
            velocity = (noisy - clean) / sigma[:, None, None, None, None]
            velocity[..., place] += 1
            return velocity

    clean = torch.randn(2, 4, 1, 3, 5)
    presence = torch.zeros(2, 1, 3, 5)
    presence[..., 1] = 1
    batch = Batch(clean, clean[:, :0], torch.zeros(2, 3), clean[:, :0], presence)
    place = 1
    inside = flow_loss(Exact(), batch, "cpu")
    place = 2
    outside = flow_loss(Exact(), batch, "cpu")
    even = flow_loss(Exact(), replace(batch, presence=torch.zeros_like(presence)), "cpu")
    assert even == pytest.approx(1 / 5, rel=1e-3)
    assert inside == pytest.approx((1 + EMPHASIS) / (5 + EMPHASIS), rel=1e-3)
    assert outside == pytest.approx(1 / (5 + EMPHASIS), rel=1e-3)
