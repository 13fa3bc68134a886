"""What the report shows of settings is what a run made use of."""

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
