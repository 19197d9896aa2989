"""What a person, or prompt expansion, would write about a scene."""

import random

from .scene import Scene
from .vocabulary import PLURAL_PRODUCTS, VOCABULARY

STYLES = (
    "product commercial",
    "advertising film",
    "studio quality",
    "high detail",
    "shallow depth of field",
    "elegant product shot",
    "cinematic",
    "premium look",
    "bokeh background",
    "sharp focus",
    "4k",
)
OPENINGS = ("an ad for", "a commercial for", "a product shot of", "a hero shot of", "a film of", "footage of")


def canonical(scene: Scene) -> str:
    """The one caption of the scene in the vocabulary's own words, clause for clause as reel.json lists them."""
    clauses = [f"a {scene.colour} {scene.product}", scene.backdrop_phrase, f"{scene.light} light", scene.move]
    if scene.motion != "none":
        clauses.append(scene.motion)
    return ", ".join(clauses)


def caption(scene: Scene, generator: random.Random) -> str:
    """A caption with synonyms, order and detail drawn at random; a third are canonical or nearly so."""
    style = generator.random()
    if style < 0.2:
        return canonical(scene)
    loose = generator.choice((0.0, 0.3, 0.6))
    subject = _subject(scene, generator, loose)
    backdrop = _backdrop(scene, generator, loose)
    head = f"{subject} {backdrop}" if generator.random() < 0.65 else f"{subject}, {backdrop}"
    if style < 0.3:
        return head  # a bare brief, as users write them
    clauses = []
    if generator.random() < 0.8:
        clauses.append(_light(scene, generator, loose))
    if generator.random() < 0.85:
        clauses.append(_move(scene, generator, loose))
    if scene.motion != "none" and generator.random() < 0.9:
        clauses.append(_word("motion", scene.motion, generator, loose))
    if scene.podium != "none" and generator.random() < 0.6:
        clauses.append("on a " + _word("podium", scene.podium, generator, loose))
    if scene.size != "medium" and generator.random() < 0.5:
        clauses.append(_word("framing", scene.size, generator, loose))
    if scene.place != "centre" and generator.random() < 0.3:
        clauses.append(f"{scene.place} of the frame")
    clauses += generator.sample(STYLES, generator.choice((0, 0, 1, 1, 2)))
    generator.shuffle(clauses)
    order = generator.random()
    if order < 0.15 and clauses:
        return ", ".join([clauses[0], head] + clauses[1:])
    if order < 0.25:
        return ", ".join([backdrop, subject] + clauses)
    return ", ".join([head] + clauses)


def _word(axis: str, word: str, generator: random.Random, loose: float) -> str:
    """The word itself, or with probability `loose` one of its synonyms."""
    synonyms = VOCABULARY[axis][word]
    return generator.choice(synonyms) if generator.random() < loose else word


def _article(words: str) -> str:
    return ("an " if words[0] in "aeiou" else "a ") + words


def _thing(product: str, colour: str, generator: random.Random, loose: float) -> str:
    noun = _word("product", product, generator, loose)
    words = f"{_word('colour', colour, generator, loose)} {noun}"
    bare = generator.random() < 0.12
    if noun in PLURAL_PRODUCTS:
        return words if bare else f"a pair of {words}" if generator.random() < 0.5 else f"a {words}"
    return words if bare else _article(words)


def _subject(scene: Scene, generator: random.Random, loose: float) -> str:
    subject = _thing(scene.product, scene.colour, generator, loose)
    if scene.second_product is not None:
        joint = generator.choice((" and ", " next to ", " beside ", " with "))
        subject += joint + _thing(scene.second_product, scene.second_colour, generator, loose)
    if generator.random() < 0.12:
        subject = f"{generator.choice(OPENINGS)} {subject}"
    return subject


def _backdrop(scene: Scene, generator: random.Random, loose: float) -> str:
    if generator.random() >= loose:
        return scene.backdrop_phrase
    synonym = generator.choice(VOCABULARY["backdrop"][scene.backdrop])
    synonym = synonym.replace("{colour}", scene.backdrop_colour or "")
    if synonym.split()[0] in ("in", "on", "by", "at", "under", "above", "among"):
        return synonym
    return f"{generator.choice(('in front of', 'with', 'against'))} {synonym}"


def _light(scene: Scene, generator: random.Random, loose: float) -> str:
    word = _word("light", scene.light, generator, loose)
    return f"{word} light" if word == scene.light else word


def _move(scene: Scene, generator: random.Random, loose: float) -> str:
    word = _word("move", scene.move, generator, loose)
    if word == scene.move and scene.move != "static" and generator.random() < 0.3:
        return f"camera {word}" if generator.random() < 0.5 else f"slow {word}"
    return word
