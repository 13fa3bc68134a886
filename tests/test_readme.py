"""What the README shows works as written."""

import re
from pathlib import Path

import numpy as np
import pytest

from finexl import ImagePairs
from finexl.values import ImageStack, ScoredExplanation

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
EXPLAINER = next(block for block in BLOCKS if "class " in block)


def test_the_explainer_of_the_readme_explains() -> None:
    namespace: dict[str, type] = {}
    exec(compile(EXPLAINER, "README.md", "exec"), namespace)
    dark = ImageStack(np.zeros((2, 4, 4, 3), np.uint8))
    light = ImageStack(np.full((2, 4, 4, 3), 255, np.uint8))
    explanation = namespace["Brightness"]().explain(
        ImagePairs(prompts=("a", "b"), base=dark, personalized=light)
    )
    assert isinstance(explanation, ScoredExplanation)
    assert explanation.concepts[0].score == pytest.approx(1.0)


def test_the_explainer_of_the_readme_has_at_most_thirty_lines() -> None:
    assert len(EXPLAINER.splitlines()) <= 30


def test_ci_runs_the_second_command_of_the_readme() -> None:
    assert "make test " in README
    assert "make test " in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", re.findall(r"\]\(([\w/.]+)\)", README))
def test_every_file_the_readme_links_to_exists(path: str) -> None:
    assert (ROOT / path).exists()


def test_no_number_of_the_readme_is_a_placeholder() -> None:
    assert not re.search(r"\b(?:TABLE_\w+|MEASURED|MATCHING|RATE)\b", README)


@pytest.mark.slow
def test_the_explainer_of_the_readme_passes_every_check_of_the_contract(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from benchmark.cli import main

    (tmp_path / "mine.py").write_text(EXPLAINER, encoding="utf-8")
    assert main(["check", f"explainer={tmp_path / 'mine.py'}:Brightness"]) == 0
    assert "12 of 12 checks passed" in capsys.readouterr().out
