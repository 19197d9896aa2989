"""The scene renderer: the same scene is the same film, every word can be drawn, and captions tell what is seen."""

import dataclasses
import random
import sys
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scenes import (  # noqa: E402
    COLOURS, VOCABULARY, Scene, canonical, caption, is_held_out, presence, render, sample)
from scenes.backdrops import PLACES  # noqa: E402
from scenes.products import PRODUCTS  # noqa: E402
from scenes.vocabulary import STUDIO  # noqa: E402

PLAIN = Scene("mug", "red", "in a bright kitchen", light="left", seed=3)


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def variant(**changes) -> Scene:
    return dataclasses.replace(PLAIN, **changes)


def test_shapes_and_range():
    film = render([PLAIN, variant(product="can", backdrop=STUDIO, backdrop_colour="blue")], 3, 36, 64, supersample=1)
    assert film.shape == (2, 3, 36, 64, 3) and film.dtype == torch.float32
    assert film.min() >= 0 and film.max() <= 1 and film.isfinite().all()


def test_the_same_scene_is_the_same_film_alone_and_in_a_batch():
    generator = random.Random(1)
    scenes = [sample(generator) for _ in range(6)]
    together = render(scenes, 3, 32, 32, supersample=1)
    torch.rand(5)  # a global generator must not matter
    for index, scene in enumerate(scenes):
        alone = render([scene], 3, 32, 32, supersample=1)[0]
        assert (alone - together[index]).abs().max() < 2e-3
    assert torch.equal(together, render(scenes, 3, 32, 32, supersample=1))


def test_the_seed_changes_the_picture():
    assert (render([PLAIN], 1, 32, 32) - render([variant(seed=4)], 1, 32, 32)).abs().mean() > 1e-3


def test_a_still_is_the_film_at_that_moment():
    scene = variant(move="push in")
    film = render([scene], 5, 32, 32, supersample=1)
    still = render([scene], 1, 32, 32, supersample=1, moments=torch.tensor([[0.75]]))
    assert (film[0, 3] - still[0, 0]).abs().max() < 2e-3


def test_a_tenth_is_held_out():
    generator = random.Random(2)
    share = sum(is_held_out(sample(generator)) for _ in range(4000)) / 4000
    assert 0.07 < share < 0.13
    assert all(is_held_out(sample(generator, held_out=True)) for _ in range(20))
    assert not any(is_held_out(sample(generator, held_out=False)) for _ in range(50))
    assert is_held_out(PLAIN) == is_held_out(variant(light="night", move="push in", seed=99))


def test_the_catalogues_hold_the_vocabulary():
    assert set(PRODUCTS) == set(VOCABULARY["product"]) and len(PRODUCTS) >= 24
    assert set(PLACES) == set(VOCABULARY["backdrop"]) and len(PLACES) >= 16
    assert set(COLOURS) == set(VOCABULARY["colour"]) and len(COLOURS) >= 16


@pytest.mark.parametrize("axis", ["product", "colour", "backdrop", "light", "move", "motion", "podium"])
def test_every_word_can_be_drawn(axis):
    for word in VOCABULARY[axis]:
        changes = {axis: word}
        if word == STUDIO:
            changes["backdrop_colour"] = "green"
        film = render([variant(**changes)], 2, 24, 24, supersample=1)
        assert film.isfinite().all() and 0 <= film.min() and film.max() <= 1, word
        assert film.std() > 0.02, word


def test_every_product_shows_its_colour():
    for product in PRODUCTS:
        pair = render([variant(product=product, colour=colour, light="soft") for colour in ("red", "blue")], 1, 48, 48)
        assert (pair[0] - pair[1]).abs().mean() > 0.008, product


@pytest.mark.parametrize("move", [move for move in VOCABULARY["move"] if move != "static"])
def test_moves_move(move):
    film = render([variant(move=move)], 3, 32, 32, supersample=1)[0]
    still = render([variant(move="static")], 3, 32, 32, supersample=1)[0]
    assert (film[0] - film[2]).abs().mean() > 0.02
    assert (still[0] - still[2]).abs().mean() < 1e-4


@pytest.mark.parametrize("motion", list(VOCABULARY["motion"]))
def test_motions_move(motion):
    film = render([variant(motion=motion)], 5, 48, 48, supersample=1)[0]
    assert (film[1:] - film[:-1]).abs().amax(dim=(1, 2, 3)).max() > 0.1


def test_captions_mention_what_is_seen():
    generator = random.Random(3)
    for _ in range(300):
        scene = sample(generator)
        text = caption(scene, generator)
        assert text == text.lower() and "{" not in text
        assert any(word in text for word in [scene.product, *VOCABULARY["product"][scene.product]]), text
        assert any(word in text for word in [scene.colour, *VOCABULARY["colour"][scene.colour]]), text
        known = canonical(scene)
        assert known.startswith(f"a {scene.colour} {scene.product}, {scene.backdrop_phrase}, {scene.light} light")


def test_captions_vary():
    generator = random.Random(4)
    assert len({caption(PLAIN, generator) for _ in range(100)}) > 40


@pytest.mark.parametrize("product", sorted(PRODUCTS))
def test_presence_is_where_the_product_is(product):
    # Two colours of one product differ where it is seen, and a little on the floor that mirrors it.
    for changes in ({}, {"size": "wide", "place": "left"}, {"move": "orbit right", "motion": "spinning"}):
        red, blue = (
            variant(product=product, colour=colour, backdrop=STUDIO, backdrop_colour="white", light="soft", **changes)
            for colour in ("red", "blue"))
        moments = torch.tensor([[0.0, 0.8]])
        seen, other = (render([scene], 2, 64, 96, supersample=1, moments=moments)[0] for scene in (red, blue))
        differs = (seen - other).abs().amax(-1) > 0.3  # [F, H, W]
        cells = presence([red], moments, 64, 96, 16, 24)  # [1, F, 16, 24]
        pixels = cells[0].repeat_interleave(4, 1).repeat_interleave(4, 2) > 0  # [F, H, W]
        assert differs.any() and (differs & pixels).sum() > 0.95 * differs.sum(), changes
        # Not simply everywhere: no further than the product's own bounds, which are seldom filled.
        assert cells.sum() * 16 < 10 * differs.sum() + 200, changes


def test_presence_of_two_products_and_of_parts_of_cells():
    single = variant(move="static")
    pair = variant(second_product="can", second_colour="blue", move="static")
    once = torch.zeros(1, 1)
    coarse, fine = (presence([single], once, 112, 192, 7 * n, 12 * n) for n in (1, 4))
    assert coarse.shape == (1, 1, 7, 12) and (coarse == 0).any() and (coarse == 1).any()
    torch.testing.assert_close(coarse, torch.nn.functional.avg_pool2d(fine, 4))
    columns = presence([pair], once, 112, 192, 1, 24)[0, 0, 0] > 0
    assert columns.sum() > 5 and presence([single, pair], once.expand(2, 1), 112, 192, 7, 12)[0].equal(coarse[0])
