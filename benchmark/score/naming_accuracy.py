"""NamingAccuracy: whether the words of an explanation name the true aspect first."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from benchmark.score.facts import MetricFacts, late, one_of, share_facts
from finexl.errors import InvalidInputError

if TYPE_CHECKING:
    from benchmark.score.row_metric import NamingAccuracy as NamingAccuracy


def naming_facts(n_aspects: int) -> MetricFacts:
    """NamingAccuracy in a corpus of `n_aspects`."""
    return share_facts("naming_accuracy", one_of(n_aspects, "aspects"))


def naming_accuracy(named: Sequence[str | int | None], true: Sequence[str | int]) -> float:
    """Share of explanations whose words name the true aspect first; chance is 1 / number of aspects."""
    if not true or len(named) != len(true):
        raise InvalidInputError(
            "Naming accuracy needs one named aspect per true one, and at least one. "
            f"Got {len(named)} and {len(true)}."
        )
    return sum(given == wanted for given, wanted in zip(named, true, strict=True)) / len(true)


def __getattr__(name: str) -> object:
    return late("NamingAccuracy", name, module=__name__)
