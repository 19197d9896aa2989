"""The products, each a page of solids; importing this package fills the catalogue."""

from . import bottles, cups, devices, food, home, packs, toys, wear  # noqa: F401
from .catalogue import PRODUCTS, Part, Product, Surface

__all__ = ["PRODUCTS", "Part", "Product", "Surface"]
