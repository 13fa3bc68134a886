"""A run as values: what is planned, how far it is, and what came of it."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from benchmark.plan.trials import Group
from benchmark.record.records import GroupRecord
from benchmark.score.scores import ScoreRow
from finexl.errors import FinexlError, InvalidInputError
from finexl.explain.folding import counted
from finexl.explain.text_files import some_of
from finexl.notices import Notice

EXPLANATIONS = "explanations.jsonl"
"""The file by which the folder of a run is known."""
RESULTS = "results.json"
"""What is left of a run whose results were replaced."""
_OF_NO_RUN = ("groups.jsonl", "measured.json", "entry.json")
"""Files beside explanations that are of a bundle's models, or of an entry of a leaderboard."""
_SHOWN = 200
"""Letters of what is wrong with a file."""
_LONGEST = 120
"""Bytes of a file's name; file systems take 255."""
TOLERATED_FAILURES = 0.1
"""Share of models without a reading because something failed, above which a run is not called a success."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFiles:
    """Where a run leaves its results, all in one folder."""

    folder: Path

    @property
    def explanations(self) -> Path:
        return self.folder / EXPLANATIONS

    @property
    def readings(self) -> Path:
        return self.folder / "readings.jsonl"

    @property
    def certificates(self) -> Path:
        return self.folder / "certificates.jsonl"

    @property
    def results(self) -> Path:
        return self.folder / RESULTS

    @property
    def costs(self) -> Path:
        return self.folder / "costs.json"

    @property
    def report(self) -> Path:
        return self.folder / "report.html"

    @property
    def events(self) -> Path:
        return self.folder / "events.jsonl"

    @property
    def grids(self) -> Path:
        return self.folder / "grids"

    def grid(self, group: Group) -> Path:
        """The image grid of a group; of a name that no file can have, the beginning and a hash of it all."""
        slug = "".join(letter if letter.isalnum() or letter in "_." else "-" for letter in group.id)
        plain = slug.encode("utf-8", "replace")
        # slashes and plus signs join the parts of an id; in most nothing else is changed
        is_plain = slug == group.id.replace("/", "-").replace("+", "-") and "-" not in group.id
        if not is_plain or len(plain) > _LONGEST or any({*"/+"} & {*aspect} for aspect in group.aspects):
            mark = sha256(group.id.encode("utf-8", "replace")).hexdigest()[:8]
            slug = f"{plain[:_LONGEST].decode('utf-8', 'ignore')}-{mark}"
        return self.grids / f"{slug}.png"


class Folders(NamedTuple):
    """Folders with explanations, each once, in alphabetical order below each place where they were looked for."""

    runs: tuple[Path, ...]
    others: tuple[Path, ...]
    """What holds explanations and is of no run."""

    @property
    def told(self) -> tuple[str, ...]:
        """For people: what is passed over, in a line if there is any."""
        if not self.others:
            return ()
        return (
            f"Passed over {counted(len(self.others), 'folder')} with explanations of a bundle, which are no run: "
            f"{some_of([str(each) for each in self.others])}.",
        )


def folders_of_runs(places: Sequence[Path]) -> Folders:
    """Every folder of a run at or below `places`, and what looks like one.

    Results that a run replaced, in `earlier/` of its folder, are found where they are named themselves.

    Raises:
        InvalidInputError: A place holds neither, or none holds a run.
    """
    found: dict[Path, None] = {}
    for place in places:
        here = (
            [place]
            if any((place / file).is_file() for file in (EXPLANATIONS, RESULTS))
            else sorted(each.parent for each in place.rglob(EXPLANATIONS))
        )
        if not here:
            raise InvalidInputError(
                f"The folder of a run must hold {EXPLANATIONS}. {str(place)!r} does not, nor any folder in it. "
                "Runs are written to runs/<scenario>-<preset>, or where output= said."
            )
        found |= dict.fromkeys(here)
    runs = tuple(filter(_is_run, found))
    others = tuple(each for each in found if each not in runs)
    if others and not runs:
        raise InvalidInputError(
            f"A folder of a run is needed. Got {some_of([repr(str(each)) for each in others])}: explanations of a "
            "bundle, which are no run. `python -m leaderboard --help` says what is made of them; runs are written to "
            "runs/<scenario>-<preset>, or where output= said."
        )
    return Folders(runs=runs, others=others)


def _is_run(folder: Path) -> bool:
    return (folder / RESULTS).is_file() or not any((folder / name).is_file() for name in _OF_NO_RUN)


def read_left(path: Path) -> dict[str, Any]:
    """What a finished run left in a file.

    Raises:
        InvalidInputError: It is not there yet, or is no object of JSON.
    """
    if not path.is_file():
        raise unfinished(repr(str(path)))
    with left_whole(path):
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, dict):
            raise TypeError(f"it holds no object but a {type(found).__name__}")
        return found


@contextmanager
def left_whole(*files: Path) -> Iterator[None]:
    """Within the block what files of a run lack, or hold in another form, is told with their names.

    Raises:
        InvalidInputError: They lack something, or hold it in another form.
    """
    try:
        yield
    except FinexlError:
        raise
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as reason:
        lacks = f"{reason} is missing" if isinstance(reason, KeyError) else " ".join(str(reason).split())
        raise InvalidInputError(
            f"What a run left must be whole. {' or '.join(repr(str(file)) for file in files)} is not: "
            f"{lacks[:_SHOWN]}. Give the command that started the run again; what is kept is not asked again."
        ) from reason


def unfinished(what: str) -> InvalidInputError:
    """The error for what a run has not left yet."""
    return InvalidInputError(
        f"A finished run is needed. {what} is not there yet. "
        "Give the command that started the run again; it goes on where it stopped."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """What a run is about to do."""

    name: str
    files: RunFiles
    groups: tuple[Group, ...]
    explainers: tuple[str, ...]
    n_reused: int
    """Records that earlier runs left whole."""
    replaced: Path | None = None
    """Where the results are kept that lay here of other explainers or another seed."""
    unrecorded: Path | None = None
    """The file that replies should be written to, where there is nothing left to ask."""

    @property
    def n_records(self) -> int:
        return len(self.groups) * len(self.explainers)

    @property
    def n_trials(self) -> int:
        return sum(len(group.trials) for group in self.groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a stage is."""

    stage: str
    done: int
    total: int
    label: str = ""
    seconds_left: float | None = None
    """For the whole stage; None where it is not known yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """What a run found: every record of the plan, and the scores recomputed from them."""

    plan: RunPlan
    records: tuple[GroupRecord, ...]
    rows: tuple[ScoreRow, ...]
    notices: tuple[Notice, ...] = ()
    """What was left out, cut, converted or fallen back on."""

    @property
    def reasons(self) -> tuple[tuple[str, int], ...]:
        """Why models have no reading and questions no answer, the most frequent first."""
        found: Counter[str] = Counter()
        for record in self.records:
            found.update(record.reasons)
        return tuple(sorted(found.items(), key=lambda one: (-one[1], one[0])))

    @property
    def failed_share(self) -> float:
        """Share of all explanations that failed or timed out, in [0, 1]."""
        n_trials = sum(len(record.trials) for record in self.records)
        return sum(record.n_failed for record in self.records) / max(n_trials, 1)

    @property
    def is_sound(self) -> bool:
        """Whether few enough explanations failed for the scores to mean something."""
        return self.failed_share <= TOLERATED_FAILURES
