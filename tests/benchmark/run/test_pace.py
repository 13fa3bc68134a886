"""The time that is left is told from units of the same kind, and not before there are some."""

from dataclasses import replace

from ideal_bench import series

from benchmark.plan.trials import Group
from benchmark.record.records import ExplanationKey
from benchmark.run.pace import Pace
from benchmark.run.stages import BaseUnit, ExplainUnit, LearnUnit, ModelUnit, Unit

KEY = ExplanationKey(explainer_key="key", pairs=("pair",), version="1")
GROUP = series(n_levels=4)


def explaining(explainer: str, *, group: Group = GROUP) -> ExplainUnit:
    return ExplainUnit(explainer=explainer, group=group, key=KEY)


def training(n_models: int) -> ModelUnit:
    variants = tuple(trial.variant for trial in GROUP.trials[:n_models])
    return ModelUnit(variants=variants, probe=GROUP.probe)


def after(units: list[Unit], took: list[float], *, at_once: int = 1) -> float | None:
    """What is told of `units` when the first of them took so many seconds each."""
    pace = Pace(units, at_once=at_once)
    for unit, seconds in zip(units, took, strict=False):
        pace.saw(unit, seconds=seconds)
    return pace.seconds_left


def test_nothing_is_told_before_anything_is_done() -> None:
    assert after([LearnUnit(probe="certifier"), LearnUnit(probe="oracle_probe")], []) is None


def test_units_that_are_alike_take_what_they_took() -> None:
    assert after([LearnUnit(probe=name) for name in "abcd"], [10.0]) == 30.0


def test_workers_share_what_is_left() -> None:
    assert after([LearnUnit(probe=name) for name in "abcde"], [10.0], at_once=2) == 20.0


def test_no_less_is_left_than_one_unit_takes() -> None:
    assert after([LearnUnit(probe=name) for name in "ab"], [10.0], at_once=2) == 10.0


def test_a_quick_explainer_says_nothing_of_a_slow_one() -> None:
    units = [explaining(name) for name in ("constant", "finexl", "constant", "finexl")]
    assert after(units, [1.0]) is None
    assert after(units, [1.0, 60.0]) == 61.0


def test_a_training_run_takes_longer_the_more_models_it_makes() -> None:
    assert after([training(4), training(2), training(1)], [40.0]) == 30.0


def test_an_explainer_takes_its_time_for_each_model() -> None:
    small = replace(GROUP, trials=GROUP.trials[:2])
    assert after([explaining("finexl"), explaining("finexl", group=small)], [40.0]) == 20.0


def test_what_was_found_made_says_nothing_of_what_is_not() -> None:
    units: list[Unit] = [BaseUnit(probe=GROUP.probe, since=float(since)) for since in range(4)]
    assert after(units, [0.01, 30.0]) == 60.0
    assert after(units, [0.01]) is None  # so short a time is not worth telling


def test_nothing_is_told_when_all_is_done() -> None:
    assert after([LearnUnit(probe="certifier")], [10.0]) is None
