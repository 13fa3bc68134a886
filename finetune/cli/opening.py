"""What commands open before they begin, with a sign of life: it takes seconds."""

import argparse
from typing import TYPE_CHECKING

from finexl.explain import folding
from finexl.explain.progress import progress

if TYPE_CHECKING:
    from finetune.explaining.explainers import CommandExplainer
    from finexl.explain.models import ChosenEncoder


def load() -> None:
    """Import what all commands of models need."""
    with progress("starting"):
        import finetune.explaining.arms  # noqa: F401 - the commands take from it what they need


def explainer_of(
    encoder: "ChosenEncoder", given: argparse.Namespace, *, words: tuple[str, ...] | None = None
) -> "CommandExplainer":
    """The explainer that a command was asked for; of words that are given it tells the amount of each."""
    with progress("opening the encoder"):
        from transformers.utils import logging

        from finetune.explaining.explainers import CommandExplainer

        logging.disable_progress_bar()  # it would tear ours
        vlm = "none" if words else given.vlm
        return CommandExplainer(encoder, words=words, vlm=vlm, device=given.device)


def say_of_target(explain: "CommandExplainer", target: str | None) -> None:
    """Refuse a wanted aspect that nothing can be called by, or say that one may never be found."""
    if said := explain.check_target(target):
        folding.say(said)
