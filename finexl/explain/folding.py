"""What people read fits the terminal: lines are folded at its width. What goes into a file or a pipe stays as it is.

Lines are folded between words, below where they began: in a row (`key   what it is`) below its second column, else
below the line's own beginning. In a manual what runs on in the next line, as in a paragraph that was written for a
wide screen, is folded with it. A command is never torn where it could not be copied: in a line of its own it goes on
behind a backslash, within a sentence it has a line to itself.

This file needs no package.
"""

import argparse
import os
import re
import sys
from collections import deque
from typing import Protocol, runtime_checkable

CARD_COLUMNS = 100
"""Columns of a card where there is no terminal."""
_USAGE = "usage: "
_ROW = re.compile(_USAGE + r"|\s*\S+(?: \S+)*? {2,}(?=\S)")
"""The first column of a row with the gap behind it."""
_COMMAND = re.compile(r"\s+(?:[\w./]*python -m|pip install|make) ")
"""A line that is a command, maybe with what it does behind a gap."""
_PYTHON = "python -m "
_WORD = re.compile(r"python -m .+?(?=  |[.,;)]?$|[.;,)] | \()\S?|(?:`[^`]*`|\S)+")
"""A word, or a command within a sentence."""
_ARGUMENT = re.compile(r"(?:'[^']*'|\"[^\"]*\"|\S)+")
_LEAST = 20
"""Columns that what a command does needs; with fewer it goes below the command."""
_FIRST = 0.6
"""Share of the width that the first column of a row takes at most."""


@runtime_checkable
class Stream(Protocol):
    """What text is written to."""

    def write(self, text: str, /) -> object: ...
    def flush(self) -> object: ...
    def isatty(self) -> bool: ...
    def fileno(self) -> int: ...


def columns(stream: Stream | None = None) -> int | None:
    """How many columns a stream's terminal has (default: that of what is printed); None where it is no terminal."""
    shown = sys.stdout if stream is None else stream
    if not shown.isatty():
        return None
    try:
        return _stated() or os.get_terminal_size(shown.fileno()).columns or None
    except (OSError, ValueError):
        return None


def room(*, otherwise: int) -> int:
    """How wide a table may be: as COLUMNS says, else as the terminal is, else as where there is none."""
    return _stated() or columns() or otherwise


def say(text: object, *, file: Stream | None = None, is_manual: bool = False) -> None:
    """Print at once, folded on a terminal; of a manual the lines are those of an author."""
    print(folded(str(text), width=columns(file), is_manual=is_manual), file=file, flush=True)


def folded(text: str, *, width: int | None, is_manual: bool = False) -> str:
    r"""The text with lines of at most `width` characters, where words allow; None: as it is.

    In a manual a line that is too long runs on in the next; elsewhere every line is by itself.

    >>> print(folded("encoder   what sees the pictures", width=36))
    encoder   what sees the pictures
    >>> print(folded("Get the weights with: python -m finexl get clip", width=36))
    Get the weights with:
    python -m finexl get clip
    """
    if width is None:
        return text
    lines, out = deque(text.split("\n")), list[str]()
    while lines:
        line = lines.popleft()
        if len(line) <= width or line.startswith("|"):  # of a table in Markdown
            out.append(line)
        elif _COMMAND.match(line):
            out += _command(line, width)
        else:
            out += _paragraph(line, lines, width) if is_manual else _line(line, width)
    return "\n".join(out)


class FoldedHelp(argparse.RawDescriptionHelpFormatter):
    """Help whose description and epilog keep their lines, folded where the terminal has fewer columns."""

    def format_help(self) -> str:
        return folded(super().format_help(), width=columns(), is_manual=True)


def _stated() -> int | None:
    """What COLUMNS says."""
    stated = os.environ.get("COLUMNS", "")
    return int(stated) or None if stated.isdecimal() else None


def _line(line: str, width: int) -> list[str]:
    """A line that is too long; an item of a list goes on further to the right than others begin."""
    head = _head(line, width)
    indent = len(line) - len(line.lstrip())
    if head.strip() or not indent:
        return _below(head, line[len(head) :], indent, width)
    hang = " " * (indent + 2)
    return _filled(_words(line, width - len(hang)), hang, width, first=head)


def _head(line: str, width: int) -> str:
    """The first column of a row with the gap behind it, else what a line is indented by."""
    row = _ROW.match(line)
    if row and row.end() <= _FIRST * width:  # two spaces in a sentence make no row
        return row[0]
    return line[: len(line) - len(line.lstrip())]


def _paragraph(line: str, further: deque[str], width: int) -> list[str]:
    """A line that is too long, with the further lines that it runs on into, which are taken from them."""
    hang = len(_head(line, width))
    indent = len(line) - len(line.lstrip())
    told, last = [line[hang:]], line
    while further and len(last) > width and _goes_on(further[0], hang):
        last = further.popleft()
        told.append(last.strip())
    return _below(line[:hang], " ".join(told), indent, width)


def _below(head: str, told: str, indent: int, width: int) -> list[str]:
    """What is told in lines behind a head, or below it where that leaves too little room."""
    if head.strip() and width - len(head) < _LEAST:
        return [head.rstrip(), *_filled(_words(told, width - indent - 4), " " * (indent + 4), width)]
    words = told.split() if head == _USAGE else _words(told, width - len(head))
    return _filled(words, " " * len(head), width, first=head)


def _words(told: str, width: int) -> list[str]:
    """Words, among them whole commands; one that is wider than all that there is has lines of its own."""
    words = list[str]()
    for word in _WORD.findall(told):
        if len(word) <= width:
            words.append(word)
        elif word.startswith(_PYTHON):
            words.append("\n".join(_command(word, width)))
        else:
            words += word.split()
    return words


def _goes_on(line: str, hang: int) -> bool:
    """Whether a line begins below the one above, and is neither a row nor a command."""
    starts = len(line) - len(line.lstrip())
    return bool(line.strip()) and starts == hang and not _ROW.match(line) and not _COMMAND.match(line)


def _command(line: str, width: int) -> list[str]:
    row = _ROW.match(line)
    command, told = (line[: row.end()].rstrip(), line[row.end() :]) if row else (line, "")
    indent = len(line) - len(line.lstrip())
    if told and len(command) <= width:
        return _below(line[: -len(told)], told, indent, width)
    # the backslash needs two columns
    first, *rest = _filled(_ARGUMENT.findall(command), " " * (indent + 4), width - 2, first=" " * indent)
    lines = " \\\n".join([first, *rest]).split("\n")
    return [*lines, *_below(" " * (indent + 4), told, indent, width)] if told else lines


def _filled(words: list[str], hang: str, width: int, *, first: str | None = None) -> list[str]:
    """Words in lines, each below `hang`; the first behind `first`."""
    lines = list[str]()
    line, gap = hang if first is None else first, ""
    for word in words:
        if "\n" in word:
            own = word.replace("\n", f"\n{hang}")
            *whole, line = (f"{line}\n{hang}{own}" if gap else f"{line}{own}").split("\n")
            lines, gap = [*lines, *whole], " "
            continue
        if gap and len(line) + 1 + len(word) > width:
            lines.append(line)
            line, gap = hang, ""
        line, gap = f"{line}{gap}{word}", " "
    return [*lines, line]


def counted(n: int, what: str, many: str = "") -> str:
    """How many of what there are.

    >>> counted(1, "line"), counted(2, "line"), counted(0, "entry", "entries")
    ('1 line', '2 lines', '0 entries')
    """
    return f"{n} {what if n == 1 else many or f'{what}s'}"
