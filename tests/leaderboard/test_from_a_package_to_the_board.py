"""A stranger's way: an explainer of a few lines, as a package in a folder, from `check` to its row on the board."""

import json
from pathlib import Path

import browser
import pytest
from small_board import write_bundle

from benchmark.cli import main as benchmark
from benchmark.explain.outside import OutsideLimits
from leaderboard.cli import main as leaderboard
from leaderboard.rerun.packages import PackageError, installed

EXPLAINER = '''
"""An explainer of how much redder and brighter images became."""

import numpy as np

from finexl.values import Claim, ImagePairs, ScoredExplanation


class Warmth:
    """Compares mean colours."""

    name = "warmth"

    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        base, personalized = (
            np.mean([np.asarray(image.convert("RGB")) for image in images], axis=(0, 1, 2)) / 255
            for images in (pairs.base, pairs.personalized)
        )
        red, _, blue = personalized - base
        found = {"warm": (red - blue) / 2, "bright": float((personalized - base).mean())}
        claims = [
            Claim(concept=concept, amount=float(amount))
            for concept, amount in sorted(found.items(), key=lambda item: -abs(item[1]))
            if abs(amount) > 0.002
        ]
        return ScoredExplanation(claims=tuple(claims))
'''
PROJECT = """
[project]
name = "warmth"
version = "1.0.0"
[project.entry-points."finexl.explainers"]
warmth = "warmth:Warmth"
[tool.setuptools]
py-modules = ["warmth"]
"""
FACTS = {
    "name": "warmth",
    "version": "1.0.0",
    "authors": ["Ada Example"],
    "link": "https://example.org/warmth",
    "license": "Apache-2.0",
    "division": "explainer",
    "judge": None,
    "requirement": None,
    "claimed": [],
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package's folder, installed beside a board whose bundle is there."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "warmth"
    folder.mkdir()
    (folder / "warmth.py").write_text(EXPLAINER.lstrip(), encoding="utf-8")
    (folder / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    try:
        site = installed(folder, tmp_path / "site", limits=OutsideLimits()).folder
    except PackageError as error:
        pytest.skip(str(error))
    monkeypatch.syspath_prepend(str(site))
    write_bundle(tmp_path / "board" / "bundle")
    assert leaderboard(["init", "board"]) == 0
    return folder


@pytest.mark.slow
@pytest.mark.usefixtures("project")
def test_it_keeps_the_contract_of_runs() -> None:
    assert len(EXPLAINER.strip().splitlines()) <= 26
    assert benchmark(["check", "explainer=warmth"]) == 0


def test_from_a_package_to_its_row_on_the_board(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert benchmark(["explain", "bundle=board/bundle", "explainer=warmth", "output=explained"]) == 0
    (tmp_path / "explained" / "facts.json").write_text(json.dumps(FACTS), encoding="utf-8")
    assert leaderboard(["submit", "explained=explained", f"code={project}", "output=mine"]) == 0
    capsys.readouterr()
    assert leaderboard(["verify", "mine"]) == 0
    assert "selection_accuracy" in capsys.readouterr().out
    assert leaderboard(["audit", "mine", f"package={project}"]) == 0
    assert "reproduced; 16 of 16 trials run again" in capsys.readouterr().out
    words = ["admit", "mine", f"package={project}", "trials=4", "later=a commit", "reason=first"]
    assert leaderboard(words) == 0
    assert leaderboard(["build"]) == 0
    page = (tmp_path / "board" / "site" / "index.html").read_text(encoding="utf-8")
    assert "warmth" in page and "reproduced" in page
    if browser.found() is not None:
        with browser.page(tmp_path / "profile") as one:
            one.open((tmp_path / "board" / "site" / "index.html").as_uri())
            assert "warmth" in one.value("document.querySelector('table.board').innerText")
            assert one.errors == []
