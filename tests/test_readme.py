"""What README and docs show works as written."""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from benchmark.config.choices import GROUPS, names_in
from benchmark.config.loading import load_settings
from finexl import ImagePairs
from finexl.values import ImageStack, ScoredExplanation

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCKS = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
EXPLAINER = next(block for block in BLOCKS if "class " in block)
OWN_IMAGES = next(block for block in BLOCKS if "explain_folders" in block)


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def links() -> list[tuple[str, str]]:
    """(page, target) of every link that stays in the project."""
    return [
        (page.relative_to(ROOT).as_posix(), target)
        for page in PAGES
        for target in re.findall(r"\]\(([\w/.#-]+)\)", text_of(page))
    ]


def runs() -> list[str]:
    """What follows `python -m benchmark run` wherever a page shows it as a command."""
    shown = [
        block.replace("\\\n", " ")
        for page in PAGES
        for block in re.findall(r"```sh\n(.*?)```", text_of(page), flags=re.DOTALL)
    ]
    return [found for block in shown for found in re.findall(r"python -m benchmark run\b(.*)", block)]


def anchors(page: Path) -> set[str]:
    """What its headings are called in links."""
    headings = re.findall(r"^#+ (.*)$", text_of(page), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


def test_the_readme_has_at_most_a_thousand_words() -> None:
    assert len(README.split()) <= 1000


def test_the_explainer_of_the_readme_explains() -> None:
    namespace: dict[str, type] = {}
    exec(compile(EXPLAINER, "README.md", "exec"), namespace)
    dark = ImageStack(np.zeros((2, 4, 4, 3), np.uint8))
    light = ImageStack(np.full((2, 4, 4, 3), 255, np.uint8))
    explanation = namespace["Brightness"]().explain(
        ImagePairs(prompts=("a", "b"), base=dark, personalized=light)
    )
    assert isinstance(explanation, ScoredExplanation)
    assert explanation.claims[0].amount == pytest.approx(1.0)


def test_the_explainer_of_the_readme_has_at_most_thirty_lines() -> None:
    assert len(EXPLAINER.splitlines()) <= 30


def test_images_of_ones_own_are_explained_as_on_the_page_whose_lines_are_run() -> None:
    assert f"```python\n{OWN_IMAGES}```" in text_of(ROOT / "docs" / "explain.md")


def test_ci_runs_the_second_command_of_the_readme() -> None:
    assert "make test " in README
    assert "make test " in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


@pytest.mark.parametrize(("page", "target"), links())
def test_every_link_leads_somewhere(page: str, target: str) -> None:
    path, _, heading = target.partition("#")
    found = (ROOT / page).parent / path if path else ROOT / page
    assert found.exists()
    assert not heading or heading in anchors(found)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_names_exists(page: Path) -> None:
    named = re.findall(r"`((?:benchmark|finexl|baselines|finetune|configs|tests)/[\w/.]*)`?", text_of(page))
    assert not [path for path in named if not (ROOT / path.rstrip(".")).exists()]


@pytest.mark.parametrize("words", dict.fromkeys(runs()))
def test_every_run_that_a_page_shows_is_understood(
    words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.py").write_text(EXPLAINER, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    load_settings([word for word in shlex.split(words, comments=True) if not word.startswith("--")])


@pytest.mark.parametrize(
    ("page", "group"),
    [
        ("explainers", "explainer"), ("generators", "corpus"), ("generators", "scenario"), ("models", "encoder"),
        ("models", "reader"), ("executors", "executor"),
    ],
)  # fmt: skip
def test_every_choice_is_on_its_page(page: str, group: str) -> None:
    text = text_of(ROOT / "docs" / f"{page}.md")
    assert group in GROUPS
    assert not [name for name in names_in(group) if f"`{name}`" not in text]


def test_no_number_of_the_readme_is_a_placeholder() -> None:
    assert not re.search(r"\b(?:TABLE_\w+|MEASURED|MATCHING|RATE)\b", README)


@pytest.mark.slow
def test_the_explainer_of_the_readme_passes_every_check_of_the_contract(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from benchmark.cli import main

    (tmp_path / "mine.py").write_text(EXPLAINER, encoding="utf-8")
    assert main(["check", f"explainer={tmp_path / 'mine.py'}:Brightness"]) == 0
    assert "13 of 13 checks passed" in capsys.readouterr().out
