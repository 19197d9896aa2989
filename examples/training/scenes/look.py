"""Writes grids of pictures, so that a person can judge the scenes: `python -m scenes.look --out FOLDER`."""

import argparse
import random
from pathlib import Path

import torch
from PIL import Image

from . import COLOURS, VOCABULARY, Scene, render, sample
from .vocabulary import MOTION_PRODUCTS, STUDIO


def grid(pictures: torch.Tensor, columns: int, path: Path) -> None:
    """Pictures [N, H, W, 3] in rows, as one PNG."""
    count, height, width, _ = pictures.shape
    rows = -(-count // columns)
    sheet = torch.ones(rows * height, columns * width, 3)
    for index, picture in enumerate(pictures):
        row, column = divmod(index, columns)
        sheet[row * height : (row + 1) * height, column * width : (column + 1) * width] = picture
    Image.fromarray((sheet * 255 + 0.5).byte().numpy()).save(path)
    print(path)


def contrasting(colour: str, step: int) -> str:
    words = [word for word in COLOURS if word != colour]
    return words[(list(COLOURS).index(colour) * 7 + step) % len(words)]


def products(out: Path, size: int) -> None:
    colours = list(COLOURS)
    scenes = []
    for index, product in enumerate(VOCABULARY["product"]):
        colour = colours[(index * 5) % 16]
        scenes.append(Scene(product, colour, STUDIO, contrasting(colour, index), "left", seed=index))
    grid(render(scenes, 1, size, size)[:, 0], 9, out / "products.png")


def colours(out: Path, size: int) -> None:
    scenes = [
        Scene(product, colour, "in a marble bathroom", light="soft", seed=3)
        for product in ("mug", "sneaker", "perfume")
        for colour in COLOURS
    ]
    grid(render(scenes, 1, size, size)[:, 0], 16, out / "colours.png")


def backdrops(out: Path, size: int) -> None:
    words = list(COLOURS)
    scenes = [
        Scene(
            "can",
            words[index % 16],
            backdrop,
            "turquoise" if backdrop == STUDIO else None,
            "soft",
            size="wide",
            seed=index,
        )
        for index, backdrop in enumerate(VOCABULARY["backdrop"])
    ]
    grid(render(scenes, 1, size, size)[:, 0], 5, out / "backdrops.png")
    tall = render(scenes, 1, size * 16 // 9 // 4 * 4, size)[:, 0]
    grid(tall, 10, out / "backdrops-9x16.png")
    grid(render(scenes, 1, size, size * 16 // 9 // 4 * 4)[:, 0], 5, out / "backdrops-16x9.png")


def lights(out: Path, size: int) -> None:
    scenes = [
        Scene(product, "red", backdrop, "grey" if backdrop == STUDIO else None, light, podium=podium, seed=4)
        for product, backdrop, podium in (
            ("bottle", STUDIO, "cylinder"),
            ("headphones", "in a bright kitchen", "none"),
            ("perfume", "in snowy mountains", "stone"),
        )
        for light in VOCABULARY["light"]
    ]
    grid(render(scenes, 1, size, size)[:, 0], len(VOCABULARY["light"]), out / "lights.png")


def podiums(out: Path, size: int) -> None:
    scenes = [
        Scene(product, "blue", "in a flower meadow", light="left", podium=podium, seed=5)
        for product in ("cream tube", "sneaker", "camera")
        for podium in VOCABULARY["podium"]
    ]
    grid(render(scenes, 1, size, size)[:, 0], 6, out / "podiums.png")


def films(out: Path, size: int) -> None:
    for kind, scenes in (
        (
            "moves",
            [
                Scene("mug", "red", "in a city at night" if index % 2 else "in a bright kitchen", move=move, seed=index)
                for index, move in enumerate(VOCABULARY["move"])
            ],
        ),
        (
            "motions",
            [
                Scene(
                    MOTION_PRODUCTS.get(motion, ("can",))[0],
                    "orange",
                    "in a green forest",
                    light="left",
                    motion=motion,
                    seed=index,
                )
                for index, motion in enumerate(VOCABULARY["motion"])
            ],
        ),
    ):
        pictures = render(scenes, 17, size, size)[:, ::2]  # [B, 9, H, W, 3]
        grid(pictures.flatten(0, 1), 9, out / f"{kind}.png")


def random_scenes(out: Path, size: int) -> None:
    generator = random.Random(11)
    grid(render([sample(generator) for _ in range(48)], 1, size, size)[:, 0], 8, out / "random.png")


SHEETS = {
    "products": products,
    "colours": colours,
    "backdrops": backdrops,
    "lights": lights,
    "podiums": podiums,
    "films": films,
    "random": random_scenes,
}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--out", type=Path, required=True)
    arguments.add_argument("--size", type=int, default=128)
    arguments.add_argument("--only", choices=list(SHEETS), nargs="*", default=list(SHEETS))
    options = arguments.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    for name in options.only:
        SHEETS[name](options.out, options.size)


if __name__ == "__main__":
    main()
