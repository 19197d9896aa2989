"""One shot as a value: what stands where, under which light, filmed how; and how to draw one at random."""

import hashlib
import random
from dataclasses import dataclass

from .vocabulary import COLOURS, GROUNDED_PRODUCTS, MOTION_PRODUCTS, STUDIO, VOCABULARY


@dataclass(frozen=True)
class Scene:
    """Everything a picture of the shot depends on; two equal scenes are the same pixels."""

    product: str
    colour: str
    backdrop: str  # a word of the vocabulary, its {colour} slot unfilled
    backdrop_colour: str | None = None  # fills the slot of a studio
    light: str = "soft"
    move: str = "static"
    motion: str = "none"
    podium: str = "none"
    second_product: str | None = None
    second_colour: str | None = None
    size: str = "medium"  # close, medium or wide
    place: str = "centre"  # left, centre or right
    seed: int = 0

    @property
    def backdrop_phrase(self) -> str:
        return self.backdrop.replace("{colour}", self.backdrop_colour or "white")


def is_held_out(scene: Scene) -> bool:
    """Whether the scene's (product, colour, backdrop) is one of the tenth that training never sees."""
    text = f"{scene.product}|{scene.colour}|{scene.backdrop}".encode()
    return hashlib.sha256(text).digest()[0] < 26  # 26/256 = 10.2 %


def sample(generator: random.Random, held_out: bool | None = None) -> Scene:
    """A random scene; only held-out combinations, only the others, or (None) any."""
    while True:
        scene = _draw(generator)
        if held_out is None or is_held_out(scene) == held_out:
            return scene


def _draw(generator: random.Random) -> Scene:
    product = generator.choice(list(VOCABULARY["product"]))
    colour = generator.choice(list(COLOURS))
    # A studio comes in sixteen colours, so it is drawn more often than any one place.
    backdrop = STUDIO if generator.random() < 0.2 else generator.choice(list(VOCABULARY["backdrop"]))
    backdrop_colour = None
    if backdrop == STUDIO:
        backdrop_colour = generator.choice([word for word in COLOURS if word != colour])
    second_product = second_colour = None
    if generator.random() < 0.12:
        alike = generator.random() < 0.5
        second_product = product if alike else generator.choice(list(VOCABULARY["product"]))
        second_colour = generator.choice([word for word in COLOURS if word != colour])
    move = generator.choice(list(VOCABULARY["move"]))
    motion = "none"
    if second_product is None and generator.random() < 0.35:
        suited = [
            word
            for word in VOCABULARY["motion"]
            if product in MOTION_PRODUCTS.get(word, (product,))
            and not (word == "dropping" and (product in GROUNDED_PRODUCTS or move.startswith(("tilt", "crane"))))
            and not (word == "spinning" and move.startswith("orbit"))
        ]
        motion = generator.choice(suited)
    podium = "none"
    if motion != "dropping" and second_product is None and generator.random() < 0.3:
        podium = generator.choice(list(VOCABULARY["podium"]))
    return Scene(
        product=product,
        colour=colour,
        backdrop=backdrop,
        backdrop_colour=backdrop_colour,
        light=generator.choices(list(VOCABULARY["light"]), weights=(3, 3, 4, 1.5, 2, 1.5, 1.5))[0],
        move=move,
        motion=motion,
        podium=podium,
        second_product=second_product,
        second_colour=second_colour,
        size="medium" if second_product else generator.choices(("close", "medium", "wide"), weights=(3, 5, 2))[0],
        place=generator.choices(("left", "centre", "right"), weights=(1, 3, 1))[0],
        seed=generator.getrandbits(31),
    )
