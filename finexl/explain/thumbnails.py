"""Small pictures of pairs that travel inside a page."""

import base64
from io import BytesIO

from PIL import Image

from finexl.pictures import as_seen
from finexl.values import ImagePairs

SIDE = 96
"""Pixels of the longer side."""


def pair_uris(pairs: ImagePairs, index: int) -> tuple[str, str]:
    """The base and the personalized picture of a pair as data URIs."""
    return _uri(pairs.base[index]), _uri(pairs.personalized[index])


def _uri(image: Image.Image) -> str:
    small = as_seen(image).copy()
    small.thumbnail((SIDE, SIDE))
    stream = BytesIO()
    small.save(stream, "PNG")
    return f"data:image/png;base64,{base64.b64encode(stream.getvalue()).decode('ascii')}"
