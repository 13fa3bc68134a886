"""What every class of settings shares: bounds of numbers, and that an unknown key is an error."""

from typing import Annotated, ClassVar

from annotated_types import Ge, Gt

Count = Annotated[int, Ge(1)]
Positive = Annotated[float, Gt(0)]


class Strict:
    """Read by pydantic when settings are checked: a key that is not a field is an error."""

    __slots__ = ()
    __pydantic_config__: ClassVar = {"extra": "forbid"}
