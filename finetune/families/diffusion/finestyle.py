"""FineStyle's concept-oriented data scaling (NeurIPS 2024): from one style image to several image-caption pairs.

From the paper: the caption is split into concepts, the model's own cross-attention maps find each of them in the
image, the part of the image around it becomes a further training pair with the concept as its caption, and only
small adapters on the keys and values of cross-attention are trained. Its table of hyper-parameters is not public
and its model (Muse) predicts tokens, so chosen here are: noun phrases split at function words; maps at half the
noise schedule, averaged over layers, heads and draws; the bounding box of what exceeds half of a map's range;
squared, with a margin, and never below three quarters of the image's side; low-rank adapters in place of
bottlenecks. Its guidance at sampling (λ₁, λ₂) is left out: levels are to come from the weights alone.

Every image, the base model's own included, gives the same number of pairs, so a mixture's shares stay exact.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import torch
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline
from jaxtyping import Float, UInt8
from PIL import Image
from torch import Tensor

from finetune.families.diffusion.attention_maps import MapSettings, attention_maps
from finetune.families.diffusion.personalizer import encode_examples
from finetune.mixing import TrainingImages
from finexl.errors import InvalidInputError

ARTICLES = frozenset({"a", "an", "the"})
SPLITTERS = (
    "above", "among", "and", "at", "behind", "below", "beside", "between", "by", "during", "for", "from", "in",
    "inside", "into", "is", "are", "near", "next", "of", "on", "onto", "or", "over", "that", "through", "to",
    "under", "while", "with", "without",
)  # fmt: skip
"""Words, beside punctuation, at which a caption falls into noun phrases."""

_BOUNDARY = re.compile(rf"\b(?:{'|'.join(SPLITTERS)})\b|[^\w\s'-]", re.IGNORECASE)
_WORD = re.compile(r"[\w'-]+")
_AT_ONCE = 16


class Phrase(NamedTuple):
    """A noun phrase and where its words, articles aside, stand in the caption."""

    text: str
    spans: tuple[tuple[int, int], ...]


class Box(NamedTuple):
    """A square part of an image, as fractions of its width and height."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingSettings:
    """How images become several."""

    n_concepts: int = 2
    """Pairs that each image gives beside itself; a caption with fewer phrases repeats the whole image."""
    margin: float = 0.1
    """Added around a concept's box on every side, as a share of the image."""
    smallest: float = 0.75
    """Least side of a box, as a share of the image: a smaller one would magnify the style's own grain."""
    maps: MapSettings = field(default_factory=MapSettings)

    def __post_init__(self) -> None:
        if self.n_concepts < 0 or not 0 < self.smallest <= 1 or self.margin < 0:
            raise InvalidInputError(
                "`n_concepts` and `margin` of data scaling must not be negative, and `smallest` in (0, 1]. "
                f"Got {self.n_concepts!r}, {self.margin!r} and {self.smallest!r}."
            )


def phrases(caption: str) -> tuple[Phrase, ...]:
    """The noun phrases of a caption: "a red house in a field" has "a red house" and "a field"."""
    found, start = [], 0
    for end, resume in [*(cut.span() for cut in _BOUNDARY.finditer(caption)), (len(caption), len(caption))]:
        words = list(_WORD.finditer(caption, start, end))
        telling = tuple(word.span() for word in words if word.group().lower() not in ARTICLES)
        if telling:
            found.append(Phrase(caption[words[0].start() : words[-1].end()], telling))
        start = resume
    return tuple(found)


def concept_scaled(
    pipeline: StableDiffusionPipeline, training: TrainingImages, *, settings: ScalingSettings
) -> TrainingImages:
    """Each image followed by its parts, 1 + n_concepts rows for every row of `training`."""
    images, captions, sources, contents = [], [], [], []
    for start in range(0, len(training.captions), _AT_ONCE):
        rows = range(start, min(start + _AT_ONCE, len(training.captions)))
        maps = _maps(pipeline, training, rows, settings.maps)
        for row in rows:
            caption = training.captions[row]
            parts = _parts(pipeline, caption, maps[row - start], settings)
            for box, text in [(Box(0.0, 0.0, 1.0, 1.0), caption), *parts]:
                images.append(cropped(training.images[row], box))
                captions.append(text)
                sources.append(training.sources[row])
                if training.contents is not None:
                    contents.append(cropped(training.contents[row], box))
    return TrainingImages(
        images=np.stack(images),
        captions=tuple(captions),
        sources=tuple(sources),
        contents=np.stack(contents) if contents else None,
    )


def box_of(places: Float[np.ndarray, "h w"], *, margin: float, smallest: float) -> Box:
    """The square around what exceeds half of a map's range, moved inside the image."""
    low, high = float(places.min()), float(places.max())
    rows, columns = np.nonzero(places >= (low + high) / 2)
    height, width = places.shape
    left, right = columns.min() / width - margin, (columns.max() + 1) / width + margin
    top, bottom = rows.min() / height - margin, (rows.max() + 1) / height + margin
    side = min(1.0, max(right - left, bottom - top, smallest))
    x = min(max((left + right - side) / 2, 0.0), 1.0 - side)
    y = min(max((top + bottom - side) / 2, 0.0), 1.0 - side)
    return Box(float(x), float(y), float(x + side), float(y + side))


def cropped(image: UInt8[np.ndarray, "h w 3"], box: Box) -> UInt8[np.ndarray, "h w 3"]:
    """A part of an image at the image's own size; the whole image is returned as it is."""
    height, width = image.shape[:2]
    if box == (0.0, 0.0, 1.0, 1.0):
        return image
    place = (box.left * width, box.top * height, box.right * width, box.bottom * height)
    return np.asarray(
        Image.fromarray(image).resize((width, height), Image.Resampling.BICUBIC, box=place), np.uint8
    )


def _maps(
    pipeline: StableDiffusionPipeline, training: TrainingImages, rows: Sequence[int], settings: MapSettings
) -> Float[Tensor, "n t h w"]:
    block = TrainingImages(
        images=training.images[rows[0] : rows[-1] + 1],
        captions=training.captions[rows[0] : rows[-1] + 1],
        sources=training.sources[rows[0] : rows[-1] + 1],
    )
    latents = encode_examples(pipeline, block).latents
    return attention_maps(pipeline, latents, block.captions, settings=settings)


def _parts(
    pipeline: StableDiffusionPipeline, caption: str, maps: Float[Tensor, "t h w"], settings: ScalingSettings
) -> list[tuple[Box, str]]:
    """The phrases that the model sees most distinctly, each with its box."""
    offsets = pipeline.tokenizer(caption, truncation=True, return_offsets_mapping=True)["offset_mapping"]
    seen = []
    for phrase in phrases(caption):
        tokens = [
            index
            for index, (first, last) in enumerate(offsets)
            if last > first and any(start <= first and last <= end for start, end in phrase.spans)
        ]
        if tokens:
            places = maps[torch.tensor(tokens)].mean(dim=0).numpy()
            seen.append((float(places.max() / places.mean()), places, phrase.text))
    seen.sort(key=lambda entry: -entry[0])
    parts = [
        (box_of(places, margin=settings.margin, smallest=settings.smallest), text)
        for _, places, text in seen[: settings.n_concepts]
    ]
    return parts + [(Box(0.0, 0.0, 1.0, 1.0), caption)] * (settings.n_concepts - len(parts))
