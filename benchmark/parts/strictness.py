"""What every class of settings shares: bounds, paths, and that a key which is not a field is an error."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar, dataclass_transform

from annotated_types import Ge, Gt, Le
from pydantic import AfterValidator, ConfigDict
from pydantic.dataclasses import dataclass

Class = TypeVar("Class", bound=type)

Count = Annotated[int, Ge(1)]
Amount = Annotated[float, Ge(0)]
Positive = Annotated[float, Gt(0)]
Seconds = Annotated[float, Ge(0.001), Le(1e7)]
"""A limit that alarms and processes can keep."""
Share = Annotated[float, Ge(0), Le(1)]
Place = Annotated[Path, AfterValidator(Path.expanduser)]
"""A file or folder; `~` is the home folder."""

_checked: Callable[[type], type] = dataclass(
    frozen=True, kw_only=True, config=ConfigDict(extra="forbid", allow_inf_nan=False)
)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def settings(owner: Class) -> Class:
    """Make a class one of settings: frozen, keyword-only, and checked by pydantic whenever a value is made."""
    return _checked(owner)  # type: ignore[return-value]  # the class itself, with a constructor
