"""`python -m finetune`: make the miniature's models again, and look at its world and its base generator."""

import argparse
import os
import sys
from pathlib import Path

from finexl.errors import FinexlError

EXAMPLES = """examples:
  python -m finetune sheet docs/aspects.png        every aspect at four strengths, composites, scenes, portraits
  python -m finetune prompts docs/prompts.png      32 prompts through the base generator, and its caption matching
  python -m finetune pretrain encoder              train the encoder again (resumes; Ctrl-C is safe)
  python -m finetune pretrain diffusion --minutes 10
  python -m finetune calibrate                     divergence ladders of the development aspects by learning rate
"""
MODELS = ("encoder", "diffusion", "captioner")


def main(words: list[str] | None = None) -> int:
    """Run one sub-command; returns the exit code."""
    given = _parser().parse_args(words)
    try:
        return int(given.run(given) or 0)
    except FinexlError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted. What was saved is kept: the same command continues.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m finetune", description=__doc__, epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    commands = parser.add_subparsers(required=True, metavar="command")
    sheet = commands.add_parser("sheet", help="a contact sheet of every aspect of the miniature world")
    sheet.add_argument("path", type=Path, help="the PNG to write")
    sheet.set_defaults(run=_sheet)
    prompts = commands.add_parser(
        "prompts", help="32 prompts through the base generator, and its caption matching"
    )
    prompts.add_argument("path", type=Path, help="the PNG to write")
    prompts.set_defaults(run=_prompts)
    pretrain = commands.add_parser("pretrain", help="train one of the miniature's models again; resumable")
    pretrain.add_argument("name", choices=MODELS, help="which model")
    pretrain.add_argument(
        "--state", type=Path, default=_default_state(), help="folder of unfinished runs (%(default)s)"
    )
    pretrain.add_argument("--minutes", type=float, help="stop each training after this many minutes")
    pretrain.add_argument("--threads", type=int, default=os.cpu_count(), help="CPU threads (%(default)s)")
    pretrain.set_defaults(run=_pretrain)
    calibrate = commands.add_parser(
        "calibrate", help="divergence ladders of development aspects by learning rate"
    )
    calibrate.add_argument(
        "--rates", type=float, nargs="+", default=[1e-5, 2e-5, 4e-5], help="learning rates to try"
    )
    calibrate.add_argument("--aspects", nargs="+", help="development aspects (default: all)")
    calibrate.add_argument(
        "--pair", action="store_true", help="the six mixtures of a development pair instead"
    )
    calibrate.set_defaults(run=_calibrate)
    return parser


def _default_state() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "finexl" / "pretraining"


def _sheet(given: argparse.Namespace) -> None:
    from finetune.miniature.contact_sheet import contact_sheet
    from finetune.miniature.prompt_grid import save

    save(contact_sheet(), given.path)
    print(f"wrote {given.path}")


def _prompts(given: argparse.Namespace) -> None:
    from finetune.miniature.loading import base_generator, encoder
    from finetune.miniature.prompt_grid import caption_matching, prompt_grid, save

    generator = base_generator()
    save(prompt_grid(generator), given.path)
    matching = caption_matching(generator, encoder())
    print(f"wrote {given.path}")
    print(f"own caption nearest of {matching.n} (chance {matching.chance:.1%}):")
    print(f"  generated images {matching.generated:.1%}   real renderings {matching.rendered:.1%}")


def _pretrain(given: argparse.Namespace) -> None:
    import torch

    from finetune.miniature.pretraining.commands import pretrain

    torch.set_num_threads(given.threads)
    print(f"published {pretrain(given.name, state=given.state, minutes=given.minutes)}")


def _calibrate(given: argparse.Namespace) -> None:
    from finetune.miniature.calibration import calibrate, calibrate_pair

    rates = tuple(given.rates)
    for line in calibrate_pair(rates) if given.pair else calibrate(rates, aspects=tuple(given.aspects or ())):
        print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
