"""All checks of one entry, in the order in which they make sense: container, JSON, schema, hashes, trials, copies."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from benchmark.bundle.manifest import Manifest
from leaderboard.entry import limits
from leaderboard.entry.characters import skeleton
from leaderboard.entry.problems import Problem, Unreadable
from leaderboard.entry.schema import (
    ENTRY,
    EXPLANATIONS,
    REPLIES,
    SEAL,
    BundleRef,
    Entry,
    Reply,
    TrialAnswer,
    canonical_id,
    checked,
)
from leaderboard.entry.strict import NotStrict, n_lines, not_strict, parsed, parsed_lines
from leaderboard.verify.copies import Sketch, copied, sketch
from leaderboard.verify.opening import opened

T = TypeVar("T", TrialAnswer, Reply)

_MAX_SHOWN = 50
"""Problems of one file; a file that is wrong throughout is said to be so once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of an entry that was admitted before, whether or not it is still on the board."""

    id: str
    digest: str
    authors: tuple[str, ...]
    sketch: Sketch

    @property
    def name(self) -> str:
        """The name in its id."""
        return self.id.partition("@")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """An entry whose files keep the schema."""

    entry: Entry
    digest: str
    """Hash of entry.json, and with it of all files."""
    answers: tuple[TrialAnswer, ...]
    replies: tuple[Reply, ...]
    files: Mapping[str, bytes] = field(repr=False)
    """Its files as they were verified."""

    @property
    def id(self) -> str:
        """The canonical id."""
        return canonical_id(self.entry, self.digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What verification found."""

    problems: tuple[Problem, ...]
    submission: Submission | None
    """None where the files keep no schema."""

    @property
    def is_admissible(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems and self.submission is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """The bundle that entries are verified against."""

    manifest: Manifest
    sha256: str


def verify(path: Path, *, bundle: Frozen, known: Sequence[Known] = ()) -> Verdict:
    """Every problem of an entry, which may lie in a folder or an archive."""
    try:
        files = opened(path)
    except Unreadable as error:
        return Verdict(problems=(error.problem,), submission=None)
    problems, submission = read(files)
    if submission is not None:
        problems += [
            *_of_bundle(submission.entry, bundle),
            *_of_trials(submission, bundle.manifest),
            *_of_replies(submission, bundle.manifest),
            *_of_known(submission, known),
        ]
    return Verdict(problems=tuple(problems), submission=submission)


def read(files: Mapping[str, bytes]) -> tuple[list[Problem], Submission | None]:
    """The records of an entry's files; none where any of them is no record."""
    problems = [*_missing(files)]
    if problems:
        return problems, None
    entry = _entry(files[ENTRY])
    if not isinstance(entry, Entry):
        return entry, None
    problems += _of_hashes(files, entry)
    answers = _records(EXPLANATIONS, files[EXPLANATIONS], TrialAnswer, problems)
    replies = _records(REPLIES, files.get(REPLIES, b""), Reply, problems)
    if answers is None or replies is None:
        return problems, None
    digest = sha256(files[ENTRY]).hexdigest()
    return problems, Submission(entry=entry, digest=digest, answers=answers, replies=replies, files=files)


def read_again(files: Mapping[str, bytes], *, digest: str) -> tuple[list[Problem], Submission | None]:
    """The records of an entry that was verified under this hash before: of the same bytes every rule holds."""
    if sha256(files.get(ENTRY, b"")).hexdigest() != digest:
        return read(files)
    entry = Entry.model_validate_json(files[ENTRY])
    if problems := [*_missing(files), *_of_hashes(files, entry)]:
        return problems, None
    return [], Submission(
        entry=entry,
        digest=digest,
        answers=_verified(files.get(EXPLANATIONS, b""), TrialAnswer),
        replies=_verified(files.get(REPLIES, b""), Reply),
        files=files,
    )


def _verified(content: bytes, kind: type[T]) -> tuple[T, ...]:
    return tuple(kind.model_validate_json(line) for line in content.split(b"\n") if line)


def _missing(files: Mapping[str, bytes]) -> Iterator[Problem]:
    for name in (ENTRY, EXPLANATIONS, SEAL):
        if name not in files:
            yield Problem(
                rule="container",
                file=name,
                what=f"An entry must have the file {name}. It is missing.",
                fix="Make the entry with `python -m leaderboard submit`.",
            )


def _entry(content: bytes) -> Entry | list[Problem]:
    try:
        value = parsed(content, at_most=limits.FILE_BYTES[ENTRY])
    except NotStrict as error:
        return [not_strict(ENTRY, str(error))]
    found = checked(Entry, value, file=ENTRY)
    if isinstance(found, Entry):
        return found
    # of another version no other field can be judged
    return [one for one in found if one.record == "schema_version"] or found


def _records(file: str, content: bytes, kind: type[T], problems: list[Problem]) -> tuple[T, ...] | None:
    """The records of a file, None where a line is none; what is wrong is added to `problems`."""
    if n_lines(content) > limits.N_LINES[file]:  # before the work of reading them
        problems.append(
            Problem(
                rule="limits",
                file=file,
                what=f"{file} must have at most {limits.N_LINES[file]:,} lines. It has {n_lines(content):,}.",
                fix="Answer every trial of the bundle once, and ask a model less often.",
            )
        )
        return None
    found: list[T] = []
    bad: list[Problem] = []
    for line in parsed_lines(file, content):
        if isinstance(line, Problem):
            bad.append(line)
        elif isinstance(record := checked(kind, line[1], file=file, record=f"line {line[0]}"), kind):
            found.append(record)
        else:
            bad += record
        if len(bad) >= _MAX_SHOWN:
            break
    problems += bad
    return None if bad else tuple(found)


def _of_hashes(files: Mapping[str, bytes], entry: Entry) -> Iterator[Problem]:
    digest = sha256(files[ENTRY]).hexdigest()
    if files[SEAL].strip() != digest.encode():
        yield _hash(SEAL, f"must be the hash of {ENTRY}, {digest[:12]}…, and is another")
    for name in (EXPLANATIONS, REPLIES):
        named, held = entry.files.get(name), files.get(name)
        if held is None and named is not None:
            yield _hash(name, f"must be there: {ENTRY} names its hash")
        elif held is not None and sha256(held).hexdigest() != named:
            yield _hash(
                name, f"must have the hash that {ENTRY} names. It was changed since, or is of another entry"
            )


def _hash(file: str, what: str) -> Problem:
    fix = "Make the entry again with `python -m leaderboard submit`; nothing in it may be edited by hand."
    return Problem(rule="hashes", file=file, what=f"{file} {what}.", fix=fix)


def _of_bundle(entry: Entry, bundle: Frozen) -> Iterator[Problem]:
    if entry.bundle != BundleRef(name=bundle.manifest.name, sha256=bundle.sha256):
        yield Problem(
            rule="bundle",
            file=ENTRY,
            record="bundle",
            what=f"The entry must answer {bundle.manifest.name} ({bundle.sha256[:12]}…). "
            f"It answers {entry.bundle.name} ({entry.bundle.sha256[:12]}…).",
            fix="Explain the trials of this bundle, or verify against the other one with bundle=FOLDER.",
        )


def _of_trials(submission: Submission, manifest: Manifest) -> Iterator[Problem]:
    asked = manifest.trials("public", "private")
    answered = Counter(answer.trial for answer in submission.answers)
    explain = "Explain the bundle as it is: `python -m benchmark explain bundle=FOLDER explainer=...`."
    for kinds, trials in (
        ("is answered {n} times", [trial for trial, count in answered.items() if count > 1]),
        ("is not answered", [trial for trial in asked if trial not in answered]),
        ("is not in the bundle's scored parts", [trial for trial in answered if trial not in asked]),
    ):
        for trial in trials[:_MAX_SHOWN]:
            more = f" ({len(trials)} like it)" if len(trials) > 1 else ""
            what = f"Every trial must be answered once. This one {kinds.format(n=answered[trial])}{more}."
            yield Problem(
                rule="completeness", file=EXPLANATIONS, record=f"trial {trial}", what=what, fix=explain
            )
    seconds, told = sum(answer.seconds for answer in submission.answers), submission.entry.costs.seconds
    if told < 0.99 * seconds - 0.01:  # sums are rounded
        yield Problem(
            rule="completeness",
            file=ENTRY,
            record="costs.seconds",
            what=f"Costs must be those of all trials, which took {seconds:.6g} s. Got {told:g}.",
            fix="Leave `costs.seconds` to `python -m leaderboard submit`, or add what all trials share.",
        )
    order = [answer.trial for answer in submission.answers]
    if sorted(order) == sorted(asked) and order != list(asked):
        place = next(
            number for number, (a, b) in enumerate(zip(order, asked, strict=True), start=1) if a != b
        )
        yield Problem(
            rule="completeness",
            file=EXPLANATIONS,
            record=f"line {place}",
            what="Trials must be answered in the order of the bundle.",
            fix=explain,
        )


def _of_replies(submission: Submission, manifest: Manifest) -> Iterator[Problem]:
    entry, replies = submission.entry, submission.replies

    def problem(record: str, what: str, fix: str) -> Problem:
        return Problem(rule="replies", file=REPLIES, record=record, what=what, fix=fix)

    if len(replies) != entry.costs.vlm_calls:
        yield problem(
            "",
            f"Every reply must be there: `costs.vlm_calls` says {entry.costs.vlm_calls:,}, {len(replies):,} are.",
            "Keep a reply for every call, refusals and retries too.",
        )
    undeclared = {
        reply.vlm: line for line, reply in reversed([*enumerate(replies, 1)]) if reply.vlm not in entry.vlms
    }
    for vlm, line in list(undeclared.items())[:_MAX_SHOWN]:
        yield problem(f"line {line}", f"Every model asked must be in `vlms`. {vlm!r} is not.", "Declare it.")
    asked = manifest.trials()
    for line, reply in enumerate(replies, start=1):
        if strange := next((trial for trial in reply.trials if trial not in asked), None):
            yield problem(
                f"line {line}", f"A reply must be about trials of the bundle. {strange} is none.", "Drop it."
            )
            return


def _of_known(submission: Submission, known: Sequence[Known]) -> Iterator[Problem]:
    others = [one for one in known if one.digest != submission.digest]
    name, authors = submission.entry.name, submission.entry.authors
    for other in others:
        if other.id.rpartition("+")[0].casefold() == submission.id.rpartition("+")[0].casefold():
            yield Problem(
                rule="names",
                file=ENTRY,
                record="version",
                what=f"A version of an explainer must be entered once. {other.id} was.",
                fix="Give `version` another number.",
            )
        elif other.digest[:12] == submission.digest[:12]:
            yield Problem(
                rule="names",
                file=ENTRY,
                what=f"The hash in an id must be of one entry alone. That of {other.id} begins as this one.",
                fix="Give `version` another number, which makes another hash.",
            )
        elif skeleton(other.name) == skeleton(name) and (
            other.name != name or not {*other.authors} & {*authors}
        ):
            yield Problem(
                rule="names",
                file=ENTRY,
                record="name",
                what=f"A name must not be taken for another's. {name!r} looks like {other.id}.",
                fix="Give `name` another word, or enter with one of its authors.",
            )
    mine = [sketch(submission.answers), sketch(submission.answers, n_claims=None)]
    for other in others:
        if (alike := copied(mine, other.sketch)) is not None:
            yield Problem(
                rule="copies",
                file=EXPLANATIONS,
                what=f"An entry must say something of its own. {other.id} said the same: {alike.words:.0%} of the "
                f"words, and the amounts of {alike.amounts:.0%} of the trials up to one scale.",
                fix="Enter another explainer; where both are right by themselves, write to the organiser.",
            )
