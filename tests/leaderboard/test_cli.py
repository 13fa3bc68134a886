"""The command line from an empty folder to a page, and what it says where something is wrong."""

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from small_board import answers, right, write_bundle, wrong

from benchmark.bundle.manifest import Bundle
from benchmark.cli import main as benchmark
from leaderboard.cli import COMMANDS, main
from leaderboard.entry.example import FACTS, example, json_lines
from leaderboard.entry.schema import json_schemas
from leaderboard.ledger.chain import read_ledger
from leaderboard.verify.verifying import read

ROOT = Path(__file__).parents[2]


def submit(output: str = "mine") -> int:
    words = ["explanations=answers.jsonl", "facts=facts.json", "code=mine.py", f"output={output}"]
    return main(["submit", *words])


def test_verifying_with_scores_does_without_torch(home: Path) -> None:
    assert submit() == 0
    check = (
        "import sys; from leaderboard.cli import main; assert main(['verify', 'mine']) == 0; "
        "assert 'torch' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", check],
        capture_output=True,
        text=True,
        cwd=home,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    assert "selection_accuracy: 100.0" in done.stdout


def entry_id(home: Path) -> str:
    (found,) = [path.name for path in (home / "board" / "entries").iterdir() if path.is_dir()]
    return found


def test_the_last_line_of_submit_is_a_command_that_works_as_it_stands(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert submit("my entry") == 0
    program, words = (lambda told: (told[:3], told[3:]))(
        shlex.split(capsys.readouterr().out.splitlines()[-1])
    )
    assert program == ["python", "-m", "leaderboard"] and main(words) == 0
    assert entry_id(home).startswith("brightness@")
    assert main(["ledger"]) == 0
    assert "\n1 line, 1 entry on the board, tip " in capsys.readouterr().out


def test_an_entry_goes_from_answers_to_the_page(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert submit() == 0
    assert main(["verify", "mine"]) == 0
    assert main(["admit", "mine", "reason=first entry", "day=2020-03-01"]) == 0
    assert "selection_accuracy: 100.0" in capsys.readouterr().out
    assert main(["build"]) == 0
    assert "brightness" in (home / "board" / "site" / "index.html").read_text(encoding="utf-8")
    assert main(["build", "check=yes"]) == 0


def test_an_edited_site_is_found(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build"]) == 0
    (home / "board" / "site" / "board.csv").write_text("forged", encoding="utf-8")
    assert main(["build", "check=yes"]) == 3
    assert "board.csv" in capsys.readouterr().err


def test_scores_are_told_beside_the_claimed_ones(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    submit()
    assert main(["verify", "mine", "scores=yes"]) == 0
    assert "claimed 40.0" in capsys.readouterr().out


def test_an_entry_that_breaks_a_rule_is_not_admitted(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    submit()
    (home / "mine" / "explanations.jsonl").write_text("{}", encoding="utf-8")
    assert main(["admit", "mine", "reason=try"]) == 3
    assert "rule: hashes" in capsys.readouterr().out
    assert (home / "board" / "ledger.jsonl").read_bytes() == b""


def test_a_copy_is_admitted_only_where_that_is_said(home: Path) -> None:
    submit()
    assert main(["admit", "mine", "reason=first"]) == 0
    facts = {**json.loads((home / "facts.json").read_text(encoding="utf-8")), "name": "other"}
    (home / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
    assert submit("copy") == 3
    assert main(["admit", "copy", "reason=copy"]) == 3
    assert main(["admit", "copy", "reason=both are right", "despite_copies=yes"]) == 0


def test_a_removed_entry_leaves_the_page_and_stays_in_the_ledger(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    submit()
    main(["admit", "mine", "reason=first", "day=2020-03-01"])
    assert main(["remove", entry_id(home), "reason=a wish", "day=2020-03-02"]) == 0
    assert main(["build"]) == 0
    page = (home / "board" / "site" / "index.html").read_text(encoding="utf-8")
    assert "a wish" in page and "No entries yet." in page
    capsys.readouterr()
    assert main(["ledger"]) == 0
    assert "removal" in capsys.readouterr().out


def test_scoring_again_adds_a_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    submit()
    main(["admit", "mine", "reason=first", "day=2020-03-01"])
    before = (home / "board" / "ledger.jsonl").read_bytes()
    assert main(["rescore", "all", "reason=asked for"]) == 0
    after = (home / "board" / "ledger.jsonl").read_bytes()
    assert after.startswith(before) and after.count(b"\n") == 2
    (home / "before").write_bytes(after)
    (home / "board" / "ledger.jsonl").write_bytes(before)
    assert main(["ledger", "since=before"]) == 3


def test_what_was_found_of_planted_labels_stays_where_they_are_not_at_hand(
    home: Path, bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = bundle.truth("public").groups[0]
    labels = {one.trial: tuple(level + 1 for level in one.levels) for one in group.trials}
    submit()
    with monkeypatch.context() as organiser:
        organiser.setattr(Bundle, "planted", lambda _: labels)
        main(["admit", "mine", "reason=first", "day=2020-03-01"])
    assert main(["rescore", "all", "reason=asked for"]) == 0
    lines = (home / "board" / "ledger.jsonl").read_text(encoding="utf-8").splitlines()
    first, again = [json.loads(line)["event"]["scored"]["planted"] for line in lines]
    assert first is not None and again == first


def test_a_score_that_who_keeps_the_board_made_up_is_found(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    submit()
    main(["admit", "mine", "reason=first", "day=2020-03-01"])
    assert main(["ledger", "scores=yes"]) == 0
    path = home / "board" / "ledger.jsonl"
    forged = path.read_bytes().replace(b'"value":1.0', b'"value":0.5')
    assert forged != path.read_bytes()
    path.write_bytes(forged)  # a single line has no line after it whose hash would tell
    assert main(["ledger", "scores=yes"]) == 3
    assert "multi_aspect selection_accuracy must be 1" in capsys.readouterr().out


def test_a_private_part_adds_aggregates_that_stay(home: Path) -> None:
    submit()
    main(["admit", "mine", "reason=first", "day=2020-03-01"])
    private = write_bundle(home / "private", test_part="private")
    (home / "hidden.jsonl").write_bytes(json_lines(answers(private, wrong, part="private")))
    words = ["private=hidden.jsonl", "private_bundle=private"]
    assert main(["rescore", entry_id(home), "reason=private part", *words]) == 0
    assert main(["rescore", "all", "reason=again"]) == 0
    lines = (home / "board" / "ledger.jsonl").read_text(encoding="utf-8").splitlines()
    first, *after = [json.loads(line)["event"]["scored"]["scores"] for line in lines]
    for scores in after:
        hidden = [one for one in scores if one["part"] == "private"]
        assert scores == [*first, *hidden]
        assert len(hidden) == 2 and all(one["units"] == {} for one in hidden)
    assert main(["ledger", "scores=yes"]) == 0
    assert main(["build"]) == 0
    assert "private part" in (home / "board" / "site" / "index.html").read_text(encoding="utf-8")


def test_two_private_parts_are_never_beside_each_other(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    submit()
    main(["admit", "mine", "reason=first", "day=2020-03-01"])
    private, again = (write_bundle(home / name, test_part="private") for name in ("private", "again"))
    path = again.folder / "manifest.json"
    path.write_text(path.read_text(encoding="utf-8").replace("small-1", "small-2"), encoding="utf-8")
    (home / "hidden.jsonl").write_bytes(json_lines(answers(private, wrong, part="private")))
    score = ["rescore", entry_id(home), "reason=private part", "private=hidden.jsonl"]
    assert main([*score, "private_bundle=private"]) == 0
    assert main([*score, "private_bundle=again"]) == 1
    assert "rescore all private=none" in capsys.readouterr().err
    assert main(["enter-shipped", "explainer=constant", "private_bundle=again"]) == 1
    assert main(["rescore", "all", "private=none", "reason=its secret was lost"]) == 0
    (standing,) = read_ledger(home / "board" / "ledger.jsonl").on_board
    assert {one.part for one in standing.scored.scores} == {"public"}
    assert main([*score, "private_bundle=again"]) == 0


def test_a_private_part_that_is_not_there_stops_before_anything_is_explained(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["enter-shipped", "explainer=constant", "private_bundle=lost"]) == 1
    assert "truth-private.json" in capsys.readouterr().err and not (home / "explained").exists()


def test_a_part_that_is_not_answered_is_not_scored(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    submit()
    main(["admit", "mine", "reason=first", "day=2020-03-01"])
    write_bundle(home / "private", test_part="private")
    (home / "hidden.jsonl").write_bytes(b"")
    words = ["private=hidden.jsonl", "private_bundle=private"]
    assert main(["rescore", entry_id(home), "reason=private part", *words]) == 1
    assert "Every trial of the private part must be answered" in capsys.readouterr().err


def test_an_audit_compares_a_second_run(
    home: Path, bundle: Bundle, capsys: pytest.CaptureFixture[str]
) -> None:
    submit()
    assert main(["audit", "mine"]) == 0
    assert "not run" in capsys.readouterr().out
    assert main(["audit", "mine", "rerun=answers.jsonl", "trials=5", "later=4f2a"]) == 0
    assert "reproduced; 5 of 16" in capsys.readouterr().out
    (home / "second").write_bytes(json_lines(answers(bundle, wrong)))
    assert main(["audit", "mine", "rerun=second"]) == 3
    assert "differs" in capsys.readouterr().out


def test_a_folder_that_holds_something_else_is_not_overwritten(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    submit()
    (home / "mine" / "thesis.txt").write_text("mine", encoding="utf-8")
    (home / "said").mkdir()
    shutil.copy(home / "answers.jsonl", home / "said" / "explanations.jsonl")
    for folder in ("mine", "said", "board"):
        assert submit(folder) == 1
        assert "new or empty, or an entry to be made again" in capsys.readouterr().err


def test_an_entry_is_made_again_by_the_same_command_once_its_facts_are_mended(home: Path) -> None:
    facts = (home / "facts.json").read_text(encoding="utf-8")
    (home / "facts.json").write_text(json.dumps({**json.loads(facts), "license": ""}), encoding="utf-8")
    (home / "said.jsonl").write_bytes(b"{}")
    words = ["explanations=answers.jsonl", "facts=facts.json", "code=mine.py", "output=mine"]
    assert main(["submit", *words, "replies=said.jsonl"]) == 3
    (home / "facts.json").write_text(facts, encoding="utf-8")
    assert submit() == 0
    assert not (home / "mine" / "replies.jsonl").exists()


@pytest.mark.parametrize("name", ["a=b", "-x"])
def test_the_next_command_names_an_entry_that_looks_like_a_key_or_an_option(
    name: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert submit(name) == 0
    assert main(shlex.split(capsys.readouterr().out.splitlines()[-1])[3:]) == 0


@pytest.mark.parametrize("seconds", ["inf", True, [1], 1e9])
def test_seconds_that_are_none_are_told_and_no_fault(
    seconds: object, home: Path, bundle: Bundle, capsys: pytest.CaptureFixture[str]
) -> None:
    said = answers(bundle, right)
    said[0]["seconds"] = said[1]["seconds"] = seconds
    (home / "answers.jsonl").write_bytes(json_lines(said))
    assert submit() == 3
    printed = capsys.readouterr().out
    assert ("at most 1e+09" if seconds == 1e9 else "line 1, seconds") in printed


def test_a_last_reply_without_the_end_of_its_line_is_a_call(home: Path, bundle: Bundle) -> None:
    reply = {"trials": [answers(bundle, right)[0]["trial"]], "vlm": "v", "question": "ab" * 32, "reply": "x"}
    (home / "said.jsonl").write_text(f"{json.dumps(reply)}\n{json.dumps(reply)}", encoding="utf-8")
    facts = {**json.loads((home / "facts.json").read_text(encoding="utf-8")), "vlms": ["v"]}
    (home / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
    words = ["explanations=answers.jsonl", "facts=facts.json", "code=mine.py", "output=mine"]
    assert main(["submit", *words, "replies=said.jsonl"]) == 0


def test_a_folder_that_holds_no_site_is_not_cleared_for_one(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "papers").mkdir()
    (home / "papers" / "thesis.txt").write_text("mine", encoding="utf-8")
    assert main(["build", "output=papers"]) == 1
    assert "no site holds would be lost" in capsys.readouterr().err
    assert [path.name for path in (home / "papers").iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("planted", ["link", "file of a link", "folder", "file"])
def test_what_was_put_where_an_entry_goes_is_neither_followed_nor_kept(
    planted: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    submit()
    digest = sha256((home / "mine" / "entry.json").read_bytes()).hexdigest()[:12]
    place, victim = home / "board" / "entries" / f"brightness@1.0.0+{digest}", home / "victim"
    victim.mkdir()
    (victim / "replies.jsonl").write_text("kept", encoding="utf-8")
    match planted:
        case "link":
            place.symlink_to(victim)
        case "file of a link":
            place.mkdir()
            (place / "explanations.jsonl").symlink_to(victim / "replies.jsonl")
        case "folder":
            (place / "setup.py").mkdir(parents=True)
        case _:
            place.write_bytes(b"")
    assert main(["admit", "mine", "reason=first", "day=2020-03-01"]) == 0
    assert [path.read_text(encoding="utf-8") for path in victim.iterdir()] == ["kept"]
    assert main(["build"]) == 0


def test_a_reason_for_what_is_not_on_the_board_is_refused_before_anything_is_run(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    submit()
    assert main(["audit", "mine", "package=suite", "reason=a wish"]) == 2
    assert "must be about an entry on the board" in capsys.readouterr().err


@pytest.mark.parametrize("fact", ["files", "code_sha256", "bundle"])
def test_what_submit_finds_out_is_not_told_by_authors(
    fact: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "facts.json").write_text(json.dumps({**FACTS, fact: 1}), encoding="utf-8")
    assert submit() == 1
    assert f"`{fact}`" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["verfy", "x"], "Did you mean: python -m leaderboard verify x"),
        (["verify"], "must be given PATH"),
        (["verify", "a", "b"], "Got 'a b'"),
        (
            ["verify", "a", "bundel=x"],
            "Got 'bundel=x'. Did you mean bundle=x?",
        ),
        (["verify", "a", "scores=yes", "scores=no"], "Got `scores` twice"),
        (["verify", "a", "--bundle=x"], "without dashes. Got '--bundle=x'. Did you mean bundle=x?"),
        (["verify", "a", "--colour"], "`python -m leaderboard verify --help` shows what it takes"),
        (["verify", "a", "scores=maybe"], "one of: no, yes"),
        (["submit", "facts=x"], "must be given explanations="),
        (["serve", "port=-1"], "whole number"),
        (["serve", "port=99999"], "from 0 to 65535"),
        (["serve", f"port={'9' * 5000}"], "from 0 to 65535"),
        (["admit", "a", "reason=x", "day=2026-02-30"], "`day` must be a day"),
        (["remove", "a", "reason=x", "day=9999-12-31"], "none to come"),
        (["rescore", "all", "reason=x", "day=20260131"], "`day` must be a day"),
        (["enter-shipped", "day=tomorrow"], "`day` must be a day"),
        (["admit", "a", "reason=one\ntwo"], "Must hold no U+000A"),
        (["audit-shipped", "reason=\x1b[2J"], "Must hold no U+001B"),
        (["rescore", "all", f"reason={'so ' * 99}"], "at most 200 characters"),
        (["example", "fact"], "Did you mean example=facts?"),
    ],
)
def test_a_mistyped_word_ends_with_code_2_and_a_suggestion(
    words: list[str], says: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "a").mkdir()
    code = main(words)
    printed = capsys.readouterr().err
    assert says in printed and code in (1, 2)


def test_a_port_that_is_taken_is_told(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build"]) == 0
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        assert main(["serve", f"port={other.getsockname()[1]}"]) == 1
    assert "`port` must be one that is free here" in capsys.readouterr().err


def test_there_must_be_a_bundle(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(tmp_path), f"bundle={tmp_path}"]) == 1
    assert "must be a folder with manifest.json" in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_every_command_has_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert f"python -m leaderboard {command}" in capsys.readouterr().out.partition("examples")[2]


def test_the_top_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    printed = capsys.readouterr().out
    assert all(re.search(rf"^  {command} ", printed, re.MULTILINE) for command in COMMANDS)


def test_help_imports_nothing_heavy() -> None:
    check = (
        "import sys\nfrom leaderboard.cli import main\nmain(['--help'])\n"
        "heavy = {'torch', 'pydantic', 'numpy', 'jinja2', 'scipy'} & {*sys.modules}\n"
        "print(heavy, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", check],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.stderr.strip() == "set()"


def test_the_module_runs_as_a_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "leaderboard", "rules"], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0 and done.stdout.startswith("container")


def test_the_example_is_an_entry() -> None:
    parts = re.split(r"^--- (.+)\n", example(), flags=re.MULTILINE)[1:]
    files = {
        name: content.rstrip("\n").encode() + b"\n"
        for name, content in zip(parts[::2], parts[1::2], strict=True)
    }
    files["entry.sha256"] = sha256(files["entry.json"]).hexdigest().encode()
    problems, submission = read(files)
    assert problems == [] and submission is not None and len(submission.answers) == 3


@pytest.mark.parametrize(
    ("command", "name"), [("schema", "entry-files"), ("example", "entry-files"), ("rules", "leaderboard")]
)
def test_the_docs_show_what_the_command_prints(
    command: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command]) == 0
    printed = capsys.readouterr().out.strip()
    page = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    shown = page.partition(f"<!-- output: python -m leaderboard {command} -->\n```text\n")[2].partition(
        "\n```"
    )[0]
    assert [line.rstrip() for line in shown.splitlines()] == [line.rstrip() for line in printed.splitlines()]


def test_the_schema_has_no_place_for_a_score() -> None:
    for schema in json_schemas().values():
        assert schema["additionalProperties"] is False and "score" not in json.dumps(schema["properties"])


def test_the_lines_of_the_docs_explain_a_bundle_and_enter_it(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (ROOT / "docs" / "leaderboard.md").read_text(encoding="utf-8")
    (source,) = re.findall(r"```python\n# brightness\.py\n(.*?)```", page, re.DOTALL)
    (commands,) = re.findall(r"## Submit in ten minutes.*?```sh\n(.*?)```", page, re.DOTALL)
    (home / "brightness.py").write_text(source, encoding="utf-8")
    (home / "finexl" / "docs").mkdir(parents=True)
    (home / "board").rename(home / "finexl" / "docs" / "board")
    copy, *commands = commands.splitlines()
    assert copy.startswith("cp ")
    subprocess.run(shlex.split(copy), check=True)
    for line in commands:
        python, module, package, *words = shlex.split(line, comments=True)
        assert (python, module) == ("python", "-m")
        assert {"leaderboard": main, "benchmark": benchmark}[package](words) == 0, capsys.readouterr()
    page = (home / "board" / "site" / "index.html").read_text(encoding="utf-8")
    assert "brightness" in page and "Ada Example" in page
