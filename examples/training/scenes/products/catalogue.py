"""What a product is: a signed distance by part, a material for each part, and paint for its labels."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from ..fields import colour as constant

Tensor = torch.Tensor


@dataclass(frozen=True)
class Part:
    """A material. `colour` is an sRGB word, or "main" or "accent" for the scene's own."""

    colour: str = "main"
    tint: float = 1.0
    rough: float = 0.45
    metal: float = 0.0
    clear: float = 0.0  # how much of the backdrop shows through
    glow: float = 0.0


GLOSS = Part(rough=0.15)
MATTE = Part(rough=0.8)
STEEL = Part("#c4c6c8", rough=0.2, metal=1.0)
BRASS = Part("#d9ab45", rough=0.25, metal=1.0)
DARK = Part("#202124", rough=0.4)
RUBBER = Part("#2a2a2d", rough=0.9)
PAPER = Part("#f6f3ea", rough=0.9)
WOOD = Part("#8a5a34", rough=0.6)


@dataclass
class Surface:
    """The points of a product that are seen, for its paint: local positions [N] and what they look like."""

    x: Tensor
    y: Tensor
    z: Tensor
    part: Tensor  # [N] index of the part
    albedo: Tensor  # [3, N]
    glow: Tensor  # [N]
    main: Tensor  # [3, N]
    accent: Tensor  # [3, N]

    def put(self, mask: Tensor, colour: str | Tensor, parts: tuple[int, ...] | int | None = None) -> None:
        """Lay a colour over the surface where `mask` (0…1) says, on the given parts only."""
        if isinstance(colour, str):
            if colour in ("main", "accent"):
                colour = getattr(self, colour)
            else:
                colour = constant(colour, str(mask.device), 1)
        if parts is not None:
            mask = mask * self.on(parts)
        self.albedo = torch.lerp(self.albedo, colour.expand_as(self.albedo), mask)

    def on(self, parts: tuple[int, ...] | int) -> Tensor:
        parts = (parts,) if isinstance(parts, int) else parts
        mask = self.part == parts[0]
        for part in parts[1:]:
            mask = mask | (self.part == part)
        return mask.to(self.albedo.dtype)

    @property
    def front(self) -> Tensor:
        return (self.z > 0).to(self.albedo.dtype)


@dataclass(frozen=True)
class Product:
    """Half-width, height and half-depth bound it; its feet stand at y = 0 and it faces +z."""

    name: str
    size: tuple[float, float, float]
    parts: tuple[Part, ...]
    distance: Callable[[Tensor, Tensor, Tensor], list[Tensor]]
    paint: Callable[[Surface], None] | None
    yaw: float  # degrees it is turned from the camera at rest, so that it shows its best side
    mouth: tuple[float, float]  # height at which steam rises and a stream lands, and its radius


PRODUCTS: dict[str, Product] = {}


def product(
    name: str,
    size: tuple[float, float, float],
    parts: tuple[Part, ...],
    paint=None,
    yaw: float = 0.0,
    mouth: tuple[float, float] | None = None,
):
    """Enter the decorated distance function into the catalogue."""

    def enter(distance):
        PRODUCTS[name] = Product(name, size, parts, distance, paint, yaw, mouth or (size[1], size[0] * 0.6))
        return distance

    return enter
