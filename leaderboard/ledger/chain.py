"""The ledger's file: lines of JSON, each with the hash of the one before, so that none can be changed or lost."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import assert_never

from pydantic import ValidationError

from benchmark.record.files import strict_json, write_atomically
from finexl.errors import FinexlError, InvalidInputError
from leaderboard.ledger.events import (
    Admission,
    Audit,
    Audited,
    Event,
    LedgerLine,
    Removal,
    Rescoring,
    Scored,
)
from leaderboard.verify.verifying import Known

FIRST = "0" * 64
"""What stands for the line before the first."""


class LedgerError(FinexlError):
    """The ledger is not what was added line by line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An entry as the ledger leaves it."""

    admission: Admission
    day: str
    scored: Scored
    audit: Audit
    removal: LedgerLine | None = None
    """The line by which it left the board."""


@dataclass(frozen=True)
class Ledger:
    """Everything that happened, in order."""

    lines: tuple[LedgerLine, ...] = ()
    standings: Mapping[str, Standing] = field(default_factory=dict)
    """Every entry ever admitted by its id, in the order of admission."""

    @property
    def tip(self) -> str:
        """The hash of the last line."""
        return line_hash(self.lines[-1]) if self.lines else FIRST

    @property
    def on_board(self) -> list[Standing]:
        """The entries that were not removed, in the order of admission."""
        return [one for one in self.standings.values() if one.removal is None]

    @property
    def known(self) -> tuple[Known, ...]:
        """What verification compares new entries with."""
        return tuple(
            Known(
                id=one.admission.entry,
                digest=one.admission.sha256,
                authors=one.admission.authors,
                sketch=one.admission.sketch,
            )
            for one in self.standings.values()
        )

    def require_day(self, day: str) -> None:
        """See that a line of this day can follow.

        Raises:
            InvalidInputError: It would be older than the last.
        """
        if self.lines and day < self.lines[-1].day:
            raise InvalidInputError(
                f"A line of the ledger must not be older than the one before, of {self.lines[-1].day}. Got {day}. "
                "Give a later day=."
            )

    def with_event(self, event: Event, *, day: str, reason: str) -> "Ledger":
        """The ledger with one line more.

        Raises:
            InvalidInputError: The event cannot follow what happened before.
        """
        self.require_day(day)
        line = LedgerLine(number=len(self.lines) + 1, day=day, reason=reason, event=event, previous=self.tip)
        return Ledger((*self.lines, line), _after(self.standings, line))


def read_ledger(path: Path) -> Ledger:
    """The ledger of a file; empty where there is none yet.

    Raises:
        LedgerError: A line was changed, left out, or put between.
    """
    return ledger_of(path.read_bytes()) if path.is_file() else Ledger()


def ledger_of(content: bytes) -> Ledger:
    """The ledger of a file's content.

    Raises:
        LedgerError: A line was changed, left out, or put between.
    """
    lines, previous = [], FIRST
    standings: Mapping[str, Standing] = {}
    for number, text in enumerate(content.decode("utf-8", "replace").splitlines(), start=1):
        try:
            line = LedgerLine.model_validate_json(text)
        except ValidationError as error:
            first = error.errors()[0]
            raise _broken(number, f"is no line of a ledger: {first['loc']} {first['msg']}") from error
        if line.previous != previous or line.number != number or written(line) != text:
            raise _broken(number, "does not follow the line before")
        try:
            standings = _after(standings, line)
        except InvalidInputError as error:
            raise _broken(number, str(error)) from error
        lines.append(line)
        previous = line_hash(line)
    if lines and not content.endswith(b"\n"):
        raise _broken(len(lines), "has no end")
    return Ledger(tuple(lines), standings)


def write_ledger(path: Path, ledger: Ledger) -> None:
    """Publish the ledger; what is there must be its beginning.

    Raises:
        LedgerError: The file holds lines that the ledger does not.
    """
    content = ledger_bytes(ledger)
    require_beginning(path.read_bytes() if path.is_file() else b"", content)
    write_atomically(path, content)


def require_beginning(before: bytes, after: bytes) -> None:
    """Refuse a ledger that does not begin as it was before.

    Raises:
        LedgerError: A line is gone or changed.
    """
    if not after.startswith(before):
        same = sum(1 for a, b in zip(before.splitlines(), after.splitlines(), strict=False) if a == b)
        raise LedgerError(
            f"Lines of the ledger must only be added. Line {same + 1} was changed or is gone. Take the ledger as it "
            "was, and add a removal or a re-scoring with its reason."
        )


def ledger_bytes(ledger: Ledger) -> bytes:
    """The ledger as a file."""
    return "".join(f"{written(line)}\n" for line in ledger.lines).encode()


def written(line: LedgerLine) -> str:
    """A line as it stands in the file."""
    return strict_json(line.model_dump(mode="json"))


def line_hash(line: LedgerLine) -> str:
    """The hash that the next line holds."""
    return sha256(written(line).encode()).hexdigest()


def _after(standings: Mapping[str, Standing], line: LedgerLine) -> Mapping[str, Standing]:
    event = line.event
    known = standings.get(event.entry)
    if isinstance(event, Admission):
        # pages are named by the beginning of the hash
        beginnings = {one.admission.sha256[:12] for one in standings.values()}
        if known is not None or event.sha256[:12] in beginnings:
            raise InvalidInputError(f"An entry must be admitted once. {event.entry} was admitted before.")
        if not event.entry.endswith(f"+{event.sha256[:12]}"):
            raise InvalidInputError(f"The id of an entry must end in its hash. {event.entry} does not.")
        new = Standing(admission=event, day=line.day, scored=event.scored, audit=event.audit)
        return {**standings, event.entry: new}
    if known is None or known.removal is not None:
        shown = [id for id, one in standings.items() if one.removal is None]
        raise InvalidInputError(
            f"Only an entry on the board can be scored or run again or removed. {event.entry} is not on it. "
            f"On it are: {', '.join(shown[:20]) or 'none'}."
        )
    match event:
        case Rescoring(scored=scored, audit=audit):
            return {**standings, event.entry: replace(known, scored=scored, audit=audit)}
        case Audited(audit=audit):
            return {**standings, event.entry: replace(known, audit=audit)}
        case Removal():
            return {**standings, event.entry: replace(known, removal=line)}
        case _:
            assert_never(event)


def _broken(number: int, what: str) -> LedgerError:
    return LedgerError(
        f"Lines of the ledger must only be added. Line {number} {what}. Take the ledger from the repository's history."
    )
