"""The one door for published `.pth` and `.ckpt` files: tensors out of them, into a folder of safetensors and JSON.

Files are opened with `torch.load(weights_only=True)`, which runs nothing of what they hold; whatever is not a tensor is
refused. After this no pickle is read anywhere.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from finexl.errors import FinexlError, InvalidInputError, unknown_name

if TYPE_CHECKING:
    from torch import Tensor


class ConversionError(FinexlError):
    """A published file cannot be converted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """What one kind of published model consists of, and what makes a folder of it."""

    summary: str
    """Where its files come from."""
    needed: tuple[str, ...]
    """Names of the files without which nothing can be made."""
    optional: tuple[str, ...] = ()
    make: Callable[[Mapping[str, Path], Path], None]
    """From files by name to a folder."""

    def told(self, kind: str) -> str:
        """What it is and what it takes, for `convert --help`."""
        return f"{kind}: {self.summary}\n  needs {', '.join(self.needed)}\n  takes {', '.join(self.optional)}"


def convert(kind: str, files: Mapping[str, Path], *, folder: Path) -> None:
    """Make a folder of published files, which are given by the names that `CONVERSIONS` tells."""
    if kind not in CONVERSIONS:
        raise unknown_name("kind", kind, CONVERSIONS)
    conversion = CONVERSIONS[kind]
    missing = [name for name in conversion.needed if name not in files]
    foreign = sorted(set(files) - {*conversion.needed, *conversion.optional})
    if missing or foreign:
        raise InvalidInputError(
            f"Converting {kind} needs the files {', '.join(conversion.needed)} and takes "
            f"{', '.join(conversion.optional) or 'no others'}. Missing: {', '.join(missing) or 'none'}; "
            f"unknown: {', '.join(foreign) or 'none'}."
        )
    for name, path in files.items():
        if not path.is_file():
            raise ConversionError(f"`{name}` must be a file. None is at {str(path)!r}.")
    conversion.make(files, folder)


def read_published(path: Path) -> "dict[str, Tensor]":
    """The tensors of a `.pth` or `.ckpt` file by name, on the CPU; a wrapping `state_dict` is opened."""
    import pickle

    import torch

    try:
        held = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, ValueError, LookupError, pickle.UnpicklingError) as reason:
        first = (str(reason).splitlines() or [type(reason).__name__])[0]
        raise ConversionError(
            f"{path} must be a file of tensors that torch.load(weights_only=True) opens. Got: {first}. "
            "Files that hold other objects are not opened, since opening them would run their code."
        ) from reason
    if isinstance(held, dict) and isinstance(held.get("state_dict"), dict):
        held = held["state_dict"]
    if not isinstance(held, dict) or not all(isinstance(value, torch.Tensor) for value in held.values()):
        raise ConversionError(
            f"{path} must map names to tensors. Got {type(held).__name__} with other things."
        )
    return {str(name): value for name, value in held.items()}


def _controlgan(files: Mapping[str, Path], folder: Path) -> None:
    from finetune.families.controlgan.published import convert_controlgan

    convert_controlgan(files, folder)


def _anole(files: Mapping[str, Path], folder: Path) -> None:
    from finetune.families.anole.published import convert_anole

    convert_anole(files, folder)


CONVERSIONS: dict[str, Conversion] = {
    "anole": Conversion(
        summary="GAIR/Anole-7b-v0.1: the image tokenizer `vqgan.ckpt`, the tokenizer `text_tokenizer.json`, and the "
        "language model `consolidated.pth` with its `params.json`",
        needed=("vqgan",),
        optional=("text_tokenizer", "language_model", "params"),
        make=_anole,
    ),
    "controlgan": Conversion(
        summary="mrlibw/ControlGAN: the birds generator, AttnGAN's encoders, one's own discriminators",
        needed=("generator", "text_encoder", "vocabulary"),
        optional=("image_encoder", "vgg16", "discriminator0", "discriminator1", "discriminator2"),
        make=_controlgan,
    ),
}
