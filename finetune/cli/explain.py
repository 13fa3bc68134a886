"""`explain`: from a model file to what it does, what its trigger does, and what leaks without it."""

import argparse
import shlex
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from finetune.cli.command import of_models
from finetune.cli.opening import explainer_of, load
from finetune.cli.parsing import add_encoder, add_model_and_base, add_vlm, request_of
from finetune.cli.printing import say, say_found
from finexl.explain import folding
from finexl.explain.harmless import shown
from finexl.explain.progress import progress

if TYPE_CHECKING:
    from finetune.explaining.cards.card import Strengths

EXAMPLES = """\
  python -m finetune explain lora.safetensors --to card
  python -m finetune explain lora.safetensors --to card --sweep levels --embed told.safetensors
  python -m finetune explain lora.safetensors --base models/sd15 --to card --trigger zxc --device cuda"""


def main(given: argparse.Namespace) -> None:
    load()
    from finetune.explaining.cards.card import Card, description, write_card
    from finetune.explaining.cards.in_file import check_copy, write_with_card
    from finetune.explaining.explainers import encoder_for
    from finetune.explaining.model_explaining import RESULT, cost, explain_model, told
    from finexl.explain.terminal import plain_card

    request = request_of(given)
    source = None if given.embed is None else check_copy(request.model, given.embed)
    strengths = None if given.sweep is None else _strengths(given.sweep)
    encoder = encoder_for(given.encoder, request.base)
    say(cost(request, given.to, most_pairs=given.most_pairs))
    if request.words is not None:
        folding.say(f"words that make it show itself: {shown(request.words)}")
    explain = explainer_of(encoder, given)
    answers = explain_model(
        request, given.to, explain=explain, most_pairs=given.most_pairs, progress=progress
    )
    say_found(lambda width: told(answers, card=partial(plain_card, width=width)))
    card = Card(request=request, base=given.base, answers=answers, strengths=strengths)
    written = [given.to / RESULT, *write_card(card, given.to)]
    if source is not None and given.embed is not None:
        block = (given.to / RESULT).read_text(encoding="ascii")
        write_with_card(source, given.embed, text=description(card), block=block)
        written.append(given.embed)
    say(f"wrote {' '.join(shlex.quote(str(path)) for path in written)}")


def _strengths(folder: Path) -> "Strengths":
    from finetune.explaining.sweeps.sweep import RESULT, read_strengths

    return read_strengths(folder / RESULT)


def _arguments(command: argparse.ArgumentParser) -> None:
    add_model_and_base(command)
    command.add_argument(
        "--most-pairs", type=int, default=64, help="cap; fewer if they settle it (%(default)s)"
    )
    add_encoder(command)
    add_vlm(command)
    command.add_argument("--sweep", type=Path, help="the folder of a sweep: its strengths go onto the card")
    command.add_argument(
        "--embed", type=Path, help="a copy of the model's file to write, with the card in it"
    )


COMMAND = of_models(
    main,
    "from a model file to what it does, what its trigger does, and what leaks without it",
    _arguments,
    examples=EXAMPLES,
)
