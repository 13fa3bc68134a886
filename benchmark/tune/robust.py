"""What the robust explainer's settings are worth, one ingredient at a time, and which values of them to ship.

Development models (`study.py`) are read and scored as in a run. Trained models, few and like the scored ones, weigh as
much as painted ones, many and without a fault, and as overlaid ones, of the kinds that neither has. The choice is the
best mean of all scores of `Worth`, and among equals the middle value: beyond the edge of what is as good lies the next
model.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from statistics import fmean
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark.config.settings import Settings, public_settings
from benchmark.read.readers import read_each
from benchmark.record.records import Reading
from benchmark.score.claim_f1 import claim_f1
from benchmark.score.claims import Answer, amounts_of
from benchmark.score.comparability import comparability
from benchmark.score.rank_mae import rank_mae_chance, series_error
from benchmark.score.selection_accuracy import selection_credits
from benchmark.score.top_naming import top_naming
from benchmark.tune.oracles import ORACLES, with_oracle
from benchmark.tune.study import Material, Models, Study
from finexl.robust.settings import RobustSettings

if TYPE_CHECKING:
    from finexl.explanation import Explanation
    from finexl.robust.explaining import Embedded
    from finexl.values import ScoredExplanation

GRID: Mapping[str, tuple[float, ...]] = {
    "unseen_cost": (1.0, 2.0, 4.0, 5.0, 6.0),
    "seen_share": (0.25, 0.35, 0.5, 0.7, 1.0),
    "emphasis": (0.0, 1.0, 2.0, 3.0, 4.0),
    "penalty": (0.03, 0.05, 0.1, 0.15, 0.2),
    "least_share": (0.05, 0.1, 0.15, 0.2, 0.3),
    "least_explained": (0.5, 0.6, 0.65, 0.7, 0.75, 0.8),
    "explained_per_claim": (0.0, 0.025, 0.05, 0.075, 0.1),
    "least_shift": (0.05, 0.1, 0.15, 0.2, 0.3),
}
"""What is chosen; the first is varied first, and each with the others as they were chosen before. A larger penalty
would shrink a second aspect, half as strong, away, and at a penalty times cost of 1 what no answer names could not be
claimed at all; with a larger emphasis a few pairs would speak for all; and a claim of less than a twentieth of the
strongest is no news to anybody."""
WITHOUT: Mapping[str, Mapping[str, float | int]] = {
    "all ingredients": {},
    "without grouping of synonyms": {"synonyms": 1.0},
    "what the VLM saw is one more word": {"unseen_cost": 1.0},
    "every pair counts alike": {"emphasis": 0.0},
    "a fifth of the penalty": {"penalty": 0.03},
    "without dropping small claims": {"least_share": 0.0},
    "without a least share explained": {"least_explained": 0.0, "explained_per_claim": 0.0},
    "many words as free as one": {"explained_per_claim": 0.0},
    "without a least shift": {"least_shift": 0.0},
    "with pictures of words (`finexl_grounded`)": {"grounded_share": 0.5},
    "with pictures of words in place of texts": {"grounded_share": 1.0},
}
"""One ingredient left out at a time, or put in; a fit without any penalty takes minutes."""
_MIDDLE: dict[str, Any] = {name: values[len(values) // 2] for name, values in GRID.items()}
ONLY_SURE = "only claims that hold by themselves"
"""The way that tells nothing of a change but what holds by itself, at the false discovery rate."""
START = RobustSettings(grounded_share=0.0, **_MIDDLE)
"""Words as texts alone, as every row has them, and the middle of the grid, whatever ships."""
Levels = Mapping[str, int]
Tell = Callable[["Explanation"], "ScoredExplanation"]
"""What of an explanation is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """How good one way of explaining is, each at most 1."""

    selection: float
    claim_f1: float
    top_naming: float
    comparability: float
    ladder: float
    """Share by which the ranks of a ladder's models err less than those of a random order do."""
    silence: float
    """Share of models that nothing was done to about which nothing is claimed."""
    unspread: float
    """Share of changes without a name about which nothing is claimed."""

    @property
    def mean(self) -> float:
        """Of all scores."""
        return fmean(asdict(self).values())


def worth(
    found: Study, settings: RobustSettings, *, of: Sequence[Material] = (), told: Tell | None = None
) -> Worth:
    """The scores of one way of explaining on some material, by default all kinds alike."""
    every = (found.trained, found.painted, found.overlaid)
    return _mean([_worth(found, material, settings, told) for material in of or every])


def _worth(found: Study, material: Material, settings: RobustSettings, told: Tell | None) -> Worth:
    def read(aspects: tuple[str, ...], models: Sequence["Embedded"]) -> list[Reading]:
        return _readings(found, aspects, models, settings, told)

    lattices = [(one, read(one.aspects, one.models)) for one in material.lattices]
    ladders = [(one, read(one.aspects, one.models)) for one in material.ladders]
    models = list(_answers(lattices))
    moved = [(answer, levels) for answer, levels in (*models, *_answers(ladders)) if any(levels.values())]
    aspects = material.lattices[0].aspects
    silent = [bool(one.claims) for one in read(aspects, found.unchanged)]
    silent += [bool(answer.said) for answer, levels in models if not any(levels.values())]
    return Worth(
        selection=fmean(
            fmean(selection_credits([reading.values for reading in readings], one.truths))
            for one, readings in lattices
        ),
        claim_f1=fmean(claim_f1(*each) for each in moved),
        top_naming=fmean(top_naming(*each) for each in moved),
        comparability=_comparability(models),
        ladder=fmean(_skill(one, readings) for one, readings in ladders),
        silence=1 - fmean(silent),
        unspread=fmean(not one.claims for one in read(aspects, found.nameless)),
    )


def _answers(read: Iterable[tuple[Models, Sequence[Reading]]]) -> Iterator[tuple[Answer, Levels]]:
    for one, readings in read:
        for levels, reading in zip(one.levels, readings, strict=True):
            yield Answer(claims=reading.claims), levels


def _skill(ladder: Models, readings: Sequence[Reading]) -> float:
    """Of every aspect by itself, all of which rise together."""
    errors = [
        series_error(
            [None if reading.values is None else reading.values[k : k + 1] for reading in readings],
            [truth[k : k + 1] for truth in ladder.truths],
        )
        for k in range(len(ladder.aspects))
    ]
    return 1 - float(np.mean(errors)) / rank_mae_chance(len(ladder.truths))


def _readings(
    found: Study,
    aspects: tuple[str, ...],
    models: Sequence["Embedded"],
    settings: RobustSettings,
    told: Tell | None,
) -> list[Reading]:
    from finexl.explanation import Explanation
    from finexl.robust.explaining import explain_embedded

    scored = told or Explanation.scored
    said = [scored(explain_embedded(one, settings)) for one in models]
    readings = read_each(found.reader, said, aspects, corpus_aspects=found.corpus_aspects)
    return [one for one in readings if one is not None]


def _comparability(models: Sequence[tuple[Answer, Levels]]) -> float:
    aspects = sorted({name for _, levels in models for name in levels})
    levels = np.array([[of_one.get(name, 0) for name in aspects] for _, of_one in models], dtype=np.float64)
    amounts = np.array([amounts_of(answer.claims or (), aspects) for answer, _ in models])
    return comparability(levels, amounts) or 0.0


def _mean(worths: Sequence[Worth]) -> Worth:
    return Worth(**{field.name: fmean(getattr(one, field.name) for one in worths) for field in fields(Worth)})


def chosen(
    found: Study, start: RobustSettings, tell: Callable[[str], None] = lambda done: None
) -> RobustSettings:
    """Each setting of the grid at its best with the others as they stand, one after the other, until none moves."""
    mean = cache(lambda way: round(worth(found, way).mean, 6))
    best, before = start, None
    while best != before:
        before = best
        for name, values in GRID.items():
            ways = [replace(best, **{name: value}) for value in values]  # type: ignore[arg-type]  # names of fields
            most = max(map(mean, ways))
            equals = [way for way in ways if mean(way) == most]
            best = equals[(len(equals) - 1) // 2]
            tell(f"{name} {getattr(best, name)}: mean of all scores {mean(best):.3f}")
    return best


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One way of explaining in the ablation table."""

    trained: Worth
    painted: Worth
    overlaid: Worth

    @property
    def kinds(self) -> tuple[Worth, ...]:
        """In the order of a cell of the table."""
        return (self.trained, self.painted, self.overlaid)

    @property
    def mean(self) -> float:
        """Of all scores of all kinds."""
        return fmean(one.mean for one in self.kinds)


def ablation(found: Study, settings: RobustSettings) -> dict[str, Row]:
    """The worth of the settings, with one ingredient left out or put in at a time, and with an oracle for one part."""
    ways = {
        name: replace(settings, **changes)  # type: ignore[arg-type]  # names of fields
        for name, changes in WITHOUT.items()
    }
    rows = {name: _row(found, way) for name, way in ways.items()}
    rows[ONLY_SURE] = _row(found, settings, told=_only_sure)
    return rows | {
        f"oracle: {name}": _row(with_oracle(found, oracle), settings) for name, oracle in ORACLES.items()
    }


def _row(found: Study, settings: RobustSettings, told: Tell | None = None) -> Row:
    of = {"trained": found.trained, "painted": found.painted, "overlaid": found.overlaid}
    return Row(**{kind: worth(found, settings, of=[material], told=told) for kind, material in of.items()})


def _only_sure(said: "Explanation") -> "ScoredExplanation":
    return replace(said, claims=said.changes, explained=None).scored()


def as_json(
    best: RobustSettings, table: Mapping[str, Row], found: Study, settings: Settings
) -> dict[str, Any]:
    """What is kept: the choice, the table, and what models and words came from."""
    public = public_settings(settings)
    kinds = (found.trained, found.painted, found.overlaid)
    material = [one for kind in kinds for one in (*kind.lattices, *kind.ladders)]
    return {
        "chosen": {name: getattr(best, name) for name in sorted(GRID)},
        "models": [one.id for one in material],
        "table": {name: asdict(row) for name, row in table.items()},
        "settings": {name: public[name] for name in ("preset", "generator", "encoder", "vlm")},
    }


def markdown(table: Mapping[str, Row], found: Study) -> str:
    """The table for people."""
    return "\n".join(_rows(table, found)) + "\n"


def _rows(table: Mapping[str, Row], found: Study) -> Iterator[str]:
    yield (
        f"Development models: {found.trained.n_models} trained / {found.painted.n_models} painted / "
        f"{found.overlaid.n_models} overlaid, weighed alike; each cell has all three. Written by "
        "`python -m benchmark tune robust`."
    )
    yield ""
    heads = [field.name.replace("_", " ") for field in fields(Worth)]
    yield f"| way | {' | '.join(heads)} | mean |"
    yield "|---" * (len(heads) + 2) + "|"
    for name, row in table.items():
        kinds = zip(*(asdict(one).values() for one in row.kinds), strict=True)
        cells = [" / ".join(f"{one:.2f}" for one in scores) for scores in kinds]
        yield f"| {name} | {' | '.join(cells)} | {row.mean:.3f} |"
