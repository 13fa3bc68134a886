"""What is measured of one explainer in one scenario: a worth of every unit, beside chance, from records alone.

The unit is the group: one personalization, as a series, a pair or a triple of aspects is. A model that several groups
share, as mixtures of nothing but base images do, counts in the first of them only.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import fmean
from typing import NamedTuple, TypeVar, assert_never

import numpy as np

from benchmark.record.records import GroupRecord
from benchmark.score.claim_f1 import claim_f1, claim_f1_chance, claim_f1_facts
from benchmark.score.claims import (
    Answer,
    Hits,
    Levels,
    amounts_of,
    answer_of,
    is_changed,
    levels_of,
    true_and_related,
    vocabulary,
)
from benchmark.score.comparability import comparability, comparability_facts, influences
from benchmark.score.facts import MetricFacts
from benchmark.score.false_alarms import FALSE_ALARM_FACTS, false_alarm
from benchmark.score.scoring import GroupScore, ModelScore, Scoring
from benchmark.score.top_naming import top_naming, top_naming_facts

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A score of one explainer in one scenario."""

    facts: MetricFacts
    value: float
    chance: float
    units: Mapping[str, float]
    """What every group is worth; their mean is the value. None where a group has no worth of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A group, and those of its models that an earlier group has counted."""

    record: GroupRecord
    repeated: frozenset[str] = frozenset()


class Worth(NamedTuple):
    """What something is worth, and what an answer without information would be."""

    value: float
    chance: float


OfModel = Callable[[Answer, Levels], float | None]
"""What one model's answer is worth; None where this is no matter of the score."""


def measured(records: Sequence[GroupRecord], scoring: Scoring) -> tuple[Measured, ...]:
    """All scores of one explainer in one scenario, the scenario's own first; none where no truth is known."""
    cases = _cases(records)
    own = _own(cases, scoring)
    if own is None:
        return ()
    if own.facts == FALSE_ALARM_FACTS:  # of models that nothing was done to all scores say the same
        return (own,)
    words = vocabulary({name for case in cases for _, levels in _answers(case.record) for name in levels})
    others = (
        _of_models(cases, claim_f1_facts(len(words)), claim_f1, lambda levels: _f1_chance(levels, words)),
        _of_models(
            cases, top_naming_facts(len(words)), top_naming, lambda levels: _top_chance(levels, words)
        ),
        _comparability(cases) if records[0].track == "solo" else None,
        _of_models(cases, FALSE_ALARM_FACTS, false_alarm, lambda _: FALSE_ALARM_FACTS.chance),
    )
    return (own, *(one for one in others if one is not None))


def own_measured(records: Sequence[GroupRecord], scoring: Scoring) -> tuple[Measured, ...]:
    """The scenario's own score alone, the first of `measured`; none where no truth is known."""
    own = _own(_cases(records), scoring)
    return () if own is None else (own,)


def group_value(record: GroupRecord, scoring: Scoring) -> float | None:
    """The scenario's own score of one explainer on one group; None where no truth is known."""
    found = _own((Case(record=record),), scoring)
    return None if found is None else found.value


def certified(record: GroupRecord) -> GroupRecord | None:
    """A record of the aspects whose truth is certified, without models that another one moved; None if none is left.

    A model may also be moved by an aspect that nobody asks about, whose truth may be uncertified too.
    """
    flags = record.certified_aspects or (record.certified,) * len(record.aspects)
    kept = [index for index, flag in enumerate(flags) if flag]
    moved = [index for index, flag in enumerate(flags) if not flag]
    unsure = {name for name, flag in record.certified_unasked.items() if not flag}
    if not moved and not unsure:
        return record
    models = [
        (
            trial.model_copy(update={"truth": _at(trial.truth, kept), "reading": _at(trial.reading, kept)}),
            pairs,
        )
        for trial, pairs in zip(record.trials, record.provenance.pairs, strict=True)
        if not any(trial.truth[index] for index in moved)
        and not any(trial.unasked.get(name) for name in unsure)
    ]
    if not kept or len(models) < 2:
        return None
    trials, pairs = zip(*models, strict=True)
    return record.model_copy(
        update={
            "aspects": _at(record.aspects, kept),
            "trials": trials,
            "certified_aspects": (True,) * len(kept),
            "provenance": record.provenance.model_copy(update={"pairs": pairs}),
        }
    )


def _at(values: tuple[T, ...] | None, places: Sequence[int]) -> tuple[T, ...] | None:
    return values and tuple(values[place] for place in places)


def _cases(records: Sequence[GroupRecord]) -> tuple[Case, ...]:
    """Groups with the models that they share with an earlier one: same images, or unchanged and as far from base.

    Mixtures of base images alone train on the same images, whatever aspects their recipes name.
    """
    seen: set[object] = set()
    cases = []
    for record in records:
        repeated = set()
        for trial, pairs in zip(record.trials, record.provenance.pairs, strict=True):
            is_same_base = trial.divergence is not None and not is_changed(levels_of(record, trial))
            marks = {pairs, trial.divergence} if is_same_base else {pairs}
            if marks & seen:
                repeated.add(trial.trial)
            seen |= marks
        cases.append(Case(record=record, repeated=frozenset(repeated)))
    return tuple(cases)


def _own(cases: Sequence[Case], scoring: Scoring) -> Measured | None:
    """The scenario's own score."""
    match scoring.metric:
        case ModelScore(facts=facts, worth=worth):
            return _of_models(cases, facts, worth, lambda _: facts.chance)
        case GroupScore() as metric:
            return _of_groups(cases, metric, is_per_model=scoring.is_per_model)
        case _ as never:
            assert_never(never)


def _of_groups(cases: Sequence[Case], metric: GroupScore, *, is_per_model: bool) -> Measured | None:
    """A score of groups, whose models are compared with each other."""
    found: dict[str, Worth] = {}
    facts: MetricFacts | None = None
    # facts of each group: groups of one scenario may differ in size, and with it in chance
    for record, repeated in ((case.record, case.repeated) for case in cases):
        if not any(trial.truth for trial in record.trials):  # nothing is known of its models
            continue
        own = metric.facts(len(record.trials))
        worths = metric.worths(
            [trial.reading for trial in record.trials], [trial.truth for trial in record.trials]
        )
        if is_per_model:
            names = [trial.trial for trial in record.trials]
            worths = [worth for name, worth in zip(names, worths, strict=True) if name not in repeated]
        if worths:
            found[record.group] = Worth(fmean(worths), own.chance)
            facts = facts or own
    return None if facts is None else _mean(facts, found)


def _of_models(
    cases: Sequence[Case], facts: MetricFacts, worth: OfModel, chance: Callable[[Levels], float]
) -> Measured | None:
    """A score of models, each judged by itself; the models of a group share one weight."""
    found: dict[str, Worth] = {}
    for case in cases:
        judged = [
            Worth(value, chance(levels))
            for trial, (answer, levels) in zip(case.record.trials, _answers(case.record), strict=True)
            if trial.trial not in case.repeated and (value := worth(answer, levels)) is not None
        ]
        if judged:
            found[case.record.group] = Worth(*map(fmean, zip(*judged, strict=True)))
    return _mean(facts, found) if found else None


def _comparability(cases: Sequence[Case]) -> Measured | None:
    """Models of all groups that share an aspect, compared by what was claimed of it."""
    rows = [
        (case.record, trial, answer, levels)
        for case in cases
        for trial, (answer, levels) in zip(case.record.trials, _answers(case.record), strict=True)
        if trial.trial not in case.repeated
    ]
    shared = {
        case.record.group: {name for _, levels in _answers(case.record) for name in levels} for case in cases
    }
    aspects = sorted(set().union(*shared.values()))
    levels, amounts = np.full((2, len(rows), len(aspects)), np.nan)
    for number, (record, _, answer, of_one) in enumerate(rows):
        levels[number] = [of_one.get(name, 0) if name in shared[record.group] else np.nan for name in aspects]
        if answer.claims is not None:
            amounts[number] = amounts_of(answer.claims, aspects)
    value = comparability(levels, amounts)
    if value is None:
        return None
    facts = comparability_facts()
    units = influences(levels, amounts, [record.group for record, *_ in rows])
    return Measured(facts=facts, value=value, chance=facts.chance, units=units or {})


def _answers(record: GroupRecord) -> list[tuple[Answer, Levels]]:
    return [(answer_of(trial), levels_of(record, trial)) for trial in record.trials]


def _mean(facts: MetricFacts, found: Mapping[str, Worth]) -> Measured:
    return Measured(
        facts=facts,
        value=fmean(worth.value for worth in found.values()),
        chance=fmean(worth.chance for worth in found.values()),
        units={group: worth.value for group, worth in found.items()},
    )


def _f1_chance(levels: Levels, words: frozenset[str]) -> float:
    n_true, n_related = _hits(tuple(levels.items()), words)
    return claim_f1_chance(n_true=n_true, n_related=n_related, n_words=len(words))


def _top_chance(levels: Levels, words: frozenset[str]) -> float:
    return _hits(tuple(levels.items()), words).n_true / len(words)


@cache
def _hits(levels: tuple[tuple[str, int], ...], words: frozenset[str]) -> Hits:
    """Found once for all explainers of a model and all draws of chance."""
    return true_and_related(dict(levels), words)
