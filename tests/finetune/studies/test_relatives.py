"""The table of styles that look alike is what the renderer says, and reads like it."""

import json

import numpy as np
import pytest

from finetune.miniature.aspects import apply_aspect
from finetune.miniature.examples import STYLES, plain_examples
from finetune.miniature.relatives import cosines, look_alike
from finetune.studies.relatives import N_SCENES, SEED, effect_cosines, picture, told, write_table

SOME = ("vivid", "blurry", "pixelated", "grainy", "arcade")


@pytest.fixture(scope="module")
def again() -> np.ndarray:
    return effect_cosines(SOME)


def test_the_shipped_table_is_what_the_renderer_says(again: np.ndarray) -> None:
    shipped = [[cosines()[one, other] for other in SOME] for one in SOME]
    np.testing.assert_allclose(again, shipped, atol=6e-4)


def test_the_shipped_table_holds_every_style_of_the_world() -> None:
    assert {name for pair in cosines() for name in pair} == set(STYLES)
    assert len(cosines()) == len(STYLES) ** 2


def test_colours_alone_compare_as_in_a_naive_loop() -> None:
    """A shift of whole images has no steps inside them: only colours count, the same at every scale."""
    images = plain_examples(N_SCENES, seed=SEED).images
    dark, warm = (
        apply_aspect(images, style, 1.0, seed=0).astype(float) - images for style in ("dark", "warm")
    )
    naive = float((dark * warm).sum() / np.sqrt((dark**2).sum() * (warm**2).sum()))
    assert cosines()["dark", "warm"] == pytest.approx(naive, abs=0.1)


def test_a_style_looks_like_itself_and_textures_of_mean_zero_like_nothing() -> None:
    assert look_alike("vivid", "vivid")
    assert not any(look_alike("grainy", other) for other in STYLES if other != "grainy")


def test_less_of_a_style_looks_like_more_of_its_opposite() -> None:
    assert look_alike("dark", "bright", sign=-1) == (cosines()["dark", "bright"] <= -0.5)
    assert not look_alike("vivid", "vivid", sign=-1)


def test_what_the_world_does_not_know_is_related_to_nothing() -> None:
    assert not look_alike("Halloway", "vivid")


def test_a_written_table_is_read_back(tmp_path, again: np.ndarray) -> None:
    write_table(tmp_path / "t.json", again, SOME)
    rows = json.loads((tmp_path / "t.json").read_text())["cosines"]
    assert rows["blurry"] == [round(again[1, 0], 3), 1.0]


def test_the_nearest_is_told_first(again: np.ndarray) -> None:
    assert told(again, SOME).splitlines()[1].split()[:2] == ["blurry", "pixelated"]


def test_the_picture_has_a_cell_for_every_two_styles(again: np.ndarray) -> None:
    sheet = picture(again, SOME)
    assert sheet.width > 17 * len(SOME) and sheet.height > 17 * len(SOME)
