"""What can be chosen: the rows of the tables of parts, and the files of `configs/` that give a part other settings."""

import os
from collections.abc import Mapping
from dataclasses import fields
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from benchmark.parts.corpora import CORPORA
from benchmark.parts.encoders import ENCODERS
from benchmark.parts.executors import EXECUTORS
from benchmark.parts.explainers import EXPLAINERS, NoSettings, is_from_elsewhere
from benchmark.parts.generator_settings import GeneratorConfig
from benchmark.parts.readers import READERS
from benchmark.parts.strangers import declared, is_path
from benchmark.parts.table import Part, row
from benchmark.parts.vlms import VLMS
from benchmark.plan.preset import PresetConfig
from benchmark.plan.scenario import Scenario, ScenarioConfig
from benchmark.plan.scenarios import SCENARIOS
from finexl.errors import InvalidInputError

GROUPS: dict[str, Mapping[str, Part | Scenario]] = {
    "scenario": SCENARIOS,
    "preset": {},
    "explainer": EXPLAINERS,
    "generator": {},
    "corpus": CORPORA,
    "encoder": ENCODERS,
    "vlm": VLMS,
    "reader": READERS,
    "executor": EXECUTORS,
}
"""Every key that is a choice, with the table of its rows; those without one have files alone."""
LISTED = ("scenario", "explainer")
"""Groups of which a run may have several."""
SCALARS = (
    "seed", "secret", "n_shown", "paired", "output", "store", "workers", "explainer_seconds", "explainer_memory_gb",
    "wandb", "quiet", "redo",
)  # fmt: skip
"""Keys that hold one value."""
SPELLED = {"explainer_seconds": "explainer.seconds", "explainer_memory_gb": "explainer.memory_gb"}
"""How people write those of them that hold for every explainer of a run."""
NO_KEYS = ("name", "kind", "options", "expected")
"""Fields that no key sets: a choice's name and kind are the choice itself."""
_OWNERS: dict[str, type] = {"scenario": ScenarioConfig, "preset": PresetConfig, "generator": GeneratorConfig}


def config_folder() -> Path:
    """The folder `configs/`, in a checkout beside this package, else where it was installed."""
    beside = Path(__file__).parents[2] / "configs"
    return beside if beside.is_dir() else Path(str(resources.files("configs").joinpath("run.yaml"))).parent


def file_of(group: str, name: str) -> Path:
    """The file that gives a choice its settings, if it has one."""
    return config_folder() / group / f"{name}.yaml"


def names_in(group: str) -> tuple[str, ...]:
    """The choices of a group, sorted."""
    # a row without a line about it is no choice by itself: it takes a file to say what it lacks
    files = {path.stem for path in (config_folder() / group).glob("*.yaml")}
    return tuple(sorted(files | {name for name, each in GROUPS[group].items() if each.about}))


def usual_choices() -> dict[str, tuple[str, ...]]:
    """What a run is made of, unless it is said otherwise, by group.

    Raises:
        InvalidInputError: `configs/run.yaml` is no mapping in YAML.
    """
    chosen = values_in(config_folder() / "run.yaml")
    return {group: (names,) if isinstance(names, str) else tuple(names) for group, names in chosen.items()}


def values_in(path: Path) -> dict[str, Any]:
    """What a file of `configs/` says; nothing where there is none.

    Raises:
        InvalidInputError: It is no mapping in YAML.
    """
    if not path.is_file():
        return {}
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        raise InvalidInputError(f"{str(path)!r} must be YAML. {error} Correct the file.") from error
    if not isinstance(found, dict):
        raise InvalidInputError(f"{str(path)!r} must hold lines of the form key: value. Got {found!r}.")
    return found


def description(group: str, name: str) -> str:
    """A choice in a line: the comment that its file begins with, else what its row says."""
    path = file_of(group, name)
    first = path.read_text(encoding="utf-8").partition("\n")[0] if path.is_file() else ""
    return first.removeprefix("#").strip() if first.startswith("#") else GROUPS[group][name].about


def is_stranger(explainer: str) -> bool:
    """An explainer from elsewhere: a path to its class, or a name that an installed package declares."""
    return is_path(explainer) or (explainer not in names_in("explainer") and explainer in declared())


def settings_class(group: str, values: Mapping[str, Any]) -> type:
    """The class whose fields are the settings of a choice, by the kind that it says.

    Raises:
        UnknownNameError: The table of the group has no such kind.
    """
    if group in _OWNERS:
        return _OWNERS[group]
    if is_from_elsewhere(kind := values["kind"]):
        return NoSettings
    part = row(f"{group}.kind", kind, GROUPS[group])
    assert isinstance(part, Part)
    return part.settings


def places_of(key: str) -> tuple[str, ...]:
    """The full keys that end in what was typed without its part, as `preset.n_prompts` does in `n_prompts`."""
    name, found = key.partition(".")[0], dict[str, None]()
    for group, table in GROUPS.items():
        for row_name, each in {**table, "": _OWNERS.get(group)}.items():
            owner = each.settings if isinstance(each, Part) else each
            if isinstance(owner, type) and name in {field.name for field in fields(owner)} - {*NO_KEYS}:
                part = group if group not in LISTED else f"{group}_settings.{row_name or '<name>'}"
                found[f"{part}.{key}"] = None
    single = tuple(place for place in found if "_settings." not in place)
    return single or tuple(found)


def default_store() -> Path:
    """$FINEXL_STORE, else `finexl` in the user's cache folder (XDG)."""
    if given := os.environ.get("FINEXL_STORE"):
        return Path(given)
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "finexl"


def default_workers() -> int:
    """Cores this process may use, at most two: more helps little at the miniature's size."""
    return min(2, len(os.sched_getaffinity(0)))  # not cpu_count(): a container may have fewer
