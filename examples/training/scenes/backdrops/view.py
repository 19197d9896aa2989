"""How a backdrop is seen: coordinates on walls around the product, in the sky and on the ground; and the catalogue."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from ..fields import colour as constant

Tensor = torch.Tensor


class View:
    """The rays of a batch of shots towards a backdrop. Scalars of a shot are [B, 1, 1, 1], rays [B, F, h, w]."""

    def __init__(self, position: Tensor, directions: tuple, seed: Tensor, time: Tensor, studio: Tensor):
        self.ox, self.oy, self.oz = (position[..., axis, None, None] for axis in range(3))  # [B, F, 1, 1]
        self.dx, self.dy, self.dz = directions
        self.seed = seed  # [B, 1, 1, 1] in 0…1
        self.time = time  # [B, F, 1, 1]
        self.studio = studio  # [3, B, 1, 1, 1] the studio's own colour
        self.device = str(position.device)
        self._flat = self.dx * self.dx + self.dz * self.dz + 1e-6
        self._toward = self.ox * self.dx + self.oz * self.dz
        self._walls: dict[float, tuple[Tensor, Tensor]] = {}

    def colour(self, hexadecimal: str) -> Tensor:
        return constant(hexadecimal, self.device, 4)  # [3, 1, 1, 1, 1]

    def fill(self, hexadecimal: str) -> Tensor:
        return self.colour(hexadecimal).expand(3, *self.dx.shape)

    def mix(self, below: Tensor, hexadecimal: str | Tensor, mask: Tensor) -> Tensor:
        """Lay a colour over a picture where `mask` says."""
        above = self.colour(hexadecimal) if isinstance(hexadecimal, str) else hexadecimal
        return torch.lerp(below, above, mask)

    def ramp(self, value: Tensor, *stops: tuple[float, str]) -> Tensor:
        """A gradient through colours at rising values."""
        picture = self.fill(stops[0][1])
        for (low, _), (high, word) in zip(stops, stops[1:]):
            picture = self.mix(picture, word, ((value - low) * (1 / (high - low))).clamp(0, 1))
        return picture

    def wall(self, radius: float) -> tuple[Tensor, Tensor]:
        """Where rays meet an upright cylinder around the product: distance along it and height."""
        if radius not in self._walls:
            rest = self.ox * self.ox + self.oz * self.oz - radius * radius
            root = (self._toward * self._toward - self._flat * rest).clamp(min=0).sqrt()
            t = (root - self._toward) / self._flat
            along = torch.atan2(self.ox + t * self.dx, -(self.oz + t * self.dz)) * radius
            self._walls[radius] = along, self.oy + t * self.dy
        return self._walls[radius]

    def sky(self) -> tuple[Tensor, Tensor]:
        """Directions of what is endlessly far, in units of about a frame's fifteenth: azimuth and elevation."""
        if 0.0 not in self._walls:
            self._walls[0.0] = torch.atan2(self.dx, -self.dz) * 30.0, self.dy * 30.0
        return self._walls[0.0]


@dataclass(frozen=True)
class Place:
    """A backdrop. `far` paints what lies beyond the ground, `ground` the floor's own colour at (x, z, distance)."""

    name: str
    far: Callable[[View], Tensor]
    ground: Callable[[View, Tensor, Tensor, Tensor], Tensor]
    radius: float  # where the ground ends
    soft: float  # how gently, in parts of the radius
    gloss: float  # how much the ground mirrors
    room: tuple[str, str, str]  # colours of floor, horizon and sky that products reflect


PLACES: dict[str, Place] = {}


def place(name: str, ground, radius: float, room: tuple[str, str, str], soft: float = 0.06, gloss: float = 0.0):
    """Enter the decorated painter into the catalogue."""

    def enter(far):
        PLACES[name] = Place(name, far, ground, radius, soft, gloss, room)
        return far

    return enter
