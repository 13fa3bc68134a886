"""Generators of known obedience."""

import numpy as np

from benchmark.paper.tables.ideals import obeying
from finetune.miniature.aspects import apply_aspect

SCENES = np.random.default_rng(0).integers(0, 255, size=(10, 64, 64, 3), dtype=np.uint8)
OTHERS = ["sepia", "monochrome"]


def obedient(share: float) -> list[bool]:
    whole = apply_aspect(SCENES, "vivid", 1.0, seed=3)
    images = obeying(SCENES, "vivid", OTHERS, share=share, seed=3)
    return [bool((image == right).all()) for image, right in zip(images, whole, strict=True)]


def test_a_share_of_the_prompts_is_obeyed() -> None:
    assert [sum(obedient(share)) for share in (0.0, 0.2, 0.5, 1.0)] == [0, 2, 5, 10]


def test_who_obeys_more_obeys_in_the_same_prompts_and_more() -> None:
    few, many = obedient(0.2), obedient(0.5)
    assert all(more for less, more in zip(few, many, strict=True) if less)
