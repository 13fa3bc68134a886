"""Settings from files and words: defaults, types, names, and the files that come with the benchmark."""

import dataclasses
import re
from pathlib import Path

import pytest

from benchmark.config.choices import GROUPS, LISTED, config_folder, description, names_in
from benchmark.config.loading import load_settings
from benchmark.config.overrides import parse_overrides
from benchmark.parts.explainers import EXPLAINERS
from benchmark.show.listing import describe_group
from finexl.errors import FinexlError, InvalidInputError, UnknownNameError

FILES = [(group, name) for group in GROUPS for name in names_in(group)]
OWN = {
    **dict.fromkeys(
        ("corpus=folder", "corpus=table", "corpus=style_transfer_folder", "corpus=wikiart_table"),
        ("corpus.folder=/pictures",),
    ),
    "corpus=drawn": ("corpus.folder=/sd3", "corpus.prompts_from=/coco.json"),
}
"""Choices that need files of one's own, with where those lie."""


@pytest.mark.parametrize(("group", "name"), FILES)
def test_every_choice_can_be_loaded(group: str, name: str) -> None:
    settings = load_settings([f"{group}={name}", *OWN.get(f"{group}={name}", ())])
    part = getattr(settings, f"{group}s" if group in LISTED else group)
    assert (part[0] if group in LISTED else part).name == name


@pytest.mark.parametrize(("group", "name"), FILES)
def test_every_choice_says_what_it_is(group: str, name: str) -> None:
    assert len(description(group, name)) > 20
    assert description(group, name) in describe_group(group)


def test_no_words_mean_the_smoke_preset_of_the_two_usual_scenarios() -> None:
    settings = load_settings()
    assert settings.preset.name == "smoke"
    assert [scenario.name for scenario in settings.scenarios] == ["single_aspect", "multi_aspect"]


def test_a_scenario_alone_means_the_lite_preset() -> None:
    settings = load_settings(["scenario=multi_aspect"])
    assert (settings.preset.name, [scenario.name for scenario in settings.scenarios]) == (
        "lite",
        ["multi_aspect"],
    )


def test_a_preset_alone_means_the_two_usual_scenarios() -> None:
    assert len(load_settings(["preset=lite"]).scenarios) == 2


def test_output_is_named_for_scenario_and_preset() -> None:
    assert load_settings(["scenario=multi_aspect"]).output == Path("runs/multi_aspect-lite")


def test_explainers_keep_the_order_given_and_none_comes_twice() -> None:
    settings = load_settings(["explainer=random,finexl,random"])
    assert [explainer.name for explainer in settings.explainers] == ["random", "finexl"]


def test_all_means_every_explainer() -> None:
    assert len(load_settings(["explainer=all"]).explainers) == len(names_in("explainer"))


def test_every_kind_of_explainer_is_known_and_configured() -> None:
    kinds = {explainer.kind for explainer in load_settings(["explainer=all"]).explainers}
    assert kinds == set(EXPLAINERS)


def test_a_setting_of_one_explainer_reaches_it_alone() -> None:
    settings = load_settings(
        ["explainer=finexl_paper,oracle_concepts", "explainer_settings.finexl_paper.e_ortho=0.3"]
    )
    assert [explainer.options.e_ortho for explainer in settings.explainers] == [0.3, 0.5]


def test_a_setting_inside_a_setting_keeps_its_type() -> None:
    word = "explainer_settings.finexl.template.without=an image: {prompt}"
    (explainer,) = load_settings(["explainer=finexl", word]).explainers
    assert explainer.options.template.without == "an image: {prompt}"


def test_a_setting_of_a_part_overrides_its_file() -> None:
    settings = load_settings(["preset=smoke", "preset.n_prompts=7", "generator.learning_rates.vivid=3e-5"])
    assert (settings.preset.n_prompts, settings.generator.learning_rates["vivid"]) == (7, 3e-5)


@pytest.mark.parametrize(
    ("scenario", "generator", "corpus"),
    [
        ("subject", "miniature_portraits", "portraits"),
        ("versions", "miniature_sd_v11", "synthetic"),
        ("strength", "miniature_sd", "synthetic"),
    ],
)
def test_a_scenario_brings_the_generator_and_corpus_that_it_calls_for(
    scenario: str, generator: str, corpus: str
) -> None:
    settings = load_settings([f"scenario={scenario}"])
    assert (settings.generator.name, settings.corpus.name) == (generator, corpus)
    settings = load_settings([f"scenario={scenario}", "generator=sd15", "corpus=wikiart"])
    assert (settings.generator.name, settings.corpus.name) == ("sd15", "wikiart")


def test_scenarios_that_call_for_different_generators_are_different_runs() -> None:
    with pytest.raises(InvalidInputError, match=r"one run for each.*generator="):
        load_settings(["scenario=single_aspect,versions"])
    assert len(load_settings(["scenario=single_aspect,versions", "generator=sd11"]).scenarios) == 2


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (
            ["generator.devices=7"],
            r"`generator.batch_size` must be a multiple .* Give generator.batch_size=14",
        ),
        (["generator.accumulate=100"], r"Got 8, 100 and 1\. Give generator.batch_size=100"),
        (["generator.accumulate=4", "generator.devices=3"], "Give generator.batch_size=12"),
        (["generator.learning_rate=2"], "`generator.learning_rate` must be"),
        (["generator.method=lora", "generator.rank=100000"], "`generator.rank` must be"),
        (["preset.rate_factor=1e300"], "`preset.rate_factor` must be"),
    ],
)
def test_training_that_cannot_be_is_refused_with_its_key_before_any_work(words: list[str], says: str) -> None:
    with pytest.raises(InvalidInputError, match=says):
        load_settings(["scenario=single_aspect", *words])
    assert load_settings(["generator.accumulate=4", "generator.devices=2"]).generator.devices == 2


@pytest.mark.parametrize("scenario", ["fine_grained", "nuisance", "fine_grained,nuisance"])
def test_a_scenario_brings_the_method_that_it_calls_for(scenario: str) -> None:
    for generator in ("miniature_sd", "sd15"):
        assert load_settings([f"scenario={scenario}", f"generator={generator}"]).generator.method == "lora"
    assert (
        load_settings([f"scenario={scenario}", "generator.method=finestyle"]).generator.method == "finestyle"
    )
    assert load_settings([f"scenario={scenario}", "generator.method=full"]).generator.method == "full"


def test_a_family_without_the_method_keeps_its_own() -> None:
    words = ["scenario=fine_grained", "generator=miniature_controlgan"]
    assert load_settings(words).generator.method == "full"


def test_scenarios_that_call_for_different_methods_are_different_runs() -> None:
    with pytest.raises(InvalidInputError, match=r"share a method.*fine_grained lora.*generator\.method="):
        load_settings(["scenario=multi_aspect,fine_grained"])
    both = load_settings(["scenario=multi_aspect,fine_grained", "generator.method=lora"])
    assert both.generator.method == "lora"


def test_a_rate_that_the_method_of_the_scenario_would_not_read_is_refused() -> None:
    with pytest.raises(InvalidInputError, match=r"generator\.method_rates\.lora\.learning_rate"):
        load_settings(["scenario=fine_grained", "generator.learning_rate=1e-4"])


def test_settings_of_a_direction_and_of_a_version_are_reached_by_name() -> None:
    words = ["generator=sd11", "generator.versions.v14.folder=/a b", "generator.directions.hat.top_scale=2.5"]
    generator = load_settings(words).generator
    assert (generator.versions["v14"].folder, generator.directions["hat"].top_scale) == (Path("/a b"), 2.5)


def test_the_rates_of_a_method_take_the_place_of_the_usual_ones() -> None:
    words = ["generator.method_rates.lora={learning_rate: 1e-3}"]
    assert load_settings([*words, "generator.learning_rate=1e-5"]).generator.rates.learning_rate == 1e-5
    assert load_settings([*words, "generator.method=lora"]).generator.rates.learning_rate == 1e-3


@pytest.mark.parametrize("folder", ["a b", "2024", "x=y,z", "it's", "a'b\\c", "über/[1]", "null"])
def test_folders_may_have_any_name(folder: str) -> None:
    assert load_settings([f"output={folder}"]).output == Path(folder)


def test_the_store_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    monkeypatch.delenv("FINEXL_STORE", raising=False)
    assert load_settings().store == Path("/cache/finexl")
    monkeypatch.setenv("FINEXL_STORE", "/mine")
    assert load_settings().store == Path("/mine")
    assert load_settings(["store=/given"]).store == Path("/given")


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        (
            "scenario=multi-aspect",
            ["multi_aspect, nuisance, nuisance_free, single_aspect", "scenario=multi_aspect"],
        ),
        ("generator.directions.hat.top_skale=2", ["generator.directions.hat.top_scale=2"]),
        ("generator.versions.v14.foldr=x", ["generator.versions.v14.folder=x"]),
        ("preset=lit", ["full, lite, smoke", "preset=lite"]),
        ("explainer=finexl,rndom", ["rndom", "explainer=random"]),
        ("sed=3", ["seed=3"]),
        ("generator.guidence=2", ["generator.guidance=2"]),
        ("explainer_settings.finexl_paper.e_orto=1", ["explainer_settings.finexl_paper.e_ortho=1"]),
        ("explainer_settings.finxl.e_ortho=1", ["explainer_settings.finexl.e_ortho=1"]),
    ],
)
def test_an_unknown_name_is_answered_with_what_exists_and_the_nearest(word: str, parts: list[str]) -> None:
    with pytest.raises(UnknownNameError) as caught:
        load_settings([word])
    assert all(part in str(caught.value) for part in parts)


@pytest.mark.parametrize(
    "word",
    [
        "seed=abc",
        "seed=-1",
        "seed=1.5",
        "workers=0",
        "wandb=of",
        "quiet=perhaps",
        "preset.n_prompts=many",
        "generator.guidance=nan",
        "generator.learning_rates.vivid=-1",
        "generator.method=dreambooth",
        "generator.ema_decay=1",
        "explainer_settings.finexl_paper.e_ortho=wide",
        "explainer_settings.finexl_paper.e_ortho=-1",
        "explainer_settings.finexl_paper.mode=magic",
        "preset.n_images=33",
    ],
)
def test_a_value_that_does_not_fit_is_named(word: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        load_settings([word])
    key, value = word.split("=")
    assert key.split(".")[-1] in str(caught.value) and value in str(caught.value)


@pytest.mark.parametrize(
    "words",
    [
        ["smoke"],
        ["preset="],
        ["=smoke"],
        ["preset=smoke,lite"],
        ["scenario=,"],
        ["seed=1", "seed=2"],
        ["seed.x=1"],
        ["reader.x=1"],
        ["preset.n_prompts.x=1"],
        ["explainer_settings.finexl=1"],
        ["explainer.finexl.e_ortho=1"],
        ["explainer_settings.random.x=1"],
        ["explainer=random", "explainer_settings.finexl_paper.e_ortho=0.3"],
        ["generator.learning_rates={"],
        ["generator.learning_rates={vivid: }"],
    ],
)
def test_words_that_are_not_settings_are_errors_for_people(words: list[str]) -> None:
    with pytest.raises(FinexlError):
        load_settings(words)


def test_a_bare_choice_is_answered_with_its_key() -> None:
    with pytest.raises(InvalidInputError, match="preset=smoke"):
        parse_overrides(["smoke"])


def test_settings_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        load_settings().seed = 1  # type: ignore[misc]  # that this fails is the test


def test_the_config_folder_is_found() -> None:
    assert (config_folder() / "run.yaml").is_file()


def test_an_explainer_from_elsewhere_is_named_by_its_path() -> None:
    explainers = load_settings(["preset=smoke", "explainer=mine:Brightness,constant"]).explainers
    assert {(each.name, each.kind) for each in explainers} == {
        ("mine:Brightness", "mine:Brightness"),
        ("constant", "constant"),
    }


def test_a_setting_of_an_explainer_that_is_not_asked_says_how_to_ask_it() -> None:
    with pytest.raises(InvalidInputError, match=r"explainer_settings.compcon.*Add explainer=.*,compcon"):
        load_settings(["explainer_settings.compcon.n_top=3"])


@pytest.mark.parametrize("word", ["seed=1_1_1", "generator.guidance=1_1", "preset.n_prompts=1_0"])
def test_a_number_is_not_read_through_underscores(word: str) -> None:
    with pytest.raises(InvalidInputError, match="without `_`"):
        load_settings([word])


def test_an_aspect_is_not_asked_about_twice() -> None:
    with pytest.raises(InvalidInputError, match=r"corpus.aspects.*sepia"):
        load_settings(["corpus.aspects=sepia,sepia"])


def test_what_holds_for_every_explainer_can_be_written_as_a_key_of_explainer() -> None:
    settings = load_settings(["preset=smoke", "explainer.seconds=7", "explainer.memory_gb=2"])
    assert (settings.explainer_seconds, settings.explainer_memory_gb) == (7.0, 2.0)


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("n_prompts=3", "preset.n_prompts=3?"),
        ("base_url=http://localhost/v1", "vlm.base_url=http://localhost/v1?"),
        ("folder=x", "generator.folder=x or corpus.folder=x or encoder.folder=x"),
        ("e_ortho=1", "explainer_settings.finexl_paper.e_ortho=1"),
    ],
)
def test_a_key_without_its_part_is_told_with_it(word: str, meant: str) -> None:
    with pytest.raises(
        UnknownNameError, match=re.escape(f"Got {word.partition('=')[0]!r}. Did you mean")
    ) as told:
        load_settings([word])
    assert meant in str(told.value)


def test_nothing_is_suggested_that_was_hardly_meant() -> None:
    with pytest.raises(UnknownNameError) as told:
        load_settings(["encoder.cache_dir=x"])
    assert "Did you mean" not in str(told.value)


@pytest.mark.parametrize(
    ("n_shown", "paired", "advice"),
    [
        (9, "true", "Add preset.n_prompts=9."),
        (9, "false", "Add preset.n_prompts=18."),
        (10_000, "true", "Add preset.n_prompts=10000."),
        (10_001, "true", "That takes preset.n_prompts=10001, and the most is 10000. Give fewer."),
        (5001, "false", "That takes preset.n_prompts=10002, and the most is 10000. Give fewer."),
    ],
)
def test_more_prompts_are_advised_where_a_preset_may_have_them(
    n_shown: int, paired: str, advice: str
) -> None:
    words = ["preset=smoke", f"n_shown={n_shown}", f"paired={paired}"]
    with pytest.raises(InvalidInputError, match=re.escape(f"Got {n_shown}. {advice}")):
        load_settings(words)
    if advice.startswith("Add"):
        load_settings([*words, advice.removeprefix("Add ").rstrip(".")])
