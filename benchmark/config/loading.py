"""From `configs/` and the command line to `Settings`.

A file says where a choice differs from the defaults, which are in the classes of settings. Values of the command line
are read by the types of their fields, and everything is checked against those classes. Nothing here imports torch.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError

from benchmark.config.choices import (
    GROUPS,
    LISTED,
    default_store,
    default_workers,
    file_of,
    is_stranger,
    settings_class,
    usual_choices,
    values_in,
)
from benchmark.config.fields import set_field
from benchmark.config.messages import explained, explained_part
from benchmark.config.overrides import Overrides, Setting, parse_overrides
from benchmark.config.settings import Settings
from benchmark.parts.corpora import with_folder
from benchmark.parts.explainers import ExplainerConfig, is_from_elsewhere, stranger_settings
from benchmark.parts.generator_settings import GeneratorConfig, check_batch, check_rates
from benchmark.parts.strangers import kind_of_stranger
from benchmark.parts.table import Part
from finetune.family_facts import FAMILIES
from finexl.errors import InvalidInputError

Choices = Mapping[str, tuple[str, ...]]


def load_settings(words: Sequence[str] = ()) -> Settings:
    """The settings of a run from `key=value` words.

    A scenario alone means the preset lite; neither of them means the smoke preset of the usual scenarios. A
    scenario that calls for a generator, a method or a corpus of its own gets it, unless the words name another.

    Raises:
        InvalidInputError: A key does not exist, the chosen part would not read it, or its value does not fit.
    """
    given = parse_overrides(words)
    choices = {**usual_choices(), **given.choices}
    if not given.choices.keys() & {"scenario", "preset"}:
        choices["preset"] = ("smoke",)
    values = _composed(choices, given)
    # composed again, since keys that are given belong to the parts that the scenario brings
    if wanted := _wanted(values["scenario"], given.choices):
        values = _composed({**choices, **wanted}, given)
    if method := _wanted_method(values):
        values["generator"]["method"] = method
    settings = _validated(_named(values))
    # what is not ours is checked last, since it must be imported for that
    for explainer in settings.explainers:
        _check_from_elsewhere(explainer)
    check_batch(settings.generator)
    check_rates(settings.generator, [setting.key for setting in given.values])
    return settings


def settings_from(plain: Mapping[str, Any]) -> Settings:
    """Settings that a run wrote down; what it left out (where work is done) is as on this machine.

    Raises:
        InvalidInputError: They are not of this version.
    """
    here = {
        "store": default_store(),
        "workers": default_workers(),
        "executor": {"name": "inline", "kind": "inline"},
    }
    return _validated({**here, **plain})


def _wanted(scenarios: Sequence[Mapping[str, Any]], chosen: Choices) -> dict[str, tuple[str, ...]]:
    """The generator and corpus that the scenarios call for, where the command line names none."""
    wanted: dict[str, tuple[str, ...]] = {}
    for group in {"generator", "corpus"} - chosen.keys():
        if choice := _shared(group, scenarios, key=group):
            wanted[group] = (choice,)
    return wanted


def _wanted_method(values: Mapping[str, Any]) -> str | None:
    """What the scenarios train, where neither the command line nor the generator's file says.

    A family without it keeps its own: the plan then says which generators will do.
    """
    generator = values["generator"]
    if "method" in generator:
        return None
    method = _shared("method", values["scenario"], key="generator.method")
    family = FAMILIES.get(generator.get("family", GeneratorConfig.family))
    return method if family and method in family.methods else None


def _shared(role: str, scenarios: Sequence[Mapping[str, Any]], *, key: str) -> str | None:
    """What all scenarios call for by their field `role`; None where they call for nothing."""
    calls = {scenario["name"]: scenario.get(role) for scenario in scenarios}
    if len(set(calls.values())) > 1:
        listed = ", ".join(f"{name} {choice or 'the usual one'}" for name, choice in calls.items())
        raise InvalidInputError(
            f"The scenarios of a run must share a {role}. These call for different ones: {listed}. "
            f"Start one run for each, or name one with {key}=."
        )
    return next(iter(calls.values()), None)


def _composed(choices: Choices, given: Overrides) -> dict[str, Any]:
    """Plain values of every group and key; what was chosen carries its name and kind."""
    values: dict[str, Any] = {}
    for group, names in choices.items():
        chosen = [_chosen(group, name) for name in names]
        values[group] = chosen if group in LISTED else chosen[0]
    corpus = values["corpus"]
    if "folder" in corpus or any(setting.key == "corpus.folder" for setting in given.values):
        rendered, corpus["kind"] = corpus["kind"], with_folder(corpus["kind"])
        given_keys = {*corpus, *(setting.key.removeprefix("corpus.") for setting in given.values)}
        if rendered != corpus["kind"] == "drawn" and "prompts_from" not in given_keys:
            raise InvalidInputError(
                f"`corpus.prompts_from` must be given for corpus={corpus['name']} with a folder, which then holds the "
                "pipeline that draws those captions. Add corpus.prompts_from=<path>; or, if images of yours lie in "
                "the folder, choose corpus=folder."
            )
    _forget_versions(values, given)
    for setting in given.values:
        _set(values, setting)
    return values


def _forget_versions(values: dict[str, Any], given: Overrides) -> None:
    """Take the commit of a file's model away where another model is given, of which it names nothing."""
    texts = {setting.key: setting.text for setting in given.values}
    for key, part, name, version in (
        ("vlm", values["vlm"], "model", "revision"),
        ("reader.vlm", values["reader"].get("vlm") or {}, "model", "revision"),
        ("encoder", values["encoder"], "architecture", "weights"),
    ):
        other = texts.get(f"{key}.{name}", part.get(name))
        if part.get("kind") == "transformers" and other != part.get(name):
            part.pop(version, None)


def _chosen(group: str, name: str) -> dict[str, Any]:
    """The values of a choice; its kind is what its file says, else its own name."""
    if group == "explainer" and is_stranger(name):
        return {"name": name, "kind": kind_of_stranger(name), "options": {}}
    # generators, presets and scenarios are of one class each and have no kind
    kinds = {"kind": name} if any(isinstance(each, Part) for each in GROUPS[group].values()) else {}
    return {"name": name, **kinds, **values_in(file_of(group, name))}


def _set(values: dict[str, Any], setting: Setting) -> None:
    if not setting.group:
        set_field(values, Settings, setting)
        return
    part = values[setting.group]
    if setting.group in LISTED:
        asked_for = {each["name"]: each for each in part}
        if setting.name not in asked_for:
            wanted = ",".join([*asked_for, setting.name])
            raise InvalidInputError(
                f"`{setting.key}` must be of what the run has: {', '.join(asked_for)}. Got {setting.name!r}. "
                f"Add {setting.group}={wanted}."
            )
        part = asked_for[setting.name]
    if setting.group != "explainer":
        table = {name: each for name, each in GROUPS[setting.group].items() if isinstance(each, Part)}
        set_field(part, settings_class(setting.group, part), setting, others=table)
        return
    owner = settings_class("explainer", part)
    if is_from_elsewhere(part["kind"]):
        asked = ExplainerConfig(
            name=part["name"], kind=part["kind"], options={".".join(setting.path): setting.text}
        )
        owner = stranger_settings(asked) or owner
    part["options"] = dict(part.get("options") or {})
    set_field(part["options"], owner, setting)


def _named(values: dict[str, Any]) -> dict[str, Any]:
    """The values under the names of their fields, with the places that were not given."""
    named = {f"{key}s" if key in LISTED else key: value for key, value in values.items()}
    scenarios = "+".join(scenario["name"] for scenario in values["scenario"])
    defaults = {
        "output": f"runs/{scenarios}-{values['preset']['name']}",
        "store": default_store(),
        "workers": default_workers(),
    }
    return {**defaults, **named}


def _check_from_elsewhere(explainer: ExplainerConfig) -> None:
    """Raise now what would be raised when an explainer with settings of its own is built, after all the work."""
    if not (is_from_elsewhere(explainer.kind) and explainer.options):
        return
    owner = stranger_settings(explainer)
    assert owner is not None  # it was asked for the fields that are given
    try:
        TypeAdapter(owner).validate_python(explainer.options)
    except ValidationError as error:
        raise explained_part(error, ["explainer_settings", explainer.name], owner) from error


def _validated(values: Mapping[str, Any]) -> Settings:
    try:
        return TypeAdapter(Settings).validate_python(dict(values))
    except ValidationError as error:
        raise explained(error, values) from error
