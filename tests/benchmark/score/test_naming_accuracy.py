"""NamingAccuracy counts what is named and right."""

import pytest
from torch import tensor

from benchmark.score.naming_accuracy import NamingAccuracy, naming_accuracy
from finexl.errors import InvalidInputError


def test_naming_counts_what_is_named_and_right() -> None:
    assert naming_accuracy(["vivid", None, "sepia", "dark"], ["vivid", "vivid", "sepia", "sepia"]) == 0.5


def test_naming_of_nothing_raises() -> None:
    with pytest.raises(InvalidInputError):
        naming_accuracy([], [])


def test_the_class_agrees_with_the_function() -> None:
    metric = NamingAccuracy(n_aspects=16)
    metric.update(tensor([0, 1, 2]), tensor([4, -1, 2]), tensor([4, 4, 3]))
    metric.update(tensor([2]), tensor([2]), tensor([3]))
    assert metric.compute().item() == naming_accuracy(["a", None, "c"], ["a", "a", "d"])


def test_naming_nothing_is_never_right() -> None:
    metric = NamingAccuracy(n_aspects=2)
    metric.update(tensor([0, 1]), tensor([-1, 1]), tensor([-1, 1]))
    assert metric.compute().item() == 0.5


def test_names_count_like_their_numbers() -> None:
    metric = NamingAccuracy(n_aspects=2)
    metric.update_names(["vivid", None, "sepia", "dark"], ["vivid", "vivid", "sepia", "sepia"])
    assert metric.compute().item() == 0.5


def test_a_corpus_without_aspects_is_an_error() -> None:
    with pytest.raises(InvalidInputError, match="at least one of the aspects"):
        NamingAccuracy(0)
