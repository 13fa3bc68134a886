"""What the report shows of settings is what a run made use of."""

import pytest

from benchmark.config.loading import load_settings
from benchmark.config.settings import public_settings
from benchmark.show.applied import applied, dotted


def shown(*words: str) -> dict[str, str]:
    return dotted(applied(public_settings(load_settings(list(words)))))


def test_nothing_of_a_corpus_or_a_model_of_another_kind_is_shown() -> None:
    found = shown("scenario=multi_aspect", "explainer=finexl_paper")
    assert found["vlm.name"] == "miniature"
    assert "corpus.size" not in found
    assert not [value for value in found.values() if "openai" in value.lower() or "http" in value]


def test_what_presets_are_expected_to_take_is_no_setting() -> None:
    assert not [name for name in shown("scenario=multi_aspect") if "expected" in name]


def test_sizes_of_other_scenarios_are_left_out() -> None:
    found = shown("scenario=single_aspect")
    assert "preset.n_levels" in found
    assert not {"preset.n_pairs", "preset.n_fine_groups", "preset.n_nuisance_groups"} & found.keys()


@pytest.mark.parametrize(
    ("words", "left_out"),
    [
        (
            ("scenario=multi_aspect",),
            {"n_series", "n_levels", "first_step", "steps_per_level", "n_fine_groups"},
        ),
        (("scenario=single_aspect",), {"n_pairs", "pair_steps", "n_nuisance_groups"}),
        (
            ("scenario=versions",),
            {
                "n_series",
                "first_step",
                "steps_per_level",
                "pair_steps",
                "n_images",
                "rate_factor",
                "averages",
            },
        ),
        (("scenario=subject",), {"first_step", "steps_per_level", "pair_steps", "n_images"}),
        (("explainer=constant",), {"oracle_steps"}),
    ],
)
def test_sizes_that_no_scenario_and_no_probe_reads_are_left_out(
    words: tuple[str, ...], left_out: set[str]
) -> None:
    found = shown(*(words if "explainer=constant" in words else (*words, "explainer=constant")))
    assert not {f"preset.{name}" for name in left_out} & found.keys()


def test_a_probe_shows_what_its_lessons_take() -> None:
    found = shown("scenario=versions", "explainer=oracle_probe")
    assert {"preset.oracle_steps", "preset.rate_factor", "generator.batch_size"} <= found.keys()


def test_only_the_rate_of_the_trained_is_shown() -> None:
    pairs, series = shown("scenario=multi_aspect"), shown("scenario=single_aspect", "explainer=constant")
    assert "generator.pair_learning_rate" in pairs and "generator.learning_rate" not in pairs
    assert "generator.learning_rate" in series and "generator.pair_learning_rate" not in series


def test_both_rates_are_shown_where_both_are_trained_with() -> None:
    found = shown("scenario=single_aspect,multi_aspect", "explainer=constant")
    assert {"generator.learning_rate", "generator.pair_learning_rate"} <= found.keys()


def test_nothing_of_training_is_shown_where_nothing_is_trained() -> None:
    found = shown("scenario=versions", "explainer=constant")
    names = (
        "learning_rate",
        "batch_size",
        "caption_dropout",
        "ema_decay",
        "training_precision",
        "accumulate",
    )
    assert not [name for name in names if f"generator.{name}" in found]
    assert {"generator.n_sampling_steps", "generator.guidance"} <= found.keys()


def test_rates_that_a_methods_own_stand_for_are_left_out() -> None:
    found = shown("scenario=strength", "generator.method=lora", "explainer=constant")
    assert "generator.method_rates.lora.learning_rate" in found
    assert (
        not {"generator.learning_rate", "generator.pair_learning_rate", "generator.ema_decay"} & found.keys()
    )


def test_what_only_an_adapter_several_devices_or_another_family_read_is_left_out() -> None:
    found = shown("scenario=multi_aspect", "explainer=constant")
    assert not {"generator.adapter_scale", "generator.strategy"} & found.keys()
    assert "generator.strategy" in shown("scenario=multi_aspect", "generator.devices=2")
    other = shown("scenario=single_aspect", "generator=miniature_anole", "explainer=constant")
    assert not {"generator.n_sampling_steps", "generator.caption_dropout"} & other.keys()


def test_memory_is_limited_of_explainers_from_elsewhere_alone() -> None:
    assert "explainer_memory_gb" not in shown("explainer=finexl_paper")
    assert "explainer_seconds" in shown("explainer=finexl_paper")


def test_rates_of_the_method_in_use_are_shown_alone() -> None:
    methods = {
        name.split(".")[2]
        for name in shown("scenario=strength", "generator.method=lora")
        if "method_rates" in name
    }
    assert methods == {"lora"}
    assert not [name for name in shown("scenario=single_aspect") if "method_rates" in name]


def test_a_model_that_nobody_was_given_is_left_out() -> None:
    assert not [name for name in shown("explainer=constant") if name.startswith(("vlm.", "encoder."))]
    assert [name for name in shown("explainer=naive_vlm") if name.startswith("vlm.")]


def test_options_stand_under_the_name_of_their_explainer() -> None:
    found = shown("explainer=finexl_paper", "explainer_settings.finexl_paper.e_ortho=0.3")
    assert found["explainers.finexl_paper.options.e_ortho"] == "0.3"


def test_what_is_not_set_is_left_out_and_the_given_stays_as_it_was() -> None:
    given = {"a": None, "b": {"c": [], "d": 0, "e": {}}, "f": False}
    assert applied(given) == {"b": {"d": 0}, "f": False}
    assert given["a"] is None
