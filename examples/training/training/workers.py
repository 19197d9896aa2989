"""Processes that draw beside the training: several keep a GPU busy, since each waits for Python between kernels."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable


class Workers:
    """Draws shards of the kinds into a folder for so many minutes, in `count` processes."""

    def __init__(self, count: int, folder: Path, kinds: list[str], minutes: float, device: str, rehearse: bool):
        arguments = [
            sys.executable, "-m", "training", "data", "--device", device, "--data", str(folder), "--minutes",
            f"{minutes:.3f}", "--kinds", ",".join(kinds), "--threads", "1", "--workers", str(count)]
        environment = os.environ | {"PYTORCH_CUDA_ALLOC_CONF": "expandable_segments:True"}
        # The first says what it does; the others would say the same.
        self._processes = [
            subprocess.Popen(
                arguments + ["--worker", str(worker)] + ["--rehearse"] * rehearse, env=environment,
                stdout=None if worker == 0 else subprocess.DEVNULL)
            for worker in range(count)]

    @property
    def are_running(self) -> bool:
        return any(process.poll() is None for process in self._processes)

    @property
    def have_failed(self) -> bool:
        return all(process.poll() not in (None, 0) for process in self._processes)

    def wait(self, seconds: float, is_enough: Callable[[], bool] = lambda: False) -> None:
        """Until they have ended, the time is over, or there is enough."""
        end = time.monotonic() + seconds
        while self.are_running and time.monotonic() < end and not is_enough():
            time.sleep(0.5)

    def stop(self) -> None:
        """Ends those that still draw; what they have not finished is lost, and shards are whole."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.wait()
