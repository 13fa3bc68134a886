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


def test_the_first_number_that_is_no_aspects_is_refused() -> None:
    with pytest.raises(InvalidInputError, match=r"from -1 to 1\. Got 0 to 2"):
        NamingAccuracy(n_aspects=2).update(tensor([0, 1]), tensor([0, 2]), tensor([0, 1]))


def test_names_that_come_later_are_trials_of_their_own() -> None:
    metric = NamingAccuracy(n_aspects=2)
    metric.update_names(["vivid", "sepia"], ["vivid", "sepia"])
    metric.update_names(["vivid", None], ["sepia", "sepia"])
    assert metric.compute().item() == 0.5


def test_names_of_two_processes_are_gathered_by_their_first_trial() -> None:
    metric = NamingAccuracy(n_aspects=2)
    metric.update_names(["vivid", "sepia"], ["vivid", "vivid"], first=0)
    metric.update_names(["sepia", "sepia"], ["vivid", "sepia"], first=1)  # the first is a padded repeat
    assert metric.compute().item() == pytest.approx(2 / 3)


def test_more_true_aspects_than_there_are_is_refused() -> None:
    with pytest.raises(InvalidInputError, match=r"made for 1 aspects\. Got 2"):
        NamingAccuracy(n_aspects=1).update_names(["vivid", None], ["vivid", "sepia"])
