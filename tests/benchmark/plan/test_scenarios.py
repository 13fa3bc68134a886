"""Plans: sizes, truths, splits, determinism and errors."""

import dataclasses
from math import hypot
from statistics import fmean

import numpy as np
import pytest
from planning import CORPORA, SYNTHETIC, planned, planned_with, prompts

from benchmark.config.loading import load_settings
from benchmark.config.settings import Settings
from benchmark.plan.scenarios import SCENARIOS, plan
from benchmark.plan.subjects import Subjects
from benchmark.plan.trials import Group, label, origin
from benchmark.score.selection_accuracy import selection_credits
from finetune.miniature import split
from finetune.recipe import Composed, Edited, Recipe, Released, Trained, lattice, recipes_of
from finexl.errors import InvalidInputError

STRENGTH = ("scenario=strength", "generator.method=lora")
COMPOSED = ("fine_grained", "nuisance", "nuisance_free")


def recipes(group: Group) -> list[Recipe]:
    return [trial.variant.recipe for trial in group.trials if isinstance(trial.variant, Trained)]


def steps(group: Group) -> list[int]:
    return [trial.variant.step for trial in group.trials if isinstance(trial.variant, Trained)]


@pytest.mark.parametrize(
    ("preset", "scenario", "groups", "models"),
    [
        ("smoke", "single_aspect", 1, 5),
        ("smoke", "multi_aspect", 1, 6),
        ("lite", "single_aspect", 3, 30),
        ("lite", "multi_aspect", 3, 18),
        ("full", "single_aspect", 15, 150),
        ("full", "multi_aspect", 15, 90),
        ("smoke", "fine_grained", 1, 10),
        ("smoke", "nuisance", 1, 6),
        ("lite", "fine_grained", 3, 35),
        ("lite", "nuisance", 3, 31),
        ("full", "fine_grained", 10, 125),
        ("full", "nuisance", 10, 99),
        ("full", "nuisance_free", 10, 99),
    ],
)
@pytest.mark.parametrize("corpus", ["synthetic", "style_transfer", "wikiart"])
def test_presets_have_the_size_that_they_state(
    preset: str, scenario: str, groups: int, models: int, corpus: str
) -> None:
    found = planned(f"preset={preset}", f"scenario={scenario}", f"corpus={corpus}")
    assert (len(found), sum(len(group.trials) for group in found)) == (groups, models)
    assert len({group.id for group in found}) == groups


def test_the_same_settings_give_the_same_plan() -> None:
    assert planned("preset=lite") == planned("preset=lite")


def test_a_seed_changes_training_seeds_prompts_noise_and_ids() -> None:
    first, second = planned("preset=lite")[0], planned("preset=lite", "seed=1")[0]
    assert first.seed != second.seed
    assert first.probe.prompts != second.probe.prompts
    assert not set(first.probe.seeds) & set(second.probe.seeds)
    assert not {trial.id for trial in first.trials} & {trial.id for trial in second.trials}


def test_plans_do_not_depend_on_where_results_go() -> None:
    assert planned("preset=lite", "output=elsewhere", "workers=1") == planned("preset=lite")


def test_scenarios_follow_one_another_in_the_order_given() -> None:
    found = planned("preset=smoke", "scenario=multi_aspect,single_aspect")
    assert [group.scenario for group in found] == ["multi_aspect", "single_aspect"]


def test_a_series_is_one_training_run_kept_at_every_level() -> None:
    (group,) = planned("preset=smoke", "scenario=single_aspect")
    assert len(set(recipes(group))) == 1
    assert recipes(group)[0].steps == tuple(steps(group))
    assert [trial.truth for trial in group.trials] == [(level,) for level in range(1, 6)]


def test_series_begin_at_a_first_step_and_go_on_in_equal_ones() -> None:
    given = "scenario=single_aspect", "preset.first_step=50", "preset.steps_per_level=20", "preset.n_levels=3"
    assert steps(planned(*given)[0]) == [50, 70, 90]


def test_a_pair_has_one_model_for_every_mixture_of_the_lattice() -> None:
    group = planned("scenario=multi_aspect")[0]
    assert [recipe.mixture for recipe in recipes(group)] == list(lattice(2, 2))
    assert [trial.truth for trial in group.trials] == [mixture.parts for mixture in lattice(2, 2)]


def test_all_groups_share_one_probe() -> None:
    assert len({group.probe for group in planned("preset=full")}) == 1


def test_group_and_trial_ids_are_unique() -> None:
    found = planned("preset=full")
    trials = [trial.id for group in found for trial in group.trials]
    assert len(set(trials)) == len(trials)
    assert len({group.id for group in found}) == len(found)


@pytest.mark.parametrize("corpus", ["synthetic", "style_transfer", "wikiart"])
def test_scored_trials_use_scored_aspects_and_seeds_only(corpus: str) -> None:
    for group in planned("preset=full", f"corpus={corpus}"):
        assert set(group.aspects) <= set(CORPORA[corpus].aspects) - set(split.DEVELOPMENT_ASPECTS)
        assert group.seed in split.SCORED_SEEDS


def test_runs_about_development_aspects_alone_have_development_seeds() -> None:
    words = ["scenario=single_aspect,unchanged", "corpus.aspects=warm,dark,foggy"]
    assert {group.seed for group in planned(*words)} <= set(split.DEVELOPMENT_SEEDS)
    with_a_scored_one = planned("scenario=single_aspect", "corpus.aspects=warm,vivid")
    assert {group.seed for group in with_a_scored_one} <= set(split.SCORED_SEEDS)


def test_learning_rates_come_from_the_generator_by_aspect() -> None:
    group = planned("scenario=single_aspect", f"generator.learning_rates.{split.SCORED_ASPECTS[0]}=3e-6")[0]
    assert recipes(group)[0].learning_rate == 3e-6


def test_models_of_a_pair_share_a_rate_between_those_of_its_aspects() -> None:
    first, second = split.SCORED_PAIRS[0]
    group = planned(
        "scenario=multi_aspect",
        f"generator.learning_rates.{first}=1e-6",
        f"generator.learning_rates.{second}=4e-6",
    )[0]
    assert {recipe.learning_rate for recipe in recipes(group)} == {2e-6}


def test_mixtures_are_trained_at_the_rate_for_pairs() -> None:
    group = planned("scenario=multi_aspect", "generator.pair_learning_rate=7e-5")[0]
    assert {recipe.learning_rate for recipe in recipes(group)} == {7e-5}


def test_a_method_brings_its_own_rates_and_is_part_of_the_recipe() -> None:
    rates = "generator.method_rates.lora={learning_rate: 2e-3, pair_learning_rate: 4e-3}"
    series, pair = (
        planned("preset=lite", f"scenario={name}", "generator.method=lora", rates)[0]
        for name in ("single_aspect", "multi_aspect")
    )
    assert {(recipe.method, recipe.learning_rate) for recipe in recipes(series)} == {("lora", 2e-3)}
    assert {(recipe.method, recipe.learning_rate) for recipe in recipes(pair)} == {("lora", 4e-3)}


def test_a_method_may_train_mixtures_for_longer() -> None:
    rates = "generator.method_rates.finestyle={learning_rate: 1e-3, pair_steps_factor: 2.5}"
    group = planned("scenario=multi_aspect", "generator.method=finestyle", "preset.pair_steps=30", rates)[0]
    assert {recipe.steps for recipe in recipes(group)} == {(75,)}


def test_more_groups_than_the_split_has_raise() -> None:
    with pytest.raises(InvalidInputError, match="at most"):
        planned("preset.n_series=1000", "seed=999")


@pytest.mark.parametrize(
    ("key", "most"),
    [
        ("n_series", 1000),
        ("n_pairs", 1000),
        ("n_fine_groups", 1000),
        ("n_nuisance_groups", 1000),
        ("n_levels", 100),
    ],
)
def test_a_size_that_no_plan_needs_is_refused_before_anything_is_planned(key: str, most: int) -> None:
    with pytest.raises(InvalidInputError, match=rf"`preset\.{key}` must be at most {most}\. Got '1000000'"):
        load_settings([f"preset.{key}=1000000"])


@pytest.mark.parametrize(
    ("corpus", "scenario", "n_images"),
    [
        ("synthetic", "single_aspect", 128),
        ("style_transfer", "single_aspect", 50),
        ("style_transfer", "multi_aspect", 50),
        ("wikiart", "single_aspect", 105),
        ("wikiart", "multi_aspect", 104),
    ],
)
def test_no_model_is_trained_on_more_images_than_every_aspect_has(
    corpus: str, scenario: str, n_images: int
) -> None:
    found = planned("preset=lite", f"corpus={corpus}", f"scenario={scenario}")
    assert {recipe.n_images for group in found for recipe in recipes(group)} == {n_images}


def test_an_aspect_with_too_few_images_for_a_mixture_raises() -> None:
    settings = load_settings(["scenario=multi_aspect"])
    scarce = Subjects(aspects=("a", "b"), pairs=(("a", "b"),), n_images=1)
    with pytest.raises(InvalidInputError, match="at least 2 images"):
        plan(settings, generator_id="g", prompts=prompts, subjects=scarce)


def test_every_configured_scenario_has_a_planner() -> None:
    generators = ["generator=miniature_sd", "generator.method=lora", "corpus=synthetic"]
    assert {scenario.name for scenario in load_settings(["scenario=all", *generators]).scenarios} == set(
        SCENARIOS
    )


def test_the_plan_leaves_settings_as_they_are() -> None:
    settings: Settings = load_settings(["preset=smoke"])
    before = dataclasses.asdict(settings)
    planned_with(settings)
    assert dataclasses.asdict(settings) == before


def test_a_strength_ladder_is_one_adapter_at_even_weights_up_to_its_own() -> None:
    last = steps(planned("preset=lite", "scenario=single_aspect")[0])[-1]
    for group in planned("preset=lite", *STRENGTH):
        variants = [trial.variant for trial in group.trials]
        assert [variant.scale for variant in variants] == pytest.approx([0.1 * n for n in range(1, 11)])
        assert {(variant.recipe, variant.step) for variant in variants} == {(recipes(group)[0], last)}
        assert [trial.truth for trial in group.trials] == [(level,) for level in range(1, 11)]
        assert group.is_ladder


def test_a_strength_ladder_without_an_adapter_says_how_to_get_one() -> None:
    with pytest.raises(InvalidInputError, match=r"generator\.method=lora"):
        planned("scenario=strength")
    with pytest.raises(InvalidInputError, match="have none"):
        planned("scenario=strength", "generator=miniature_controlgan")


def weights(group: Group) -> list[dict[str, float]]:
    """The adapters that change something in each model, by what they were trained on."""
    return [
        {adapter.recipe.aspects[0]: adapter.scale for adapter in trial.variant.effective}
        for trial in group.trials
        if isinstance(trial.variant, Composed)
    ]


def showing(share: float) -> float:
    """The weight of an adapter of the miniature that shows a share of its aspect, to three decimals."""
    return round(share, 3)


def test_weights_show_shares_where_the_response_was_measured() -> None:
    group = planned("scenario=fine_grained", "generator.method_rates.lora.response=2")[1]
    assert weights(group)[6] == {"vivid": 0.5, "outlined": 0.5}


def test_fine_lattices_are_of_three_aspects_in_halves_and_of_two_in_quarters_in_turn() -> None:
    groups = planned("preset=full", "scenario=fine_grained")
    assert [len(group.aspects) for group in groups] == [3, 2] * 5
    for group in groups:
        whole = 2 if len(group.aspects) == 3 else 4
        assert [trial.truth for trial in group.trials] == [
            mixture.parts for mixture in lattice(len(group.aspects), whole)
        ]
    assert [group.aspects for group in groups[1::2]] == [*split.SCORED_PAIRS[:5]]
    assert [group.aspects for group in groups[::2]] == [*split.in_threes(split.SCORED_ASPECTS)]


def test_an_aspects_weight_is_its_level_among_the_parts_of_the_whole() -> None:
    for group, whole in zip(planned("scenario=fine_grained"), (2, 4, 2), strict=True):
        for trial, found in zip(group.trials, weights(group), strict=True):
            levels = zip(group.aspects, trial.truth, strict=True)
            assert found == {aspect: showing(level / whole) for aspect, level in levels if level}


def test_lattices_are_as_fine_as_the_scenario_says() -> None:
    triple, pair, _ = planned("scenario=fine_grained", "scenario_settings.fine_grained.whole=1")
    assert (len(triple.trials), len(pair.trials)) == (4, 6)


@pytest.mark.parametrize("scenario", COMPOSED)
def test_models_of_a_run_share_one_adapter_for_each_aspect(scenario: str) -> None:
    groups = planned("preset=full", f"scenario={scenario}")
    found = {recipe for group in groups for trial in group.trials for recipe in recipes_of(trial.variant)}
    asked = {aspect for group in groups for aspect in group.aspects}
    beside = {aspect for group in groups for trial in group.trials for aspect, _ in trial.unasked}
    assert sorted(recipe.aspects for recipe in found) == sorted((aspect,) for aspect in asked | beside)
    assert {(recipe.method, recipe.learning_rate, recipe.steps) for recipe in found} == {
        ("lora", 1e-3, (240,))
    }


@pytest.mark.parametrize("scenario", COMPOSED)
def test_composed_models_without_adapters_say_how_to_get_one(scenario: str) -> None:
    with pytest.raises(InvalidInputError, match=rf"scenario={scenario}.*generator\.method=lora"):
        planned(f"scenario={scenario}", "generator.method=full")
    with pytest.raises(InvalidInputError, match="have none"):
        planned(f"scenario={scenario}", "generator=miniature_controlgan")


@pytest.mark.parametrize("scenario", COMPOSED)
def test_a_lattice_is_no_ladder(scenario: str) -> None:
    assert not any(group.is_ladder for group in planned(f"scenario={scenario}"))


def test_nuisance_takes_pairs_in_halves_triples_and_pairs_in_quarters_in_turn() -> None:
    groups = planned("preset=full", "scenario=nuisance")
    assert [(len(group.aspects), len(group.trials)) for group in groups][:6] == [(2, 6), (3, 10), (2, 15)] * 2
    assert len({group.aspects for group in groups}) == len(groups)


def test_every_model_is_moved_by_one_aspect_that_is_not_asked_about() -> None:
    for group in planned("preset=full", "scenario=nuisance"):
        whole = max(max(trial.truth) for trial in group.trials)
        for trial, found in zip(group.trials, weights(group), strict=True):
            ((aspect, level),) = trial.unasked
            assert aspect in set(split.SCORED_ASPECTS) - set(group.aspects)
            assert 1 <= level <= whole and found.pop(aspect) == showing(level / whole)
            asked = zip(group.aspects, trial.truth, strict=True)
            assert found == {aspect: showing(level / whole) for aspect, level in asked if level}


@pytest.mark.parametrize("seed", [0, 1])
def test_nuisance_free_is_nuisance_without_what_is_not_asked_about(seed: int) -> None:
    moved, free = (
        planned("preset=full", f"scenario={name}", f"seed={seed}") for name in ("nuisance", "nuisance_free")
    )
    for one, other in zip(moved, free, strict=True):
        assert (one.aspects, one.seed, one.probe) == (other.aspects, other.seed, other.probe)
        for trial, without in zip(one.trials, other.trials, strict=True):
            assert (trial.truth, without.unasked) == (without.truth, ())
            assert isinstance(trial.variant, Composed) and isinstance(without.variant, Composed)
            kept = [each for each in trial.variant.adapters if each.recipe.aspects[0] in one.aspects]
            assert without.variant.adapters == tuple(kept)


def test_what_is_not_asked_about_goes_with_no_level() -> None:
    for group in planned("preset=lite", "scenario=nuisance"):
        beside = np.array([trial.unasked[0][1] for trial in group.trials])
        truth = np.array([(*trial.truth, sum(trial.truth)) for trial in group.trials]).T
        assert np.ptp(beside) > 0
        assert np.abs(np.corrcoef(np.vstack([truth, beside]))[-1, :-1]).max() < 0.1


def test_distance_from_the_base_says_less_where_models_are_moved_by_what_nobody_asks_about() -> None:
    """In a world where all aspects move a model as far, and none the way of another."""

    def accuracy(*, with_unasked: bool) -> float:
        scores = []
        for group in planned("preset=full", "scenario=nuisance"):
            moved = [
                (*trial.truth, *(level for _, level in trial.unasked if with_unasked))
                for trial in group.trials
            ]
            readings = [[hypot(*levels)] * len(group.aspects) for levels in moved]
            scores.append(fmean(selection_credits(readings, [trial.truth for trial in group.trials])))
        return fmean(scores)

    assert accuracy(with_unasked=True) < 0.75 * accuracy(with_unasked=False)


def test_another_seed_draws_other_nuisances() -> None:
    one, other = (planned("scenario=nuisance", f"seed={seed}")[2] for seed in (0, 1))
    assert [trial.unasked for trial in one.trials] != [trial.unasked for trial in other.trials]


def test_a_corpus_without_a_further_aspect_has_no_nuisance() -> None:
    subjects = Subjects(aspects=("a", "b"), pairs=(("a", "b"),))
    with pytest.raises(InvalidInputError, match="beside a and b"):
        plan(
            load_settings(["scenario=nuisance", "preset=smoke"]),
            generator_id="g",
            prompts=prompts,
            subjects=subjects,
        )


def test_truth_and_origin_of_composed_models_are_told_in_words() -> None:
    group = planned("scenario=nuisance")[0]
    aspect, level = group.trials[4].unasked[0]
    assert label(group.trials[4], group) == f"vivid 1, outlined 1; also {aspect} {level}"
    half, beside = f"{showing(0.5):g}", f"{showing(level / 2):g}"
    assert origin(group.trials[4].variant) == f"{half} vivid + {half} outlined + {beside} {aspect}"


def test_a_subject_series_is_one_direction_at_even_scales() -> None:
    words = [
        "scenario=subject",
        "generator.directions={mustache: {top_scale: 3.0}, hat: {top_scale: 3.0, bottom_scale: 1.2}}",
    ]
    mustache, hat = planned("preset=lite", *words)
    assert [group.aspects for group in (mustache, hat)] == [("mustache",), ("hat",)]
    assert [trial.variant for trial in mustache.trials] == [
        Edited(generator="g", direction="mustache", scale=3.0 * level / 10) for level in range(1, 11)
    ]
    assert [trial.variant.scale for trial in hat.trials] == pytest.approx(
        [1.2 + 0.2 * step for step in range(10)]
    )
    assert mustache.is_ladder


def test_a_bottom_scale_that_is_no_less_than_the_top_is_refused_with_its_key() -> None:
    with pytest.raises(
        InvalidInputError, match=r"generator.directions.hat.bottom_scale.*less than.*3.*Got 3"
    ):
        planned("scenario=subject", "generator.directions={hat: {top_scale: 3.0, bottom_scale: 3.0}}")


def test_no_more_subject_series_are_planned_than_the_preset_has() -> None:
    words = ["scenario=subject", "generator.directions={mustache: {}, hat: {}}"]
    assert len(planned("preset=smoke", *words)) == 1


def test_subject_without_directions_says_what_to_choose() -> None:
    with pytest.raises(InvalidInputError, match="generator=miniature_portraits"):
        planned("scenario=subject", "generator=miniature_sd", "corpus=portraits")


def test_versions_are_one_group_that_knows_what_is_known_of_each() -> None:
    versions = "generator.versions={old: {aspects: {vivid: 1}}, new: {aspects: {vivid: 2, grainy: 1}}}"
    (group,) = planned("scenario=versions", "generator=miniature_sd", versions)
    assert [trial.variant for trial in group.trials] == [
        Released(generator="g", version="old"),
        Released(generator="g", version="new"),
    ]
    assert (group.aspects, [trial.truth for trial in group.trials]) == (("vivid", "grainy"), [(1, 0), (2, 1)])
    assert not group.is_ladder


def test_versions_of_which_nothing_is_known_are_planned_too() -> None:
    (group,) = planned("scenario=versions", "generator=miniature_sd", "generator.versions={a: {}, b: {}}")
    assert (group.id.split("/")[1], [trial.truth for trial in group.trials]) == ("a+b", [(), ()])


def test_versions_without_any_say_what_to_choose() -> None:
    with pytest.raises(InvalidInputError, match="generator=sd11"):
        planned("scenario=versions", "generator=miniature_sd")


def test_the_subjects_decide_what_is_asked() -> None:
    subjects = Subjects(aspects=("b", "a"), pairs=(("b", "a"),))
    groups = plan(load_settings(["preset=smoke"]), generator_id="g", prompts=prompts, subjects=subjects)
    assert [group.aspects for group in groups] == [("b",), ("b", "a")]
    assert SYNTHETIC.pairs == split.SCORED_PAIRS


@pytest.mark.parametrize("words", [("scenario=single_aspect",), STRENGTH, ("scenario=subject",)])
def test_a_series_of_one_level_is_refused(words: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInputError, match=rf"`preset\.n_levels` must be at least 2 for {words[0]}"):
        planned(*words, "preset.n_levels=1")


def test_labels_with_plus_signs_make_groups_that_are_told_apart() -> None:
    labels = ("a", "b+c", "a+b", "c")
    subjects = Subjects(aspects=labels, pairs=(("a", "b+c"), ("a+b", "c")))
    settings = load_settings(["scenario=multi_aspect", "preset.n_pairs=2"])
    found = plan(settings, generator_id="g", prompts=prompts, subjects=subjects)
    assert [group.id for group in found] == ["multi_aspect/a+(b+c)/seed1000", "multi_aspect/(a+b)+c/seed1000"]


def test_a_corpus_with_one_aspect_has_no_groups_of_two_and_is_told_what_it_has() -> None:
    settings = load_settings(["scenario=multi_aspect", "preset=smoke"])
    with pytest.raises(InvalidInputError, match=r"has 1: vivid\..*scenario=single_aspect"):
        plan(settings, generator_id="g", prompts=prompts, subjects=Subjects(aspects=("vivid",), pairs=()))
