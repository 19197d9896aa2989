"""Masks of known frames."""

import random

import pytest
import torch
from training.conditioning import WAYS, known_frames, mask, masked


def test_first_frame_sets_all_channels_and_later_ones_their_own():
    channels = mask({0, 1, 8, 16}, 17, 1, 1)[:, :, 0, 0]
    assert channels[:, 0].tolist() == [1, 1, 1, 1]
    assert channels[:, 1].tolist() == [1, 0, 0, 0]
    assert channels[:, 2].tolist() == [0, 0, 0, 1]
    assert channels[:, 4].tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize("way", WAYS)
def test_every_way_names_frames_of_the_clip(way):
    for seed in range(30):
        known = known_frames(way, 17, random.Random(seed))
        assert known <= set(range(17)) and (known or way == "none")
        assert way != "prefix" or known == set(range(len(known))) and len(known) % 4 == 1


def test_unknown_frames_become_grey():
    video = masked(torch.ones(2, 3, 5, 2, 2), [{0}, {1, 4}])
    assert video[:, 0, :, 0, 0].tolist() == [[1, 0, 0, 0, 0], [0, 1, 0, 0, 1]]
