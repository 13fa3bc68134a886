"""The certifier finds painted aspects on images that it has not seen, and tells what nothing looks like."""

from collections.abc import Iterator

import numpy as np
import pytest

from benchmark.certify.certifier import Certifier, Shift, fit_certifier
from benchmark.certify.pyramid import pyramid_statistics
from finetune.miniature.aspects import apply_aspect

ASPECTS = ("warm", "striped", "posterised", "foggy")


def images(seed: int, n: int = 8) -> np.ndarray:
    """Soft blots of colour."""
    small = np.random.default_rng(seed).integers(40, 220, (n, 4, 4, 3), dtype=np.uint8)
    return small.repeat(8, axis=1).repeat(8, axis=2)


def shift(base: np.ndarray, aspect: str, strength: float) -> np.ndarray:
    painted = apply_aspect(base, aspect, strength, seed=1)
    return pyramid_statistics(painted) - pyramid_statistics(base)


def painted() -> Iterator[Shift]:
    for aspect in ASPECTS:
        for strength in (0.25, 0.5, 1.0):
            yield Shift(shift(images(0), aspect, strength).mean(axis=0), {aspect: strength})


@pytest.fixture(scope="module")
def certifier() -> Certifier:
    return fit_certifier(painted(), ASPECTS)


@pytest.mark.parametrize("aspect", ASPECTS)
def test_on_new_images_the_amount_of_a_painted_aspect_grows_and_is_the_largest(
    certifier: Certifier, aspect: str
) -> None:
    few, more, most = (certifier.amounts(shift(images(1), aspect, s), ASPECTS) for s in (0.2, 0.6, 1.0))
    place = ASPECTS.index(aspect)
    assert few[place] < more[place] < most[place] == max(most)  # type: ignore[operator]  # all are known


def test_no_change_is_no_amount(certifier: Certifier) -> None:
    nothing = np.zeros((3, len(certifier.weights)))
    assert certifier.amounts(nothing, ASPECTS) == certifier.floors(nothing, ASPECTS) == (0,) * 4


def test_an_unknown_aspect_has_no_amount_and_no_floor(certifier: Certifier) -> None:
    shifts = shift(images(1), "warm", 1.0)
    assert certifier.amounts(shifts, ("Ann", "warm"))[0] is None
    assert certifier.floors(shifts, ("Ann", "warm"))[0] is None


def test_the_floor_is_what_one_in_twenty_choices_of_signs_exceeds() -> None:
    one = Certifier(aspects=("a",), weights=np.ones((1, 1)))
    assert one.floors(np.array([[-3.0]]), ("a",)) == (3,)
    many = np.random.default_rng(0).normal(size=(400, 1))
    (floor,) = one.floors(many, ("a",))
    assert floor == pytest.approx(1.645 * np.sqrt(np.square(many).sum()) / 400, rel=0.08)


def test_amounts_are_means_over_prompts_in_the_order_asked() -> None:
    both = Certifier(aspects=("a", "b"), weights=np.array([[1.0, 0.0], [0.0, 2.0]]))
    assert both.amounts(np.array([[1.0, 1.0], [3.0, 2.0]]), ("b", "a")) == (3, 2)
