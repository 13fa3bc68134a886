"""The workflow of a board's repository may only read, and its steps do what they say."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from small_board import Files, answers, entry, written, wrong

from benchmark.bundle.manifest import Bundle
from leaderboard.cli import COMMANDS
from leaderboard.repository import FILES, make

ROOT = Path(__file__).parents[2]
WORKFLOW = ROOT / "leaderboard" / "repository" / "files" / "workflow.yml"


@pytest.fixture(scope="module")
def workflow() -> dict[Any, Any]:
    return yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))


def test_it_runs_on_pull_requests_and_may_only_read(workflow: dict[Any, Any]) -> None:
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow[True] == {"pull_request": None}  # YAML takes `on` for true
    assert all("permissions" not in job for job in workflow["jobs"].values())


def test_it_knows_no_secret_and_keeps_no_credentials() -> None:
    text = WORKFLOW.read_text(encoding="utf-8")
    assert "secrets" not in text and text.count("persist-credentials: false") == text.count(
        "actions/checkout@"
    )


def test_what_it_uses_is_pinned_by_hash() -> None:
    used = re.findall(r"uses: (\S+)", WORKFLOW.read_text(encoding="utf-8"))
    assert used and all(re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", one) for one in used)


def test_nothing_of_a_pull_request_is_put_into_a_command(workflow: dict[Any, Any]) -> None:
    steps = workflow["jobs"]["verify"]["steps"]
    assert not [step for step in steps if "${{" in step.get("run", "")]


def test_every_command_that_files_name_is_there() -> None:
    for source in {*FILES.values()} - {None}:
        text = (WORKFLOW.parent / str(source)).read_text(encoding="utf-8")
        for command, rest in re.findall(r"-m leaderboard (\w+)([^\n`;|]*)", text):
            keys = [word.partition("=")[0] for word in shlex.split(rest) if re.match(r"[a-z_]+=", word)]
            assert {*keys} <= {*COMMANDS[command].keys}, command


def test_files_that_are_there_stay(tmp_path: Path) -> None:
    make(tmp_path)
    (tmp_path / "README.md").write_text("ours", encoding="utf-8")
    assert make(tmp_path) == [] and (tmp_path / "README.md").read_text(encoding="utf-8") == "ours"


def test_nothing_is_written_through_a_link_to_what_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "board").mkdir()
    (tmp_path / "board" / "README.md").symlink_to(tmp_path / "elsewhere")
    make(tmp_path / "board")
    assert not (tmp_path / "elsewhere").exists()


def test_what_stays_with_the_organiser_is_not_added_to_it(tmp_path: Path) -> None:
    make(tmp_path)
    kept = [
        *("bundle/planted.json", "bundle-private/manifest.json", "bundle-private/images/a.png"),
        *("bundle/truth-private.json", "explained/mine/explanations.jsonl"),
    ]
    shown = ["bundle/manifest.json", "bundle/truth-public.json", "submissions/a/explanations.jsonl"]
    for name in (*kept, *shown):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    subprocess.run(["git", "init", "-q", "."], cwd=tmp_path, check=True)
    added = subprocess.run(
        ["git", "ls-files", "--others", "--exclude-standard"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    assert {*shown} <= {*added} and not {*kept} & {*added}


def run_steps(
    workflow: dict[Any, Any], folder: Path, bundle: Bundle, **submissions: Files | bytes
) -> list[tuple[str, int, str]]:
    """What the steps say of a pull request with these submissions, up to the first that fails."""
    make(folder / "base")
    shutil.copytree(bundle.folder, folder / "base" / "bundle")
    run_in(folder, "python -I -m leaderboard build board=base")
    shutil.copytree(folder / "base", folder / "asked")
    for name, files in submissions.items():
        path = folder / "asked" / "submissions" / name
        path.write_bytes(files) if isinstance(files, bytes) else written(path, files)
    said = []
    for step in workflow["jobs"]["verify"]["steps"]:
        if "run" in step and "pip install" not in step["run"]:
            done = run_in(folder, step["run"].replace("tools/bin/python", "python").replace("sudo", "true"))
            said.append((step["name"], done.returncode, done.stdout + done.stderr))
            if done.returncode:
                break
    return said


def run_in(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    tool = folder / "tools" / "python"
    if not tool.exists():
        tool.parent.mkdir(parents=True)
        # without -I, which would not see a checkout
        tool.write_text(f'#!/bin/sh\nshift\nPYTHONPATH={ROOT} exec {sys.executable} "$@"\n', encoding="utf-8")
        tool.chmod(0o755)
    path = f"{tool.parent}:{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env={**os.environ, "PATH": path, "GITHUB_SHA": "4f2a91c"},
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.mark.slow
def test_an_entry_passes_and_is_on_the_board_as_it_would_be(
    workflow: dict[Any, Any], bundle: Bundle, tmp_path: Path
) -> None:
    said = run_steps(workflow, tmp_path, bundle, mine=entry(bundle, requirement=None))
    assert [code for _, code, _ in said] == [0] * 6, said
    assert "not run; the entry names no package" in next(
        text for name, _, text in said if "run again" in name
    )
    assert "brightness" in (tmp_path / "would-be" / "site" / "index.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_tampered_entry_and_a_tampered_ledger_fail(
    workflow: dict[Any, Any], bundle: Bundle, tmp_path: Path
) -> None:
    files = {
        **entry(bundle),
        "explanations.jsonl": entry(bundle, answers(bundle, wrong))["explanations.jsonl"],
    }
    name, code, text = run_steps(workflow, tmp_path, bundle, mine=files)[-1]
    assert (name, code) == ("Every submission keeps the rules, and is scored", 3) and "rule: hashes" in text


@pytest.mark.slow
def test_what_lies_loose_among_submissions_does_not_pass_unseen(
    workflow: dict[Any, Any], bundle: Bundle, tmp_path: Path
) -> None:
    name, code, text = run_steps(workflow, tmp_path, bundle, loose=b"{}")[-1]
    assert (name, code) == ("Every submission keeps the rules, and is scored", 3)
    assert "An entry must be a folder, or an archive" in text
