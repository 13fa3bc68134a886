"""FalseAlarms: how often an explainer sees a change where there is none."""

from typing import TYPE_CHECKING

from benchmark.score.claims import Answer, Levels, is_changed
from benchmark.score.facts import Direction, MetricFacts, late

if TYPE_CHECKING:
    from benchmark.score.row_metric import FalseAlarms as FalseAlarms


FALSE_ALARM_FACTS = MetricFacts(
    name="false_alarms", direction=Direction.LOWER, best=0.0, worst=1.0, chance=1.0
)
"""An explainer without information claims something of every model."""


def false_alarm(answer: Answer, levels: Levels) -> float | None:
    """1 if anything is claimed of a model that nothing was done to, else 0; None where something was.

    An unreadable answer is not silence and counts as an alarm: else refusing would pay.
    """
    return None if is_changed(levels) else float(not answer.is_silent)


def __getattr__(name: str) -> object:
    return late("FalseAlarms", name, module=__name__)
