"""The small board of these tests is a module beside them, so that tests in folders can import it too."""

import json
import sys
from pathlib import Path

import pytest

from benchmark.bundle.manifest import Bundle
from leaderboard.cli import main
from leaderboard.entry.example import FACTS, json_lines

sys.path.insert(0, str(Path(__file__).parent))

from small_board import answers, right, write_bundle


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return write_bundle(tmp_path_factory.mktemp("bundles") / "small")


@pytest.fixture
def home(tmp_path: Path, bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what an author has before entering, and a board beside it."""
    monkeypatch.chdir(tmp_path)
    assert main(["init", "board"]) == 0
    (tmp_path / "board" / "bundle").symlink_to(bundle.folder)
    (tmp_path / "answers.jsonl").write_bytes(json_lines(answers(bundle, right)))
    facts = {
        **FACTS,
        "vlms": [],
        "claimed": [{"scenario": "multi_aspect", "metric": "selection_accuracy", "value": 0.4}],
    }
    (tmp_path / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
    (tmp_path / "mine.py").write_text("raise SystemExit('was imported')", encoding="utf-8")
    return tmp_path
