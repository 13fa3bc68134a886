"""Which runs agree on what changed most."""

from pathlib import Path

import pytest
from record_makers import claims, group_record, trial

from benchmark.record.records import GroupRecord, ReadClaim
from benchmark.show.agreement import SILENCE, agreements, strongest
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


def test_the_strongest_claims_of_every_model_are_compared_with_the_first_run() -> None:
    (found,) = agreements(
        {
            FIRST: run({"vivid": 0.5, "warm": 0.2}, {"vivid": 0.6}, {}, {"vivid": 0.7}),
            OTHER: run({"vivid": 0.1}, {"warm": 0.6, "vivid": 0.5}, {}, {}),
        }
    )
    assert (found.explainer, found.run, found.n_models) == ("finexl", OTHER, 4)
    assert found.same == 0.5 and found.n_silent == (1, 2)


def test_more_and_less_of_an_aspect_do_not_agree() -> None:
    (found,) = agreements({FIRST: run({"vivid": 0.5}), OTHER: run({"vivid": -0.5})})
    assert found.same == 0.0


def test_what_cannot_be_read_agrees_with_nothing() -> None:
    (found,) = agreements({FIRST: run(None), OTHER: run(None)})
    assert found.same == 0.0


def test_synonyms_agree_and_unknown_words_agree_with_themselves() -> None:
    def said(concept: str, *aspects: tuple[str, float]) -> ReadClaim:
        return ReadClaim(concept=concept, amount=0.5, aspects=aspects)

    def of(claim: ReadClaim) -> object:
        return strongest(trial((1,), (0.5,), read_claims=[claim]))

    assert of(said("sepia", ("sepia", 1.0))) == of(said("brownish", ("sepia", 0.6), ("warm", 0.4)))
    assert of(said("Odd")) == of(said("odd")) != of(said("even"))
    assert strongest(trial((1,), (0.0,))) == SILENCE


def test_models_of_another_seed_are_the_same_models() -> None:
    (found,) = agreements({FIRST: run({"vivid": 1.0}), OTHER: run({"vivid": 1.0}, group="seed2")})
    assert (found.n_models, found.same) == (1, 1.0)


def test_every_run_is_compared_with_the_first_and_explainers_keep_its_order() -> None:
    first = [*run({"vivid": 1.0}, explainer="visdiff"), *run({"vivid": 1.0}, explainer="finexl")]
    found = agreements({FIRST: first, OTHER: first, Path("third"): first[1:]})
    assert [(one.explainer, str(one.run)) for one in found] == [
        ("visdiff", str(OTHER)), ("finexl", str(OTHER)), ("finexl", "third"),
    ]  # fmt: skip


def test_runs_that_cannot_be_compared_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="needs two finished runs or more"):
        agreements({FIRST: run({})})
    with pytest.raises(InvalidInputError, match=r"runs/other.* has explainers visdiff.*has finexl"):
        agreements({FIRST: run({}), OTHER: run({}, explainer="visdiff")})
