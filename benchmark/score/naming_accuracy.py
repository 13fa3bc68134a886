"""NamingAccuracy: whether the words of an explanation name the true aspect first."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from benchmark.score.facts import MetricFacts, is_row, is_whole, late, one_of, share_facts
from finexl.errors import InvalidInputError

if TYPE_CHECKING:
    from benchmark.score.row_metric import NamingAccuracy as NamingAccuracy


def naming_facts(n_aspects: int) -> MetricFacts:
    """NamingAccuracy in a corpus of `n_aspects`."""
    return share_facts("naming_accuracy", one_of(n_aspects, "aspects"))


def naming_accuracy(named: Sequence[str | int | None], true: Sequence[str | int]) -> float:
    """Share of explanations whose words name the true aspect first; chance is 1 / number of aspects.

    Raises:
        InvalidInputError: There is not one named aspect, or None, per true one, or none at all; or one is no name.
    """
    if not (is_row(named) and is_row(true)) or not len(true) or len(named) != len(true):
        raise InvalidInputError(
            "Naming accuracy needs one named aspect per true one, and at least one. "
            f"Got {named!r} and {true!r}. Give lists of equal length, with None where nothing is named."
        )
    for each in (*true, *(one for one in named if one is not None)):
        if not isinstance(each, str) and not is_whole(each, least=0):
            raise InvalidInputError(
                "An aspect must be a name, or its number of at least 0. "
                f"Got {each!r}. Give None where nothing is named; something must be true."
            )
    return sum(given == wanted for given, wanted in zip(named, true, strict=True)) / len(true)


def __getattr__(name: str) -> object:
    return late("NamingAccuracy", name, module=__name__)
