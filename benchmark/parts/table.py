"""One row says all that the benchmark knows of a part before it is built; nothing heavy is imported for it."""

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from importlib import import_module
from inspect import Parameter, signature
from typing import Annotated, Any, TypeVar, Union

from pydantic import Discriminator, GetCoreSchemaHandler
from pydantic_core import CoreSchema

from finexl.errors import InvalidInputError, unknown_name

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Part:
    """A row of a table of parts: what is built, from which settings."""

    target: str
    """`package.module:name` of a class or function, imported when the part is built."""
    _: KW_ONLY
    settings: type
    """The class of its settings, which checks them."""
    about: str = ""
    """A line for people; a part without one is chosen by the files of `configs/` that give its kind."""
    code: tuple[str, ...] = ()
    """The code that decides what it makes, as `package.module:name`, where that is not all that the target needs."""

    @property
    def versioned(self) -> tuple[str, ...]:
        """The code that keys cover."""
        return self.code or (self.target,)


def row(role: str, kind: str, table: Mapping[str, Row]) -> Row:
    """The row of a kind.

    Raises:
        UnknownNameError: There is none; the message says what exists.
    """
    if kind not in table:
        raise unknown_name(role, kind, table)
    return table[kind]


@dataclass(frozen=True, slots=True)
class OneOf:
    """Marks a field that holds the settings of any part of a table, told apart by `kind`."""

    table: Mapping[str, Part]

    def __get_pydantic_core_schema__(self, _: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        # built when a class of settings is, so a row that is added before that is part of the union
        classes = tuple(dict.fromkeys(part.settings for part in self.table.values()))
        return handler.generate_schema(Annotated[Union[classes], Discriminator("kind")])  # noqa: UP007  # a tuple


def imported(target: str) -> Any:
    """The class or function that `package.module:name` names, imported now."""
    module, _, name = target.partition(":")
    return getattr(import_module(module), name)


def construct(build: Callable[..., Any], supplies: Mapping[str, Callable[[], object]], *, who: str) -> Any:
    """Call `build` with those supplies that its parameters name; others are not made.

    Raises:
        InvalidInputError: It asks for something that is not among them.
    """
    wanted = parameters(build)
    # told here, with what there is to ask for, rather than by Python's TypeError
    missing = [name for name, each in wanted.items() if name not in supplies and each.default is each.empty]
    if missing:
        raise InvalidInputError(
            f"The constructor of {who} may ask for {', '.join(sorted(supplies))}, each by its name. "
            f"It asks for {', '.join(missing)} too. Give that a default, or leave it out."
        )
    return build(**{name: supplies[name]() for name in wanted if name in supplies})


def parameters(build: Callable[..., Any]) -> dict[str, Parameter]:
    """The parameters that can be given by name; none for what does not say."""
    try:
        found = signature(build).parameters
    except ValueError:  # some built-in classes have no signature
        return {}
    named = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)
    return {name: each for name, each in found.items() if each.kind in named}
