"""Sheets of pictures for the READMEs and for the eyes of whoever trains."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import torch
from PIL import Image, ImageDraw
from torch import Tensor

from .checkpoint import replacing

CAPTION_HEIGHT = 26


def picture(pixels: Tensor) -> Image.Image:
    """[H, W, 3] in 0…1."""
    return Image.fromarray((pixels.detach().float().cpu().clamp(0, 1) * 255 + 0.5).to(torch.uint8).numpy())


def sheet(path: Path, pictures: list[Tensor], columns: int, captions: list[str] | None = None, gap: int = 4) -> None:
    """A PNG of pictures [H, W, 3] in rows, each with its caption below."""
    width = max(p.shape[1] for p in pictures)
    height = max(p.shape[0] for p in pictures)
    below = CAPTION_HEIGHT if captions else 0
    rows = -(-len(pictures) // columns)
    image = Image.new("RGB", (columns * (width + gap) + gap, rows * (height + below + gap) + gap), "white")
    draw = ImageDraw.Draw(image)
    for index, pixels in enumerate(pictures):
        x = gap + index % columns * (width + gap)
        y = gap + index // columns * (height + below + gap)
        image.paste(picture(pixels), (x + (width - pixels.shape[1]) // 2, y))
        if captions:
            draw.multiline_text((x, y + height + 1), _wrapped(captions[index], width), fill="black", spacing=1)
    with replacing(path) as part:
        image.save(part, format="PNG")


def _wrapped(text: str, width: int, lines: int = 2) -> str:
    """At most so many lines of as many characters of the default font, which knows no accents, as fit."""
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    most = max(8, width // 6)
    rows = [""]
    for word in text.split():
        if rows[-1] and len(rows[-1]) + 1 + len(word) > most:
            rows.append(word)
        else:
            rows[-1] = f"{rows[-1]} {word}".strip()
    return "\n".join(row[:most] for row in rows[:lines])
