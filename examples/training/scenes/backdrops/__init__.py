"""The backdrops, each a painter of what is far and one of the ground; importing this package fills the catalogue."""

from . import indoors, nature, town  # noqa: F401
from .view import PLACES, Place, View

__all__ = ["PLACES", "Place", "View"]
