"""Explainers that each break one rule of the contract, and one that keeps them all."""

import itertools
import math
import os
import random
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from finexl.values import Claim, ImagePairs, ScoredExplanation


def shift(pairs: ImagePairs) -> float:
    """The mean change of brightness, in [-1, 1]."""
    change = [
        np.asarray(personalized, float).mean() - np.asarray(base, float).mean()
        for base, personalized in zip(pairs.base, pairs.personalized, strict=True)
    ]
    return float(np.mean(change)) / 255


def said(score: float, *, residual: float | None = None) -> ScoredExplanation:
    return ScoredExplanation(
        claims=(Claim(concept="bright", amount=score),), residual=residual, notes={"t": time.time()}
    )


@dataclass
class Honest:
    """Its notes differ each time, which no reader sees."""

    name: str = "honest"

    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        return said(shift(pairs))


@dataclass
class HonestTogether:
    """Scores a group against its largest shift."""

    name: str = "together"

    def explain_jointly(self, group):
        shifts = [shift(pairs) for pairs in group]
        largest = max(map(abs, shifts)) or 1.0
        return tuple(said(one / largest) for one in shifts)


class ReadsTheId(Honest):
    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        return said(shift(pairs) * (1 + int(pairs.id[:4], 16) / 65536))


@dataclass
class RemembersTheFirst(Honest):
    """Measures every model beside the first one that it ever saw."""

    first: list[float] = field(default_factory=list)

    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        self.first.append(shift(pairs))
        return said(shift(pairs) * self.first[0])


class FavoursThePlace(HonestTogether):
    def explain_jointly(self, group):
        return tuple(said(shift(pairs) * (1 + place)) for place, pairs in enumerate(group))


class Random(Honest):
    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        return said(shift(pairs) * random.random())


@dataclass
class Counts(Honest):
    """A counter shared by all instances."""

    count = itertools.count(1)

    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        return said(shift(pairs) * next(self.count))


class RaisesOnOnePair(Honest):
    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        if len(pairs) == 1:
            raise ValueError("variance requires at least two data points")
        return super().explain(pairs)


class ScoresTheImages(Honest):
    """Looks at the personalized images alone."""

    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        return said(float(np.mean([np.asarray(image) for image in pairs.personalized])) / 255)


class DividesByTheSpread(Honest):
    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        spread = min(int(np.ptp(np.asarray(image))) for image in pairs.base)
        return said(shift(pairs) * (1 // spread + 1))


class NaNWhereNothingVaries(Honest):
    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        spread = np.ptp(np.asarray(pairs.base[0]))
        return said(shift(pairs) if spread else math.nan)


class AlwaysInfinite(Honest):
    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        return said(shift(pairs), residual=math.inf)


class Sleeps(Honest):
    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        time.sleep(0.02 * len(pairs) if len(pairs) > 10 else 0)
        return super().explain(pairs)


class Raises(Honest):
    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        raise RuntimeError("no such layer")


class CannotBeBuilt(Honest):
    def __init__(self) -> None:
        raise RuntimeError("no key")


class SaysNothing(Honest):
    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        return ScoredExplanation(claims=())


class HasNoName:
    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        return said(shift(pairs))


class ReadsTheEnvironment(Honest):
    """Takes the level from a variable, should there be one."""

    level = float(os.environ.get("FINEXL_TRUTH", "x 1").split()[-1])

    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        return said(shift(pairs) * self.level)


class OpensTheDecoy(Honest):
    """Opens a file of the working folder and does nothing with it."""

    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        if Path("truth.json").exists():
            Path("truth.json").read_text()
        return super().explain(pairs)


class ReadsTheMetadata(Honest):
    """Says what the image's description says."""

    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        word = str(pairs.personalized[0].info.get("Description", "bright")).split()[0]
        return ScoredExplanation(claims=(Claim(concept=word, amount=shift(pairs)),))


class HashesWords(Honest):
    """Orders its words as a set does."""

    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        words = {f"word {number}" for number in range(20)}
        return ScoredExplanation(claims=tuple(Claim(concept=word, amount=shift(pairs)) for word in words))
