"""Laws of the scenes that are drawn."""

import numpy as np
import pytest

from finetune.miniature.scenes import CAMOUFLAGED, COLORS, SETTINGS, SUBJECTS, Scene, sample_scenes
from finexl.errors import InvalidInputError, UnknownNameError


def test_the_world_has_fourteen_subjects_ten_colors_and_seven_settings() -> None:
    assert (len(set(SUBJECTS)), len(set(COLORS)), len(set(SETTINGS))) == (14, 10, 7)


def test_the_same_seed_draws_the_same_scenes() -> None:
    assert sample_scenes(20, np.random.default_rng(3)) == sample_scenes(20, np.random.default_rng(3))


def test_three_scenes_in_four_show_a_single_subject() -> None:
    counts = [len(scene.subjects) for scene in sample_scenes(4000, np.random.default_rng(0))]
    assert np.bincount(counts)[1:] / 4000 == pytest.approx([0.75, 0.18, 0.07], abs=0.03)


def test_a_subject_never_wears_the_color_of_its_setting() -> None:
    for scene in sample_scenes(500, np.random.default_rng(0)):
        assert not CAMOUFLAGED[scene.setting].intersection(scene.colors)


def test_subjects_of_a_scene_stay_inside_the_image() -> None:
    for scene in sample_scenes(500, np.random.default_rng(0)):
        for (x, y), height in zip(scene.positions, scene.scale, strict=True):
            assert min(x, y, 1 - x, 1 - y) * 64 >= height / 2


def test_a_scene_refuses_an_unknown_subject() -> None:
    with pytest.raises(UnknownNameError, match=r"`subjects` must be one of: .*house.*Got 'castle'"):
        Scene(subjects=("castle",), colors=("red",), setting="sky", positions=((0.5, 0.5),), scale=(30.0,))


def test_a_scene_refuses_a_subject_without_a_color() -> None:
    with pytest.raises(InvalidInputError, match="same length"):
        Scene(subjects=("house",), colors=(), setting="sky", positions=((0.5, 0.5),), scale=(30.0,))
