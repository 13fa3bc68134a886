"""TopNaming: whether the strongest claim of an explanation is true."""

from statistics import fmean
from typing import TYPE_CHECKING

from benchmark.score.claims import Answer, Levels, is_changed, judged
from benchmark.score.facts import MetricFacts, late, one_of, share_facts

if TYPE_CHECKING:
    from benchmark.score.row_metric import TopNaming as TopNaming


def top_naming_facts(n_words: int) -> MetricFacts:
    """TopNaming in a vocabulary of `n_words` aspects, of which one is true."""
    return share_facts("top_naming", one_of(n_words, "aspects"))


def top_naming(answer: Answer, levels: Levels) -> float:
    """The share of the strongest claim that is true, in [0, 1]; 0 where unreadable, and for what merely looks true.

    Scores that tie for the strongest share it; in a text the first mention is the strongest. Of a model that nothing
    was done to, silence is right and any claim wrong.
    """
    if not is_changed(levels):
        return float(answer.is_silent)
    if not answer.said:
        return 0.0
    first = answer.said[0]
    strongest = [claim for claim in answer.said if abs(claim.amount) == abs(first.amount)]
    return fmean(judged([claim], levels).true for claim in ([first] if answer.is_text else strongest))


def __getattr__(name: str) -> object:
    return late("TopNaming", name, module=__name__)
