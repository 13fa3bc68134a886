"""The command line as a person meets it: in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from record_makers import group_record, trial

from benchmark import cli
from benchmark.cli.offline import downloading_nothing
from benchmark.config.loading import load_settings
from benchmark.show.runs import RunFiles, RunPlan, RunResult
from finetune.families.hub import HubError
from finexl.errors import FinexlError

ROOT = Path(__file__).parents[3]
HEAVY = {"torch", "hydra", "scipy", "diffusers", "transformers", "open_clip", "wandb"}
LISTS_HEAVY = (
    "import atexit, sys; from benchmark.cli import main; "
    f"atexit.register(lambda: print('heavy:', sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)); "
    "sys.exit(main(sys.argv[1:]))"
)


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """`python -m benchmark`, which also says which heavy libraries it imported."""
    return subprocess.run(
        [sys.executable, "-c", LISTS_HEAVY, *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["run", "--help"],
        ["list"],
        ["list", "preset"],
        ["report", "--help"],
        ["check", "--help"],
        ["curve", "--help"],
        ["table", "--help"],
        ["figure", "--help"],
        ["paper", "--help"],
        ["list", "aspects", "corpus=wikiart"],
    ],
)
def test_looking_around_imports_nothing_heavy(words: list[str]) -> None:
    done = run(*words)
    assert (done.returncode, done.stderr.strip()) == (0, "heavy: []")


@pytest.mark.parametrize(
    ("words", "suggestion"),
    [
        (["run", "scenario=multi-aspect"], "Did you mean scenario=multi_aspect?"),
        (["run", "preset=lit"], "Did you mean preset=lite?"),
        (["run", "explainer=fine_xl"], "Did you mean explainer=finexl?"),
        (["run", "wokers=2"], "Did you mean workers=2?"),
        (["run", "--seed", "3", "--dry-run"], "python -m benchmark run seed=3 --dry-run"),
        (["list", "--explainer"], "python -m benchmark list --help"),
        (["run", "seed"], "Add a value, as in seed=..."),
        (["run", "preset"], "`python -m benchmark list preset` shows what there is"),
        (["run", "seed", "=", "3"], "Did you mean seed=3?"),
        (["run", "run", "="], "Write a key before the = and a value behind it."),
        (["run", "="], "Write a key before the = and a value behind it."),
        (["run", "output="], "`output` must have a value"),
        (["run", "explainer.second=5"], "Did you mean explainer.seconds=5?"),
        (
            ["run", "explainer_settings=3"],
            "are written explainer_settings.<name>.<key>. Got 'explainer_settings'",
        ),
        (["run", "preset.n_levls=3"], "Did you mean preset.n_levels=3?"),
        (["run", "--generator.adapter_scale", "-1"], "python -m benchmark run generator.adapter_scale=-1"),
        (["run", "--output", "my-runs"], "python -m benchmark run output=my-runs"),
        (["rum", "--seed", "3"], "python -m benchmark run seed=3"),
        (["paper", "clams"], "Did you mean: python -m benchmark paper claims"),
        (["docs", "take"], "`docs` takes nothing, or one of take= and run="),
        (["runn", "preset=smoke"], "python -m benchmark run preset=smoke"),
        (["scenario=multi_aspect"], "python -m benchmark run scenario=multi_aspect"),
        (["list", "explainr"], "Did you mean: python -m benchmark list explainer"),
        (["list", "aspects", "corpus=wikiar"], "Did you mean corpus=wikiart?"),
        (["list", "aspects", "seed=1"], "takes a corpus and its settings. Got 'seed=1'"),
        (["report", "nowhere"], "must hold explanations.jsonl"),
        (["curve", "preset=smoke", "n_shown=64"], "must fit into preset.n_prompts=8"),
    ],
)
def test_a_mistyped_name_ends_with_code_2_and_a_suggestion(words: list[str], suggestion: str) -> None:
    done = run(*words)
    assert done.returncode == 2
    assert suggestion in done.stderr
    assert "Traceback" not in done.stderr
    assert "heavy: []" in done.stderr


def test_a_value_of_the_wrong_type_ends_with_code_2_before_torch() -> None:
    done = run("run", "seed=abc")
    assert done.returncode == 2
    assert "`seed` must be a whole number. Got 'abc'. Give seed=0" in done.stderr
    assert "torch" not in done.stderr


def test_the_module_runs_as_a_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmark"], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0 and "exit codes" in done.stdout


@pytest.mark.parametrize("command", ["run", "list", "report"])
def test_help_of_every_command_has_examples(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main([command, "--help"])
    assert f"python -m benchmark {command}" in capsys.readouterr().out


def test_an_unknown_option_ends_with_code_2_and_the_one_that_was_meant(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["run", "--dryrun"]) == 2
    assert "Did you mean --dry-run?" in capsys.readouterr().err


def failing(error: BaseException):
    def command(words: list[str]) -> int:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (FinexlError("Weights must be there."), 1, "Weights must be there."),
        (KeyboardInterrupt(), 130, "go on with: python -m benchmark run seed=1"),
        (OSError(28, "No space left on device", "/store/x"), 1, "Free some space"),
    ],
)
def test_what_ends_a_run_is_said_without_traceback(
    error: BaseException,
    code: int,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(cli.COMMANDS, "run", failing(error))
    assert cli.main(["run", "seed=1"]) == code
    assert message in capsys.readouterr().err


def test_a_fault_of_the_program_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(cli.COMMANDS, "run", failing(ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        cli.main(["run"])


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        (["run", "-q"], "Got 'q'; there are"),
        (["run", "--seed", "-1"], "`seed` must be at least 0"),
        (["run", "--preset", "tiny"], "`preset` must be one of"),
        (["--seed", "abc"], "`seed` must be a whole number"),
        (["runn", "--colour"], "Got 'colour'"),
        (["bench", "--fast"], "`bench` takes nothing, or `explainers`"),
        (["explain", "--bundle", "nowhere"], "`explain` must be given explainer="),
        (["curve", "--points", "4"], "Got 'points'"),
        (["table", "-1"], "There is no table -1; tables: "),
        (["figure", "--preset", "smoke"], "`figure` takes a number, and then keys"),
        (["paper", "-1"], "Settings must be written key=value. Got '-1'"),
        (["run", "-1"], "Settings must be written key=value. Got '-1'"),
        (["simulate", "-1"], "`python -m benchmark simulate --help` shows what it takes"),
    ],
)
def test_what_would_fail_too_is_not_suggested(
    typed: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(typed) == cli.USAGE
    told = capsys.readouterr().err
    assert why in told and "Did you mean: python" not in told


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (["generator.folder=nowhere"], "generator.folder"),
        (["scenario=versions", "generator.versions.x.folder=nowhere"], "generator.versions.x.folder"),
    ],
)
def test_a_folder_without_a_generator_is_told_by_its_key_before_anything_is_loaded(
    words: list[str], key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["run", "preset=smoke", "explainer=constant", "--dry-run", *words]) == cli.FAILED
    told = capsys.readouterr().err
    assert f"`{key}` must be the folder of a downloaded model" in told and "'nowhere'" in told


@pytest.mark.parametrize(
    "words",
    [
        ["report", ""],
        ["sync", ""],
        ["agree", "runs", ""],
        ["docs", "take="],
        ["explain", "bundle=", "explainer=constant"],
        ["freeze", "output="],
        ["paper", "pages="],
        ["run", "store="],
    ],
)
def test_what_an_unset_variable_leaves_is_no_folder(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(words) == cli.USAGE
    told = capsys.readouterr().err
    assert f"behind `{words[0]}` must not be empty" in told or f"must have a value. Got '{words[1]}'" in told


def test_a_dry_run_of_a_bundle_refuses_a_place_that_is_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("")
    assert cli.main(["freeze", "--dry-run", f"output={tmp_path / 'taken'}"]) != cli.OK
    assert "`output` must be a place for files" in capsys.readouterr().err


def test_a_dry_run_of_a_bundle_says_that_a_folder_of_other_things_would_be_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.txt").write_text("")
    monkeypatch.setattr("benchmark.bundle.preview.bundle_preview", lambda recipes: "the plan")
    assert cli.main(["freeze", "--dry-run", f"output={tmp_path}"]) == cli.OK
    plan, refused = capsys.readouterr().out.split("\n", maxsplit=1)
    assert plan == "the plan" and refused.startswith("a run would be refused: `output` must be a folder that")


def test_a_dry_run_of_a_page_refuses_a_place_that_is_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("")
    for key in ("output", "pages"):
        assert cli.main(["table", "8", "preset=smoke", "--dry-run", f"{key}={tmp_path / 'taken'}"]) != cli.OK
        assert f"`{key}` must be a place for files" in capsys.readouterr().err


def test_too_many_failures_end_with_code_3_and_the_command_that_asks_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    record = group_record("single_aspect", (trial((1,), (1.0,), outcome="timeout"),))
    plan = RunPlan(name="n", files=RunFiles(folder=tmp_path), groups=(), explainers=("constant",), n_reused=0)
    result = RunResult(plan=plan, records=(record,), rows=())
    monkeypatch.setattr("benchmark.run.runner.run", lambda settings: result)
    assert cli.main(["run", "scenario=multi_aspect", "explainer=constant"]) == cli.UNSOUND
    told = capsys.readouterr().err
    assert "100% of the explanations failed" in told
    assert "ask those again: python -m benchmark run scenario=multi_aspect explainer=constant" in told


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (["--seed", "3"], ["seed=3"]),
        (["--seed=3"], ["seed=3"]),
        (["seed=3"], ["seed=3"]),
        (["--quiet", "--preset", "smoke"], ["--quiet", "preset=smoke"]),
        (["--dry-run"], ["--dry-run"]),
        (["--n-shown", "4", "--paired"], ["n_shown=4", "paired=true"]),
    ],
)
def test_a_command_that_is_suggested_is_one_that_is_understood(
    typed: list[str], meant: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(typed) == cli.USAGE
    assert f"Did you mean: python -m benchmark run {' '.join(meant)}" in capsys.readouterr().err
    load_settings([word for word in meant if not word.startswith("-")])


def test_what_the_hub_says_of_a_switch_that_we_set_is_no_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")  # so that it is put back afterwards
    monkeypatch.delenv("HF_HUB_OFFLINE")
    said = "a/b: outgoing traffic is disabled. To enable downloads online, set 'HF_HUB_OFFLINE=0' as variable.\nEnd."
    with pytest.raises(HubError) as caught, downloading_nothing():
        raise HubError(said)
    assert str(caught.value).startswith(
        "a/b: outgoing traffic is disabled.\nEnd.\nA dry run downloads nothing"
    )


@pytest.mark.parametrize("key", ["output", "store"])
def test_a_dry_run_refuses_a_place_where_nothing_can_be_made(
    key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rights do not tell: they let a superuser write to /proc."""
    assert cli.main(["run", "--dry-run", "preset=smoke", f"{key}=/proc/x"]) == cli.FAILED
    assert f"`{key}` must be a place for files." in capsys.readouterr().err


def test_a_file_in_place_of_a_corpus_is_told_with_its_key(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["run", "--dry-run", "preset=smoke", "corpus=folder", f"corpus.folder={__file__}"]
    assert cli.main(words) == cli.FAILED
    assert "`corpus.folder` of a corpus must be a folder of images" in capsys.readouterr().err


LONG = "x" * 300


@pytest.mark.parametrize(
    "words",
    [
        ["agree", LONG],
        ["report", LONG],
        ["docs", f"take={LONG}"],
        ["list", "aspects", "corpus=folder", f"corpus.folder={LONG}"],
    ],
)
def test_a_path_that_the_system_refuses_is_told_without_traceback(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(words) == cli.USAGE
    assert "File name too long. Give it a shorter name" in capsys.readouterr().err


@pytest.mark.parametrize("key", ["output", "store", "corpus.folder"])
def test_a_dry_run_tells_of_a_path_that_the_system_refuses(
    key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["corpus=folder"] if key == "corpus.folder" else []
    assert cli.main(["run", "--dry-run", "preset=smoke", *words, f"{key}={LONG}"]) == cli.FAILED
    assert "File name too long" in capsys.readouterr().err


def test_a_closed_folder_is_told_without_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(cli.COMMANDS, "run", failing(PermissionError(13, "Permission denied", "closed/x")))
    assert cli.main(["run", "seed=1"]) == cli.FAILED
    assert "'closed/x' is not: Permission denied." in capsys.readouterr().err


@pytest.mark.parametrize("key", ["output", "store"])
@pytest.mark.parametrize("below", ["", "/deep/er"])
def test_a_dry_run_refuses_a_place_that_is_no_folder(
    tmp_path: Path, key: str, below: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    words = ["run", "--dry-run", "preset=smoke", f"output={tmp_path}/o", f"store={tmp_path}/s"]
    words = [word for word in words if not word.startswith(f"{key}=")] + [
        f"{key}={tmp_path}/notes.txt{below}"
    ]
    assert cli.main(words) == cli.FAILED
    told = capsys.readouterr().err
    assert f"`{key}` must be a place for files." in told and f"another folder with {key}=" in told
    assert (tmp_path / "notes.txt").read_text() == "mine" and [*tmp_path.iterdir()] == [
        tmp_path / "notes.txt"
    ]


def test_a_dry_run_without_a_key_tells_the_costs_and_that_a_run_would_be_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    words = ["run", "--dry-run", "preset=smoke", "vlm=openai", f"output={tmp_path}/o", f"store={tmp_path}/s"]
    assert cli.main(words) == cli.OK
    told = capsys.readouterr().out
    assert "about $" in told and "a run would be refused: The endpoint" in told and "OPENAI_API_KEY" in told
