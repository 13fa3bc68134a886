"""The command line's `key=value` words: which names exist is checked before anything heavy is imported.

Everything after the first `=` belongs to the value, whatever it looks like.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from benchmark.config.choices import GROUPS, LISTED, SCALARS, SPELLED, is_stranger, names_in, places_of
from benchmark.parts.strangers import declared
from finexl.errors import InvalidInputError, UnknownNameError, unknown_name

_OF_ALL = {typed: key for key, typed in SPELLED.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A key that sets one value, and the value as typed."""

    key: str
    text: str
    group: str = ""
    """The part that it is a setting of; "" for the run itself."""
    name: str = ""
    """The scenario or explainer that it is a setting of; "" where a run has one part of the group."""
    path: tuple[str, ...]
    """Names of fields, from the settings of the part (or of the run) to the one that is set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """Words of the command line whose names are known to exist."""

    choices: Mapping[str, tuple[str, ...]]
    """Group to the names chosen in it."""
    values: tuple[Setting, ...]


def parse_overrides(words: Sequence[str]) -> Overrides:
    """Split `key=value` words and check every key and every chosen name.

    Raises:
        InvalidInputError: A word has no `=`, or a key is given twice.
        UnknownNameError: A key or a chosen name does not exist.
    """
    given: dict[str, str] = {}
    if "=" in words:
        typed = " ".join(words)
        joined = typed.replace(" = ", "=")
        raise InvalidInputError(
            f"Settings must be written key=value, without spaces. Got {typed!r}. "
            + (
                f"Did you mean {joined}?"
                if _is_whole(joined)
                else "Write a key before the = and a value behind it."
            )
        )
    for word in words:
        typed, value = _split(word)
        key = _OF_ALL.get(typed, typed)
        if key in given:
            joined = " Join several names by commas." if key in LISTED else " Leave one out."
            raise InvalidInputError(f"A key must be given once. Got `{SPELLED.get(key, key)}` twice.{joined}")
        given[key] = value
    choices = {key: _chosen(key, value) for key, value in given.items() if key in GROUPS}
    values = tuple(_setting(key, text, choices) for key, text in given.items() if key not in GROUPS)
    return Overrides(choices=choices, values=values)


def _is_whole(typed: str) -> bool:
    """Whether every word has a key and a value."""
    return all(key and value for key, _, value in (word.partition("=") for word in typed.split()))


def _split(word: str) -> tuple[str, str]:
    key, equals, value = word.partition("=")
    if equals and key and value:
        return key, value
    if equals and key:
        raise InvalidInputError(f"`{key}` must have a value. Got {word!r}. Leave it out for the usual one.")
    # a bare choice is the likeliest slip
    for group in GROUPS:
        if word in names_in(group):
            raise InvalidInputError(
                f"Settings must be written key=value. Got {word!r}. Did you mean {group}={word}?"
            )
    asked = f" {word}" if word in GROUPS else ""
    raise InvalidInputError(
        f"Settings must be written key=value. Got {word!r}."
        + (
            f" Add a value, as in {word}=..."
            if word in SCALARS
            else f" `python -m benchmark list{asked}` shows what there is."
        )
    )


def _chosen(group: str, value: str) -> tuple[str, ...]:
    known = names_in(group)
    if group in LISTED and value == "all":  # of the suite: what is installed beside it is asked by name
        return known
    names = tuple(dict.fromkeys(filter(None, (name.strip() for name in value.strip("[]").split(",")))))
    if len(names) != 1 and group not in LISTED:
        raise InvalidInputError(f"`{group}` must be one name. Got {value!r}. Start one run for each.")
    if not names:
        raise InvalidInputError(f"`{group}` must be one or more of: {', '.join(known)}. Got {value!r}.")
    for name in names:
        if group == "explainer" and (file := name.rstrip(":")).endswith(".py"):
            raise InvalidInputError(
                f"An explainer in a file must be written path/to/mine.py:Class. Got {name!r}. Add its class, as in "
                f"explainer={file}:Mine."
            )
        if name not in known and not (group == "explainer" and is_stranger(name)):
            exist = (*known, *declared()) if group == "explainer" else known
            raise unknown_name(group, name, exist, f"`python -m benchmark list {group}` describes each.")
    return names


def _setting(key: str, text: str, choices: Mapping[str, tuple[str, ...]]) -> Setting:
    first, *rest = key.split(".")
    if first in LISTED:
        near = get_close_matches(key, _OF_ALL, n=1)
        raise InvalidInputError(
            f"Settings of one {first} are written {first}_settings.<name>.<key>. Got {key!r}."
            + (
                f" Did you mean {near[0]}={text}?"
                if near
                else f" `python -m benchmark list {first}` shows names."
            )
        )
    if first in SCALARS and rest:
        raise InvalidInputError(f"{first!r} has no parts. Got {key!r}. Give {first}= instead.")
    listed = {f"{group}_settings": group for group in LISTED}
    if not any(rest) and first in listed:
        raise InvalidInputError(
            f"Settings of one {listed[first]} are written {first}.<name>.<key>. Got {key!r}. "
            f"`python -m benchmark list {listed[first]}` shows names."
        )
    single = [group for group in GROUPS if group not in LISTED]
    known = (*SCALARS, *GROUPS, *listed) if not rest else (*listed, *single)
    if first not in known and (places := places_of(key)):
        meant = " or ".join(f"{place}={text}" for place in places)
        raise UnknownNameError(f"A setting must be written with its part. Got {key!r}. Did you mean {meant}?")
    require(first, known, prefix="", tail=_tail(rest, text))
    if first in SCALARS:
        return Setting(key=key, text=text, path=(first,))
    if first in single:
        return Setting(key=key, text=text, group=first, path=tuple(rest))
    group = listed[first]
    name, path = _named(key.removeprefix(first + "."), (*choices.get(group, ()), *names_in(group)))
    if not name:
        require(
            rest[0] if rest else "",
            (*choices.get(group, ()), *names_in(group)),
            prefix=f"{first}.",
            tail=_tail(rest[1:], text),
        )
    if name not in choices.get(group, (name,)):
        raise InvalidInputError(f"Settings of {group} {name!r} need it in the run. Add it to {group}=.")
    return Setting(key=key, text=text, group=group, name=name, path=path)


def _named(key: str, names: Iterable[str]) -> tuple[str, tuple[str, ...]]:
    """The name that a key begins with, dots of its own included, and the path behind it."""
    for name in names:
        if key == name or key.startswith(f"{name}."):
            return name, tuple(filter(None, key.removeprefix(name).split(".")))
    return "", ()


def _tail(path: Iterable[str], text: str) -> str:
    return f"{''.join(f'.{each}' for each in path)}={text}"


def require(name: str, known: Iterable[str], *, prefix: str, tail: str) -> None:
    """See that `name` is known; what was typed stands between a `prefix` and a `tail`.

    Raises:
        UnknownNameError: It is not; the message says what exists, and the nearest name.
    """
    names = sorted(known)
    if name in names:
        return
    near = get_close_matches(name, names, n=1)
    suggestion = f" Did you mean {prefix}{near[0]}{tail}?" if near else ""
    raise UnknownNameError(
        f"A setting must exist. Got {prefix + name!r}; there are: "
        f"{', '.join(prefix + each for each in names)}.{suggestion}"
    )
