"""FineStyle beside plain LoRA and full fine-tuning, each from one reference image, in the miniature world.

As in the FineStyle summary a text score and a style score are measured with an image-text encoder; the renderer
adds what photographs do not have: the styled truth of every prompt. Content leakage is what the reference's own
content does to images of other captions. Prompts share no content word with the reference, styles are development
aspects, and the caption of the reference leaves its style out, as everywhere here.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, UInt8
from torch import Tensor

from finetune.families.diffusion.finestyle import phrases
from finetune.miniature import PLAIN_TEMPLATE, apply_aspect, caption, render, sample_scenes
from finetune.miniature.scenes import Scene
from finetune.miniature.split import DEVELOPMENT_ASPECTS, DEVELOPMENT_SEEDS
from finetune.recipe import Mixture, Recipe, Trained
from finetune.store.store import Store
from finetune.studies.loading import encoder as miniature_encoder
from finetune.studies.loading import generator_settings
from finetune.workshop import Workshop
from finexl.errors import InvalidInputError
from finexl.interfaces import Encoder
from finexl.values import ImageStack

Images = UInt8[np.ndarray, "n h w 3"]

RATES: Mapping[str, float] = {"full": 3e-5, "lora": 1e-3, "finestyle": 2e-3}
"""Learning rates, those of mixtures: a reference is to be learned within a few dozen steps."""
RANKS: Mapping[str, int] = {"lora": 4, "finestyle": 16}
"""Ranks of the adapters, those that mixtures are trained with."""
BASE = "base"
_STRENGTH = 1.0
_SAMPLED_AT_ONCE = 16
_GUIDE = "text: image and own caption; matched: own caption the nearest; style: image and reference; shift: share of\n"
_GUIDE += (
    "the rendered style's shift; leakage: what the reference's caption gains beyond what other captions gain"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StudySettings:
    """What is compared, and how long each method trains."""

    aspects: tuple[str, ...] = DEVELOPMENT_ASPECTS
    rates: Mapping[str, float] = field(default_factory=lambda: dict(RATES))
    """Learning rate of each method."""
    steps: tuple[int, ...] = (40, 80)
    n_prompts: int = 16
    n_sampling_steps: int = 12
    batch_size: int = 4
    seed: int = DEVELOPMENT_SEEDS[11]

    def __post_init__(self) -> None:
        if self.n_prompts < 2 or not self.aspects or not self.rates:
            raise InvalidInputError(
                "A style study needs an aspect, a method and at least two prompts. "
                f"Got {self.aspects!r}, {tuple(self.rates)!r} and {self.n_prompts}."
            )


class Scores(NamedTuple):
    """How images of some prompts fare; cosines, shares in [0, 1], and differences of cosines from the base."""

    text: float
    """Mean cosine of an image with its own caption."""
    matched: float
    """Share of images whose own caption is the nearest of all prompts."""
    style: float
    """Mean cosine of an image with the reference image."""
    shift: float
    """Mean shift from the base along the shift that the style makes of the same prompts' renderings; 1 is all."""
    leakage: float
    """Growth of the cosine with the reference's caption beyond that with all other prompts' captions."""


class Row(NamedTuple):
    """One model, or the mean over aspects where `aspect` is "mean"."""

    aspect: str
    method: str
    step: int
    scores: Scores


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One image in a style, as a corpus, and prompts that share nothing with it."""

    aspect: str
    scene: Scene
    scenes: tuple[Scene, ...]
    """The scenes that the prompts describe."""

    @property
    def id(self) -> str:
        """Names the image."""
        return f"miniature-reference-1-{self.aspect}-{caption(self.scene)}"

    @property
    def aspects(self) -> tuple[str, ...]:
        """The one style that it is in."""
        return (self.aspect,)

    def images(self, aspect: str, n: int, seed: int) -> tuple[Images, tuple[str, ...]]:
        """The one image and its caption."""
        if (aspect, n) != (self.aspect, 1):
            raise InvalidInputError(
                f"A reference is one image of {self.aspect!r}. Asked for {n} of {aspect!r}."
            )
        del seed
        return styled([self.scene], self.aspect), (caption(self.scene),)

    def prompts(self, n: int, seed: int) -> tuple[str, ...]:
        """The captions of the other scenes."""
        del seed
        return tuple(caption(scene) for scene in self.scenes[:n])


def styled(scenes: Sequence[Scene], aspect: str) -> Images:
    """Rendered scenes in a style at full strength."""
    return apply_aspect(render(scenes), aspect, np.full(len(scenes), _STRENGTH), seed=0)


def reference(aspect: str, *, settings: StudySettings) -> Reference:
    """A reference drawn for the aspect, with prompts that name none of its things, colours and places."""
    rng = np.random.default_rng((settings.seed, zlib.crc32(aspect.encode())))
    scene = sample_scenes(1, rng)[0]
    mine, found = _content_words(caption(scene)), {}
    while len(found) < settings.n_prompts:
        other = sample_scenes(1, rng)[0]
        if not mine & _content_words(caption(other)):
            found.setdefault(caption(other), other)
    return Reference(aspect=aspect, scene=scene, scenes=tuple(found.values()))


def run_style_study(
    settings: StudySettings | None = None, *, store: Store, encoder: Encoder | None = None
) -> tuple[Row, ...]:
    """Train every method on every reference and score it; the last rows are means over aspects."""
    chosen, judge = settings or StudySettings(), encoder or miniature_encoder()
    rows: list[Row] = []
    for aspect in chosen.aspects:
        rows += _rows_of(reference(aspect, settings=chosen), chosen, store=store, judge=judge)
    means: list[Row] = []
    for method, step in dict.fromkeys((row.method, row.step) for row in rows):
        columns = zip(*(row.scores for row in rows if (row.method, row.step) == (method, step)), strict=True)
        means.append(Row("mean", method, step, Scores(*(float(np.mean(column)) for column in columns))))
    return (*rows, *means)


def style_study(settings: StudySettings | None = None, *, store: Path | None = None) -> Iterator[str]:
    """The rows of the study as lines of a table; `store` keeps trained models and images."""
    with TemporaryDirectory() as temporary:
        rows = run_style_study(settings, store=Store(store or Path(temporary)))
    yield f"{'aspect':11s} {'method':10s} step    text matched  style  shift leakage"
    for aspect, method, step, own in rows:
        values = f"{own.text:6.3f} {own.matched:7.2f} {own.style:6.3f} {own.shift:6.2f} {own.leakage:+7.3f}"
        yield f"{aspect:11s} {method:10s} {step:4d}  {values}"
    yield _GUIDE


def _rows_of(source: Reference, settings: StudySettings, *, store: Store, judge: Encoder) -> Iterator[Row]:
    prompts = source.prompts(settings.n_prompts, 0)
    seeds = tuple(range(settings.seed, settings.seed + len(prompts)))
    scoring = _Scoring(source, prompts, judge)
    for method, rate in settings.rates.items():
        generator = replace(
            generator_settings("diffusion", method=method),
            rank=RANKS.get(method, 4),
            n_sampling_steps=settings.n_sampling_steps,
            batch_size=min(settings.n_prompts, _SAMPLED_AT_ONCE),
        )
        shop = Workshop(store=store, generator=generator, corpus=source)
        base = scoring.embedded(shop.images(None, prompts, seeds))
        if method == next(iter(settings.rates)):
            yield Row(source.aspect, BASE, 0, scoring.scores(base, base))
        recipe = Recipe(
            generator=shop.generator_id, corpus=source.id, aspects=(source.aspect,),
            mixture=Mixture(parts=(1,), whole=1), n_images=1, learning_rate=rate, batch_size=settings.batch_size,
            steps=settings.steps, seed=settings.seed, method=method,
        )  # fmt: skip
        for step in settings.steps:
            images = shop.images(Trained(recipe=recipe, step=step), prompts, seeds)
            yield Row(source.aspect, method, step, scoring.scores(scoring.embedded(images), base))


class _Scoring:
    """What images of the prompts are held against, embedded once."""

    def __init__(self, source: Reference, prompts: Sequence[str], judge: Encoder) -> None:
        self._judge = judge
        image, (own_caption,) = source.images(source.aspect, 1, 0)
        self._reference = self.embedded(image)[0]
        texts = judge.embed_texts([PLAIN_TEMPLATE.format(caption=text) for text in (own_caption, *prompts)])
        self._content, self._texts = texts[0].double(), texts[1:].double()
        scenes = source.scenes[: len(prompts)]
        truth = self.embedded(styled(scenes, source.aspect)) - self.embedded(render(scenes))
        self._style = truth.mean(dim=0)

    def embedded(self, images: Images) -> Float[Tensor, "n d"]:
        """Unit rows."""
        return self._judge.embed_images(ImageStack(images)).double()

    def scores(self, images: Float[Tensor, "n d"], base: Float[Tensor, "n d"]) -> Scores:
        """All scores of a model's images, given the base model's of the same prompts."""
        cosines = images @ self._texts.T
        own = np.arange(len(images))
        gained = (images - base) @ self._texts.T
        others = (gained.sum() - gained.diagonal().sum()) / (gained.numel() - len(gained))
        return Scores(
            text=float(cosines.diagonal().mean()),
            matched=float((cosines.argmax(dim=1).numpy() == own).mean()),
            style=float((images @ self._reference).mean()),
            shift=float((images - base).mean(dim=0) @ self._style / self._style.square().sum()),
            leakage=float(((images - base) @ self._content).mean() - others),
        )


def _content_words(text: str) -> frozenset[str]:
    return frozenset(text[start:end] for phrase in phrases(text) for start, end in phrase.spans)
