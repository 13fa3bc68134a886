"""What pydantic found wrong with some settings, in the words and with the keys that people type."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from benchmark.config.choices import GROUPS, LISTED, settings_class
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
    "dict": "a mapping, as in {key: value}",
    "dataclass": "a mapping, as in {key: value}",
    "greater_than": "greater than {gt:g}",
    "greater_than_equal": "at least {ge:g}",
    "less_than": "less than {lt:g}",
    "less_than_equal": "at most {le:g}",
}
"""By the longest beginning of pydantic's name for the error; its bounds are filled in."""
_SINGULARS = {f"{group}s": group for group in LISTED}


def explained(error: ValidationError, values: Mapping[str, Any]) -> InvalidInputError:
    """The first fault of a run's settings: what must hold, for which key, what was given, what to do."""
    first: Any = error.errors()[0]
    key, owner = _key(first["loc"], values)
    return _explained(first, key, owner)


def _explained(first: Any, key: str, owner: type | None) -> InvalidInputError:
    inner = first.get("ctx", {}).get("error")
    if isinstance(inner, ValidationError):  # of settings that a row checks
        deeper: Any = inner.errors()[0]
        return _explained(deeper, ".".join([key, *map(str, deeper["loc"])]), owner)
    if isinstance(inner, InvalidInputError):
        fields = getattr(owner, "__dataclass_fields__", {})
        prefix = key if not _is_field(key, fields) else key.rpartition(".")[0]
        return type(inner)(full_keys(str(inner), prefix, fields))
    given = first.get("input")
    match first["type"]:
        case "literal_error":
            known = [each.strip("'") for each in first["ctx"]["expected"].replace(" or ", ", ").split(", ")]
            return unknown_name(key, str(given), known)
        case "union_tag_invalid":
            known = [each.strip("'") for each in first["ctx"]["expected_tags"].split(", ")]
            return unknown_name(f"{key}.kind", first["ctx"]["tag"], known)
        case "unexpected_keyword_argument":
            names = getattr(owner, "__dataclass_fields__", {})
            return InvalidInputError(f"`{key}` must be a setting of the chosen part. It has: {', '.join(names)}.")
        case "missing" | "missing_argument" | "union_tag_not_found":
            return InvalidInputError(f"`{key}` must be given. Add {key}=...")
    return InvalidInputError(f"`{key}` must be {_must(first)}. Got {_shown(given)}.")


def _must(first: Any) -> str:
    found = max((name for name in _MUST if first["type"].startswith(name)), key=len, default=None)
    if found is None:
        return first["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
    return _MUST[found].format(**first.get("ctx", {}))


def _shown(given: Any) -> str:
    return repr(given) if isinstance(given, str | int | float | bool | None) else repr(str(given))


def _is_field(key: str, fields: Mapping[str, Any]) -> bool:
    return key.rpartition(".")[2] in fields


def _key(loc: tuple[int | str, ...], values: Mapping[str, Any]) -> tuple[str, type | None]:
    """The key that a place in the settings is set by, and the class of the part that it lies in."""
    if not loc:
        return "", None
    first, *rest = loc
    if first in _SINGULARS:
        group, part = _SINGULARS[str(first)], values[str(first)][rest[0]]
        inside = [each for each in rest[1:] if each != "options"]
        return ".".join([f"{group}_settings", part["name"], *map(str, inside)]), settings_class(group, part)
    if first not in GROUPS:
        return ".".join(map(str, loc)), None
    owner, part = settings_class(str(first), values[str(first)]), values[str(first)]
    key = [str(first)]
    for each in rest:
        if key[-1] in GROUPS and each in GROUPS[key[-1]]:  # the kind, which pydantic counts as a place
            continue
        key.append(str(each))
        if each in GROUPS and isinstance(part.get(each), Mapping):
            part = part[each]
            owner = settings_class(str(each), part)
    return ".".join(key), owner


