"""`compare`: two models of one base, same prompts and noise."""

import argparse
from functools import partial

from finetune.cli.command import of_models
from finetune.cli.opening import explainer_of, load, say_of_target
from finetune.cli.parsing import add_encoder, add_model_and_base, add_page, add_vlm, check_count, request_of
from finetune.cli.places import check_page
from finetune.cli.printing import say, say_found
from finexl.errors import InvalidInputError
from finexl.explain.progress import progress

EXAMPLES = """\
  python -m finetune compare a.safetensors b.safetensors --to both
  python -m finetune compare a.safetensors b.safetensors --to both --at-equal-effect"""


def main(given: argparse.Namespace) -> None:
    check_page(given.page)
    load()
    from finetune.explaining.comparison import RESULT, EqualEffect, compare, told
    from finetune.explaining.explainers import encoder_for
    from finetune.explaining.sweeps.sweep import strengths_of
    from finexl.explain.terminal import plain_card

    check_count(given.pairs, "--pairs")
    equal = None
    if given.at_equal_effect:
        equal = EqualEffect(target=given.target, strengths=strengths_of(given.strengths))
    elif given.target is not None:
        raise InvalidInputError(
            f"`--target` is of models at equal effect. Got {given.target!r} without --at-equal-effect. Add that."
        )
    a = request_of(given)
    given.model, given.trigger = given.other, given.other_trigger
    b = request_of(given)
    explain = explainer_of(encoder_for(given.encoder, a.base), given)
    say_of_target(explain, given.target)
    found = compare(a, b, given.to, explain=explain, n_pairs=given.pairs, equal=equal, progress=progress)
    say_found(
        lambda width: told(found, card=partial(plain_card, width=width)), page=given.page, name="compare"
    )
    say(f"wrote {given.to / RESULT}")


def _arguments(command: argparse.ArgumentParser) -> None:
    add_model_and_base(command)
    command.add_argument("other", help="the second model, B; MODEL is A")
    command.add_argument(
        "--other-trigger", default="stated", help="the same as --trigger for B (%(default)s)"
    )
    command.add_argument("--pairs", type=int, default=32, help="how many (%(default)s)")
    command.add_argument(
        "--at-equal-effect", action="store_true", help="first find the strength of B that shows as much as A"
    )
    command.add_argument("--target", help="of what (default: the strongest change that both show)")
    command.add_argument(
        "--strengths",
        default="0.4:1.3:0.3",
        help="of B to look between: START:END:STEP or a list (%(default)s)",
    )
    add_encoder(command)
    add_vlm(command)
    add_page(command)


COMMAND = of_models(main, "two models of one base, same prompts and noise", _arguments, examples=EXAMPLES)
