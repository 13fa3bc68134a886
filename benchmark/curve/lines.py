"""Scores over numbers of prompts, as values: every score of every explainer is a line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from benchmark.curve.points import Point
from benchmark.score.scores import Score, ScoreRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A score at a point."""

    n_shown: int
    value: float
    low: float | None
    """95% interval; None where there are too few units for one."""
    high: float | None
    n: int
    """Independent units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One score of one explainer in one scenario over numbers of prompts."""

    scenario: str
    score: str
    direction: Literal["lower", "higher"]
    chance: float
    """Expected score of answers without information."""
    explainer: str
    paired: bool
    spots: tuple[Spot, ...]
    """By number of prompts."""


def lines_of(rows: Mapping[Point, Sequence[ScoreRow]]) -> tuple[Line, ...]:
    """Every score of every row as lines over points: by scenario and score, explainers in their order."""
    spots: dict[tuple[str, str, str, bool], dict[int, tuple[Score, Spot]]] = {}
    for point, found in rows.items():
        for row in found:
            for score in row.scores:
                spot = Spot(
                    n_shown=point.n_shown, value=score.value, low=score.low, high=score.high, n=score.n
                )
                key = (row.scenario, score.name, row.explainer, point.paired)
                spots.setdefault(key, {})[point.n_shown] = (score, spot)
    order = {key: place for place, key in enumerate(dict.fromkeys(key[:2] for key in spots))}
    keys = sorted(spots, key=lambda key: order[key[:2]])
    return tuple(_line(key, [spots[key][n_shown] for n_shown in sorted(spots[key])]) for key in keys)


def _line(key: tuple[str, str, str, bool], found: Sequence[tuple[Score, Spot]]) -> Line:
    scenario, name, explainer, paired = key
    score = found[-1][0]
    return Line(
        scenario=scenario,
        score=name,
        direction=score.direction,
        chance=score.chance,
        explainer=explainer,
        paired=paired,
        spots=tuple(spot for _, spot in found),
    )
