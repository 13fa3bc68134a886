"""Every subject and every setting of the vocabulary can be drawn, and distances are distances."""

import numpy as np
import pytest

from finetune.miniature.backgrounds import BACKGROUNDS
from finetune.miniature.distances import Plane, circle, convex, five_pointed_star, rounded_box, segment
from finetune.miniature.scenes import SETTINGS, SUBJECTS
from finetune.miniature.shapes import SHAPES

POINT = Plane(x=np.full((1, 1, 1), 3.0, np.float32), y=np.full((1, 1, 1), 4.0, np.float32))


def test_every_subject_has_a_shape_and_every_setting_a_background() -> None:
    assert (tuple(SHAPES), tuple(BACKGROUNDS)) == (SUBJECTS, SETTINGS)


def test_distances_agree_with_geometry() -> None:
    assert circle(POINT, (0.0, 0.0), 1.0).item() == pytest.approx(4)
    assert segment(POINT, (0.0, 4.0), (1.0, 4.0), thickness=0.5).item() == pytest.approx(1.5)
    assert rounded_box(POINT, (0.0, 0.0), (2.0, 2.0), radius=0.5).item() == pytest.approx(
        np.hypot(1.5, 2.5) - 0.5
    )
    assert convex(POINT, (-1.0, -1.0), (1.0, -1.0), (1.0, 5.0), (-1.0, 5.0)).item() == pytest.approx(2)


def test_a_star_reaches_its_radius_upwards_and_its_notch_downwards() -> None:
    tip, notch = (
        Plane(x=np.zeros((1, 1, 1), np.float32), y=np.full((1, 1, 1), y, np.float32)) for y in (-1.0, 0.5)
    )
    assert five_pointed_star(tip, (0.0, 0.0), radius=1.0, inner=0.5).item() == pytest.approx(0, abs=1e-5)
    assert five_pointed_star(notch, (0.0, 0.0), radius=1.0, inner=0.5).item() == pytest.approx(0, abs=1e-5)
