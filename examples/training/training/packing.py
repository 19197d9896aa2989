"""Puts an exported folder into a few files that are small enough to be carried anywhere."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

from .checkpoint import replacing

PART = 15 * 1024 * 1024


def pack(output: Path, parts: Path) -> list[Path]:
    """A tar archive of `output`, cut into `model.tar.00`, `model.tar.01`, …: `cat model.tar.* | tar x` restores it."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path in sorted(output.rglob("*")):
            if path.is_file() and not path.name.endswith(".part"):
                archive.add(path, arcname=str(path.relative_to(output)))
    content = buffer.getvalue()
    written = []
    for index, start in enumerate(range(0, len(content), PART)):
        target = parts / f"model.tar.{index:02}"
        with replacing(target) as part:
            part.write_bytes(content[start:start + PART])
        written.append(target)
    print(f"pack: {len(content) / 1e6:.1f} MB in {len(written)} files", flush=True)
    return written
