"""What pydantic found wrong with some settings, in the words and with the keys that people type."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from typing import Any

from pydantic import ValidationError

from benchmark.config.choices import GROUPS, LISTED, SPELLED, settings_class
from benchmark.config.fields import example_at, type_at
from benchmark.config.settings import Settings
from benchmark.parts.keys import full_keys
from finexl.errors import InvalidInputError, unknown_name

_MUST: dict[str, str] = {
    "int": "a whole number",
    "float": "a number",
    "finite_number": "a finite number",
    "bool": "true or false",
    "string": "a text",
    "path": "a path",
    "tuple": "a list, as in [a, b]",
    "list": "a list, as in [a, b]",
    "dict": "a mapping, as in {{key: value}}",
    "dataclass": "a mapping, as in {{key: value}}",
    "greater_than": "greater than {gt:g}",
    "greater_than_equal": "at least {ge:g}",
    "less_than": "less than {lt:g}",
    "less_than_equal": "at most {le:g}",
}
"""By the longest beginning of pydantic's name for the error; its bounds are filled in."""
_SINGULARS = {f"{group}s": group for group in LISTED}


def explained(error: ValidationError, values: Mapping[str, Any]) -> InvalidInputError:
    """The first fault of a run's settings: what must hold, for which key, what was given, what to do."""
    first: Any = error.errors()[0]  # one at a time: a wrong kind makes every key below it wrong too
    part, owner, path = _key(first["loc"], values)
    inner = first.get("ctx", {}).get("error")
    if isinstance(inner, ValidationError):  # of settings that a row checks
        return explained_part(inner, part, owner)
    return _told(first, part, owner, path)


def explained_part(error: ValidationError, part: Sequence[str], owner: type) -> InvalidInputError:
    """The first fault of the settings of one part, whose keys begin with `part`."""
    first: Any = error.errors()[0]
    return _told(first, part, owner, tuple(map(str, first["loc"])))


def _told(first: Any, part: Sequence[str], owner: type, path: tuple[str, ...]) -> InvalidInputError:
    hint, key = type_at(owner, path), ".".join([*part, *path])
    key = SPELLED.get(key, key)
    inner = first.get("ctx", {}).get("error")
    if isinstance(inner, InvalidInputError):
        prefix = key if is_dataclass(hint) else key.rpartition(".")[0]
        fields = getattr(hint if is_dataclass(hint) else owner, "__dataclass_fields__", {})
        return type(inner)(full_keys(str(inner), prefix, fields))
    return _explained(first, key, example_at(owner, path))


def _explained(first: Any, key: str, example: str) -> InvalidInputError:
    given, told = first.get("input"), first.get("ctx", {})
    match first["type"]:
        case "literal_error":
            return unknown_name(key, str(given), re.findall(r"'([^']*)'", told["expected"]))
        case "union_tag_invalid":
            return unknown_name(f"{key}.kind", told["tag"], re.findall(r"'([^']*)'", told["expected_tags"]))
        case "unexpected_keyword_argument":
            return InvalidInputError(f"`{key}` must be a setting that the chosen part has. Leave it out.")
        case "missing" | "missing_argument" | "union_tag_not_found":
            return InvalidInputError(f"`{key}` must be given. Add {key}={example}, for example.")
    # the longest, since pydantic's names begin alike: greater_than and greater_than_equal
    name = max((name for name in _MUST if first["type"].startswith(name)), key=len, default="")
    shown = given if isinstance(given, str | int | float | bool | None) else str(given)
    return InvalidInputError(
        f"`{key}` must be {_MUST.get(name, 'another value').format(**told)}. Got {shown!r}. "
        f"Give {key}={example}, for example."
    )


def _key(loc: tuple[int | str, ...], values: Mapping[str, Any]) -> tuple[list[str], type, tuple[str, ...]]:
    """The key of the part that a place in the settings lies in, its class, and the path from there."""
    first, *rest = loc or ("",)
    if first in _SINGULARS:
        group, part = _SINGULARS[str(first)], values[str(first)][rest[0]]
        inside = [str(each) for each in rest[1:] if each != "options"]
        return [f"{group}_settings", part["name"]], settings_class(group, part), tuple(inside)
    if first not in GROUPS:
        return [], Settings, tuple(str(each) for each in loc)
    key, part = [str(first)], values[str(first)]
    owner, path, kinds = settings_class(key[0], part), [], GROUPS[key[0]]
    for each in map(str, rest):
        is_kind, kinds = each in kinds, GROUPS.get(each, {})
        if is_kind:
            kinds = {}  # pydantic counts the kind as a place, once
            continue
        path.append(each)
        if each in GROUPS and isinstance(part.get(each), Mapping):
            key, part = [*key, *path], part[each]
            owner, path = settings_class(each, part), []
    return key, owner, tuple(path)
