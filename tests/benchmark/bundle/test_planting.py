"""Planted errors are swaps within a group that nobody who looks at images would make, and only the key tells which."""

from collections import Counter

from benchmark.bundle.manifest import GroupTruth, TrialTruth
from benchmark.bundle.planting import labels_of, planted_in


def group(number: int, levels: list[tuple[int, ...]]) -> GroupTruth:
    trials = tuple(
        TrialTruth(trial=f"{number:08x}{place:08x}", levels=each) for place, each in enumerate(levels)
    )
    aspects = ("vivid", "grainy")[: len(levels[0])]
    return GroupTruth(
        group=f"{number:016x}",
        scenario="any",
        aspects=aspects,
        certified_aspects=(True,) * len(aspects),
        trials=trials,
    )


LADDERS = [group(number, [(level,) for level in range(1, 6)]) for number in range(12)]
LATTICES = [group(20 + number, [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (2, 0)]) for number in range(12)]
SILENT = [group(40, [(0,)] * 5)]
ALL = [*LADDERS, *LATTICES, *SILENT]


def test_there_are_as_many_as_were_asked_for_in_different_groups() -> None:
    wrong = planted_in(ALL, n=48, key=b"k")
    assert len(wrong) == 48
    assert set(Counter(trial[:8] for trial in wrong).values()) == {2}


def test_every_one_is_wrong() -> None:
    right = labels_of(ALL)
    assert all(right[trial] != levels for trial, levels in planted_in(ALL, n=50, key=b"k").items())


def test_a_group_holds_the_same_levels_as_before() -> None:
    right, wrong = labels_of(ALL), planted_in(ALL, n=50, key=b"k")
    for one in ALL:
        trials = [each.trial for each in one.trials]
        assert sorted(right[trial] for trial in trials) == sorted((right | wrong)[trial] for trial in trials)


def test_what_is_swapped_lies_far_apart() -> None:
    right, wrong = labels_of(LADDERS), planted_in(LADDERS, n=24, key=b"k")
    assert all(abs(right[trial][0] - levels[0]) >= 2 for trial, levels in wrong.items())


def test_at_most_half_of_the_labels_are_wrong_and_what_cannot_be_swapped_is_not() -> None:
    assert len(planted_in(LADDERS, n=1000, key=b"k")) <= 30
    assert planted_in(SILENT, n=10, key=b"k") == {}


def test_the_key_and_nothing_else_says_which() -> None:
    assert planted_in(ALL, n=20, key=b"k") == planted_in(ALL[::-1], n=20, key=b"k")
    assert planted_in(ALL, n=20, key=b"k").keys() != planted_in(ALL, n=20, key=b"l").keys()
