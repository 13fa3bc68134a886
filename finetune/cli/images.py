"""`images`: pictures of a model and its base, same prompts and noise; resumable."""

import argparse
import shlex

from finetune.cli.command import of_models
from finetune.cli.opening import load
from finetune.cli.parsing import add_model_and_base, check_count, request_of
from finetune.cli.printing import say
from finexl.explain.progress import progress

EXAMPLES = """\
  python -m finetune images lora.safetensors --to pictures
  python -m finetune images lora.safetensors@0.5 --base models/sd15 --to pictures --pairs 48"""


def main(given: argparse.Namespace) -> None:
    load()
    from finetune.explaining.arms import arms_of, contrasts_of
    from finetune.explaining.paired_images import make_images

    check_count(given.pairs, "--pairs")
    request = request_of(given)
    arms = arms_of(request, n=given.pairs)
    with progress("making pictures") as advance:
        make_images(arms, given.to, first_seed=request.first_seed, tell=advance)
    folders = {arm.name: shlex.quote(str(given.to / arm.name)) for arm in arms}
    say(f"wrote {' '.join(folders.values())}")
    for one in contrasts_of(request):
        say(f"{one.question}: python -m finexl explain {folders[one.base]} {folders[one.tuned]}")


def _arguments(command: argparse.ArgumentParser) -> None:
    add_model_and_base(command)
    command.add_argument("--pairs", type=int, default=32, help="how many (%(default)s)")


COMMAND = of_models(
    main, "pictures of a model and its base, same prompts and noise; resumable", _arguments, examples=EXAMPLES
)
