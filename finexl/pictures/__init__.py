"""The one door for pictures: whatever file or image comes in, what is seen is upright 8-bit sRGB on white.

Every place that takes pictures uses `as_seen` (images) or `read_picture` (files), so that encoders, models that are
asked and caches see the same pixels. Strangers' files: few formats, nothing huge, every file that fails has a reason.
Pillow decides by content, not by the file's name, and may only try the formats listed here; that leaves out its
decoders with a history of holes. Sizes are checked on the header, before a pixel is decoded.

This file does not need torch.
"""

import hashlib
import os
import re
import stat
import struct
import warnings
import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, overload

import numpy as np
from PIL import ExifTags, Image

from finexl.errors import FinexlError, InvalidInputError

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF")
"""What is read; of several frames the first."""
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".jfif", ".jpe", ".pjpeg")
"""What files of these formats are called."""
MAX_PIXELS = 80_000_000
"""More in one image is refused (Pillow's own alarm is at 89 million)."""
MAX_BYTES = 256 * 2**20
"""Larger files are refused unread."""
MAX_PROFILE_BYTES = 16 * 2**20
"""A larger colour profile is told and left out."""
MIN_SIDE = 8
"""Pixels; smaller images show nothing."""
WHITE = (255, 255, 255)
"""What is seen through transparent pixels."""

Encoded = Path | bytes
"""An image file, or its content."""

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What makes a picture upright, by its EXIF orientation."""
_FRAMES = "Pictures of several frames are seen by their first."
_OTHERS = tuple(
    (re.compile(pattern, re.DOTALL | re.IGNORECASE), told)
    for pattern, told in (
        (rb"version https://git-lfs", "it is a git-lfs pointer, not the picture; run `git lfs pull` there"),
        (rb"\s*(\xef\xbb\xbf)?\s*<(!doctype|html|head|\?xml|svg|!--)", "it is a page of text, not a picture"),
        (rb"GIF8", "it is a GIF, which is not read; convert it"),
        (rb".{4}ftyp(avif|avis)", "it is an AVIF, which is not read; convert it"),
        (rb".{4}ftyp(heic|heix|hevc|mif1|msf1)", "it is a HEIC, which is not read; convert it"),
        (rb"(\xff\x0a|\x00\x00\x00\x0cJXL )", "it is a JPEG XL, which is not read; convert it"),
        (rb"8BPS", "it is a Photoshop document, which is not read; convert it"),
        (rb"%PDF", "it is a PDF, which is not read; convert it"),
    )
)
"""First bytes of files that are named like pictures, and what such a file is."""
_PHOTOMETRIC, _WHITE_IS_ZERO = 262, 0
"""A tag of TIFF and one of its values."""
_PNG = b"\x89PNG\r\n\x1a\n"
_TEXTS = {b"tEXt", b"zTXt", b"iTXt"}


class UnreadableImageError(FinexlError):
    """One image cannot be used; the message is the reason alone."""


def as_seen(image: Image.Image) -> Image.Image:
    """An image as people see it: turned upright, in sRGB, on white, 8 bits a channel, without metadata.

    An image that is that already is given back as it is. 16-bit greys are scaled, palettes resolved, colour profiles
    applied; a profile that cannot be applied is warned of.

    Raises:
        UnreadableImageError: its pixels are floating-point numbers, or in a mode without a way to sRGB.
    """
    orientation = _orientation(image)
    profile = image.info.get("icc_profile")
    is_plain = image.mode == "RGB" and orientation == 1 and "transparency" not in image.info
    if is_plain and (not profile or _transform(profile, "RGB") is None):
        return image
    if orientation in _TURNS:
        image = image.transpose(_TURNS[orientation])
    seen = _on_white(image, profile)
    seen.info = {}
    return seen


def read_picture(encoded: Encoded) -> Image.Image:
    """A file's picture as seen.

    Raises:
        UnreadableImageError: it cannot be read.
    """
    content = encoded if isinstance(encoded, bytes) else _content(encoded)
    try:
        return _decoded(content)
    except UnreadableImageError:
        raise
    except Image.UnidentifiedImageError as failure:
        raise UnreadableImageError(f"it is not an image in {', '.join(FORMATS)}") from failure
    except Image.DecompressionBombError as failure:
        raise UnreadableImageError(f"it has more than {MAX_PIXELS} pixels") from failure
    except Exception as failure:  # on broken files Pillow's parsers raise nearly anything
        raise UnreadableImageError(f"it is damaged: {failure or type(failure).__name__}") from failure


def header_fault(encoded: Encoded) -> str | None:
    """Why a file is known to be no usable picture before a pixel is decoded; None where nothing speaks against it."""
    try:
        content = encoded if isinstance(encoded, bytes) else _content(encoded)
        if other := _other_kind(content):
            return other
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's remarks on odd metadata and on sizes
            return _misread(_checked(content))
    except UnreadableImageError as reason:
        return str(reason)
    except Image.UnidentifiedImageError:
        return f"it is not an image in {', '.join(FORMATS)}"
    except Image.DecompressionBombError:
        return f"it has more than {MAX_PIXELS} pixels"
    except Exception:  # what Pillow's parsers raise on broken headers is told when the picture is read
        return None


def read_told(encoded: Encoded) -> tuple[Image.Image, tuple[str, ...]]:
    """A file's picture as seen, and what of the file is not seen: further frames, a colour profile.

    Raises:
        UnreadableImageError: it cannot be read.
    """
    if reason := header_fault(encoded):
        raise UnreadableImageError(reason)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        picture = read_picture(encoded)
    told = tuple(str(one.message) for one in said if one.category is UserWarning)
    return picture, (*told, _FRAMES) if _has_frames(encoded) else told


def picture_key(image: Image.Image) -> str:
    """What is seen, whatever file, mode or palette it comes from: a hash of size and pixels."""
    seen = as_seen(image)
    header = f"RGB {seen.size[0]}x{seen.size[1]} ".encode()
    return hashlib.sha256(header + seen.tobytes()).hexdigest()


class PictureFiles(Sequence[Image.Image]):
    """Pictures that are read from their files when they are looked at."""

    __slots__ = ("paths",)

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = tuple(paths)

    def __len__(self) -> int:
        return len(self.paths)

    @overload
    def __getitem__(self, index: int) -> Image.Image: ...
    @overload
    def __getitem__(self, index: slice) -> "PictureFiles": ...
    def __getitem__(self, index: int | slice) -> "Image.Image | PictureFiles":
        if isinstance(index, slice):
            return PictureFiles(self.paths[index])
        path = self.paths[index]
        try:
            return read_picture(path)
        except UnreadableImageError as reason:
            raise UnreadableImageError(
                f"{os.fspath(path)!r} must be a picture that can be read: {reason}."
            ) from reason


def as_pictures(given: Any, *, role: str) -> Sequence[Image.Image]:
    """Images, arrays or paths as a sequence of pictures; other sequences, which may be lazy, stay as they are.

    Raises:
        InvalidInputError: it is something else; the message says what is expected.
    """
    if isinstance(given, np.ndarray):
        given = list(given) if given.ndim == 4 else [given]
    if isinstance(given, str | bytes | os.PathLike | Image.Image) or not isinstance(given, Sequence):
        advice = " For a folder use `finexl.explain_folders`." if isinstance(given, str | os.PathLike) else ""
        raise InvalidInputError(
            f"`{role}` must be a sequence of pictures: PIL images, paths of files, or uint8 arrays (h, w, 3). "
            f"Got one {type(given).__name__}.{advice}"
        )
    if not isinstance(given, list | tuple):
        return given
    if given and all(isinstance(each, str | os.PathLike) for each in given):
        return PictureFiles([Path(each) for each in given])
    return tuple(_picture(each, f"{role}[{place}]") for place, each in enumerate(given))


def _picture(given: Any, name: str) -> Image.Image:
    match given:
        case Image.Image():
            if not all(given.size):
                raise InvalidInputError(
                    f"`{name}` must be a picture that can be seen. It is {given.size[0]} × {given.size[1]} pixels."
                )
            try:
                return as_seen(given)
            except (UnreadableImageError, OSError) as reason:
                raise InvalidInputError(
                    f"`{name}` must be a picture that can be seen: {reason}. Convert it to 8-bit RGB."
                ) from reason
        case str() | os.PathLike():
            try:
                return read_picture(Path(given))
            except UnreadableImageError as reason:
                raise UnreadableImageError(
                    f"`{name}` must be a picture that can be read: {os.fspath(given)!r}: {reason}."
                ) from reason
        case np.ndarray() if given.size and given.dtype == np.uint8 and _is_image(given.shape):
            return as_seen(Image.fromarray(given))
    facts = f" {given.dtype} {given.shape!r}" if isinstance(given, np.ndarray) else ""
    raise InvalidInputError(
        f"`{name}` must be a PIL image, the path of a file, or a uint8 array of shape (h, w, 3). "
        f"Got {type(given).__name__}{facts}. Scale levels to 0..255 (`.astype(np.uint8)`) and put channels last."
    )


def _is_image(shape: tuple[int, ...]) -> bool:
    return len(shape) == 2 or shape[2:] in ((3,), (4,))


def _other_kind(content: bytes) -> str | None:
    """What a file is by its first bytes that is no picture of these formats, and what to do."""
    if not content:
        return "it is empty"
    for pattern, told in _OTHERS:
        if pattern.match(content):
            return told
    return None


def _misread(image: Image.Image) -> str | None:
    """Why Pillow would show a picture as its negative: it takes no notice that 16-bit greys count from white."""
    tags = getattr(image, "tag_v2", {})
    if image.mode.startswith("I") and tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO:
        return "its 16-bit greys count from white, which is not read; save it as PNG"
    return None


def _has_frames(encoded: Encoded) -> bool:
    """Whether a file holds more than the picture that is seen; the depth of a photograph is no frame."""
    try:
        with (
            warnings.catch_warnings(),
            Image.open(BytesIO(encoded) if isinstance(encoded, bytes) else encoded, formats=FORMATS) as image,
        ):
            warnings.simplefilter("ignore")
            return image.format in FORMATS and getattr(image, "n_frames", 1) > 1
    except Exception:  # of a file that was read once, its further frames are broken
        return False


def _orientation(image: Image.Image) -> int:
    """EXIF's orientation, 1 to 8; broken metadata say nothing."""
    if type(image) is Image.Image and not image.info:
        return 1  # made in memory; EXIF is not looked for in every array of pixels
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # Pillow's parsers raise nearly anything
        return 1


def _on_white(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Any mode as 8-bit sRGB; what is transparent shows white."""
    if image.mode == "F":
        raise UnreadableImageError("its pixels are floating-point numbers")
    hidden = None
    if image.mode.startswith("I"):
        image, hidden = _from_integers(image)
    elif image.has_transparency_data:
        image = _layered(image)
        hidden = image.getchannel("A")
        image = image.convert("L" if image.mode == "LA" else "RGB")
    elif image.mode in ("P", "1"):
        image = image.convert("RGB" if image.mode == "P" else "L")
    colours = _in_srgb(image, profile)
    if hidden is None:
        return colours
    return Image.composite(colours, Image.new("RGB", colours.size, WHITE), hidden)


def _layered(image: Image.Image) -> Image.Image:
    """LA or RGBA, with the transparent colour of a palette or header as a channel."""
    colour = image.info.get("transparency")
    if isinstance(colour, tuple) and max(colour) > 255:  # of a file with 16 bits, which Pillow reads with 8
        image = image.copy()
        image.info["transparency"] = tuple(level >> 8 for level in colour)
    return image.convert("LA" if image.mode in ("LA", "La") else "RGBA")


def _from_integers(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """16-bit grey levels with 8 bits, and what hides pixels; Pillow's own conversion would clip them at 255."""
    levels = np.asarray(image).astype(np.int64)
    if levels.min() < 0 or levels.max() > 65535:
        raise UnreadableImageError("its pixels are not 16-bit grey levels")
    # mode I holds 32 bits: what Pillow itself converts to it keeps 0..255, what files hold goes to 65535
    scale = 1 if image.mode == "I" and levels.max() <= 255 else 257
    grey = Image.fromarray(np.rint(levels / scale).astype(np.uint8))
    colour = image.info.get("transparency")
    if not isinstance(colour, int):
        return grey, None
    return grey, Image.fromarray(np.where(levels == colour, 0, 255).astype(np.uint8))


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if profile:
        # a grey picture with a profile of colours is common, and means a picture of greys
        image = image.convert("RGB") if image.mode == "L" and b"RGB " in profile[16:20] else image
        if (transform := _transform(profile, image.mode)) is not None:
            return transform.apply(image)
    try:
        return image.convert("RGB")
    except ValueError as failure:
        raise UnreadableImageError(f"its colours are in {image.mode}, which has no profile") from failure


@lru_cache(maxsize=64)
def _transform(profile: bytes, mode: str) -> Any:
    """What turns a profile's colours into sRGB; None where that changes nothing that could be seen."""
    from PIL import ImageCms

    try:
        given, srgb = BytesIO(profile), ImageCms.createProfile("sRGB")
        made = ImageCms.ImageCmsTransform(
            ImageCms.ImageCmsProfile(given), ImageCms.ImageCmsProfile(srgb), mode, "RGB"
        )
    except (OSError, ImageCms.PyCMSError, ValueError, KeyError):
        _tell_profile(len(profile), f"fit its colours ({mode})")
        return None
    if mode not in ("RGB", "L"):
        return made
    steps = np.linspace(0, 255, 9).astype(np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(1, -1, 3)
    colours = Image.fromarray(cube) if mode == "RGB" else Image.fromarray(cube[..., 0].copy())
    change = np.asarray(made.apply(colours)).astype(int) - np.asarray(colours.convert("RGB"))
    return made if np.abs(change).max() > 2 else None  # sRGB itself comes back within rounding


def _decoded(content: bytes) -> Image.Image:
    """The picture of a file; a PNG whose texts or profile Pillow will not unpack is tried again without them."""
    try:
        image, profile = _opened(content), None
    except ValueError:
        if not content.startswith(_PNG):
            raise
        lean, profile = _without_texts(content)
        image = _opened(lean)
    if profile is not None:
        image.info["icc_profile"] = profile
    # an image of its own: the file's bytes need not be kept
    return seen.copy() if (seen := as_seen(image)) is image else seen


def _opened(content: bytes) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remarks on odd metadata and on sizes
        image = _checked(content)
        if reason := _misread(image):
            raise UnreadableImageError(reason)
        image.load()
        return image


def _checked(content: bytes) -> Image.Image:
    """A file's picture, of sensible size, before a pixel of it is decoded."""
    image = Image.open(BytesIO(content), formats=FORMATS)
    if image.width * image.height > MAX_PIXELS:
        raise UnreadableImageError(f"it has more than {MAX_PIXELS} pixels")
    if min(image.size) < MIN_SIDE:
        least = f"{MIN_SIDE} is the least"
        raise UnreadableImageError(f"it is {image.width} × {image.height} pixels; {least}")
    return image


def _without_texts(content: bytes) -> tuple[bytes, bytes | None]:
    """A PNG without its texts and its colour profile, and that profile, unpacked to a sensible size at most."""
    kept, profile = [_PNG], None
    for kind, chunk in _chunks(content):
        if kind == b"iCCP":
            packed = chunk[8:-4].partition(b"\0")[2][1:]  # behind its name and the number of its compression
            unpacker = zlib.decompressobj()
            profile = unpacker.decompress(packed, MAX_PROFILE_BYTES)
            if unpacker.unconsumed_tail:
                _tell_profile(MAX_PROFILE_BYTES, f"have at most {MAX_PROFILE_BYTES // 2**20} MiB")
                profile = None
        elif kind not in _TEXTS:
            kept.append(chunk)
    return b"".join(kept), profile


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and bytes of each chunk of a PNG, up to the first that is cut."""
    start = len(_PNG)
    while start + 12 <= len(content):
        (length,) = struct.unpack(">I", content[start : start + 4])
        yield content[start + 4 : start + 8], content[start : start + 12 + length]
        start += 12 + length


def _tell_profile(n_bytes: int, must: str) -> None:
    warnings.warn(
        f"A picture's colour profile must {must}. One of {n_bytes} bytes does not and is left out: its colours are "
        "taken as sRGB.",
        stacklevel=4,
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
