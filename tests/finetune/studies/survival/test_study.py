"""What survives of a style: what is looked at in which order, and ranks by cosine."""

from itertools import pairwise

import pytest

from benchmark.config.loading import load_settings
from finetune.miniature.examples import STYLES
from finetune.miniature.split import SCORED_ASPECTS
from finetune.studies.loading import encoder, generator_settings
from finetune.studies.survival.study import (
    FINE_TUNED,
    STATIONS,
    STYLES_IN_TURN,
    Case,
    SurvivalStudy,
    Training,
    cases,
)
from finexl.errors import InvalidInputError, UnknownNameError


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> SurvivalStudy:
    store = tmp_path_factory.mktemp("survival")
    return SurvivalStudy(generator=generator_settings(), encoder=encoder(), store=store, n_scenes=4)


def test_a_style_that_is_painted_in_full_is_nearest_to_its_own_name(study: SurvivalStudy) -> None:
    found = study.finding(Case("rendered", "monochrome", 1.0))
    assert (found.rank, found.nearest) == (1, "monochrome")


def test_the_projection_is_the_length_times_the_cosine(study: SurvivalStudy) -> None:
    found = study.finding(Case("autoencoded", "vivid", 0.5))
    assert found.projection == pytest.approx(found.length * found.cosine)


def test_a_name_is_nearest_to_itself(study: SurvivalStudy) -> None:
    assert study.name_cosine("sepia", "sepia") == pytest.approx(1)
    assert study.name_cosine("sepia", "cool") == study.name_cosine("cool", "sepia") < 0.9


@pytest.mark.parametrize(("stations", "styles"), [(("painted",), ("vivid",)), (("rendered",), ("vived",))])
def test_what_does_not_exist_is_named(stations, styles) -> None:
    with pytest.raises(UnknownNameError, match=r"painted|vived"):
        cases(stations, styles)


@pytest.mark.parametrize("strength", [0.0, -1.0, 1.1, float("nan")])
def test_a_strength_is_a_part_of_the_whole(strength: float) -> None:
    with pytest.raises(InvalidInputError, match="`strengths` must be above 0 and at most 1"):
        cases(strengths=(strength,))


def test_every_style_is_looked_at_everywhere_and_trained_at_the_whole_strength_alone() -> None:
    asked = cases()
    assert len({*asked}) == len(asked) == len(STYLES) * (3 * 3 + 2)
    assert {case.strength for case in asked if case.station in FINE_TUNED} == {1.0}
    assert {case.station for case in asked} == {*STATIONS}


def test_strengths_that_are_asked_for_are_those_of_models_too() -> None:
    assert cases(("half",), ("vivid",), (0.25, 1.0)) == [
        Case("half", "vivid", 0.25),
        Case("half", "vivid", 1.0),
    ]


def test_models_are_trained_last_and_those_of_scored_aspects_first() -> None:
    asked = cases()
    slow = [case.station in FINE_TUNED for case in asked]
    assert all(one <= other for one, other in pairwise(slow))
    styles = [*dict.fromkeys(case.style for case in asked if case.station in FINE_TUNED)]
    assert styles == [*STYLES_IN_TURN] and {*STYLES_IN_TURN} == {*STYLES}
    assert styles[: len(SCORED_ASPECTS)] == [*SCORED_ASPECTS]


def test_models_are_trained_as_mixtures_of_the_benchmark_are() -> None:
    settings = load_settings(["preset=full"])
    generator, preset = settings.generator, settings.preset
    assert Training() == Training(
        learning_rate=generator.rates.pair_learning_rate,
        n_steps=preset.pair_steps,
        n_images=preset.n_images,
        batch_size=generator.batch_size,
    )
