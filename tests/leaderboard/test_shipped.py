"""Every explainer that comes with the suite is entered by one command, which goes on where it stopped."""

import json
import shlex
from pathlib import Path

import pytest
from small_board import answers, entry, right, write_bundle, written, wrong

from benchmark.bundle.manifest import Bundle
from benchmark.parts.strangers import facts_of
from finexl.errors import UnknownNameError
from leaderboard import shipped
from leaderboard.cli import main
from leaderboard.entry.example import json_lines
from leaderboard.entry.schema import Entry
from leaderboard.ledger.chain import read_ledger
from leaderboard.ledger.events import Audit
from leaderboard.rerun.suite import suite_explainer
from leaderboard.shipped import shipped_explainers

OUTSIDERS = Path(__file__).parents[1] / "benchmark" / "outsiders.py"
MEASURED = {
    "code_sha256": "ab" * 32,
    "costs": {"vlm_tokens": 0, "dollars": None, "peak_memory_mb": 100.0},
    "encoder": None,
    "seeds": [0],
    "settings": {},
    "target": "baselines.controls:RandomScores",
    "track": "told",
    "vlms": [],
}
FACTS = {
    "version": "0.1.0",
    "authors": ["FineXL suite"],
    "link": "https://example.org/suite",
    "license": "Apache-2.0",
    "division": "explainer",
    "judge": None,
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A board with a bundle, and explainers that say what they always say without being asked."""
    monkeypatch.chdir(tmp_path)
    assert main(["init", "board"]) == 0
    write_bundle(tmp_path / "board" / "bundle")
    asked = tmp_path / "asked.txt"

    def explain(name: str, *, bundle: Path, output: Path) -> int:
        with asked.open("a", encoding="utf-8") as file:
            file.write(f"{name}\n")
        if name == "finexl" and (tmp_path / "no power").exists():
            return 1
        output.mkdir(parents=True, exist_ok=True)
        part = "private" if "private" in Bundle(bundle).known_parts else "public"
        said = answers(Bundle(bundle), right if name == "finexl" else wrong, part=part)
        (output / "explanations.jsonl").write_bytes(json_lines(said))
        (output / "facts.json").write_text(json.dumps({**FACTS, "name": name}), encoding="utf-8")
        (output / "measured.json").write_text(json.dumps(MEASURED), encoding="utf-8")
        return 0

    monkeypatch.setattr(shipped, "explain", explain)
    return tmp_path


def on_board(home: Path) -> dict[str, str]:
    ledger = read_ledger(home / "board" / "ledger.jsonl")
    return {one.admission.entry.partition("@")[0]: one.admission.role for one in ledger.on_board}


def test_all_that_need_no_labels_are_shipped_with_their_roles() -> None:
    roles = dict(shipped_explainers())
    assert roles["finexl"] == roles["gsclip_negation"] == roles["diff_caption_pairs"] == "entry"
    assert roles["random"] == roles["every_word"] == "control" and roles["oracle_concepts"] == "ceiling"
    assert "oracle_probe" not in roles and len(roles) > 20


def test_an_interrupt_while_one_is_entered_ends_the_command(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("leaderboard.submitting.submit", interrupted)
    assert main(["enter-shipped", "explainer=random,constant"]) == 130
    assert "python -m leaderboard enter-shipped explainer=random,constant" in capsys.readouterr().err
    assert (home / "asked.txt").read_text(encoding="utf-8") == "random\n"


def test_a_name_that_is_not_shipped_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean explainer=finexl"):
        shipped_explainers("finxl")


def test_each_is_explained_submitted_and_admitted(home: Path) -> None:
    assert main(["enter-shipped", "explainer=random,finexl", "day=2020-03-01"]) == 0
    assert on_board(home) == {"random": "control", "finexl": "entry"}
    assert main(["build"]) == 0
    assert "finexl" in (home / "board" / "site" / "index.html").read_text(encoding="utf-8")


def test_it_goes_on_where_it_stopped(home: Path) -> None:
    (home / "no power").touch()
    assert main(["enter-shipped", "explainer=random,finexl"]) == 1
    assert on_board(home) == {"random": "control"}
    (home / "no power").unlink()
    assert main(["enter-shipped", "explainer=random,finexl"]) == 0
    assert on_board(home) == {"random": "control", "finexl": "entry"}
    assert (home / "asked.txt").read_text(encoding="utf-8").split() == ["random", "finexl", "finexl"]


def test_with_the_private_part_three_numbers_of_it_are_there_too(home: Path) -> None:
    write_bundle(home / "hidden", test_part="private")
    words = ["enter-shipped", "explainer=finexl,random", "private_bundle=hidden"]
    assert main(words) == 0
    for standing in read_ledger(home / "board" / "ledger.jsonl").on_board:
        private = [one for one in standing.scored.scores if one.part == "private"]
        assert 0 < len(private) <= 3 and not any(one.units for one in private)
    asked = (home / "asked.txt").read_text(encoding="utf-8").split()
    assert main(words) == 0
    assert (home / "asked.txt").read_text(encoding="utf-8").split() == asked
    assert main(["build"]) == 0
    assert "private part" in (home / "board" / "site" / "index.html").read_text(encoding="utf-8")


def test_the_private_part_is_made_up_for_who_is_on_the_board_already(home: Path) -> None:
    assert main(["enter-shipped", "explainer=finexl"]) == 0
    write_bundle(home / "hidden", test_part="private")
    assert main(["enter-shipped", "explainer=finexl", "private_bundle=hidden"]) == 0
    (standing,) = read_ledger(home / "board" / "ledger.jsonl").on_board
    assert "private" in {one.part for one in standing.scored.scores}


def test_of_whom_the_code_has_changed_is_told_with_what_removes_it_and_then_it_is_entered_anew(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    enter = ["enter-shipped", "explainer=finexl"]
    assert main(enter) == 0  # with the hash of some other code
    (first,) = read_ledger(home / "board" / "ledger.jsonl").standings
    capsys.readouterr()
    assert main(enter) == 0
    told = " ".join(capsys.readouterr().out.split())
    before, command = told.partition(" Next:")[0].split(" To enter it anew, first: python -m leaderboard ")
    assert before.endswith("It is on the board, of code that has changed since.")
    assert main(shlex.split(command)) == 0
    assert main(enter) == 0
    (on_board,) = read_ledger(home / "board" / "ledger.jsonl").on_board
    assert first.startswith("finexl@0.1.0+") and on_board.admission.entry.startswith("finexl@0.1.0.post1+")


def test_the_same_day_makes_the_same_ledger(home: Path) -> None:
    words = ["enter-shipped", "explainer=finexl", "day=2020-03-01"]
    assert main(words) == 0
    before = (home / "board" / "ledger.jsonl").read_bytes()
    (home / "board" / "ledger.jsonl").write_bytes(b"")
    assert main(words) == 0
    assert (home / "board" / "ledger.jsonl").read_bytes() == before


def admit_constant(home: Path, *despite: str, **facts: object) -> Entry:
    """The suite's constant control on the board, as its code says it, of a corpus with one aspect."""
    manifest = home / "board" / "bundle" / "manifest.json"
    told = {**json.loads(manifest.read_text(encoding="utf-8")), "vocabulary": ["vivid"]}
    manifest.write_text(json.dumps(told), encoding="utf-8")
    said = {"kind": "claims", "claims": [{"concept": "vivid", "amount": 1.0}]}
    bundle = Bundle(manifest.parent)
    named = {
        **FACTS,
        "name": "constant",
        "target": "baselines.controls:ConstantScores",
        "track": "told",
        **facts,
    }
    files = entry(
        bundle,
        [{**answer, "said": said} for answer in answers(bundle, right)],
        encoder=None,
        settings={},
        **named,
    )
    folder = written(home / "constant", files)
    assert main(["admit", str(folder), "role=control", "reason=first", *despite]) == 0
    return Entry.model_validate_json((folder / "entry.json").read_bytes())


@pytest.fixture
def constant(home: Path) -> Path:
    """A board with the suite's constant control, where this machine can run it again."""
    if exposed := facts_of(f"{OUTSIDERS}:Tells").exposed:
        pytest.skip(f"this machine cuts no process off from {', '.join(exposed)}")
    admit_constant(home)
    return home


def audits(home: Path) -> list[tuple[str, str]]:
    lines = read_ledger(home / "board" / "ledger.jsonl").lines
    return [(line.event.audit.status, line.event.audit.why) for line in lines if line.event.kind == "audit"]


def test_what_the_suite_ships_is_run_again_once_and_shown_on_the_page(constant: Path) -> None:
    assert main(["audit-shipped"]) == 0
    why = "16 of 16 trials run again, by code that has changed since"
    assert audits(constant) == [("reproduced", why)]
    assert main(["audit-shipped"]) == 0
    assert len(audits(constant)) == 1
    assert main(["build"]) == 0
    page = (constant / "board" / "site" / "index.html").read_text(encoding="utf-8")
    assert f'<span class="flag good" title="{why}">reproduced</span>' in page


def test_a_run_that_somebody_made_elsewhere_is_added_with_its_reason(constant: Path) -> None:
    (standing,) = read_ledger(constant / "board" / "ledger.jsonl").on_board
    id = standing.admission.entry
    again = constant / "board" / "entries" / id / "explanations.jsonl"
    assert main(["audit", id, f"rerun={again}"]) == 0
    assert audits(constant) == []
    assert main(["audit", id, f"rerun={again}", "reason=a reader asked"]) == 0
    assert audits(constant) == [("reproduced", "16 of 16 trials run again")]


def test_what_is_set_otherwise_now_is_not_run(home: Path) -> None:
    told = {**FACTS, "name": "splice", "target": "baselines.splice:SpLiCE", "settings": {"penalty": 0.5}}
    bundle = Bundle(home / "board" / "bundle")
    path = written(home / "splice", entry(bundle, **told, encoder=None))
    assert main(["admit", str(path), "reason=first", "package=suite"]) == 0
    (standing,) = read_ledger(home / "board" / "ledger.jsonl").on_board
    assert standing.audit == Audit(status="not run", why="The suite's splice has another settings now.")


def test_of_whom_the_code_is_the_same_nothing_more_is_told(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = admit_constant(home)
    now = suite_explainer(before, ("vivid",)).code_sha256
    (standing,) = read_ledger(home / "board" / "ledger.jsonl").on_board
    assert main(["remove", standing.admission.entry, "reason=its code has changed"]) == 0
    admit_constant(home, "despite_copies=yes", version="0.1.1", code_sha256=now)
    capsys.readouterr()
    assert main(["enter-shipped", "explainer=constant"]) == 0
    assert "It is on the board.\n" in capsys.readouterr().out
