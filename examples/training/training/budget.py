"""A stretch of time to train in: how far along it is, and the learning rate that follows from that."""

from __future__ import annotations

import math
import time
from typing import Callable


class Budget:
    """Counts from its creation. Training asks it after every step, so it ends in time whatever a step takes."""

    def __init__(self, minutes: float, clock: Callable[[], float] = time.monotonic):
        if minutes <= 0:
            raise ValueError(f"a budget needs more than 0 minutes, not {minutes}")
        self._clock = clock
        self._start = clock()
        self.seconds = minutes * 60

    @property
    def elapsed(self) -> float:
        return self._clock() - self._start

    @property
    def left(self) -> float:
        return self.seconds - self.elapsed

    @property
    def progress(self) -> float:
        """0 at the start, 1 when the time is over."""
        return min(1.0, self.elapsed / self.seconds)

    @property
    def is_over(self) -> bool:
        return self.left <= 0

    def part(self, share: float) -> "Budget":
        """A budget of a share of the time that is left, and of a moment where none is."""
        return Budget(max(self.left * share, 0.5) / 60, self._clock)

    def learning_rate(self, peak: float, warm_up: float = 0.03, floor: float = 0.01) -> float:
        """Rises over the first `warm_up` of the time, then falls along a cosine to `floor` of the peak."""
        progress = self.progress
        if progress < warm_up:
            return peak * max(0.02, progress / warm_up)
        fall = (progress - warm_up) / (1 - warm_up)  # 0…1
        return peak * (floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * fall)))


class Every:
    """True once in so many seconds."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._seconds = seconds
        self._last = clock()

    def __call__(self) -> bool:
        now = self._clock()
        if now - self._last < self._seconds:
            return False
        self._last = now
        return True
