"""ClaimF1 against counts by hand, its stated chance, and attacks that must not pay."""

import random
from statistics import fmean

import pytest
from record_makers import claims
from torch import tensor

from benchmark.record.records import ReadClaim
from benchmark.score.claim_f1 import ClaimF1, claim_f1, claim_f1_chance
from benchmark.score.claims import Answer, true_and_related
from finetune.miniature.aspects import ASPECTS, COMPOSITES
from finexl.errors import InvalidInputError

TRUTH = {"vivid": 2, "grainy": 1}
WORDS = tuple(ASPECTS)


def f1(said: tuple[ReadClaim, ...] | None, truth: dict[str, int] = TRUTH) -> float:
    return claim_f1(Answer(claims=said), truth)


def drawn(rng: random.Random) -> tuple[ReadClaim, ...]:
    """Up to five claims, some of them true and some negative."""
    words = rng.sample(WORDS, rng.randint(0, 3)) + rng.sample([*TRUTH], rng.randint(0, 2))
    return claims(**{word: rng.choice((-1, 1)) * rng.uniform(0.5, 3) for word in words})


def test_all_that_was_done_and_nothing_else_scores_one() -> None:
    assert f1(claims(vivid=0.1, grainy=7.0)) == 1


@pytest.mark.parametrize(
    ("said", "score"),
    [
        (claims(vivid=1.0), 2 / 3),
        (claims(vivid=1.0, doubled=0.1), 0.5),
        (claims(vivid=1.0, grainy=1.0, doubled=0.1), 0.8),
        (claims(doubled=1.0), 0.0),
        (claims(vivid=-1.0), 0.0),
        ((), 0.0),
        (None, 0.0),
    ],
)
def test_it_is_the_f1_of_counts(said: tuple[ReadClaim, ...] | None, score: float) -> None:
    assert f1(said) == pytest.approx(score)


def test_silence_is_right_where_nothing_was_done_and_anything_else_wrong() -> None:
    nothing = {"vivid": 0, "grainy": 0}
    assert [f1(said, nothing) for said in ((), claims(vivid=1e-9), None)] == [1, 0, 0]


def test_an_amount_of_zero_claims_nothing() -> None:
    assert f1(claims(vivid=0.0), {"vivid": 0}) == 1
    assert f1(claims(vivid=1.0, grainy=1.0, doubled=0.0)) == 1


def test_amounts_do_not_matter() -> None:
    rng = random.Random(0)
    for said in (drawn(rng) for _ in range(50)):
        scaled = [
            claim.model_copy(update={"amount": claim.amount * rng.uniform(1e-6, 1e3)}) for claim in said
        ]
        assert f1(tuple(scaled)) == pytest.approx(f1(said))


def test_copies_and_synonyms_raise_no_score() -> None:
    rng = random.Random(1)
    for said in (drawn(rng) for _ in range(100)):
        again = [claim.model_copy(update={"concept": f"{claim.concept}-like"}) for claim in said]
        assert f1((*said, *again)) == pytest.approx(f1(said))


def test_hedges_of_tiny_amount_cost_as_much_as_any_false_claim() -> None:
    rng = random.Random(2)
    for said in (drawn(rng) for _ in range(100)):
        named = {aspect for claim in said for aspect, _ in claim.aspects}
        hedge = rng.choice([word for word in ("doubled", "snowy", "wavy", "striped") if word not in named])
        assert f1((*said, *claims(**{hedge: 1e-9}))) == pytest.approx(f1((*said, *claims(**{hedge: 99.0}))))
        assert f1((*said, *claims(**{hedge: 1e-9}))) <= f1(said)


def test_naming_every_word_is_worth_less_than_one_true_claim() -> None:
    everything = claims(**dict.fromkeys(WORDS, 1.0))
    assert f1(everything) < 0.15 < f1(claims(vivid=1.0))


@pytest.mark.parametrize(
    "truth",
    [
        {"vivid": 1},
        {"blurry": 1},
        {"dark": 1, "grainy": 2},
        {"vivid": 1, "sepia": 1, "hatched": 1},
        {"vivid": 0},
    ],
)
def test_a_guess_scores_its_stated_chance(truth: dict[str, int]) -> None:
    rng = random.Random(3)
    scores = [
        f1(claims(**{word: rng.random() + 0.1 for word in rng.sample(WORDS, 5)}), truth) for _ in range(4000)
    ]
    hits = true_and_related(truth, WORDS)
    chance = claim_f1_chance(n_true=hits.n_true, n_related=hits.n_related, n_words=len(WORDS))
    assert fmean(scores) == pytest.approx(chance, abs=0.01)


@pytest.mark.parametrize("n", [1, 5])
def test_guessing_composite_words_is_no_better_than_guessing_aspects(n: int) -> None:
    """A composite word names three aspects of which one is likelier true: each counts by its share alone."""
    rng = random.Random(4)

    def worth(words: tuple[str, ...]) -> float:
        return fmean(
            f1(claims(**dict.fromkeys(rng.sample(words, n), 1.0)), {aspect: 1})
            for aspect in ASPECTS
            for _ in range(100)
        )

    assert worth(tuple(COMPOSITES)) == pytest.approx(worth(WORDS), abs=0.008)


def test_a_composite_word_first_does_not_make_the_hedges_behind_it_free() -> None:
    hedges = claims(sepia=3.0, grainy=2.0, vignetted=1.0)
    assert f1((*claims(vintage=4.0), *hedges), {"sepia": 1}) == f1(hedges, {"sepia": 1}) == 0.5


def test_with_one_word_that_is_true_a_guess_is_right() -> None:
    assert claim_f1_chance(n_true=1, n_related=0, n_words=1) == 1


def test_a_vocabulary_without_words_is_an_error() -> None:
    with pytest.raises(InvalidInputError, match="at least one"):
        claim_f1_chance(n_true=0, n_related=0, n_words=0)


def test_the_class_is_the_mean_over_groups_of_the_mean_over_models() -> None:
    metric = ClaimF1(n_words=32)
    metric.update_group([Answer(claims=claims(vivid=1.0)), Answer(claims=None)], [TRUTH, TRUTH], group=0)
    metric.update_group([Answer(claims=claims(vivid=1.0, grainy=1.0))], [TRUTH], group=1)
    assert metric.compute().item() == pytest.approx((1 / 3 + 1) / 2)


def test_models_that_come_twice_count_once() -> None:
    metric = ClaimF1(n_words=32)
    for worths in ([0.0, 0.5], [1.0, 0.5]):  # of another answer to the same question the last counts
        metric.update(tensor([0, 0]), tensor([0, 1]), tensor(worths))
    assert metric.compute().item() == 0.75


def test_the_class_states_chance_and_direction() -> None:
    metric = ClaimF1(n_words=32)
    assert metric.chance() == pytest.approx(5 / 32 / 3)
    assert (metric.higher_is_better, metric.facts.best, metric.facts.worst) == (True, 1, 0)
