"""`survival`: what survives of each style: rank and cosine of its own name at five stations."""

import argparse
from dataclasses import replace
from pathlib import Path

from finetune.cli.command import Command
from finetune.cli.parsing import cache
from finetune.family_facts import FAMILIES
from finexl.explain import folding


def main(given: argparse.Namespace) -> None:
    from rich.progress import track

    from finetune.miniature.examples import STYLES
    from finetune.studies.loading import encoder, generator_settings
    from finetune.studies.prompt_grid import save
    from finetune.studies.survival import STATIONS, STRENGTHS, SurvivalStudy, picture, told

    stations, styles = given.stations or tuple(STATIONS), given.styles or STYLES
    strengths = given.strengths or STRENGTHS
    settings = replace(generator_settings(), ema_decay=FAMILIES["diffusion"].miniature_ema_decay)
    study = SurvivalStudy(generator=settings, encoder=encoder(), store=given.store)
    total = len(stations) * len(styles) * len(strengths)
    findings = list(track(study.findings(stations, styles, strengths), "styles", total=total))
    folding.say(told(findings))
    save(picture(findings), given.path)
    folding.say(f"wrote {given.path}")


def _arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("path", type=Path, help="the PNG to write")
    command.add_argument(
        "--stations", nargs="+", help="rendered autoencoded named trained half (default: all)"
    )
    command.add_argument("--styles", nargs="+", help="aspects and composite styles (default: all)")
    command.add_argument("--strengths", type=float, nargs="+", help="in 0..1 (default: 0.25 0.5 1)")
    command.add_argument(
        "--store",
        type=Path,
        default=cache() / "survival",
        help="folder of trained models (%(default)s)",
    )


COMMAND = Command(
    main, "what survives of each style: rank and cosine of its own name at five stations", _arguments
)
