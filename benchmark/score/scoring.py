"""How scenarios are scored, as values: a metric is imported when a score is made, since it needs torch."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoring:
    """How a scenario is scored."""

    metric: str
    """`package.module:Class` of a `GroupMetric`, made with a group's number of models, or of a `ModelMetric`."""
    is_ladder: bool
    """Whether models are levels of one aspect, so that words that name it can be counted."""
    is_per_model: bool = False
    """Whether every model of a group has a credit of its own."""


LADDER = Scoring(metric="benchmark.score.rank_mae:RankMAE", is_ladder=True)
"""Levels of one aspect: how far the ranks that were read are from the true ones."""
SELECTION = Scoring(
    metric="benchmark.score.selection_accuracy:SelectionAccuracy", is_ladder=False, is_per_model=True
)
"""Mixtures: for each wish, whether the model that fits it best was picked."""
ORDERING = Scoring(metric="benchmark.score.ordering_accuracy:OrderingAccuracy", is_ladder=False)
"""Pairs of models of which it is known which shows more of an aspect."""
SILENCE = Scoring(metric="benchmark.score.false_alarms:FalseAlarms", is_ladder=False)
"""Models that nothing was done to: how often something is claimed of them all the same."""
METRICS = tuple(scoring.metric for scoring in (LADDER, SELECTION, ORDERING, SILENCE))
