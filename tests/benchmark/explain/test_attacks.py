"""Whoever looks for the truth instead of explaining scores what chance scores, in a run that knows the truth.

Each attack is one that would work, or once did, in the process of a run: those whose truth can be had there are shown
to be perfect there.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import cheaters
import pytest
from ideal_bench import ASPECTS, IdealBench, amounts, pair, series
from record_makers import provenance

from benchmark.explain.explaining import Meter, MeteredExplainer, blind_pairs
from benchmark.explain.outside import OutsideExplainer, OutsideHost, OutsideLimits, Services
from benchmark.parts.strangers import facts_of, outsider
from benchmark.plan.scenarios import SCENARIOS
from benchmark.plan.trials import Group
from benchmark.record.records import CertificateKey, CertificateRecord, ExplanationKey, ReadingKey
from benchmark.run.results import joined
from benchmark.run.stages import ExplainUnit, ReadUnit
from benchmark.score.scores import group_score

CHANCE = {"single_aspect": 1.0, "multi_aspect": 1 / 6}
"""Of one that says the same of every model: mid-ranks among four levels, one of six mixtures."""
PERFECT = {"single_aspect": 0.0, "multi_aspect": 1.0}
WORK_INSIDE = ("ReadsTheFrames", "ReadsTheStore", "ReadsTheRecords")
ATTACKS = (*WORK_INSIDE, "AsksTheGarbageCollector", "ReadsOpenFiles", "ImportsThePlanner", "PatchesTheScorer")
GROUPS = (series(), pair())


class Attacked(IdealBench):
    """The ideal workbench, with the file of the cheaters beside its store and its results."""

    def __init__(self, root: Path, *, outside: bool) -> None:
        super().__init__(root)
        self.outside = outside
        self.file = root / "cheaters.py"
        self.hosts: list[OutsideHost] = []
        shutil.copy(Path(cheaters.__file__), self.file)
        for group in GROUPS:
            self.make_base(group.probe, since=0.0)
            self.make_personalized(tuple(trial.variant for trial in group.trials), group.probe, since=0.0)
        self.write_truths()

    def write_truths(self) -> None:
        found = {
            blind_pairs(group.probe.prompts, *self.images(trial, group.probe)).id: amounts(trial.variant)
            for group in GROUPS
            for trial in group.trials
        }
        (self._root / "out").mkdir()
        (self._root / "out" / "groups.jsonl").write_text(json.dumps({"truth": found}) + "\n")

    def explainer(self, name: str) -> MeteredExplainer:
        if not self.outside:
            found = getattr(cheaters, name)()
            return MeteredExplainer(explainer=found, meter=Meter())
        kind = f"{self.file}:{name}"
        hidden = (self._root / "store", self._root / "out")
        given = {"kind": kind, "options": {}, "seed": 0, "dictionary": []}
        self.hosts.append(OutsideHost(outsider(kind, limits=OutsideLimits(), hidden=hidden), given))
        alone = OutsideExplainer(name=name, host=self.hosts[-1], services=Services, meter=Meter())
        return MeteredExplainer(explainer=alone, meter=Meter())


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    bench = Attacked(tmp_path_factory.mktemp("outside"), outside=True)
    yield bench
    for host in bench.hosts:
        host.close()


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Attacked:
    monkeypatch.setattr(cheaters, "HERE", tmp_path)
    return Attacked(tmp_path, outside=False)


def score(name: str, group: Group, bench: Attacked) -> float:
    """The score of an attack, explained, read and joined as in a run."""
    key = ExplanationKey(explainer_key="k", pairs=("a",), version="1")
    explained = ExplainUnit(explainer=name, group=group, key=key).do(bench)
    question = ReadingKey(
        reader="lexicon",
        aspects=group.aspects,
        corpus_aspects=ASPECTS,
        words=explained.words,
        version="1",
    )
    read = ReadUnit(explainer=name, group=group, key=question, said=explained.said).do(bench)
    certificate = CertificateRecord(
        key=CertificateKey(pairs=("a",), aspects=group.aspects, levels=(), certifier="c", version="1"),
        group=group.id,
        divergences=(0.1,) * len(group.trials),
        estimates=((None,) * len(group.aspects),) * len(group.trials),
        floors=(None,) * len(group.aspects),
        certified_aspects=(True,) * len(group.aspects),
    )
    record = joined(group, provenance(name), explained=explained, read=read, certificate=certificate)
    assert all(trial.outcome == "ok" for trial in record.trials), explained.said
    found = group_score(record, SCENARIOS[group.scenario].scoring)
    assert found is not None
    return found


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.scenario)
@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_scores_what_chance_scores(name: str, group: Group, outside: Attacked) -> None:
    if "files" in facts_of(f"{outside.file}:{name}").exposed and name in ("ReadsTheStore", "ReadsTheRecords"):
        pytest.skip("this machine gives no process a root of its own")
    assert score(name, group, outside) == pytest.approx(CHANCE[group.scenario])


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.scenario)
@pytest.mark.parametrize("name", WORK_INSIDE)
def test_in_the_process_of_the_run_it_would_be_perfect(name: str, group: Group, inside: Attacked) -> None:
    assert score(name, group, inside) == pytest.approx(PERFECT[group.scenario])


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.scenario)
def test_one_that_ranks_a_model_among_those_it_saw_sees_one_model(group: Group, outside: Attacked) -> None:
    assert score("RanksAmongThoseSeen", group, outside) == pytest.approx(CHANCE[group.scenario])


def test_the_scorer_of_the_run_is_the_one_that_it_was(outside: Attacked) -> None:
    from benchmark.score import scores

    score("PatchesTheScorer", GROUPS[0], outside)
    assert scores.group_score is group_score
