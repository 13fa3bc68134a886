"""Explaining, reading and certifying are three acts: none of them is done again because another one changed."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from ideal_bench import ASPECTS, READERS, World, pair, series

from benchmark.read.readers import LexiconReader
from benchmark.record.records import Outcome, Reading, Versions
from benchmark.run import runner
from finexl.errors import VLMUnusableError


@dataclass
class Judge:
    """Reads like the lexicon while it can be reached."""

    down: bool = False
    outcome: Outcome = "failed"
    error: Exception | None = None
    asked: int = 0
    id: str = "judge"
    lexicon: LexiconReader = field(default_factory=lambda: LexiconReader(dict.fromkeys(ASPECTS, ())))

    def read_levels(self, explanation, aspects, *, corpus_aspects) -> Reading:
        self.asked += 1
        if not self.down:
            return self.lexicon.read_levels(explanation, aspects, corpus_aspects=corpus_aspects)
        if self.error is not None:
            raise self.error
        return Reading(values=None, outcome=self.outcome, detail="HTTP 503")


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> Judge:
    judge = Judge()
    monkeypatch.setitem(READERS, "lexicon", lambda: judge)
    return judge


def world(root: Path) -> World:
    return World(root=root, groups=(series(4), pair()), explainers=("measuring",))


def n_asked(world: World) -> int:
    return sum(line.startswith("explainer") for line in world.log())


def n_lines(world: World, name: str) -> int:
    return len((world.root / "out" / f"{name}.jsonl").read_text().splitlines())


def test_another_reader_asks_no_explainer_again(tmp_path: Path, judge: Judge) -> None:
    first = world(tmp_path)
    runner.execute(first.job())
    result = runner.execute(replace(first.job(), reader="other"))
    assert n_asked(first) == 2 and judge.asked == 20
    assert {record.provenance.reader for record in result.records} == {"other"}


@pytest.mark.parametrize(
    ("versions", "grows"),
    [
        (Versions(explain="1", read="2", certify="1"), "readings"),
        (Versions(explain="1", read="1", certify="2"), "certificates"),
    ],
)
def test_other_code_of_one_act_does_that_act_again(tmp_path: Path, versions: Versions, grows: str) -> None:
    first = world(tmp_path)
    runner.execute(first.job())
    runner.execute(replace(first.job(), versions=versions))
    assert n_asked(first) == 2
    for name in ("explanations", "readings", "certificates"):
        assert n_lines(first, name) == (4 if name == grows else 2)


def test_an_edited_truth_changes_the_results_and_asks_nobody_again(tmp_path: Path, judge: Judge) -> None:
    group = pair()
    first = World(root=tmp_path, groups=(group,), explainers=("measuring",))
    before = runner.execute(first.job()).records[0]
    turned = [replace(trial, truth=trial.truth[::-1]) for trial in group.trials]
    after = runner.execute(replace(first, groups=(replace(group, trials=tuple(turned)),)).job()).records[0]
    assert [trial.truth for trial in after.trials] == [trial.truth[::-1] for trial in before.trials]
    assert (n_asked(first), judge.asked) == (1, len(group.trials))


@pytest.mark.parametrize("outcome", ["failed", "timeout"])
def test_an_outage_of_the_judge_loses_no_explanation_and_is_made_up_for(
    tmp_path: Path, judge: Judge, outcome: Outcome
) -> None:
    judge.down, judge.outcome = True, outcome
    first = world(tmp_path / "a")
    assert not runner.execute(first.job()).is_sound
    judge.down = False
    assert runner.execute(first.job()).failed_share == 0
    assert n_asked(first) == 2 and judge.asked == 20
    undisturbed = world(tmp_path / "b")
    runner.execute(undisturbed.job())
    assert results(first) == results(undisturbed)


def results(world: World) -> bytes:
    return (world.root / "out" / "results.json").read_bytes()


@pytest.mark.parametrize("outcome", ["refused", "unparsable", "empty"])
def test_what_the_judge_answered_is_not_asked_again(tmp_path: Path, judge: Judge, outcome: Outcome) -> None:
    judge.down, judge.outcome = True, outcome
    runner.execute(world(tmp_path).job())
    judge.down = False
    runner.execute(world(tmp_path).job())
    assert judge.asked == 10


def test_a_judge_that_cannot_be_asked_ends_the_run_and_the_next_goes_on_reading(
    tmp_path: Path, judge: Judge
) -> None:
    judge.down, judge.error = True, VLMUnusableError("no key")
    with pytest.raises(VLMUnusableError):
        runner.execute(world(tmp_path).job())
    assert n_lines(world(tmp_path), "explanations") == 2
    judge.down = False
    assert runner.execute(world(tmp_path).job()).is_sound
    assert n_asked(world(tmp_path)) == 2


def test_a_reading_that_was_interrupted_goes_on(tmp_path: Path, judge: Judge) -> None:
    read: Callable[..., Reading] = judge.lexicon.read_levels

    def stopping(*asked: object, **more: object) -> Reading:
        if judge.asked == 6:
            raise KeyboardInterrupt
        return read(*asked, **more)

    judge.lexicon.read_levels = stopping  # type: ignore[method-assign]  # of this object alone
    with pytest.raises(KeyboardInterrupt):
        runner.execute(world(tmp_path).job())
    assert n_lines(world(tmp_path), "readings") == 1
    judge.lexicon.read_levels = read  # type: ignore[method-assign]
    runner.execute(world(tmp_path).job())
    assert n_asked(world(tmp_path)) == 2 and judge.asked == 6 + 6


def test_the_same_words_are_read_once_and_heard_of_by_everyone(tmp_path: Path, judge: Judge) -> None:
    group = series(4)
    groups = (group, replace(group, id="single_aspect/vivid/seed2", seed=2))
    result = runner.execute(World(root=tmp_path, groups=groups, explainers=("flat",)).job())
    assert judge.asked == 4 and len(result.records) == 2


def test_results_say_what_they_cover_and_other_explainers_stay_recorded(tmp_path: Path) -> None:
    first = world(tmp_path)
    runner.execute(first.job())
    runner.execute(replace(first, explainers=("flat",)).job())
    assert b'"explainers": [\n   "flat"\n  ]' in results(first)
    runner.execute(first.job())
    assert n_asked(first) == 2 + 2
