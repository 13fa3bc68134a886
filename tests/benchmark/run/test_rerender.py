"""The report of a finished run, written again from what the run left."""

import json
import re
import shutil
from pathlib import Path

import pytest

from benchmark.cli.dispatch import main
from benchmark.config.loading import load_settings, settings_from
from benchmark.config.settings import public_settings
from benchmark.plan.trials import Group
from benchmark.record.recording import costs, without_cost, write_json
from benchmark.record.records import Cost, GroupRecord, Provenance, TrialRecord, Versions
from benchmark.run.rerender import finished as read
from benchmark.run.rerender import render_again
from benchmark.run.workbench import planned
from benchmark.show.report import FinishedRun
from finetune.corpora.synthetic import SyntheticCorpus
from finexl.errors import InvalidInputError

SETTINGS = load_settings(["preset=smoke", "scenario=multi_aspect", "explainer=constant"])


def record(group: Group) -> GroupRecord:
    trials = tuple(
        TrialRecord(trial=trial.id, truth=trial.truth, outcome="ok", kind="scored", reading=(1.0, 1.0))
        for trial in group.trials
    )
    provenance = Provenance(
        explainer="constant",
        explainer_key="k",
        reader="r",
        seed=0,
        pairs=tuple(trial.id for trial in group.trials),
        versions=Versions(explain="v", read="v", certify="v"),
    )
    return GroupRecord(
        scenario=group.scenario,
        group=group.id,
        aspects=group.aspects,
        explainer="constant",
        trials=trials,
        certified=True,
        provenance=provenance,
        cost=Cost(seconds=1.0),
    )


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    (group,) = planned(SETTINGS, SyntheticCorpus(), generator_id="g")
    made = record(group)
    write_json(tmp_path / "costs.json", {"records": costs([made])})
    write_json(
        tmp_path / "results.json",
        {
            "settings": public_settings(SETTINGS),
            "provenance": {"generator": "g", "made_by": "old code"},
            "records": [without_cost(made)],
        },
    )
    (tmp_path / "explanations.jsonl").touch()
    return tmp_path


def written(folder: Path) -> list[FinishedRun]:
    return render_again([folder], folder / "report.html")


def test_written_settings_are_read_back() -> None:
    plain = {**json.loads(json.dumps(public_settings(SETTINGS))), "output": str(SETTINGS.output)}
    assert public_settings(settings_from(plain)) == public_settings(SETTINGS)


def test_the_page_holds_the_scores_of_the_records(finished: Path) -> None:
    (run,) = written(finished)
    (row,) = run.result.rows
    assert row.value == pytest.approx(1 / 6)


def test_the_page_says_what_made_the_records(finished: Path) -> None:
    written(finished)
    assert "old code" in (finished / "report.html").read_text(encoding="utf-8")


def test_results_stay_as_they_are(finished: Path) -> None:
    before = (finished / "results.json").read_bytes()
    written(finished)
    assert (finished / "results.json").read_bytes() == before


@pytest.mark.parametrize("file", ["results.json", "costs.json"])
def test_an_unfinished_run_is_named(finished: Path, file: str) -> None:
    (finished / file).unlink()
    with pytest.raises(InvalidInputError, match="finished run"):
        written(finished)


BROKEN = [
    '{"records": [',
    "\xff",
    "[]",
    "{}",
    '{"records": 3}',
    '{"records": [{}]}',
    '{"records": [3]}',
    "[" * 10**5,
]


@pytest.mark.parametrize("file", ["results.json", "costs.json"])
@pytest.mark.parametrize("content", BROKEN, ids=range(len(BROKEN)))
def test_what_is_broken_in_a_run_is_told_with_the_file_and_what_to_do(
    finished: Path, file: str, content: str
) -> None:
    (finished / file).write_bytes(content.encode("latin-1"))
    with pytest.raises(InvalidInputError, match=rf"{file}' is not: .*Give the command") as told:
        read(finished)
    assert len(str(told.value).replace(str(finished), "")) < 400


@pytest.mark.parametrize("part", ["settings", "provenance", "records"])
@pytest.mark.parametrize("value", [None, [], 3, [{"group": 1, "explainer": 2}], {}])
def test_a_part_of_results_of_another_form_is_told(finished: Path, part: str, value: object) -> None:
    results = json.loads((finished / "results.json").read_text())
    (finished / "results.json").write_text(json.dumps({**results, part: value}))
    if part == "records" and value in ([], {}):
        assert not read(finished).result.records
        return
    with pytest.raises(InvalidInputError):
        read(finished)


def test_broken_costs_end_the_comparison_of_runs_with_code_2(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (finished / "costs.json").write_text("{}")
    assert main(["agree", str(finished)]) == 2
    assert "'records' is missing" in capsys.readouterr().err


def test_a_broken_curve_is_told(finished: Path) -> None:
    (finished / "curve.svg").touch()
    (finished / "curve.json").write_text("{}")
    with pytest.raises(InvalidInputError, match=r"curve\.json' is not: 'curves' is missing"):
        written(finished)


def test_records_that_do_not_fit_the_plan_are_named(finished: Path) -> None:
    results = json.loads((finished / "results.json").read_text())
    results["records"][0]["trials"].pop()
    write_json(finished / "results.json", results)
    with pytest.raises(InvalidInputError, match="must fit the plan"):
        read(finished)


def test_two_finished_runs_are_compared(
    finished: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path_factory.mktemp("other") / "run"
    shutil.copytree(finished, other)
    assert main(["agree", str(finished), str(other)]) == 0
    assert re.search(r"constant .*6 +– +6 +6", capsys.readouterr().out)


def test_one_finished_run_is_no_comparison(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["agree", str(finished), str(finished / ".." / finished.name)]) == 2
    assert "needs two finished runs or more" in capsys.readouterr().err


def test_runs_of_other_models_are_not_compared(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "run"
    shutil.copytree(finished, other)
    assert main(["agree", str(finished), str(other)]) == 0
    results = other / "results.json"
    written = json.loads(results.read_text(encoding="utf-8"))
    written["provenance"]["generator"] = "another"
    results.write_text(json.dumps(written), encoding="utf-8")
    assert main(["agree", str(finished), str(other)]) == 2
    told = " ".join(capsys.readouterr().err.split())
    assert "Runs must be of one generator" in told and "generator=miniature_sd (another)" in told
    assert told.endswith("Run both again with this version.")


def test_a_report_passes_over_explanations_of_a_bundle(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    explained = tmp_path / "ex"
    explained.mkdir()
    for name in ("explanations.jsonl", "groups.jsonl", "measured.json"):
        (explained / name).touch()
    assert main(["report", str(finished), str(explained)]) == 0
    told, wrote = capsys.readouterr().out.splitlines()
    assert told.startswith("Passed over 1 folder") and ": 1 run, " in wrote
