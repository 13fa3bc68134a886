"""Whoever looks at anything but pixels is at chance: ids, order, sizes, prompts and metadata say nothing."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO

import numpy as np
import pytest
from record_makers import provenance

from benchmark import scenarios
from benchmark.config import load_settings
from benchmark.explaining import Contestant, Meter
from benchmark.readers import LexiconReader
from benchmark.records import GroupRecord
from benchmark.scores import group_score
from benchmark.stages import ExplainUnit, Truth, explain
from benchmark.trials import Group, Probe, Trial
from finexl.values import Explanation, ImagePairs, ScoredConcept, ScoredExplanation

N_SEEDS = 4
IMAGES = np.random.default_rng(0).integers(0, 255, (3, 16, 16, 3), dtype=np.uint8)

Peek = Callable[[ImagePairs, int], float]
PEEKS: dict[str, Peek] = {
    "id as a number": lambda pairs, turn: int(pairs.id, 16) / 16 ** len(pairs.id),
    "last digit of the id": lambda pairs, turn: int(pairs.id[-1], 16),
    "turn": lambda pairs, turn: turn,
    "turn backwards": lambda pairs, turn: -turn,
    "number of pairs": lambda pairs, turn: len(pairs),
    "size of a file": lambda pairs, turn: _file_size(pairs),
    "size of an image": lambda pairs, turn: sum(pairs.personalized[0].size),
    "metadata": lambda pairs, turn: (
        len(pairs.personalized[0].info) + len(repr(pairs.personalized[0].getexif()))
    ),
    "prompts": lambda pairs, turn: sum(map(len, pairs.prompts)),
    "seeded by the id": lambda pairs, turn: random.Random(pairs.id).random(),
}


def _file_size(pairs: ImagePairs) -> int:
    buffer = BytesIO()
    pairs.personalized[0].save(buffer, format="PNG")
    return buffer.tell()


@dataclass(slots=True, kw_only=True)
class Peeking:
    """Scores every aspect by one thing that is not in the pixels."""

    peek: Peek
    aspects: Sequence[str]
    name: str = "peeking"
    turn: int = field(default=0)

    def explain(self, pairs: ImagePairs) -> Explanation:
        value = float(self.peek(pairs, self.turn))
        self.turn += 1
        # Aspects get different functions of the clue, so that a group of several could be told apart too.
        scores = [value if index % 2 == 0 else (value * 7919) % 13 for index in range(len(self.aspects))]
        named = zip(self.aspects, scores, strict=True)
        return ScoredExplanation(concepts=tuple(ScoredConcept(concept=a, score=s) for a, s in named))


@dataclass(frozen=True, slots=True, kw_only=True)
class SameImagesBench:
    """A workbench whose models all look alike."""

    peek: Peek
    corpus_aspects: tuple[str, ...]

    def make_base(self, probe: Probe) -> None: ...

    def make_personalized(self, recipe, steps, probe: Probe) -> None: ...

    def images(self, trial: Trial, probe: Probe) -> tuple[np.ndarray, np.ndarray]:
        return IMAGES, IMAGES[::-1]

    def contestant(self, explainer: str) -> Contestant:
        return Contestant(explainer=Peeking(peek=self.peek, aspects=self.corpus_aspects), meter=Meter())

    def reader(self) -> LexiconReader:
        return LexiconReader(dict.fromkeys(self.corpus_aspects, ()))


@pytest.fixture(scope="module")
def groups() -> dict[str, list[Group]]:
    """Every group of the full preset at several seeds, planned as runs plan them."""
    planned: dict[str, list[Group]] = {"single_aspect": [], "multi_aspect": []}
    full = load_settings(["scenario=single_aspect,multi_aspect", "preset=full"])
    for seed in range(N_SEEDS):
        settings = replace(full, seed=seed)
        for group in scenarios.plan(settings, generator_id="g", prompts=lambda n, seed: ("a", "b", "c")):
            planned[group.scenario].append(group)
    return planned


def score(group: Group, peek: Peek) -> float:
    bench = SameImagesBench(peek=peek, corpus_aspects=group.aspects)
    truth = Truth(divergences=(0.1,) * len(group.trials), certified=True)
    return group_score(explain(unit(group, truth), bench))


def unit(group: Group, truth: Truth) -> ExplainUnit:
    return ExplainUnit(explainer="peeking", group=group, truth=truth, provenance=provenance())


@pytest.mark.parametrize("name", PEEKS)
@pytest.mark.parametrize(
    ("scenario", "chance", "spread"), [("single_aspect", 3.3, 0.70), ("multi_aspect", 1 / 6, 0.17)]
)
def test_a_clue_outside_the_pixels_is_worth_nothing(
    groups: dict[str, list[Group]], name: str, scenario: str, chance: float, spread: float
) -> None:
    values = [score(group, PEEKS[name]) for group in groups[scenario]]
    if len(set(values)) == 1 and scenario == "single_aspect":
        assert values[0] == pytest.approx(2.5)  # all alike: the closed form of a constant under mid-ranks
        return
    assert abs(np.mean(values) - chance) < 3 * spread / np.sqrt(len(values))


def test_there_are_enough_groups_to_notice_a_leak(groups: dict[str, list[Group]]) -> None:
    assert len(groups["single_aspect"]) >= 60
    assert sum(len(group.trials) for group in groups["multi_aspect"]) >= 360


def test_a_clue_that_leaks_the_level_would_be_noticed(groups: dict[str, list[Group]]) -> None:
    levels = {trial.id: trial.truth[0] for group in groups["single_aspect"] for trial in group.trials}
    values = [score(group, lambda pairs, turn: levels[pairs.id]) for group in groups["single_aspect"]]
    assert max(values) == 0


def test_no_id_is_used_twice_or_holds_a_name(groups: dict[str, list[Group]]) -> None:
    every = [group for planned in groups.values() for group in planned]
    ids = [trial.id for group in every for trial in group.trials]
    assert all(set(id) <= set("0123456789abcdef") for id in ids)
    assert len(set(ids)) == len(ids)


def test_records_keep_truth_and_readings_apart(groups: dict[str, list[Group]]) -> None:
    group = groups["multi_aspect"][0]
    bench = SameImagesBench(peek=PEEKS["turn"], corpus_aspects=group.aspects)
    record = explain(unit(group, Truth(divergences=(0.0,) * 6, certified=True)), bench)
    assert isinstance(record, GroupRecord)
    assert [trial.truth for trial in record.trials] == [trial.truth for trial in group.trials]
