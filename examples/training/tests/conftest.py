"""Has the tests find the packages beside them, and gives them networks in miniature."""

import sys
from pathlib import Path

import pytest
import torch

sys.path.append(str(Path(__file__).parents[1]))


@pytest.fixture(autouse=True)
def steady():
    torch.manual_seed(0)


@pytest.fixture(scope="session")
def settings():
    from training.settings import Settings

    return Settings.rehearsal()
