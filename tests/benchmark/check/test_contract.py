"""`check` in processes of its own: planted truths are found by those who look for them, and by nobody else."""

import dataclasses
import re
from pathlib import Path

import cheaters
import pytest

from benchmark import cli
from benchmark.check.canaries import TRUTHS, Witness, judge, plant
from benchmark.check.contract import between, read_words
from benchmark.check.contract_pairs import labelled, ordinary_models, painted, renamed, unchanged_model
from benchmark.check.contract_rules import RULES, Finding, Limits
from benchmark.check.contract_table import line, verdict
from benchmark.cli.check import HELP
from benchmark.config.portable import portable_settings
from benchmark.explain.children import Message
from benchmark.explain.explaining import explain_blind
from benchmark.parts.explainers import EXPLAINERS
from finexl.errors import InvalidInputError
from finexl.values import Claim, ScoredExplanation

HERE = Path(__file__).parents[1]


def between_processes(cheater: type) -> dict[str, Finding]:
    settings, limits = read_words([f"explainer={HERE / 'cheaters.py'}:{cheater.__name__}"])
    given: Message = {"settings": portable_settings(settings), "limits": dataclasses.asdict(limits)}
    clean = explain_blind(cheater(), ordinary_models())
    return {finding.name: finding for finding in between(clean, given, patience_s=600.0)}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cheater", "seen"),
    [
        (cheaters.ReadsTheEnvironment, "with another planted truth, model 1 of 3"),
        (cheaters.OpensTheDecoy, "it opened truth.json of the decoy"),
        (cheaters.ReadsTheMetadata, "its answer holds the planted word 'zephyrine'"),
    ],
)
def test_who_looks_for_the_truth_fails_that_check_alone(cheater: type, seen: str) -> None:
    findings = between_processes(cheater)
    assert findings["no_truth_access"].status == "fail"
    assert seen in findings["no_truth_access"].seen
    assert findings["fresh_process"].status != "fail"


@pytest.mark.slow
def test_an_order_that_hangs_on_the_process_fails_that_check_alone() -> None:
    findings = between_processes(cheaters.HashesWords)
    assert (findings["no_truth_access"].status, findings["fresh_process"].status) == ("pass", "fail")


@pytest.mark.slow
def test_an_honest_explainer_in_a_file_passes_every_check(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", f"explainer={HERE / 'cheaters.py'}:Honest"]) == 0
    printed = capsys.readouterr().out
    assert re.findall(r"^(\w+) \.+ pass", printed, flags=re.MULTILINE) == list(RULES)
    assert f"{len(RULES)} of {len(RULES)} checks passed. Next: python -m benchmark run" in printed


@pytest.mark.slow
def test_a_failed_check_ends_with_code_3_and_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", f"explainer={HERE / 'cheaters.py'}:Raises"]) == 3
    printed = capsys.readouterr().out
    assert "RuntimeError: no such layer" in " ".join(printed.split())
    assert "1 fail: answers." in printed


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ([], "takes one explainer"),
        (["explainer=finexl,random"], "takes one explainer"),
        (["explainer=finexll"], "Did you mean explainer=finexl?"),
        (["explainer=no/such/file.py:Mine"], "There is none at 'no/such/file.py'"),
        (["explainer=no_such_module:Mine"], "There is no 'no_such_module'"),
        (["explainer=finexl", "scenario=multi_aspect"], "takes the keys explainer, "),
        (["explainer=finexl", "seconds=soon"], "`seconds` must be a number. Got 'soon'"),
        (["explainer=constant", "seconds=2e7"], "`seconds` must be at most 1e+07. Got '2e7'"),
        (["explainer=constant", "seconds=0.0005"], "`seconds` must be at least 0.001. Got '0.0005'"),
        (["explainer=finexl", "seconds=1e99"], "`seconds` must be at most 1e+07"),
        (["explainer=finexl", "seconds=1_0"], "`seconds` must be a number, written without `_`"),
        (["explainer=finexl", "memory_mb=inf"], "`memory_mb` must be a finite number. Got 'inf'"),
        (["explainer=finexl", "memory_mb=-1"], "`memory_mb` must be greater than 0. Got '-1'"),
    ],
)
def test_a_wrong_command_line_ends_with_code_2(
    words: list[str], fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["check", *words]) == 2
    assert fault in capsys.readouterr().err


@pytest.mark.parametrize("seconds", [0.001, 1e7])
def test_every_limit_that_is_taken_fits_a_run(seconds: float) -> None:
    settings, limits = read_words(["explainer=constant", f"seconds={seconds}"])
    assert dataclasses.replace(settings, explainer_seconds=limits.seconds).explainer_seconds == seconds


def test_limits_are_read_beside_settings() -> None:
    settings, limits = read_words(
        ["seconds=2.5", "explainer=finexl_paper", "explainer_settings.finexl_paper.e_ortho=0.3"]
    )
    assert limits == Limits(seconds=2.5)
    assert settings.explainers[0].options.e_ortho == 0.3


def said(score: float, *opened: str, concept: str = "bright") -> Witness:
    answer = ScoredExplanation(claims=(Claim(concept=concept, amount=score),))
    return Witness(answers=(answer,), opened=opened)


@pytest.mark.parametrize(
    ("clean", "first", "second", "statuses"),
    [
        (1.0, said(1.0), said(1.0), ("pass", "pass")),
        (1.0, said(1.0), said(1.00001), ("pass", "pass")),
        (1.0, said(1.0), said(2.0), ("fail", "skip")),
        (1.0, said(2.0), said(2.0), ("pass", "fail")),
        (1.0, said(1.0, "truth.json"), said(1.0), ("fail", "pass")),
    ],
)
def test_processes_are_compared_with_each_other_first(
    clean: float, first: Witness, second: Witness, statuses: tuple[str, str]
) -> None:
    findings = judge(said(clean).answers, (first, second))
    assert tuple(finding.status for finding in findings) == statuses


def test_a_planted_word_in_the_answer_is_found_though_both_say_it() -> None:
    told = said(1.0, concept=f"a {TRUTHS[0].aspect} photo")
    blind, _ = judge(told.answers, (told, told))
    assert "holds the planted word" in blind.seen


def test_planted_truths_lie_in_files_variables_and_arguments(tmp_path: Path) -> None:
    around = plant(tmp_path, TRUTHS[1])
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {
        "explanations.jsonl",
        "readings.jsonl",
        "results.json",
        "truth.json",
    }
    assert all(TRUTHS[1].aspect in path.read_text() for path in files)
    assert around.environment["FINEXL_TRUTH"] == str(TRUTHS[1])
    assert any(TRUTHS[1].aspect in argument for argument in around.arguments)


def test_labelled_images_show_the_same_pixels_with_metadata() -> None:
    pairs = painted({"warm": 1.0})
    marked = labelled(pairs, label="zephyrine 1")
    assert marked.personalized[0].info["truth"] == marked.personalized[1:][0].info["truth"] == "zephyrine 1"
    assert marked.personalized[0].tobytes() == pairs.personalized[0].tobytes()
    assert (marked.id, marked.prompts) == (pairs.id, pairs.prompts)


def test_renamed_models_keep_their_order_and_nothing_of_their_names() -> None:
    models = ordinary_models()
    others = renamed(models)
    assert [pairs.id for pairs in others] == sorted(pairs.id for pairs in others)
    assert not {pairs.id for pairs in others} & {pairs.id for pairs in models}
    assert [a.personalized is b.personalized for a, b in zip(models, others, strict=True)] == [True] * len(
        models
    )


def test_an_unchanged_model_is_its_base() -> None:
    pairs = unchanged_model()
    assert all(a.tobytes() == b.tobytes() for a, b in zip(pairs.base, pairs.personalized, strict=True))


def test_every_rule_is_explained_and_every_exception_is_one_of_a_rule() -> None:
    assert all(f"\n  {name} " in HELP for name in RULES)
    assert all(set(part.fails_by_design) <= set(RULES) for part in EXPLAINERS.values())


def test_a_line_is_told_as_soon_as_a_check_is_made() -> None:
    assert line(Finding(name="one_pair", status="pass", seen="x", seconds=0.25)).split() == [
        "one_pair",
        "...........",
        "pass",
        "0.2",
        "s",
    ]


def test_the_verdict_counts_and_names_what_failed() -> None:
    findings = [
        Finding(name=name, status=status, seen="")
        for name, status in zip("abc", ("pass", "fail", "skip"), strict=True)
    ]
    assert verdict(findings, name="x") == "1 of 3 checks passed. 1 fail: b. 1 skip: c."


def test_the_next_command_can_be_copied_whatever_the_file_is_called() -> None:
    told = verdict([Finding(name="a", status="pass", seen="")], name="p ü/mine.py:Mine")
    assert told.endswith(" preset=smoke explainer='p ü/mine.py:Mine',constant")


def test_settings_travel_with_absolute_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.py").write_text("")
    monkeypatch.chdir(tmp_path)
    settings, _ = read_words(["explainer=mine.py:Mine", "encoder.folder=models/encoder"])
    plain = portable_settings(settings)
    assert plain["explainers"][0]["kind"] == f"{tmp_path}/mine.py:Mine"
    assert plain["explainers"][0]["name"] == "mine.py:Mine"
    assert plain["encoder"]["folder"] == f"{tmp_path}/models/encoder"


def test_an_explainer_that_is_nowhere_is_found_out_before_any_process_starts() -> None:
    with pytest.raises(InvalidInputError, match="no_such_module"):
        read_words(["explainer=no_such_module:Mine"])
