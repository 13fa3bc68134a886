"""The command line. A command imports what it needs itself."""

import argparse
import re
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from finexl.errors import FinexlError, InvalidInputError, unknown_name
from leaderboard import manual

if TYPE_CHECKING:
    from benchmark.bundle.manifest import Bundle
    from leaderboard.auditing import Rerun
    from leaderboard.entry.problems import Problem
    from leaderboard.ledger.chain import Standing
    from leaderboard.ledger.events import Audit, Scored
    from leaderboard.site.building import Place
    from leaderboard.verify.verifying import Submission, Verdict

OK, FAILED, USAGE, WRONG = 0, 1, 2, 3

_WORD = re.compile(r"([a-z_]+)=(.*)", re.DOTALL)


class UsageError(FinexlError):
    """The command line is not one that this program understands."""


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line says; returns the exit code that `--help` documents."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        return _dispatch(words)
    except UsageError as error:
        return _complain(error, USAGE)
    except FinexlError as error:
        return _complain(error, FAILED)
    except BrokenPipeError:  # who reads what is printed has had enough
        raise
    except OSError as error:
        return _complain(f"A file must be there and can be read and written: {error}.", FAILED)
    except KeyboardInterrupt:
        return OK


def _dispatch(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        print(manual.TOP)
        return OK
    name, *rest = words
    if name == "--version":
        from leaderboard import __version__

        print(f"leaderboard {__version__}")
        return OK
    if name not in COMMANDS:
        near = get_close_matches(name, COMMANDS, n=1)
        raise UsageError(
            f"The command must be one of: {', '.join(COMMANDS)}. Got {name!r}."
            + (f" Did you mean: python -m leaderboard {shlex.join([*near, *rest])}" if near else "")
        )
    command, text, keys, positional = COMMANDS[name]
    program = f"python -m leaderboard {name}"
    parser = argparse.ArgumentParser(
        prog=program,
        usage=" ".join([program, *positional, *(f"[{key}=...]" for key in keys)]),
        description=text,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("words", nargs="*", help=argparse.SUPPRESS)
    with _usage():
        if option := next((word for word in rest if word.startswith("--") and word != "--help"), None):
            key, _, value = option.lstrip("-").partition("=")
            value = value or next(iter(rest[rest.index(option) + 1 :]), "...")
            raise InvalidInputError(
                f"Keys must be written key=value, without dashes. Got {option!r}."
                + (
                    f" Did you mean {key}={value}?"
                    if key in keys
                    else f" `{program} --help` shows what it takes."
                )
            )
        given = Given(name, parser.parse_args(rest).words, keys=keys, positional=positional)
    return command(given)


class Given:
    """The words of a command: what stands by itself, and what is given by key."""

    def __init__(
        self, name: str, words: Iterable[str], *, keys: Sequence[str], positional: Sequence[str]
    ) -> None:
        self._name = name
        self._values: dict[str, str] = {}
        self.alone: list[str] = []
        for word in words:
            found = _WORD.fullmatch(word)
            if found is None:
                self.alone.append(word)
            elif found[1] not in keys:
                near = get_close_matches(found[1], keys, n=1)
                raise InvalidInputError(
                    f"`{name}` takes {', '.join(f'{key}=' for key in keys) or 'no keys'}. Got {word!r}."
                    + (f" Did you mean {near[0]}={found[2]}?" if near else "")
                )
            elif found[1] in self._values:
                raise InvalidInputError(f"A key must be given once. Got `{found[1]}` twice. Leave one out.")
            else:
                self._values[found[1]] = found[2]
        n_needed = sum(not each.startswith("[") for each in positional)
        if not n_needed <= len(self.alone) <= len(positional):
            raise InvalidInputError(
                f"`{name}` must be given {' '.join(positional) or 'keys only'}. Got {' '.join(self.alone)!r}. "
                f"`python -m leaderboard {name} --help` has examples."
            )

    def text(self, key: str) -> str:
        """The value of a key.

        Raises:
            UsageError: It was not given.
        """
        if not self._values.get(key):
            raise UsageError(
                f"`{self._name}` must be given {key}=. `python -m leaderboard {self._name} --help` has examples."
            )
        return self._values[key]

    def get(self, key: str) -> str | None:
        """The value of a key; None where it was not given."""
        return self._values.get(key)

    def path(self, key: str) -> Path:
        """The value of a key as a path."""
        return Path(self.text(key))

    def number(self, key: str, usual: int) -> int:
        """The value of a key as a whole number from 0.

        Raises:
            UsageError: It is none.
        """
        text = self._values.get(key, str(usual))
        if not text.isdecimal():
            raise UsageError(f"`{key}` must be a whole number from 0. Got {text!r}.")
        return int(text)

    def is_yes(self, key: str) -> bool:
        """Whether a key says yes.

        Raises:
            UsageError: It says something else than yes or no.
        """
        with _usage():
            text = self._values.get(key, "no")
            if text not in ("yes", "no"):
                raise unknown_name(key, text, ("yes", "no"))
        return text == "yes"

    @property
    def place(self) -> "Place":
        """The board's folder."""
        from leaderboard.site.building import Place

        return Place(folder=Path(self._values.get("board", "board")))

    @property
    def bundle(self) -> "Bundle":
        """The frozen trials."""
        from benchmark.bundle.manifest import Bundle

        return Bundle(Path(self._values.get("bundle") or self.place.folder / "bundle"))

    @property
    def day(self) -> str:
        """The day of a line of the ledger."""
        from datetime import UTC, datetime

        return self._values.get("day") or datetime.now(UTC).date().isoformat()


def _verify(given: Given) -> int:
    is_told = given.get("scores") is not None
    wants_scores = given.is_yes("scores") if is_told else "public" in given.bundle.known_parts
    verdict = _verdict(Path(given.alone[0]), given)
    _say(verdict)
    if verdict.is_admissible and verdict.submission is not None and wants_scores:
        from leaderboard.scores import recompute

        _say_scores(verdict.submission, recompute(given.bundle, verdict.submission))
    return OK if verdict.is_admissible else WRONG


def _submit(given: Given) -> int:
    from leaderboard.submitting import Sources, sources_in, submit

    if given.get("explained") is None:
        sources = Sources(
            explanations=given.path("explanations"), facts=given.path("facts"), code=given.path("code")
        )
    else:
        sources = sources_in(given.path("explained"))
    given_too = {
        name: given.path(name) for name in ("explanations", "facts", "code", "replies") if given.get(name)
    }
    told: dict[str, object] = {name: given.text(name) for name in _TOLD if given.get(name)}
    if given.get("authors"):
        told["authors"] = [name.strip() for name in given.text("authors").split(",")]
    sources = replace(sources, **given_too, told=told)
    output = given.path("output")
    submit(sources, given.bundle, output)
    verdict = _verdict(output, given)
    _say(verdict)
    if not verdict.is_admissible:
        return WRONG
    print(
        f"Wrote {output}. Next: put the folder under submissions/ of the board's repository in a pull request."
    )
    return OK


def _audit(given: Given) -> int:
    from leaderboard.ledger.chain import read_ledger
    from leaderboard.site.building import admitted

    on_board = {one.admission.entry: one for one in read_ledger(given.place.ledger).on_board}
    standing = on_board.get(given.alone[0])
    if standing is not None:
        submission = admitted(given.place, standing)
    else:
        verdict = _verdict(Path(given.alone[0]), given)
        submission = verdict.submission
        if submission is None or not verdict.is_admissible:
            _say(verdict)
            return WRONG
    found = _audited(submission, given)
    _print(f"{submission.id}: {found.status}; {found.why}.")
    if given.get("reason"):
        _note_audit(submission.id, found, given, reason=given.text("reason"))
    return WRONG if found.status == "differs" else OK


def _note_audit(entry: str, found: "Audit", given: Given, *, reason: str) -> None:
    """Add to the ledger what a second run found."""
    from leaderboard.ledger.chain import read_ledger, write_ledger
    from leaderboard.ledger.events import Audited

    ledger = read_ledger(given.place.ledger)  # as it is now: a second run may take long
    ledger = ledger.with_event(Audited(entry=entry, audit=found), day=given.day, reason=reason)
    write_ledger(given.place.ledger, ledger)


def _audit_shipped(given: Given) -> int:
    from leaderboard.shipped import shipped_explainers
    from leaderboard.site.building import admitted

    chosen = shipped_explainers(given.get("explainer"))
    reason, statuses = given.get("reason") or "the suite's code was run again", list[str]()
    for number, (name, _) in enumerate(chosen, start=1):
        print(f"--- {number} of {len(chosen)}: {name}", flush=True)
        standing = _standing(name, given.place)
        if standing is None:
            print("It is not on the board.")
        elif given.get("explainer") is None and standing.audit.status != "not run":
            print(f"It was run again: {standing.audit.status}.")
        else:
            found = _audited(admitted(given.place, standing), given, package="suite")
            _print(f"{standing.admission.entry}: {found.status}; {found.why}.")
            statuses.append(found.status)
            if found != standing.audit:
                _note_audit(standing.admission.entry, found, given, reason=reason)
    print(f"Next: python -m leaderboard build board={shlex.quote(str(given.place.folder))}")
    return WRONG if "differs" in statuses else OK


def _admit(given: Given) -> int:
    from leaderboard.entry.making import write_entry
    from leaderboard.ledger.chain import read_ledger, write_ledger
    from leaderboard.ledger.events import Admission
    from leaderboard.scores import recompute
    from leaderboard.verify.copies import sketch

    place, path, reason = given.place, Path(given.alone[0]), given.text("reason")
    role = given.get("role") or "entry"
    if role not in ("entry", "control", "ceiling"):
        with _usage():
            raise unknown_name("role", role, ("entry", "control", "ceiling"))
    verdict = _verdict(path, given)
    submission = verdict.submission
    if submission is None or not verdict.is_admissible:
        _say(verdict)
        return WRONG
    scored = recompute(given.bundle, submission)
    event = Admission(
        entry=submission.id,
        sha256=submission.digest,
        bundle=submission.entry.bundle,
        authors=submission.entry.authors,
        role=role,
        scored=scored,
        audit=_audited(submission, given),
        sketch=sketch(submission.answers),
    )
    ledger = read_ledger(place.ledger).with_event(event, day=given.day, reason=reason)
    write_entry(place.entries / submission.id, submission.files)
    write_ledger(place.ledger, ledger)
    _say_scores(submission, scored)
    print(f"Admitted. Next: python -m leaderboard build board={shlex.quote(str(place.folder))}")
    return OK


def _enter_shipped(given: Given) -> int:
    from leaderboard.shipped import shipped_explainers

    place, work = given.place, Path(given.get("work") or "explained")
    chosen = shipped_explainers(given.get("explainer"))
    for number, (name, role) in enumerate(chosen, start=1):
        print(f"--- {number} of {len(chosen)}: {name}", flush=True)
        if (
            code := _enter(name, role, place=place, bundle=given.bundle.folder, work=work, given=given)
        ) != OK:
            return code
    print(f"Next: python -m leaderboard build board={shlex.quote(str(place.folder))}")
    return OK


def _enter(name: str, role: str, *, place: "Place", bundle: Path, work: Path, given: Given) -> int:
    """Explain, submit and admit one explainer of the suite, unless it is on the board; then its private part."""
    import shutil

    from leaderboard.shipped import explain

    where = [f"board={place.folder}", f"bundle={bundle}"]
    reason = f"reason={given.get('reason') or 'comes with the suite'}"
    if _standing(name, place) is not None:
        print("It is on the board.")
    else:
        if (code := explain(name, bundle=bundle, output=work / name)) != OK:
            return code
        entry = work / name / "entry"
        shutil.rmtree(entry, ignore_errors=True)
        despite = ["despite_copies=yes"]  # variants of one method may say the same, each rightly
        if (code := main(["submit", f"explained={work / name}", f"output={entry}", *where, *despite])) != OK:
            return code
        why = "why=its code is part of the suite that made the board"
        words = [str(entry), f"role={role}", f"day={given.day}", reason, why, *where, *despite]
        if (code := main(["admit", *words])) != OK:
            return code
    standing = _standing(name, place)
    if given.get("private_bundle") is None or standing is None:
        return OK
    if any(one.part == "private" for one in standing.scored.scores):
        return OK
    hidden, said = given.path("private_bundle"), work / f"{name}-private"
    if (code := explain(name, bundle=hidden, output=said)) != OK:
        return code
    private = [f"private={said / 'explanations.jsonl'}", f"private_bundle={hidden}", f"day={given.day}"]
    return main(["rescore", standing.admission.entry, *private, reason, *where])


def _standing(name: str, place: "Place") -> "Standing | None":
    """The entry of a name on the board."""
    from leaderboard.ledger.chain import read_ledger

    on_board = read_ledger(place.ledger).on_board
    return next((one for one in on_board if one.admission.entry.partition("@")[0] == name), None)


def _rescore(given: Given) -> int:
    from leaderboard.ledger.chain import read_ledger, write_ledger
    from leaderboard.ledger.events import Rescoring
    from leaderboard.scores import recompute, with_private
    from leaderboard.site.building import admitted

    place, reason = given.place, given.text("reason")
    ledger = read_ledger(place.ledger)
    wanted = [one for one in ledger.on_board if given.alone[0] in ("all", one.admission.entry)]
    if not wanted:
        with _usage():
            raise unknown_name(
                "entry", given.alone[0], ["all", *(one.admission.entry for one in ledger.on_board)]
            )
    if given.get("private") is not None and given.alone[0] == "all":
        raise UsageError("`private` must be what one entry said. Name the entry instead of `all`.")
    for standing in wanted:
        submission = admitted(place, standing)
        scored = with_private(
            recompute(given.bundle, submission), _private(given, submission, standing.scored)
        )
        # the organiser alone has the planted labels
        if scored.planted is None and standing.scored.planted is not None:
            scored = scored.model_copy(update={"planted": standing.scored.planted})
            _print(f"{standing.admission.entry}: no planted.json at hand; what was found of it stays.")
        event = Rescoring(entry=standing.admission.entry, scored=scored, audit=standing.audit)
        ledger = ledger.with_event(event, day=given.day, reason=reason)
        _say_scores(submission, scored)
    write_ledger(place.ledger, ledger)
    return OK


def _remove(given: Given) -> int:
    from leaderboard.ledger.chain import read_ledger, write_ledger
    from leaderboard.ledger.events import Removal

    place, (entry,) = given.place, given.alone
    ledger = read_ledger(place.ledger)
    with _usage():
        if entry not in {one.admission.entry for one in ledger.on_board}:
            raise unknown_name("entry", entry, [one.admission.entry for one in ledger.on_board] or ["none"])
    ledger = ledger.with_event(Removal(entry=entry), day=given.day, reason=given.text("reason"))
    write_ledger(place.ledger, ledger)
    print(f"Removed {entry}. Next: python -m leaderboard build board={shlex.quote(str(place.folder))}")
    return OK


def _ledger(given: Given) -> int:
    from leaderboard.ledger.chain import LedgerError, ledger_bytes, read_ledger, require_beginning

    try:
        ledger = read_ledger(given.place.ledger)
        before = given.path("since").read_bytes() if given.get("since") else b""
        require_beginning(before, ledger_bytes(ledger))
    except LedgerError as error:
        return _complain(error, WRONG)
    wants_scores = given.is_yes("scores")
    for line in ledger.lines[before.count(b"\n") :]:
        _print(f"{line.number:4d}  {line.day}  {line.event.kind:9s}  {line.event.entry}: {line.reason}")
    print(f"{len(ledger.lines)} lines, {len(ledger.on_board)} entries on the board, tip {ledger.tip[:12]}")
    if wants_scores:
        from leaderboard.checking import wrong_scores

        wrong = wrong_scores(given.place, given.bundle, ledger)
        for text in wrong:
            _print(text)
        print("Every score is what the words make." if not wrong else f"{len(wrong)} scores are not.")
        return WRONG if wrong else OK
    return OK


def _build(given: Given) -> int:
    from leaderboard.site.building import differing, site_files, write_site

    place = given.place
    output = place.site if given.get("output") is None else given.path("output")
    has_bundle = given.get("bundle") is not None or given.bundle.folder.is_dir()
    files = site_files(place, given.bundle if has_bundle else None)
    if given.is_yes("check"):
        if wrong := differing(output, files):
            return _complain(
                f"The site must be what the ledger and the entries make. {len(wrong)} files are not: "
                f"{', '.join(wrong[:5])}. Write them with `python -m leaderboard build`.",
                WRONG,
            )
        print(f"All {len(files)} files are as they should be.")
        return OK
    changed = write_site(output, files)
    print(f"Wrote {output / 'index.html'}: {len(changed)} of {len(files)} files changed.")
    return OK


def _serve(given: Given) -> int:
    from leaderboard.site.serving import serve

    folder, port = given.place.site, given.number("port", 8000)
    if not (folder / "index.html").is_file():
        raise InvalidInputError(
            f"There must be a site to show. {str(folder)!r} holds none. Write it with `python -m leaderboard build`."
        )
    serve(folder, port=port, started=lambda address: print(f"{address} (Ctrl-C ends it)"))
    return OK


def _init(given: Given) -> int:
    from leaderboard.repository import make

    folder = Path(given.alone[0])
    made = make(folder)
    print("\n".join(f"Wrote {path}." for path in made) or f"Everything is in {folder} already.")
    return OK


def _example(given: Given) -> int:
    from leaderboard.entry.example import example, facts_to_fill_in

    with _usage():
        match given.alone:
            case []:
                print(example(), end="")
            case ["facts"]:
                print(facts_to_fill_in())
            case _:
                raise unknown_name("example", given.alone[0], ("facts",))
    return OK


def _schema(given: Given) -> int:
    import json

    from leaderboard.entry.schema import json_schemas

    print(json.dumps(json_schemas(), indent=1))
    return OK


def _rules(given: Given) -> int:
    from leaderboard.entry.problems import RULES

    for name, text in RULES.items():
        print(f"{name:13s} {text}")
    return OK


Command = tuple[Callable[[Given], int], str, Sequence[str], Sequence[str]]
"""What is done, what --help says, the keys, and what stands by itself."""
_PLACES = ("board", "bundle")
_RERUN = ("rerun", "package", "trials", "later", "output", "minutes")
_SOURCES = ("explained", "explanations", "facts", "code", "replies")
_TOLD = ("name", "version", "link", "license")
COMMANDS: Mapping[str, Command] = {
    "example": (_example, manual.EXAMPLE, (), ("[facts]",)),
    "submit": (
        _submit,
        manual.SUBMIT,
        (*_SOURCES, "authors", *_TOLD, "output", "despite_copies", *_PLACES),
        (),
    ),
    "verify": (_verify, manual.VERIFY, (*_PLACES, "scores"), ("PATH",)),
    "rules": (_rules, manual.RULES, (), ()),
    "schema": (_schema, manual.SCHEMA, (), ()),
    "build": (_build, manual.BUILD, (*_PLACES, "output", "check"), ()),
    "serve": (_serve, manual.SERVE, ("board", "port"), ()),
    "ledger": (_ledger, manual.LEDGER, (*_PLACES, "since", "scores"), ()),
    "init": (_init, manual.INIT, (), ("FOLDER",)),
    "admit": (_admit, manual.ADMIT, (*_PLACES, "reason", "role", *_RERUN, "why", "day", "despite_copies"), ("PATH",)),
    "enter-shipped": (
        _enter_shipped,
        manual.ENTER_SHIPPED,
        (*_PLACES, "explainer", "work", "reason", "day", "private_bundle"),
        (),
    ),
    "audit": (_audit, manual.AUDIT, (*_PLACES, *_RERUN, "why", "reason", "day"), ("PATH|ENTRY",)),
    "audit-shipped": (
        _audit_shipped,
        manual.AUDIT_SHIPPED,
        (*_PLACES, "explainer", "trials", "later", "output", "minutes", "reason", "day"),
        (),
    ),
    "rescore": (_rescore, manual.RESCORE, (*_PLACES, "reason", "day", "private", "private_bundle"), ("ENTRY|all",)),
    "remove": (_remove, manual.REMOVE, ("board", "reason", "day"), ("ENTRY",)),
}  # fmt: skip


def _verdict(path: Path, given: Given) -> "Verdict":
    from leaderboard.ledger.chain import read_ledger
    from leaderboard.verify.verifying import Frozen, verify

    bundle = given.bundle
    known = read_ledger(given.place.ledger).known
    verdict = verify(path, bundle=Frozen(manifest=bundle.manifest, sha256=bundle.sha256), known=known)
    if given.is_yes("despite_copies"):
        return replace(verdict, problems=tuple(one for one in verdict.problems if one.rule != "copies"))
    return verdict


def _audited(submission: "Submission", given: Given, *, package: str | None = None) -> "Audit":
    from leaderboard.auditing import audit, drawn, recorded
    from leaderboard.rerun.packages import PackageError

    trials = [answer.trial for answer in submission.answers]
    if (n := given.number("trials", 0)) > 0:
        later = given.get("later") or given.day
        trials = list(drawn(trials, digest=submission.digest, later=later, n=n))
    if given.get("rerun") is not None:
        return audit(submission, recorded(given.path("rerun")), trials=trials)
    if (package := package or given.get("package")) is not None:
        try:
            rerun, manner = _rerun(submission, given, package)
        except PackageError as error:
            why = str(error)
            return audit(submission, lambda entry, trials: why, trials=trials)
        return audit(submission, rerun, trials=trials, manner=manner)
    why = given.get("why") or "no second run was given"
    return audit(submission, lambda entry, trials: why, trials=trials)


def _rerun(submission: "Submission", given: Given, package: str) -> "tuple[Rerun, str]":
    """What runs the package that is given, the one that the entry names or the suite's own; and in which manner."""
    from leaderboard.rerun.encoders import encoder_of
    from leaderboard.rerun.packages import PackageError
    from leaderboard.rerun.running import AuditLimits, PackageRun
    from leaderboard.rerun.suite import suite_explainer

    entry, bundle = submission.entry, given.bundle
    manner = ["with the replies that the entry holds"] if entry.vlms else []
    match package:
        case "suite":
            source = suite_explainer(entry, bundle.manifest.vocabulary)
            if source.code_sha256 != entry.code_sha256:
                manner.append("by code that has changed since")
        case "requirement":
            if entry.requirement is None:
                raise PackageError("the entry names no package")
            source = entry.requirement
        case path:
            source = Path(path)
    rerun = PackageRun(
        bundle=bundle,
        source=source,
        kept=Path(given.get("output") or "audited"),
        encoder=encoder_of,
        limits=AuditLimits(minutes=float(given.number("minutes", 30))),
        tell=_print,
    )
    return rerun, " ".join(manner)


def _private(given: Given, submission: "Submission", before: "Scored") -> "Scored":
    """What holds the scores of the private part: those of a new run, or the ones that the entry has."""
    if given.get("private") is None:
        private = tuple(one for one in before.scores if one.part == "private")
        return before.model_copy(update={"scores": private})
    from benchmark.bundle.manifest import Bundle
    from leaderboard.auditing import read_answers
    from leaderboard.scores import recompute

    answers = tuple(read_answers(given.path("private")).values())
    return recompute(
        Bundle(given.path("private_bundle")), replace(submission, answers=answers), part="private"
    )


def _say(verdict: "Verdict") -> None:
    for problem in verdict.problems:
        _say_problem(problem)
    if verdict.problems:
        n = len(verdict.problems)
        print(f"{n} problem{'s' if n > 1 else ''}. `python -m leaderboard rules` shows the rules.")
    elif verdict.submission is not None:
        entry = verdict.submission.entry
        _print(
            f"{verdict.submission.id} keeps every rule: {len(verdict.submission.answers)} trials, "
            f"track {entry.track}, division {entry.division}."
        )


def _say_problem(problem: "Problem") -> None:
    where = ", ".join(filter(None, (problem.file, problem.record)))
    _print(f"{where}: {problem.what}")
    _print(f"    rule: {problem.rule}")
    _print(f"    fix:  {problem.fix}")


def _say_scores(submission: "Submission", scored: "Scored") -> None:
    from leaderboard.board.table import shown

    claimed = {(one.scenario, one.metric): one.value for one in submission.entry.claimed}
    for one in scored.scores:
        value = shown(one.value, is_share=one.is_share)
        low, high = (shown(end, is_share=one.is_share) for end in (one.low, one.high))
        interval = "" if one.low is None or one.high is None else f"{low} to {high}, "
        told = claimed.get((one.scenario, one.metric))
        beside = "" if told is None else f", claimed {shown(told, is_share=one.is_share)}"
        _print(f"{one.scenario} {one.metric}: {value} ({interval}{one.n} units){beside}")
    read = scored.readability
    _print(f"unreadable: {read.n_unreadable} of {read.n_models}")


def _print(text: str) -> None:
    from leaderboard.board.escaping import terminal

    print(terminal(text))


@contextmanager
def _usage() -> Iterator[None]:
    """Errors in here are the command line's."""
    try:
        yield
    except FinexlError as error:
        raise UsageError(str(error)) from error


def _complain(message: object, code: int) -> int:
    from leaderboard.board.escaping import terminal

    print(terminal(str(message)), file=sys.stderr)
    return code
