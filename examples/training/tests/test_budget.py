"""The time budget, and the learning rate that follows it."""

import pytest
from training.budget import Budget, Every


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def test_is_over_when_its_minutes_are():
    clock = Clock()
    budget = Budget(2, clock)
    clock.now += 60
    assert budget.progress == 0.5 and budget.left == 60 and not budget.is_over
    clock.now += 60
    assert budget.is_over and budget.progress == 1


def test_learning_rate_rises_then_falls_to_its_floor():
    clock = Clock()
    budget = Budget(1, clock)
    rates = []
    for _ in range(61):
        rates.append(budget.learning_rate(1.0))
        clock.now += 1
    assert rates[0] < 0.05 and max(rates[:5]) > 0.95
    assert rates[5:] == sorted(rates[5:], reverse=True)
    assert rates[-1] == pytest.approx(0.01, abs=1e-3)


def test_no_minutes_are_refused():
    with pytest.raises(ValueError):
        Budget(0)


def test_every_says_yes_once_in_its_seconds():
    clock = Clock()
    every = Every(10, clock)
    assert not every()
    clock.now += 10
    assert every() and not every()
