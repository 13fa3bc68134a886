"""Explainers that each break one rule of the contract, and one that keeps them all."""

import gc
import itertools
import json
import math
import os
import random
import sys
import time
from dataclasses import dataclass, field
from hashlib import sha256
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


def told(levels: dict[str, float]) -> ScoredExplanation:
    """What one says who found the truth; who found none says the same of every model."""
    found = levels or {"vivid": 1.0, "grainy": 1.0}
    return ScoredExplanation(
        claims=tuple(Claim(concept=aspect, amount=float(level)) for aspect, level in found.items())
    )


class ReadsTheFrames(Honest):
    """Walks up its callers' frames to the group, and finds itself among the pairs there."""

    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        frame = sys._getframe()
        while frame is not None:
            group = getattr(frame.f_locals.get("self"), "group", None)
            shown = frame.f_locals.get("pairs")
            if group is not None and isinstance(shown, list | tuple):
                trial = group.trials[[one.id for one in shown].index(pairs.id)]
                return told(dict(zip(group.aspects, trial.truth, strict=True)))
            frame = frame.f_back
        return told({})


class AsksTheGarbageCollector(Honest):
    """Looks through everything in memory for a group."""

    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        groups = [one for one in gc.get_objects() if type(one).__name__ == "Group"]
        return told(dict(zip(groups[0].aspects, groups[0].trials[0].truth, strict=True)) if groups else {})


class ReadsOpenFiles(Honest):
    """Reads every file that somebody left open."""

    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        for number in range(3, 64):
            try:
                found = json.loads(os.pread(number, 4096, 0))
            except (OSError, ValueError):
                continue
            if isinstance(found, dict) and isinstance(found.get("truth"), dict):
                return told(found["truth"])
        return told({})


HERE = Path(__file__).parent


class ReadsTheStore(Honest):
    """Looks in every folder where a store could be for what models were made from."""

    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        for place in ("store", "~/.cache/finexl", os.environ.get("FINEXL_STORE", "store"), HERE / "store"):
            for entry in sorted(Path(place).expanduser().rglob("entry.json")):
                found = json.loads(entry.read_text())
                levels = found.get("describe", {}).get("amounts") or found.get("truth")
                images = next(entry.parent.glob("*.safetensors"), None)
                if levels and (images is None or stack(pairs).tobytes() in images.read_bytes()):
                    return told(levels)
        return told({})


class ReadsTheRecords(Honest):
    """Looks for the folder of a run, where the truth is written down."""

    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        for place in (Path("runs"), HERE / "out"):
            for path in sorted(place.rglob("*.jsonl")):
                for line in path.read_text().splitlines():
                    found = json.loads(line).get("truth")
                    if isinstance(found, dict):
                        return told(found.get(pairs.id, found))
        return told({})


class ImportsThePlanner(Honest):
    """Plans the run itself and looks its own id up."""

    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        from benchmark.plan.scenarios import SCENARIOS
        from benchmark.plan.trials import Group  # noqa: F401  # what it would plan with

        names = [f"{scenario}/vivid/seed1000/{number}" for scenario in SCENARIOS for number in range(10)]
        guesses = {sha256(name.encode()).hexdigest()[:16]: name for name in names}
        return told({"vivid": float(guesses[pairs.id][-1])} if pairs.id in guesses else {})


class PatchesTheScorer(Honest):
    """Replaces the function that would judge it."""

    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        from benchmark.score import scores

        scores.group_score = lambda *arguments: 0.0
        return told({})


@dataclass
class RanksAmongThoseSeen(Honest):
    """Says how many of the models that it ever saw changed less."""

    seen: list[float] = field(default_factory=list)

    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        self.seen.append(shift(pairs))
        rank = 1.0 + sum(other < shift(pairs) for other in self.seen)
        return told({"vivid": rank, "grainy": rank})


def stack(pairs: ImagePairs) -> np.ndarray:
    return np.stack([np.asarray(image) for image in pairs.personalized])
