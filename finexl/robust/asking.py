"""A vision-language model is asked for words about few pairs at a time, until new pairs add no new word."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

import numpy as np

from finexl.discovery import ask_all, failure_of, interleaved, reply_notes
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

    answers: tuple[frozenset[str], ...] = ()
    """The words in every answer that could be read; none where no difference was seen."""
    outcomes: tuple[str, ...] = ()
    """One per question: ok, none (no difference), refused, empty, unparsable, timeout or failed."""
    n_left_out: int = 0
    """How many words were named beyond the first `MAX_CONCEPTS` of a reply, and not kept."""

    @property
    def words(self) -> tuple[str, ...]:
        """Each once, in alphabetical order."""
        return tuple(sorted(frozenset().union(*self.answers)))

    @property
    def failure(self) -> str | None:
        """Why nothing is known; None where words were named, or where somebody looked and saw no difference."""
        return None if self.words or not self.outcomes else failure_of(self.outcomes)

    @property
    def notes(self) -> Mapping[str, int]:
        """How many questions were asked, how many ended in each outcome, and what was not kept, where it was."""
        return reply_notes(self.outcomes, n_left_out=self.n_left_out)


def ask_for_words(pairs: ImagePairs, evidence: Evidence, *, vlm: VLM, settings: RobustSettings) -> Asked:
    """Ask about the pairs that moved most first, so that the order in which pairs come says nothing.

    Rounds end where one added no word, or after `n_vlm_pairs`.
    """
    lengths = np.round(np.linalg.norm(evidence.tuned - evidence.base, axis=1), 6)
    order = sorted(range(len(pairs)), key=lambda i: (-lengths[i], pairs.prompts[i]))[: settings.n_vlm_pairs]
    text = load(Task.DIFFERENCES)
    answers: list[frozenset[str]] = []
    outcomes: list[str] = []
    n_left_out = 0
    for start in range(0, len(order), settings.pairs_per_round):
        shown = order[start : start + settings.pairs_per_round]
        questions = [
            Question(task=Task.DIFFERENCES, text=text, images=interleaved(pairs, [i])) for i in shown
        ]
        before = frozenset().union(*answers)
        for answer in ask_all(vlm, questions):
            if not isinstance(answer, Reply):
                outcomes.append(answer.reason)
                continue
            told = read_concepts(answer.text)
            outcomes.append(told.outcome)
            n_left_out += told.n_left_out
            if told.outcome in _READ:
                answers.append(frozenset(told.concepts))
        if before.issuperset(chain.from_iterable(answers)):
            break
    return Asked(answers=tuple(answers), outcomes=tuple(outcomes), n_left_out=n_left_out)
