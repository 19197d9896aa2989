"""Files that are either whole or not there: checkpoints, JSON figures, weights."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator

import torch


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write to; what was written takes the place of `path` when the block ends without an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def save(path: Path, state: dict[str, Any]) -> None:
    with replacing(path) as part:
        torch.save(state, part)


def load(path: Path, device: str | torch.device = "cpu") -> dict[str, Any] | None:
    """`None` where there is no checkpoint."""
    if not path.exists():
        return None
    return torch.load(path, map_location=device, weights_only=True)


def write_json(path: Path, value: Any) -> None:
    with replacing(path) as part:
        part.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def read_json(path: Path) -> Any:
    return json.loads(path.read_text())
