"""What is left out, cut or fallen back on is in results and on the terminal; nothing is replaced without a word."""

import json
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from ideal_bench import EXPLAINERS, Measuring, World
from rich.console import Console

from benchmark.record.files import OutputError
from benchmark.run import runner
from benchmark.run.logs import MadeNotices
from benchmark.show.console_sink import ConsoleSink
from finexl.notices import Notice, notice
from finexl.values import AnyExplanation, ImagePairs, NoExplanation

FELL_BACK = Notice(what="m at http://x", how="several images are sent as one labelled picture")


@dataclass(frozen=True, kw_only=True)
class Telling(Measuring):
    """Falls back on something while it explains."""

    name: str = "telling"

    def explain(self, pairs: ImagePairs) -> AnyExplanation:
        notice(FELL_BACK)
        return Measuring.explain(self, pairs)


@dataclass(frozen=True, kw_only=True)
class Unheard:
    """Asks somebody who is not there."""

    name: str = "unheard"

    def explain(self, pairs: ImagePairs) -> AnyExplanation:
        return NoExplanation(reason="failed", detail="HTTP 400: no such thing")


def done(world: World, **given: Any) -> tuple[dict[str, Any], str]:
    """Results and the terminal of a run."""
    text = StringIO()
    console = ConsoleSink(console=Console(file=text, width=400))
    runner.execute(replace(replace(world, sinks=(console,)).job(), **given))
    return json.loads((world.root / world.output / "results.json").read_text()), text.getvalue()


def test_what_is_told_while_explaining_is_in_results_and_on_the_terminal_also_of_a_run_that_reuses_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(EXPLAINERS, "telling", Telling)
    world = World(root=tmp_path, explainers=("telling",))
    for _ in range(2):
        written, text = done(world)
        assert [(one["what"], one["how"]) for one in written["notices"]] == [(FELL_BACK.what, FELL_BACK.how)]
        assert text.count("one labelled picture") == 1


def test_a_run_to_which_nothing_happened_has_no_notices(tmp_path: Path) -> None:
    written, text = done(World(root=tmp_path))
    assert written["notices"] == [] and "Not as given" not in text and "Without an answer" not in text


def test_why_nothing_was_said_is_on_the_terminal_and_in_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(EXPLAINERS, "unheard", Unheard)
    _, text = done(World(root=tmp_path, explainers=("unheard", "flat")))
    assert "10 × failed: HTTP 400: no such thing" in text
    assert "10 × failed: HTTP 400: no such thing" in (tmp_path / "out" / "report.html").read_text()


def test_results_of_other_explainers_are_kept_and_told_of(tmp_path: Path) -> None:
    before, _ = done(World(root=tmp_path, explainers=("measuring",)))
    _, text = done(World(root=tmp_path, explainers=("flat",)))
    (kept,) = (tmp_path / "out" / "earlier").glob("*/results.json")
    assert json.loads(kept.read_text()) == before and str(kept.parent) in text


def test_results_of_other_settings_are_kept_and_of_the_same_are_not(tmp_path: Path) -> None:
    world = World(root=tmp_path)
    for settings in ({"seed": 0}, {"seed": 0}, {"seed": 1}):
        done(world, settings=settings)
    assert len([*(tmp_path / "out" / "earlier").glob("*")]) == 1


def test_a_recording_of_finished_work_is_told_to_stay_empty(tmp_path: Path) -> None:
    world, file = World(root=tmp_path), tmp_path / "replies.jsonl"
    _, first = done(world, recorded_in=file)
    _, second = done(world, recorded_in=file)
    assert "Nothing is asked" not in first
    assert f"nothing is recorded in {file}" in second and "redo=explanations" in second


def test_notices_of_another_corpus_are_not_of_this_run(tmp_path: Path) -> None:
    MadeNotices(tmp_path / "n.json", made_of="one").add([FELL_BACK])
    assert MadeNotices(tmp_path / "n.json", made_of="one").all == (FELL_BACK,)
    assert MadeNotices(tmp_path / "n.json", made_of="other").all == ()


@pytest.mark.parametrize("content", ["{", "[]", '{"made_of": "one", "notices": [{"what": "m"}]}'])
def test_notices_that_no_run_left_are_told_with_their_file(tmp_path: Path, content: str) -> None:
    (tmp_path / "n.json").write_text(content)
    with pytest.raises(OutputError, match=r"n\.json' must be what a run left there"):
        MadeNotices(tmp_path / "n.json", made_of="one")


def test_explainers_are_built_before_anything_is_made_and_not_where_all_is_there(tmp_path: Path) -> None:
    world, built = World(root=tmp_path, explainers=("flat",)), []

    def rehearse(names: tuple[str, ...]) -> None:
        built.append((names, world.log()))

    for _ in range(2):
        done(world, rehearse=rehearse)
    assert built == [(("flat",), [])]
