"""Whose words a folder of explanations holds: name and class of one explainer, noted before it is asked anything.

Facts that people fill in are theirs, so of another explainer's folder they would name the wrong one.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmark.bundle.asked import Asked
from benchmark.bundle.entry_facts import name_and_class
from benchmark.record.recording import write_json
from finexl.errors import InvalidInputError

_OWNER = "explainer.json"


def require_own(asked: Asked) -> None:
    """See that the folder holds nothing that another explainer said.

    Raises:
        InvalidInputError: It does.
    """
    ours, theirs = name_and_class(asked.explainer), _owner(asked.output)
    if any(theirs.get(fact, value) != value for fact, value in ours.items()):
        raise InvalidInputError(
            f"`output` must be a folder without explanations of another explainer. {str(asked.output)!r} has those of "
            f"{_told(theirs)}. Got explainer={asked.explainer.name}. Choose another folder with output=..."
        )


def own(asked: Asked) -> None:
    """Note in the folder whose explanations it is for.

    Raises:
        InvalidInputError: It holds those of another explainer.
    """
    require_own(asked)
    write_json(asked.output / _OWNER, name_and_class(asked.explainer))


def _owner(folder: Path) -> Mapping[str, Any]:
    """What tells whose explanations are there; what was measured tells the class alone."""
    path = next((path for name in (_OWNER, "measured.json") if (path := folder / name).is_file()), None)
    try:
        told = {} if path is None else json.loads(path.read_bytes())
    except ValueError:  # no JSON, which is written anew
        told = {}
    return told if isinstance(told, dict) else {}


def _told(owner: Mapping[str, Any]) -> str:
    return " ".join(str(owner[fact]) for fact in ("name", "target") if fact in owner)
