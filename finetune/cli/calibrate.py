"""`calibrate`: divergence ladders of development aspects by learning rate."""

import argparse
from dataclasses import replace

from finetune.cli.command import Command
from finetune.cli.printing import say_each
from finetune.family_facts import FAMILIES


def main(given: argparse.Namespace) -> None:
    from finetune.studies.calibration import calibrate, calibrate_pairs, calibrate_weights
    from finetune.studies.loading import generator_settings

    rates, settings = tuple(given.rates), generator_settings(given.generator, method=given.method)
    usual = FAMILIES[given.generator].miniature_ema_decay
    settings = replace(settings, ema_decay=usual if given.ema_decay is None else given.ema_decay)
    if given.pairs or given.weights:
        say_each((calibrate_weights if given.weights else calibrate_pairs)(rates, settings))
    else:
        say_each(calibrate(rates, settings, given.aspects or ()))


def _arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--rates", type=float, nargs="+", default=[1e-5, 2e-5, 4e-5], help="learning rates to try"
    )
    command.add_argument("--aspects", nargs="+", help="development aspects (default: all)")
    command.add_argument("--generator", choices=FAMILIES, default="diffusion", help="which (%(default)s)")
    command.add_argument("--method", default="full", help="full, lora or finestyle (%(default)s)")
    command.add_argument(
        "--ema-decay",
        type=float,
        help="of the average that a level keeps; 0 = none (default: the generator's)",
    )
    command.add_argument(
        "--pairs", action="store_true", help="how much halves of pairs show of the whole, instead"
    )
    command.add_argument(
        "--weights", action="store_true", help="how much adapters of a pair show at parts of their weight"
    )


COMMAND = Command(main, "divergence ladders of development aspects by learning rate", _arguments)
