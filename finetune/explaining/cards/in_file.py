"""A card inside the file that it is of: metadata of a copy, whose tensors are the same bytes at the same places.

A file's own description stays; ours stands below it between marks, and takes the place of an earlier one of ours.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from finetune.explaining.models import Adapted, Level, Model
from finetune.store.tensor_headers import TensorFileError, TensorHeader, digests, read_header
from finexl.errors import InvalidInputError

DESCRIPTION, BLOCK = "modelspec.description", "finexl.card"
"""Keys of the metadata: text for people, JSON for programs."""
START, END = "[measured by finexl]", "[end of what finexl measured]"
_SPECIFIED = {"modelspec.sai_model_spec": "1.0.0"}
"""What a file with a key of this specification must have too."""
_LENGTH, _ALIGNED, _PIECE = 8, 8, 1 << 24
_LONGEST_HEADER = 100_000_000
"""Bytes; the format's own limit."""


def check_copy(model: Model, target: Path) -> Path:
    """The file of a model that a copy is to be made of, seen before anything is drawn.

    Raises:
        InvalidInputError: The model has no file of its own, or the copy cannot stand there.
    """
    if not isinstance(model, Adapted | Level):
        raise InvalidInputError(
            "`--embed` needs a model that is one safetensors file. Got another kind of model."
        )
    if target.suffix != ".safetensors" or not target.absolute().parent.is_dir():
        raise InvalidInputError(
            f"`--embed` must be a .safetensors file in a folder that exists. Got {str(target)!r}."
        )
    _check_other(model.file, target)
    return model.file


def write_with_card(source: Path, target: Path, *, text: str, block: str) -> None:
    """Copy a safetensors file with a card in its metadata, and see that its tensors are the same.

    Raises:
        InvalidInputError: `target` is `source`, or the header would be longer than the format allows.
        TensorFileError: `source` is no safetensors file, or the copy's tensors differ (it is removed then).
    """
    _check_other(source, target)
    header = read_header(source)
    metadata = _with_card(header.metadata, text=text, block=block)
    head = _header_bytes(header, metadata)
    if len(head) > _LONGEST_HEADER:
        raise InvalidInputError(
            f"The header of a safetensors file must have at most {_LONGEST_HEADER:,} bytes. With the card that of "
            f"{str(source)!r} would have {len(head):,}."
        )
    fresh = target.with_name(f".{target.name}.part")
    try:
        with source.open("rb") as old, fresh.open("wb") as new:
            new.write(len(head).to_bytes(_LENGTH, "little") + head)
            old.seek(header.tensors_start)
            while piece := old.read(_PIECE):
                new.write(piece)
        copied = read_header(fresh)
        same = digests(fresh, copied).tensors == digests(source, header).tensors
        if not same or _places(copied) != _places(header):
            raise TensorFileError(
                f"A copy must have the tensors of its file. That of {source} has others: the file changed meanwhile. "
                "Try again."
            )
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)


def _check_other(source: Path, target: Path) -> None:
    if target.resolve() == source.resolve() or (target.exists() and target.samefile(source)):
        raise InvalidInputError(
            f"A card is written into a copy, and never into the file itself. Got {str(target)!r} for both."
        )


def _with_card(metadata: Mapping[str, str], *, text: str, block: str) -> dict[str, str]:
    own = metadata.get(DESCRIPTION, "")
    before, begin, rest = own.partition(START)
    after = rest.partition(END)[2] if begin else ""
    kept = "\n\n".join(part.strip() for part in (before, after) if part.strip())
    ours = f"{START}\n{text.strip()}\n{END}"
    return {
        **_SPECIFIED,
        **metadata,
        DESCRIPTION: f"{kept}\n\n{ours}" if kept else ours,
        BLOCK: block,
    }


def _header_bytes(header: TensorHeader, metadata: Mapping[str, str]) -> bytes:
    """The header as JSON in ASCII, padded with spaces so that tensors stay aligned."""
    entries = {"__metadata__": dict(metadata)} | {
        name: {"dtype": one.dtype, "shape": one.shape, "data_offsets": (begin, end)}
        for name, one in header.tensors.items()
        for begin, end in [(one.start - header.tensors_start, one.end - header.tensors_start)]
    }
    text = json.dumps(entries, separators=(",", ":")).encode("ascii")
    return text + b" " * (-len(text) % _ALIGNED)


def _places(header: TensorHeader) -> dict[str, tuple[str, tuple[int, ...], int, int]]:
    """Kind, shape and place of every tensor, counted from the first."""
    return {
        name: (one.dtype, one.shape, one.start - header.tensors_start, one.end - header.tensors_start)
        for name, one in header.tensors.items()
    }
