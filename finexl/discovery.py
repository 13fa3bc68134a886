"""Low-level concepts in the words of a vision-language model (§4.2, Figure 5).

The model is asked about every pair, and the answers are united. Whether one of them named a concept, or all, and in
which order, is kept beside the concepts: which are tried first is a setting (`finexl.orthogonality.trial_order`).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

import numpy as np
from PIL import Image

from finexl.errors import VLMError
from finexl.interfaces import VLM, NoReply, Question, Reply, Task
from finexl.prompts import load
from finexl.replies import LEFT_OUT, ConceptList, parse_concepts, read_concepts
from finexl.settings import FineXLSettings
from finexl.values import ImagePairs

__all__ = ["Discovery", "discover", "evenly_spread", "failure_of", "interleaved", "parse_concepts"]


MAX_FAULTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """The union of the concepts that a VLM proposed, and how each question ended."""

    concepts: tuple[str, ...]
    """What was proposed, each once, in the order in which it was first named."""
    times_named: tuple[int, ...]
    """How many answers named each concept."""
    outcomes: tuple[str, ...]
    """One per question: ok, none (no difference), refused, empty, cut, unparsable, timeout or failed."""
    n_left_out: int = 0
    """How many concepts were named beyond the first `MAX_CONCEPTS` of a reply, and not kept."""
    faults: tuple[str, ...] = ()
    """The first different reasons of questions that got no answer."""

    @property
    def n_calls(self) -> int:
        """How many questions were asked."""
        return len(self.outcomes)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many questions ended in each outcome."""
        return dict(sorted(Counter(self.outcomes).items()))

    @property
    def notes(self) -> Mapping[str, int]:
        """How many questions were asked, how many ended in each outcome, and what was not kept, where it was."""
        return reply_notes(self.outcomes, n_left_out=self.n_left_out)

    @property
    def failure(self) -> str | None:
        """Why nothing is known; None where concepts were named, or where somebody looked and saw no difference."""
        return None if self.concepts else failure_of(self.outcomes)


def discover(pairs: ImagePairs, *, vlm: VLM, settings: FineXLSettings) -> Discovery:
    """Ask what differs in several pairs and unite the answers (the first loop of Algorithm 1)."""
    shown = evenly_spread(len(pairs), settings.n_vlm_pairs or len(pairs))
    text = load(Task.DIFFERENCES, variant=None if settings.prompt == "original" else settings.prompt)
    size = settings.pairs_per_question
    questions = [
        Question(task=Task.DIFFERENCES, text=text, images=interleaved(pairs, shown[start : start + size]))
        for start in range(0, len(shown), size)
    ]
    answers = ask_all(vlm, questions)
    lists = [_read(answer) for answer in answers]
    faults = dict.fromkeys(one.detail for one in answers if isinstance(one, NoReply) and one.detail)
    named = Counter(concept for each in lists for concept in each.concepts)
    return Discovery(
        concepts=tuple(named),
        times_named=tuple(named.values()),
        outcomes=tuple(each.outcome for each in lists),
        n_left_out=sum(each.n_left_out for each in lists),
        faults=tuple(faults)[:MAX_FAULTS],
    )


def reply_notes(outcomes: Sequence[str], *, n_left_out: int) -> dict[str, int]:
    """What an explanation notes of the replies that it is made of.

    >>> reply_notes(("ok", "none", "ok"), n_left_out=0)
    {'n_vlm_calls': 3, 'n_replies_none': 1, 'n_replies_ok': 2}
    """
    counts = {f"n_replies_{outcome}": count for outcome, count in sorted(Counter(outcomes).items())}
    return {"n_vlm_calls": len(outcomes), **counts, **({LEFT_OUT: n_left_out} if n_left_out else {})}


def failure_of(outcomes: Sequence[str]) -> str | None:
    """Why a model that named nothing said nothing either; None where one of its answers is that nothing differs.

    An outage if there was one, since asking again may help, else the outcome that all questions share, else `empty`.
    """
    shared = set(outcomes)
    if outages := sorted(shared & {"failed", "timeout"}):
        return outages[0]
    if "none" in shared:
        return None
    return shared.pop() if len(shared) == 1 and shared != {"ok"} else "empty"


def evenly_spread(n: int, n_shown: int) -> tuple[int, ...]:
    """At most `n_shown` of the indices 0 to n - 1, spread evenly, ascending.

    >>> evenly_spread(9, 3)
    (0, 4, 8)
    """
    spread = np.linspace(0, n - 1, num=min(n, n_shown))
    return tuple(int(index) for index in np.floor(spread + 0.5))


def interleaved(pairs: ImagePairs, indices: Sequence[int]) -> tuple[Image.Image, ...]:
    """The images of some pairs as a question shows them: base, personalized, base, personalized, ..."""
    return tuple(image for i in indices for image in (pairs.base[i], pairs.personalized[i]))


def ask_all(vlm: VLM, questions: Sequence[Question]) -> tuple[Reply | NoReply, ...]:
    """One outcome per question, or an error: a lost answer must not shift the others."""
    answers = vlm.ask(questions)
    if len(answers) != len(questions):
        raise VLMError(
            f"A VLM must return one outcome per question. {vlm.id!r} was asked {len(questions)} "
            f"and returned {len(answers)}."
        )
    return answers


def _read(answer: Reply | NoReply) -> ConceptList:
    match answer:
        case Reply():
            return read_concepts(answer.text)
        case NoReply():
            return ConceptList(concepts=(), outcome=answer.reason)
        case _:
            assert_never(answer)
