"""Explanations as JSON of a versioned schema, and back without loss; what does not fit is refused with its place.

Version 1 had no `pair_names`, but a note for some of them; it is read as well.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from finexl.errors import InvalidInputError
from finexl.explain.text_files import once
from finexl.explain.wording import pair_name
from finexl.explanation import SCHEMA_VERSION, ExplainedClaim, Explanation, Verdict

SCHEMA = "finexl.explanation"
_MOST_NAMED = 100_000
"""Pairs of a file of version 1 that are given names: the file may say any number."""
_PAIR_NOTE = re.compile(r"pair \d+")
_HEAD = {"schema", "version"}
_KINDS: Mapping[str, str] = {
    "verdict": "verdict",
    "claims": "claims",
    "n_pairs": "count",
    "pairs_needed": "count?",
    "smallest_change": "length?",
    "shift": "length",
    "floor": "length?",
    "explained": "share?",
    "explained_interval": "interval?",
    "paired": "flag",
    "encoder": "text",
    "vocabulary": "text",
    "prompts": "texts",
    "pair_names": "texts",
    "notes": "notes",
    "concept": "text",
    "other_names": "texts",
    "amount": "number",
    "interval": "span",
    "p_value": "share",
    "inseparable": "texts",
    "most_moved": "counts",
    "least_moved": "counts",
}
"""What each field holds; `?` says that it may be null. An end of a span is null where nothing bounds it."""
_LARGEST = 1e100
"""A number that is further from 0 is none that embeddings have, and could not be drawn."""
_ROUNDING = 1e-9
_LIMITS = {"number": (-_LARGEST, _LARGEST), "length": (0, _LARGEST), "share": (0, 1 + _ROUNDING)}
_SAID = {
    "length": "a number of at least 0",
    "share": "a number from 0 to 1",
    "interval": "two numbers from 0 to 1, the smaller first",
    "span": "two numbers or null, the smaller first",
}


def to_json(explanation: Explanation) -> str:
    """The explanation as JSON, the same text for the same explanation."""
    content = {"schema": SCHEMA, "version": SCHEMA_VERSION, **asdict(explanation)}
    for claim in content["claims"]:
        claim["interval"] = [None if math.isinf(end) else end for end in claim["interval"]]
    return json.dumps(content, indent=1, ensure_ascii=True, allow_nan=False)


def from_json(text: str | bytes) -> Explanation:
    """The explanation that `to_json` wrote.

    Raises:
        InvalidInputError: It is no JSON, of another version, or a field is missing, unknown or of another kind.
    """
    if not isinstance(text, str | bytes):
        raise InvalidInputError(
            f"An explanation must be the text that `to_json` wrote. Got {type(text).__name__}: read the file first."
        )
    try:
        content = json.loads(text, parse_constant=_no_constant, object_pairs_hook=once)
    except (ValueError, RecursionError) as reason:
        raise InvalidInputError(
            f"An explanation must be JSON that `to_json` wrote. Got: {reason}."
        ) from reason
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise InvalidInputError(f"An explanation must have `schema`: {SCHEMA!r}. Got {str(text)[:80]!r}.")
    version = content.get("version")
    if type(version) is not int or not 1 <= version <= SCHEMA_VERSION:
        raise InvalidInputError(
            f"`version` of an explanation must be from 1 to {SCHEMA_VERSION}. Got {version!r}. "
            "Read it with the finexl that wrote it, or make it again."
        )
    held = {name: value for name, value in content.items() if name not in _HEAD}
    found = Explanation(
        **_read({"pair_names": [], **held} if version == 1 else held, Explanation, "explanation")
    )
    if version == 1:
        return _of_first_version(found)
    if found.pair_names and len(found.pair_names) != found.n_pairs:
        raise InvalidInputError(
            f"`explanation.pair_names` must be empty or name every one of {found.n_pairs} pairs. "
            f"Got {len(found.pair_names)} names."
        )
    return found


def _of_first_version(found: Explanation) -> Explanation:
    """Notes such as "pair 34" named the pairs that moved most and least; the others go by prompt or number."""
    if found.pair_names:
        raise InvalidInputError(
            "An explanation of version 1 has no `pair_names`. Got some: is it of version 2?"
        )
    told = {key: name for key, name in found.notes.items() if _PAIR_NOTE.fullmatch(key)}
    if not told or found.n_pairs > _MOST_NAMED:
        return found
    names = [str(told.get(f"pair {i}", pair_name(found, i))) for i in range(found.n_pairs)]
    notes = {key: note for key, note in found.notes.items() if key not in told}
    return replace(found, pair_names=tuple(names), notes=notes)


def _read(content: Any, kind: type, place: str) -> dict[str, Any]:
    """The fields of a dataclass."""
    names = [field.name for field in fields(kind)]
    if not isinstance(content, dict) or sorted(content) != sorted(names):
        given = sorted(content) if isinstance(content, dict) else content
        raise InvalidInputError(f"`{place}` must have exactly the fields {sorted(names)}. Got {given!r}.")
    return {name: _value(content[name], _KINDS[name], f"{place}.{name}") for name in names}


def _value(given: Any, kind: str, place: str) -> Any:
    if kind.endswith("?"):
        return None if given is None else _value(given, kind[:-1], place)
    match kind, given:
        case "text", str():
            return given
        case "flag", bool():
            return given
        case "count", int() if not isinstance(given, bool) and given >= 0:
            return given
        case (("number" | "length" | "share"), int() | float()) if _holds(kind, given):
            return float(given)
        case "verdict", str() if given in set(Verdict):
            return Verdict(given)
        case (("interval" | "span"), [low, high]):
            of = "share" if kind == "interval" else "number?"  # an end of a span may have no bound
            first, last = _value(low, of, f"{place}[0]"), _value(high, of, f"{place}[1]")
            ends = -math.inf if first is None else first, math.inf if last is None else last
            if ends[0] <= ends[1]:
                return ends
        case (("texts" | "counts"), list()):
            return tuple(_value(each, kind[:-1], f"{place}[{i}]") for i, each in enumerate(given))
        case "claims", list():
            read = [_read(each, ExplainedClaim, f"{place}[{i}]") for i, each in enumerate(given)]
            return tuple(ExplainedClaim(**claim) for claim in read)
        case "notes", dict() if all(isinstance(note, str | int | float) for note in given.values()):
            return given
    raise InvalidInputError(f"`{place}` must be {_SAID.get(kind, f'a {kind}')}. Got {str(given)[:80]}.")


def _holds(kind: str, given: int | float) -> bool:
    least, most = _LIMITS[kind]
    return not isinstance(given, bool) and least <= given <= most


def _no_constant(constant: str) -> float:
    raise ValueError(f"{constant} is not a finite number")
