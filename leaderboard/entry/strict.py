"""Strict reading of JSON that strangers wrote: refused before it is parsed where it is too large or too deep."""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from leaderboard.entry import limits
from leaderboard.entry.problems import Problem

_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)
"""Strings and brackets; a string without an end goes to the end, so that no text takes longer than its length."""
_NOT_ZERO = re.compile(r"[-0.]*[1-9]")
_FIX = "Write it with a JSON library that is told to allow no NaN, as `python -m leaderboard submit` does."


class NotStrict(Exception):
    """A text that is no strict JSON, and why."""


def parsed(content: bytes, *, at_most: int) -> Any:
    """The value of a JSON text.

    Raises:
        NotStrict: It is larger than `at_most` bytes, too deep, no UTF-8, holds a key twice or too many, a number that
            is none, beyond 1e9 or so small that 0 is read, or is no JSON.
    """
    if len(content) > at_most:
        raise NotStrict(f"must have at most {at_most:,} bytes, has {len(content):,}")
    if content.startswith(b"\xef\xbb\xbf"):
        raise NotStrict("must not begin with a byte order mark")
    _check_depth(content)
    try:
        return json.loads(
            content.decode("utf-8"),
            object_pairs_hook=_object,
            parse_float=_number,
            parse_int=_whole,
            parse_constant=_no_number,
        )
    except UnicodeDecodeError as error:
        raise NotStrict(f"must be UTF-8, is not at byte {error.start}") from error
    except RecursionError as error:  # where brackets hide from the count above
        raise NotStrict(f"must be at most {limits.DEPTH} brackets deep") from error
    except ValueError as error:
        raise NotStrict(f"must be JSON, is not: {error}") from error


def n_lines(content: bytes) -> int:
    """Lines of a file, whether or not the last one has an end."""
    return content.count(b"\n") + (content[-1:] not in (b"", b"\n"))


def parsed_lines(file: str, content: bytes) -> Iterator[tuple[int, Any] | Problem]:
    """The values of the lines of a file, each with its number from 1; a problem for each line that holds none."""
    lines = content.removesuffix(b"\n").split(b"\n") if content else []
    for number, line in enumerate(lines, start=1):
        try:
            yield number, parsed(line, at_most=limits.LINE_BYTES)
        except NotStrict as error:
            yield not_strict(file, str(error), record=f"line {number}")


def not_strict(file: str, what: str, *, record: str = "") -> Problem:
    """The problem of a text that is no strict JSON."""
    return Problem(rule="json", file=file, record=record, what=f"The text {what}.", fix=_FIX)


def _check_depth(content: bytes) -> None:
    depth = 0
    for token in _TOKEN.finditer(content):
        opening = token[0][0]
        depth += 1 if opening in b"[{" else -1 if opening in b"]}" else 0
        if depth > limits.DEPTH:
            raise NotStrict(f"must be at most {limits.DEPTH} brackets deep")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > limits.N_KEYS:
        raise NotStrict(f"must have at most {limits.N_KEYS} names in an object, has {len(pairs):,}")
    found = dict(pairs)
    if len(found) < len(pairs):
        repeated = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise NotStrict(f"must have every key once, has {repeated[:40]!r} twice")
    return found


def _number(text: str) -> float:
    value = float(text) if len(text) <= limits.DIGITS + 8 else math.inf
    if not abs(value) <= limits.AMOUNT:
        raise NotStrict(
            f"must hold numbers of at most {limits.AMOUNT:g} and {limits.DIGITS} digits, has {text[:40]}"
        )
    if not value and _NOT_ZERO.match(text):
        raise NotStrict(f"must hold numbers that are 0 or far enough from it, has {text[:40]}")
    return value


def _whole(text: str) -> int:
    _number(text)
    return int(text)


def _no_number(text: str) -> float:
    raise NotStrict(f"must hold finite numbers only, has {text}")
