"""FalseAlarms: how often something is claimed of a model that nothing was done to."""

from collections.abc import Sequence

from benchmark.score.row_metric import TIE, Direction, GroupMetric, MetricFacts, Readings, Truths


class FalseAlarms(GroupMetric):
    """Share of models without any change of which an explanation claims one."""

    higher_is_better: bool | None = False

    def __init__(self, n_models: int) -> None:
        super().__init__(n_models, false_alarm_facts())

    def worth(self, truths: Truths, readings: Readings) -> Sequence[float]:
        """1 for every unchanged model of which something was read, 0 where nothing was."""
        return tuple(
            float(reading is None or any(abs(value) > TIE for value in reading))
            for truth, reading in zip(truths, readings, strict=True)
            if not any(truth)
        )


def false_alarm_facts() -> MetricFacts:
    """FalseAlarms; who always claims something, whatever is shown, is always wrong."""
    return MetricFacts(name="false_alarms", direction=Direction.LOWER, best=0.0, chance=1.0, worst=1.0)
