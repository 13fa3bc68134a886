"""FalseAlarms: how often an explainer sees a change where there is none."""

from benchmark.score.claims import Answer, Levels, is_changed
from benchmark.score.row_metric import Direction, MetricFacts, ModelMetric


class FalseAlarms(ModelMetric):
    """Share of models that nothing was done to about which something is claimed."""

    higher_is_better: bool | None = False

    def __init__(self) -> None:
        super().__init__(FALSE_ALARM_FACTS)

    def worth(self, answer: Answer, levels: Levels) -> float | None:
        return false_alarm(answer, levels)


FALSE_ALARM_FACTS = MetricFacts(
    name="false_alarms", direction=Direction.LOWER, best=0.0, worst=1.0, chance=1.0
)
"""An explainer without information claims something of every model."""


def false_alarm(answer: Answer, levels: Levels) -> float | None:
    """1 if anything is claimed of a model that nothing was done to, else 0; None where something was.

    An unreadable answer is not silence and counts as an alarm: else refusing would pay.
    """
    return None if is_changed(levels) else float(not answer.is_silent)
