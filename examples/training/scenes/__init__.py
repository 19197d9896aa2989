"""Captioned ad shots drawn by code: what the embedded model, its upscaler and their judges learn from."""

from .captions import canonical, caption
from .presence import presence
from .render import render
from .scene import Scene, is_held_out, sample
from .vocabulary import COLOURS, VOCABULARY

__all__ = ["COLOURS", "VOCABULARY", "Scene", "canonical", "caption", "is_held_out", "presence", "render", "sample"]
