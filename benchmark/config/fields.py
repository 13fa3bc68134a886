"""The value of a key, read from text by the type of the field that it belongs to.

A field that holds a path or free text takes the text as it is, so that nothing needs quotes beyond those of the
shell. Lists and mappings are written as in YAML; what they hold is text that pydantic makes numbers of.
"""

import typing
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import yaml

from benchmark.config.choices import NO_KEYS
from benchmark.config.overrides import Setting, require
from benchmark.parts.table import OneOf, Part, row
from finexl.errors import InvalidInputError


def set_field(
    values: dict[str, Any], owner: type, setting: Setting, *, others: Mapping[str, Part] | None = None
) -> None:
    """Put the value of a setting where `owner`'s field of that path has it; `others` are parts of the same table.

    Raises:
        InvalidInputError: There is no such field; the message has the field or the part that was meant.
    """
    _put(values, owner, setting.path, setting, others or {})


def hints_of(owner: type) -> dict[str, Any]:
    """The fields that a key can set, with their types."""
    hints = typing.get_type_hints(owner, include_extras=True)
    names = [field.name for field in fields(owner)] if is_dataclass(owner) else []
    return {name: hints[name] for name in names if name not in NO_KEYS}


def type_at(owner: type, path: Sequence[str]) -> Any:
    """The type of the field that a path from some settings leads to; `object` where it leads nowhere."""
    hint: Any = owner
    for name in path:
        (kind, *_), _ = _alternatives(hint)
        if get_origin(kind) is dict:
            hint = get_args(kind)[1]
        else:
            hint = typing.get_type_hints(kind, include_extras=True).get(name, object)
    (kind, *_), _ = _alternatives(hint)
    return kind


def example_at(owner: type, path: Sequence[str]) -> str:
    """A value that the field of a path takes: its default, or one of its type."""
    field = getattr(type_at(owner, path[:-1]), "__dataclass_fields__", {}).get(path[-1] if path else "")
    default = getattr(field, "default", None)
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, int | float | str):
        return str(default)
    return {int: "1", float: "1.0", bool: "true", Path: "<path>"}.get(type_at(owner, path), "...")


def _put(
    values: dict[str, Any], owner: type, path: Sequence[str], setting: Setting, others: Mapping[str, Part]
) -> None:
    hints = hints_of(owner)
    if not path or not hints:
        has = f"It has: {', '.join(hints)}." if hints else "It has no settings."
        raise InvalidInputError(f"{setting.key!r} must name a setting. {has}")
    name, *rest = path
    if name not in hints:
        _refuse(values, name, setting, others)
        tail = f"{''.join(f'.{each}' for each in rest)}={setting.text}"
        require(name, hints, prefix=setting.key.removesuffix(".".join(path)), tail=tail)
    _into(values, name, hints[name], rest, setting)


def _into(values: dict[str, Any], name: str, hint: Any, path: Sequence[str], setting: Setting) -> None:
    """Read the text into `values[name]`, or into what lies deeper."""
    kinds, table = _alternatives(hint)
    if not path:
        values[name] = read_text(setting, hint)
        return
    # a field of several plain types has no parts to go into
    (kind,) = kinds if len(kinds) == 1 else (object,)
    if not (table or is_dataclass(kind) or get_origin(kind) is dict):
        whole = setting.key.removesuffix("." + ".".join(path))
        raise InvalidInputError(f"{whole!r} has no parts. Got {setting.key!r}. Give {whole}= instead.")
    inside = values[name] = dict(values.get(name) or {})
    if table:
        _put(inside, row(f"{name}.kind", inside.get("kind", ""), table).settings, path, setting, table)
    elif is_dataclass(kind):
        _put(inside, typing.cast(type, kind), path, setting, {})
    elif is_dataclass(_alternatives(value := get_args(kind)[1])[0][0]):
        _into(inside, path[0], value, path[1:], setting)
    else:  # a name may have dots of its own
        _into(inside, ".".join(path), value, (), setting)


def read_text(setting: Setting, hint: Any) -> Any:
    """What a field of some type is given as text.

    Raises:
        InvalidInputError: It is a list or mapping that cannot be read.
    """
    kinds, _ = _alternatives(hint)
    text = setting.text
    # before null is looked for: a file may be called null, and a folder 1_1_1
    if any(kind in (str, Path, object) or get_origin(kind) is Literal for kind in kinds):
        return text
    if NoneType in get_args(_bare(hint)) and text in ("null", "none", "None"):
        return None
    is_list = any(get_origin(kind) is tuple for kind in kinds)
    if is_list and not text.startswith("["):
        return [part.strip() for part in text.split(",")]
    if is_list or any(get_origin(kind) is dict or is_dataclass(kind) for kind in kinds):
        return _flow(setting, "[a, b]" if is_list else "{key: value}")
    if "_" in text and any(
        kind in (int, float) for kind in kinds
    ):  # which Python, and so pydantic, would leave out
        raise InvalidInputError(f"`{setting.key}` must be a number, written without `_`. Got {text!r}.")
    return text


def _flow(setting: Setting, example: str) -> Any:
    try:
        return yaml.load(setting.text, Loader=yaml.BaseLoader)  # makes texts, lists and mappings alone
    except yaml.YAMLError as error:
        raise InvalidInputError(
            f"`{setting.key}` must be written as in {example}, with quotes around a text that holds any of "
            f"[]{{}},: or #. Got {setting.text!r}."
        ) from error


def _alternatives(hint: Any) -> tuple[tuple[Any, ...], Mapping[str, Part] | None]:
    """The types that a field can have, None aside, and the table that decides where it is a part."""
    table = None
    if get_origin(hint) is Annotated:
        table = next((mark.table for mark in get_args(hint)[1:] if isinstance(mark, OneOf)), None)
    bare = _bare(hint)
    parts = get_args(bare) if get_origin(bare) in (Union, UnionType) else (bare,)
    return tuple(_bare(part) for part in parts if part is not NoneType), table


def _bare(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def _refuse(values: Mapping[str, Any], name: str, setting: Setting, others: Mapping[str, Part]) -> None:
    """Raise if the field is one that other kinds of the same part have: who typed it meant one of those."""
    readers = sorted(kind for kind, part in others.items() if name in hints_of(part.settings))
    if readers:
        raise InvalidInputError(
            f"A setting must be one that the chosen part reads. {values.get('name')!r} is of kind "
            f"{values.get('kind')} and does not read `{setting.key}`. Got {setting.text!r}. Leave it out; it is "
            f"read for: {', '.join(readers)}."
        )
