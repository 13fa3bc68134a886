"""Which runs agree on what changed most."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from record_makers import claims, group_record, trial

from benchmark.record.records import GroupRecord, ReadClaim
from benchmark.show.agreement import SILENCE, agreements, check_same_models, strongest
from finexl.errors import InvalidInputError

FIRST, OTHER = Path("runs/first"), Path("runs/other")


def run(*said: dict[str, float] | None, explainer: str = "finexl", group: str = "seed1") -> list[GroupRecord]:
    """A ladder of which each model was said to have these amounts; None is unreadable."""
    trials = tuple(
        trial(
            (level,),
            None if amounts is None else (0.5,),
            read_claims=() if amounts is None else claims(**amounts),
        )
        for level, amounts in enumerate(said, start=1)
    )
    return [group_record("single_aspect", trials, explainer=explainer, group=group)]


def said(concept: str, *aspects: tuple[str, float], amount: float = 0.5) -> ReadClaim:
    return ReadClaim(concept=concept, amount=amount, aspects=aspects)


def of(*claims: ReadClaim) -> object:
    return strongest(trial((1,), (0.5,), read_claims=claims))


def test_the_strongest_claims_of_every_model_are_compared_with_the_first_run() -> None:
    (found,) = agreements(
        {
            FIRST: run({"vivid": 0.5, "warm": 0.2}, {"vivid": 0.6, "warm": 0.5}, {}, {"vivid": 0.7}),
            OTHER: run({"vivid": 0.1, "dark": 0.05}, {"warm": 0.6, "vivid": 0.5}, {}, {}),
        }
    )
    assert (found.explainer, found.run, found.n_models) == ("finexl", OTHER, 4)
    assert found.same == pytest.approx(1 / 3) and found.n_silent == (1, 2)


def test_the_largest_claim_is_the_strongest_wherever_it_stands() -> None:
    assert of(said("warm", ("warm", 1.0), amount=0.2), said("less vivid", ("vivid", 1.0), amount=-0.5)) == {
        ("vivid", -1)
    }


def test_claims_that_tie_agree_by_any_of_them() -> None:
    both = {"vivid": 0.5, "warm": 0.5}
    (found,) = agreements({FIRST: run(both), OTHER: run({"warm": 0.9})})
    assert found.same == 1.0


def test_of_a_text_the_first_claim_counts() -> None:
    told = trial((1,), (0.5,), read_claims=claims(vivid=0.5, warm=0.5)).model_copy(update={"kind": "text"})
    assert strongest(told) == {("vivid", 1)}


def test_more_and_less_of_an_aspect_do_not_agree() -> None:
    (found,) = agreements({FIRST: run({"vivid": 0.5}), OTHER: run({"vivid": -0.5})})
    assert found.same == 0.0


def test_what_cannot_be_read_agrees_with_nothing() -> None:
    (found,) = agreements({FIRST: run(None), OTHER: run(None)})
    assert found.same == 0.0


def test_silence_about_everything_is_no_agreement() -> None:
    (found,) = agreements({FIRST: run({}, {}), OTHER: run({}, {})})
    assert found.same is None and found.n_silent == (2, 2)


def test_synonyms_agree_and_unknown_words_agree_with_themselves() -> None:
    assert of(said("sepia", ("sepia", 1.0))) == of(said("brownish", ("sepia", 0.6), ("warm", 0.4)))
    assert of(said("Odd")) == of(said("odd")) != of(said("even"))
    assert of() == SILENCE


def test_models_of_another_seed_are_the_same_models() -> None:
    (found,) = agreements({FIRST: run({"vivid": 1.0}), OTHER: run({"vivid": 1.0}, group="seed2")})
    assert (found.n_models, found.same) == (1, 1.0)


def test_every_seed_is_compared_in_whatever_order_records_come() -> None:
    one, two = run({"vivid": 1.0}), run({"vivid": 1.0}, group="seed2")
    changed = run({"warm": 1.0}, group="seed2")
    for second in ([*one, *changed], [*changed, *one]):
        (found,) = agreements({FIRST: [*one, *two], OTHER: second})
        assert (found.n_models, found.same) == (2, 0.5)


def test_models_that_differ_in_what_nobody_asks_about_are_two() -> None:
    def unasked(**levels: int) -> list[GroupRecord]:
        trials = (trial((1,), (0.5,), read_claims=claims(vivid=1.0), unasked=levels),)
        return [group_record("single_aspect", trials)]

    with pytest.raises(InvalidInputError, match="models in common"):
        agreements({FIRST: unasked(warm=1), OTHER: unasked(dark=1)})


def test_every_run_is_compared_with_the_first_and_explainers_keep_its_order() -> None:
    first = [*run({"vivid": 1.0}, explainer="visdiff"), *run({"vivid": 1.0}, explainer="finexl")]
    found = agreements({FIRST: first, OTHER: first, Path("third"): first[1:]})
    assert [(one.explainer, str(one.run)) for one in found] == [
        ("visdiff", str(OTHER)), ("finexl", str(OTHER)), ("finexl", "third"),
    ]  # fmt: skip


def test_runs_that_cannot_be_compared_are_refused() -> None:
    with pytest.raises(InvalidInputError, match=r"each folder once. Got 1: runs/first"):
        agreements({FIRST: run({})})
    with pytest.raises(InvalidInputError, match=r"of single_aspect by visdiff.*of single_aspect by finexl"):
        agreements({FIRST: run({}), OTHER: run({}, explainer="visdiff")})


def test_a_run_of_another_corpus_is_refused_with_what_makes_it_comparable() -> None:
    def made_of(corpus: str) -> Any:
        parts = {"corpus": {"name": corpus}, "generator": {"name": "miniature_sd"}}
        return SimpleNamespace(settings=parts, provenance={"corpus": corpus, "generator": "g"})

    check_same_models({FIRST: made_of("synthetic"), OTHER: made_of("synthetic")})
    with pytest.raises(
        InvalidInputError, match=r"one corpus.*corpus=wikiart.*Run it again with corpus=synthetic\."
    ):
        check_same_models({FIRST: made_of("synthetic"), OTHER: made_of("wikiart")})
