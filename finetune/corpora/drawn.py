"""The synthetic corpus of §5 at full scale: a large model draws "a <style> photo: <caption>".

App. D: Stable Diffusion 3.5 with fifteen hand-written styles, captions sampled from COCO, 400 images. Captions leave
the style out, as in the miniature (`synthetic`). A picture is drawn when it is first needed and kept in the store by
what determines it, so nothing is drawn twice and an interrupted run goes on where it stopped.
"""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from finetune.corpora.coco_prompts import CaptionPool, read_captions
from finetune.corpora.kinds import DrawnSettings
from finetune.corpora.naming import names_of
from finetune.corpora.pictures import HELD_OUT
from finetune.corpora.reading import fit
from finetune.corpora.stable_diffusion_3 import StableDiffusion3Painter
from finetune.pairs import read_images, write_images
from finetune.store import manifest
from finetune.store.store import Store
from finexl.code_version import code_version
from finexl.errors import InvalidInputError, unknown_name

TEMPLATE = "a {style} photo: {caption}"
PLAIN_TEMPLATE = "a photo: {caption}"
"""Of contents: the same picture without its style."""
STYLES: Mapping[str, tuple[str, ...]] = {
    "vivid": ("vivid", "vibrant"),
    "abstract": ("abstract",),
    "cartoon style": ("cartoon", "cartoonish"),
    "black and white": ("black and white", "monochrome", "grayscale"),
    "watercolor": ("watercolor", "watercolour"),
    "pencil sketch": ("pencil sketch", "sketch", "sketched"),
    "oil painting": ("oil painting", "painterly"),
    "pixel art": ("pixel art", "pixelated"),
    "minimalist": ("minimalist", "minimalistic"),
    "vintage": ("vintage", "retro"),
    "surreal": ("surreal", "surrealist", "dreamlike"),
    "neon": ("neon", "neon-lit"),
    "blurry": ("blurry", "blurred", "out of focus"),
    "dark": ("dark", "dim"),
    "pastel": ("pastel", "pastel-colored", "pastel-coloured"),
}
"""Fifteen styles with the words that name them; the paper names three of its own (the first), not the rest."""

_DRAWN, _CHOSEN = 9, 10
"""Seed namespaces."""


@runtime_checkable
class Painter(Protocol):
    """A text-to-image model, as `finexl.interfaces.ImageGenerator`; named here since that brings torch."""

    @property
    def id(self) -> str:
        """Names its weights and how it draws."""
        ...

    def sample(self, prompts: Sequence[str], seeds: Sequence[int]) -> UInt8[np.ndarray, "n h w 3"]:
        """One image per prompt; the same prompt and seed give the same image."""
        ...


def open_drawn(settings: DrawnSettings, *, store: Path) -> "DrawnCorpus":
    """The corpus of its settings; its pictures are kept in `store`."""
    painter = StableDiffusion3Painter(settings.folder, device=settings.device)
    captions = read_captions(settings.prompts_from, column=settings.columns.get("prompts"))
    return DrawnCorpus(settings, painter=painter, captions=captions, store=Store(store))


class DrawnCorpus:
    """Pictures that a painter draws of COCO's captions in one style at a time."""

    def __init__(
        self, settings: DrawnSettings, *, painter: Painter, captions: CaptionPool, store: Store
    ) -> None:
        self._size = settings.size
        self._painter = painter
        self._store = store
        self._prompts, self._captions = captions.split(HELD_OUT)
        self.aspects = settings.aspects or tuple(STYLES)
        """The styles."""
        usual = {style: words for style, words in STYLES.items() if style in self.aspects}
        self.names = names_of(self.aspects, {**usual, **settings.names})
        """The words that count as naming each style."""
        self._words = tuple(word for words in self.names.values() for word in words)
        self.n_images = settings.n_drawn
        """Pictures of a style that may come to be drawn; a training run takes some by its seed."""

    @property
    def id(self) -> str:
        """A hash of painter, captions and settings."""
        return self._id

    @cached_property
    def _id(self) -> str:
        made_of = {
            "code": code_version(f"{__name__}:DrawnCorpus"),
            "painter": self._painter.id,
            "captions": [self._prompts.id, self._captions.id],
            "size": self._size,
            "n_per_style": self.n_images,
            "names": {style: list(words) for style, words in self.names.items()},
        }
        return f"drawn-{manifest.digest(made_of)[:32]}"

    def images(self, aspect: str, n: int, seed: int) -> tuple[UInt8[np.ndarray, "n h w 3"], tuple[str, ...]]:
        """`n` pictures in one style, chosen by `seed`, with their captions; those that are missing are drawn."""
        chosen = self._chosen(aspect, n, seed)
        return self._pictures(TEMPLATE, aspect, chosen), chosen

    def contents(self, aspect: str, n: int, seed: int) -> UInt8[np.ndarray, "n h w 3"]:
        """The pictures of `images(aspect, n, seed)`, drawn from the same noise without the style."""
        return self._pictures(PLAIN_TEMPLATE, aspect, self._chosen(aspect, n, seed))

    def prompts(self, n: int, seed: int) -> tuple[str, ...]:
        """`n` captions that are never drawn for training, and name no style."""
        return self._prompts.prompts(n, seed, without=self._words)

    def _chosen(self, aspect: str, n: int, seed: int) -> tuple[str, ...]:
        """The captions of `n` pictures in one style."""
        if aspect not in self.aspects:
            raise unknown_name("aspect", aspect, self.aspects)
        limit = self.n_images
        if not 1 <= n <= limit:
            raise InvalidInputError(
                f"`n_images` must be from 1 to the pictures of a style, {limit}. Asked for {n}. "
                "Lower preset.n_images, or raise `n_drawn` of the corpus."
            )
        captions = self._captions.prompts(limit, _seed(_DRAWN, aspect, 0), without=self._words)
        rng = np.random.default_rng(np.random.SeedSequence((_CHOSEN, seed, _seed(_CHOSEN, aspect, 0))))
        return tuple(captions[place] for place in rng.permutation(limit)[:n])

    def _pictures(
        self, template: str, style: str, captions: Sequence[str]
    ) -> UInt8[np.ndarray, "n size size 3"]:
        drawn = (Image.fromarray(self._picture(template, style, text)) for text in captions)
        return np.stack([fit(picture, self._size) for picture in drawn])

    def _picture(self, template: str, style: str, caption: str) -> UInt8[np.ndarray, "h w 3"]:
        prompt, seed = template.format(style=style, caption=caption), _seed(_DRAWN, style, caption)
        identity = {
            "stage": "drawn",
            "painter": self._painter.id,
            "prompt": prompt,
            "seed": seed,
        }

        def make(folder: Path) -> None:
            write_images(folder, self._painter.sample([prompt], [seed]))

        entry = self._store.get_or_make("drawn", self._store.key_of(identity), make, describe=identity)
        return read_images(entry)[0]


def _seed(namespace: int, *facts: object) -> int:
    """A seed below 2³¹ from any facts."""
    return int.from_bytes(hashlib.sha256(repr((namespace, *facts)).encode()).digest()[:4]) >> 1
