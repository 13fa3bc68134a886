"""What a base generator shows when it is asked for a word: concept vectors that are grounded in images.

A text encoder knows which words mean much the same, and not always what it looks like. Where the generator that was
personalized is at hand, or another of its kind, it can be asked: "a sepia photo: a boat" less "a photo: a boat" from
the same noise, in the embedding space of images (Eq. 7 of the base model).
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float64
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from finexl.embeddings import image_rows
from finexl.errors import EncoderError, InvalidInputError
from finexl.interfaces import Encoder, ImageGenerator
from finexl.orthogonality import BLIND_NORM
from finexl.robust.vocabulary import checked_words
from finexl.template import ConceptTemplate
from finexl.values import ImageStack

_AT_ONCE = 16
"""Images that are asked for together."""
AGREEMENT = 0.6
"""Least cosine between what a text encoder means by a word and what a generator shows, for the latter to count."""
_TOLD = "grounding"
Vectors = Float64[np.ndarray, "c d"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Grounding:
    """Image-grounded vectors of words, in the space of one encoder."""

    encoder: str
    """Id of the encoder whose space it is."""
    generator: str
    """Which base generator was asked."""
    words: tuple[str, ...]
    vectors: Vectors

    def __post_init__(self) -> None:
        if self.vectors.ndim != 2 or len(self.words) != len(self.vectors):
            raise InvalidInputError(
                f"`vectors` must have one row per word. Got shape {self.vectors.shape} for {len(self.words)} words."
            )

    def joined(self, words: Sequence[str], texts: Vectors, *, share: float) -> Vectors:
        """Vectors of words between what the text encoder means (`share` 0) and what the generator shows (1).

        Directions are mixed; the length is that of the images' vector, so that an amount of 1 is as much as the base
        model shows when asked. Words that it was not asked for keep their direction, at the usual ratio of lengths; so
        do those of which both think otherwise (`AGREEMENT`): a generator shows something for any word.
        """
        rows = {word: row for row, word in enumerate(self.words)}
        asked = [place for place, word in enumerate(words) if word in rows]
        seen = self.vectors[[rows[words[place]] for place in asked]]
        agree = (_units(texts[asked]) * _units(seen)).sum(axis=1) >= AGREEMENT
        if share == 0 or not agree.any():
            return texts
        places, seen = np.array(asked)[agree], seen[agree]
        lengths = np.linalg.norm(seen, axis=1)
        ratio = float(np.median(lengths / np.linalg.norm(texts[places], axis=1)))
        found = ratio * texts.astype(np.float64)
        mixed = (1 - share) * _units(texts[places]) + share * _units(seen)
        found[places] = _units(mixed) * lengths[:, None]
        return found

    def write(self, file: Path) -> None:
        """Keep it, the same bytes every time; numbers as float16."""
        told = {"encoder": self.encoder, "generator": self.generator, "words": self.words}
        # one key: several would be written in any order
        metadata = {_TOLD: json.dumps(told, sort_keys=True)}
        file.write_bytes(save({"vectors": self.vectors.astype(np.float16)}, metadata=metadata))


def read_grounding(file: Path) -> Grounding:
    """What `Grounding.write` kept.

    Raises:
        EncoderError: The file is missing or broken.
    """
    try:
        with safe_open(file, framework="numpy") as opened:
            told = json.loads((opened.metadata() or {})[_TOLD])
            return Grounding(
                encoder=told["encoder"],
                generator=told["generator"],
                words=tuple(told["words"]),
                vectors=opened.get_tensor("vectors").astype(np.float64),
            )
    except (OSError, SafetensorError, KeyError, ValueError) as reason:
        raise EncoderError(
            f"Image-grounded vectors must be in {str(file)!r}. They are not: {reason}. "
            "Make them again with: python -m finetune ground"
        ) from reason


def grounding_in(folder: Path, encoder: str) -> Grounding | None:
    """The grounding in a folder that was made with an encoder, by its id; None where there is none."""
    for file in sorted(folder.glob("*.safetensors")):
        if (found := read_grounding(file)).encoder == encoder:
            return found
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Views:
    """Prompts and noise in which words are shown."""

    prompts: Sequence[str]
    seeds: Sequence[int]
    """One of each prompt."""
    per_word: int
    """How many of the prompts a word is put into; the next word begins where this one ended."""

    def of(self, place: int) -> list[int]:
        """Which prompts the word at a place gets."""
        return [(place * self.per_word + turn) % len(self.prompts) for turn in range(self.per_word)]


def ground(
    words: Sequence[str],
    views: Views,
    *,
    generator: ImageGenerator,
    name: str,
    encoder: Encoder,
    template: ConceptTemplate | None = None,
) -> Grounding:
    """Ask a base generator called `name` for every word, and embed what it shows.

    Synonyms that stand side by side get prompts of their own, and their mean is over all of these.

    Raises:
        InvalidInputError: The words are one text, or one of them is empty.
    """
    checked_words("words", words)
    form = template or ConceptTemplate()

    def rows(asked: Sequence[tuple[str, int]]) -> Iterator[np.ndarray]:
        for start in range(0, len(asked), _AT_ONCE):
            some = asked[start : start + _AT_ONCE]
            texts, seeds = [text for text, _ in some], [views.seeds[place] for _, place in some]
            images = ImageStack(np.ascontiguousarray(generator.sample(texts, seeds)))
            yield image_rows(images, encoder=encoder, role="grounding").numpy()

    plain = [(form.plain(prompt), place) for place, prompt in enumerate(views.prompts)]
    places = [(word, place) for turn, word in enumerate(words) for place in views.of(turn)]
    asked = [(form.join(word, views.prompts[place]), place) for word, place in places]
    base, shown = np.concatenate([*rows(plain)]), np.concatenate([*rows(asked)])
    shifts = shown - base[[place for _, place in places]]
    return Grounding(
        encoder=encoder.id,
        generator=name,
        words=tuple(words),
        vectors=shifts.reshape(len(words), views.per_word, -1).mean(axis=1),
    )


def _units(vectors: Vectors) -> Vectors:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), BLIND_NORM)
