"""Captions say what the renderer shows."""

import numpy as np
import pytest

from finetune.miniature import Scene, caption, sample_scenes
from finetune.miniature.captions import DEGREES, PLACES, degree_of, graded, plain_caption, styled_caption


def _scene(subjects: tuple[str, ...], colors: tuple[str, ...], setting: str) -> Scene:
    n = len(subjects)
    return Scene(
        subjects=subjects, colors=colors, setting=setting, positions=((0.5, 0.5),) * n, scale=(30.0,) * n
    )


@pytest.mark.parametrize(
    ("scene", "words"),
    [
        (_scene(("house",), ("red",), "field"), "a red house in a field"),
        (_scene(("car",), ("orange",), "night"), "an orange car at night"),
        (_scene(("boat", "star"), ("blue", "yellow"), "sea"), "a blue boat and a yellow star on the sea"),
        (
            _scene(("ball", "star", "mug"), ("red", "blue", "white"), "desert"),
            "a red ball, a blue star and a white mug in a desert",
        ),
    ],
)
def test_a_caption_lists_the_subjects_and_the_setting(scene: Scene, words: str) -> None:
    assert caption(scene) == words


def test_every_caption_mentions_subjects_colors_and_setting() -> None:
    for scene in sample_scenes(200, np.random.default_rng(0)):
        pairs = zip(scene.colors, scene.subjects, strict=True)
        mentioned = (*(f"{color} {subject}" for color, subject in pairs), PLACES[scene.setting])
        assert all(words in caption(scene) for words in mentioned)


def test_a_styled_caption_follows_the_template_of_the_paper() -> None:
    assert styled_caption("vivid", "a red house at night") == "a vivid photo: a red house at night"
    assert plain_caption("a red house at night") == "a photo: a red house at night"


def test_degrees_join_without_a_gap() -> None:
    assert [degree.high for degree in DEGREES[:-1]] == [degree.low for degree in DEGREES[1:]]


@pytest.mark.parametrize(
    ("strength", "words"), [(0.2, "slightly vivid"), (0.5, "vivid"), (1.0, "very vivid")]
)
def test_a_strength_becomes_an_adverb(strength: float, words: str) -> None:
    assert graded("vivid", strength) == words


def test_a_degree_beyond_one_is_refused() -> None:
    with pytest.raises(ValueError, match=r"must be in \[0, 1\]. Got 1.5"):
        degree_of(1.5)
