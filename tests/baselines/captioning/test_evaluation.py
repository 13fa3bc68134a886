"""Shares of right answers are counted as their names say."""

from dataclasses import replace

import pytest
from tiny_pairs import CAPTIONS, PREPROCESSING, tiny_pairs

from baselines.captioning.captioner import PairCaptioner
from baselines.captioning.evaluation import evaluate, score
from baselines.captioning.vocabulary import learned_vocabulary
from baselines.chg2cap.model import FIRST, MARKS, Chg2Cap
from finexl.errors import InvalidInputError

PAIRS = tiny_pairs()
VOCABULARY = learned_vocabulary(CAPTIONS, FIRST, marks=MARKS, aspects=PAIRS.aspects, degrees=PAIRS.degrees)


@pytest.fixture(scope="module")
def captioner() -> PairCaptioner:
    from tiny_pairs import CHG2CAP

    return PairCaptioner(
        network=Chg2Cap(CHG2CAP, VOCABULARY).eval(),
        preprocessing=PREPROCESSING,
        vocabulary=VOCABULARY,
        id="new",
    )


def test_true_captions_are_right_in_everything(captioner: PairCaptioner) -> None:
    right = score(CAPTIONS, PAIRS, captioner)
    shares = (
        right.named,
        right.true,
        right.right_degree,
        right.near_degree,
        right.left_alone,
        right.verbatim,
    )
    assert shares == (1,) * 6


def test_a_wrong_degree_is_near_if_it_is_the_next(captioner: PairCaptioner) -> None:
    said = ("the second image is red", "the second image is very red", *CAPTIONS[2:])
    scored = score(said, PAIRS, captioner)
    assert scored.named == 1
    assert scored.right_degree == pytest.approx(6 / 8)
    assert scored.near_degree == pytest.approx(7 / 8)


def test_silence_names_nothing_and_leaves_distractors_alone(captioner: PairCaptioner) -> None:
    scored = score(("",) * len(CAPTIONS), PAIRS, captioner)
    assert (scored.named, scored.true, scored.left_alone, scored.verbatim) == (0, 0, 1, 0)


def test_a_captioner_is_asked_about_every_pair(captioner: PairCaptioner) -> None:
    evaluation, said = evaluate(captioner, PAIRS)
    assert evaluation.n_pairs == len(said) == len(CAPTIONS)


def test_pairs_that_list_no_aspects_cannot_be_measured_on(captioner: PairCaptioner) -> None:
    with pytest.raises(InvalidInputError, match="aspects"):
        evaluate(captioner, replace(PAIRS, aspects=()))
