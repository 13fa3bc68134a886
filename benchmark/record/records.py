"""Records: one line of JSON for each explainer × group, with everything needed to re-score it.

A record holds the raw explanations, the readings and the provenance; scores are recomputed from records.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Finite = Annotated[float, Field(allow_inf_nan=False)]
Outcome = Literal["ok", "refused", "empty", "unparsable", "timeout", "failed", "unmatched"]
PASSING: frozenset[Outcome] = frozenset({"failed", "timeout"})
"""Outcomes that say nothing about a model and that asking again may mend; refusals and the like are answers."""


class Strict(BaseModel):
    """Immutable, without unknown fields and without NaN."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ConceptRecord(Strict):
    """A reported concept and its score."""

    concept: str
    score: Finite


class TrialRecord(Strict):
    """One model's explanation, how it was read, and the truth."""

    trial: str
    truth: tuple[int, ...]
    outcome: Outcome
    """`ok`, or why there is no reading; `unmatched` = an explanation that names none of the aspects."""
    detail: str = ""
    kind: Literal["scored", "text", "none"]
    concepts: tuple[ConceptRecord, ...] = ()
    text: str = ""
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


class Provenance(Strict):
    """Where a record came from."""

    benchmark_version: str
    explainer: str
    explainer_key: str
    """Hash of the explainer's settings, its encoder id and its VLM id."""
    reader: str
    seed: int
    pairs: tuple[str, ...]
    """Content keys of the image pairs, in trial order."""
    question: str = ""
    """Hash of what is asked about the group: its aspects, the truth of its trials, and the corpus' aspects."""


class Cost(Strict):
    """Seconds and calls; kept apart from the rest, since it differs from run to run."""

    seconds: Finite
    vlm_calls: int = 0
    vlm_tokens: int = 0
    cut_texts: int = 0
    """Texts that were longer than the encoder's context and lost their end."""
    peak_memory_mb: Finite = 0.0


class GroupRecord(Strict):
    """One explainer on one group; the unit of inference."""

    schema_version: int = 1
    scenario: str
    group: str
    aspects: tuple[str, ...]
    explainer: str
    trials: tuple[TrialRecord, ...]
    certified: bool
    """Truth certification: Kendall τ between level and measured divergence ≥ .8 (series), else True."""
    provenance: Provenance
    cost: Cost

    @property
    def n_failed(self) -> int:
        """Models without a reading because something failed or took too long."""
        return sum(trial.outcome in PASSING for trial in self.trials)
