"""An entry from what an explainer said, what its authors tell, and what can be found out by itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmark.bundle.manifest import Bundle
from finexl.errors import InvalidInputError
from leaderboard.entry import limits
from leaderboard.entry.making import code_sha256, entry_files, environment, write_entry
from leaderboard.entry.schema import ENTRY
from leaderboard.entry.strict import NotStrict, n_lines, parsed

_OURS = ("schema_version", "bundle", "files", "code_sha256")
_FILES = ("explanations.jsonl", "facts.json", "measured.json", "replies.jsonl")
"""What `benchmark explain` writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The files that an entry is made of."""

    explanations: Path
    facts: Path
    code: Path | None = None
    """The explainer's sources; None where `measured` holds their hash."""
    replies: Path | None = None
    measured: Path | None = None
    """What `benchmark explain` found out; facts that authors tell go before it."""
    told: Mapping[str, Any] = field(default_factory=dict)
    """Facts that authors tell on the command line, which go before those of the file."""


def sources_in(folder: Path) -> Sources:
    """The files of a folder that `benchmark explain` wrote."""
    explanations, facts, measured, replies = (folder / name for name in _FILES)
    return Sources(
        explanations=explanations,
        facts=facts,
        measured=measured,
        replies=replies if replies.exists() else None,
    )


def submit(sources: Sources, bundle: Bundle, output: Path) -> None:
    """Write the folder of an entry; whether it keeps the rules is for `verify` to say.

    Raises:
        InvalidInputError: A source is missing or no strict JSON, or the folder holds something else than an entry.
    """
    if output.exists() and not _is_entry_or_empty(output):
        raise InvalidInputError(
            f"`output` must be a folder that is new or empty, or an entry to be made again. {str(output)!r} is none of "
            "these. Choose another."
        )
    for path in (sources.explanations, sources.facts, sources.code, sources.replies, sources.measured):
        if path is not None and not path.exists():
            raise InvalidInputError(f"Every source of an entry must be there. {str(path)!r} is not.")
    explanations = sources.explanations.read_bytes()
    replies = None if sources.replies is None else sources.replies.read_bytes()
    facts = _facts(sources.facts)
    measured = {} if sources.measured is None else _object(sources.measured)
    told = {**measured, **facts, **sources.told}
    if sources.code is not None:
        told["code_sha256"] = code_sha256(sources.code)
    costs = {
        name: value
        for each in (measured, facts)
        if isinstance(each.get("costs"), dict)
        for name, value in each["costs"].items()
    }
    found = {
        "schema_version": 1,
        "bundle": {"name": bundle.manifest.name, "sha256": bundle.sha256},
        "environment": environment(),
        **told,
        "costs": {
            "seconds": _seconds(explanations),
            "vlm_calls": n_lines(replies or b""),
            "vlm_tokens": 0,
            "dollars": None,
            "peak_memory_mb": 0.0,
            **costs,
        },
    }
    write_entry(output, entry_files(found, explanations=explanations, replies=replies))


def _is_entry_or_empty(folder: Path) -> bool:
    names = {path.name for path in folder.iterdir()} if folder.is_dir() else None
    return names == set() or (names is not None and ENTRY in names and names <= limits.FILE_BYTES.keys())


def _facts(path: Path) -> dict[str, Any]:
    facts = _object(path)
    if ours := [name for name in _OURS if name in facts]:
        raise InvalidInputError(f"`submit` fills in `{ours[0]}` itself. Leave it out of {str(path)!r}.")
    return facts


def _object(path: Path) -> dict[str, Any]:
    try:
        facts = parsed(path.read_bytes(), at_most=limits.FILE_BYTES[ENTRY])
    except NotStrict as error:
        raise InvalidInputError(f"{str(path)!r} {error}. Mend it, and give the command again.") from error
    if not isinstance(facts, dict):
        raise InvalidInputError(
            f"{str(path)!r} must hold a JSON object. `python -m leaderboard example facts` shows one."
        )
    return facts


def _seconds(explanations: bytes) -> float:
    """Seconds of all trials; what is no answer is found by verification."""
    total = 0.0
    for line in explanations.splitlines():
        try:
            seconds = parsed(line, at_most=limits.LINE_BYTES)["seconds"]
        except (NotStrict, TypeError, KeyError):
            continue
        total += seconds if isinstance(seconds, int | float) else 0.0
    return round(total, 6)
