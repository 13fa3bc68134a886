"""A vision-language model is asked for words about few pairs at a time, until new pairs add no new word."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from finexl.discovery import ask_all, failure_of, interleaved
from finexl.interfaces import VLM, Question, Reply, Task
from finexl.prompts import load
from finexl.replies import read_concepts
from finexl.robust.evidence import Evidence
from finexl.robust.settings import RobustSettings
from finexl.values import ImagePairs

_READ = ("ok", "none")
"""Outcomes of questions that were answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a vision-language model named."""

    times: Mapping[str, int]
    """In how many answers each word stands, in alphabetical order."""
    outcomes: tuple[str, ...]
    """One per question: ok, none (no difference), refused, empty, unparsable, timeout or failed."""

    @property
    def words(self) -> tuple[str, ...]:
        """Each once, in alphabetical order."""
        return tuple(self.times)

    @property
    def shares(self) -> Mapping[str, float]:
        """The share of readable answers that each word stands in."""
        n_read = sum(outcome in _READ for outcome in self.outcomes)
        return {word: count / n_read for word, count in self.times.items()}

    @property
    def failure(self) -> str | None:
        """Why nothing is known; None where words were named, or where somebody looked and saw no difference."""
        return None if self.words or not self.outcomes else failure_of(self.outcomes)

    @property
    def notes(self) -> dict[str, float | int | str]:
        """How many questions were asked, and how many ended in each outcome."""
        counts = {f"n_replies_{outcome}": count for outcome, count in sorted(Counter(self.outcomes).items())}
        return {"n_vlm_calls": len(self.outcomes), **counts}


def ask_for_words(pairs: ImagePairs, evidence: Evidence, *, vlm: VLM, settings: RobustSettings) -> Asked:
    """Ask about the pairs that moved most first, so that the order in which pairs come says nothing.

    Rounds end where one added no word, or after `n_vlm_pairs`.
    """
    lengths = np.round(np.linalg.norm(evidence.tuned - evidence.base, axis=1), 6)
    order = sorted(range(len(pairs)), key=lambda i: (-lengths[i], pairs.prompts[i]))[: settings.n_vlm_pairs]
    text = load(Task.DIFFERENCES)
    times: Counter[str] = Counter()
    outcomes: list[str] = []
    for start in range(0, len(order), settings.pairs_per_round):
        shown = order[start : start + settings.pairs_per_round]
        questions = [
            Question(task=Task.DIFFERENCES, text=text, images=interleaved(pairs, [i])) for i in shown
        ]
        before = len(times)
        for answer in ask_all(vlm, questions):
            if isinstance(answer, Reply):
                told = read_concepts(answer.text)
                times.update(set(told.concepts))
                outcomes.append(told.outcome)
            else:
                outcomes.append(answer.reason)
        if len(times) == before:
            break
    return Asked(times=dict(sorted(times.items())), outcomes=tuple(outcomes))
