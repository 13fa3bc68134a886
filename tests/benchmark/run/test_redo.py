"""What is made again on purpose replaces what was there, and until it is all made what was there stays."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from ideal_bench import EXPLAINERS, World, pair, series

from benchmark.run import runner
from finexl.values import AnyExplanation, Claim, ImagePairs, NoExplanation, ScoredExplanation


@dataclass
class Mood:
    """What an explainer says of everything, and how often it may be asked about a group."""

    score: float = 1.0
    fails: bool = False
    groups_left: int = 99
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def mood(monkeypatch: pytest.MonkeyPatch) -> Mood:
    mood = Mood()

    class Moody:
        name = "moody"

        def __init__(self) -> None:
            if not mood.groups_left:
                raise KeyboardInterrupt
            mood.groups_left -= 1

        def explain(self, pairs: ImagePairs) -> AnyExplanation:
            mood.asked.append(pairs.id)
            if mood.fails:
                return NoExplanation(reason="failed")
            return ScoredExplanation(claims=(Claim(concept="vivid", amount=mood.score),))

    monkeypatch.setitem(EXPLAINERS, "moody", Moody)
    return mood


def world(root: Path) -> World:
    return World(root=root, groups=(series(4), pair()), explainers=("moody",))


def again(root: Path, what: str = "explanations") -> World:
    return replace(world(root), redo=what)  # type: ignore[arg-type]  # one of its words


def scores(root: Path) -> set[float]:
    """What the published results of the folder hold."""
    records = runner.execute(world(root).job()).records
    return {one.amount for record in records for trial in record.trials for one in trial.claims}


def results(root: Path) -> bytes:
    return (root / "out" / "results.json").read_bytes()


def test_every_explainer_is_asked_again_and_the_new_answers_count(tmp_path: Path, mood: Mood) -> None:
    runner.execute(world(tmp_path).job())
    mood.score = 2.0
    runner.execute(again(tmp_path).job())
    assert len(mood.asked) == 2 * 10 and scores(tmp_path) == {2.0}
    assert not list((tmp_path / "out").glob("*again*"))


def test_models_and_images_stay(tmp_path: Path, mood: Mood) -> None:
    runner.execute(world(tmp_path).job())
    made = [line for line in world(tmp_path).log() if line.startswith("made")]
    runner.execute(again(tmp_path).job())
    assert [line for line in world(tmp_path).log() if line.startswith("made")] == made


def test_one_redo_after_the_other_asks_again_each_time(tmp_path: Path, mood: Mood) -> None:
    for _ in range(3):
        runner.execute(again(tmp_path).job())
    assert len(mood.asked) == 3 * 10


def interrupted(root: Path, mood: Mood, *, what: str = "explanations") -> None:
    """A redo that is stopped after the first of two groups."""
    mood.score, mood.groups_left = 2.0, 1
    with pytest.raises(KeyboardInterrupt):
        runner.execute(again(root, what).job())
    mood.groups_left = 99


@pytest.mark.parametrize("what", ["explanations", "all"])
def test_until_a_redo_is_done_what_was_there_counts(tmp_path: Path, mood: Mood, what: str) -> None:
    runner.execute(world(tmp_path).job())
    before = results(tmp_path)
    interrupted(tmp_path, mood, what=what)
    assert results(tmp_path) == before
    runner.execute(world(tmp_path).job())
    assert results(tmp_path) == before


@pytest.mark.parametrize("what", ["explanations", "all"])
def test_a_redo_that_was_interrupted_goes_on_with_the_same_command(
    tmp_path: Path, mood: Mood, what: str
) -> None:
    runner.execute(world(tmp_path).job())
    interrupted(tmp_path, mood, what=what)
    runner.execute(again(tmp_path, what).job())
    assert len(mood.asked) == 10 + 10 and scores(tmp_path) == {2.0}


def test_a_redo_that_meets_an_outage_keeps_what_was_there(tmp_path: Path, mood: Mood) -> None:
    runner.execute(world(tmp_path).job())
    mood.fails = True
    assert runner.execute(again(tmp_path).job()).failed_share == 0
    assert scores(tmp_path) == {1.0}


def test_all_makes_every_model_and_image_again_once(tmp_path: Path, mood: Mood) -> None:
    runner.execute(world(tmp_path).job())
    before, made = results(tmp_path), n_made(tmp_path)
    interrupted(tmp_path, mood, what="all")
    mood.score = 1.0
    (tmp_path / "out" / "explanations.again.jsonl").unlink()
    runner.execute(again(tmp_path, "all").job())
    assert n_made(tmp_path) == 2 * made and results(tmp_path) == before


def n_made(root: Path) -> int:
    return sum(line.startswith("made") for line in world(root).log())


def test_all_certifies_and_draws_again(tmp_path: Path, mood: Mood) -> None:
    runner.execute(world(tmp_path).job())
    grids = list((tmp_path / "out" / "grids").glob("*.png"))
    times = [path.stat().st_mtime_ns for path in grids]
    runner.execute(again(tmp_path, "all").job())
    assert all(path.stat().st_mtime_ns > time for path, time in zip(grids, times, strict=True))
    assert not list((tmp_path / "out").glob("*again*")) and not (tmp_path / "out" / "redo.begun").exists()


def test_all_trains_probes_again(tmp_path: Path, mood: Mood) -> None:
    runner.execute(world(tmp_path).job())
    runner.execute(world(tmp_path).job())
    assert world(tmp_path).log().count("learned certifier") == 1
    runner.execute(again(tmp_path, "all").job())
    assert world(tmp_path).log().count("learned certifier") == 2
