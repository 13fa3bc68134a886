"""The command line's `key=value` words, checked against what exists before anything heavy is imported."""

import dataclasses
import os
import re
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import resources
from pathlib import Path

from benchmark.config import settings as schema
from benchmark.parts.strangers import declared, is_path
from finexl.errors import InvalidInputError, UnknownNameError, unknown_name

GROUPS: dict[str, type | types.UnionType] = {
    "scenario": schema.ScenarioConfig,
    "preset": schema.PresetConfig,
    "explainer": schema.ExplainerConfig,
    "generator": schema.GeneratorConfig,
    "corpus": schema.CorpusConfig,
    "encoder": schema.EncoderConfig,
    "vlm": schema.VLMConfig,
    "reader": schema.ReaderConfig,
    "executor": schema.ExecutorSettings,
}
"""The folders of `configs/`: each holds the choices of one key."""
LISTED = ("scenario", "explainer")
"""Groups of which a run may have several."""
SCALARS = ("seed", "output", "store", "workers", "wandb", "quiet")
"""Keys that hold one value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """Words of the command line whose names are known to exist."""

    choices: Mapping[str, tuple[str, ...]]
    """Group to the names chosen in it."""
    values: Mapping[str, str]
    """Dotted key to its value as typed."""


def config_folder() -> Path:
    """The folder `configs/`, in a checkout beside this package, else where it was installed."""
    beside = Path(__file__).parents[2] / "configs"
    return beside if beside.is_dir() else Path(str(resources.files("configs").joinpath("run.yaml"))).parent


def names_in(group: str) -> tuple[str, ...]:
    """The choices of a group, sorted."""
    return tuple(sorted(path.stem for path in (config_folder() / group).glob("*.yaml")))


def parse_overrides(words: Sequence[str]) -> Overrides:
    """Split `key=value` words and check every key and every chosen name."""
    choices: dict[str, tuple[str, ...]] = {}
    values: dict[str, str] = {}
    for word in words:
        key, value = _split(word)
        if key in choices or key in values:
            raise InvalidInputError(
                f"A key must be given once. Got `{key}` twice. Join several names by commas."
            )
        if key in GROUPS:
            choices[key] = _chosen(key, value)
        else:
            values[_checked_key(key)] = value
    for key in values:
        group, _, name = key.rpartition(".")[0].partition(".")
        if group in LISTED and (name := name.partition(".")[0]) not in choices.get(group, (name,)):
            raise InvalidInputError(f"Settings of {group} {name!r} need it in the run. Add it to {group}=.")
    return Overrides(choices=choices, values=values)


def _split(word: str) -> tuple[str, str]:
    key, equals, value = word.partition("=")
    if equals and key and value:
        return key, value
    for group in GROUPS:
        if word in names_in(group):
            raise InvalidInputError(
                f"Settings must be written key=value. Got {word!r}. Did you mean {group}={word}?"
            )
    raise InvalidInputError(
        f"Settings must be written key=value. Got {word!r}. `python -m benchmark list` shows keys."
    )


def _chosen(group: str, value: str) -> tuple[str, ...]:
    known = names_in(group)
    if group in LISTED and value == "all":
        return known
    names = tuple(dict.fromkeys(filter(None, (name.strip() for name in value.strip("[]").split(",")))))
    if len(names) != 1 and group not in LISTED:
        raise InvalidInputError(f"`{group}` must be one name. Got {value!r}. Start one run for each.")
    if not names:
        raise InvalidInputError(f"`{group}` must be one or more of: {', '.join(known)}. Got {value!r}.")
    for name in names:
        if name not in known and not (group == "explainer" and is_stranger(name)):
            exist = (*known, *declared()) if group == "explainer" else known
            raise unknown_name(group, name, exist, f"`python -m benchmark list {group}` describes each.")
    return names


def is_stranger(explainer: str) -> bool:
    """An explainer from elsewhere: a path to its class, or a name that an installed package declares."""
    return is_path(explainer) or (explainer not in names_in("explainer") and explainer in declared())


def _checked_key(key: str) -> str:
    """`key`, known to be a setting; keys of one explainer or scenario carry its name."""
    first, *rest = key.split(".")
    if not rest:
        _require(first, (*SCALARS, *GROUPS), prefix="")
        return key
    listed = tuple(f"{group}_settings" for group in LISTED)
    single = tuple(group for group in GROUPS if group not in LISTED)
    if first in LISTED:
        raise InvalidInputError(
            f"Settings of one {first} are written {first}_settings.<name>.<key>. Got {key!r}."
        )
    _require(first, (*listed, *single), prefix="")
    if first in single:
        _require_path(rest, GROUPS[first], key)
        return key
    name, *path = rest
    group = first.removesuffix("_settings")
    _require(name, names_in(group), prefix=f"{first}.")
    if group == "explainer":
        _require_path(path, options_of(name), key)
        return f"explainer.{name}.options.{'.'.join(path)}"
    _require_path(path, GROUPS[group], key)
    return f"{group}.{name}.{'.'.join(path)}"


def kind_of(explainer: str) -> str:
    """The kind of a configured explainer, read from its file without composing a run."""
    path = config_folder() / "explainer" / f"{explainer}.yaml"
    found = re.search(r"^\s+kind:\s*(\S+)\s*$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    if found is None or (found[1] not in schema.EXPLAINER_OPTIONS and ":" not in found[1]):
        raise InvalidInputError(
            f"`kind` of explainer {explainer!r} must be package.module:Class or one of: "
            f"{', '.join(sorted(schema.EXPLAINER_OPTIONS))}. Correct {path}."
        )
    return found[1]


def options_of(explainer: str) -> type:
    """The class whose fields are the settings of a configured explainer; a stranger's has none."""
    kind = explainer if is_stranger(explainer) else kind_of(explainer)
    return schema.EXPLAINER_OPTIONS.get(kind, schema.NoOptions)


def _require(name: str, known: Iterable[str], *, prefix: str) -> None:
    """Raise, with what exists and the nearest name, unless `name` is known."""
    names = sorted(known)
    if name in names:
        return
    near = get_close_matches(name, names, n=1, cutoff=0.5)
    suggestion = f" Did you mean {prefix}{near[0]}=...?" if near else ""
    raise UnknownNameError(
        f"A setting must exist. Got {prefix + name!r}; there are: "
        f"{', '.join(prefix + each for each in names)}.{suggestion}"
    )


def _require_path(path: Sequence[str], owner: type | types.UnionType, key: str) -> None:
    """`path` leads to a field of `owner`, or of a class inside it; the keys of a mapping are free."""
    if not path:
        raise InvalidInputError(f"A setting must name a field. Got {key!r}. {_fields_sentence(owner)}")
    if not _field_names(owner):
        raise InvalidInputError(f"{key!r} is not a setting. {_fields_sentence(owner)}")
    _require(path[0], _field_names(owner), prefix=key.removesuffix(".".join(path)))
    hints = {name: hint for one in _owners(owner) for name, hint in typing.get_type_hints(one).items()}
    inside = _without_none(hints[path[0]])
    match path[1:]:
        case []:
            pass
        case deeper if isinstance(inside, type) and dataclasses.is_dataclass(inside):
            _require_path(deeper, inside, key)
        case [_] if typing.get_origin(inside) is dict:
            pass
        case [_, *deeper] if dataclasses.is_dataclass(value := _value_type(inside)):
            _require_path(deeper, value, key)
        case deeper:
            raise InvalidInputError(
                f"{key.removesuffix('.' + '.'.join(deeper))!r} has no parts. Got {key!r}."
            )


def _without_none(hint: typing.Any) -> typing.Any:
    """`X` for `X | None`."""
    parts = [part for part in typing.get_args(hint) if part is not type(None)]
    return parts[0] if isinstance(hint, types.UnionType) and len(parts) == 1 else hint


def _value_type(mapping: typing.Any) -> type:
    """The class of a mapping's values; `object` for what is no mapping."""
    return typing.get_args(mapping)[1] if typing.get_origin(mapping) is dict else object


def _field_names(owner: type | types.UnionType) -> list[str]:
    """Fields that a run may set; the name of a choice is the choice itself."""
    fields = [field.name for one in _owners(owner) for field in dataclasses.fields(one)]
    return [name for name in dict.fromkeys(fields) if name not in ("name", "kind", "options")]


def _owners(owner: type | types.UnionType) -> tuple[type, ...]:
    """The classes of a union, or the class itself."""
    return typing.get_args(owner) if isinstance(owner, types.UnionType) else (owner,)


def _fields_sentence(owner: type | types.UnionType) -> str:
    names = _field_names(owner)
    return f"It has: {', '.join(names)}." if names else "It has no settings."


def default_store() -> Path:
    """$FINEXL_STORE, else `finexl` in the user's cache folder (XDG)."""
    if given := os.environ.get("FINEXL_STORE"):
        return Path(given)
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "finexl"


def default_workers() -> int:
    """Cores this process may use, at most two: more helps little at the miniature's size."""
    return min(2, len(os.sched_getaffinity(0)))
