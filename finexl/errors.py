"""Errors that are meant for people: one sentence on what must hold, what was given, and what to do."""

from collections.abc import Iterable
from difflib import get_close_matches


class FinexlError(Exception):
    """A failure with a message for people; command lines print it without a traceback."""


class InvalidInputError(FinexlError, ValueError):
    """A value from outside does not fit what the code needs."""


class UnknownNameError(InvalidInputError):
    """A name is not among those that exist."""


class EncoderError(FinexlError):
    """An encoder cannot be loaded or produced no usable embedding."""


class VLMError(FinexlError):
    """A vision-language model could not be asked (configuration, key, budget)."""


class VLMUnusableError(VLMError):
    """Every further question would fail alike: a wrong key, address or model. It ends a run; no model is to blame."""


class BudgetError(VLMUnusableError):
    """The next call would exceed the calls or the money that were allowed; it was not made."""


class MissingReplyError(VLMUnusableError):
    """A recording was asked a question that it holds no reply to."""


def unknown_name(field: str, given: str, known: Iterable[str], hint: str = "") -> UnknownNameError:
    """Build the error for a mistyped name: what exists, what was given, the nearest name."""
    names = sorted(known)
    near = get_close_matches(given, names, n=1, cutoff=0.5)
    lines = [f"`{field}` must be one of: {', '.join(names)}. Got {given!r}."]
    if near:
        lines.append(f"Did you mean {field}={near[0]}?")
    if hint:
        lines.append(hint)
    return UnknownNameError(" ".join(lines))
