"""What a run would ask of vision-language models: calls, tokens and money, estimated before anything is asked."""

from collections.abc import Sequence
from dataclasses import replace

from benchmark.config.settings import Settings
from benchmark.parts.explainers import asked_about_model
from benchmark.parts.questions import Asked
from benchmark.parts.readers import judge_of
from benchmark.parts.vlms import ChatVLMSettings, SamplingSettings, VLMSettings
from finetune.family_facts import FAMILIES
from finexl.prompts import load
from finexl.vlms.budget import NANO
from finexl.vlms.colours import ASKED
from finexl.vlms.prices import input_tokens

TYPICAL_ANSWER = 100
"""Tokens of a list of concepts or a few scored aspects."""
TYPICAL_TEXT = "x" * 600
"""An explanation in a paragraph, for what a judge will be shown."""


def cost_lines(settings: Settings, *, n_models: int) -> list[str]:
    """A line for the explainers' model and one for the judge's, where they are asked for money or for long.

    Nothing is said of the miniature's own models, nor of replies that are replayed.
    """
    asked = [
        replace(each, n_calls=n_models * each.n_calls)
        for explainer in settings.explainers
        for each in asked_about_model(explainer, settings.n_pairs)
    ]
    asked += probes_of(settings.vlm, asked)
    lines = _lines("vlm", f"vlm={settings.vlm.name}", settings.vlm, asked, side=image_side(settings))
    if (judge := judge_of(settings.reader)) is not None:
        lines += _lines(
            "reader.vlm",
            f"reader={settings.reader.name}, if every explanation is a text",
            judge,
            _judged(settings, n_models),
        )
    return lines


def probes_of(given: VLMSettings, asked: Sequence[Asked]) -> list[Asked]:
    """Questions that see at most whether a model sees: one for each number of images that it will be shown."""
    if not isinstance(given, ChatVLMSettings) or not given.probe:
        return []
    counts = sorted({each.n_images for each in asked if each.n_calls and each.n_images})
    return [Asked(n_calls=1, text=ASKED, n_images=n_images) for n_images in counts]


def image_side(settings: Settings) -> int:
    """Pixels of the images' sides, as far as can be told without loading a generator."""
    generator = settings.generator
    if generator.folder is None and generator.hub is None:
        return 64
    return 768 if generator.hub == "sd21" else FAMILIES[generator.family].published_side


def _lines(key: str, who: str, given: VLMSettings, asked: list[Asked], *, side: int = 0) -> list[str]:
    n_calls, n_probes = sum(each.n_calls for each in asked), sum(each.text == ASKED for each in asked)
    if not isinstance(given, SamplingSettings) or given.replay or not n_calls:
        return []
    n_input = sum(each.n_calls * _question_tokens(each, given, side=side) for each in asked)
    seeing = f" ({n_probes} to see that it sees)" if n_probes else ""
    words = f"{who} ({given.model}): about {n_calls} calls{seeing}, {n_input:,} tokens asked and "
    words += f"{n_calls * TYPICAL_ANSWER:,} answered (at most {n_calls * given.max_tokens:,})"
    if isinstance(given, ChatVLMSettings):
        words += _money(key, given, n_calls=n_calls, n_input_tokens=n_input)
    return [words]


def _money(key: str, given: ChatVLMSettings, *, n_calls: int, n_input_tokens: int) -> str:
    limits = [] if given.budget_calls is None else [f"{given.budget_calls} calls"]
    limits += [] if given.budget_dollars is None else [f"${given.budget_dollars:g}"]
    stops = (
        f"; stops before {' or '.join(limits)}"
        if limits
        else f"; no budget is set ({key}.budget_dollars=, {key}.budget_calls=)"
    )
    if (price := given.price) is None:
        return f"; no price is known ({key}.input_price=, {key}.output_price=){stops}"
    usual, most = (
        price.nanodollars(n_input_tokens=n_input_tokens, n_output_tokens=n_calls * each) / NANO
        for each in (TYPICAL_ANSWER, given.max_tokens)
    )
    return f"; about ${usual:.2f}, at most ${most:.2f} without repetitions{stops}"


def _question_tokens(asked: Asked, given: SamplingSettings, *, side: int) -> int:
    sizes = [(side, side)] * asked.n_images
    detail = given.detail if isinstance(given, ChatVLMSettings) else None
    return input_tokens(asked.text, sizes, model=given.model or "", detail=detail or "high")


def _judged(settings: Settings, n_models: int) -> list[Asked]:
    n_calls = n_models * len(settings.explainers)
    return [Asked(n_calls=n_calls, text=load(task) + TYPICAL_TEXT) for task in ("judge", "match")]
