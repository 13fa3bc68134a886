"""What a run would ask of vision-language models: calls, tokens and money, estimated before anything is asked."""

from dataclasses import dataclass

from benchmark.settings import ExplainerConfig, Settings
from benchmark.vlm_settings import VLMConfig
from benchmark.vlm_wiring import kind_of, listed_price
from benchmark.wiring import judge_config
from finexl.prompts import load
from finexl.settings import FineXLSettings
from finexl.vlms.budget import NANO
from finexl.vlms.prices import input_tokens

TYPICAL_ANSWER = 100
"""Tokens of a list of concepts or a few scored aspects."""
TYPICAL_TEXT = "x" * 600
"""An explanation in a paragraph, for what a judge will be shown."""
N_NAIVE_PAIRS = 8
"""Pairs that a question shows of explainers that show many."""
CAPTIONING = ("visdiff", "visdiff_auroc", "gsclip", "gsclip_score", "gsclip_negation")
"""Explainers most of whose questions are for the caption of one image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Questions of one kind."""

    n_calls: int
    n_input_tokens: int
    """Of one question."""


def cost_lines(settings: Settings, *, n_models: int, questions: dict[str, int]) -> list[str]:
    """A line for the explainers' model and one for the judge's, where they are asked for money or for long.

    `questions` = how many questions each explainer puts about one model. Nothing is said of the miniature's own
    models, nor of replies that are replayed.
    """
    asked = [
        Asked(
            n_calls=n_models * questions[explainer.name],
            n_input_tokens=_question_tokens(explainer, settings),
        )
        for explainer in settings.explainers
        if questions[explainer.name]
    ]
    lines = _lines(f"vlm={settings.vlm.name}", settings.vlm, asked)
    if (judge := judge_config(settings)) is not None:
        lines += _lines(
            f"reader={settings.reader.name}, if every explanation is a text",
            judge,
            _judged(settings, n_models),
        )
    return lines


def image_side(settings: Settings) -> int:
    """Pixels of the images' sides, as far as can be told without loading a generator."""
    generator = settings.generator
    if generator.folder is None and generator.hub is None:
        return 64
    return {"controlgan": 256, "anole": 512}.get(generator.family, 768 if generator.hub == "sd21" else 512)


def _lines(who: str, config: VLMConfig, asked: list[Asked]) -> list[str]:
    n_calls = sum(each.n_calls for each in asked)
    if config.replay or kind_of(config) not in ("chat", "transformers") or not n_calls:
        return []
    n_input = sum(each.n_calls * each.n_input_tokens for each in asked)
    words = f"{who} ({config.model}): about {n_calls} calls, {n_input:,} tokens asked and "
    words += f"{n_calls * TYPICAL_ANSWER:,} answered (at most {n_calls * config.max_tokens:,})"
    if kind_of(config) == "chat":
        words += _money(config, n_calls=n_calls, n_input_tokens=n_input)
    return [words]


def _money(config: VLMConfig, *, n_calls: int, n_input_tokens: int) -> str:
    limits = [] if config.budget_calls is None else [f"{config.budget_calls} calls"]
    limits += [] if config.budget_dollars is None else [f"${config.budget_dollars:g}"]
    stops = (
        f"; stops before {' or '.join(limits)}"
        if limits
        else "; no budget is set (budget_dollars, budget_calls)"
    )
    if (price := listed_price(config)) is None:
        return f"; no price is known (input_price, output_price){stops}"
    usual, most = (
        price.nanodollars(n_input_tokens=n_input_tokens, n_output_tokens=n_calls * each) / NANO
        for each in (TYPICAL_ANSWER, config.max_tokens)
    )
    return f"; about ${usual:.2f}, at most ${most:.2f} without repetitions{stops}"


def _question_tokens(explainer: ExplainerConfig, settings: Settings) -> int:
    n_pairs, prompt = N_NAIVE_PAIRS, load("scored_aspects")
    if explainer.kind == "finexl":
        given = FineXLSettings(**explainer.options)
        n_pairs = given.pairs_per_question
        prompt = load("differences", variant=None if given.prompt == "original" else given.prompt)
    elif (stated := explainer.options.get("n_vlm_pairs")) is not None:
        n_pairs = stated
    side = image_side(settings)
    n_images = 1 if explainer.kind in CAPTIONING else 2 * min(n_pairs, settings.preset.n_prompts)
    sizes = [(side, side)] * n_images
    vlm = settings.vlm
    return input_tokens(prompt, sizes, model=vlm.model or "", detail=vlm.detail or "high")


def _judged(settings: Settings, n_models: int) -> list[Asked]:
    assert settings.reader.vlm is not None
    model = settings.reader.vlm.model or ""
    n_calls = n_models * len(settings.explainers)
    return [
        Asked(n_calls=n_calls, n_input_tokens=input_tokens(load(task) + TYPICAL_TEXT, model=model))
        for task in ("judge", "match")
    ]
