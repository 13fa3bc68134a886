"""Reads images of strangers: few formats, nothing huge, every file that fails is named with its reason.

Pillow decides by content, not by the file's name, and may only try the formats listed here; that leaves out its
decoders with a history of holes. Sizes are checked on the header, before a pixel is decoded.
"""

import stat
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageOps

from finetune.store import manifest
from finexl.errors import FinexlError
from finexl.notices import MAX_EXAMPLES, Notice

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF")
"""What is read; of several frames the first."""
SUFFIXES = (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".pjpeg", ".webp", ".bmp", ".tif", ".tiff")
"""What files of these formats are called."""
MAX_PIXELS = 80_000_000
"""More in one image is refused (Pillow's own alarm is at 89 million)."""
MAX_BYTES = 256 * 2**20
"""Larger files are refused unread."""
MIN_SIDE = 8
"""Pixels; smaller images show nothing."""
WHITE = (255, 255, 255)

Encoded = Path | bytes
"""An image file, or its content."""


class UnreadableImageError(FinexlError):
    """One image cannot be used; the message is the reason alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedFile:
    """A file that a corpus leaves out."""

    name: str
    reason: str


def read_image(encoded: Encoded | UnreadableImageError, size: int) -> UInt8[np.ndarray, "size size 3"]:
    """An image as sRGB bytes: upright, on white, its middle square resized to `size` pixels.

    Raises:
        UnreadableImageError: it cannot be read; or the very reason that was found in its place.
    """
    if isinstance(encoded, UnreadableImageError):
        raise encoded
    content = encoded if isinstance(encoded, bytes) else _content(encoded)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remarks on odd metadata; sizes are checked below
        try:
            with Image.open(BytesIO(content), formats=FORMATS) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise UnreadableImageError(f"it has more than {MAX_PIXELS} pixels")
                if min(image.size) < MIN_SIDE:
                    least = f"{MIN_SIDE} is the least"
                    raise UnreadableImageError(f"it is {image.width} × {image.height} pixels; {least}")
                return fit(_rgb(ImageOps.exif_transpose(image)), size)
        except UnreadableImageError:
            raise
        except Image.UnidentifiedImageError as failure:
            raise UnreadableImageError(f"it is not an image in {', '.join(FORMATS)}") from failure
        except Image.DecompressionBombError as failure:
            raise UnreadableImageError(f"it has more than {MAX_PIXELS} pixels") from failure
        except Exception as failure:  # on broken files Pillow's parsers raise nearly anything
            raise UnreadableImageError(f"it is damaged: {failure or type(failure).__name__}") from failure


def header_fault(path: Path) -> str | None:
    """Why a file is known to be no usable image before a pixel is decoded; None where nothing speaks against it."""
    try:
        content = _content(path)
        if not content:
            return "it is empty"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # as in `read_image`
            with Image.open(BytesIO(content), formats=FORMATS) as image:
                if min(image.size) < MIN_SIDE:
                    return f"it is {image.width} × {image.height} pixels; {MIN_SIDE} is the least"
    except UnreadableImageError as reason:
        return str(reason)
    except Image.UnidentifiedImageError:
        return f"it is not an image in {', '.join(FORMATS)}"
    except Exception:  # what Pillow's parsers raise on broken headers is told when the image is read
        return None
    return None


def fit(image: Image.Image, size: int) -> UInt8[np.ndarray, "size size 3"]:
    """The middle square of an RGB image at `size` pixels, by the Lanczos filter."""
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    square = image.crop((left, top, left + side, top + side))
    return np.asarray(square.resize((size, size), Image.Resampling.LANCZOS)).copy()


def inside(folder: Path, name: str) -> Path:
    """The path of a file that a table names, which must lie in `folder`; links are followed."""
    path = Path(name)
    if path.is_absolute() or ".." in path.parts or "\0" in name:
        raise UnreadableImageError("its path leads out of the folder")
    return folder / path


def digest_of(folder: Path, paths: Iterable[Path]) -> str:
    """A hash of files: their names within `folder`, and their content."""
    return manifest.digest(
        {path.relative_to(folder).as_posix(): manifest.file_digest(path) for path in paths}
    )


def report(skipped: Sequence[SkippedFile]) -> str:
    """One line: how many files were left out, and the first three."""
    shown = "; ".join(f"{file.name!r}: {file.reason}" for file in skipped[:3])
    more = f"; and {len(skipped) - 3} more" if len(skipped) > 3 else ""
    return f"{len(skipped)} images were left out ({shown}{more})."


def left_out(skipped: Sequence[SkippedFile]) -> tuple[Notice, ...]:
    """What was left out, by reason; what a reason quotes is no part of it."""
    by_reason: dict[str, list[str]] = {}
    for file in skipped:
        by_reason.setdefault(file.reason.partition(":")[0], []).append(file.name)
    return tuple(
        Notice(
            what="corpus",
            how=f"left out: {reason}",
            n=len(names),
            examples=tuple(names[:MAX_EXAMPLES]),
        )
        for reason, names in by_reason.items()
    )


def _content(path: Path) -> bytes:
    """The bytes of a regular file; folders, pipes, devices and endless links are refused."""
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            raise UnreadableImageError("it is not a file")
        if facts.st_size > MAX_BYTES:
            raise UnreadableImageError(f"it is larger than {MAX_BYTES // 2**20} MiB")
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES)
    except OSError as failure:
        raise UnreadableImageError(f"it cannot be opened: {failure.strerror}") from failure
    except ValueError as failure:  # a zero byte in the name
        raise UnreadableImageError(f"it cannot be opened: {failure}") from failure


def _rgb(image: Image.Image) -> Image.Image:
    """Any mode as 8-bit RGB; what is transparent shows white."""
    if image.mode == "F":
        raise UnreadableImageError("its pixels are floating-point numbers")
    if image.mode.startswith("I"):
        return _from_integers(np.asarray(image))
    if image.has_transparency_data:
        layered = image.convert("RGBA")
        below = Image.new("RGBA", layered.size, (*WHITE, 255))
        return Image.alpha_composite(below, layered).convert("RGB")
    return image.convert("RGB")


def _from_integers(levels: np.ndarray) -> Image.Image:
    """16-bit grey levels as RGB; Pillow's own conversion would clip them at 255."""
    if levels.min() < 0 or levels.max() > 65535:
        raise UnreadableImageError("its pixels are not 16-bit grey levels")
    return Image.fromarray(np.rint(levels / 257).astype(np.uint8)).convert("RGB")
