"""The one door for published `.pth` and `.ckpt` files: tensors out of them, into a folder of safetensors and JSON.

Files are opened with `torch.load(weights_only=True)`, which runs nothing of what they hold; whatever is not a tensor is
refused. After this no pickle is read anywhere.
"""

from collections.abc import Mapping
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING

from finetune.family_facts import FAMILIES, Conversion
from finexl.errors import FinexlError, InvalidInputError, unknown_name

if TYPE_CHECKING:
    from torch import Tensor


class ConversionError(FinexlError):
    """A published file cannot be converted."""


CONVERSIONS: Mapping[str, Conversion] = {
    name: facts.conversion for name, facts in FAMILIES.items() if facts.conversion is not None
}
"""What can be converted, by family."""


def convert(kind: str, files: Mapping[str, Path], *, folder: Path) -> None:
    """Make a folder of published files, which are given by the names that `CONVERSIONS` tells.

    Raises:
        InvalidInputError: The kind or a file is unknown, or a needed file is missing.
        ConversionError: A file is none, or does not hold what its name says.
    """
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
    resolve_name(conversion.make)(files, folder)


def read_published(path: Path) -> "dict[str, Tensor]":
    """The tensors of a `.pth` or `.ckpt` file by name, on the CPU; a wrapping `state_dict` is opened.

    Raises:
        ConversionError: The file cannot be opened without running code, or holds other things than tensors.
    """
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
    # what training on several devices puts before every name
    n_before = len("module.") if held and all(str(name).startswith("module.") for name in held) else 0
    return {str(name)[n_before:]: value for name, value in held.items()}
