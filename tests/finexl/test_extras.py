"""Explaining images needs no package of the benchmark; a command that does says what to install."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from finexl.extras import BENCHMARK

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ABSENT = sorted({*BENCHMARK, "datasets", "pandas", "pyarrow"} - {"pydantic", "yaml"})
"""All but what the core's own libraries bring along: openai needs pydantic, huggingface_hub reads YAML."""
EXPLAIN = """
import tempfile
from pathlib import Path

import finexl
from finexl.explain.examples import write_example

base, tuned = write_example(Path(tempfile.mkdtemp()))
print(finexl.explain_folders(base, tuned))
"""


def run(code: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run code where packages of the benchmark cannot be imported."""
    blocked = f"import sys\nsys.modules.update(dict.fromkeys({ABSENT}))\nsys.argv[1:] = {list(words)}\n{code}"
    return subprocess.run(
        [sys.executable, "-c", blocked], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_two_folders_are_explained_without_any_extra():
    done = run(EXPLAIN)
    assert done.returncode == 0, done.stderr
    assert "vivid" in done.stdout


@pytest.mark.parametrize("program", ["benchmark", "finetune", "baselines"])
def test_help_needs_no_extra(program):
    command = f"import runpy; runpy.run_module({program!r}, run_name='__main__')"
    assert run(command, "--help").returncode == 0


def test_a_run_without_the_extra_says_what_to_install():
    done = run(
        "import runpy; runpy.run_module('benchmark', run_name='__main__')", "run", "scenario=multi_aspect"
    )
    assert done.returncode == 1
    assert "pip install 'finexl[benchmark]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_every_package_of_the_extra_is_known_by_the_names_that_are_imported():
    named = {re.split(r"[<>=]", one)[0] for one in PROJECT["optional-dependencies"]["benchmark"]}
    distributions = {d.lower() for module in BENCHMARK for d in packages_distributions()[module]}
    assert distributions == named


@pytest.mark.parametrize("extra", ["core", "benchmark", "corpora", "test"])
def test_every_bound_says_why(extra):
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    start = text.index("dependencies = [" if extra == "core" else f"\n{extra} = [")
    lines = text[start : text.index("\n]", start)].strip().splitlines()[1:]
    assert all("#" in line for line in lines)
