"""Which checkpoints a series keeps: after how many steps it begins, and how many lie between two levels.

Development aspects are trained and looked at every ten steps; the certifier tells how much each checkpoint shows of its
aspect, and how much other noise alone makes it find: the floor. A series begins where every aspect shows one and a half
times its floor and goes on showing it. It goes on in equal steps, such that the least growth from one level to the
next, in floors and over all aspects, is as large as can be: smaller steps are lost in noise, larger ones end where
nothing grows any more.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.config.loading import load_settings
from benchmark.config.settings import Settings, public_settings
from benchmark.record.records import CertificateRecord
from benchmark.tune import development
from finetune.miniature.split import DEVELOPMENT_ASPECTS
from finexl.errors import InvalidInputError

EVERY = 10
"""Steps from one look at a training run to the next."""
UNTIL = 200
CLEAR = 1.5
"""Floors that a first level shows, as the scales of edits begin with."""
_GIVEN = ("preset.n_series", "preset.first_step", "preset.steps_per_level")
_RUN = Path("runs/ladders")
"""Where what was measured is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How much of its aspect a training run shows, in floors, every `EVERY` steps."""

    aspect: str
    shown: tuple[float, ...]

    @property
    def begins(self) -> int | None:
        """The step from which on it shows `CLEAR` floors; None if it ends below."""
        hidden = [number for number, amount in enumerate(self.shown, start=1) if amount < CLEAR]
        after = (hidden[-1] if hidden else 0) + 1
        return after * EVERY if after <= len(self.shown) else None

    def least_growth(self, steps: Sequence[int]) -> float:
        """Of what it shows, in floors, from one of `steps` to the next; between looks on straight lines."""
        looks = EVERY * np.arange(1, len(self.shown) + 1)
        return float(np.diff(np.interp(steps, looks, self.shown)).min())


@dataclass(frozen=True, slots=True, kw_only=True)
class Spacing:
    """Steps between two levels, and the least growth from one to the next."""

    steps_per_level: int
    last_step: int
    growth: float
    aspect: str
    """The one that grows so little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladders:
    """What there was to choose from, and the choice."""

    courses: tuple[Course, ...]
    n_levels: int

    @property
    def seen(self) -> tuple[Course, ...]:
        """Those that end above `CLEAR` floors: others say nothing of when to begin."""
        return tuple(course for course in self.courses if course.begins is not None)

    @property
    def first_step(self) -> int:
        """Where the last of the seen ones begins.

        Raises:
            InvalidInputError: None is seen.
        """
        begins = [course.begins for course in self.courses if course.begins is not None]
        if not begins:
            raise InvalidInputError(
                f"A development aspect must show {CLEAR:g} times what other noise does within {UNTIL} training steps. "
                "None did. Give a larger generator.learning_rate, or preset=full, which looks at more prompts."
            )
        return max(begins)

    @property
    def spacings(self) -> tuple[Spacing, ...]:
        """Every number of steps between levels with which a series ends within what was trained.

        Raises:
            InvalidInputError: None is seen, or there is no room for so many levels.
        """
        widest = (UNTIL - self.first_step) // max(1, self.n_levels - 1)
        if widest < 1:
            raise InvalidInputError(
                f"{self.n_levels} levels must fit between the first step, {self.first_step}, and {UNTIL}. "
                "Give a smaller preset.n_levels."
            )
        return tuple(self._spaced(gap) for gap in range(1, widest + 1))

    @property
    def chosen(self) -> Spacing:
        """The spacing whose least growth is largest."""
        return max(self.spacings, key=lambda one: one.growth)

    def _spaced(self, gap: int) -> Spacing:
        steps = [self.first_step + gap * level for level in range(self.n_levels)]
        growth, aspect = min((course.least_growth(steps), course.aspect) for course in self.seen)
        return Spacing(steps_per_level=gap, last_step=steps[-1], growth=round(growth, 4), aspect=aspect)


def read_words(words: Sequence[str]) -> tuple[Settings, Settings]:
    """The settings of a tuning, and those of the run whose models are looked at: every development aspect, alone.

    Raises:
        InvalidInputError: A key is not one of `development.KEYS` or is what is looked for, or a series has one level.
    """
    for word in words:
        if (key := word.partition("=")[0]) in _GIVEN:
            raise InvalidInputError(
                f"`tune ladders` looks at every development aspect every {EVERY} steps, so that {key} cannot be told. "
                f"Got {word!r}. Leave it out."
            )
    sized = any(word.partition("=")[0] == "preset" for word in words)
    asked = development.read_words([*words, *([] if sized else ["preset=full"])])
    development.require_levels(asked.preset)
    kinds = load_settings(["scenario=single_aspect", "explainer=divergence_norm"])
    n_aspects, n_looks = len(DEVELOPMENT_ASPECTS), UNTIL // EVERY
    preset = replace(
        asked.preset, n_series=n_aspects, n_levels=n_looks, first_step=EVERY, steps_per_level=EVERY
    )
    return asked, replace(
        asked,
        scenarios=kinds.scenarios,
        explainers=kinds.explainers,
        preset=preset,
        output=_RUN,
        wandb="off",
    )


def ladders(certificates: Sequence[CertificateRecord], *, n_levels: int) -> Ladders:
    """What the certificates of the run say of series of `n_levels`."""
    return Ladders(courses=tuple(map(_course, certificates)), n_levels=n_levels)


def _course(certificate: CertificateRecord) -> Course:
    (aspect,), (floor,) = certificate.key.aspects, certificate.floors
    amounts = [amount for (amount,) in certificate.estimates if amount is not None]
    if floor is None or len(amounts) < len(certificate.estimates):  # the certifier does not know it
        return Course(aspect=aspect, shown=(0.0,) * len(certificate.estimates))
    return Course(aspect=aspect, shown=tuple(round(amount / floor, 4) for amount in amounts))


def as_json(found: Ladders, settings: Settings) -> dict[str, Any]:
    """For machines: courses, spacings, the choice and all settings."""
    return {
        "schema_version": 1,
        "courses": {course.aspect: course.shown for course in found.courses},
        "spacings": [asdict(one) for one in found.spacings],
        "chosen": {"first_step": found.first_step, "steps_per_level": found.chosen.steps_per_level},
        "settings": public_settings(settings),
    }


def markdown(found: Ladders) -> str:
    """The tables for people."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: Ladders) -> Iterator[str]:
    looks = range(EVERY, UNTIL + 1, EVERY)
    yield "How much of its aspect a model shows after so many training steps, as multiples of what other noise shows."
    yield "Written by `python -m benchmark tune ladders`, on development aspects and seeds alone."
    yield ""
    yield f"| aspect | {' | '.join(map(str, looks))} |"
    yield "|---" * (len(looks) + 1) + "|"
    for course in found.courses:
        yield f"| {course.aspect} | {' | '.join(f'{amount:.1f}' for amount in course.shown)} |"
    yield ""
    unseen = [course.aspect for course in found.courses if course.begins is None]
    left_out = f" {' and '.join(unseen)} ended below and said nothing." if unseen else ""
    yield f"Every aspect shows {CLEAR:g} times that from {found.first_step} steps on, the first level.{left_out}"
    yield f"The least growth between neighbours among {found.n_levels} levels, by the steps between them:"
    yield ""
    yield "| steps per level | last step | least growth | of |"
    yield "|---|---|---|---|"
    for one in found.spacings:
        chosen = " (chosen)" if one == found.chosen else ""
        yield f"| {one.steps_per_level}{chosen} | {one.last_step} | {one.growth:.2f} | {one.aspect} |"
