"""What a safetensors file says of itself, read without torch and without believing it; and what other files are.

The format is a length, a JSON object and bytes. Files come from strangers, so nothing is taken from the header that the
file does not bear out: lengths are checked against its size before anything is read by them.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float64

from finexl.errors import FinexlError

_LENGTH = 8
_LONGEST_HEADER = 100_000_000
"""Bytes; the format's own limit."""
_SNIFFED = 512
_BLOCK = 1 << 24

_SIZES = {
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "F8_E8M0": 1, "I16": 2, "U16": 2, "F16": 2, "BF16": 2,
    "I32": 4, "U32": 4, "F32": 4, "I64": 8, "U64": 8, "F64": 8, "C64": 8,
}  # fmt: skip
"""Bytes of a number by its kind."""
_NUMPY = {
    "BOOL": "?", "U8": "u1", "I8": "i1", "I16": "<i2", "U16": "<u2", "F16": "<f2", "BF16": "<u2", "I32": "<i4",
    "U32": "<u4", "F32": "<f4", "I64": "<i8", "U64": "<u8", "F64": "<f8",
}  # fmt: skip
"""Kinds that are looked into; bfloat16 is the upper half of a float32."""

_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"version https://git-lfs", "a git-lfs pointer, not the file that it points to", "Run `git lfs pull` there."),
    (b"PK\x03\x04", "a zip archive", "Unpack it; `.pt`, `.ckpt` and `.bin` files of torch are such archives, and are "
     "not opened, since that could run code: have them converted to safetensors."),
    (b"\x80\x02", "a pickle", "It is not opened, since that would run its code: have it converted to safetensors."),
    (b"\x80\x04", "a pickle", "It is not opened, since that would run its code: have it converted to safetensors."),
    (b"GGUF", "a GGUF file", "Download the safetensors file."),
    (b"\x89PNG", "a PNG picture", "Download the model's file, not its preview."),
    (b"\xff\xd8\xff", "a JPEG picture", "Download the model's file, not its preview."),
    (b"\x1f\x8b", "a gzip archive", "Unpack it."),
    (b"7z\xbc\xaf", "a 7z archive", "Unpack it."),
    (b"Rar!", "a RAR archive", "Unpack it."),
)  # fmt: skip
"""First bytes of files that are given for safetensors, what such a file is, and what to do."""
_HTML = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|\?xml|!--)", re.IGNORECASE)
_JSON = re.compile(rb'\s*(?:\xef\xbb\xbf)?\s*[{\[]\s*["\[{}\]]')
_AGAIN = "Download it again."


class TensorFileError(FinexlError):
    """A file does not hold the tensors that it should."""


class Stored(NamedTuple):
    """Where a tensor lies in its file."""

    dtype: str
    shape: tuple[int, ...]
    start: int
    """First byte, counted from the start of the file."""
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorHeader:
    """The names, kinds and shapes of a file's tensors, and its maker's metadata."""

    tensors: Mapping[str, Stored]
    metadata: Mapping[str, str]
    tensors_start: int
    """The first byte behind the header."""


def read_header(path: Path) -> TensorHeader:
    """The header of a safetensors file, of which every statement fits the file's size.

    Raises:
        TensorFileError: It is no safetensors file, or not the whole of one; the message says what it is.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            size, first = path.stat().st_size, file.read(_SNIFFED)
            length = _header_length(path, first, size)
            file.seek(_LENGTH)
            text = file.read(length)
    except OSError as reason:
        raise TensorFileError(f"{path} must be a file that can be read. Got: {reason.strerror}.") from reason
    start = _LENGTH + length
    entries = _parsed(path, text)
    metadata = entries.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise _broken(path, "`__metadata__` is no table of texts")
    tensors = {name: _stored(path, name, entry, start) for name, entry in entries.items()}
    _check_extent(path, tensors, start, size)
    return TensorHeader(tensors=tensors, metadata=metadata, tensors_start=start)


def read_numbers(path: Path, stored: Stored) -> Float64[np.ndarray, " n"]:
    """One tensor's numbers, flat; kinds that are not looked into (8-bit floats) raise `TensorFileError`."""
    if stored.dtype not in _NUMPY:
        raise TensorFileError(f"Numbers of kind {stored.dtype} cannot be read. {path} has some.")
    with path.open("rb") as file:
        file.seek(stored.start)
        held = np.frombuffer(file.read(stored.end - stored.start), _NUMPY[stored.dtype])
    if stored.dtype == "BF16":
        held = (held.astype(np.uint32) << 16).view(np.float32)
    return held.astype(np.float64)


def not_finite(path: Path, header: TensorHeader) -> Iterator[str]:
    """Names of the tensors that hold a NaN or an infinity, in the file's order."""
    for name, stored in header.tensors.items():
        if stored.dtype in ("F16", "BF16", "F32", "F64", *_BITS) and not _is_finite(path, stored):
            yield name


def _is_finite(path: Path, stored: Stored) -> bool:
    """Block by block, since a tensor may be larger than memory allows twice."""
    with path.open("rb") as file:
        file.seek(stored.start)
        left = stored.end - stored.start
        while left:
            block = file.read(min(left, _BLOCK))
            if not block:
                return True  # the file was cut while it was read, which is told where it is loaded
            left -= len(block)
            if stored.dtype in _BITS:
                bits, all_set = _BITS[stored.dtype]
                bad = (np.frombuffer(block, bits) & all_set) == all_set
            else:
                bad = ~np.isfinite(np.frombuffer(block, _NUMPY[stored.dtype]))
            if bad.any():
                return False
    return True


_BITS = {"BF16": ("<u2", 0x7F80), "F8_E5M2": ("u1", 0x7C), "F8_E4M3": ("u1", 0x7F)}
"""Of kinds that NumPy has not: how to read them, and the bits that are all set where a number is not finite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digests:
    """SHA-256 of a file and of what is behind its header, which stays when metadata are edited."""

    file: str
    tensors: str


def digests(path: Path, header: TensorHeader) -> Digests:
    """Both hashes, in one reading."""
    whole, behind = hashlib.sha256(), hashlib.sha256()
    with path.open("rb") as file:
        whole.update(file.read(header.tensors_start))
        while block := file.read(_BLOCK):
            whole.update(block)
            behind.update(block)
    return Digests(file=whole.hexdigest(), tensors=behind.hexdigest())


def _header_length(path: Path, first: bytes, size: int) -> int:
    if not first:
        raise TensorFileError(f"{path} must be a safetensors file. It is empty. {_AGAIN}")
    length = int.from_bytes(first[:_LENGTH], "little")
    if length > _LONGEST_HEADER or first[_LENGTH : _LENGTH + 1] != b"{":
        _refuse_other_kinds(path, first)
    if size < _LENGTH:
        raise TensorFileError(f"{path} must be a safetensors file. It is cut: it has {size} bytes. {_AGAIN}")
    if length > _LONGEST_HEADER or first[_LENGTH : _LENGTH + 1] not in (b"{", b""):
        raise TensorFileError(
            f"{path} must be a safetensors file, which begins with the length of its header and an opening brace. "
            f"It begins with {first[:16].hex(' ')}."
        )
    if size < _LENGTH + length:
        raise TensorFileError(
            f"{path} must be a whole safetensors file. It is cut: its header alone has {length:,} bytes, and the "
            f"file {size:,}. {_AGAIN}"
        )
    return length


def _refuse_other_kinds(path: Path, first: bytes) -> None:
    for magic, kind, advice in _MAGIC:
        if first.startswith(magic):
            raise TensorFileError(f"{path} must be a safetensors file. It is {kind}. {advice}")
    if _HTML.match(first):
        raise TensorFileError(
            f"{path} must be a safetensors file. It is an HTML page: a site answered with a page, of a login or an "
            "error, in place of the file. Open it in a browser to see which; sites may want a key to download."
        )
    if _JSON.match(first):
        raise TensorFileError(
            f"{path} must be a safetensors file. It is JSON text: a site's answer, or the index of a model in parts. "
            "Open it to see what it says."
        )


def _parsed(path: Path, text: bytes) -> dict[str, Any]:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a name stands twice")
        return found

    try:
        entries = json.loads(text.decode("utf-8"), object_pairs_hook=once)
    except (ValueError, RecursionError) as reason:
        raise _broken(path, str(reason)[:200]) from reason
    if not isinstance(entries, dict):
        raise _broken(path, "it is no table")
    return entries


def _stored(path: Path, name: str, entry: Any, start: int) -> Stored:
    try:
        dtype, shape, (begin, end) = entry["dtype"], entry["shape"], entry["data_offsets"]
        numbers = (*shape, begin, end)
        is_sound = all(type(number) is int and 0 <= number < 1 << 63 for number in numbers)
    except (TypeError, KeyError, ValueError) as reason:
        raise _broken(path, f"the entry of {name[:200]!r} lacks kind, shape or place") from reason
    if not is_sound or not isinstance(dtype, str) or dtype not in _SIZES:
        raise _broken(path, f"kind, shape or place of {name[:200]!r} cannot be: {str(entry)[:200]}")
    if prod(shape) * _SIZES[dtype] != end - begin:
        raise _broken(
            path, f"{name[:200]!r} takes {end - begin} bytes, and its shape {shape} needs other many"
        )
    return Stored(dtype, tuple(shape), start + begin, start + end)


def _check_extent(path: Path, tensors: Mapping[str, Stored], start: int, size: int) -> None:
    """See that tensors follow each other without gap or overlap up to the end of the file."""
    place = start
    for name, stored in sorted(tensors.items(), key=lambda item: (item[1].start, item[1].end)):
        if stored.start != place:
            raise _broken(path, f"{name[:200]!r} does not begin where the tensor before it ends")
        place = stored.end
    if place > size:
        whole = sum(stored.end <= size for stored in tensors.values())
        raise TensorFileError(
            f"{path} must be a whole safetensors file. It is cut: {size:,} of {place:,} bytes, {whole} of "
            f"{len(tensors)} tensors. {_AGAIN}"
        )
    if place < size:
        raise _broken(path, f"{size - place:,} bytes stand behind its last tensor")


def _broken(path: Path, reason: str) -> TensorFileError:
    return TensorFileError(
        f"{path} must be a safetensors file with a sound header. It has another: {reason}. {_AGAIN}"
    )
