"""Calls of metrics with what is no argument of theirs, each made in a process where nothing else checks types.

`python misused_metrics.py` makes every call and prints, as JSON, what each was told.
"""

import json
import sys
from collections.abc import Callable, Iterator
from itertools import product

import numpy as np
import torch
from torch import Tensor, tensor

from benchmark.record.records import ReadClaim
from benchmark.score.claim_f1 import ClaimF1, claim_f1_chance, claim_f1_facts
from benchmark.score.claims import Answer
from benchmark.score.comparability import Comparability, comparability, influences
from benchmark.score.false_alarms import FalseAlarms
from benchmark.score.kendall_tau import kendall_tau_b
from benchmark.score.naming_accuracy import NamingAccuracy, naming_accuracy, naming_facts
from benchmark.score.ordering_accuracy import OrderingAccuracy, ordering_credits
from benchmark.score.rank_mae import (
    RankMAE,
    rank_errors,
    rank_mae,
    rank_mae_chance,
    rank_mae_constant,
    rank_mae_facts,
    series_error,
)
from benchmark.score.selection_accuracy import (
    SelectionAccuracy,
    picks,
    selection_credits,
    selection_facts,
)
from benchmark.score.statistics import (
    can_compare,
    detectable,
    holm,
    sign_flip_permutation,
    smallest_p,
    t_interval,
)
from benchmark.score.top_naming import TopNaming, top_naming_facts

NAN, INF = float("nan"), float("inf")
UNITS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
GROUPED = (RankMAE, SelectionAccuracy, OrderingAccuracy)
JUDGED = (ClaimF1, TopNaming, FalseAlarms)
Call = Callable[[], object]


def main() -> None:
    """Print what every misuse was told: the kind of the error, whether it is a ValueError, and the message."""
    print(json.dumps({name: _told(call) for name, call in misuses()}))


def misuses() -> Iterator[tuple[str, Call]]:
    """Every misuse by name, to be called."""
    for make in (
        _sizes,
        _series,
        _groups,
        _tables,
        _names,
        _counts,
        _statistics,
        _rows,
        _grouped,
        _judged,
        _named,
    ):
        yield from make()


def _told(call: Call) -> tuple[str, bool, str]:
    try:
        return "taken", False, repr(call())
    except Exception as error:
        return type(error).__name__, isinstance(error, ValueError), str(error)


def _each(function: Callable, cases: dict[str, tuple], name: str = "") -> Iterator[tuple[str, Call]]:
    for case, given in cases.items():
        yield f"{name or function.__name__}: {case}", lambda given=given: function(*given)


def _sizes() -> Iterator[tuple[str, Call]]:
    sizes = (True, 2.5, 2.0, None, "3", 0, -1, NAN, INF, 2**63, [3], tensor(True))
    functions = (
        rank_mae_facts,
        rank_mae_chance,
        rank_mae_constant,
        selection_facts,
        naming_facts,
        top_naming_facts,
    )
    classes = (*GROUPED, ClaimF1, TopNaming, NamingAccuracy)
    for function in (*functions, claim_f1_facts, *classes):
        yield from _each(function, {repr(size): (size,) for size in sizes})


def _series() -> Iterator[tuple[str, Call]]:
    cases = {
        "a score that is True": ([True, 0.5], [1, 2]),
        "a score that is text": (["a", 0.5], [1, 2]),
        "scores that are text": ("ab", [1, 2]),
        "an infinite score": ([INF, 0.5], [1, 2]),
        "a score of NaN": ([NAN, 0.5], [1, 2]),
        "a level of NaN": ([0.1, 0.5], [1, NAN]),
        "a level that is True": ([0.1, 0.5], [True, 2]),
        "a level that is None": ([0.1, 0.5], [None, 2]),
        "no scores": (None, [1, 2]),
        "no levels": ([0.1, 0.5], None),
        "scores by name": ({"a": 0.1, "b": 0.2}, [1, 2]),
        "a table of scores": ([[0.1], [0.5]], [1, 2]),
    }
    for function in (rank_mae, rank_errors, kendall_tau_b):
        yield from _each(function, cases)


def _groups() -> Iterator[tuple[str, Call]]:
    cases = {
        "no models": ([], []),
        "a reading too few": ([(0.1,)], [(1,), (2,)]),
        "readings of other lengths": ([(0.1,), (0.2, 0.3)], [(1,), (2,)]),
        "truths of other lengths": ([(0.1,), (0.2,)], [(1,), (2, 3)]),
        "readings of NaN": ([(0.1,), (NAN,)], [(1,), (2,)]),
        "infinite readings": ([(0.1,), (-INF,)], [(1,), (2,)]),
        "a reading that is True": ([(0.1,), (True,)], [(1,), (2,)]),
        "a truth of NaN": ([(0.1,), (0.2,)], [(1,), (NAN,)]),
        "a truth that is True": ([(0.1,), (0.2,)], [(1,), (True,)]),
        "a truth that is None": ([(0.1,), (0.2,)], [(1,), None]),
        "numbers for rows": ([0.1, 0.2], [1, 2]),
        "no aspects": ([(), ()], [(), ()]),
        "text": (["a", "b"], [(1,), (2,)]),
        "None": (None, [(1,), (2,)]),
    }
    for function in (series_error, ordering_credits, selection_credits, picks):
        yield from _each(function, cases)
    yield "series_error: two aspects", lambda: series_error([(0.1, 0.0), (0.2, 0.0)], [(1, 0), (2, 0)])


def _tables() -> Iterator[tuple[str, Call]]:
    cases = {
        "rows": (np.ones(3), np.ones(3)),
        "other shapes": (np.ones((3, 2)), np.ones((3, 1))),
        "infinite levels": (np.array([[INF], [1.0]]), np.ones((2, 1))),
        "infinite amounts": (np.ones((2, 1)), np.array([[-INF], [1.0]])),
        "truth values": (np.ones((2, 1), dtype=bool), np.ones((2, 1))),
        "lists": ([[1.0], [2.0]], [[1.0], [2.0]]),
        "None": (None, np.ones((2, 1))),
    }
    yield from _each(comparability, cases)
    levels, amounts = np.array([[0.0], [1.0]]), np.ones((2, 1))
    groups = ("ab", ["a"], [["a"], ["b"]], None)
    yield from _each(influences, {repr(each): (levels, amounts, each) for each in groups})


def _names() -> Iterator[tuple[str, Call]]:
    cases = {
        "text": ("ab", "ab"),
        "below 0": ([-1], [-1]),
        "fractions": ([1.0], [1.0]),
        "True": ([True], [1]),
        "a truth that is None": ([None], [None]),
        "no list": ([1], 1),
        "one too few": ([], ["a"]),
        "None": (None, None),
    }
    yield from _each(naming_accuracy, cases)


def _counts() -> Iterator[tuple[str, Call]]:
    usual = {"n_true": 1, "n_related": 1, "n_words": 5, "n_claims": 5}
    for name, wrong in product(usual, (-1, True, 2.0, None, NAN)):
        yield (
            f"claim_f1_chance: {name} {wrong}",
            lambda given={**usual, name: wrong}: claim_f1_chance(**given),
        )


def _statistics() -> Iterator[tuple[str, Call]]:
    of_interval = {
        "ends": [(0.0, 0.0), (0.0, INF), (0.0,), None, (False, True)],
        "effect": [0.0, -1.0, NAN, True, None],
        "confidence": [0, 1, None, NAN, True],
        "units": [[], [*UNITS, True], [*UNITS, None], [*UNITS, INF], [UNITS], "abcdef", None],
    }
    for name, wrongs in of_interval.items():
        for wrong in wrongs:
            given = {"units": UNITS, "ends": (0.0, 1.0), name: wrong}
            yield f"t_interval: {name} {wrong}", lambda given=given: t_interval(**given)
    of_flips = {"effect": [0.0, NAN], "n_resamples": [0, 1.5, True], "differences": [[], [None], [True], "a"]}
    for name, wrongs in of_flips.items():
        for wrong in wrongs:
            given = {"differences": UNITS, name: wrong}
            yield f"sign_flip_permutation: {name} {wrong}", lambda given=given: sign_flip_permutation(**given)
    for wrong in ([1.5], [-0.1], [True], [None], [NAN], "1", []):
        yield f"holm: {wrong}", lambda wrong=wrong: holm(wrong)
    for n in (True, 2.5, None, -1):
        yield f"smallest_p: {n}", lambda n=n: smallest_p(n)
        yield f"can_compare: n_units {n}", lambda n=n: can_compare(n, n_tests=1)
        yield f"can_compare: n_tests {n}", lambda n=n: can_compare(10, n_tests=n)
        yield f"detectable: n_units {n}", lambda n=n: detectable(0.1, n_units=n, n_tests=1)
    for spread in (-0.1, NAN, None, True):
        yield f"detectable: spread {spread}", lambda spread=spread: detectable(spread, n_units=10, n_tests=1)


IDS = (tensor([0, 0]), tensor([0, 1]))
NO_IDS: dict[str, object] = {
    "True": tensor([True, False]),
    "fractions": tensor([0.0, 0.5]),
    "below 0": tensor([-1, 0]),
    "a scalar": tensor(0),
    "a table": tensor([[0], [1]]),
    "one too many": tensor([0, 1, 2]),
    "a list": [0, 1],
    "an array": np.array([0, 1]),
    "None": None,
}


def usual() -> dict[type, tuple[Tensor, ...]]:
    """What every metric of models takes beside ids."""
    read = (tensor([[1], [2]]), tensor([[0.1], [0.2]]))
    return {
        **dict.fromkeys(GROUPED, read),
        **dict.fromkeys(JUDGED, (tensor([0.5, 1.0]),)),
        Comparability: (tensor([[1.0], [2.0]]), tensor([[0.1], [0.2]])),
    }


def made(kind: type):
    """A metric of two models, or of two words."""
    return kind() if kind in (FalseAlarms, Comparability) else kind(2)


def _rows() -> Iterator[tuple[str, Call]]:
    numbers: dict[str, object] = {
        "infinite": tensor([[INF], [1.0]]),
        "complex": tensor([[1j], [1.0]]),
        "True": tensor([[True], [False]]),
        "a row": tensor([0.1, 0.2]),
        "two aspects": tensor([[0.1, 0.2], [0.1, 0.2]]),
        "one too many": tensor([[0.1], [0.2], [0.3]]),
        "a list": [[0.1], [0.2]],
        "None": None,
    }
    truths: dict[str, object] = {
        "fractions": tensor([[1.0], [2.5]]),
        "True": tensor([[True], [False]]),
        "a row": tensor([1, 2]),
        "two aspects": tensor([[1, 0], [2, 0]]),
        "no aspects": torch.empty(2, 0, dtype=torch.long),
        "None": None,
    }
    worths: dict[str, object] = {
        "above the best": tensor([0.5, 1.5]),
        "below the worst": tensor([-0.1, 1.0]),
        "NaN": tensor([NAN, 1.0]),
        "a table": tensor([[0.5], [1.0]]),
        "True": tensor([True, False]),
        "None": None,
    }
    for kind, beside in usual().items():
        for place, (case, ids) in product((0, 1), NO_IDS.items()):
            given = [*IDS, *beside]
            given[place] = ids
            yield (
                f"{kind.__name__}.update: id {place} {case}",
                lambda kind=kind, g=given: made(kind).update(*g),
            )
        wrong = [worths] if kind in JUDGED else [truths if kind in GROUPED else numbers, numbers]
        for place, cases in enumerate(wrong):
            for case, one in cases.items():
                given = [*IDS, *beside]
                given[2 + place] = one
                name = f"{kind.__name__}.update: argument {2 + place} {case}"
                yield name, lambda kind=kind, g=given: made(kind).update(*g)


def _grouped() -> Iterator[tuple[str, Call]]:
    cases = {
        "no models": ([], []),
        "a reading too few": ([(1,), (2,)], [(0.1,)]),
        "a fraction for a level": ([(1,), (2.5,)], [(0.1,), (0.2,)]),
        "True for a level": ([(1,), (True,)], [(0.1,), (0.2,)]),
        "None for a truth": ([(1,), None], [(0.1,), (0.2,)]),
        "levels that are no rows": ([1, 2], [(0.1,), (0.2,)]),
        "readings that are no rows": ([(1,), (2,)], [0.1, 0.2]),
        "NaN": ([(1,), (2,)], [(0.1,), (NAN,)]),
        "text": ([(1,), (2,)], ["a", "b"]),
        "None": (None, None),
    }
    for kind in GROUPED:
        yield from _each(
            lambda *given, kind=kind: made(kind).update_group(*given), cases, f"{kind.__name__}.update_group"
        )
        for group in (True, 1.5, -1, "a", 2**63, NAN):
            yield (
                f"{kind.__name__}.update_group: group {group}",
                lambda kind=kind, group=group: made(kind).update_group(
                    [(1,), (2,)], [(0.1,), None], group=group
                ),
            )


def _judged() -> Iterator[tuple[str, Call]]:
    silent, claim = Answer(claims=()), ReadClaim(concept="vivid", amount=1.0)
    cases = {
        "a truth too few": ([silent], []),
        "None": ([None], [{}]),
        "claims": ([(claim,)], [{"vivid": 1}]),
        "a truth that is a row": ([silent], [(1,)]),
        "a fraction for a level": ([silent], [{"vivid": 0.5}]),
        "True for a level": ([silent], [{"vivid": True}]),
        "NaN for a level": ([silent], [{"vivid": NAN}]),
        "a number for a name": ([silent], [{3: 1}]),
        "no lists": (silent, {}),
    }
    for kind in JUDGED:
        yield from _each(
            lambda *given, kind=kind: made(kind).update_group(*given), cases, f"{kind.__name__}.update_group"
        )
        for group in (True, 1.5, -1, "a", 2**63, NAN):
            yield (
                f"{kind.__name__}.update_group: group {group}",
                lambda kind=kind, group=group: made(kind).update_group([silent], [{}], group=group),
            )


def _named() -> Iterator[tuple[str, Call]]:
    numbers = {**NO_IDS, "below -1": tensor([-2, 0])}
    for place, name in enumerate(("trials", "named", "true")):
        for case, wrong in numbers.items():
            if place and case == "below 0":  # -1 is no aspect
                continue
            given: list[object] = [tensor([0, 1]), tensor([1, 0]), tensor([1, 0])]
            given[place] = wrong
            yield f"NamingAccuracy.update: {name} {case}", lambda g=given: NamingAccuracy(2).update(*g)
        if place:
            given = [tensor([0, 1]), tensor([1, 0]), tensor([1, 0])]
            given[place] = tensor([0, 2])
            yield f"NamingAccuracy.update: {name} of no aspect", lambda g=given: NamingAccuracy(2).update(*g)
    cases = {
        "text": ("vivid", "vivid"),
        "one too few": (["vivid"], ["vivid", "sepia"]),
        "a truth that is None": (["vivid"], [None]),
        "numbers": ([0], [0]),
        "True": ([True], ["vivid"]),
        "fractions": ([1.5], ["vivid"]),
        "None": (None, ["vivid"]),
        "by name": ({"vivid": 1}, ["vivid"]),
    }
    yield from _each(
        lambda *given: NamingAccuracy(2).update_names(*given), cases, "NamingAccuracy.update_names"
    )
    for first in (True, 1.5, -1, 2**63, 2**63 - 1):
        yield (
            f"NamingAccuracy.update_names: first {first}",
            lambda first=first: NamingAccuracy(2).update_names(
                ["vivid", None], ["vivid", "sepia"], first=first
            ),
        )


if __name__ == "__main__":
    sys.exit(main())
