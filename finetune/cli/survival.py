"""`survival`: what survives of each style: rank and cosine of its own name at five stations."""

import argparse
from dataclasses import replace
from pathlib import Path

from finetune.cli.command import Command
from finetune.cli.parsing import add_page, cache
from finetune.cli.places import check_file, check_folder, check_page
from finetune.cli.printing import write_table
from finetune.family_facts import FAMILIES
from finexl.errors import InvalidInputError
from finexl.explain import folding
from finexl.explain.progress import progress

WHAT = "what survives of each style: rank and cosine of its own name at five stations; resumable"
BELOW = """\
stations
  rendered      the style painted on rendered scenes
  autoencoded   the same, through the generator's autoencoder
  named         the base generator asked for the style by name
  trained       a model fine-tuned on images of the style alone
  half          the same, half of the images being the base generator's own
The last two train a model for each style and strength, about half a minute of one core each. Models and pictures are
kept in --store, so that the same command continues; interrupted, it still shows what it found, and so does --kept.

examples:
  python -m finetune survival survival.png --stations rendered autoencoded       some minutes
  python -m finetune survival docs/survival.png --page docs/miniature.md         about an hour and a half
  python -m finetune survival survival.png --stations trained half --strengths 0.25 0.5 1"""


def main(given: argparse.Namespace) -> None:
    check_page(given.page)
    check_file(given.path, "path")
    check_folder(given.store, "--store")
    with progress("loading"):
        from finetune.explaining.models import Sampling, read_base
        from finetune.families.image_sizes import image_size
        from finetune.studies.loading import encoder, generator_settings
        from finetune.studies.prompt_grid import save
        from finetune.studies.survival.showing import page, picture
        from finetune.studies.survival.study import SurvivalStudy, cases

        asked = cases(given.stations, given.styles, given.strengths)
        folder = read_base(given.base, Sampling()).settings.folder
        usual = FAMILIES["diffusion"].miniature_ema_decay
        settings = replace(generator_settings(), folder=folder, ema_decay=usual)
        if (drawn := image_size(settings)) != (64, 64):
            raise InvalidInputError(
                f"`--base` must draw the miniature's world, in 64×64 pixels. {given.base!r} draws "
                f"{drawn[0]}×{drawn[1]}. Give miniature, or a folder that `python -m finetune pretrain diffusion` made."
            )
        study = SurvivalStudy(generator=settings, encoder=encoder(), store=given.store)
    if given.kept:
        asked = [case for case in asked if study.is_kept(case)]
        if not asked:
            raise InvalidInputError(
                f"`--store` must hold something of what is asked to be shown with `--kept`. {str(given.store)!r} holds "
                "nothing. Leave out --kept, and it is made."
            )
    findings = []
    try:
        with progress("styles") as advance:
            for number, case in enumerate(asked):
                advance(number, len(asked))
                findings.append(study.finding(case))
    finally:  # Ctrl-C, too: what is trained takes hours
        if findings:
            text = page(findings, study.name_cosine)
            folding.say(text)
            save(picture(findings), given.path)
            folding.say(f"wrote {given.path}")
            if given.page is not None:
                write_table(given.page, "survival", text)


def _arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("path", type=Path, help="the PNG to write")
    command.add_argument("--stations", nargs="+", default=(), help="of those below (default: all)")
    command.add_argument(
        "--styles",
        nargs="+",
        default=(),
        help="aspects and composite styles, in turn (default: all, scored aspects first)",
    )
    command.add_argument(
        "--strengths",
        type=float,
        nargs="+",
        default=(),
        help="in 0..1, for all stations (default: 0.25 0.5 1, and 1 alone where models are trained)",
    )
    command.add_argument(
        "--base",
        default="miniature",
        help="whose stations they are: miniature, or a diffusers folder that draws its world (%(default)s)",
    )
    command.add_argument(
        "--store",
        type=Path,
        default=cache() / "survival",
        help="folder of trained models (%(default)s)",
    )
    command.add_argument("--kept", action="store_true", help="show what --store has of it, and make nothing")
    add_page(command)


COMMAND = Command(main, WHAT, _arguments, description=f"{WHAT[0].upper()}{WHAT[1:]}.", below=BELOW)
