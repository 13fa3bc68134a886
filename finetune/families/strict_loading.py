"""Loading without loss: libraries fill missing tensors at random and drop unknown ones; here both are errors."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from diffusers.utils import logging as diffusers_logging
from torch import Tensor
from transformers.utils import logging as transformers_logging

from finetune.generator import GeneratorError

_SHOWN = 5


def check_report(
    report: Mapping[str, Any],
    *,
    of: object,
    counted: Sequence[str] = (),
    advice: str = "Make or download it again.",
) -> None:
    """Raise `GeneratorError` unless a loading report of diffusers or transformers says that all weights were there.

    `of` names their file. Unknown names that end in one of `counted` are numbers that old files store and no weights.
    """
    missing, unknown, misshapen = (
        sorted(str(key) for key in report.get(kind) or ())
        for kind in ("missing_keys", "unexpected_keys", "mismatched_keys")
    )
    unknown = [key for key in unknown if not key.endswith(tuple(counted))]
    if missing or unknown or misshapen:
        raise GeneratorError(
            f"The weights of {of} must be exactly those of its configuration. Missing: {_some(missing)}. "
            f"Unknown: {_some(unknown)}. Of another shape: {_some(misshapen)}. {advice}"
        )


def check_exactly(
    given: Mapping[str, Tensor], wanted: Mapping[str, Tensor], *, of: object, advice: str = "Make it again."
) -> None:
    """Raise `GeneratorError` unless `given` has the names and shapes of `wanted`; `of` names what is given."""
    misshapen = [
        f"{name} {tuple(tensor.shape)} for {tuple(wanted[name].shape)}"
        for name, tensor in given.items()
        if name in wanted and tensor.shape != wanted[name].shape
    ]
    report = {
        "missing_keys": wanted.keys() - given.keys(),
        "unexpected_keys": given.keys() - wanted.keys(),
        "mismatched_keys": misshapen,
    }
    check_report(report, of=of, advice=advice)


@contextmanager
def quiet() -> Iterator[None]:
    """Loading and configuring without progress bars and advice from the libraries."""
    libraries = (diffusers_logging, transformers_logging)
    before = [(library.get_verbosity(), library.is_progress_bar_enabled()) for library in libraries]
    for library in libraries:
        library.set_verbosity_error()
        library.disable_progress_bar()
    try:
        yield
    finally:
        for library, (verbosity, with_bars) in zip(libraries, before, strict=True):
            library.set_verbosity(verbosity)
            if with_bars:
                library.enable_progress_bar()


def _some(keys: list[str]) -> str:
    more = f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
    return f"{', '.join(map(repr, keys[:_SHOWN])) or 'none'}{more}"
