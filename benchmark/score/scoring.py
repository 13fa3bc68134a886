"""How scenarios are scored, as values."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmark.score.claims import Answer, Levels
from benchmark.score.facts import MetricFacts, Readings, Truths
from benchmark.score.false_alarms import FALSE_ALARM_FACTS, false_alarm
from benchmark.score.ordering_accuracy import ordering_credits, ordering_facts
from benchmark.score.rank_mae import rank_mae_facts, series_error
from benchmark.score.selection_accuracy import selection_credits, selection_facts


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupScore:
    """A score of models of a group whose readings are compared with each other."""

    facts: Callable[[int], MetricFacts]
    """Of a group of so many models: its chance may be a matter of their number."""
    worths: Callable[[Readings, Truths], Sequence[float]]
    """One number for each thing that is right or wrong on its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelScore:
    """A score of models, each judged by itself."""

    facts: MetricFacts
    worth: Callable[[Answer, Levels], float | None]
    """None where a model is no matter of the score."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoring:
    """How a scenario is scored."""

    metric: GroupScore | ModelScore
    is_ladder: bool
    """Whether models are levels of one aspect, so that words that name it can be counted."""
    is_per_model: bool = False
    """Whether every model of a group has a credit of its own."""


LADDER = Scoring(metric=GroupScore(facts=rank_mae_facts, worths=series_error), is_ladder=True)
"""Levels of one aspect: how far the ranks that were read are from the true ones."""
SELECTION = Scoring(
    metric=GroupScore(facts=selection_facts, worths=selection_credits), is_ladder=False, is_per_model=True
)
"""Mixtures: for each wish, whether the model that fits it best was picked."""
ORDERING = Scoring(
    metric=GroupScore(facts=lambda _: ordering_facts(), worths=ordering_credits), is_ladder=False
)
"""Pairs of models of which it is known which shows more of an aspect."""
SILENCE = Scoring(metric=ModelScore(facts=FALSE_ALARM_FACTS, worth=false_alarm), is_ladder=False)
"""Models that nothing was done to: how often something is claimed of them all the same."""
