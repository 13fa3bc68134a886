"""Entries that break a rule: how each was tampered with, the rule, and words of the message."""

import io
import json
import os
import socket
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from small_board import Files, answers, entry, facts, in_words, right, sealed, written, wrong

from benchmark.bundle.manifest import Bundle
from leaderboard.entry.example import json_lines
from leaderboard.entry.making import entry_files

Tamper = Callable[[Bundle], Files]
Place = Callable[[Bundle, Path], Path]


COSTS = {"seconds": 4.0, "vlm_calls": 0, "vlm_tokens": 0, "dollars": None, "peak_memory_mb": 1.0}


class Case(NamedTuple):
    """What was done, the rule that it breaks, and what the message says."""

    made: Tamper
    rule: str
    says: str


class Placed(NamedTuple):
    """A folder or archive that was tampered with, and what the message says."""

    made: Place
    says: str
    rule: str = "container"


def with_fact(**changed: Any) -> Tamper:
    return lambda bundle: sealed(entry(bundle), **changed)


def without_fact(name: str) -> Tamper:
    def made(bundle: Bundle) -> Files:
        found = facts(bundle)
        del found[name]
        return entry_files(found, explanations=json_lines(answers(bundle, right)))

    return made


def with_answers(change: Callable[[list[dict[str, Any]]], object]) -> Tamper:
    """Answers changed and every hash made right again."""

    def made(bundle: Bundle) -> Files:
        said = answers(bundle, right)
        change(said)
        return entry(bundle, said)

    return made


def with_first(**changed: Any) -> Tamper:
    return with_answers(lambda said: said[0].update(changed))


def with_claim(concept: object = "vivid", amount: object = 1.0) -> Tamper:
    return with_first(said={"kind": "claims", "claims": [{"concept": concept, "amount": amount}]})


def with_line(line: bytes) -> Tamper:
    """The first line of the explanations as these bytes, every hash right."""

    def made(bundle: Bundle) -> Files:
        lines = json_lines(answers(bundle, right)).split(b"\n")
        return entry_files(facts(bundle), explanations=b"\n".join([line, *lines[1:]]))

    return made


def raw_line(said: bytes) -> Tamper:
    return lambda bundle: with_line(
        b'{"trial": "%s", "said": %s, "seconds": 1.0}' % (answers(bundle, right)[0]["trial"].encode(), said)
    )(bundle)


def edited(bundle: Bundle) -> Files:
    files = entry(bundle)
    return {**files, "explanations.jsonl": files["explanations.jsonl"].replace(b"vivid", b"sepia", 1)}


def swapped_files(bundle: Bundle) -> Files:
    return {
        **entry(bundle),
        "explanations.jsonl": entry(bundle, answers(bundle, wrong))["explanations.jsonl"],
    }


def resealed_wrongly(bundle: Bundle) -> Files:
    return {**entry(bundle), "entry.sha256": b"0" * 64 + b"\n"}


def replies(n_said: int, *, vlm: str = "small-vlm", trial: str | None = None) -> Tamper:
    """One reply where `n_said` are told."""

    def made(bundle: Bundle) -> Files:
        about = answers(bundle, right)[0]["trial"] if trial is None else trial
        found = facts(bundle, vlms=["small-vlm"])
        found["costs"] |= {"vlm_calls": n_said}
        reply = {"trials": [about], "vlm": vlm, "question": "ab" * 32, "reply": "vivid"}
        said = json_lines(answers(bundle, right))
        return entry_files(found, explanations=said, replies=json_lines([reply]))

    return made


def deep(bundle: Bundle) -> Files:
    return {**entry(bundle), "entry.json": b"[" * 100_000 + b"]" * 100_000}


def huge(bundle: Bundle) -> Files:
    return {**entry(bundle), "entry.json": b'{"name": "' + b"a" * 300_000 + b'"}'}


def many_names(bundle: Bundle) -> Files:
    """An object of very many names, the last one twice."""
    names = ",".join(f'"{number:x}":0' for number in range(20_000))
    return {**entry(bundle), "entry.json": f'{{{names},"0":1}}'.encode()}


def half_a_name(bundle: Bundle) -> Files:
    files = entry(bundle)
    return {
        **files,
        "entry.json": files["entry.json"].replace(b'"settings": {', b'"settings": {"\\ud800": 1,'),
    }


def sealed_in_capitals(bundle: Bundle) -> Files:
    files = entry(bundle)
    return {**files, "entry.sha256": files["entry.sha256"].upper()}


def in_capitals_too(said: list[dict[str, Any]]) -> None:
    said.append({**said[0], "trial": said[0]["trial"].upper()})


def many_replies(bundle: Bundle) -> Files:
    """More replies than anybody needs, each of them right."""
    files = replies(1)(bundle)
    found = {**json.loads(files["entry.json"]), "costs": {**COSTS, "vlm_calls": 50_001}}
    del found["files"]
    return entry_files(
        found, explanations=files["explanations.jsonl"], replies=files["replies.jsonl"] * 50_001
    )


def twice(key: str) -> Tamper:
    def made(bundle: Bundle) -> Files:
        files = entry(bundle)
        return {**files, "entry.json": files["entry.json"].replace(b"{", f'{{"{key}": "mine",'.encode(), 1)}

    return made


CASES: Mapping[str, Case] = {
    "explanations edited": Case(edited, "hashes", "was changed since"),
    "explanations of another entry": Case(swapped_files, "hashes", "of another entry"),
    "a seal of something else": Case(resealed_wrongly, "hashes", "entry.sha256 must be the hash"),
    "a score": Case(with_fact(scores={"rank_mae": 0.0}), "schema", "Extra inputs"),
    "a score in a trial": Case(with_first(score=1.0), "schema", "Extra inputs"),
    "a trial missing": Case(with_answers(lambda said: said.pop()), "completeness", "is not answered"),
    "a trial twice": Case(
        with_answers(lambda said: said.append(said[0])), "completeness", "answered 2 times"
    ),
    "a trial too many": Case(
        with_answers(lambda said: said.append({**said[0], "trial": "ff" * 8})),
        "completeness",
        "not in the bundle",
    ),
    "trials in another order": Case(
        with_answers(lambda said: said.reverse()), "completeness", "in the order"
    ),
    "two trials swapped": Case(
        with_answers(lambda said: said.insert(0, said.pop(1))), "completeness", "in the order"
    ),
    "an id that is a path": Case(with_first(trial="../../etc/passwd"), "schema", "should match pattern"),
    "NaN": Case(
        raw_line(b'{"kind":"claims","claims":[{"concept":"vivid","amount":NaN}]}'), "json", "finite numbers"
    ),
    "infinity": Case(
        raw_line(b'{"kind":"claims","claims":[{"concept":"vivid","amount":-Infinity}]}'),
        "json",
        "finite numbers",
    ),
    "1e308": Case(with_claim(amount=1e308), "json", "at most 1e+09"),
    "1e999": Case(
        raw_line(b'{"kind":"claims","claims":[{"concept":"vivid","amount":1e999}]}'), "json", "at most 1e+09"
    ),
    "a number of 5000 digits": Case(
        raw_line(b'{"kind":"claims","claims":[{"concept":"vivid","amount":%s}]}' % (b"1" * 5000)),
        "json",
        "24 digits",
    ),
    "an amount in words": Case(with_claim(amount="1.0"), "schema", "valid number"),
    "an amount that is true": Case(with_claim(amount=True), "schema", "valid number"),
    "1e-400": Case(
        raw_line(b'{"kind":"claims","claims":[{"concept":"vivid","amount":1e-400}]}'),
        "json",
        "0 or far enough from it, has 1e-400",
    ),
    "a number that doubles round": Case(with_claim(amount=2**53 + 1), "json", "has 9007199254740993"),
    "a seed that doubles round": Case(with_fact(seeds=[2**53 + 1]), "json", "has 9007199254740993"),
    "a schema version that is true": Case(with_fact(schema_version=True), "schema", "should be 1. Got True"),
    "a schema version with a point": Case(with_fact(schema_version=1.0), "schema", "should be 1. Got 1.0"),
    "a count that is false": Case(
        with_fact(costs={**COSTS, "vlm_calls": False}), "schema", "valid integer. Got False"
    ),
    "a setting called NaN": Case(with_fact(settings={"NaN": 1}), "schema", "settings.NaN"),
    "half a character as a name": Case(half_a_name, "characters", "unicode"),
    "very many names": Case(many_names, "json", "at most 500 names in an object"),
    "a package of two lines": Case(
        with_fact(environment={"python": "3", "platform": "x", "packages": {"a\n| b": "1"}}),
        "characters",
        "U+000A",
    ),
    "too many claims": Case(
        with_first(said={"kind": "claims", "claims": [{"concept": "vivid", "amount": 1.0}] * 201}),
        "limits",
        "at most 200",
    ),
    "a text too long": Case(
        with_first(said={"kind": "text", "text": "vivid " * 2000}), "limits", "at most 8000"
    ),
    "a line too long": Case(with_line(b'"' + b"a" * 300_000 + b'"'), "json", "at most 262,144 bytes"),
    "huge JSON": Case(huge, "limits", "at most 262,144 bytes"),
    "deep JSON": Case(deep, "json", "12 brackets deep"),
    "deep JSON in a line": Case(with_line(b"[" * 50_000), "json", "12 brackets deep"),
    "JSON deeper than any record": Case(with_line(b"[" * 20 + b"]" * 20), "json", "12 brackets deep"),
    "a key twice": Case(twice("name"), "json", "'name' twice"),
    "a key twice in a trial": Case(
        raw_line(b'{"kind":"text","text":"vivid","text":"sepia"}'), "json", "'text' twice"
    ),
    "very many answers": Case(
        with_answers(lambda said: said.extend([said[0]] * 2000)),
        "limits",
        "at most 2,000 lines. It has 2,016",
    ),
    "very many replies": Case(many_replies, "limits", "at most 50,000 lines. It has 50,001"),
    "no JSON": Case(with_line(b"__import__('os').system('id')"), "json", "must be JSON"),
    "no UTF-8": Case(with_line(b'{"trial": "\xff"}'), "json", "must be UTF-8"),
    "a byte order mark": Case(
        lambda bundle: {**entry(bundle), "entry.json": b"\xef\xbb\xbf{}"}, "json", "byte order mark"
    ),
    "half a character": Case(raw_line(b'{"kind":"text","text":"\\ud800"}'), "characters", "unicode"),
    "an empty line": Case(with_line(b""), "json", "must be JSON"),
    "another schema version": Case(with_fact(schema_version=2), "schema", "Input should be 1"),
    "no schema version": Case(without_fact("schema_version"), "schema", "Field required"),
    "no licence": Case(without_fact("license"), "schema", "Field required"),
    "a track that is none": Case(with_fact(track="any"), "schema", "'solo', 'joint' or 'told'"),
    "another bundle": Case(
        with_fact(bundle={"name": "small-1", "sha256": "00" * 32}), "bundle", "must answer small-1"
    ),
    "a name in Cyrillic": Case(with_fact(name="fin\u0435xl"), "names", "should match pattern"),
    "a name that looks like another's": Case(with_fact(name="f1nexl"), "names", "looks like finexl@1.0.0"),
    "a name of letters that look like another's": Case(
        with_fact(name="tal-ker", authors=["Eve Other"]), "names", "looks like talker@1.0.0"
    ),
    "a name with a path": Case(with_fact(name="../finexl"), "names", "should match pattern"),
    "an author of two alphabets": Case(
        with_fact(authors=["\u0410da Example"]), "names", "must not mix alphabets"
    ),
    "an author in bold letters": Case(
        with_fact(authors=["\U0001d5d4da Example"]), "names", "must not mix alphabets"
    ),
    "an author in wide letters": Case(
        with_fact(authors=["\uff21da Example"]), "names", "must not mix alphabets"
    ),
    "an author from right to left": Case(
        with_fact(authors=["Ada \u202egnp.exe"]), "characters", "U+202E RIGHT-TO-LEFT OVERRIDE"
    ),
    "an author who clears the screen": Case(with_fact(authors=["\x1b[2JAda"]), "characters", "U+001B"),
    "an author of blanks": Case(with_fact(authors=["   "]), "characters", "no blanks but one between words"),
    "an author with a blank before": Case(
        with_fact(authors=["\u00a0Ada"]), "characters", "no blanks but one between words"
    ),
    "a judge of blanks": Case(with_fact(judge=" "), "characters", "more than blanks"),
    "an author of two lines": Case(with_fact(authors=["Ada\n| forged | row |"]), "characters", "U+000A"),
    "a judge with an invisible letter": Case(with_fact(judge="gpt\u200b-4o"), "characters", "U+200B"),
    "a concept with a NUL": Case(with_claim("viv\0id"), "characters", "U+0000"),
    "a concept of stacked marks": Case(with_claim("v" + "\u0321" * 40), "characters", "U+0321"),
    "a concept of marks without a class": Case(with_claim("v" + "\u0488" * 150), "characters", "U+0488"),
    "a concept with a text in its selectors": Case(
        with_claim("vivid" + "".join(chr(0xE0100 + letter) for letter in b"level 3")),
        "characters",
        "VARIATION SELECTOR",
    ),
    "a text with a bell": Case(
        with_first(said={"kind": "text", "text": "vivid\x07"}), "characters", "U+0007"
    ),
    "letters taken apart": Case(with_fact(authors=["Jose\u0301"]), "characters", "NFC"),
    "a link to data": Case(with_fact(link="data:text/html,x"), "schema", "should match pattern"),
    "a link to a file": Case(with_fact(link="file:///etc/passwd"), "schema", "should match pattern"),
    "a link that looks like another's": Case(
        with_fact(link="https://example.org@evil.org/"), "schema", "should match pattern"
    ),
    "a link of two lines": Case(with_fact(link="https://a.org/\n"), "schema", "should match pattern"),
    "a licence that runs": Case(with_fact(license="javascript:alert(1)"), "schema", "should match pattern"),
    "a licence out of its link": Case(with_fact(license="MIT](x)"), "schema", "should match pattern"),
    "a version with a path": Case(with_fact(version="1/../../x"), "schema", "should match pattern"),
    "a name of two lines": Case(with_fact(name="mine\n"), "names", "should match pattern"),
    "a hash in capitals": Case(with_fact(code_sha256="AB" * 32), "schema", "should match pattern"),
    "a seal in capitals": Case(sealed_in_capitals, "hashes", "entry.sha256 must be the hash"),
    "a trial again in capitals": Case(with_answers(in_capitals_too), "schema", "should match pattern"),
    "a link that runs": Case(with_fact(link="javascript:alert(1)"), "schema", "should match pattern"),
    "a link out of its quotes": Case(
        with_fact(link='https://a.org/"onclick="x'), "schema", "should match pattern"
    ),
    "a requirement that is an option": Case(
        with_fact(requirement="--index-url=https://a.org x==1"), "schema", "should match pattern"
    ),
    "a requirement from an address": Case(
        with_fact(requirement="x @ https://a.org/x.whl"), "schema", "should match pattern"
    ),
    "a target that is code": Case(with_fact(target="os:system('id')"), "schema", "should match pattern"),
    "costs that are too low": Case(
        with_fact(costs={**COSTS, "seconds": 0.1}), "completeness", "took 4 s. Got 0.1"
    ),
    "costs below zero": Case(
        with_fact(costs={**COSTS, "dollars": -1.0}), "limits", "greater than or equal to 0"
    ),
    "replies missing": Case(replies(2), "replies", "says 2, 1 are"),
    "a model that is not declared": Case(replies(1, vlm="other-vlm"), "replies", "'other-vlm' is not"),
    "a reply about another trial": Case(replies(1, trial="ee" * 8), "replies", "ee" * 8),
    "the same version again": Case(
        lambda bundle: sealed(entry(bundle, answers(bundle, wrong)), name="finexl", code_sha256="ab" * 32),
        "names",
        "must be entered once",
    ),
}


def copied(change: Callable[[dict[str, Any]], object], say: Any = right) -> Tamper:
    """What another entry said, changed a little, under another name."""

    def made(bundle: Bundle) -> Files:
        said = answers(bundle, say)
        for answer in said:
            change(answer["said"])
        return entry(bundle, said, name="my-own", authors=["Eve Other"])

    return made


def each_claim(change: Callable[[dict[str, Any]], object]) -> Callable[[dict[str, Any]], object]:
    return lambda said: [change(claim) for claim in said["claims"]]


def _unread(amount: float) -> list[dict[str, Any]]:
    """Many claims, each of next to nothing, whose sum is another for every model."""
    n = 100 + round(1e4 * amount) % 90
    return [{"concept": f"a thing {place}", "amount": 0.004} for place in range(n)]


COPIES: Mapping[str, Tamper] = {
    "renamed": copied(lambda said: None),
    "reordered": copied(lambda said: said["claims"].reverse()),
    "rounded": copied(each_claim(lambda claim: claim.update(amount=float(f"{claim['amount']:.2g}")))),
    "rescaled": copied(each_claim(lambda claim: claim.update(amount=claim["amount"] * 7.3))),
    "in capitals and hyphens": copied(
        each_claim(lambda claim: claim.update(concept=claim["concept"].upper()))
    ),
    "in other words": copied(
        each_claim(lambda claim: claim.update(concept=f"style {len(claim['concept'])}"))
    ),
    "padded with what nobody reads": copied(
        lambda said: said["claims"] and said["claims"].extend(_unread(said["claims"][0]["amount"]))
    ),
    "a text in capitals, in another order": copied(
        lambda said: said.update(text="! ".join(reversed(said["text"].upper().split("\n")))), in_words
    ),
}


def _folder(bundle: Bundle, path: Path) -> Path:
    return written(path / "entry", entry(bundle))


def extra(name: str) -> Place:
    def made(bundle: Bundle, path: Path) -> Path:
        folder = _folder(bundle, path)
        (folder / name).write_text("x", encoding="utf-8")
        return folder

    return made


def replaced(how: Callable[[Path, Path], object]) -> Place:
    """The explanations replaced by something that is no file."""

    def made(bundle: Bundle, path: Path) -> Path:
        folder = _folder(bundle, path)
        aside = path / "aside"
        (folder / "explanations.jsonl").rename(aside)
        how(folder / "explanations.jsonl", aside)
        return folder

    return made


def _socket(path: Path, aside: Path) -> None:
    os.chdir(path.parent)  # a socket's path has room for 107 bytes
    socket.socket(socket.AF_UNIX).bind(path.name)


def crowded(bundle: Bundle, path: Path) -> Path:
    folder = _folder(bundle, path)
    for number in range(10_000):
        (folder / str(number)).touch()
    return folder


def linked_folder(bundle: Bundle, path: Path) -> Path:
    link = path / "link"
    link.symlink_to(_folder(bundle, path))
    return link


def zipped(change: Callable[[zipfile.ZipFile, Files], object]) -> Place:
    def made(bundle: Bundle, path: Path) -> Path:
        with zipfile.ZipFile(path / "entry.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            change(archive, entry(bundle))
        return path / "entry.zip"

    return made


def _with(archive: zipfile.ZipFile, files: Files, *members: tuple[str | zipfile.ZipInfo, bytes]) -> None:
    for name, content in [*files.items(), *members]:
        archive.writestr(name, content)


def link_member() -> zipfile.ZipInfo:
    member = zipfile.ZipInfo("replies.jsonl")
    member.external_attr = 0o120777 << 16
    return member


def _bomb(archive: zipfile.ZipFile, files: Files) -> None:
    _with(archive, {**files, "explanations.jsonl": b"0" * (17 << 20)})


def _packed_otherwise(archive: zipfile.ZipFile, files: Files) -> None:
    archive.writestr("entry.json", files["entry.json"], compress_type=zipfile.ZIP_BZIP2)


def _many(archive: zipfile.ZipFile, files: Files) -> None:
    for number in range(5000):
        archive.writestr(str(number), b"")


def tarred(kind: bytes, name: str = "replies.jsonl", target: str = "/etc/passwd") -> Place:
    def made(bundle: Bundle, path: Path) -> Path:
        with tarfile.open(path / "entry.tar.gz", "w:gz") as archive:
            for file, content in entry(bundle).items():
                member = tarfile.TarInfo(file)
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, target
            archive.addfile(member)
        return path / "entry.tar.gz"

    return made


def tar_bomb(bundle: Bundle, path: Path) -> Path:
    with tarfile.open(path / "entry.tar.gz", "w:gz", compresslevel=1) as archive:
        member = tarfile.TarInfo("replies.jsonl")
        member.size = 120 << 20
        archive.addfile(member, io.BytesIO(bytes(member.size)))
    return path / "entry.tar.gz"


def not_whole(bundle: Bundle, path: Path) -> Path:
    zipped(_with)(bundle, path)
    content = (path / "entry.zip").read_bytes()
    (path / "entry.zip").write_bytes(content[: len(content) // 2])
    return path / "entry.zip"


def encrypted(bundle: Bundle, path: Path) -> Path:
    archive = bytearray(zipped(_with)(bundle, path).read_bytes())
    archive[archive.find(b"PK\x01\x02") + 8] |= 1
    (path / "entry.zip").write_bytes(archive)
    return path / "entry.zip"


def missing(name: str) -> Place:
    def made(bundle: Bundle, path: Path) -> Path:
        (_folder(bundle, path) / name).unlink()
        return path / "entry"

    return made


def too_large(bundle: Bundle, path: Path) -> Path:
    folder = _folder(bundle, path)
    with (folder / "replies.jsonl").open("wb") as file:
        file.truncate(65 << 20)
    return folder


PLACED: Mapping[str, Placed] = {
    "sources": Placed(extra("setup.py"), "no other files"),
    "a hidden file": Placed(extra(".env"), "no other files"),
    "a file that steers the terminal": Placed(extra("a\x1b[2Jb"), "no other files"),
    "a symbolic link": Placed(replaced(lambda path, aside: path.symlink_to(aside)), "a symbolic link"),
    "a link to a device": Placed(
        replaced(lambda path, aside: path.symlink_to("/dev/full")), "a symbolic link"
    ),
    "a hard link to the truth": Placed(
        lambda bundle, path: replaced(
            lambda place, aside: place.hardlink_to(bundle.folder / "truth-public.json")
        )(bundle, path),
        "a hard link",
    ),
    "ten thousand files": Placed(crowded, "no other files"),
    "a hard link": Placed(replaced(lambda path, aside: path.hardlink_to(aside)), "a hard link"),
    "a pipe": Placed(replaced(lambda path, aside: os.mkfifo(path)), "a pipe"),
    "a folder": Placed(replaced(lambda path, aside: path.mkdir()), "a folder"),
    "a socket": Placed(replaced(_socket), "a socket"),
    "a link as the entry": Placed(linked_folder, "a symbolic link"),
    "a device as the entry": Placed(lambda bundle, path: Path("/dev/zero"), "a device"),
    "a file too large": Placed(too_large, "at most 67,108,864 bytes", "limits"),
    "no explanations": Placed(missing("explanations.jsonl"), "explanations.jsonl. It is missing"),
    "no seal": Placed(missing("entry.sha256"), "entry.sha256. It is missing"),
    "zip: a path upwards": Placed(
        zipped(lambda archive, files: _with(archive, files, ("../../entry.json", b"{}"))), "must lie in it"
    ),
    "zip: an absolute path": Placed(
        zipped(lambda archive, files: _with(archive, files, ("/entry.json", b"{}"))), "must lie in it"
    ),
    "zip: a drive": Placed(
        zipped(lambda archive, files: _with(archive, files, ("C:\\entry.json", b"{}"))), "must lie in it"
    ),
    "zip: a link": Placed(
        zipped(lambda archive, files: _with(archive, files, (link_member(), b"/etc/passwd"))),
        "no link or device",
    ),
    "zip: an archive in it": Placed(
        zipped(lambda archive, files: _with(archive, files, ("more.zip", b"PK"))), "no other files"
    ),
    "zip: a file twice": Placed(
        zipped(lambda archive, files: _with(archive, files, ("copy/entry.json", b"{}"))), "once"
    ),
    "zip: a bomb": Placed(zipped(_bomb), "at most 16,777,216 bytes"),
    "zip: another packing": Placed(zipped(_packed_otherwise), "stored or deflated"),
    "zip: very many members": Placed(zipped(_many), "at most 16 members"),
    "zip: an encrypted member": Placed(encrypted, "must not be encrypted"),
    "zip: cut off": Placed(not_whole, "has none"),
    "tar: a symbolic link": Placed(tarred(tarfile.SYMTYPE), "no link or device"),
    "tar: a hard link": Placed(tarred(tarfile.LNKTYPE), "no link or device"),
    "tar: a device": Placed(tarred(tarfile.CHRTYPE), "no link or device"),
    "tar: a sparse file": Placed(tarred(tarfile.GNUTYPE_SPARSE), "no link or device"),
    "tar: a path upwards": Placed(tarred(tarfile.REGTYPE, "../replies.jsonl"), "must lie in it"),
    "tar: a bomb": Placed(tar_bomb, "to at most"),
}
