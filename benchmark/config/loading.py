"""From `configs/` and the command line to `Settings`, through Hydra's `compose`.

Hydra puts files and overrides together; types and keys are then checked against the classes of
`settings.py`, which hold the defaults, so that the files say only what differs. Nothing here imports torch.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from benchmark.config.overrides import (
    GROUPS,
    LISTED,
    Overrides,
    config_folder,
    default_store,
    default_workers,
    is_stranger,
    options_of,
    parse_overrides,
)
from benchmark.config.settings import (
    CorpusConfig,
    EncoderConfig,
    Expected,
    ExplainerConfig,
    GeneratorConfig,
    PresetConfig,
    ReaderConfig,
    ScenarioConfig,
    Settings,
    VLMConfig,
)
from benchmark.config.unread_keys import check_keys
from benchmark.parts.executor_settings import EXECUTORS
from benchmark.parts.generator_settings import check_rates
from benchmark.parts.strangers import kind_of_stranger
from finexl.errors import InvalidInputError

__all__ = [
    "CorpusConfig",
    "EncoderConfig",
    "Expected",
    "ExplainerConfig",
    "GeneratorConfig",
    "PresetConfig",
    "ReaderConfig",
    "ScenarioConfig",
    "Settings",
    "VLMConfig",
    "config_folder",
    "load_settings",
    "settings_from",
]

T = TypeVar("T")
PLURALS = {"scenario": "scenarios", "explainer": "explainers"}
"""Groups of which a run has several, and the field that holds them."""
FOLDERS = ("output", "store")
PATHS = (*FOLDERS, "folder", "file", "adapter", "prompts_from", "captioner", "record", "ledger")
"""Last parts of keys that hold a path."""
STRINGS = (*PATHS, "model", "revision")
"""Last parts of keys that hold a string, whatever it looks like."""


def load_settings(words: Sequence[str] = ()) -> Settings:
    """The settings of a run from `key=value` words.

    A scenario alone means the preset lite; neither of them means the smoke preset of the usual scenarios. A
    scenario that calls for a generator or corpus of its own gets it, unless the words name another. Raises
    InvalidInputError for a key that the chosen encoder or vision-language model would not read.
    """
    overrides = parse_overrides(words)
    if not overrides.choices.keys() & {"scenario", "preset"}:
        overrides = _choosing(overrides, {"preset": "smoke"})
    composed = _composed(overrides)
    wanted = _wanted(composed["scenario"], overrides)
    settings = _settings(_composed(_choosing(overrides, wanted)) if wanted else composed)
    check_keys(settings)
    check_rates(settings.generator, overrides.values)
    return settings


def settings_from(plain: Mapping[str, Any]) -> Settings:
    """Settings that a run wrote down; what it left out (where work is done) is as on this machine."""
    here = {"store": default_store(), "workers": default_workers(), "executor": {"kind": "inline"}}
    return _validated(Settings, {**here, **plain}, where="")


def _choosing(overrides: Overrides, choices: Mapping[str, str]) -> Overrides:
    more = {group: (name,) for group, name in choices.items()}
    return Overrides(choices={**overrides.choices, **more}, values=overrides.values)


def _wanted(scenarios: Sequence[Mapping[str, Any]], overrides: Overrides) -> dict[str, str]:
    """The generator and corpus that the scenarios call for, where the command line names none."""
    wanted: dict[str, str] = {}
    for group in {"generator", "corpus"} - overrides.choices.keys():
        calls = {scenario["name"]: scenario.get(group) for scenario in scenarios}
        if len(set(calls.values())) > 1:
            listed = ", ".join(f"{name} {choice or 'the usual one'}" for name, choice in calls.items())
            raise InvalidInputError(
                f"The scenarios of a run must share a {group}. These call for different ones: {listed}. "
                f"Start one run for each, or name one with {group}=."
            )
        choice = next(iter(calls.values()), None)
        if choice is not None:
            wanted[group] = choice
    return wanted


def _composed(overrides: Overrides) -> dict[str, Any]:
    """Plain values of every group and key; what was chosen carries its name."""
    from hydra import compose, initialize_config_dir
    from hydra.errors import HydraException
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    try:
        with initialize_config_dir(str(config_folder().resolve()), version_base="1.3"):
            full = compose("run", overrides=_words(overrides), return_hydra_config=True)
        chosen = dict(full.hydra.runtime.choices)
        values = OmegaConf.to_container(
            OmegaConf.masked_copy(full, [str(key) for key in full if key != "hydra"])
        )
    except (HydraException, OmegaConfBaseException) as error:
        raise InvalidInputError(f"These settings cannot be read. {' '.join(str(error).split())}") from error
    assert isinstance(values, dict)
    plain = {str(key): value for key, value in values.items()}
    for group in GROUPS:
        if group in LISTED:
            listed = (plain.get(group) or {}).items()
            plain[group] = tuple({"name": name, **(part or {})} for name, part in listed)
        else:
            plain[group] = {"name": chosen[group], **(plain.get(group) or {})}
    strangers = filter(is_stranger, overrides.choices.get("explainer", ()))
    plain["explainer"] += tuple({"name": name, "kind": kind_of_stranger(name)} for name in strangers)
    return plain


def _words(overrides: Overrides) -> list[str]:
    """Overrides in Hydra's grammar; `++` since a file does not repeat the defaults that it leaves alone."""
    choices = [
        f"{group}=[{','.join(_configured(names))}]" if group in LISTED else f"{group}={names[0]}"
        for group, names in overrides.choices.items()
    ]
    return choices + [f"++{key}={_quoted(key, value)}" for key, value in overrides.values.items()]


def _configured(names: Iterable[str]) -> list[str]:
    return [name for name in names if not is_stranger(name)]


def _quoted(key: str, value: str) -> str:
    """Numbers, truth values, null, lists and mappings as they are; paths, names and all else as a string."""
    if key.rpartition(".")[2] not in STRINGS and re.fullmatch(r"[-+.\w]+|\[.*\]|\{.*\}", value):
        return value
    escaped = re.sub(r"(\\*)('|$)", lambda found: 2 * found[1] + found[2].replace("'", "\\'"), value)
    return f"'{escaped}'"


def _settings(plain: dict[str, Any]) -> Settings:
    """Check types, and every key, against the classes that hold the defaults."""
    values = {PLURALS.get(key, key): value for key, value in plain.items()}
    values["explainers"] = tuple(_checked_options(explainer) for explainer in values["explainers"])
    executor = values["executor"]
    values["executor"] = _validated(EXECUTORS[executor["kind"]], executor, where="executor.")
    values.update({key: Path(values[key]).expanduser() for key in FOLDERS if key in values})
    names = "+".join(scenario["name"] for scenario in values["scenarios"])
    defaults = {
        "output": f"runs/{names}-{values['preset']['name']}",
        "store": default_store(),
        "workers": default_workers(),
    }
    return _validated(Settings, {**defaults, **values}, where="")


def _checked_options(explainer: dict[str, Any]) -> dict[str, Any]:
    """The options that were given to an explainer, with the types that its kind declares."""
    owner = options_of(explainer["name"])
    given = explainer.get("options") or {}
    checked: object = _validated(owner, given, where=f"explainer_settings.{explainer['name']}.")
    return {**explainer, "options": {name: getattr(checked, name) for name in given}}


def _validated(owner: type[T], values: Mapping[str, Any], *, where: str) -> T:
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(owner).validate_python(dict(values))
    except ValidationError as error:
        first = error.errors()[0]
        if first["type"] == "value_error":
            raise InvalidInputError(str(first.get("ctx", {}).get("error", first["msg"]))) from error
        key = where + ".".join(str(part) for part in first["loc"])
        must = first["msg"].replace("Input should be", "must be")
        must = must.replace("Unexpected keyword argument", "is not read by this choice")
        raise InvalidInputError(f"`{key}` {must}. Got {first.get('input')!r}.") from error
