"""Whether pictures are of the world that an encoder was trained on: how far their statistics lie from that world's.

An encoder of a small world embeds photographs too, and what it says of them is noise that looks like an answer. The
statistics are of the pixels: how much changes over 2, 4, 8 and 16 pixels in light and in both colours, how much of
light does not change at all, how many colours there are, and which lie where. The distance is Mahalanobis', of each
picture from the pictures of the world in all its styles; the verdict is on the median of a folder.

This file does not need torch.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from finexl.errors import EncoderError
from finexl.pictures import as_seen

SIDE = 64
"""Pixels that every picture is looked at with."""
_LIGHT = np.array([0.299, 0.587, 0.114], np.float32)
_RIDGE = 0.05
"""Added to the variance of every direction, so that none counts without end."""
_NOTHING = 0.008
"""Changes below this are none: two levels of 255."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Familiarity:
    """The statistics of a world, and how far from them pictures of it lie at most."""

    mean: Float[np.ndarray, " s"]
    whitening: Float[np.ndarray, "s s"]
    """Maps what is left after the mean to directions of one variance."""
    limit: float
    """Of the median distance of a folder of pictures of the world."""

    def distances(self, images: Sequence[Image.Image]) -> Float[np.ndarray, " n"]:
        """How far each picture lies from the world, ≥ 0; about .7 for its own."""
        left = (statistics(pixels_of(images)) - self.mean) @ self.whitening
        return np.sqrt((left**2).mean(axis=1))

    def knows(self, images: Sequence[Image.Image]) -> bool:
        """Whether a folder's pictures are of the world."""
        return float(np.median(self.distances(images))) <= self.limit

    def write(self, file: Path) -> None:
        """Keep it beside the weights."""
        content = {"mean": self.mean, "whitening": self.whitening, "limit": np.array([self.limit])}
        file.write_bytes(
            save({name: np.ascontiguousarray(each, np.float32) for name, each in content.items()})
        )


def read_familiarity(file: Path) -> Familiarity:
    """What `write` kept.

    Raises:
        EncoderError: The file is missing or broken.
    """
    try:
        found = load_file(file)
        return Familiarity(mean=found["mean"], whitening=found["whitening"], limit=float(found["limit"][0]))
    except (OSError, SafetensorError, KeyError) as reason:
        raise EncoderError(
            f"The statistics of an encoder's world must be in {str(file)!r}. They are not: {reason}. "
            "Install finexl again."
        ) from reason


def familiarity_of(images: UInt8[np.ndarray, "n 64 64 3"], *, limit: float) -> Familiarity:
    """The statistics of a world from pictures of it."""
    told = statistics(images)
    scale = told.std(axis=0) + 1e-3
    covariance = np.cov((told / scale).T) + _RIDGE * np.eye(told.shape[1])
    variances, directions = np.linalg.eigh(covariance)
    return Familiarity(
        mean=told.mean(axis=0), whitening=directions / np.sqrt(variances) / scale[:, None], limit=limit
    )


def pixels_of(images: Sequence[Image.Image]) -> UInt8[np.ndarray, "n 64 64 3"]:
    """The middle squares at the size that statistics are taken of."""
    squares = []
    for image in images:
        seen = as_seen(image)
        side = min(seen.size)
        left, top = (seen.width - side) // 2, (seen.height - side) // 2
        square = seen.crop((left, top, left + side, top + side))
        squares.append(np.asarray(square.resize((SIDE, SIDE), Image.Resampling.LANCZOS)))
    return np.stack(squares)


def statistics(images: UInt8[np.ndarray, "n 64 64 3"]) -> Float[np.ndarray, "n s"]:
    """109 numbers of each picture."""
    pixels = images.astype(np.float32) / 255
    light = pixels @ _LIGHT
    changes = [number for numbers in _changes(light) for number in numbers]
    for colour in (pixels[..., 2] - light, pixels[..., 0] - light):
        changes += [numbers[0] for numbers in _changes(colour)]
    coarse = (images >> 3).reshape(len(images), -1, 3) @ np.array([1, 32, 1024])
    n_colours = np.array([len(np.unique(each)) for each in coarse])
    where = pixels.reshape(len(images), 4, 16, 4, 16, 3).mean(axis=(2, 4)).reshape(len(images), -1)
    return np.column_stack([*changes, np.log(n_colours), where / 2]).astype(np.float64)


def _changes(channel: Float[np.ndarray, "n h w"]) -> Iterator[tuple[Float[np.ndarray, " n"], ...]]:
    """Of Haar's wavelets at four scales and in three directions: how much, how much is nothing, how peaked."""
    for _ in range(4):
        a, b, c, d = (
            channel[:, ::2, ::2],
            channel[:, ::2, 1::2],
            channel[:, 1::2, ::2],
            channel[:, 1::2, 1::2],
        )
        channel = (a + b + c + d) / 4
        for change in (a - b + c - d, a + b - c - d, a - b - c + d):
            size = np.abs(change / 4).reshape(len(change), -1)
            yield (
                np.log(size.mean(axis=1) + 1e-3),
                (size < _NOTHING).mean(axis=1),
                np.log((size.max(axis=1) + 0.01) / (size.mean(axis=1) + 1e-3)),
            )
