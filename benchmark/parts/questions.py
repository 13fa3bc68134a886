"""What explainers ask a vision-language model about one model at most, retries apart, from their settings alone.

Dry runs show and price it. Captions are taken to be of typical length.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from baselines.settings import GSCLIPSettings, NaiveSettings, ProposerSettings, ReleasedSettings
from finexl.captions import GroupCaptions, write_groups, write_pairs
from finexl.prompts import load
from finexl.robust.settings import RobustSettings
from finexl.settings import FineXLSettings

TYPICAL_CAPTION = "x" * 120
"""A sentence about an image, or the prompt that it was made from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Questions of one kind: how many there are, and what each of them shows."""

    n_calls: int
    text: str
    n_images: int = 0


Asks = Callable[[Any, int], list[Asked]]
"""(settings of an explainer, number of prompts) to its questions about one model."""


def no_questions(_: object, __: int) -> list[Asked]:
    """Said of those that ask nothing, so that forgetting to say it is an error."""
    return []


def finexl_asks(given: RobustSettings, n_prompts: int) -> list[Asked]:
    """At most a question about each of `n_vlm_pairs` pairs; fewer where new pairs add no word."""
    n_calls = min(given.n_vlm_pairs, n_prompts)
    return [Asked(n_calls=n_calls, text=load("differences"), n_images=2)] if n_calls else []


def paper_asks(given: FineXLSettings, n_prompts: int) -> list[Asked]:
    """Algorithm 1's question about each pair, or each that is shown, several at a time if so set."""
    text = load("differences", variant=None if given.prompt == "original" else given.prompt)
    whole, rest = divmod(min(given.n_vlm_pairs or n_prompts, n_prompts), given.pairs_per_question)
    asked = [
        Asked(n_calls=whole, text=text, n_images=2 * given.pairs_per_question),
        Asked(n_calls=min(rest, 1), text=text, n_images=2 * rest),
    ]
    return [each for each in asked if each.n_calls]


def released_asks(given: ReleasedSettings, n_prompts: int) -> list[Asked]:
    """One question about each pair that is shown to the model, all pairs unless `n_vlm_pairs` says fewer."""
    n_shown = min(given.n_vlm_pairs or n_prompts, n_prompts)
    return [Asked(n_calls=n_shown, text=load("differences"), n_images=2)]


def naive_scores_asks(given: NaiveSettings, n_prompts: int) -> list[Asked]:
    """One question that shows several pairs and asks for scored aspects."""
    return [_about_pairs("scored_aspects", given, n_prompts)]


def naive_text_asks(given: NaiveSettings, n_prompts: int) -> list[Asked]:
    """One question that shows several pairs and asks for a description."""
    return [_about_pairs("compare", given, n_prompts)]


def proposer_asks(given: ProposerSettings, n_prompts: int) -> list[Asked]:
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


def gsclip_asks(given: GSCLIPSettings, n_prompts: int) -> list[Asked]:
    """The proposer's questions, unless candidates come from rules alone."""
    return [] if given.generator == "rule" else proposer_asks(given.proposer, n_prompts)


def _about_pairs(task: str, given: NaiveSettings, n_prompts: int) -> Asked:
    return Asked(n_calls=1, text=load(task), n_images=2 * min(given.n_vlm_pairs, n_prompts))
