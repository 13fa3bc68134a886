"""Messages between a run and the process of an explainer: a line of JSON values, with bytes behind it.

Nothing that arrives is unpickled, imported or run: it is numbers, words and pixels, of no more bytes than was agreed.
"""

import json
import select
import socket
import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from PIL import Image

from finexl.pictures import as_seen
from finexl.values import ImagePairs, ImageStack

Head = dict[str, Any]
Mode = Literal["L", "RGB", "RGBA"]
_LENGTHS = struct.Struct(">IQ")
_CHANNELS: dict[str, int] = {"L": 1, "RGB": 3, "RGBA": 4}
_PAUSE_S = 0.05
_PIECE = 1 << 20


class WireError(Exception):
    """What arrived is no message, or larger than what was agreed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """JSON values under names, and bytes."""

    head: Head
    body: bytes = b""


def send(to: socket.socket, head: Head, *body: bytes) -> None:
    """Send one message; raises OSError if nobody can read it any more."""
    line = json.dumps(head, allow_nan=False).encode()
    to.sendall(_LENGTHS.pack(len(line), sum(map(len, body))) + line)
    for part in body:
        to.sendall(part)


def receive(
    source: socket.socket, *, largest: tuple[int, int], meanwhile: Callable[[], None] | None = None
) -> Message | None:
    """The next message, None at the end; while none is there `meanwhile` is called again and again.

    Raises:
        WireError: Its line or what follows has more bytes than `largest`, it breaks off, or it holds no JSON object.
    """
    lengths = _exactly(source, _LENGTHS.size, meanwhile)
    if lengths is None:
        return None
    n_line, n_body = _LENGTHS.unpack(lengths)
    if n_line > largest[0] or n_body > largest[1]:
        raise WireError(
            f"a message of {n_line + n_body} bytes, more than {largest[0]} of words or {largest[1]} in all"
        )
    line = _exactly(source, n_line, meanwhile)
    body = _exactly(source, n_body, meanwhile)
    if line is None or body is None:
        raise WireError("a message that breaks off")
    try:
        head = json.loads(line, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise WireError(f"a message that is no JSON: {error}") from None
    if not isinstance(head, dict):
        raise WireError("a message without names")
    return Message(head=head, body=body)


def packed_pairs(pairs: ImagePairs) -> tuple[Head, tuple[bytes, ...]]:
    """Prompts, pixels and the opaque id of a model."""
    stacks = [_pixels(pairs.base), _pixels(pairs.personalized)]
    head = {"id": pairs.id, "prompts": list(pairs.prompts), "shapes": [stack.shape for stack in stacks]}
    return head, tuple(stack.tobytes() for stack in stacks)


def unpacked_pairs(heads: Iterable[Head], body: bytes) -> list[ImagePairs]:
    """The models of a message, whose pixels follow each other."""
    found: list[ImagePairs] = []
    start = 0
    for head in heads:
        stacks: list[ImageStack] = []
        for shape in head["shapes"]:
            stop = start + int(np.prod(shape))
            stacks.append(ImageStack(np.frombuffer(body[start:stop], np.uint8).reshape(shape)))
            start = stop
        base, personalized = stacks
        found.append(
            ImagePairs(prompts=tuple(head["prompts"]), base=base, personalized=personalized, id=head["id"])
        )
    return found


def packed_images(images: Sequence[Image.Image]) -> tuple[list[list[object]], tuple[bytes, ...]]:
    """Mode and size of each image, and the pixels of all."""
    plain = [as_seen(image) for image in images]
    return [[image.mode, *image.size] for image in plain], tuple(image.tobytes() for image in plain)


def unpacked_images(layout: object, body: bytes) -> list[Image.Image]:
    """The images of a message.

    Raises:
        WireError: Its bytes are not those of the images that it announces.
    """
    found: list[Image.Image] = []
    start = 0
    for one in layout if isinstance(layout, list) else ():
        match one:
            case ["L" | "RGB" | "RGBA" as mode, int(width), int(height)] if width > 0 and height > 0:
                stop = start + _CHANNELS[mode] * width * height
                if stop > len(body):
                    raise WireError("images that break off")
                found.append(Image.frombytes(mode, (width, height), body[start:stop]))
                start = stop
            case _:
                raise WireError("images of an unknown kind")
    return found


def _pixels(images: Sequence[Image.Image]) -> np.ndarray:
    if isinstance(images, ImageStack):
        return images.pixels
    return np.stack([np.asarray(as_seen(image)) for image in images])


def _exactly(source: socket.socket, n: int, meanwhile: Callable[[], None] | None) -> bytes | None:
    """The next `n` bytes; None if the other end closed before."""
    parts: list[bytes] = []
    left = n
    while left:
        while meanwhile is not None and not select.select([source], [], [], _PAUSE_S)[0]:
            meanwhile()
        try:
            part = source.recv(min(left, _PIECE))
        except ConnectionError:
            return None
        if not part:
            return None
        parts.append(part)
        left -= len(part)
        if meanwhile is not None:
            meanwhile()
    return b"".join(parts)


def _refused(constant: str) -> float:
    raise ValueError(f"{constant} is not a finite number")
