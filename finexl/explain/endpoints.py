"""A model at an endpoint in one line: MODEL@URL, then settings by the names that they have in benchmarks.

This file does not need torch.
"""

import json
import re
import shlex
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from finexl.errors import InvalidInputError, UnknownNameError
from finexl.vlms.chat_settings import ChatSettings, Detail, StructuredOutput

SETTINGS: Mapping[str, tuple[object, ...]] = {
    "model": (str,),
    "base_url": (str,),
    "temperature": (float, None),
    "seed": (int, None),
    "max_tokens": (int,),
    "max_tokens_name": ("max_tokens", "max_completion_tokens"),
    "structured_output": get_args(StructuredOutput),
    "detail": (*get_args(Detail), None),
    "probe": (True, False),
    "record": (str,),
}
"""By setting, the types and the values that it takes."""
_TYPES: Mapping[object, str] = {float: "a number", int: "a whole number"}
_FIELDS = re.compile(rf"(?<![\w.])({'|'.join(SETTINGS)})(?=[`=])")
"""How an error names a setting by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AtEndpoint:
    """How a model at an endpoint is asked."""

    settings: ChatSettings
    probe: bool = True
    """Whether it must name two plain colours first."""
    record: Path | None = None
    """The file of its replies; what that answers is not asked again."""


def name_and_settings(name: str) -> tuple[str, list[str]]:
    """The name of a model, and the settings behind it, each KEY=VALUE.

    >>> name_and_settings("gpt@https://far.example/v1 probe=false")
    ('gpt@https://far.example/v1', ['probe=false'])
    """
    try:
        first, *settings = shlex.split(name)
    except ValueError:  # nothing, or a quotation mark without another
        return name, []
    return first, settings


def at_endpoint(name: str, settings: list[str]) -> AtEndpoint:
    """What MODEL@URL and settings say.

    Raises:
        UnknownNameError: There is no such setting.
        InvalidInputError: A setting does not take its value, or the name is not MODEL@URL.
    """
    model, at, url = name.rpartition("@")
    if not (at and model):
        raise InvalidInputError(
            f"`vlm.{settings[0].partition('=')[0]}` is a setting of a model at an endpoint, and {name!r} is none. "
            "Name one: --vlm MODEL@URL."
        )
    told: dict[str, Any] = {"model": model, "base_url": url}
    told |= {key: _value(key, value) for key, _, value in (each.partition("=") for each in settings)}
    probe, record = told.pop("probe", True), told.pop("record", None)
    try:
        asked = ChatSettings(**told)
    except InvalidInputError as error:
        raise InvalidInputError(_FIELDS.sub(r"vlm.\1", str(error))) from error
    return AtEndpoint(settings=asked, probe=probe, record=None if record is None else Path(record))


def _value(key: str, text: str) -> object:
    if key not in SETTINGS:
        near = get_close_matches(key, SETTINGS, n=1, cutoff=0.5)
        raise UnknownNameError(
            f"A setting of a model must be one of: {', '.join(f'vlm.{name}' for name in SETTINGS)}. Got 'vlm.{key}'."
            + (f" Did you mean vlm.{near[0]}={text}?" if near else "")
        )
    allowed = SETTINGS[key]
    value = text if allowed == (str,) else _read(text)
    value = float(value) if float in allowed and type(value) is int else value
    if any(value == one if isinstance(one, str) else value is one or type(value) is one for one in allowed):
        return value
    words = ", ".join(_TYPES.get(one) or json.dumps(one).strip('"') for one in allowed)
    raise InvalidInputError(f"`vlm.{key}` must be one of: {words}. Got {text!r}.")


def _read(text: str) -> object:
    for read in (json.loads, float):
        with suppress(ValueError):
            return read(text.lower())
    return text
