"""A chat model that is tried out before it is asked anything that counts.

Servers accept requests that they cannot serve: they drop images, all or all but the first, or cut what is longer than
their context, and answer all the same. So the first question about images goes to a probe of the same shape, as many
images as large, of which the first and the last are plain colours that the model must name. The probe also finds what
the endpoint refuses: a way of enforcing JSON, or several images in one request. Each has one way around, which is told.
A server that cannot be reached says so for every question of a batch at once.

A passed probe does not end it. The first question of each task is asked alone: if that is refused as it stands, so
would all others be. And what the server counts must go on fitting what it is sent (`token_counts`).
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

from finexl.errors import VLMUnusableError
from finexl.interfaces import NoReply, Question, Reply, Task
from finexl.notices import Notice, notice
from finexl.replies import visible_text
from finexl.vlms.abilities import WEAKER, Abilities, Memory
from finexl.vlms.chat import UNRECORDED, ChatVLM
from finexl.vlms.chat_answers import ParameterRefusedError
from finexl.vlms.chat_settings import ChatSettings
from finexl.vlms.colours import COLOURS, colours_for, question_of
from finexl.vlms.token_counts import TokenCounts

MOST_REFUSED = 3
"""Equal refusals in a row that are taken for those of single questions, where others were answered before."""
_TOO_MANY = re.compile(
    r"\b(?:at most|up to|max\w*|only|more than|exceed\w*|too many|limit\w*|multiple|single|one)\b[^.\n]{0,60}"
    r"\b(?:images?|image_url|pictures?)\b|"
    r"\b(?:images?|image_url|pictures?)\b[^.\n]{0,60}\b(?:at most|limit\w*|max\w*|too many|exceed\w*|only|allowed)\b",
    re.IGNORECASE,
)
"""How servers say that a request holds too many images, such as "At most 1 image(s) may be provided"."""


@dataclass(kw_only=True)
class ProbedVLM:
    """Asks a chat model once it has shown that it sees (see `VLM`)."""

    chat: ChatVLM
    settings: ChatSettings
    memory: Memory = field(default_factory=Memory)
    counts: TokenCounts = field(default_factory=TokenCounts)
    _answered: set[Task] = field(default_factory=set)
    """Tasks of which a question was answered."""
    _refusals: list[str] = field(default_factory=list)
    """Refusals of requests as they stand, since anything else came of one."""

    @property
    def id(self) -> str:
        return self.chat.id

    def ask(self, questions: Sequence[Question]) -> tuple[Reply | NoReply, ...]:
        """One outcome per question, in order.

        Raises: VLMUnusableError where every other question would fail alike, BudgetError where the money is spent.
        """
        outcomes: dict[int, Reply | NoReply] = {}
        try:
            self.ask_each(questions, outcomes.__setitem__)
        except VLMUnusableError as error:
            if self._answered:
                error.args = (f"{error} {UNRECORDED}",)
            raise
        return tuple(outcomes[number] for number in range(len(questions)))

    def ask_each(self, questions: Sequence[Question], tell: Callable[[int, Reply | NoReply], None]) -> None:
        """Like `ask`, with each outcome told by the number of its question as soon as it is there."""
        if (outage := self._prepared(questions)) is not None:
            for number in range(len(questions)):
                tell(number, outage)
            return
        left = dict(enumerate(questions))

        def ask(numbers: Sequence[int]) -> None:
            def note(place: int, outcome: Reply | NoReply) -> None:
                question = left.pop(numbers[place])
                tell(numbers[place], outcome)  # before it is judged: what was paid for is kept
                self._heed(question, outcome)

            self.chat.ask_each([questions[number] for number in numbers], note)

        try:
            for number in _firsts(questions, known=self._answered):
                ask([number])
            ask([*left])
        except ParameterRefusedError as error:  # of questions without images, for which there was no probe
            self._weaken(error)
            again = dict(left)
            places = [*again]
            self.ask_each([*again.values()], lambda place, outcome: tell(places[place], outcome))

    def _heed(self, question: Question, outcome: Reply | NoReply) -> None:
        """See that what came of a question does not tell of every other.

        Raises:
            VLMUnusableError: It does.
        """
        if not (isinstance(outcome, NoReply) and _is_refused(outcome)):
            self._refusals.clear()
        if isinstance(outcome, Reply):
            self._answered.add(question.task)
            if fault := self.counts.fault(question, outcome, is_collage=self._known().is_collage):
                raise self._unusable("hand all of a question to the model and count its tokens", fault)
        elif _is_refused(outcome):
            self._refusals[:] = [said for said in self._refusals if said == outcome.detail] + [outcome.detail]
            if question.task not in self._answered or len(self._refusals) >= MOST_REFUSED:
                raise self._unusable(
                    f"take a question of the task {question.task.value!r} with {len(question.images)} images",
                    f"It answered {outcome.detail}.",
                )

    def _weaken(self, error: ParameterRefusedError) -> None:
        """From now on ask for JSON in a way that the endpoint may take; raises the error where none is left."""
        known = self._known()
        if error.parameter != "response_format" or known.answer_format == "off":
            raise error
        self.memory.keep(self.id, replace(known, answer_format=WEAKER[known.answer_format]))

    def _known(self) -> Abilities:
        return self.memory.find(self.id) or Abilities(answer_format=self.settings.structured_output)

    def _prepared(self, questions: Sequence[Question]) -> NoReply | None:
        """See that questions of this shape can be asked; the outcome of all of them where nobody answers now."""
        known = self._known()
        largest = max(questions, key=lambda question: len(question.images), default=None)
        found: Abilities | NoReply = known
        if largest is not None and len(largest.images) > known.n_seen:
            found = self._probe(largest, known)
        if isinstance(found, NoReply):
            return found
        if found != known:
            self.memory.keep(self.id, found)
        self.chat.adapt(found)
        for words in found.fallbacks(self.settings.structured_output):
            notice(Notice(what=f"{self.settings.model} at {self.settings.base_url}", how=words))
        return None

    def _probe(self, like: Question, known: Abilities) -> Abilities | NoReply:
        """What the endpoint takes of a question of this shape.

        Raises:
            VLMUnusableError: It does not show the model these images, whichever way they are sent.
        """
        colours = colours_for(self.id)
        question = question_of(colours, [image.size for image in like.images])
        images, tried = question.images, known
        while True:
            self.chat.adapt(tried)
            try:
                (outcome,) = self.chat.ask([question])
            except ParameterRefusedError as error:
                if error.parameter != "response_format" or tried.answer_format == "off":
                    raise
                tried = replace(tried, answer_format=WEAKER[tried.answer_format])
                continue
            match outcome:
                case Reply():
                    self._check(outcome, colours, len(images))
                    if fault := self.counts.fault(question, outcome, is_collage=tried.is_collage):
                        raise self._unusable(
                            "hand all of a question to the model and count its tokens", fault
                        )
                    return replace(tried, n_seen=len(images))
                case NoReply(detail=said) if _is_refused(outcome):
                    if tried.is_collage or len(images) < 2 or not _TOO_MANY.search(said):
                        raise self._unusable(
                            f"take a question with {len(images)} images", f"It answered {said}."
                        )
                    tried = replace(tried, is_collage=True)
                case NoReply(reason="failed" | "timeout"):
                    return outcome
                case NoReply():
                    answered = f"The answer was {outcome.reason} ({outcome.detail})."
                    raise self._unusable("let the model name two plain colours", answered)
                case _:
                    assert_never(outcome)

    def _check(self, reply: Reply, colours: tuple[str, str], n: int) -> None:
        said = re.findall(rf"\b(?:{'|'.join(COLOURS)})\b", visible_text(reply.text).lower())
        first, last = colours
        shown = f"Of {n} images the first was plain {first} and the last plain {last}"
        heard = f"{shown}; the model said {reply.text[:200]!r}."
        if last not in said and first not in said:
            raise self._unusable("show the model the images of a question", heard)
        if last not in said:
            raise self._unusable(f"show the model all {n} images of a question: it sees the first", heard)
        if said[0] != first or said[-1] != last:
            raise self._unusable(f"show the model the {n} images of a question in their order", heard)

    def _unusable(self, what: str, why: str) -> VLMUnusableError:
        return VLMUnusableError(
            f"The endpoint at {self.settings.base_url} must {what}, and does not with {self.settings.model!r}. {why} "
            "No other question is begun. Choose a model that sees several images, raise the server's context length "
            "and images per request, show fewer images per question, or, if it sees all the same, give vlm.probe=false."
        )


def _is_refused(outcome: NoReply) -> bool:
    """Whether a request is refused as it stands, and would be again."""
    return outcome.reason == "failed" and outcome.detail.startswith("HTTP 4")


def _firsts(questions: Sequence[Question], *, known: Collection[Task]) -> list[int]:
    """The places of the first question of each task that is not known."""
    first: dict[Task, int] = {}
    for number, question in enumerate(questions):
        first.setdefault(question.task, number)
    return [number for task, number in first.items() if task not in known]
