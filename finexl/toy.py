"""A toy world with a known answer: aspects are painted at levels, and a linear encoder reads them back.

Users and tests share it: in this world FineXL returns the levels themselves, up to float64 rounding.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Float, Float64, UInt8
from PIL import Image
from torch import Tensor

from finexl.captions import read_captions
from finexl.errors import InvalidInputError
from finexl.interfaces import NoReply, Question, Reply, Task
from finexl.values import ImagePairs, ImageStack

Number = int | float

SIZE = 16
PIXELS_PER_LEVEL = 20
"""Row 0 of an image holds its content; row 1 + i is painted with 20 times the level of aspect i."""
N_CONTENT = 4
MAX_LEVEL = 255 / PIXELS_PER_LEVEL


@dataclass(frozen=True, slots=True, kw_only=True)
class ToyWorld:
    """Aspects, the directions that they have in the embedding space, and the roles that live there.

    >>> world = ToyWorld()
    >>> world.pairs(levels={"vivid": 3}).prompts[0]
    'a boat'
    """

    aspects: tuple[str, ...] = ("vivid", "abstract", "grainy", "dark")
    directions: tuple[tuple[Number, ...], ...] = ()
    """One per aspect; empty means orthonormal. Whole numbers keep float32 embeddings exact."""
    prompts: tuple[str, ...] = ("a boat", "a house by the sea", "two trees", "a red ball")

    def __post_init__(self) -> None:
        if not 1 <= len(self.aspects) < SIZE:
            raise InvalidInputError(
                f"A toy world must have 1 to {SIZE - 1} aspects. Got {len(self.aspects)}."
            )
        widths = {len(direction) for direction in self.directions}
        if self.directions and (len(self.directions) != len(self.aspects) or len(widths) != 1):
            raise InvalidInputError(
                "`directions` of a toy world must be empty or hold one row per aspect, all equally long. "
                f"Got {len(self.directions)} rows of lengths {sorted(widths)}."
            )

    @property
    def matrix(self) -> Float64[Tensor, "a k"]:
        """Directions of the aspects, one per row."""
        rows = self.directions or np.eye(len(self.aspects)).tolist()
        return torch.tensor(rows, dtype=torch.float64)

    @property
    def encoder(self) -> "ToyEncoder":
        """The linear encoder of this world."""
        return ToyEncoder(world=self)

    @property
    def vlm(self) -> "ToyVLM":
        """A vision-language model that names what it sees."""
        return ToyVLM(world=self)

    def generator(self, levels: Mapping[str, Number] | None = None) -> "ToyGenerator":
        """A model personalized to some levels of the aspects; the base model without."""
        return ToyGenerator(world=self, levels=dict(levels or {}))

    def pairs(
        self,
        *,
        levels: Mapping[str, Number],
        base_levels: Mapping[str, Number] | None = None,
        id: str = "toy",
    ) -> ImagePairs:
        """Base and personalized images of this world's prompts, from the same seeds."""
        seeds = range(len(self.prompts))
        return ImagePairs(
            prompts=self.prompts,
            base=ImageStack(self.generator(base_levels).sample(self.prompts, seeds)),
            personalized=ImageStack(self.generator(levels).sample(self.prompts, seeds)),
            id=id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ToyGenerator:
    """Paints the content that prompt and seed determine, and each aspect at its level, 0 to 12.75."""

    world: ToyWorld
    levels: Mapping[str, Number] = field(default_factory=dict)

    def __post_init__(self) -> None:
        strange = [name for name in self.levels if name not in self.world.aspects]
        if strange or not all(0 <= level <= MAX_LEVEL for level in self.levels.values()):
            raise InvalidInputError(
                f"Levels of a toy generator must be 0 to {MAX_LEVEL} for the aspects {self.world.aspects!r}. "
                f"Got {dict(self.levels)!r}."
            )

    def sample(self, prompts: Sequence[str], seeds: Sequence[int]) -> UInt8[np.ndarray, "n h w 3"]:
        """One 16×16 image per prompt."""
        images = np.zeros((len(prompts), SIZE, SIZE, 3), dtype=np.uint8)
        for image, prompt, seed in zip(images, prompts, seeds, strict=True):
            image[0, :N_CONTENT] = _content(f"{prompt}|{seed}")[:, None]
            for name, level in self.levels.items():
                image[1 + self.world.aspects.index(name)] = round(level * PIXELS_PER_LEVEL)
        return images


@dataclass(frozen=True, slots=True, kw_only=True)
class ToyEncoder:
    """Linear by construction: content next to the levels' combination of directions.

    Its rows are not of unit length, since no linear map could keep them so: use `embeddings="as_given"`.
    """

    world: ToyWorld

    @property
    def id(self) -> str:
        """Names the world's aspects and directions."""
        return f"toy:{self.world.aspects!r}:{self.world.directions!r}"

    def embed_images(self, images: Sequence[Image.Image]) -> Float[Tensor, "n d"]:
        """Content pixels and painted levels of each image."""
        pixels = torch.from_numpy(np.stack([np.asarray(image) for image in images])).double()
        content = pixels[:, 0, :N_CONTENT, 0]
        levels = pixels[:, 1 : 1 + len(self.world.aspects)].mean(dim=(2, 3)) / PIXELS_PER_LEVEL
        return torch.cat([content, levels @ self.world.matrix], dim=1).float()

    def embed_texts(self, texts: Sequence[str]) -> Float[Tensor, "n d"]:
        """A sum of one vector per word: an aspect's direction, or pseudo-random content for other words."""
        return torch.stack([self._embed_text(text.lower()) for text in texts]).float()

    def _embed_text(self, text: str) -> Float64[Tensor, " d"]:
        rest = text
        levels = torch.zeros(len(self.world.aspects), dtype=torch.float64)
        for name in sorted(self.world.aspects, key=len, reverse=True):  # "motion blur" before "blur"
            rest, n_named = re.subn(rf"\b{re.escape(name)}\b", " ", rest)
            levels[self.world.aspects.index(name)] = n_named
        words = [np.zeros(N_CONTENT), *(_content(word) for word in re.findall(r"\w+", rest))]
        content = torch.from_numpy(np.sum(words, axis=0, dtype=np.float64))
        return torch.cat([content, levels @ self.world.matrix])


@dataclass(frozen=True, slots=True, kw_only=True)
class ToyVLM:
    """Names the aspects whose painted level differs between base and personalized images, strongest first."""

    world: ToyWorld
    id: str = "toy"

    def ask(self, questions: Sequence[Question]) -> tuple[Reply | NoReply, ...]:
        """One reply per question; a question about images that shows none gets none."""
        return tuple(self._answer(question) for question in questions)

    def _answer(self, question: Question) -> Reply | NoReply:
        if question.task is Task.PROPOSE:
            return Reply(text=self._proposal(question.text))
        if not question.images:
            return NoReply(reason="failed", detail="The toy VLM answers from images. Got none.")
        levels = np.stack([self._levels(image) for image in question.images])
        if question.task is Task.DESCRIBE:
            return Reply(text=", ".join(name for name, _ in self._ranked(levels[0])) or "plain")
        seen = self._ranked((levels[1::2] - levels[::2]).mean(axis=0))
        if question.task is Task.DIFFERENCES:
            return Reply(text=", ".join(name for name, _ in seen) or "no difference")
        if question.task is Task.COMPARE:
            degrees = [f"{name} {min(10, max(1, round(abs(level))))}/10" for name, level in seen]
            return Reply(text=", ".join(degrees) or "no difference")
        aspects = [{"aspect": name, "score": min(10, max(1, round(abs(level))))} for name, level in seen]
        return Reply(text=json.dumps(aspects))

    def _proposal(self, text: str) -> str:
        """The aspects that more captions of group A name than of group B."""
        a, b = ([caption.split(", ") for caption in group] for group in read_captions(text))
        gains = {
            name: sum(name in said for said in a) - sum(name in said for said in b)
            for name in self.world.aspects
        }
        return "\n".join(f"- {name}" for name in gains if gains[name] > 0) or "no difference"

    def _levels(self, image: Image.Image) -> Float64[np.ndarray, " a"]:
        rows = np.asarray(image, dtype=np.float64)[1 : 1 + len(self.world.aspects)]
        return rows.mean(axis=(1, 2)) / PIXELS_PER_LEVEL

    def _ranked(self, levels: Float64[np.ndarray, " a"]) -> list[tuple[str, float]]:
        seen = [(name, float(level)) for name, level in zip(self.world.aspects, levels, strict=True) if level]
        return sorted(seen, key=lambda pair: -abs(pair[1]))


def _content(text: str) -> UInt8[np.ndarray, " 4"]:
    """Four pseudo-random numbers that only the text determines."""
    return np.frombuffer(hashlib.sha256(text.encode()).digest()[:N_CONTENT], dtype=np.uint8)
