"""TopNaming looks at the strongest claim and no other."""

import random
from statistics import fmean

import pytest
from record_makers import claims

from benchmark.record.records import ReadClaim
from benchmark.score.claims import Answer
from benchmark.score.top_naming import TopNaming, top_naming
from finetune.miniature.aspects import ASPECTS, COMPOSITES

TRUTH = {"vivid": 2, "grainy": 1}


def top(said: tuple[ReadClaim, ...] | None, truth: dict[str, int] = TRUTH, *, is_text: bool = False) -> float:
    return top_naming(Answer(claims=said, is_text=is_text), truth)


@pytest.mark.parametrize(
    ("said", "score"),
    [
        (claims(vivid=2.0, doubled=1.0), 1),
        (claims(doubled=2.0, vivid=1.0), 0),
        (claims(vivid=-2.0, grainy=1.0), 0),
        ((), 0),
        (None, 0),
    ],
)
def test_the_strongest_claim_decides(said: tuple[ReadClaim, ...] | None, score: float) -> None:
    assert top(said) == score


def test_what_merely_looks_true_is_not_true() -> None:
    assert top(claims(pixelated=1.0), {"blurry": 1}) == 0


def test_a_composite_is_true_in_its_share() -> None:
    vintage = ReadClaim(concept="vintage", amount=1.0, aspects=COMPOSITES["vintage"].parts)
    assert top((vintage,), {"grainy": 1}) == pytest.approx(0.25)


def test_scores_that_tie_for_the_strongest_share_it() -> None:
    assert top(claims(doubled=1.0, vivid=1.0)) == 0.5


def test_of_a_text_the_first_mention_is_the_strongest() -> None:
    assert top(claims(vivid=8.0, doubled=8.0), is_text=True) == 1


def test_silence_is_right_where_nothing_was_done() -> None:
    assert [top(said, {"vivid": 0}) for said in ((), claims(vivid=1.0), None)] == [1, 0, 0]


def test_whatever_is_appended_changes_nothing() -> None:
    rng = random.Random(0)
    for _ in range(50):
        said = claims(**{word: rng.uniform(1, 2) for word in rng.sample([*ASPECTS], 3)})
        padding = claims(**dict.fromkeys(ASPECTS, 1e-3))
        assert top((*said, *padding)) == top(said) == top((*said, *said[1:]))


def test_a_guess_scores_its_stated_chance() -> None:
    rng, metric = random.Random(1), TopNaming(n_words=len(ASPECTS))
    guesses = [claims(**{word: rng.random() for word in rng.sample([*ASPECTS], 5)}) for _ in range(4000)]
    scores = [top(said, {"vivid": 3}) for said in guesses]
    assert fmean(scores) == pytest.approx(metric.chance(), abs=0.012)


def test_the_class_agrees_with_the_function() -> None:
    metric = TopNaming(n_words=32)
    metric.update_group([Answer(claims=claims(vivid=1.0)), Answer(claims=())], [TRUTH, TRUTH])
    assert (metric.compute().item(), metric.chance(), metric.higher_is_better) == (0.5, 1 / 32, True)
