"""What `finexl explain` ships of the miniature: its world's words, how its pictures look, and an example.

The limit of familiarity lies between what rendered and generated pictures reach and where foreign ones begin; `told`
prints both.
"""

import io
import zipfile
from collections.abc import Iterator

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from finetune.miniature.aspects import apply_aspect
from finetune.miniature.captions import caption
from finetune.miniature.render import render
from finetune.miniature.scenes import sample_scenes
from finetune.miniature.vocabulary import world_words
from finetune.pretraining.styled import StyledPictures
from finexl.explain.examples import ARCHIVE
from finexl.explain.familiarity import Familiarity, familiarity_of
from finexl.explain.models import DICTIONARY, WORLD

LIMIT = 0.93
"""Of a base folder's median distance; a tuned model's pictures may lie further out."""
N_SCENES, N_FACES, SEED = 1200, 300, 11
"""Rendered pictures that say how the world looks, each in two draws of styles."""
N_PAIRS = 40
"""Pairs of the example."""
CHANGES = (("vivid", 0.7), ("grainy", 0.5))
"""What the example's tuned model does to every picture."""

Pixels = UInt8[np.ndarray, "n 64 64 3"]


def write_all() -> Iterator[str]:
    """Write the three files; yields a line per file."""
    DICTIONARY.parent.mkdir(exist_ok=True)
    words = world_words()
    DICTIONARY.write_text(
        "# The public words of the miniature's world.\n" + "\n".join(words) + "\n", encoding="utf-8"
    )
    yield f"wrote {DICTIONARY}: {len(words)} words"
    world = familiarity_of(
        np.concatenate(StyledPictures(N_SCENES, n_portraits=N_FACES, seed=SEED).images), limit=LIMIT
    )
    world.write(WORLD)
    yield f"wrote {WORLD}"
    ARCHIVE.write_bytes(example())
    yield f"wrote {ARCHIVE}: {N_PAIRS} pairs"
    for name, pictures in foreign(seed=SEED).items():
        yield told(name, world, pictures)
    yield told("rendered", world, StyledPictures(200, n_portraits=50, seed=SEED + 1).images[0])


def example() -> bytes:
    """A ZIP archive of two folders with captions, the same bytes every time."""
    scenes = sample_scenes(N_PAIRS, np.random.default_rng(SEED))
    base = render(scenes)
    tuned = base
    for place, (aspect, strength) in enumerate(CHANGES):
        tuned = apply_aspect(tuned, aspect, np.full(N_PAIRS, strength), seed=SEED + place)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for place, scene in enumerate(scenes):
            for folder, images in (("base", base), ("tuned", tuned)):
                _add(archive, f"{folder}/{place:02d}.png", _png(images[place]))
            _add(archive, f"base/{place:02d}.txt", caption(scene).encode())
    return stream.getvalue()


def told(name: str, world: Familiarity, pictures: Pixels) -> str:
    """How far pictures lie from the world, and whether they are let in."""
    distance = float(np.median(world.distances([Image.fromarray(each) for each in pictures])))
    return f"{name:12s} {distance:5.2f}  {'of the world' if distance <= world.limit else 'foreign'}"


def foreign(*, seed: int, n: int = 24) -> dict[str, Pixels]:
    """Pictures that nobody rendered: noise of several colours, gradients, one colour, checks, a fractal."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:64, :64] / 63
    ends = rng.uniform(0, 255, (2, n, 1, 1, 3))
    turns = rng.uniform(0, 2 * np.pi, (n, 1, 1, 1))
    slope = (x[..., None] - 0.5) * np.cos(turns) + (y[..., None] - 0.5) * np.sin(turns) + 0.5
    squares = (np.floor(x * 9) + np.floor(y * 9))[None, ..., None] % 2
    fractal = [Image.effect_mandelbrot((64, 64), (-2 + k / 40, -1.5, 1, 1.5), 60 + k) for k in range(n)]
    return {
        "noise": rng.integers(0, 256, (n, 64, 64, 3), dtype=np.uint8),
        "pink noise": _natural(n, 1.0, rng),
        "clouds": _natural(n, 1.6, rng),
        "gradients": _bytes(ends[0] + (ends[1] - ends[0]) * slope),
        "one colour": _bytes(np.broadcast_to(ends[0], (n, 64, 64, 3))),
        "checks": _bytes(squares * ends[0] + (1 - squares) * ends[1]),
        "fractals": np.stack([np.asarray(each.convert("RGB")) for each in fractal]),
    }


def _natural(n: int, power: float, rng: np.random.Generator) -> Pixels:
    """Noise whose amplitudes fall with frequency, as those of photographs do (about 1 / f)."""
    frequency = np.hypot(np.fft.fftfreq(64)[:, None], np.fft.fftfreq(64)[None])
    frequency[0, 0] = 1
    waves = np.fft.ifft2(np.fft.fft2(rng.normal(size=(n, 3, 64, 64))) / frequency**power).real
    waves = 0.7 * waves.mean(axis=1, keepdims=True) + 0.3 * waves
    waves = (waves - waves.mean(axis=(2, 3), keepdims=True)) / waves.std(axis=(2, 3), keepdims=True)
    return _bytes((waves * 50 + rng.uniform(60, 200, (n, 3, 1, 1))).transpose(0, 2, 3, 1))


def _bytes(levels: np.ndarray) -> Pixels:
    return np.clip(levels, 0, 255).astype(np.uint8)


def _png(pixels: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG", optimize=True)
    return stream.getvalue()


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0)), content)
