"""Drawing, shards and batches."""

import json
import random
from dataclasses import replace

import numpy
import pytest
import scenes as drawing
import torch
from training.bank import Bank, Chunk, as_bytes, as_signed, draw, moments, scene_of, write_shards
from training.budget import Budget
from training.settings import Load

LOAD = Load.of("cpu", True)


def test_a_number_is_always_the_same_scene_and_held_out_ones_stay_apart():
    assert scene_of("clips", 5) == scene_of("clips", 5) != scene_of("clips", 6)
    assert not any(drawing.is_held_out(scene_of("clips", seed)) for seed in range(40))
    assert all(drawing.is_held_out(scene_of("held-clips", seed)) for seed in range(10))


def test_draws_every_kind_at_its_size(settings):
    height, width = settings.aspects["16x9"]
    assert draw("clips", "16x9", [0, 3], settings, "cpu").shape == (2, settings.frames, height, width, 3)
    assert draw("stills", "9x16", [1], settings, "cpu").shape == (1, 1, width, height, 3)
    assert draw("pairs", "16x9", [0], settings, "cpu").shape == (1, 2, 2 * height, 2 * width, 3)


def test_bytes_and_signed_pixels():
    frames = as_bytes(torch.tensor([0.0, 0.5, 1.0]).view(1, 1, 1, 1, 3))
    assert frames.flatten().tolist() == [0, 128, 255]
    assert as_signed(frames).flatten().tolist() == pytest.approx([-1, 0.0039, 1], abs=1e-3)


def test_shards_go_on_where_they_ended(settings, tmp_path):
    for most in (2, 4):
        write_shards(tmp_path, ["stills"], Budget(1), settings, LOAD, "cpu", 1, {"stills": most})
    shards = sorted(tmp_path.glob("stills-16x9-*.json"))
    drawn = [str(scene) for path in shards for scene in json.loads(path.read_text())["scenes"]]
    assert len(shards) == 2 and len(drawn) == len(set(drawn))
    bank = Bank(settings, "cpu")
    bank.rescan(tmp_path)
    bank.rescan(tmp_path)
    assert bank.count("stills", "16x9") == len(drawn)
    frames, shown = bank.batch("stills", 3, random.Random(0))
    assert frames.shape[0] == 3 and len(shown) == 3 and not list(tmp_path.glob(".*part"))


def test_shards_of_other_scenes_are_left_out(settings, tmp_path, capsys):
    numpy.save(tmp_path / "clips-16x9-000000.npy", numpy.zeros((1, 5, 32, 48, 3), numpy.uint8))
    (tmp_path / "clips-16x9-000000.json").write_text(
        json.dumps({"kind": "clips", "aspect": "16x9", "scenes": [{"flavour": "lemon"}]}))
    bank = Bank(settings, "cpu")
    bank.rescan(tmp_path)
    assert bank.count("clips") == 0 and "another version" in capsys.readouterr().out


def test_crops_are_cut_within_the_frames(settings):
    bank = Bank(settings, "cpu")
    bank.add("clips", "16x9", Chunk(torch.arange(2 * 9 * 32 * 48 * 3).view(2, 9, 32, 48, 3).to(torch.uint8), [scene_of("clips", seed) for seed in (0, 1)], "clips"))
    assert bank.crops("clips", 3, random.Random(0), 16, 5).shape == (3, 5, 16, 16, 3)
    assert bank.crops("clips", 1, random.Random(0), 99).shape == (1, 9, 32, 32, 3)
    with pytest.raises(LookupError):
        bank.aspects("pairs")


def test_pairs_of_products_are_left_out_where_one_is_judged(settings):
    bank = Bank(settings, "cpu")
    shown = [scene_of("stills", seed) for seed in range(40)]
    single = [scene for scene in shown if scene.second_product is None]
    assert 0 < len(single) < 40
    frames = torch.arange(40).view(40, 1, 1, 1, 1).expand(40, 1, 2, 2, 3).to(torch.uint8)
    for aspect, part in (("16x9", slice(0, 25)), ("1x1", slice(25, 40))):
        bank.add("stills", aspect, Chunk(frames[part], shown[part], "stills"))
    pictures, scenes = bank.batch("stills", 60, random.Random(0), alone=True)
    assert all(scene.second_product is None for scene in scenes)
    assert [shown[number] for number in pictures[:, 0, 0, 0, 0].tolist()] == scenes
    batches = list(bank.each("stills", 7, alone=True))
    assert sorted(map(str, (scene for _, part in batches for scene in part))) == sorted(map(str, single))
    assert [len(part) for _, part in bank.each("stills", 10)] == [10, 10, 10, 5, 5]
    assert [len(part) for _, part in bank.each("stills", 10, most=15)] == [10, 10]
    with pytest.raises(LookupError, match="there are no held-stills: draw some"):
        next(bank.each("held-stills", 10))
    assert bank.count("stills") == 40 and bank.count("stills", "1x1", alone=True) <= 15


def test_workers_draw_different_scenes(settings, tmp_path):
    for worker in range(2):
        write_shards(tmp_path, ["stills"], Budget(1), settings, LOAD, "cpu", 1, {"stills": 4}, worker, 2)
    drawn = [str(scene) for path in tmp_path.glob("*.json") for scene in json.loads(path.read_text())["scenes"]]
    assert len(drawn) == len(set(drawn)) == 12


def test_what_drops_is_in_a_clip_from_its_beginning():
    scene = scene_of("clips", 0)
    assert moments(replace(scene, motion="dropping"), 3).tolist() == pytest.approx([0.4, 0.7, 1.0])
    assert moments(replace(scene, motion="spinning"), 1).tolist() == [0]
