"""What a run writes down: what was said, how it was read and what is true, as three facts, and the three together.

Each fact has a key of its own, so that another reader asks no explainer again and no reader touches the truth:
an explanation is kept as it was said, with nothing of a reader or a truth beside it; a reading belongs to the very
words that were read; a certificate belongs to the images. `GroupRecord` joins them for results and scores.
"""

from collections import Counter
from dataclasses import asdict
from functools import cached_property
from hashlib import sha256
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, Field

from benchmark.record.files import strict_json
from finexl.notices import Notice
from finexl.values import AnyExplanation, NoExplanation

Finite = Annotated[float, Field(allow_inf_nan=False)]
Outcome = Literal["ok", "refused", "empty", "cut", "unparsable", "timeout", "failed"]
PASSING: frozenset[str] = frozenset({"failed", "timeout"})
"""Outcomes that say nothing about a model and that asking again may mend; refusals and the like are answers."""


def outcome_of(reason: str) -> Outcome:
    """The outcome of a typed failure; an unknown reason is a failure too."""
    known = {outcome: outcome for outcome in get_args(Outcome) if outcome != "ok"}
    return known.get(reason, "failed")


class Strict(BaseModel, frozen=True, extra="forbid"):
    """Immutable, without unknown fields and without NaN."""


class Record(Strict, frozen=True):
    """A fact about a group of models; one line of a log."""

    schema_version: int = 1
    key: Strict
    """What makes two records the same piece of work."""
    notices: tuple[Notice, ...] = ()
    """What was left out, cut, converted or fallen back on meanwhile."""

    @property
    def n_failed(self) -> int:
        """Models about which asking again may say more."""
        return 0


class Cost(Strict, frozen=True):
    """Seconds and calls; kept apart from the rest, since it differs from run to run."""

    seconds: Finite
    vlm_calls: int = 0
    vlm_tokens: int = 0
    cut_texts: int = 0
    """Texts that were longer than the encoder's context and lost their end."""
    peak_memory_mb: Finite = 0.0
    dollars: Finite | None = None
    """What the questions cost; None where no price is known."""


class ExplanationKey(Strict, frozen=True):
    """Who explained which images."""

    explainer_key: str
    """Hash of the explainer's settings, its encoder id and its VLM id."""
    pairs: tuple[str, ...]
    """Content keys of the image pairs, in trial order."""
    version: str
    """Version of the code that shows images and takes answers."""


class ExplanationRecord(Record, frozen=True):
    """What one explainer said of every model of a group, word for word."""

    key: ExplanationKey
    explainer: str
    group: str
    """For people, like `explainer`: the key names both by what counts."""
    said: tuple[AnyExplanation, ...]
    cost: Cost
    unanswered: dict[str, int] = {}
    """The first different reasons for which questions to a model got no answer, with how often each came."""

    @cached_property
    def words(self) -> tuple[str, ...]:
        """A hash of what was said of each model; notes are no part of it, since no reader sees them."""
        return tuple(
            sha256(strict_json({**asdict(one), "notes": None}).encode()).hexdigest()[:16] for one in self.said
        )

    @property
    def n_failed(self) -> int:
        return sum(isinstance(one, NoExplanation) and one.reason in PASSING for one in self.said)


class ReadingKey(Strict, frozen=True):
    """Who read which words, and was asked what."""

    reader: str
    aspects: tuple[str, ...]
    """What was asked about."""
    corpus_aspects: tuple[str, ...]
    """What the explanations may name."""
    words: tuple[str, ...]
    """The `words` of an `ExplanationRecord`, whoever said them."""
    version: str
    """Version of the code that reads."""


class ReadClaim(Strict, frozen=True):
    """A claim within the reading budget, as a reader understood it.

    Shares sum to 1, or there are none. A composite style is one entry where the corpus has it as an aspect of its own:
    whoever judges that claim by elementary truth, or the other way, takes its parts from the world's `COMPOSITES`.
    Elsewhere it is its parts already: "vintage" is sepia by 3/8, grainy by 1/4 and vignetted by 3/8. Words that
    several labels share count for each in equal parts.
    """

    concept: str
    """The words of the claim."""
    amount: Finite
    """Signed, never 0: below zero, less of it ("less vivid" at 0.5 is -0.5). Of a text the level of its degree."""
    aspects: tuple[tuple[str, Finite], ...] = ()
    """Aspects that the words name, with their shares of the amount; none where no aspect is known by them."""


class Reading(Strict, frozen=True):
    """What a reader made of one explanation."""

    values: tuple[Finite, ...] | None
    """One number per aspect asked about, or None (unreadable)."""
    outcome: Outcome
    """`ok`, or why there are no values; an explanation that says nothing of an aspect says 0."""
    detail: str = ""
    named: str | None = None
    """The aspect of the corpus that the explanation names foremost; None if none, or if several tie."""
    claims: tuple[ReadClaim, ...] = ()
    """The claims that were read, strongest first; none of an explanation that claims nothing."""
    replies: tuple[str, ...] = ()
    """The judge's raw lines."""


class ReadingRecord(Record, frozen=True):
    """How one reader read what was said of every model of a group."""

    key: ReadingKey
    explainer: str
    group: str
    """For people, like `explainer`: one who said these words, and of what."""
    readings: tuple[Reading | None, ...]
    """What the reader made of each model, in trial order; None where the explainer said nothing of it."""

    @property
    def n_failed(self) -> int:
        return sum(reading is not None and reading.outcome in PASSING for reading in self.readings)


class CertificateKey(Strict, frozen=True):
    """Which images should grow with which levels."""

    pairs: tuple[str, ...]
    """Content keys of the image pairs, in trial order."""
    aspects: tuple[str, ...]
    """Aspects of the group, then those that nobody asks about."""
    levels: tuple[tuple[int, ...], ...]
    """Level of each of these aspects, model by model in trial order."""
    certifier: str
    """What the certifier was trained on: images, labels and code."""
    version: str
    """Version of the code that measures."""


class CertificateRecord(Record, frozen=True):
    """What certification found of every model of a group, by measures of no explainer."""

    key: CertificateKey
    group: str
    """For people."""
    divergences: tuple[Finite, ...]
    """How far each model is from its base, whatever the aspect."""
    estimates: tuple[tuple[Finite | None, ...], ...]
    """How much of each of the key's aspects each model shows; None of an aspect that the certifier does not know."""
    floors: tuple[Finite | None, ...]
    """What an estimate of each aspect must exceed: base-model images of other noise stay below."""
    certified_aspects: tuple[bool, ...]
    """Whether what was found of each aspect grows with its level, from above its floor."""


class ClaimRecord(Strict, frozen=True):
    """A claim as it was made."""

    concept: str
    amount: Finite


class TrialRecord(Strict, frozen=True):
    """One model's explanation, how it was read, and the truth."""

    trial: str
    truth: tuple[int, ...]
    """Level of each aspect of the group."""
    unasked: dict[str, int] = {}
    """Levels of aspects that nobody asks about and that are part of the truth all the same."""
    outcome: Outcome
    """`ok`, or why there is no reading."""
    detail: str = ""
    kind: Literal["scored", "text", "none"]
    claims: tuple[ClaimRecord, ...] = ()
    text: str = ""
    read_claims: tuple[ReadClaim, ...] = ()
    """The claims within the reading budget, as they were read."""
    residual: Finite | None = None
    notes: dict[str, float | int | str] = {}
    reading: tuple[Finite, ...] | None = None
    """One number per aspect of the group, or None (unreadable)."""
    named: str | None = None
    """The aspect of the corpus that the explanation's words name first, None if none."""
    replies: tuple[str, ...] = ()
    """The reader's raw replies, where a judge was asked."""
    divergence: Finite | None = None
    """Held-out measure of how far the model is from base (truth certification); None where not measured."""
    estimates: tuple[Finite | None, ...] = ()
    """How much of each aspect of the group the certifier found; none where nothing was measured."""


Track = Literal["solo", "joint", "told"]
"""What an explainer was given: one model at a time, all models of a group, or the corpus' own vocabulary."""


class Versions(Strict, frozen=True):
    """Versions of the code of each act."""

    explain: str
    read: str
    certify: str


class Provenance(Strict, frozen=True):
    """Where a record came from."""

    explainer: str
    explainer_key: str
    """Hash of the explainer's settings, its encoder id and its VLM id."""
    reader: str
    seed: int
    pairs: tuple[str, ...]
    """Content keys of the image pairs, in trial order."""
    versions: Versions


class GroupRecord(Strict, frozen=True):
    """One explainer on one group with everything needed to score it; the unit of inference."""

    schema_version: int = 1
    scenario: str
    group: str
    aspects: tuple[str, ...]
    explainer: str
    track: Track = "solo"
    n_draws: int = 1
    """Of how many draws a score is the mean; more than one for who answers by chance."""
    trials: tuple[TrialRecord, ...]
    certified: bool
    """Whether every aspect is certified, those that nobody asks about too."""
    certified_aspects: tuple[bool, ...] = ()
    """Whether what is measured of each of the group's aspects grows with its level; none where nothing was measured."""
    certified_unasked: dict[str, bool] = {}
    """The same of aspects that nobody asks about and that are part of the truth all the same."""
    provenance: Provenance
    cost: Cost
    unanswered: dict[str, int] = {}
    """The first different reasons for which the explainer's questions got no answer, with how often each came."""
    notices: tuple[Notice, ...] = ()
    """What was left out, cut, converted or fallen back on while this was explained, read or certified."""

    @property
    def reasons(self) -> dict[str, int]:
        """Why models have no reading and questions no answer, with how often."""
        found = Counter(self.unanswered)
        for trial in self.trials:
            if trial.outcome != "ok":
                found[f"{trial.outcome}: {trial.detail}" if trial.detail else trial.outcome] += 1
        return dict(found)

    @property
    def n_failed(self) -> int:
        """Models without a reading because something failed or took too long."""
        return sum(trial.outcome in PASSING for trial in self.trials)


def plain(text: object) -> str:
    """Text that every file and screen can hold: lone surrogates become question marks."""
    return str(text).encode("utf-8", "replace").decode()
