"""Which pairs are correlated is a fact of the renderer."""

from functools import cache

import numpy as np

from finetune.miniature import split
from finetune.miniature.aspects import ASPECTS, apply_aspect
from finetune.miniature.examples import plain_examples


@cache
def effect(aspect: str) -> np.ndarray:
    """What painting an aspect changes in 32 scenes: colours and steps of luminance at four scales, equally weighted."""
    base = plain_examples(32, seed=7).images.astype(np.float64)
    seed = list(ASPECTS).index(aspect)  # two textures must not share their noise
    change = apply_aspect(base.astype(np.uint8), aspect, 1.0, seed=seed) - base
    maps = []
    for _ in range(4):
        grey = change @ [0.299, 0.587, 0.114]
        flat = np.concatenate([change.ravel(), np.diff(grey, axis=1).ravel(), np.diff(grey, axis=2).ravel()])
        maps.append(flat / np.sqrt(flat.size))
        change = (change[:, ::2] + change[:, 1::2]) / 2
        change = (change[:, :, ::2] + change[:, :, 1::2]) / 2
    return np.concatenate(maps)


def cosine(one: str, other: str) -> float:
    ours, theirs = effect(one), effect(other)
    return float(ours @ theirs / np.linalg.norm(ours) / np.linalg.norm(theirs))


def test_every_second_scored_pair_is_correlated_and_no_other() -> None:
    cosines = [cosine(*pair) for pair in split.SCORED_PAIRS]
    assert len(cosines) == 15
    assert min(cosines[1::2]) > 0.45 and max(cosines[1::2]) < 0.9
    assert max(cosines[::2]) < 0.2


def test_every_scored_aspect_is_in_a_pair_and_in_one_triple() -> None:
    triples = split.in_threes(split.SCORED_ASPECTS)
    assert {aspect for pair in split.SCORED_PAIRS for aspect in pair} == set(split.SCORED_ASPECTS)
    assert sorted(aspect for triple in triples for aspect in triple) == sorted(split.SCORED_ASPECTS)


def test_pairs_differ() -> None:
    assert len({frozenset(pair) for pair in split.SCORED_PAIRS}) == len(split.SCORED_PAIRS)
