"""From records to scores: one row per explainer and scenario, with all its scores, intervals, chance and costs.

Scores are recomputed from records alone, so that a change of a metric needs no new explanations. The unit of inference
is the group; a row keeps what every unit is worth, so that rows are compared in pairs (`benchmark.score.comparisons`).
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any, Literal

import numpy as np

from benchmark.record.records import GroupRecord, Track
from benchmark.score.kendall_tau import kendall_tau_b
from benchmark.score.measures import Measured, certified, group_value, measured, own_measured
from benchmark.score.naming_accuracy import naming_accuracy
from benchmark.score.redraws import mean_of_draws
from benchmark.score.scoring import Scoring
from benchmark.score.sharing import design_effect
from benchmark.score.statistics import t_interval

COSTS = ("seconds", "vlm_calls", "vlm_tokens", "dollars", "peak_memory_mb")
"""What differs from run to run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How right one explainer was in one respect."""

    name: str
    direction: Literal["lower", "higher"]
    value: float
    low: float | None
    """95% interval; None where too few units say anything about spread."""
    high: float | None
    chance: float
    """Expected score of answers without information."""
    n: int
    """Independent units: groups."""
    certified_value: float | None
    """The score without aspects whose truth is not certified; None if there are none."""
    certified_chance: float | None
    """Chance there: with fewer aspects fewer models are left to choose from."""
    units: tuple[tuple[str, float], ...]
    """What every unit is worth, by group; their mean is the value. None where units have no worth of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRow:
    """How right one explainer was in one scenario."""

    scenario: str
    explainer: str
    track: Track
    scores: tuple[Score, ...]
    """The scenario's own score first."""
    n_groups: int
    n_certified: int
    """Groups of which every aspect is certified."""
    n_models: int
    n_unreadable: int
    outcomes: tuple[tuple[str, int], ...]
    """How the models' explanations were read, in alphabetical order."""
    naming_accuracy: float | None
    """Share of explanations whose words name the true aspect first; None where several aspects are true."""
    tau: float | None
    """Kendall's τ-b, mean over the series where it is defined; None where there is none."""
    seconds: float
    vlm_calls: int
    vlm_tokens: int
    dollars: float | None
    """None where a price is not known."""
    peak_memory_mb: float
    """Of the group that took most."""
    aspects: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """What every group asks about: groups that share aspects are not independent. None in rows of earlier versions."""

    @property
    def own(self) -> Score:
        """The scenario's own score."""
        return self.scores[0]

    @property
    def value(self) -> float:
        """The value of the scenario's own score."""
        return self.own.value

    @property
    def chance(self) -> float:
        """Chance in the scenario's own score."""
        return self.own.chance

    def find(self, name: str) -> Score | None:
        """The score of this name, if the row has it."""
        return next((score for score in self.scores if score.name == name), None)

    def without_cost(self) -> dict[str, Any]:
        """The part that the same seed repeats."""
        row = {name: value for name, value in asdict(self).items() if name not in COSTS}
        scores = [{**score, "units": dict(score["units"])} for score in row["scores"]]
        return {**row, "scores": scores, "outcomes": dict(self.outcomes), "aspects": dict(self.aspects)}


def row_from(given: Mapping[str, Any]) -> ScoreRow:
    """A row of what `without_cost` gave, with costs beside it."""
    scores = tuple(Score(**{**score, "units": tuple(score["units"].items())}) for score in given["scores"])
    aspects = tuple((group, tuple(names)) for group, names in given.get("aspects", {}).items())
    outcomes = tuple(given["outcomes"].items())
    return ScoreRow(**{**given, "scores": scores, "outcomes": outcomes, "aspects": aspects})


def score_rows(records: Sequence[GroupRecord], *, scorings: Mapping[str, Scoring]) -> tuple[ScoreRow, ...]:
    """Rows by scenario, explainers in the order of their first record; no row where no truth is known.

    `scorings` says how each scenario is scored, and in which order they come.
    """
    explainers = dict.fromkeys(record.explainer for record in records)
    cells = [
        (scoring, [one for one in records if (one.scenario, one.explainer) == (scenario, explainer)])
        for scenario, scoring in scorings.items()
        for explainer in explainers
    ]
    return tuple(row for scoring, cell in cells if cell and (row := _row(cell, scoring)) is not None)


def own_score(records: Sequence[GroupRecord], scoring: Scoring) -> Score | None:
    """The scenario's own score of one explainer, as its row has it; None where no truth is known."""
    return next(iter(_scores(records, scoring, measure=own_measured)), None)


def group_score(record: GroupRecord, scoring: Scoring) -> float | None:
    """The scenario's own score of one explainer on one group; None where no truth is known."""
    return group_value(record, scoring)


def best_first(rows: Sequence[ScoreRow]) -> list[ScoreRow]:
    """Rows of one scenario, the best score first; equal scores keep their order."""
    return sorted(rows, key=lambda row: row.value if row.own.direction == "lower" else -row.value)


def _row(records: Sequence[GroupRecord], scoring: Scoring) -> ScoreRow | None:
    scores = _scores(records, scoring, measure=measured)
    if not scores:
        return None
    trials, costs = [trial for record in records for trial in record.trials], [one.cost for one in records]
    prices = [cost.dollars for cost in costs]
    return ScoreRow(
        scenario=records[0].scenario,
        explainer=records[0].explainer,
        track=records[0].track,
        scores=scores,
        n_groups=len(records),
        n_certified=sum(record.certified for record in records),
        n_models=len(trials),
        n_unreadable=sum(trial.reading is None for trial in trials),
        outcomes=tuple(sorted(Counter(trial.outcome for trial in trials).items())),
        naming_accuracy=_naming(records) if scoring.is_ladder else None,
        tau=_tau(records) if scoring.is_ladder else None,
        seconds=sum(cost.seconds for cost in costs),
        vlm_calls=sum(cost.vlm_calls for cost in costs),
        vlm_tokens=sum(cost.vlm_tokens for cost in costs),
        dollars=sum(price for price in prices if price is not None) if None not in prices else None,
        peak_memory_mb=max(cost.peak_memory_mb for cost in costs),
        aspects=tuple({record.group: record.aspects for record in records}.items()),
    )


def _scores(
    records: Sequence[GroupRecord],
    scoring: Scoring,
    *,
    measure: Callable[[Sequence[GroupRecord], Scoring], tuple[Measured, ...]],
) -> tuple[Score, ...]:
    sure = [kept for record in records if (kept := certified(record)) is not None]
    certain = {one.facts.name: one for one in mean_of_draws(sure, scoring, measure=measure)} if sure else {}
    aspects = {record.group: record.aspects for record in records}
    return tuple(
        _score(one, certain.get(one.facts.name), aspects)
        for one in mean_of_draws(records, scoring, measure=measure)
    )


def _score(found: Measured, certain: Measured | None, aspects: Mapping[str, tuple[str, ...]]) -> Score:
    facts, units = found.facts, tuple(found.units.items())
    interval = None
    if units:
        worths = [*found.units.values()]
        effect = float(design_effect(np.array([worths]), [aspects[group] for group in found.units])[0])
        interval = t_interval(worths, ends=(facts.best, facts.worst), effect=effect)
    return Score(
        name=facts.name,
        direction=facts.direction.value,
        value=found.value,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        chance=found.chance,
        n=len(units),
        certified_value=certain.value if certain else None,
        certified_chance=certain.chance if certain else None,
        units=units,
    )


def _naming(records: Sequence[GroupRecord]) -> float:
    pairs = [(trial.named, record.aspects[0]) for record in records for trial in record.trials]
    return naming_accuracy([named for named, _ in pairs], [true for _, true in pairs])


def _tau(records: Sequence[GroupRecord]) -> float | None:
    taus = [
        kendall_tau_b(
            [None if trial.reading is None else trial.reading[0] for trial in record.trials],
            [trial.truth[0] for trial in record.trials],
        )
        for record in records
    ]
    defined = [tau for tau in taus if tau is not None]
    return fmean(defined) if defined else None
