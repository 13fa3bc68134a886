"""How often intervals cover and tests reject, and what guesses score: `python -m benchmark simulate`.

All of it uses the functions that make scores, on worlds in which the truth is known, with fixed seeds: the same
everywhere, to the last digit that is shown. The documentation shows what the command prints.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean

import numpy as np
from jaxtyping import Float

from benchmark.parts.wording import judged_names, parts_of
from benchmark.read.budget import N_CLAIMS
from benchmark.read.readers import LexiconReader
from benchmark.record.records import ReadClaim
from benchmark.score.claim_f1 import claim_f1, claim_f1_chance
from benchmark.score.claims import Answer, amounts_of, true_and_related
from benchmark.score.comparability import comparability, comparability_facts
from benchmark.score.rank_mae import rank_mae
from benchmark.score.selection_accuracy import selection_credits
from benchmark.score.sharing import design_effect
from benchmark.score.statistics import (
    SIGNIFICANT,
    detectable,
    holm,
    sign_flip_permutation,
    sign_flips,
    t_interval,
)
from benchmark.score.tiers import Ranked, tiers
from benchmark.simulate.worths import (
    DESIGNS,
    SHARED,
    Alone,
    all_or_nothing,
    by_degrees,
    choices,
    normal,
    uniform,
)
from finetune.corpora.synthetic import SyntheticCorpus
from finetune.miniature.aspects import ASPECTS
from finetune.miniature.split import SCORED_ASPECTS, SCORED_PAIRS
from finexl.explain.progress import Progress, no_progress
from finexl.values import Claim, ScoredExplanation

RANGE = (0.0, 1.0)
LEVELS = tuple(range(1, 11))
COMPOSITE_WORDS = ("vintage", "dreamy", "arcade", "newsprint", "etched")
"""Three aspects each: together thirteen of the fifteen that are scored."""
LATTICE = ((0, 0), (0, 1), (1, 0), (1, 1), (0, 2), (2, 0))
"""Mixtures in halves, the lowest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """A table of shares or scores in worlds of one sort."""

    title: str
    columns: tuple[str, ...]
    rows: dict[str, tuple[float, ...]]
    """A number for each column, by the name of the world."""


def simulations(progress: Progress = no_progress) -> Iterator[Simulation]:
    """Every table in turn; about half a minute in all."""
    tables = (
        independent_units,
        near_the_ends,
        two_valued_units,
        units_that_share,
        true_nulls,
        tests_and_tiers,
        guesses,
        silent_models,
        same_words,
    )
    for number, table in enumerate(tables):
        with progress(table.__name__.replace("_", " ")) as advance:
            advance(number, len(tables))
            found = table()
        yield found


def independent_units() -> Simulation:
    """Coverage for worths of the middle of the range."""
    worlds: dict[str, tuple[Alone, float]] = {
        "normal": (normal, 0.5),
        "uniform": (uniform, 0.5),
        "six choices, .35": (choices(0.35, 0.1), 0.35),
        "six choices, .5": (choices(0.5, 0.2), 0.5),
        "six choices, .7": (choices(0.7, 0.2), 0.7),
    }
    rows = {name: tuple(_coverage(draw, mean, n) for n in (8, 15)) for name, (draw, mean) in worlds.items()}
    return Simulation(title="95% intervals cover", columns=("8 units", "15 units"), rows=rows)


def near_the_ends() -> Simulation:
    """Coverage where most units are as good or as bad as can be, beside that of a plain t interval."""
    rows = {}
    for share in (0.05, 0.9, 0.98):
        draw = choices(share, 0.1)
        rows[f"six choices, {_short(share)}"] = (
            _coverage(draw, share, 8),
            _coverage(draw, share, 8, _plain_t),
        )
    return Simulation(title="near the ends, 8 units", columns=("covered", "by a plain t"), rows=rows)


def two_valued_units() -> Simulation:
    """Coverage where every unit is right or wrong, beside that without Wilson's interval."""
    rows = {}
    for share in (0.5, 0.6, 0.7, 0.8, 0.9, 0.95):
        draw = all_or_nothing(share)
        alone = min(_coverage(draw, share, n, _students, n_drawn=600) for n in (8, 10, 15))
        own = (_coverage(draw, share, n, n_drawn=600) for n in (5, 8, 10, 15))
        rows[f"right with {_short(share)}"] = (*own, alone)
    columns = ("5 units", "8", "10", "15", "least by Student's alone")
    return Simulation(title="units that are right or wrong", columns=columns, rows=rows)


def units_that_share() -> Simulation:
    """Coverage for pairs of aspects that come several times, with the design effect and without."""
    rows = {}
    for where, pairs in DESIGNS.items():
        for what, draw in SHARED.items():
            worths = draw(np.random.default_rng(0), pairs, 2000)
            effects = (design_effect(worths, pairs), np.ones(len(worths)))
            rows[f"{where}: {what}"] = tuple(_covered(worths, each) for each in effects)
    return Simulation(
        title="units that share aspects", columns=("covered", "without design effect"), rows=rows
    )


def true_nulls() -> Simulation:
    """How often sign flips find a difference between rows that are equally good."""
    rows = {}
    for where, pairs in DESIGNS.items():
        for what, draw in SHARED.items():
            rng = np.random.default_rng(1)
            differences = draw(rng, pairs, 1000) - draw(rng, pairs, 1000)
            effects = (design_effect(differences, pairs), np.ones(len(differences)))
            rows[f"{where}: {what}"] = tuple(_found(differences, each) for each in effects)
    return Simulation(
        title="true nulls are rejected at 5%", columns=("rejected", "without design effect"), rows=rows
    )


def tests_and_tiers() -> Simulation:
    """What Holm's correction and tiers promise, and how often true differences are found."""
    rng = np.random.default_rng(2)
    shift = by_degrees(rng, SCORED_PAIRS, 500) - by_degrees(rng, SCORED_PAIRS, 500) + 0.2
    rows = {
        "5 equal rows, 12 groups: any of 10 pairs differs": (_any_of_a_family(),),
        "20 equal rows, 15 groups: the best is not in tier 1": (_tiers_of_equals(20, 15)[0],),
        "20 equal rows, 15 groups: there are two tiers": (_tiers_of_equals(20, 15)[1],),
        "the smallest detectable difference of 10, 15 groups, is found": (_detected(),),
        "a shift of one standard deviation, aspects by degrees, is found": (
            _found(shift, design_effect(shift, SCORED_PAIRS)),
        ),
        "the same, without design effect": (_found(shift, np.ones(len(shift))),),
    }
    return Simulation(title="tests and tiers", columns=("how often",), rows=rows)


def guesses() -> Simulation:
    """What a random explainer scores, beside its stated chance."""
    rng, words = np.random.default_rng(0), tuple(ASPECTS)
    levels = np.tile([[0.0, 0.0], [0.0, 2.0], [1.0, 1.0], [2.0, 0.0]], (3, 1))
    compared = [comparability(levels, rng.random(levels.shape)) or 0.0 for _ in range(1000)]
    rows = {"Comparability": (fmean(compared), comparability_facts().chance)}
    for truth in ({"vivid": 1}, {"dark": 1, "grainy": 2}, {"vivid": 1, "sepia": 1, "hatched": 1}):
        named = random.Random(3)
        scores = [claim_f1(_five_of(words, named), truth) for _ in range(4000)]
        hits = true_and_related(truth, words)
        chance = claim_f1_chance(n_true=hits.n_true, n_related=hits.n_related, n_words=len(words))
        rows[f"ClaimF1 of {', '.join(truth)}"] = (fmean(scores), chance)
    return Simulation(title="random explainers", columns=("score", "stated chance"), rows=rows)


def silent_models() -> Simulation:
    """SelectionAccuracy of one that is right of all mixtures but the lowest, where it is silent or guesses."""
    rows = {}
    for n_silent in (1, 2, 3):
        rng = random.Random(n_silent)
        told = [tuple(map(float, truth)) for truth in LATTICE[n_silent:]]
        silent = fmean(selection_credits([*[(0.0, 0.0)] * n_silent, *told], LATTICE))
        guessed = fmean(
            fmean(
                selection_credits(
                    [*[(2 * rng.random(), 2 * rng.random()) for _ in range(n_silent)], *told], LATTICE
                )
            )
            for _ in range(2000)
        )
        rows[f"{n_silent} lowest of 6"] = (silent, guessed)
    return Simulation(title="SelectionAccuracy with low mixtures", columns=("silent", "guessed"), rows=rows)


def same_words() -> Simulation:
    """What the same words earn, said of every model with its distance from the base, which grows with any aspect."""
    corpus = SyntheticCorpus()
    names, parts = judged_names(corpus), parts_of(corpus)
    usual, unbounded = (LexiconReader(names, parts=parts, n_claims=n) for n in (N_CLAIMS, None))
    rows = {
        "five scored aspects": _of_words(SCORED_ASPECTS[:5], usual, corpus.aspects),
        "five composite words": _of_words(COMPOSITE_WORDS, usual, corpus.aspects),
        "the same, all read": _of_words(COMPOSITE_WORDS, unbounded, corpus.aspects),
        "nothing": _of_words((), usual, corpus.aspects),
    }
    return Simulation(
        title="the same words for all models", columns=("RankMAE", "Comparability", "ClaimF1"), rows=rows
    )


def lines(found: Simulation) -> Iterator[str]:
    """A table in plain text."""
    names = max(map(len, (found.title, *found.rows)))
    widths = [max(len(column), 5) for column in found.columns]
    head = (f"{column:>{width}s}" for column, width in zip(found.columns, widths, strict=True))
    yield "  ".join([f"{found.title:{names}s}", *head])
    for name, numbers in found.rows.items():
        told = (f"{number:{width}.3f}" for number, width in zip(numbers, widths, strict=True))
        yield "  ".join([f"{name:{names}s}", *told])


Bounds = Callable[[Sequence[float]], tuple[float, float] | None]


def _suites(units: Sequence[float]) -> tuple[float, float] | None:
    return t_interval(units, ends=RANGE)


def _students(units: Sequence[float]) -> tuple[float, float] | None:
    """The suite's interval as it would be without Wilson's: of ends that no unit is at."""
    found = t_interval(units, ends=(-1e-9, 1 + 1e-9))
    return found and (found.low, found.high)


def _plain_t(units: Sequence[float]) -> tuple[float, float]:
    from scipy.special import stdtrit

    numbers = np.asarray(units)
    reach = float(stdtrit(len(numbers) - 1, 0.975)) * numbers.std(ddof=1) / np.sqrt(len(numbers))
    return float(numbers.mean() - reach), float(numbers.mean() + reach)


def _coverage(draw: Alone, mean: float, n: int, bounds: Bounds = _suites, *, n_drawn: int = 2000) -> float:
    rng = np.random.default_rng(7)
    found = [bounds(draw(rng, n).tolist()) for _ in range(n_drawn)]
    return fmean(each is not None and each[0] <= mean <= each[1] for each in found)


def _covered(worths: Float[np.ndarray, "d n"], effects: Float[np.ndarray, " d"]) -> float:
    found = (
        t_interval(row, ends=RANGE, effect=effect)
        for row, effect in zip(worths.tolist(), effects.tolist(), strict=True)
    )
    return fmean(each is not None and each.low <= 0.5 <= each.high for each in found)


def _found(differences: Float[np.ndarray, "d n"], effects: Float[np.ndarray, " d"]) -> float:
    return float(np.mean(sign_flips(differences, effects=effects) <= SIGNIFICANT))


def _any_of_a_family() -> float:
    rng, n_wrong = np.random.default_rng(11), 0
    for _ in range(300):
        worths = rng.binomial(6, rng.beta(2, 2, 12)[None, :], (5, 12)) / 6
        pairs = [sign_flip_permutation((one - other).tolist()) for one, other in combinations(worths, 2)]
        n_wrong += min(holm(pairs)) <= SIGNIFICANT
    return n_wrong / 300


def _tiers_of_equals(n_scores: int, n_units: int) -> tuple[float, float]:
    """How often the first of equals is not in the first tier, and how often there are several tiers."""
    rng, names = np.random.default_rng(11), [f"{n:02d}" for n in range(n_scores)]
    n_wrong = n_split = 0
    for _ in range(200):
        worths = rng.binomial(6, rng.beta(2, 2, n_units)[None, :], (n_scores, n_units)) / 6
        ranked = [
            Ranked(key=name, value=fmean(own), units={str(n): worth for n, worth in enumerate(own)})
            for name, own in zip(names, worths.tolist(), strict=True)
        ]
        (first, *others) = tiers(ranked, direction="higher", aspects={})
        n_wrong += names[0] not in first
        n_split += bool(others)
    return n_wrong / 200, n_split / 200


def _detected() -> float:
    rng, size = np.random.default_rng(12), detectable(0.3, n_units=15, n_tests=10) or 0.0
    found = sign_flips(rng.normal(size, 0.3, (300, 15)), effects=np.ones(300))
    return float(np.mean(10 * found <= SIGNIFICANT))


def _five_of(words: Sequence[str], rng: random.Random) -> Answer:
    said = [ReadClaim(concept=word, amount=1.0, aspects=((word, 1.0),)) for word in rng.sample(words, 5)]
    return Answer(claims=tuple(said))


def _of_words(words: Sequence[str], reader: LexiconReader, known: Sequence[str]) -> tuple[float, ...]:
    """RankMAE, Comparability and ClaimF1 over a series of ten levels of every scored aspect."""
    errors, named, levels, amounts = [], [], [], []
    for place, aspect in enumerate(SCORED_ASPECTS):
        readings = []
        for level in LEVELS:
            said = [Claim(concept=word, amount=level + at * 1e-6) for at, word in enumerate(words)]
            explanation = ScoredExplanation(claims=tuple(said))
            readings.append(reader.read_levels(explanation, (aspect,), corpus_aspects=known))
            levels.append([level if at == place else np.nan for at in range(len(SCORED_ASPECTS))])
            amounts.append(amounts_of(readings[-1].claims, SCORED_ASPECTS))
            named.append(claim_f1(Answer(claims=readings[-1].claims), {aspect: level}))
        values = [None if reading.values is None else reading.values[0] for reading in readings]
        errors.append(rank_mae(values, LEVELS))
    return fmean(errors), comparability(np.array(levels), np.array(amounts)) or 0.0, fmean(named)


def _short(share: float) -> str:
    return f"{share:g}".removeprefix("0")
