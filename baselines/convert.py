"""The door for published captioner files, `.pth` and `.pt`: tensors out of them, into folders of safetensors and JSON.

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

_WRAPPINGS = ("model_state_dict", "state_dict")
"""Under which a checkpoint may keep its tensors beside other facts."""


class ConversionError(FinexlError):
    """A published file cannot be converted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """What one kind of published captioner consists of, and what makes a folder of it."""

    summary: str
    needed: tuple[str, ...]
    make: Callable[[Mapping[str, Path], Path], None]
    """From files by name to a folder."""


def convert(kind: str, files: Mapping[str, Path], *, folder: Path) -> None:
    """Make a folder of published files, which are given by the names that `CONVERSIONS` tells."""
    if kind not in CONVERSIONS:
        raise unknown_name("kind", kind, CONVERSIONS)
    conversion = CONVERSIONS[kind]
    if set(files) != set(conversion.needed):
        raise InvalidInputError(
            f"Converting {kind} needs the files {', '.join(conversion.needed)}. "
            f"Got {', '.join(sorted(files)) or 'none'}."
        )
    for name, path in files.items():
        if not path.is_file():
            raise ConversionError(f"`{name}` must be a file. None is at {str(path)!r}.")
    conversion.make(files, folder)


def read_tensors(path: Path) -> "dict[str, Tensor]":
    """The tensors of a `.pth` or `.pt` file by name, on the CPU; what wraps them is opened."""
    held = _opened(path)
    for name in _WRAPPINGS:
        held = held[name] if isinstance(held.get(name), dict) else held
    return _tensors(held, path)


def read_parts(path: Path) -> "dict[str, dict[str, Tensor]]":
    """The state dictionaries in a `.pth` file by name."""
    held = _opened(path)
    return {name: _tensors(part, path) for name, part in held.items() if isinstance(part, dict)}


def _opened(path: Path) -> dict:
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
    if not isinstance(held, dict):
        raise ConversionError(f"{path} must map names to tensors. Got {type(held).__name__}.")
    return held


def _tensors(held: Mapping, path: Path) -> "dict[str, Tensor]":
    import torch

    if not all(isinstance(value, torch.Tensor) for value in held.values()):
        raise ConversionError(f"{path} must map names to tensors. Got other things among them.")
    return {str(name): value for name, value in held.items()}


def _chg2cap(files: Mapping[str, Path], folder: Path) -> None:
    from baselines.chg2cap.published import convert_chg2cap

    convert_chg2cap(read_parts(files["checkpoint"]), files, folder)


def _diff_caption(files: Mapping[str, Path], folder: Path) -> None:
    from baselines.diff_caption.published import convert_diff_caption

    captioner, backbone = (read_tensors(files[name]) for name in ("checkpoint", "backbone"))
    convert_diff_caption(captioner, backbone, files, folder)


CONVERSIONS: dict[str, Conversion] = {
    "chg2cap": Conversion(
        summary="ShizhenChang/Chg2Cap: a checkpoint `.pth` with its three parts, and `vocab.json`",
        needed=("checkpoint", "vocabulary"),
        make=_chg2cap,
    ),
    "diff_caption": Conversion(
        summary="yaolinli/IDC: `best_checkpoint.pt`, its `dict.json`, and torchvision's ResNet-101 for the regions",
        needed=("checkpoint", "vocabulary", "backbone"),
        make=_diff_caption,
    ),
}
