"""`python -m finetune check-cards`: what cards say of adapters of which it is known what they do.

For each scored aspect and seed three adapters are trained, and explained by what they draw alone.

- One is trained on pictures of the aspect under plain captions. Beside it stand files made of it: the same at other
  weights, the same effect in other factors (A to RA, B to BR⁻¹), and one whose effect is too small to be seen.
- One leaks: half of its captions had the words that call the aspect, and half had not.
- One is clean: all pictures of the aspect had the words, and as many of the base model's own stood without.

What an adapter does is measured beside the cards, and nobody is asked: how far it moves pictures along the way that the
renderer's own operator moves the base model's in the encoder, and how straight; and of the other two how much of the
aspect shows without the words, of what shows with them. Adapters and pictures are kept; what cards say is asked anew,
so that a changed explainer costs no picture.

How long an adapter is trained was chosen by these effects, on development aspects and seeds, and by no card.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from shutil import copyfile
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float64
from PIL import Image

from finetune.explaining.arms import put
from finetune.explaining.explainers import CommandExplainer, encoder_for
from finetune.explaining.known_adapters import AdapterTraining, CalledCorpus, trained_adapter
from finetune.explaining.models import MINIATURE, Adapted, Base, Sampling, read_base
from finetune.explaining.paired_images import SHOWN_SEED, Arm, make_images, pairs_of
from finetune.explaining.prompts import WORLD, read_prompts
from finetune.miniature import apply_aspect
from finetune.miniature.split import SCORED_ASPECTS, SCORED_SEEDS
from finetune.store.tensors import read_tensors, write_tensors
from finexl.embeddings import image_rows
from finexl.explain.progress import Progress, no_progress
from finexl.explanation import Explanation, Verdict
from finexl.interfaces import Encoder
from finexl.values import ImagePairs, ImageStack

WEIGHTS = (0.5, 1.0, 1.5)
WORDS = "zxc"
"""What calls the aspects of the leaking and the clean adapter."""
NOTHING = 1e-4
"""Of its effect that the adapter without one keeps."""
AS_MUCH = 0.02
"""Amounts of two cards that are called the same differ by no more: pictures are rounded to bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSettings:
    """How many adapters of each kind, and how each is made and looked at."""

    n: int = 30
    steps: int = 120
    n_images: int = 64
    learning_rate: float = 1e-3
    n_pairs: int = 16


class Effect(NamedTuple):
    """What an adapter does to pictures, beside what the renderer's operator does to the same."""

    share: float
    """How far it moves them along the operator's way, of how far the operator does; 1 is as far."""
    cosine: float
    """Between the two ways; 1 where it does nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """What was found of an adapter whose aspect words call."""

    is_first: bool
    """With the words: whether the aspect is the first claim."""
    verdict: str
    """Without the words."""
    leaks: tuple[str, ...]
    """What is claimed of it without the words: the first name of each claim, by the aspect's own where it has that."""
    share: float
    """How much of the aspect it shows without the words, of what it shows with them, by the renderer's operator."""

    @property
    def is_unnamed(self) -> bool:
        """Whether it differs from the base without the words, and no word says how."""
        return self.verdict == Verdict.CHANGED and not self.leaks

    def told(self) -> str:
        """What is claimed without the words, and the share."""
        return f"{', '.join(self.leaks) or 'nothing'} ({self.share:+.2f})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the cards of the adapters of one aspect and seed said."""

    aspect: str
    seed: int
    first: str
    """The first claim at full weight, by its names; empty where there is none."""
    is_first: bool
    """Whether the aspect is among these."""
    amounts: tuple[float, ...]
    """Of the aspect, at each of `WEIGHTS`; 0 where it is not claimed."""
    effects: tuple[Effect, ...]
    """The truth, at each of `WEIGHTS`."""
    nothing: str
    """Verdict on the adapter without effect."""
    refactored: bool
    """Whether the card of the other factors says the same."""
    leaking: Called
    clean: Called

    @property
    def is_ordered(self) -> bool:
        """Amounts grow with weights, up to the largest."""
        return all(less < more for less, more in pairwise(self.amounts))


def check_cards(
    store: Path, settings: CheckSettings, *, progress: Progress = no_progress
) -> Iterator[Checked]:
    """Make and judge the adapters of each aspect and seed in turn; what is in `store` is not made again."""
    base = read_base(MINIATURE, Sampling())
    explain = CommandExplainer(encoder_for(MINIATURE, base))
    for index in range(settings.n):
        aspect, seed = SCORED_ASPECTS[index % len(SCORED_ASPECTS)], SCORED_SEEDS[index]
        yield _Case(
            store=store,
            settings=settings,
            base=base,
            explain=explain,
            aspect=aspect,
            seed=seed,
            progress=progress,
        ).checked()


def table(found: Sequence[Checked]) -> str:
    """All shares that must hold, and a row for each aspect and seed, as Markdown."""
    n = len(found)
    shares = (
        ("true aspect first", sum(one.is_first for one in found)),
        ("amounts in the order of weights up to 1", sum(one.amounts[0] < one.amounts[1] for one in found)),
        ("amounts in the order of weights, beyond 1 too", sum(one.is_ordered for one in found)),
        ("effects in the order of weights up to 1", sum(_grows(one.effects[:2]) for one in found)),
        ("effects in the order of weights, beyond 1 too", sum(_grows(one.effects) for one in found)),
        ("no detectable change where there is none", sum(one.nothing == Verdict.UNCHANGED for one in found)),
        ("planted leak found: its aspect is claimed", sum(one.aspect in one.leaking.leaks for one in found)),
        ("clean adapter accused: anything is claimed", sum(bool(one.clean.leaks) for one in found)),
        ("clean adapter changed, in a way that no word names", sum(one.clean.is_unnamed for one in found)),
        ("clean adapter, called by its words: true aspect first", sum(one.clean.is_first for one in found)),
        ("same card from other factors", sum(one.refactored for one in found)),
    )
    lines = ["| check | adapters | of |", "|---|---|---|"]
    lines += [f"| {name} | {count} | {n} |" for name, count in shares]
    weights = ", ".join(f"{weight:g}" for weight in WEIGHTS)
    lines += [
        "",
        f"| trained on | first claim | amounts at {weights} | effects at these | without effect | "
        "leaking adapter claims | clean adapter claims |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {one.aspect} | {one.first or '–'} | {', '.join(f'{amount:+.2f}' for amount in one.amounts)} | "
        f"{', '.join(f'{effect.share:.2f} ({effect.cosine:.2f})' for effect in one.effects)} | {one.nothing} | "
        f"{one.leaking.told()} | {one.clean.told()} |"
        for one in found
    ]
    return "\n".join(lines)


def _grows(effects: Sequence[Effect]) -> bool:
    return all(less.share < more.share for less, more in pairwise(effects))


def refactored(tensors: dict[str, torch.Tensor], *, seed: int) -> dict[str, torch.Tensor]:
    """The same products B·A in other factors: A becomes RA and B becomes BR⁻¹, in single precision."""
    chance, changed = torch.Generator().manual_seed(seed), {}
    for name, down in tensors.items():
        if name.endswith("lora_A.weight"):
            up = tensors[name.replace("lora_A", "lora_B")]
            rank = len(down)
            turn, _ = torch.linalg.qr(torch.randn(rank, rank, generator=chance, dtype=torch.float64))
            turn = turn * torch.linspace(0.5, 2.0, rank, dtype=torch.float64)
            changed[name] = (turn @ down.double()).float()
            changed[name.replace("lora_A", "lora_B")] = (up.double() @ torch.linalg.inv(turn)).float()
    return {**tensors, **changed}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """One aspect and seed: its adapters, their pictures, and what is said of them."""

    store: Path
    settings: CheckSettings
    base: Base
    explain: CommandExplainer
    aspect: str
    seed: int
    progress: Progress

    def checked(self) -> Checked:
        files = self._plain_files()
        pairs = [
            self._pairs("base", self._drawn(kind, files[kind.partition("_")[0]], weight=weight))
            for kind, weight in (
                *((f"plain_{weight:g}", weight) for weight in WEIGHTS),
                ("refactored", 1.0),
                ("nothing", 1.0),
            )
        ]
        *sweep, other, nothing = map(self.explain, pairs)
        way = self._way(pairs[0])
        whole = sweep[WEIGHTS.index(1.0)]
        first = _names(whole)[0] if whole.changes else ()
        plain = self._plain()
        return Checked(
            aspect=self.aspect,
            seed=self.seed,
            first=", ".join(first[:4]),
            is_first=self.aspect in first,
            amounts=tuple(_amount(one, self.aspect) for one in sweep),
            effects=tuple(
                effect_of(shift_of(one, self.explain.encoder), way) for one in pairs[: len(WEIGHTS)]
            ),
            nothing=str(nothing.verdict),
            refactored=_say_the_same(whole, other),
            leaking=self._called("leaking", replace(plain, corpus=CalledCorpus(words=WORDS, every=2))),
            clean=self._called(
                "clean",
                replace(  # half of its pictures are the base model's: as many of the aspect, seen as often
                    plain,
                    whole=2,
                    n_images=2 * plain.n_images,
                    steps=2 * plain.steps,
                    corpus=CalledCorpus(words=WORDS),
                ),
            ),
        )

    def _plain(self) -> AdapterTraining:
        settings = self.settings
        return AdapterTraining(
            parts={self.aspect: 1},
            whole=1,
            seed=self.seed,
            n_images=settings.n_images,
            steps=settings.steps,
            learning_rate=settings.learning_rate,
        )

    def _called(self, kind: str, training: AdapterTraining) -> Called:
        """Look at an adapter with and without its words."""
        file = self._trained(kind, training)
        with_words = self._pairs("base_words", self._drawn(f"{kind}_words", file, words=WORDS))
        without = self._pairs("base", self._drawn(kind, file))
        called, uncalled = self.explain(with_words), self.explain(without)
        way = self._way(with_words)
        moved = [float(shift_of(pairs, self.explain.encoder) @ way) for pairs in (without, with_words)]
        return Called(
            is_first=bool(called.changes) and self.aspect in _names(called)[0],
            verdict=str(uncalled.verdict),
            leaks=tuple(self.aspect if self.aspect in names else names[0] for names in _names(uncalled)),
            share=moved[0] / moved[1] if moved[1] > 0 else float("nan"),
        )

    def _plain_files(self) -> dict[str, Path]:
        """The adapter of plain captions, the same in other factors, and one without effect."""
        plain = self._trained("plain", self._plain())
        tensors = read_tensors(plain)
        weak = {
            key: tensor.float() * NOTHING if "lora_B" in key else tensor for key, tensor in tensors.items()
        }
        made = {"refactored": refactored(tensors, seed=self.seed), "nothing": weak}
        for name, content in made.items():
            write_tensors(plain.with_name(f"{name}.safetensors"), content)
        return {"plain": plain} | {name: plain.with_name(f"{name}.safetensors") for name in made}

    def _trained(self, kind: str, training: AdapterTraining) -> Path:
        """The adapter's file under a name that people find."""
        file = self.store / "files" / f"{self.aspect}_{self.seed}" / f"{kind}.safetensors"
        file.parent.mkdir(parents=True, exist_ok=True)
        copyfile(trained_adapter(self.store / "trained", training, progress=self.progress), file)
        return file

    def _drawn(self, kind: str, file: Path, *, weight: float = 1.0, words: str | None = None) -> str:
        """The name of an arm whose pictures, and those of its base, are there now."""
        prompts = self._prompts(words)
        model = Adapted(settings=self.base.settings, file=file, weight=weight)
        base = Arm(name="base" if words is None else "base_words", model=self.base, prompts=prompts)
        arm = Arm(name=f"{self.aspect}_{self.seed}_{kind}", model=model, prompts=prompts)
        with self.progress("making pictures") as advance:
            make_images([base, arm], self.store / "pictures", first_seed=SHOWN_SEED, tell=advance)
        return arm.name

    def _pairs(self, base: str, tuned: str) -> ImagePairs:
        words = WORDS if base == "base_words" else None
        return pairs_of(self.store / "pictures", base, tuned, self.settings.n_pairs, self._prompts(words))

    def _way(self, pairs: ImagePairs) -> Float64[np.ndarray, " d"]:
        return way_of(self.aspect, pairs.base, encoder=self.explain.encoder, seed=self.seed)

    def _prompts(self, words: str | None) -> tuple[str, ...]:
        plain = read_prompts(WORLD, self.settings.n_pairs)
        return plain if words is None else tuple(put(words, prompt) for prompt in plain)


def way_of(
    aspect: str, base: Sequence[Image.Image], *, encoder: Encoder, seed: int
) -> Float64[np.ndarray, " d"]:
    """How painting an aspect moves pictures in an encoder, on average."""
    pixels = np.stack([np.asarray(image) for image in base])
    painted = ImageStack(apply_aspect(pixels, aspect, np.ones(len(pixels)), seed=seed))
    rows = [image_rows(images, encoder=encoder, role="base").numpy() for images in (base, painted)]
    return (rows[1] - rows[0]).mean(axis=0)


def shift_of(pairs: ImagePairs, encoder: Encoder) -> Float64[np.ndarray, " d"]:
    """The mean shift of pairs in an encoder."""
    tuned = image_rows(pairs.personalized, encoder=encoder, role="personalized").numpy()
    return (tuned - image_rows(pairs.base, encoder=encoder, role="base").numpy()).mean(axis=0)


def effect_of(shift: Float64[np.ndarray, " d"], way: Float64[np.ndarray, " d"]) -> Effect:
    """A shift of pictures beside the operator's; no shift has the cosine 0.

    >>> effect_of(np.array([1.5, 2.0]), np.array([2.0, 0.0]))
    Effect(share=0.75, cosine=0.6)
    """
    along, length = float(shift @ way), float(np.linalg.norm(way))
    whole = float(np.linalg.norm(shift)) * length
    return Effect(share=along / length**2, cosine=along / whole if whole else 0.0)


def _names(explanation: Explanation) -> list[tuple[str, ...]]:
    """All names of each claim that holds."""
    return [(claim.concept, *claim.other_names) for claim in explanation.changes]


def _amount(explanation: Explanation, aspect: str) -> float:
    named = zip(explanation.changes, _names(explanation), strict=True)
    return next((claim.amount for claim, names in named if aspect in names), 0.0)


def _say_the_same(one: Explanation, other: Explanation) -> bool:
    return _names(one) == _names(other) and all(
        abs(mine.amount - its.amount) <= AS_MUCH for mine, its in zip(one.changes, other.changes, strict=True)
    )
