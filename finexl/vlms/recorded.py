"""Replies kept for ever: a recorder writes down what a model says, a replayer says it again without the model.

The file is JSON lines: a header that names the model, then one line per question with its digest and what came of
it, raw. Several processes may write to one file. Of two replies to one question the first counts, for recorder and
replayer alike, so that what a run was told is what it is told again. A question that was not answered is asked anew
next time: a refusal, typed or in words, or an outage is recorded as an outcome, and never served instead of asking; a
replay, which can ask nobody, serves what there is.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from finexl.errors import MissingReplyError, VLMUnusableError
from finexl.interfaces import VLM, NoReply, Question, Reply
from finexl.pictures import as_seen
from finexl.replies import read_concepts
from finexl.vlms.shared_lines import SharedLines, check_plain

FORMAT = 1
BLOCK = 8
"""Questions after which replies of a model that is not `Telling` are written down: what an error or a kill may cost."""
_UNANSWERED = ("refused", "cut", "empty")
Outcome = Reply | NoReply
_TYPES: Mapping[type[Outcome], Mapping[str, type]] = {
    Reply: {"text": str, "n_input_tokens": int, "n_output_tokens": int},
    NoReply: {"reason": str, "detail": str},
}


@runtime_checkable
class Telling(Protocol):
    """A model that tells of each outcome as soon as it is there, so that no error takes it away again."""

    def ask_each(self, questions: Sequence[Question], tell: Callable[[int, Reply | NoReply], None]) -> None:
        """Like `VLM.ask`, with every outcome told once by the number of its question, in any order."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The model that a recording is of."""

    vlm: str
    """The id of the model."""
    identity: Mapping[str, Any]
    """Everything that its answers depend on, for keys of work that was done with it."""


def question_digest(question: Question) -> str:
    """The 32 hexadecimal digits that name a question: its task, text, schema, and every pixel in order."""
    digest = hashlib.sha256()
    schema = None if question.schema is None else json.dumps(question.schema, sort_keys=True)
    parts = [question.task.value, question.text, schema, len(question.images)]
    digest.update(json.dumps(parts).encode())
    for image in question.images:
        seen = as_seen(image)
        digest.update(json.dumps([seen.mode, *seen.size]).encode())
        digest.update(seen.tobytes())
    return digest.hexdigest()[:32]


def keys_of(questions: Sequence[Question]) -> list[str]:
    """A key per question: its digest, numbered where the same is asked again, since that asks for another sample."""
    seen: Counter[str] = Counter()
    keys = []
    for digest in map(question_digest, questions):
        keys.append(f"{digest}-{seen[digest]}")
        seen[digest] += 1
    return keys


class Recording:
    """A file of replies."""

    def __init__(self, path: Path, *, header: Header | None = None) -> None:
        """`header` is None for a file that is only read."""
        self._lines = SharedLines(path)
        self._header = header
        self._outcomes: dict[str, Outcome] = {}
        self._is_begun = False

    @property
    def path(self) -> Path:
        return self._lines.path

    def find(self, key: str) -> Outcome | None:
        """What came of a question: its first answer, else how it ended last; None if it was never asked."""
        return self._outcomes.get(key)

    def is_answered(self, key: str) -> bool:
        """Whether there is a reply that is no refusal, and neither cut nor all thoughts."""
        outcome = self._outcomes.get(key)
        return isinstance(outcome, Reply) and read_concepts(outcome.text).outcome not in _UNANSWERED

    def __len__(self) -> int:
        """How many questions something came of."""
        return len(self._outcomes)

    def load(self) -> Header:
        """Read what is whole in the file, and leave it as it is."""
        with _plainly(self.path):
            header, *lines = self._lines.new() or [b""]
        found = _header(header, self.path)
        self._take_all(lines, found.vlm)
        return found

    def add(self, outcomes: Mapping[str, tuple[Question, Outcome]]) -> None:
        """Append what came of some questions, unless another process has an answer to them already."""
        with _plainly(self.path):
            self._lines.exchange(lambda lines: self._added(lines, outcomes))

    def _added(
        self, lines: list[bytes], outcomes: Mapping[str, tuple[Question, Outcome]]
    ) -> Iterator[Mapping[str, Any]]:
        assert self._header is not None
        if not self._is_begun and lines:
            found = _header(lines.pop(0), self.path)
            if found.vlm != self._header.vlm:
                raise VLMUnusableError(
                    f"A recording must be of one model. {str(self.path)!r} is of {found.vlm!r}, and "
                    f"{self._header.vlm!r} is asked now. Name another file with vlm.record=."
                )
        elif not self._is_begun:
            yield {"format": FORMAT, "vlm": self._header.vlm, "identity": dict(self._header.identity)}
        self._is_begun = True
        self._take_all(lines, self._header.vlm)
        for key, (question, outcome) in outcomes.items():
            if self._take(key, outcome):
                yield {"key": key, "task": question.task.value, **asdict(outcome)}

    def _take_all(self, lines: Sequence[bytes], vlm: str) -> None:
        """Keep what other processes wrote, and what people put together of several recordings of one model."""
        for line in lines:
            if line.strip() and not _is_header_of(line, vlm):
                self._take(*self._parsed(line))

    def _take(self, key: str, outcome: Outcome) -> bool:
        """Keep an outcome unless there is an answer already; returns whether it is kept."""
        is_new = not self.is_answered(key)
        if is_new:
            self._outcomes[key] = outcome
        return is_new

    def _parsed(self, line: bytes) -> tuple[str, Outcome]:
        try:
            entry = json.loads(line)
            kind = Reply if "text" in entry else NoReply
            told = {field.name: entry[field.name] for field in fields(kind)}
            if {name: type(value) for name, value in told.items()} != _TYPES[kind]:
                raise TypeError(f"values of other types: {told!r}")
            return entry["key"], kind(**told)
        except (ValueError, TypeError, KeyError) as error:
            raise VLMUnusableError(
                f"Every line of a recording must hold a reply or a reason. {str(self.path)!r} has {line[:80]!r}. "
                "Restore the file, or name another with vlm.record=."
            ) from error


class RecordingVLM:
    """Asks a model and writes everything down; what the file answers already is not asked again."""

    def __init__(self, vlm: VLM, path: Path, *, identity: Mapping[str, Any]) -> None:
        self._vlm = vlm
        self._recording = Recording(path, header=Header(vlm=vlm.id, identity=identity))

    @property
    def id(self) -> str:
        return self._vlm.id

    def ask(self, questions: Sequence[Question]) -> tuple[Reply | NoReply, ...]:
        """One outcome per question, in order, as a replay of the file will give them."""
        self._recording.add({})
        asked = dict(zip(keys_of(questions), questions, strict=True))
        new = [(key, asked[key]) for key in asked if not self._recording.is_answered(key)]
        try:
            self._ask(new)
        except VLMUnusableError as error:
            if len(self._recording):
                kept = f"What was answered so far is in {str(self._recording.path)!r} and is not asked again."
                error.args = (f"{error} {kept}",)
            raise
        outcomes = tuple(outcome for key in asked if (outcome := self._recording.find(key)) is not None)
        assert len(outcomes) == len(questions)
        return outcomes

    def _ask(self, new: Sequence[tuple[str, Question]]) -> None:
        """Ask, and write down each outcome as it comes, or block by block where the model tells of none sooner."""
        if isinstance(self._vlm, Telling):
            self._vlm.ask_each(
                [question for _, question in new],
                lambda number, outcome: self._recording.add({new[number][0]: (new[number][1], outcome)}),
            )
            return
        for start in range(0, len(new), BLOCK):
            keys, block = zip(*new[start : start + BLOCK], strict=True)
            answers = self._vlm.ask(block)
            self._recording.add(dict(zip(keys, zip(block, answers, strict=True), strict=True)))


class ReplayVLM:
    """Answers from a recording alone."""

    def __init__(self, path: Path) -> None:
        self._recording = Recording(path)
        self._header = self._recording.load()

    @property
    def id(self) -> str:
        """The id of the model that was recorded: records made from either are records of the same work."""
        return self._header.vlm

    @property
    def identity(self) -> Mapping[str, Any]:
        """What the recorded model's answers depended on."""
        return self._header.identity

    def ask(self, questions: Sequence[Question]) -> tuple[Reply | NoReply, ...]:
        """What the model said; raises MissingReplyError for a question that it was never asked."""
        return tuple(
            self._answer(key, question) for key, question in zip(keys_of(questions), questions, strict=True)
        )

    def _answer(self, key: str, question: Question) -> Reply | NoReply:
        outcome = self._recording.find(key)
        if outcome is None:
            raise MissingReplyError(
                f"A replayed question must have been recorded. {str(self._recording.path)!r} (of {self.id!r}) has no "
                f"reply to the {question.task.value} question {key} with {len(question.images)} images, which "
                f"begins {question.text[:60]!r}. Record it: run again with the model itself and the same vlm.record="
            )
        return outcome


def read_header(path: Path) -> Header:
    """The model that a recording is of, without its replies."""
    with _plainly(path):
        check_plain(path)
        with path.open("rb") as file:
            return _header(file.readline(), path)


def _is_header_of(line: bytes, vlm: str) -> bool:
    try:
        entry = json.loads(line)
    except ValueError:
        return False
    return isinstance(entry, dict) and entry.get("format") == FORMAT and entry.get("vlm") == vlm


def _header(line: bytes, path: Path) -> Header:
    try:
        entry = json.loads(line)
        if entry["format"] == FORMAT:
            return Header(vlm=str(entry["vlm"]), identity=dict(entry["identity"]))
    except (ValueError, TypeError, KeyError):
        pass
    raise VLMUnusableError(
        f"A recording must begin with a header of format {FORMAT}. {str(path)!r} begins with {line[:80]!r}. "
        "Name another file with vlm.record=."
    )


@contextmanager
def _plainly(path: Path) -> Iterator[None]:
    """Trouble with the file in plain words."""
    try:
        yield
    except OSError as error:
        raise VLMUnusableError(
            f"The recording {str(path)!r} must be a file that can be used. It is not ({error.strerror or error}). "
            "Name another with vlm.record=."
        ) from error
