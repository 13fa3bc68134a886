"""Images as a chat model is sent them: in the format they are in, under the MIME type that this is.

VisDiff sends PNG bytes declared as JPEG, and JPEG against PNG is itself a visible difference; so bytes are never
re-compressed: an unchanged file goes as it is, everything else as PNG, which loses nothing.
"""

import base64
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageFile, UnidentifiedImageError

from finexl.pictures import as_seen

MIME_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
"""Formats that are sent as they are; all chat endpoints read these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedPicture:
    """The bytes of an image file and what they are."""

    content: bytes
    mime: str

    @property
    def data_url(self) -> str:
        """The picture as a URL that contains it."""
        return f"data:{self.mime};base64,{base64.b64encode(self.content).decode()}"


def encoded(image: Image.Image) -> EncodedPicture:
    """The image's own file where that shows exactly what is seen (`finexl.pictures`), else PNG.

    So a model that is asked sees what encoders see: what is transparent on white, turned photographs upright.
    """
    seen = as_seen(image)
    content = _own_file(image) if seen is image else None
    if content is not None:
        return EncodedPicture(content=content, mime=MIME_TYPES[image.format or ""])
    buffer = BytesIO()
    seen.save(buffer, format="PNG")
    return EncodedPicture(content=buffer.getvalue(), mime="image/png")


def _own_file(image: Image.Image) -> bytes | None:
    """The bytes that the image was read from; None if there are none, or if they show something else now."""
    if not isinstance(image, ImageFile.ImageFile) or image.format not in MIME_TYPES or not image.filename:
        return None
    try:
        content = Path(str(image.filename)).read_bytes()
        with Image.open(BytesIO(content), formats=[image.format]) as read:
            is_animated = getattr(read, "n_frames", 1) > 1
            if is_animated or (read.mode, read.size) != (image.mode, image.size):
                return None
            return content if read.tobytes() == image.tobytes() else None
    except (OSError, UnidentifiedImageError):
        return None
