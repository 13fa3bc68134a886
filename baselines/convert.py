"""The door for published captioner files, `.pth` and `.pt`: tensors out of them, into folders of safetensors and JSON.

Files are opened with `torch.load(weights_only=True)`, which runs nothing of what they hold; whatever is not a tensor is
refused. After this no pickle is read anywhere.
"""

import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import torch
from torch import Tensor, nn

from baselines.captioning.backbone import backbone_names
from baselines.captioning.model_folder import write_model
from baselines.captioning.preprocessing import DUBAI, IMAGENET, LEVIR, Preprocessing
from baselines.captioning.vocabulary import Vocabulary, read_words
from baselines.chg2cap import architecture as chg2cap
from baselines.chg2cap import model as chg2cap_model
from baselines.diff_caption import architecture as diff_caption
from baselines.diff_caption import model as diff_caption_model
from finexl.errors import FinexlError, InvalidInputError, unknown_name

PARTS = {"encoder_dict": "encoder", "encoder_trans_dict": "encoder_trans", "decoder_dict": "decoder"}
"""The names of a Chg2Cap checkpoint's parts, and of the modules that they are of."""
DATA: Mapping[str, Preprocessing] = MappingProxyType({"levir": LEVIR, "dubai": DUBAI})
"""How the data were standardised that a Chg2Cap was trained on."""
_BY_LENGTH = {41: "levir", 27: "dubai"}
"""Whose captions are as long as the table of positions that a release has."""
_BEFORE = ("module.", "_orig_mod.")
"""What training on several devices, and a compiled model, put before every name, in any order."""
_WRAPPINGS = ("model_state_dict", "state_dict")
"""Under which a checkpoint may keep its tensors beside other facts."""


class ConversionError(FinexlError):
    """A published file cannot be converted."""


class PublishedFileError(ConversionError):
    """A published file does not hold what its kind should."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """What one kind of published captioner consists of, and what makes a folder of it."""

    needed: tuple[str, ...]
    """Names of the files that the command line is given."""
    make: Callable[[Mapping[str, Path], Path, str | None], None]
    """From files by name to a folder, and the data where their name was given."""


def convert(kind: str, files: Mapping[str, Path], *, folder: Path, data: str | None = None) -> None:
    """Make a folder of published files, which are given by the names that `CONVERSIONS` tells.

    `data` is one of `DATA`, for a Chg2Cap whose length of captions does not tell what it was trained on.

    Raises:
        UnknownNameError: there is no such kind, or no such data.
        InvalidInputError: other files are given than the kind needs.
        ConversionError: a file is missing, is no file of tensors, or holds those of another model.
    """
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
    if data is not None and kind != "chg2cap":
        raise InvalidInputError(
            f"`data` is for chg2cap alone: {kind} has one way to standardise images. Got {data!r}. Leave out --data."
        )
    if data is not None and data not in DATA:
        raise unknown_name("data", data, DATA, hint=f"Give --data {' or '.join(DATA)}.")
    conversion.make(files, folder, data)


def convert_chg2cap(
    published: Mapping[str, Mapping[str, Tensor]],
    files: Mapping[str, Path],
    folder: Path,
    *,
    architecture: chg2cap.Architecture | None = None,
    data: str | None = None,
) -> None:
    """Write a released checkpoint as a captioner's folder; every part is loaded strictly on the way.

    Without an `architecture` it is the published one, for captions of the checkpoint's length, and without `data` they
    are those that have captions of this length.

    Raises:
        PublishedFileError: a part is missing or of other sizes, or the length of captions does not tell the data.
    """
    missing = sorted(set(PARTS) - set(published))
    if missing:
        raise PublishedFileError(
            f"{files['checkpoint']} must hold {', '.join(PARTS)}. Missing: {', '.join(missing)}."
        )
    vocabulary = Vocabulary(words=read_words(files["vocabulary"]), marks=chg2cap_model.MARKS)
    architecture = architecture or chg2cap_sizes(published["decoder_dict"])
    data = data or _BY_LENGTH.get(architecture.max_length)
    if data is None:
        raise PublishedFileError(
            "The data that a Chg2Cap was trained on must be known, since they decide how images are standardised. "
            f"{files['checkpoint']} has captions of {architecture.max_length} words, which neither LEVIR-CC (41) nor "
            f"Dubai-CC (27) has. Say which are meant: --data {' or '.join(DATA)}."
        )
    model = chg2cap_model.Chg2Cap(architecture, vocabulary)
    for name, part in PARTS.items():
        module = getattr(model, part)
        assert isinstance(module, nn.Module)
        _load(module, published[name], path=files["checkpoint"])
    write_model(
        folder, "chg2cap", sizes=architecture, preprocessing=DATA[data], vocabulary=vocabulary,
        weights=model.state_dict(), in_half=False,
    )  # fmt: skip


def chg2cap_sizes(decoder: Mapping[str, Tensor]) -> chg2cap.Architecture:
    """The published sizes, for captions as long as a table of positions: 41 words for LEVIR-CC, 27 for Dubai-CC."""
    positions = decoder.get("position_encoding.pe")
    return chg2cap.PUBLISHED if positions is None else replace(chg2cap.PUBLISHED, max_length=len(positions))


def convert_diff_caption(
    captioner: Mapping[str, Tensor],
    backbone: Mapping[str, Tensor],
    files: Mapping[str, Path],
    folder: Path,
    *,
    architecture: diff_caption.Architecture | None = None,
) -> None:
    """Write a fine-tuned checkpoint as a captioner's folder; both parts are loaded strictly on the way.

    Without an `architecture` it is one of the published sizes.
    """
    vocabulary = Vocabulary(words=read_words(files["vocabulary"]), marks=diff_caption_model.MARKS)
    architecture = architecture or diff_caption_sizes(captioner)
    model = diff_caption_model.DiffCaption(architecture, vocabulary)
    _load(model.captioner, captioner, path=files["checkpoint"])
    _load(model.regions, backbone_names(backbone), path=files["backbone"])
    write_model(
        folder, "diff_caption", sizes=architecture, preprocessing=IMAGENET, vocabulary=vocabulary,
        weights=model.state_dict(), in_half=False,
    )  # fmt: skip


def diff_caption_sizes(captioner: Mapping[str, Tensor]) -> diff_caption.Architecture:
    """Which of the two published sizes a checkpoint has: its blocks are counted, and birds have no pooler."""
    blocks = {int(name.split(".")[2]) for name in captioner if name.startswith("encoder.layers.")}
    chosen = (
        diff_caption.CLEVR if any(name.startswith("pooler.") for name in captioner) else diff_caption.BIRDS
    )
    return replace(chosen, n_blocks=max(blocks, default=chosen.n_blocks - 1) + 1)


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a `.pth` or `.pt` file by name, on the CPU; what wraps them is opened."""
    held = _opened(path)
    for name in _WRAPPINGS:
        held = held[name] if isinstance(held.get(name), dict) else held
    return _tensors(held, path)


def read_parts(path: Path) -> dict[str, dict[str, Tensor]]:
    """The state dictionaries in a `.pth` file by name."""
    held = _opened(path)
    return {name: _tensors(part, path) for name, part in held.items() if isinstance(part, dict)}


def _opened(path: Path) -> dict:
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


def _tensors(held: Mapping, path: Path) -> dict[str, Tensor]:
    if not all(isinstance(value, torch.Tensor) for value in held.values()):
        raise ConversionError(f"{path} must map names to tensors. Got other things among them.")
    names = [str(name) for name in held]
    left: list[str] = [*_BEFORE]  # each once: a module of that name may follow
    while before := next(
        (one for one in left if names and all(name.startswith(one) for name in names)), None
    ):
        names = [name.removeprefix(before) for name in names]
        left.remove(before)
    return dict(zip(names, held.values(), strict=True))


def _load(module: nn.Module, tensors: Mapping[str, Tensor], *, path: Path) -> None:
    """Give a module exactly the tensors of a published file."""
    try:
        module.load_state_dict(dict(tensors))
    except RuntimeError as reason:
        told = " ".join(str(reason).split())[:400]
        raise PublishedFileError(
            f"{path} must hold the parameters of the published {type(module).__name__}, and the vocabulary must be "
            f"the one it was trained with. Got: {told}"
        ) from reason


CONVERSIONS: dict[str, Conversion] = {
    # ShizhenChang/Chg2Cap: a checkpoint `.pth` with its three parts, and `vocab.json`.
    "chg2cap": Conversion(
        needed=("checkpoint", "vocabulary"),
        make=lambda files, folder, data: convert_chg2cap(
            read_parts(files["checkpoint"]), files, folder, data=data
        ),
    ),
    # yaolinli/IDC: `best_checkpoint.pt`, its `dict.json`, and torchvision's ResNet-101, which makes the regions.
    "diff_caption": Conversion(
        needed=("checkpoint", "vocabulary", "backbone"),
        make=lambda files, folder, _: convert_diff_caption(
            read_tensors(files["checkpoint"]), read_tensors(files["backbone"]), files, folder
        ),
    ),
}
