"""Libraries fill missing tensors at random and drop unknown ones; here both are errors."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from finetune.generator import GeneratorError

_SHOWN = 5


def check_report(path: Path, report: Mapping[str, Any], *, counted: Sequence[str] = ()) -> None:
    """Raise unless a loading report of diffusers or transformers says that every weight was there, and no other.

    Unknown names that end in one of `counted` are numbers that old files store and no weights.
    """
    missing, unknown, misshapen = (
        sorted(str(key) for key in report.get(kind) or ())
        for kind in ("missing_keys", "unexpected_keys", "mismatched_keys")
    )
    unknown = [key for key in unknown if not key.endswith(tuple(counted))]
    if missing or unknown or misshapen:
        raise GeneratorError(
            f"The weights in {path} must be exactly those of its configuration. Missing: {_some(missing)}. "
            f"Unknown: {_some(unknown)}. Of another shape: {_some(misshapen)}. Make or download the folder again."
        )


def _some(keys: list[str]) -> str:
    more = f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
    return f"{', '.join(map(repr, keys[:_SHOWN])) or 'none'}{more}"
