"""The measure of captioners: right for one that knows everything, and for one that says one thing."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from PIL import Image

from finetune.miniature.captions import graded
from finetune.miniature.examples import STYLES, plain_examples, restyle
from finetune.miniature.vocabulary import synonyms
from finetune.studies.captioner_quality import STRENGTHS, CaptionerQuality, captioner_quality
from finexl.interfaces import NoReply, Question, Reply

SEED = 5


class Describing:
    """Describes images by a function of their pixels."""

    id = "describing"

    def __init__(self, describe: Callable[[Image.Image], str | None]) -> None:
        self._describe = describe

    def ask(self, questions: Sequence[Question]) -> tuple[Reply | NoReply, ...]:
        said = [self._describe(image) for question in questions for image in question.images]
        return tuple(NoReply(reason="failed") if text is None else Reply(text=text) for text in said)


def quality_of(describe: Callable[[Image.Image], str | None]) -> CaptionerQuality:
    return captioner_quality(Describing(describe), n_scenes=1, seed=SEED)


@pytest.fixture(scope="module")
def truth() -> dict[bytes, tuple[str, float]]:
    """Style and strength of every styled image that is shown."""
    scenes, styles = plain_examples(len(STYLES), seed=SEED).images, np.arange(len(STYLES))
    return {
        image.tobytes(): (STYLES[style], strength)
        for strength in STRENGTHS
        for style, image in enumerate(restyle(scenes, styles, np.full(len(styles), strength), seed=SEED))
    }


def test_one_that_knows_every_style_and_strength_is_perfect(truth: dict[bytes, tuple[str, float]]) -> None:
    def describe(image: Image.Image) -> str:
        style, strength = truth.get(image.tobytes(), ("", 0.0))
        return f"a {graded(synonyms(style)[-1], strength)} photo: a boat" if style else "a photo: a boat"

    quality = quality_of(describe)
    assert (quality.n, quality.named, quality.plain) == (len(STYLES), (1.0, 1.0, 1.0), 1.0)
    assert (quality.chance, quality.correlation) == pytest.approx((1 / len(STYLES), 1.0))


def test_one_that_knows_styles_and_not_strengths_has_no_correlation(truth) -> None:
    quality = quality_of(lambda image: f"a {truth.get(image.tobytes(), ('plain', 0))[0]} photo: a boat")
    assert quality.named == (1.0, 1.0, 1.0) and quality.correlation == 0


def test_one_that_says_the_same_of_all_names_as_many_as_chance() -> None:
    quality = quality_of(lambda _: "a very vivid and grainy photo: a boat")
    assert quality.named == pytest.approx((2 / len(STYLES),) * 3)
    assert quality.chance == pytest.approx(2 / len(STYLES))
    assert quality.plain == 0


def test_one_that_does_not_reply_names_nothing() -> None:
    quality = quality_of(lambda _: None)
    assert (quality.named, quality.chance, quality.plain) == ((0.0, 0.0, 0.0), 0.0, 1.0)


def test_the_card_tells_every_figure() -> None:
    told = CaptionerQuality(n=416, named=(0.31, 0.62, 0.93), chance=0.017, plain=0.98, correlation=0.7).told()
    assert all(figure in told for figure in ("416", "31%, 62%, 93%", "1.7%", "98%", "0.70"))
