"""Turns scenes into pixels: the exact generator of the miniature world, and its G_ideal (Eq. 7).

Scenes are grouped by setting and by subject, so that each silhouette is evaluated for many at once.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from jaxtyping import Float, UInt8

from finetune.miniature.backgrounds import BACKGROUNDS
from finetune.miniature.distances import Plane
from finetune.miniature.palette import PALETTE, mix
from finetune.miniature.scenes import SETTINGS, SUBJECTS, Scene
from finetune.miniature.shapes import SHAPES, Layer

SIZE = 64

_AT_ONCE = 512
"""Scenes held as floats at a time."""
_IN_CACHE = 16
"""Scenes painted together; larger blocks fall out of the processor's cache."""

Canvas = Float[np.ndarray, "n 3 h w"]


def render(scenes: Sequence[Scene]) -> UInt8[np.ndarray, "n 64 64 3"]:
    """The images of `scenes`, sRGB in 0..255; no scenes give an array of no images."""
    images = np.empty((len(scenes), SIZE, SIZE, 3), dtype=np.uint8)
    for start in range(0, len(scenes), _AT_ONCE):
        canvas = _paint_scenes(scenes[start : start + _AT_ONCE])
        images[start : start + _AT_ONCE] = quantized(canvas)
    return images


def quantized(canvas: Canvas) -> UInt8[np.ndarray, "n h w 3"]:
    """A planar canvas in 0..1 as interleaved bytes."""
    return np.rint(np.clip(canvas, 0, 1) * 255).astype(np.uint8).transpose(0, 2, 3, 1)


def paint(
    canvas: Canvas, layers: Iterable[Layer], body: Float[np.ndarray, "n 3"], px: Float[np.ndarray, " n"]
) -> None:
    """Paints `layers` over `canvas` in place, antialiased; `px` is the number of pixels per local unit."""
    for distance, tone in layers:
        cover = np.clip(0.5 - distance * px[:, None, None], 0, 1)[:, None]  # (n, 1, h, w)
        canvas += cover * (mix(tone, body)[:, :, None, None] - canvas)


def local_plane(centers: Float[np.ndarray, "n 2"], px: Float[np.ndarray, " n"]) -> Plane:
    """Coordinates of all pixels in frames centred at `centers` (pixels) with `px` pixels per unit."""
    pixels = np.arange(SIZE, dtype=np.float32) + 0.5
    frames = (pixels - centers[:, :, None]) / px[:, None, None]  # (n, 2, SIZE)
    return Plane(x=frames[:, 0, None, :], y=frames[:, 1, :, None])


def _paint_scenes(scenes: Sequence[Scene]) -> Canvas:
    canvas = np.empty((len(scenes), 3, SIZE, SIZE), dtype=np.float32)
    for setting in SETTINGS:
        for block in _blocks([scene.setting == setting for scene in scenes]):
            jitter = np.array([scenes[index].background_jitter for index in block], dtype=np.float32)
            canvas[block] = _paint_background(setting, jitter)
    for rank in range(3):
        for subject in SUBJECTS:
            shown = [len(scene.subjects) > rank and scene.subjects[rank] == subject for scene in scenes]
            for block in _blocks(shown):
                canvas[block] = _paint_subject(canvas[block], [scenes[index] for index in block], rank)
    return canvas


def _blocks(members: Sequence[bool]) -> Iterator[list[int]]:
    """The positions of the members, a few at a time."""
    indices = [index for index, belongs in enumerate(members) if belongs]
    return (indices[start : start + _IN_CACHE] for start in range(0, len(indices), _IN_CACHE))


def _paint_background(setting: str, jitter: Float[np.ndarray, " n"]) -> Canvas:
    background = BACKGROUNDS[setting]
    heights, colors = zip(*background.stops, strict=True)
    rows = (np.arange(SIZE) + 0.5) / SIZE
    gradient = np.stack([np.interp(rows, heights, channel) for channel in zip(*colors, strict=True)])
    light = 1 + 0.03 * jitter[:, None, None, None]
    canvas = np.repeat(gradient[None, :, :, None] * light, SIZE, axis=3).astype(np.float32)
    px = np.full_like(jitter, SIZE / 2)
    centers = np.stack([SIZE / 2 + 3 * jitter, np.full_like(jitter, SIZE / 2)], axis=1)
    paint(canvas, background.cues(local_plane(centers, px)), np.zeros((len(jitter), 3), np.float32), px)
    return canvas


def _paint_subject(canvas: Canvas, scenes: Sequence[Scene], rank: int) -> Canvas:
    """`canvas` with the subject number `rank` of every scene, all of one kind, painted on it."""
    body = np.array([PALETTE[scene.colors[rank]] for scene in scenes], dtype=np.float32)
    centers = np.array([scene.positions[rank] for scene in scenes], dtype=np.float32) * SIZE
    px = np.array([scene.scale[rank] for scene in scenes], dtype=np.float32) / 2
    shape = SHAPES[scenes[0].subjects[rank]]
    paint(canvas, shape(local_plane(centers, px)), body, px)
    return canvas
