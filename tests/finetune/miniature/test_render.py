"""Laws of the renderer."""

import numpy as np
import pytest

from finetune.miniature import Scene, render, sample_scenes
from finetune.miniature.palette import PALETTE
from finetune.miniature.scenes import COLORS, SETTINGS, SUBJECTS


def _scene(
    *, subject: str = "heart", color: str = "red", setting: str = "plain", height: float = 36.0
) -> Scene:
    return Scene(
        subjects=(subject,), colors=(color,), setting=setting, positions=((0.5, 0.5),), scale=(height,)
    )


def test_images_are_bytes_of_64_by_64() -> None:
    images = render(sample_scenes(5, np.random.default_rng(0)))
    assert (images.shape, images.dtype) == ((5, 64, 64, 3), np.uint8)


def test_no_scenes_give_no_images() -> None:
    assert render(()).shape == (0, 64, 64, 3)


def test_a_scene_looks_the_same_alone_and_in_company() -> None:
    scenes = sample_scenes(60, np.random.default_rng(0))
    assert np.array_equal(render(scenes)[41:42], render(scenes[41:42]))


@pytest.mark.parametrize("color", COLORS)
def test_the_middle_of_a_heart_has_the_color_of_its_caption(color: str) -> None:
    middle = render([_scene(color=color, setting="sea")])[0, 32, 32]
    assert middle / 255 == pytest.approx(PALETTE[color], abs=0.01)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_subject_stays_inside_its_frame(subject: str) -> None:
    shown, bare = render([_scene(subject=subject), _scene(subject=subject, height=1e-3)])
    rows, columns = np.nonzero((shown != bare).any(axis=2) & ~_middle())
    assert min(rows.min(), columns.min()) >= 13 and max(rows.max(), columns.max()) <= 50


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_subject_is_large_enough_to_be_seen(subject: str) -> None:
    shown, bare = render([_scene(subject=subject), _scene(subject=subject, height=1e-3)])
    assert (shown != bare).any(axis=2).sum() > 350


def test_no_two_subjects_and_no_two_settings_look_alike() -> None:
    images = render(
        [_scene(subject=subject, setting=setting) for subject in SUBJECTS for setting in SETTINGS]
    )
    apart = np.abs(images[:, None, ::4, ::4].astype(int) - images[None, :, ::4, ::4]).mean(axis=(2, 3, 4))
    assert apart[~np.eye(len(images), dtype=bool)].min() > 2


def _middle() -> np.ndarray:
    middle = np.zeros((64, 64), dtype=bool)
    middle[31:33, 31:33] = True  # where the vanishing subject may leave a trace
    return middle
