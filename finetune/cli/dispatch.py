"""From words to a command, and from how it ends to an exit code."""

import argparse
import sys
from collections.abc import Mapping

from finetune.cli import (
    advise,
    bench,
    calibrate,
    captioners,
    check_advice,
    check_cards,
    compare,
    convert,
    direction,
    explain,
    ground,
    images,
    inspect,
    pretrain,
    prompts,
    relatives,
    sheet,
    style_study,
    survival,
    sweep,
    world,
)
from finetune.cli.command import Command
from finetune.cli.parsing import OPTIONS
from finetune.cli.printing import complain
from finexl.errors import FinexlError
from finexl.explain.consoles import FAILED, INTERRUPTED, OK
from finexl.explain.folding import FoldedHelp
from finexl.explain.spelling import parsed
from finexl.paths import plain_paths

COMMANDS: Mapping[str, Command] = {  # of whoever has a model first
    "inspect": inspect.COMMAND,
    "images": images.COMMAND,
    "explain": explain.COMMAND,
    "sweep": sweep.COMMAND,
    "compare": compare.COMMAND,
    "advise": advise.COMMAND,
    "sheet": sheet.COMMAND,
    "prompts": prompts.COMMAND,
    "pretrain": pretrain.COMMAND,
    "calibrate": calibrate.COMMAND,
    "bench": bench.COMMAND,
    "captioners": captioners.COMMAND,
    "survival": survival.COMMAND,
    "relatives": relatives.COMMAND,
    "style-study": style_study.COMMAND,
    "convert": convert.COMMAND,
    "direction": direction.COMMAND,
    "world": world.COMMAND,
    "ground": ground.COMMAND,
    "check-cards": check_cards.COMMAND,
    "check-advice": check_advice.COMMAND,
}
_WHAT = "Look into models that others made and say what they do, or make the miniature's models again."
_EXAMPLES = """examples:
  python -m finetune inspect lora.safetensors --base models/sd15   what a file is, before anything is loaded
  python -m finetune explain lora.safetensors --to card --embed told.safetensors   what a file does, as a card
  python -m finetune compare a.safetensors b.safetensors --to both --at-equal-effect
  python -m finetune sheet docs/aspects.png        every aspect at four strengths, composites, scenes, portraits
  python -m finetune prompts docs/prompts.png      32 prompts through the base generator, and its caption matching
  python -m finetune pretrain encoder              train the encoder again (resumes; Ctrl-C is safe)
  python -m finetune pretrain diffusion --minutes 10
  python -m finetune captioners                    how well the three captioners name styles
  python -m finetune prompts gan.png --generator controlgan
  python -m finetune bench                         our training step and sampler beside plain loops
  python -m finetune style-study                   FineStyle, LoRA and full fine-tuning from one reference image
  python -m finetune convert anole --to models/anole vqgan=vqgan.ckpt text_tokenizer=text_tokenizer.json \\
      language_model=consolidated.pth params=params.json
  python -m finetune direction models/noiseclr '<t1>' --to mustache.safetensors --name mustache
  python -m finetune survival docs/survival.png    what survives of every style from the renderer to the encoder
  python -m finetune relatives docs/relatives.png  which styles look alike by the renderer; writes the shipped table
  python -m finetune calibrate                     divergence ladders of the development aspects by learning rate
"""


def main(words: list[str] | None = None) -> int:
    """Do what the command line says; returns the exit code."""
    words = sys.argv[1:] if words is None else words
    # `convert` has words of its own with equals signs
    given = parsed(_parser(), words or ["--help"], options={} if words[:1] == ["convert"] else OPTIONS)
    try:
        with plain_paths():
            given.run(given)
    except FinexlError as error:
        return complain(error, FAILED)
    except KeyboardInterrupt:
        return complain("Interrupted. What was saved is kept: the same command continues.", INTERRUPTED)
    return OK


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m finetune", description=_WHAT, epilog=_EXAMPLES, formatter_class=FoldedHelp
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    for name, command in COMMANDS.items():
        command.add(name, commands)
    return parser
