"""What `--dry-run` says."""

import pytest

from benchmark.config import load_settings
from benchmark.preview import preview, questions_per_model
from benchmark.scenarios import plan


class Holding:
    """A store that holds everything, or nothing."""

    def __init__(self, everything: bool) -> None:
        self.everything = everything

    def is_trained(self, recipe) -> bool:
        return self.everything

    def has_images(self, recipe, step, prompts, seeds) -> bool:
        return self.everything


def shown(*words: str, everything: bool = False) -> str:
    settings = load_settings(words)
    groups = plan(settings, generator_id="g", prompts=lambda n, seed: tuple(f"p{i}" for i in range(n)))
    return preview(settings, groups, Holding(everything))


def test_a_cold_store_costs_what_the_preset_states() -> None:
    text = shown("scenario=multi_aspect")
    expected = load_settings(["scenario=multi_aspect"]).preset.expected["multi_aspect"]
    assert f"about {expected.minutes:.1f} min" in text and f"{expected.disk_mb:.0f} MB" in text


def test_a_full_store_costs_nothing_but_explanations() -> None:
    text = shown("scenario=multi_aspect", everything=True)
    assert "about 0.0 min" in text and "6 of 6 image sets" in text


@pytest.mark.parametrize("preset", ["smoke", "lite", "full"])
@pytest.mark.parametrize("scenario", ["single_aspect", "multi_aspect"])
def test_presets_state_the_calls_of_their_default_explainers(preset: str, scenario: str) -> None:
    words = [f"preset={preset}", f"scenario={scenario}"]
    stated = load_settings(words).preset.expected[scenario].vlm_calls
    assert f"at most {stated} VLM calls" in shown(*words)


def test_a_question_may_show_several_pairs() -> None:
    words = [
        "explainer=finexl",
        "explainer_settings.finexl.n_vlm_pairs=10",
        "explainer_settings.finexl.pairs_per_question=4",
    ]
    assert questions_per_model(load_settings(words).explainers[0]) == 3


def test_many_groups_are_not_all_listed() -> None:
    assert "... and" in shown("preset=full", "preset.n_series=27", "preset.n_pairs=20")
