"""What a file is that was given for safetensors, beyond what the reader of headers tells."""

import re
from pathlib import Path

from finetune.store.tensor_headers import TensorFileError

_SNIFFED = 512
_LEAST = 9
"""Bytes; shorter files are told to be cut."""
_SAID = 80
"""Characters of a text that are shown."""
_PREVIEW = "Download the model's file, not its preview."
_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (
        b"\x80\x03",
        "a pickle",
        "It is not opened, since that would run its code: have it converted to safetensors.",
    ),
    (
        b"\x80\x05",
        "a pickle",
        "It is not opened, since that would run its code: have it converted to safetensors.",
    ),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", "Unpack it."),
    (b"\xfd7zXZ\x00", "an XZ archive", "Unpack it."),
    (b"BZh", "a bzip2 archive", "Unpack it."),
    (b"GIF8", "a GIF picture", _PREVIEW),
    (b"RIFF", "a WebP picture or a video", _PREVIEW),
    (b"%PDF", "a PDF document", "Download the model's file."),
    (b"\x89HDF", "an HDF5 file", "Download the safetensors file, or have it converted."),
    (b"\x93NUMPY", "an array of NumPy", "Save its arrays by their names with `safetensors.numpy.save_file`."),
)
"""First bytes, what such a file is, and what to do."""
_TAR = slice(257, 262)
_TOLD = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?\s*(<(!doctype|html|head|\?xml|!--)|[{\[])|version https://git-lfs", re.I
)
"""Texts that the reader of headers tells by their kind."""
_XML = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<[A-Za-z?!]")


def refuse_other_files(path: Path) -> None:
    """Raise `TensorFileError` for pickles, archives, pictures and texts; what is not known here is let through."""
    try:
        with path.open("rb") as file:
            first = file.read(_SNIFFED)
    except OSError as reason:
        raise TensorFileError(f"{path} must be a file that can be read. Got: {reason.strerror}.") from reason
    if len(first) < _LEAST:
        return
    for magic, kind, advice in _MAGIC:
        if first.startswith(magic) and not _is_header(first):
            raise TensorFileError(f"{path} must be a safetensors file. It is {kind}. {advice}")
    if not any(first):
        raise TensorFileError(
            f"{path} must be a safetensors file. It begins with zeros alone, as where a download was not finished. "
            "Download it again."
        )
    if first[_TAR] == b"ustar" and not _is_header(first):
        raise TensorFileError(f"{path} must be a safetensors file. It is a tar archive. Unpack it.")
    if not _TOLD.match(first) and (_XML.match(first) or _is_text(first)):
        said = " ".join(first.decode("utf-8", errors="replace").split())[:_SAID]
        raise TensorFileError(
            f"{path} must be a safetensors file. It is text, as of a site that refused the file, and begins with "
            f"{said!r}. Sites may want a key to download."
        )


def _is_header(first: bytes) -> bool:
    """It begins as safetensors do, with a length of at most a gigabyte and a brace."""
    return first[8:9] == b"{" and int.from_bytes(first[:8], "little") < 2**30


def _is_text(first: bytes) -> bool:
    return all(32 <= byte < 127 or byte in b"\t\r\n" for byte in first)
