"""The arguments that several commands take."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from finetune.cli.places import check_folder
from finexl.errors import InvalidInputError
from finexl.explain import spelling

if TYPE_CHECKING:
    from finetune.explaining.arms import Request
    from finetune.explaining.models import Sampling

OPTIONS = {
    **spelling.OPTIONS,
    "generator": "--base",
    "generator.folder": "--base",
    "generator.device": "--device",
}
"""Options by the settings that errors call them."""


def cache() -> Path:
    """Where what is slow to make is kept between commands (XDG)."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "finexl"


def add_model_and_base(command: argparse.ArgumentParser, *, model_may_lack: bool = False) -> None:
    """A model, its base, and how pictures of both are made; a command may do without the model."""
    command.add_argument(
        "model",
        nargs="?" if model_may_lack else None,
        help="lora.safetensors[@WEIGHT], a level of a training, an edit direction, or a diffusers folder",
    )
    command.add_argument(
        "--base",
        default="miniature",
        help="miniature, a name such as sd15, or a diffusers folder (%(default)s)",
    )
    command.add_argument("--to", type=Path, required=True, help="the folder to make, or to continue")
    command.add_argument(
        "--prompts", help="neutral, world, portraits, or a .txt, .json or .parquet file (default: world for the "
        "miniature, else neutral)",
    )  # fmt: skip
    command.add_argument(
        "--trigger", default="stated", help="words that make the model show itself, put before prompts or where "
        "{prompt} stands in them; stated = what the file's maker states, none = no words (%(default)s)",
    )  # fmt: skip
    command.add_argument("--seed", type=int, default=0, help="draws other prompts and noise (%(default)s)")
    command.add_argument("--steps", type=int, help="sampling steps (default: 12 in the miniature, else 50)")
    command.add_argument(
        "--guidance", type=float, help="weight of the prompt (default: 1, none, in the miniature, else 7.5)"
    )
    command.add_argument(
        "--batch", type=int, help="images sampled together (default: 16 in the miniature, else 4)"
    )
    command.add_argument("--device", default="cpu", help="cpu or cuda (%(default)s)")


def request_of(given: argparse.Namespace) -> "Request":
    """What `add_model_and_base` was given."""
    from finetune.explaining.arms import read_request

    return read_request(
        given.model, given.base, words=given.trigger, prompts_from=given.prompts, seed=given.seed,
        sampling=sampling_of(given),
    )  # fmt: skip


def sampling_of(given: argparse.Namespace) -> "Sampling":
    """How pictures are drawn, once it is known that it can be done here and that there is a place for them."""
    check_folder(given.to, "--to")
    from finetune.explaining.models import Sampling
    from finexl.explain.models import check_device

    sampling = Sampling(
        steps=given.steps, guidance=given.guidance, batch_size=given.batch, device=given.device
    )
    if given.device != "cpu":
        check_device(given.device, option="--device")
    return sampling


def add_encoder(command: argparse.ArgumentParser) -> None:
    """Which encoder sees the pictures."""
    command.add_argument(
        "--encoder",
        default="auto",
        help="auto (the miniature's for its own models, else clip), clip, clip-b32, or a folder (%(default)s)",
    )


def add_vlm(command: argparse.ArgumentParser) -> None:
    """Who is asked for more words."""
    command.add_argument(
        "--vlm",
        default="auto",
        help="who is asked for more words: auto (the miniature's captioner for its own models, else nobody), none, "
        "miniature, or MODEL@URL of a chat-completions endpoint with its key in OPENAI_API_KEY; settings go with it, "
        "as in vlm.record=replies.jsonl (%(default)s)",
    )


def add_page(command: argparse.ArgumentParser) -> None:
    """Where what was found is written, too."""
    command.add_argument("--page", type=Path, help="a page of text to write what was found into")


def check_count(n: int, option: str, *, least: int = 1) -> None:
    """A count must be as large as what is least, or an error says so."""
    if n < least:
        raise InvalidInputError(f"`{option}` must be at least {least}. Got {n}.")
