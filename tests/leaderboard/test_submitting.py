"""What `benchmark explain` wrote becomes an entry; what only authors know they say."""

import json
from pathlib import Path
from typing import Any

import pytest
from small_board import answers, frozen, right, write_bundle

from benchmark.bundle.manifest import Bundle
from leaderboard.cli import main
from leaderboard.entry.example import json_lines
from leaderboard.verify.verifying import verify

MEASURED = {
    "code_sha256": "ab" * 32,
    "costs": {"vlm_tokens": 7, "dollars": None, "peak_memory_mb": 100.0},
    "encoder": None,
    "seeds": [0],
    "settings": {"n": 3},
    "target": "mine:Mine",
    "track": "solo",
    "vlms": [],
}
EMPTY = {
    "name": "mine",
    "version": "1.0.0",
    "authors": [],
    "link": "",
    "license": "",
    "division": "explainer",
    "judge": None,
    "requirement": None,
    "claimed": [],
}
TOLD = ["authors=Ada Example, Bo Beispiel", "link=https://example.org/mine", "license=MIT"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    bundle = write_bundle(tmp_path / "board" / "bundle")
    (tmp_path / "explained").mkdir()
    (tmp_path / "explained" / "explanations.jsonl").write_bytes(json_lines(answers(bundle, right)))
    for name, facts in (("facts", EMPTY), ("measured", MEASURED)):
        (tmp_path / "explained" / f"{name}.json").write_text(json.dumps(facts), encoding="utf-8")
    return tmp_path


def entry(home: Path) -> dict[str, Any]:
    return json.loads((home / "entry" / "entry.json").read_bytes())


def test_a_folder_of_explanations_becomes_an_entry(home: Path) -> None:
    assert main(["submit", "explained=explained", "output=entry", *TOLD]) == 0
    found = entry(home)
    assert found["authors"] == ["Ada Example", "Bo Beispiel"] and found["link"] == "https://example.org/mine"
    assert found["target"] == "mine:Mine" and found["code_sha256"] == "ab" * 32
    assert found["costs"]["vlm_tokens"] == 7 and found["costs"]["seconds"] == pytest.approx(4.0)


def test_what_authors_left_empty_is_told(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["submit", "explained=explained", "output=entry"]) == 3
    printed = capsys.readouterr().out
    assert all(f"`{name}`" in printed for name in ("authors", "link", "license"))


def test_the_hash_of_other_sources_takes_the_place_of_what_was_measured(home: Path) -> None:
    (home / "mine.py").write_text("code", encoding="utf-8")
    assert main(["submit", "explained=explained", "code=mine.py", "output=entry", *TOLD]) == 0
    assert entry(home)["code_sha256"] != "ab" * 32


def test_facts_of_the_file_go_before_what_was_measured(home: Path) -> None:
    facts = {**EMPTY, "track": "told", "costs": {"dollars": 0.5}}
    (home / "explained" / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
    assert main(["submit", "explained=explained", "output=entry", *TOLD]) == 0
    found = entry(home)
    assert found["track"] == "told" and found["costs"]["dollars"] == 0.5
    assert found["costs"]["vlm_tokens"] == 7


def test_replies_are_taken_where_there_are_any(home: Path) -> None:
    trial = next(iter(Bundle(home / "board" / "bundle").manifest.trials("public")))
    reply = {"trials": [trial], "vlm": "small 1", "question": "ab" * 32, "reply": "vivid"}
    (home / "explained" / "replies.jsonl").write_bytes(json_lines([reply]))
    measured = {**MEASURED, "vlms": ["small 1"]}
    (home / "explained" / "measured.json").write_text(json.dumps(measured), encoding="utf-8")
    assert main(["submit", "explained=explained", "output=entry", *TOLD]) == 0
    assert entry(home)["costs"]["vlm_calls"] == 1
    verdict = verify(home / "entry", bundle=frozen(Bundle(home / "board" / "bundle")))
    assert verdict.is_admissible
