"""`sweep`: an adapter at several strengths, or every checkpoint of a training."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from finetune.cli.command import of_models
from finetune.cli.opening import explainer_of, load, say_of_target
from finetune.cli.parsing import add_encoder, add_model_and_base, add_page, add_vlm, request_of, sampling_of
from finetune.cli.places import check_page
from finetune.cli.printing import say, say_found
from finexl.errors import InvalidInputError
from finexl.explain import folding
from finexl.explain.harmless import shown
from finexl.explain.progress import progress

if TYPE_CHECKING:
    from finetune.explaining.sweeps.sweep import Explained, SweepSettings

EXAMPLES = """\
  python -m finetune sweep lora.safetensors --to levels --strengths 0.5,1
  python -m finetune sweep lora.safetensors --to levels --strengths 0:1.4:0.2 --target vivid
  python -m finetune sweep training --to levels --watch 600"""
_LONGEST = 1000
"""Characters of why a file is left out."""


def main(given: argparse.Namespace) -> None:
    check_page(given.page)
    load()
    from finetune.explaining.explainers import encoder_for
    from finetune.explaining.sweeps.sweep import checkpoints_in, levels_of, run_sweep, strengths_of

    if given.watch is not None:
        _watch(given)
        return
    strengths, checkpoints = strengths_of(given.strengths), checkpoints_in(Path(given.model).expanduser())
    if checkpoints:  # any of them says which kind they are
        given.model, word = str(checkpoints[-1]), given.model
    else:
        word = given.model
    request = request_of(given)
    settings = _sweep_settings(given)
    levels = levels_of(request, word, strengths)
    folding.say(
        f"{len(levels) + 1} times {given.pairs * given.seeds} pictures, {request.base.settings.n_sampling_steps} "
        "steps each"
    )
    explain = explainer_of(encoder_for(given.encoder, request.base), given)
    say_of_target(explain, given.target)
    explained = run_sweep(request, levels, given.to, explain=explain, settings=settings, progress=progress)
    _finish_sweep(given, explained, settings)


def _watch(given: argparse.Namespace) -> None:
    from finetune.explaining.explainers import encoder_for
    from finetune.explaining.models import read_model
    from finetune.explaining.sweeps.new_checkpoints import new_checkpoints
    from finetune.explaining.sweeps.sweep import Explained, Level, checkpoint_name, run_sweep
    from finetune.families.diffusion.adapter_facts import AdapterError
    from finetune.store.tensor_headers import TensorFileError
    from finexl.explain.wording import headline

    if not given.watch > 0:
        raise InvalidInputError(f"`--watch` must be a number of seconds above 0. Got {given.watch}.")
    sampling_of(given)  # refuses now what it would refuse when a checkpoint is there
    settings = _sweep_settings(given)
    explained: list[Explained] = []
    request = explain = None
    folder = Path(given.model).expanduser()
    for file in new_checkpoints(folder, patience_s=given.watch):
        name = checkpoint_name(file, folder)
        try:
            if request is None or explain is None:
                given.model = str(file)
                request = request_of(given)
                explain = explainer_of(encoder_for(given.encoder, request.base), given)
                say_of_target(explain, given.target)
            level = Level(label=name, model=read_model(str(file), request.base))
        except (AdapterError, TensorFileError) as reason:  # a trainer keeps its own state there too
            folding.say(f"{shown(name)} is left out. {shown(str(reason), longest=_LONGEST)}")
            continue
        explained += run_sweep(
            request, [level], given.to, explain=explain, settings=settings, progress=progress
        )
        folding.say(f"{shown(name)}: {headline(explained[-1].explanation)}")
    if not explained:
        raise InvalidInputError(f"No checkpoint came within {given.watch:g} seconds.")
    _finish_sweep(given, explained, settings)


def _sweep_settings(given: argparse.Namespace) -> "SweepSettings":
    from finetune.explaining.sweeps.sweep import SweepSettings

    return SweepSettings(
        n_pairs=given.pairs, n_seeds=given.seeds, target=given.target, most_drift=given.most_drift
    )


def _finish_sweep(
    given: argparse.Namespace, explained: "Sequence[Explained]", settings: "SweepSettings"
) -> None:
    from finetune.explaining.sweeps.picture import PICTURE, sweep_picture
    from finetune.explaining.sweeps.sweep import RESULT, summarised, told, write_sweep

    sweep = summarised(explained, target=settings.target, most_drift=settings.most_drift)
    write_sweep(given.to / RESULT, sweep, settings)
    sweep_picture(sweep, given.to).save(given.to / PICTURE)
    text = "\n".join(told(sweep, most_drift=settings.most_drift))
    say_found(lambda _: text, page=given.page, name="sweep")
    say(f"wrote {given.to / RESULT} {given.to / PICTURE}")


def _arguments(command: argparse.ArgumentParser) -> None:
    add_model_and_base(command)
    command.add_argument("--strengths", default="0:1.4:0.2", help="START:END:STEP or a list (%(default)s)")
    command.add_argument(
        "--target", help="the aspect that is wanted (default: the strongest that any level shows)"
    )
    command.add_argument("--most-drift", type=float, default=0.2, help="of a usable level (%(default)s)")
    command.add_argument(
        "--seeds",
        type=int,
        default=1,
        help="draws of prompts and noise, to see how levels vary (%(default)s)",
    )
    command.add_argument("--pairs", type=int, default=24, help="of each level and seed (%(default)s)")
    add_encoder(command)
    add_vlm(command)
    command.add_argument(
        "--watch", type=float, metavar="SECONDS", help="MODEL is a folder that a trainer writes into: explain each "
        "new checkpoint, and end when there was none for so long",
    )  # fmt: skip
    add_page(command)


COMMAND = of_models(
    main, "an adapter at several strengths, or every checkpoint of a training", _arguments, examples=EXAMPLES
)
