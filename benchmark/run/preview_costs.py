"""What a run would ask of vision-language models: calls, tokens and money, estimated before anything is asked."""

from dataclasses import dataclass, replace

from baselines.rival_settings import GSCLIPSettings, ProposerSettings, ReleasedSettings, VisDiffSettings
from benchmark.config.settings import ExplainerConfig, Settings
from benchmark.parts.vlm_settings import VLMConfig
from benchmark.parts.vlm_wiring import kind_of, listed_price
from benchmark.parts.wiring import judge_config
from finetune.family_facts import FAMILIES
from finexl.captions import GroupCaptions, write_groups, write_pairs
from finexl.prompts import load
from finexl.settings import FineXLSettings
from finexl.vlms.budget import NANO
from finexl.vlms.prices import input_tokens

TYPICAL_ANSWER = 100
"""Tokens of a list of concepts or a few scored aspects."""
TYPICAL_TEXT = "x" * 600
"""An explanation in a paragraph, for what a judge will be shown."""
TYPICAL_CAPTION = "x" * 120
"""A sentence about an image, or the prompt that it was made from."""
N_NAIVE_PAIRS = 8
"""Pairs that the naive methods' one question shows, unless a run says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Questions of one kind: how many there are, and what each of them shows."""

    n_calls: int
    text: str
    n_images: int = 0


def cost_lines(settings: Settings, *, n_models: int) -> list[str]:
    """A line for the explainers' model and one for the judge's, where they are asked for money or for long.

    Nothing is said of the miniature's own models, nor of replies that are replayed.
    """
    asked = [
        replace(each, n_calls=n_models * each.n_calls)
        for explainer in settings.explainers
        for each in questions_about_model(explainer, settings.preset.n_prompts)
    ]
    lines = _lines(f"vlm={settings.vlm.name}", settings.vlm, asked, side=image_side(settings))
    if (judge := judge_config(settings)) is not None:
        lines += _lines(
            f"reader={settings.reader.name}, if every explanation is a text",
            judge,
            _judged(settings, n_models),
        )
    return lines


def questions_about_model(explainer: ExplainerConfig, n_prompts: int) -> list[Asked]:
    """What an explainer asks the VLM about one model at most, retries apart; captions are of typical length."""
    options = explainer.options
    match explainer.kind:
        case "finexl":
            given = FineXLSettings(**options)
            text = load("differences", variant=None if given.prompt == "original" else given.prompt)
            whole, rest = divmod(min(given.n_vlm_pairs, n_prompts), given.pairs_per_question)
            asked = [
                Asked(n_calls=whole, text=text, n_images=2 * given.pairs_per_question),
                Asked(n_calls=min(rest, 1), text=text, n_images=2 * rest),
            ]
            return [each for each in asked if each.n_calls]
        case "finexl_released":
            n_shown = min(ReleasedSettings(**options).n_vlm_pairs or n_prompts, n_prompts)
            return [Asked(n_calls=n_shown, text=load("differences"), n_images=2)]
        case "naive_vlm" | "naive_text":
            text = load("scored_aspects" if explainer.kind == "naive_vlm" else "compare")
            n_shown = min(options.get("n_vlm_pairs") or N_NAIVE_PAIRS, n_prompts)
            return [Asked(n_calls=1, text=text, n_images=2 * n_shown)]
        case "visdiff" | "visdiff_auroc":
            return _proposing(VisDiffSettings(**options), n_prompts)
        case "gsclip" | "gsclip_score" | "gsclip_negation":
            given = GSCLIPSettings(**options)
            return [] if given.generator == "rule" else _proposing(given.proposer, n_prompts)
        case _:
            return []


def _proposing(given: ProposerSettings, n_prompts: int) -> list[Asked]:
    """A caption for each image that some round draws, and a question about each round."""
    told = (TYPICAL_CAPTION,) * min(given.n_samples, n_prompts)
    captions = GroupCaptions(a=told, b=told)
    if given.pairing == "prompt":
        text = load("propose").replace("{captions}", write_pairs(told, captions))
    else:
        text = load("propose_groups").replace("{captions}", write_groups(captions))
    n_captions = 2 * min(given.n_rounds * given.n_samples, n_prompts)
    return [
        Asked(n_calls=n_captions, text=load("describe"), n_images=1),
        Asked(n_calls=given.n_rounds, text=text),
    ]


def image_side(settings: Settings) -> int:
    """Pixels of the images' sides, as far as can be told without loading a generator."""
    generator = settings.generator
    if generator.folder is None and generator.hub is None:
        return 64
    return 768 if generator.hub == "sd21" else FAMILIES[generator.family].published_side


def _lines(who: str, config: VLMConfig, asked: list[Asked], *, side: int = 0) -> list[str]:
    n_calls = sum(each.n_calls for each in asked)
    if config.replay or kind_of(config) not in ("chat", "transformers") or not n_calls:
        return []
    n_input = sum(each.n_calls * _question_tokens(each, config, side=side) for each in asked)
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


def _question_tokens(asked: Asked, config: VLMConfig, *, side: int) -> int:
    sizes = [(side, side)] * asked.n_images
    return input_tokens(asked.text, sizes, model=config.model or "", detail=config.detail or "high")


def _judged(settings: Settings, n_models: int) -> list[Asked]:
    n_calls = n_models * len(settings.explainers)
    return [Asked(n_calls=n_calls, text=load(task) + TYPICAL_TEXT) for task in ("judge", "match")]
