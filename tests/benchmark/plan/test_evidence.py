"""Which part of a probe's images explainers are shown."""

import pytest
from planning import planned

from benchmark.config.loading import load_settings
from benchmark.plan.trials import Evidence
from finexl.errors import InvalidInputError


def test_all_pairs_are_no_part_of_them() -> None:
    words = ["preset=smoke", "scenario=single_aspect"]
    assert planned(*words) == planned(*words, "n_shown=8")
    assert {group.evidence for group in planned(*words)} == {None}


@pytest.mark.parametrize("n_shown", [1, 4])
def test_unpaired_images_begin_in_the_middle_of_the_probe(n_shown: int) -> None:
    found = planned("preset=smoke", "paired=false", f"n_shown={n_shown}")
    assert {group.evidence for group in found} == {Evidence(n_pairs=n_shown, apart=4)}


def test_unpaired_images_are_half_of_the_probe_unless_it_is_said_how_many() -> None:
    assert load_settings(["preset=smoke", "paired=false"]).n_pairs == 4


def test_models_and_images_do_not_depend_on_what_is_shown() -> None:
    whole, part = planned("preset=smoke"), planned("preset=smoke", "n_shown=4")
    assert [(one.probe, one.trials) for one in whole] == [(one.probe, one.trials) for one in part]


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (["n_shown=9"], r"at most 8 of preset\.n_prompts=8\. Got 9\. Add preset\.n_prompts=9"),
        (["n_shown=5", "paired=false"], r"at most 4.*paired=false.*Add preset\.n_prompts=10"),
        (["preset.n_prompts=1", "paired=false"], r"at most 0.*Add preset\.n_prompts=2"),
    ],
)
def test_more_than_a_preset_has_is_refused_with_what_it_takes(words: list[str], advice: str) -> None:
    with pytest.raises(InvalidInputError, match=advice):
        load_settings(["preset=smoke", *words])
