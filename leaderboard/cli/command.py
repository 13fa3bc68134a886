"""A command of the board, and the words that it is given."""

import argparse
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.cli.exits import UsageError, usage
from benchmark.cli.parsing import require_no_gap
from finexl.errors import InvalidInputError, unknown_name
from finexl.explain.folding import FoldedHelp

if TYPE_CHECKING:
    from benchmark.bundle.manifest import Bundle
    from leaderboard.site.building import Place

PLACES = ("board", "bundle")
PLACES_HELP = """\
  board=FOLDER    ledger.jsonl, entries/ and site/ of a board (default: board)
  bundle=FOLDER   the frozen trials (default: bundle/ in the board's folder)"""
NO_PATHS = ("requirement", "suite")
"""Words for a package that is no file here."""
_WORD = re.compile(r"([a-z_]+)=(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Command:
    """A command and the words that it takes."""

    do: Callable[["Given"], int]
    """Does it; returns the exit code."""
    text: str
    """What `--help` says."""
    _: KW_ONLY
    keys: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    """What stands by itself; what may be left out is in brackets."""

    def run(self, name: str, words: Sequence[str]) -> int:
        """Do it under its name with these words; returns the exit code.

        Raises:
            UsageError: It does not understand them.
        """
        program = f"python -m leaderboard {name}"
        parser = argparse.ArgumentParser(
            prog=program,
            usage=" ".join([program, *self.alone, *(f"[{key}=...]" for key in self.keys)]),
            description=self.text,
            formatter_class=FoldedHelp,
        )
        parser.add_argument("words", nargs="*", help=argparse.SUPPRESS)
        with usage():
            self._require_no_options(program, words)
            given = Given(name, parser.parse_args(words).words, self)
        return self.do(given)

    def _require_no_options(self, program: str, words: Sequence[str]) -> None:
        option = next((word for word in words if word.startswith("--") and word != "--help"), None)
        if option is not None:
            key, _, value = option.lstrip("-").partition("=")
            value = value or next(iter(words[words.index(option) + 1 :]), "...")
            meant = (
                f"Did you mean {key}={value}?"
                if key in self.keys
                else f"`{program} --help` shows what it takes."
            )
            raise InvalidInputError(
                f"Keys must be written key=value, without dashes. Got {option!r}. {meant}"
            )


class Given:
    """The words of a command: what stands by itself, and what is given by key."""

    def __init__(self, name: str, words: Iterable[str], command: Command) -> None:
        self._name = name
        self._values: dict[str, str] = {}
        self.alone: list[str] = []
        for word in words:
            require_no_gap(word, name)
            found = _WORD.fullmatch(word)
            if found is None:
                self.alone.append(word)
            elif found[1] not in command.keys:
                near = get_close_matches(found[1], command.keys, n=1)
                raise InvalidInputError(
                    f"`{name}` takes {', '.join(f'{key}=' for key in command.keys) or 'no keys'}. Got {word!r}."
                    + (f" Did you mean {near[0]}={found[2]}?" if near else "")
                )
            elif found[1] in self._values:
                raise InvalidInputError(f"A key must be given once. Got `{found[1]}` twice. Leave one out.")
            else:
                self._values[found[1]] = found[2]
        for key, require in _AT_ONCE.items():  # before hours of work
            if self._values.get(key):
                require(self._values[key])
        n_needed = sum(not each.startswith("[") for each in command.alone)
        if not n_needed <= len(self.alone) <= len(command.alone):
            raise InvalidInputError(
                f"`{name}` must be given {' '.join(command.alone) or 'keys only'}. Got {' '.join(self.alone)!r}. "
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

    def number(self, key: str, usual: int, *, most: int = 10**6) -> int:
        """The value of a key as a whole number from 0 to `most`.

        Raises:
            UsageError: It is none.
        """
        text = self._values.get(key, str(usual))
        if not text.isdecimal() or len(text) > len(str(most)) or int(text) > most:
            raise UsageError(f"`{key}` must be a whole number from 0 to {most}. Got {text[:40]!r}.")
        return int(text)

    def is_yes(self, key: str) -> bool:
        """Whether a key says yes.

        Raises:
            UsageError: It says something else than yes or no.
        """
        with usage():
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
        return self._values.get("day") or datetime.now(UTC).date().isoformat()


def _require_day(text: str) -> None:
    """A day that has come somewhere: no line of a ledger may be older than the one before."""
    last = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    try:
        is_day = date.fromisoformat(text).isoformat() == text
    except ValueError:
        is_day = False
    if not is_day or text > last:
        raise InvalidInputError(f"`day` must be a day as 2026-01-31, and none to come. Got {text[:40]!r}.")


def _require_reason(text: str) -> None:
    from pydantic import TypeAdapter, ValidationError

    from leaderboard.entry.limits import LINE
    from leaderboard.entry.schema import Line

    try:
        TypeAdapter(Line).validate_python(text)
    except ValidationError as error:
        what = error.errors()[0]["msg"]
        raise InvalidInputError(
            f"`reason` must be a line of at most {LINE} characters that can be seen. {what[0].upper()}{what[1:]}. Got "
            f"{text[:40]!r}."
        ) from error


def _require_package(text: str) -> None:
    """Something that can be a package: whether it can be run is found out, and goes into the ledger."""
    from leaderboard.rerun.packages import is_package

    if text not in NO_PATHS and not is_package(Path(text)):
        raise InvalidInputError(
            f"`package` must be a wheel that is there, the folder of a project, or one of: {', '.join(NO_PATHS)}. "
            f"Got {text!r}. Mend the path, or leave package= out to have nothing run."
        )


_AT_ONCE = {"day": _require_day, "reason": _require_reason, "package": _require_package}
