"""What `--dry-run` says."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from planning import planned_with

from benchmark.config.loading import load_settings
from benchmark.explain.explaining import explain_blind
from benchmark.parts.explainers import Supplies, asked_about_model, build_explainer
from benchmark.parts.questions import TYPICAL_CAPTION
from benchmark.run.preview import preview, questions_per_model
from finexl.errors import InvalidInputError
from finexl.interfaces import Question, Reply, Task
from finexl.prompts import load
from finexl.toy import ToyWorld
from finexl.vlms.colours import ASKED


class Holding:
    """A store that holds everything, or nothing."""

    def __init__(self, everything: bool) -> None:
        self.everything = everything

    def is_trained(self, recipe) -> bool:
        return self.everything

    def has_images(self, variant, prompts, seeds) -> bool:
        return self.everything


def shown(*words: str, everything: bool = False) -> str:
    settings = load_settings(words)
    return preview(settings, planned_with(settings), Holding(everything))


def test_explainers_are_named_where_there_are_any() -> None:
    settings = load_settings(["preset=smoke", "scenario=multi_aspect", "explainer=constant,random"])
    assert "explainers: constant, random\n" in shown("preset=smoke", "explainer=constant,random")
    frozen = replace(settings, explainers=())
    assert "explainers" not in preview(frozen, planned_with(frozen), Holding(False))


def test_a_cold_store_costs_what_the_preset_states() -> None:
    text = shown("scenario=multi_aspect")
    expected = load_settings(["scenario=multi_aspect"]).preset.expected["multi_aspect"]
    assert f"about {expected.minutes:.1f} min" in text and f"{expected.disk_mb:.0f} MB" in text


def test_a_full_store_costs_nothing_but_explanations() -> None:
    text = shown("scenario=multi_aspect", everything=True)
    assert "no model is missing" in text and " min" not in text and "6 of 6 image sets" in text


@pytest.mark.parametrize("preset", ["smoke", "lite", "full"])
@pytest.mark.parametrize(
    "scenario",
    ["single_aspect", "multi_aspect", "fine_grained", "nuisance", "nuisance_free", "sparse", "unchanged"],
)
def test_presets_state_the_calls_of_their_default_explainers(preset: str, scenario: str) -> None:
    words = [f"preset={preset}", f"scenario={scenario}"]
    stated = load_settings(words).preset.expected[scenario].vlm_calls
    assert f"at most {stated} VLM calls" in shown(*words)


def test_what_was_left_out_of_a_plan_is_said() -> None:
    assert "no model at 3% of the prompts" in shown("scenario=sparse", "preset=smoke")


def test_fewer_images_shown_are_fewer_questions() -> None:
    assert "at most 960 VLM calls" in shown("scenario=single_aspect", "explainer=finexl_paper")
    assert "at most 120 VLM calls" in shown("scenario=single_aspect", "explainer=finexl_paper", "n_shown=4")


def test_a_question_may_show_several_pairs() -> None:
    words = [
        "explainer=finexl_paper",
        "explainer_settings.finexl_paper.n_vlm_pairs=10",
        "explainer_settings.finexl_paper.pairs_per_question=4",
    ]
    assert questions_per_model(load_settings(words).explainers[0], n_prompts=32) == 3


def test_many_groups_are_not_all_listed() -> None:
    assert "... and" in shown("preset=full", "preset.n_series=27", "preset.n_pairs=20")


def test_other_generators_and_methods_have_no_stated_cost() -> None:
    for words in (["generator.method=lora"], ["generator=miniature_controlgan"]):
        assert "generator=miniature_sd generator.method=full only" in shown("scenario=multi_aspect", *words)


def test_adapters_that_models_are_composed_of_are_counted_as_trainings() -> None:
    text = shown("scenario=fine_grained")
    assert "grainy/seed1000: 10 models; in the store: 0 of 3 trainings, 0 of 10 image sets" in text
    assert "minutes and disk space are stated for" not in text


def test_what_is_not_trained_is_not_counted_as_a_training() -> None:
    text = shown("scenario=subject", everything=True)
    assert "10 of 10 image sets" in text and "trainings" not in text


FINEXL_AT_OPENAI = ("scenario=multi_aspect", "preset=smoke", "explainer=finexl_paper", "vlm=openai")


def about_a_pair(text: str) -> int:
    """Tokens of a question with two images of one tile."""
    return 20 + -(-len(text.encode()) // 3) + 2 * 255


def test_a_chat_model_is_estimated_in_calls_tokens_and_money() -> None:
    """By hand: 6 models × 8 questions about a pair, and one that sees whether the model sees."""
    n_tokens = 48 * about_a_pair(load("differences")) + about_a_pair(ASKED)
    dollars = (n_tokens * 2.5 + 49 * 100 * 10.0) / 1e6
    text = shown(*FINEXL_AT_OPENAI)
    assert "vlm=openai (gpt-4o-2024-08-06): about 49 calls (1 to see that it sees)" in text
    assert f"{n_tokens:,} tokens asked" in text and f"about ${dollars:.2f}" in text
    assert "no budget is set" in text


def test_a_budget_is_announced() -> None:
    assert "stops before 9 calls or $0.5" in shown(
        *FINEXL_AT_OPENAI, "vlm.budget_dollars=0.5", "vlm.budget_calls=9"
    )


def test_a_model_without_a_known_price_says_so() -> None:
    text = shown(*FINEXL_AT_OPENAI[:3], "vlm=openai_compatible", "vlm.model=llava")
    assert "(llava): about 49 calls" in text and "$" not in text
    assert "no price is known (vlm.input_price=, vlm.output_price=)" in text
    assert "no budget is set (vlm.budget_dollars=, vlm.budget_calls=)" in text


def test_prices_can_be_given() -> None:
    dear = shown(*FINEXL_AT_OPENAI, "vlm.input_price=0", "vlm.output_price=1000")
    assert f"about ${49 * 100 * 1000 / 1e6:.2f}, at most ${49 * 1024 * 1000 / 1e6:.2f}" in dear


def test_questions_that_see_whether_a_model_sees_are_priced_unless_they_are_off() -> None:
    several = shown(
        "preset=smoke", "scenario=multi_aspect", "vlm=openai", "explainer=finexl_paper,naive_vlm,visdiff"
    )
    assert "(3 to see that it sees)" in several  # of pairs, of several pairs, and of one image
    assert "about 48 calls, " in shown(*FINEXL_AT_OPENAI, "vlm.probe=false")


def test_a_judge_is_estimated_too() -> None:
    text = shown("scenario=multi_aspect", "preset=smoke", "explainer=random", "reader=gpt_judge")
    assert "reader=gpt_judge" in text and "about 12 calls" in text


def test_what_costs_nothing_is_not_estimated() -> None:
    assert "tokens asked" not in shown("scenario=multi_aspect", "preset=smoke")
    assert "tokens asked" not in shown(*FINEXL_AT_OPENAI, "vlm.record=a.jsonl", "vlm.replay=true")


@pytest.mark.parametrize(
    ("explainer", "n_calls"),
    [("naive_text", 1), ("finexl_released", 10), ("visdiff", 3 + 20), ("gsclip", 3 + 20), ("splice", 0)],
)
def test_a_rivals_questions_are_its_captions_and_its_rounds(explainer: str, n_calls: int) -> None:
    settings = load_settings(["scenario=multi_aspect", f"explainer={explainer}"])
    assert questions_per_model(settings.explainers[0], n_prompts=10) == n_calls


N_PROMPTS = 10
PROMPTS = tuple(f"{i:03d}{TYPICAL_CAPTION[3:]}" for i in range(N_PROMPTS))


class CountingVLM:
    """Notes what every question shows; its captions are of typical length."""

    id = "counting"

    def __init__(self) -> None:
        self.asked: Counter[tuple[int, int]] = Counter()

    def ask(self, questions: Sequence[Question]) -> tuple[Reply, ...]:
        self.asked.update((len(question.images), len(question.text)) for question in questions)
        return tuple(
            Reply(text=TYPICAL_CAPTION if question.task is Task.DESCRIBE else "- vivid")
            for question in questions
        )


def really_asked(explainer: str, *words: str) -> tuple[Counter[tuple[int, int]], Counter[tuple[int, int]]]:
    """Images and letters of the questions about one model: as estimated, and as a model is really asked."""
    config = load_settings([f"explainer={explainer}", *words]).explainers[0]
    estimated: Counter[tuple[int, int]] = Counter()
    for each in asked_about_model(config, N_PROMPTS):
        estimated[each.n_images, len(each.text)] += each.n_calls
    world, vlm = ToyWorld(prompts=PROMPTS), CountingVLM()
    supplies = Supplies(
        config=config,
        concepts=("vivid",),
        seed=0,
        encoder=lambda: world.encoder,
        vlm=lambda: vlm,
        probe=lambda: world.matrix,
    )
    explain_blind(build_explainer(supplies), [world.pairs(levels={"vivid": 3})])
    return estimated, vlm.asked


@pytest.mark.parametrize(
    ("explainer", "words"),
    [
        ("finexl_paper", ()),
        ("finexl_paper", ("explainer_settings.finexl_paper.n_vlm_pairs=99",)),
        ("finexl_paper", ("explainer_settings.finexl_paper.pairs_per_question=3",)),
        ("finexl_paper", ("explainer_settings.finexl_paper.pairs_per_question=30",)),
        ("finexl_paper", ("explainer_settings.finexl_paper.prompt=elaborated",)),
        ("finexl_released", ()),
        ("finexl_released", ("explainer_settings.finexl_released.n_vlm_pairs=4",)),
        ("naive_vlm", ()),
        ("naive_text", ()),
        ("naive_text", ("explainer_settings.naive_text.n_vlm_pairs=3",)),
        ("random", ()),
    ],
)
def test_what_is_estimated_is_what_a_model_is_asked(explainer: str, words: tuple[str, ...]) -> None:
    estimated, asked = really_asked(explainer, *words)
    assert estimated == asked


@pytest.mark.parametrize("pairing", ["prompt", "none"])
def test_captions_and_rounds_are_estimated_each_by_their_own_question(pairing: str) -> None:
    """Images that no round draws are not captioned, so that there may be fewer."""
    given = "explainer_settings.visdiff"
    estimated, asked = really_asked("visdiff", f"{given}.pairing={pairing}", f"{given}.n_samples=3")
    assert estimated.keys() == asked.keys() and len(asked) == 2
    assert asked[0, max(length for _, length in asked)] == 3
    assert all(asked[shown] <= estimated[shown] for shown in asked)


def test_finexl_as_released_is_priced_at_the_one_pair_that_its_questions_show() -> None:
    """By hand: 6 models, a question for every prompt, of the prompt of Figure 5 and two images of one tile."""
    words = ("scenario=multi_aspect", "preset=smoke", "explainer=finexl_released", "vlm=openai")
    n_calls = 6 * load_settings(words).preset.n_prompts
    n_tokens = n_calls * about_a_pair(load("differences"))
    assert f"about {n_calls} calls, {n_tokens:,} tokens asked" in shown(*words, "vlm.probe=false")


def test_figures_follow_what_is_changed_of_a_preset() -> None:
    text = shown("scenario=multi_aspect", "preset.n_prompts=64", "preset.pair_steps=7", "preset.n_pairs=1")
    assert "42 training steps and 384 images" in text and "usual preset only" in text and " min " not in text


def test_figures_that_were_measured_of_another_generator_are_not_given() -> None:
    text = shown("scenario=multi_aspect", "generator.n_sampling_steps=3")
    assert "usual generator only" in text and " min " not in text


def test_more_prompts_than_any_run_can_have_are_refused_at_once() -> None:
    with pytest.raises(InvalidInputError, match=r"`preset\.n_prompts` must be at most 10000"):
        shown("scenario=multi_aspect", "preset.n_prompts=1000000")
