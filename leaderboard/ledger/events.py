"""The lines of the ledger: an admission, a re-scoring, an audit or a removal, each with its reason."""

from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import BaseModel, Field, model_serializer

from leaderboard.entry.schema import BundleRef, Line, Name, Sha256
from leaderboard.verify.copies import TrialSketch

Finite = Annotated[float, Field(allow_inf_nan=False)]
Day = Annotated[str, Field(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
EntryId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,39}@[0-9A-Za-z.+-]+\+[0-9a-f]{12}$")]
Role = Literal["entry", "control", "ceiling"]
"""Controls guess, or claim every word; ceilings know more than they may. Neither takes a rank."""


class Strict(BaseModel, frozen=True, extra="forbid"):
    """Immutable and without unknown fields."""


class Score(Strict, frozen=True):
    """How right an entry was in one scenario by one metric, recomputed from what it said."""

    scenario: Name
    metric: Name
    part: Literal["public", "private"] = "public"
    direction: Literal["lower", "higher"]
    unit: Literal["share", "ranks"]
    """Shares lie between 0 and 1 and are shown in hundredths; ranks are shown as they are."""
    value: Finite
    low: Finite | None
    """95 % interval; null where too few units say nothing about spread."""
    high: Finite | None
    chance: Finite | None
    n: int
    """Independent units."""
    units: dict[str, Finite] = Field(default_factory=dict)
    """What each unit is worth, for comparisons in pairs; empty where only aggregates are published."""
    certified: Finite | None
    """The value over certified groups alone; null where there are none."""
    n_certified: int
    n_groups: int

    @property
    def is_share(self) -> bool:
        """Whether it is shown in hundredths."""
        return self.unit == "share"


class Readability(Strict, frozen=True):
    """How many explanations could be read."""

    n_models: int
    n_unreadable: int
    outcomes: dict[str, int]


class Planted(Strict, frozen=True):
    """Agreement with wrong labels that were published on purpose; by chance it is a half."""

    n: int
    n_agree: int
    p: Finite
    """One-sided p of so much agreement by chance."""


class Audit(Strict, frozen=True):
    """Whether the same was said again when the submitted package was run anew."""

    status: Literal["reproduced", "differs", "not run"]
    why: Line
    """Which part was run again and how far it differs, or why nothing was."""


class Scored(Strict, frozen=True):
    """What was found when an entry was scored."""

    code: Line
    """Version of the code that scores, and the reader."""
    scores: tuple[Score, ...]
    readability: Readability
    aspects: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """What each unit asks about: units that share aspects are not independent."""
    planted: Planted | None = None
    private_part: Sha256 | None = None
    """The hash of the private part that private scores are of; lines from before it was noted have none."""

    @model_serializer(mode="wrap")
    def _as_it_was_written(self, write: Callable[["Scored"], dict[str, object]]) -> dict[str, object]:
        told = write(self)
        if self.private_part is None:  # lines must stay as they are, to the byte
            del told["private_part"]
        return told


class Admission(Strict, frozen=True):
    """An entry came onto the board."""

    kind: Literal["admission"] = "admission"
    entry: EntryId
    sha256: Sha256
    """Hash of its entry.json."""
    bundle: BundleRef
    authors: tuple[str, ...]
    role: Role
    scored: Scored
    audit: Audit
    sketch: dict[str, TrialSketch]
    """By which copies are found."""


class Rescoring(Strict, frozen=True):
    """An entry was scored again, since a reader or metric changed or somebody asked."""

    kind: Literal["rescoring"] = "rescoring"
    entry: EntryId
    scored: Scored
    audit: Audit


class Audited(Strict, frozen=True):
    """What an entry's explainer says was made a second time, after it was admitted."""

    kind: Literal["audit"] = "audit"
    entry: EntryId
    audit: Audit


class Removal(Strict, frozen=True):
    """An entry left the board; its name stays taken and its copies stay copies."""

    kind: Literal["removal"] = "removal"
    entry: EntryId


Event = Annotated[Admission | Rescoring | Audited | Removal, Field(discriminator="kind")]


class LedgerLine(Strict, frozen=True):
    """One line: what happened, when and why, and the hash of the line before."""

    schema_version: Literal[1] = 1
    number: int = Field(ge=1)
    day: Day
    reason: Line
    event: Event
    previous: Sha256
    """Hash of the line before; zeros before the first."""
