"""Whoever looks at anything but pixels is at chance: ids, order, sizes, prompts and metadata say nothing.

Nor does the plan, which anyone may import and enumerate: what is shown is named and ordered by its pixels.
"""

import hmac
import random
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from io import BytesIO

import numpy as np
import pytest
from planning import planned_with
from record_makers import provenance

from benchmark.certify.certifier import Certifier
from benchmark.config.loading import load_settings
from benchmark.explain.explaining import Meter, MeteredExplainer, blind_pairs
from benchmark.plan.scenarios import SCENARIOS
from benchmark.plan.trials import Group, Probe, Trial
from benchmark.read.readers import LexiconReader
from benchmark.record.records import (
    CertificateKey,
    CertificateRecord,
    ExplanationKey,
    GroupRecord,
    ReadingKey,
)
from benchmark.run.results import joined
from benchmark.run.stages import ExplainUnit, ReadUnit
from benchmark.score.scores import group_score
from finexl.values import AnyExplanation, Claim, ImagePairs, ScoredExplanation

N_SEEDS = 4
SHAPE = (3, 8, 8, 3)
IMAGES = np.random.default_rng(0).integers(0, 255, SHAPE, dtype=np.uint8)

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

    def explain(self, pairs: ImagePairs) -> AnyExplanation:
        value = float(self.peek(pairs, self.turn))
        self.turn += 1
        # Aspects get different functions of the clue, so that a group of several could be told apart too.
        scores = [value if index % 2 == 0 else (value * 7919) % 13 for index in range(len(self.aspects))]
        named = zip(self.aspects, scores, strict=True)
        return ScoredExplanation(claims=tuple(Claim(concept=a, amount=s) for a, s in named))


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseBench:
    """A workbench whose models differ by noise that has nothing to do with the truth, or do not differ."""

    peek: Peek
    corpus_aspects: tuple[str, ...]
    noise: str | None = "noise"

    def make_base(self, probe: Probe, *, since: float) -> None: ...

    def make_personalized(self, variants, probe: Probe, *, since: float) -> None: ...

    def make_adapter(self, recipe, variants, probe: Probe, *, since: float) -> None: ...

    def learn(self, probe: str, *, since: float) -> None: ...

    def certifier(self) -> Certifier:
        raise NotImplementedError

    def unchanged(self, probe: Probe) -> tuple[np.ndarray, np.ndarray]:
        return IMAGES, IMAGES

    def images(self, trial: Trial, probe: Probe) -> tuple[np.ndarray, np.ndarray]:
        if self.noise is None:
            return IMAGES, IMAGES[::-1]
        seed = zlib.crc32(f"{self.noise} {trial.id}".encode())
        return IMAGES, np.random.default_rng(seed).integers(0, 255, SHAPE, dtype=np.uint8)

    def explainer(self, name: str) -> MeteredExplainer:
        return MeteredExplainer(explainer=Peeking(peek=self.peek, aspects=self.corpus_aspects), meter=Meter())

    def reader(self) -> LexiconReader:
        return LexiconReader(dict.fromkeys(self.corpus_aspects, ()))


@pytest.fixture(scope="module")
def groups() -> dict[str, list[Group]]:
    """Every group of the full preset at several seeds, planned as runs plan them."""
    planned: dict[str, list[Group]] = {"single_aspect": [], "multi_aspect": []}
    full = load_settings(["scenario=single_aspect,multi_aspect", "preset=full"])
    for seed in range(N_SEEDS):
        for group in planned_with(replace(full, seed=seed)):
            probe = replace(group.probe, prompts=("a", "b", "c"))
            planned[group.scenario].append(replace(group, probe=probe))
    return planned


def score(group: Group, peek: Peek, noise: str | None = "noise") -> float:
    bench = NoiseBench(peek=peek, corpus_aspects=group.aspects, noise=noise)
    found = group_score(recorded(group, bench), SCENARIOS[group.scenario].scoring)
    assert found is not None
    return found


def recorded(group: Group, bench: NoiseBench) -> GroupRecord:
    """A group explained and read as in a run."""
    key = ExplanationKey(explainer_key="k", pairs=("a", "b"), version="1")
    explained = ExplainUnit(explainer="peeking", group=group, key=key).do(bench)
    question = ReadingKey(
        reader="lexicon",
        aspects=group.aspects,
        corpus_aspects=group.aspects,
        words=explained.words,
        version="1",
    )
    read = ReadUnit(explainer="peeking", group=group, key=question, said=explained.said).do(bench)
    certificate = CertificateRecord(
        key=CertificateKey(
            pairs=("a", "b"),
            aspects=group.aspects,
            levels=tuple(trial.truth for trial in group.trials),
            certifier="c",
            version="1",
        ),
        group=group.id,
        divergences=(0.1,) * len(group.trials),
        estimates=((0.1,) * len(group.aspects),) * len(group.trials),
        floors=(0.0,) * len(group.aspects),
        certified_aspects=(True,) * len(group.aspects),
    )
    return joined(group, provenance("peeking"), explained=explained, read=read, certificate=certificate)


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


@pytest.mark.parametrize("name", PEEKS)
def test_of_models_that_look_the_same_nothing_can_be_told(groups: dict[str, list[Group]], name: str) -> None:
    assert score(groups["single_aspect"][0], PEEKS[name], noise=None) == pytest.approx(2.5)
    assert score(groups["multi_aspect"][0], PEEKS[name], noise=None) == pytest.approx(1 / 6)


def test_a_clue_that_leaks_the_level_would_be_noticed(groups: dict[str, list[Group]]) -> None:
    for group in groups["single_aspect"]:
        levels = {id: trial.truth[0] for trial, id in zip(group.trials, shown_ids(group), strict=True)}
        assert score(group, lambda pairs, turn, levels=levels: levels[pairs.id]) == 0


def shown_ids(group: Group, noise: str = "noise") -> list[str]:
    """The ids under which an explainer sees the trials of a group, in the order of the plan."""
    bench = NoiseBench(peek=PEEKS["turn"], corpus_aspects=group.aspects, noise=noise)
    return [blind_pairs(group.probe.prompts, *bench.images(trial, group.probe)).id for trial in group.trials]


def enumerated(group: Group) -> Iterable[str]:
    """Everything that the plan holds or hashes to, for whoever imports the planner."""
    for number, trial in enumerate(group.trials):
        for text in (
            trial.id,
            group.id,
            f"{group.id}/{number}",
            f"{group.seed}:{group.id}",
            str(trial.truth),
        ):
            yield text
            for salt in (b"", f"finexl trials {group.seed}".encode(), str(group.seed).encode()):
                yield sha256(salt + text.encode()).hexdigest()[:16]
                yield hmac.digest(salt, text.encode(), "sha256").hex()[:16]


def test_whoever_enumerates_the_plan_finds_no_id_that_is_shown(groups: dict[str, list[Group]]) -> None:
    every = [group for planned in groups.values() for group in planned]
    guesses = {guess for group in every for guess in enumerated(group)}
    assert not guesses & {id for group in every for id in shown_ids(group)}


def test_ids_are_of_the_images_and_not_of_the_plan(groups: dict[str, list[Group]]) -> None:
    group = groups["single_aspect"][0]
    renamed = replace(group, id="other", seed=group.seed + 1, trials=group.trials[::-1])
    assert shown_ids(renamed) == shown_ids(group)[::-1]
    assert not set(shown_ids(group)) & set(shown_ids(group, noise="other images"))


def test_no_id_that_is_shown_is_used_twice_or_holds_a_name(groups: dict[str, list[Group]]) -> None:
    ids = [id for planned in groups.values() for group in planned for id in shown_ids(group)]
    assert all(set(id) <= set("0123456789abcdef") for id in ids)
    assert len(set(ids)) == len(ids)


def test_records_keep_truth_and_readings_apart(groups: dict[str, list[Group]]) -> None:
    group = groups["multi_aspect"][0]
    bench = NoiseBench(peek=PEEKS["turn"], corpus_aspects=group.aspects)
    record = recorded(group, bench)
    assert [trial.truth for trial in record.trials] == [trial.truth for trial in group.trials]


def test_what_was_said_is_kept_with_nothing_of_truth_or_reader(groups: dict[str, list[Group]]) -> None:
    group = groups["multi_aspect"][0]
    bench = NoiseBench(peek=PEEKS["turn"], corpus_aspects=group.aspects)
    key = ExplanationKey(explainer_key="k", pairs=("a", "b"), version="1")
    explained = ExplainUnit(explainer="peeking", group=group, key=key).do(bench)
    assert set(explained.model_dump()) == {
        *("schema_version", "key", "explainer", "group", "said", "cost", "notices", "unanswered")
    }
