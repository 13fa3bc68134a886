"""Whoever tampers with an entry is told which rule it breaks; nothing of an entry is run."""

import json
import random
import shutil
import subprocess
import sys
import warnings
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest
from effort import n_calls
from small_board import (
    answers,
    entry,
    facts,
    frozen,
    in_words,
    right,
    sealed,
    submission,
    written,
    wrong,
)
from tampered import CASES, COPIES, PLACED, replies

from benchmark.bundle.answers import clean
from benchmark.bundle.manifest import Bundle
from leaderboard.entry.characters import fault, skeleton
from leaderboard.entry.example import json_lines
from leaderboard.entry.making import entry_files
from leaderboard.entry.problems import RULES
from leaderboard.verify.copies import sketch
from leaderboard.verify.verifying import Known, read, read_again, verify

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def known(bundle: Bundle) -> tuple[Known, ...]:
    """Two entries that were admitted before, by other people."""
    found = [
        submission(entry(bundle, name="finexl", authors=["Fi Nexl"], code_sha256="ee" * 32)),
        submission(entry(bundle, answers(bundle, in_words), name="talker", authors=["Ta Lker"])),
    ]
    return tuple(
        Known(id=one.id, digest=one.digest, authors=one.entry.authors, sketch=sketch(one.answers))
        for one in found
    )


def found(path: Path, bundle: Bundle, known: tuple[Known, ...] = ()) -> list[tuple[str, str]]:
    return [(one.rule, one.what) for one in verify(path, bundle=frozen(bundle), known=known).problems]


def test_an_entry_as_it_is_made_keeps_every_rule(bundle: Bundle, tmp_path: Path) -> None:
    verdict = verify(written(tmp_path / "e", entry(bundle)), bundle=frozen(bundle))
    assert verdict.is_admissible, verdict.problems


def test_an_entry_with_replies_keeps_every_rule(bundle: Bundle, tmp_path: Path) -> None:
    assert not found(written(tmp_path / "e", replies(1)(bundle)), bundle)


def test_brackets_in_a_text_are_no_depth(bundle: Bundle, tmp_path: Path) -> None:
    said = answers(bundle, right)
    said[0]["said"] = {"kind": "text", "text": "[{" * 100 + '"\\'}
    assert not found(written(tmp_path / "e", entry(bundle, said)), bundle)


@pytest.mark.parametrize("suffix", ["zip", "tar", "tar.gz"])
def test_an_archive_of_the_folder_is_as_good(bundle: Bundle, tmp_path: Path, suffix: str) -> None:
    written(tmp_path / "in" / "mine", entry(bundle))
    kind = {"zip": "zip", "tar": "tar", "tar.gz": "gztar"}[suffix]
    made = shutil.make_archive(str(tmp_path / "mine"), kind, root_dir=tmp_path / "in", base_dir="mine")
    assert not found(Path(made), bundle)


@pytest.mark.parametrize("name", CASES)
def test_a_tampered_entry_is_told_its_rule(
    name: str, bundle: Bundle, known: tuple[Known, ...], tmp_path: Path
) -> None:
    case = CASES[name]
    path = written(tmp_path / "e", case.made(bundle))
    assert any(rule == case.rule and case.says in what for rule, what in found(path, bundle, known)), found(
        path, bundle, known
    )


@pytest.mark.parametrize("name", PLACED)
def test_a_tampered_folder_or_archive_is_told_what_it_holds(
    name: str, bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = PLACED[name]
    monkeypatch.chdir(tmp_path)  # restored after a case that goes elsewhere
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        path = case.made(bundle, tmp_path)
    ((rule, what),) = found(path, bundle)
    assert rule == case.rule and case.says in what, what


@pytest.mark.parametrize("how", COPIES)
def test_a_copy_is_found_however_it_was_changed(
    how: str, bundle: Bundle, known: tuple[Known, ...], tmp_path: Path
) -> None:
    problems = found(written(tmp_path / "e", COPIES[how](bundle)), bundle, known)
    assert [rule for rule, _ in problems] == ["copies"], problems


def test_an_entry_of_its_own_is_no_copy(bundle: Bundle, known: tuple[Known, ...], tmp_path: Path) -> None:
    path = written(tmp_path / "e", entry(bundle, answers(bundle, wrong)))
    assert not found(path, bundle, known)


def test_an_entry_is_no_copy_of_itself(bundle: Bundle, tmp_path: Path) -> None:
    files = entry(bundle)
    own = submission(files)
    itself = Known(id=own.id, digest=own.digest, authors=own.entry.authors, sketch=sketch(own.answers))
    assert not found(written(tmp_path / "e", files), bundle, (itself,))


def test_a_new_version_of_ones_own_may_keep_the_name(
    bundle: Bundle, known: tuple[Known, ...], tmp_path: Path
) -> None:
    files = entry(bundle, answers(bundle, wrong), name="finexl", version="2.0", authors=["Fi Nexl"])
    assert not found(written(tmp_path / "e", files), bundle, known)


@pytest.mark.parametrize(
    ("id", "digest", "says"),
    [
        ("finexl@2.0RC1+{mine}", "ab" * 32, "must be entered once"),
        ("other@1.0+{mine}", "{mine}" + "0" * 52, "must be of one entry alone"),
        ("f1nexcl@1.0+{mine}", "ab" * 32, ""),
        ("finecll@1.0+{mine}", "ab" * 32, ""),
    ],
)
def test_ids_that_could_be_taken_for_each_other_are_no_two_ids(
    id: str, digest: str, says: str, bundle: Bundle, tmp_path: Path
) -> None:
    files = entry(bundle, answers(bundle, wrong), name="finexl", version="2.0rc1", authors=["Fi Nexl"])
    mine = submission(files).digest[:12]
    before = Known(id=id.format(mine=mine), digest=digest.format(mine=mine), authors=("Fi Nexl",), sketch={})
    problems = found(written(tmp_path / "e", files), bundle, (before,))
    assert [(rule, says in what) for rule, what in problems] == ([("names", True)] if says else [])


def test_names_that_the_eye_takes_for_each_other_have_one_skeleton() -> None:
    for one, other in (
        ("clip", "dip"),
        ("learn", "leam"),
        ("vvord", "word"),
        ("g0-5", "gos"),
        ("i1l", "lll"),
    ):
        assert skeleton(one) == skeleton(other)
    assert len({*map(skeleton, ("clip", "clap", "visdiff", "visdiff2", "finexl", "finexl_paper"))}) == 6


def test_two_constant_answers_in_other_words_are_no_copies(bundle: Bundle, tmp_path: Path) -> None:
    def constant(concept: str) -> list[dict[str, object]]:
        said = {"kind": "claims", "claims": [{"concept": concept, "amount": 1.0}]}
        return [{**answer, "said": said} for answer in answers(bundle, right)]

    one = submission(entry(bundle, constant("bright"), name="one"))
    before = Known(id=one.id, digest=one.digest, authors=("Z",), sketch=sketch(one.answers))
    path = written(tmp_path / "e", entry(bundle, constant("noisy"), name="two"))
    assert not found(path, bundle, (before,))


def test_amounts_at_both_ends_of_what_is_allowed_are_compared(bundle: Bundle, tmp_path: Path) -> None:
    def all_of(amount: float) -> list[dict[str, object]]:
        said = answers(bundle, right)
        for claim in (claim for answer in said for claim in answer["said"]["claims"]):
            claim["amount"] = amount
        return said

    one = submission(entry(bundle, all_of(1e9), name="one"))
    before = Known(id=one.id, digest=one.digest, authors=("Z",), sketch=sketch(one.answers))
    path = written(tmp_path / "e", entry(bundle, all_of(5e-324), name="two"))
    assert [rule for rule, _ in found(path, bundle, (before,))] == ["copies"]


@pytest.mark.parametrize("name", ["two\nlines", "\u202egnp", "$(id)", "a=b", "-x"])
def test_what_the_folder_is_called_is_no_part_of_an_entry(
    name: str, bundle: Bundle, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from leaderboard.cli import main

    path = written(tmp_path / name, entry(bundle))
    assert main(["verify", str(path), f"bundle={bundle.folder}", f"board={tmp_path}"]) == 0
    assert "\u202e" not in capsys.readouterr().out


def test_what_is_admitted_is_what_was_verified_whoever_writes_meanwhile(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from leaderboard import scores
    from leaderboard.cli import main

    path, before = written(tmp_path / "e", entry(bundle)), scores.recompute

    def recompute(*given, **told):
        (path / "explanations.jsonl").write_bytes(b"{}")
        return before(*given, **told)

    monkeypatch.setattr(scores, "recompute", recompute)
    words = [f"bundle={bundle.folder}", f"board={tmp_path / 'board'}"]
    assert main(["admit", str(path), "reason=first", *words]) == 0
    (kept,) = (tmp_path / "board" / "entries").iterdir()
    assert (kept / "explanations.jsonl").read_bytes() == entry(bundle)["explanations.jsonl"]
    assert main(["build", *words]) == 0
    (kept / "explanations.jsonl").write_bytes(b"{}")
    assert main(["build", *words]) == 1


def test_what_explain_keeps_of_a_text_may_be_in_an_entry() -> None:
    for number in (
        *range(0x3000),
        *range(0xD7F0, 0x10000),
        *range(0x1D100, 0x1D200),
        *range(0xE0000, 0xE0200),
    ):
        text = f"a{chr(number) * 5}b\n{chr(number)}"
        assert fault(clean(text), lines=True) is None and fault(clean(text, lines=False)) is None, hex(number)


def test_every_rule_is_broken_by_some_case() -> None:
    broken = {case.rule for case in CASES.values()} | {case.rule for case in PLACED.values()} | {"copies"}
    assert broken == RULES.keys()


def test_at_least_forty_hostile_entries_are_tried() -> None:
    assert len(CASES) + len(PLACED) + len(COPIES) >= 125


@pytest.mark.parametrize("name", CASES)
def test_every_problem_has_a_place_and_a_fix(
    name: str, bundle: Bundle, known: tuple[Known, ...], tmp_path: Path
) -> None:
    path = written(tmp_path / "e", CASES[name].made(bundle))
    for problem in verify(path, bundle=frozen(bundle), known=known).problems:
        assert problem.file and problem.fix.endswith(".") and problem.what.endswith((".", "]", ")"))


def big(bundle: Bundle, n_replies: int, n_claims: int = 40) -> dict[str, bytes]:
    """An entry that says as much as any shipped explainer, with many replies."""
    said = answers(bundle, right)
    for place, answer in enumerate(said):
        claims = [{"concept": f"word {n} of {place}", "amount": 1 / (n + place + 1)} for n in range(n_claims)]
        answer["said"] = {"kind": "claims", "claims": claims}
    found = facts(bundle, vlms=["small-vlm"])
    found["costs"] |= {"vlm_calls": n_replies}
    reply = {"trials": [said[0]["trial"]], "vlm": "small-vlm", "question": "ab" * 32, "reply": "vivid, " * 60}
    return entry_files(found, explanations=json_lines(said), replies=json_lines([reply] * n_replies))


def test_work_grows_with_replies_not_with_their_square(
    bundle: Bundle, known: tuple[Known, ...], tmp_path: Path
) -> None:
    def calls(n_replies: int) -> int:
        path = written(tmp_path / str(n_replies), big(bundle, n_replies))
        return n_calls(lambda: found(path, bundle, known * 100))

    calls(1)  # what is compiled once
    none, thousand, two = calls(1), calls(1_000), calls(2_000)
    assert (two - thousand) < 1.1 * (thousand - none)


def test_an_entry_with_twenty_thousand_replies_is_verified(
    bundle: Bundle, known: tuple[Known, ...], tmp_path: Path
) -> None:
    assert not found(written(tmp_path / "e", big(bundle, 20_000)), bundle, known * 100)


def test_verification_imports_nothing_submitted_and_no_torch(bundle: Bundle, tmp_path: Path) -> None:
    path = written(tmp_path / "e", sealed(entry(bundle), target="brightness:Brightness"))
    (tmp_path / "brightness.py").write_text("raise SystemExit('was imported')", encoding="utf-8")
    check = (
        "import json, sys\nfrom leaderboard.cli import main\n"
        f"code = main(['verify', {str(path)!r}, 'bundle={bundle.folder}', 'board={tmp_path}'])\n"
        "print(json.dumps([code, sorted({'torch', 'brightness', 'scipy.stats', 'transformers'} & {*sys.modules})]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", check],
        cwd=tmp_path,
        env={"PYTHONPATH": f"{ROOT}:{tmp_path}", "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout.splitlines()[-1]) == [0, []]


def test_what_is_printed_cannot_steer_the_terminal(
    bundle: Bundle, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from leaderboard.cli import main

    files = entry(bundle, [{"tri\x1b]0;owned\x07al": 1, "said": 2}])
    path = written(tmp_path / "e", files)
    assert main(["verify", str(path), f"bundle={bundle.folder}", f"board={tmp_path}"]) == 3
    printed = capsys.readouterr()
    assert "\x1b" not in printed.out + printed.err and "rule: schema" in printed.out


def test_a_zip_that_claims_few_members_is_refused_before_it_is_read(bundle: Bundle, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "e.zip", "w") as archive:
        for number in range(3000):
            archive.writestr(str(number), b"")
    content = bytearray((tmp_path / "e.zip").read_bytes())
    content[-14:-10] = b"\x01\x00\x01\x00"  # the counts of members
    (tmp_path / "e.zip").write_bytes(content)
    assert found(tmp_path / "e.zip", bundle)[0][1].startswith("An archive must have at most 16 members")


def garbled(content: bytes, generator: random.Random) -> bytes:
    """Some bytes changed, left out, put between or moved."""
    found = bytearray(content)
    for _ in range(generator.randint(1, 5)):
        place = generator.randrange(len(found))
        match generator.randrange(4):
            case 0:
                found[place] = generator.randrange(256)
            case 1 if len(found) > 20:
                del found[place : place + 9]
            case 2:
                found[place:place] = generator.choice(
                    [b"{", b"[", b'"', b"\\", b"1e400", b"NaN", b"\n", b"\0"]
                )
            case _:
                found[place : place + 8] = found[generator.randrange(len(found)) :][:8]
    return bytes(found)


@pytest.mark.parametrize("kind", ["entry.json", "explanations.jsonl", "replies.jsonl"])
def test_garbled_files_are_problems_and_no_fault(kind: str, bundle: Bundle, tmp_path: Path) -> None:
    generator, files = random.Random(7), replies(1)(bundle)
    for number in range(150):
        content = garbled(files[kind], generator)
        # hashes that are right again let what is garbled through to every later check
        made = {**files, kind: content} if kind == "entry.json" else resealed({**files, kind: content})
        problems = found(written(tmp_path / str(number), made), bundle)
        assert problems or content == files[kind] or kind != "entry.json"


@pytest.mark.parametrize("suffix", ["zip", "tar", "tar.gz"])
def test_garbled_archives_are_problems_and_no_fault(suffix: str, bundle: Bundle, tmp_path: Path) -> None:
    written(tmp_path / "in" / "mine", entry(bundle))
    form = {"zip": "zip", "tar": "tar", "tar.gz": "gztar"}[suffix]
    whole = Path(shutil.make_archive(str(tmp_path / "whole"), form, root_dir=tmp_path / "in")).read_bytes()
    generator, path = random.Random(7), tmp_path / f"mine.{suffix}"
    for _ in range(400):
        path.write_bytes(garbled(whole, generator))
        found(path, bundle)


def resealed(files: dict[str, bytes]) -> dict[str, bytes]:
    fields = json.loads(files["entry.json"])
    del fields["files"]
    return entry_files(fields, explanations=files["explanations.jsonl"], replies=files["replies.jsonl"])


def test_what_was_verified_under_a_hash_is_read_again_as_it_was(bundle: Bundle) -> None:
    files = entry(bundle)
    problems, found = read(files)
    assert found is not None and read_again(files, digest=found.digest) == (problems, found)


def test_another_file_under_the_same_hash_is_found(bundle: Bundle) -> None:
    files = entry(bundle)
    digest = sha256(files["entry.json"]).hexdigest()
    problems, found = read_again({**files, "explanations.jsonl": b"{}\n"}, digest=digest)
    assert found is None and [one.rule for one in problems] == ["hashes"]
