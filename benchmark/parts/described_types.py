"""The types of a settings class as JSON values and back: what is known of a class that must not be imported here.

A stand-in has the same fields with the same defaults; what it cannot say of a type (a constraint, a class of the
explainer's own) is left to the class itself, which checks again where it is imported.
"""

from collections.abc import Mapping
from dataclasses import MISSING, field, fields, is_dataclass, make_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

Described = dict[str, Any]
_PLAIN: dict[str, Any] = {
    "int": int,
    "float": float,
    "str": str,
    "bool": bool,
    "Path": Path,
    "None": NoneType,
}
_CONTAINERS: dict[str, Any] = {"tuple": tuple, "list": list, "dict": dict}
_JSON = int | float | str | bool | None


def described_class(owner: type) -> Described:
    """Name and fields of a dataclass: for each its type, and its default where it is a plain value."""
    hints = get_type_hints(owner, include_extras=True)
    found: list[Described] = []
    for each in fields(owner):
        if not each.init:
            continue
        one: Described = {"name": each.name, "type": _described(hints[each.name])}
        if each.default is not MISSING or each.default_factory is not MISSING:
            one["default"] = each.default if isinstance(each.default, _JSON) else None
        found.append(one)
    return {"class": owner.__name__, "fields": found}


def stand_in(described: Described) -> type:
    """A frozen dataclass with the fields that were described."""
    made: list[Any] = []
    for one in described["fields"]:
        extra = {"default": one["default"]} if "default" in one else {}
        made.append((str(one["name"]), _type(one["type"]), field(**extra, kw_only=True)))
    return make_dataclass(str(described["class"]), made, frozen=True)


def _described(hint: Any) -> Any:
    if get_origin(hint) is Annotated:
        return _described(get_args(hint)[0])
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return {"union": [_described(each) for each in arguments]}
    if origin is Literal and all(isinstance(each, _JSON) for each in arguments):
        return {"literal": list(arguments)}
    for name, kind in _CONTAINERS.items():
        if hint is kind or origin is kind:
            return {name: ["..." if each is ... else _described(each) for each in arguments]}
    if isinstance(hint, type) and is_dataclass(hint):
        return described_class(hint)
    return next((name for name, kind in _PLAIN.items() if hint is kind), "any")


def _type(described: Any) -> Any:
    match described:
        case str():
            return _PLAIN.get(described, Any)
        case {"union": [*each]}:
            return Union[tuple(map(_type, each))]  # noqa: UP007  # of a tuple
        case {"literal": [*each]}:
            return Literal[tuple(each)]
        case {"class": _, "fields": _}:
            return stand_in(described)
        case Mapping():
            ((name, each),) = described.items()
            kind = _CONTAINERS[name]
            return kind[tuple(... if one == "..." else _type(one) for one in each)] if each else kind
        case _:
            return Any
