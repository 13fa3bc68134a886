"""What an explainer that is run again may ask: the suite's encoder for so long, and models for what they said before.

Models are not asked again: their answers cost money and may be others today. The entry holds every reply under a hash
of its question, images included, so that the same question gets the same reply, and another one none.
"""

import re
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from benchmark.bundle.answers import question_hash
from finexl.errors import EncoderError, FinexlError
from leaderboard.entry.schema import Reply

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor

    from finexl.interfaces import Encoder, NoReply, Question
    from finexl.interfaces import Reply as Answer

_AT_ONCE = 1024
_NO_REPLY = re.compile(r"\(no reply: (refused|empty|cut|unparsable|timeout|failed)\) (.*)", re.DOTALL)
"""How `benchmark explain` keeps that a model gave none."""
Item = TypeVar("Item")


class NoSuchReplyError(FinexlError):
    """A question was asked that the entry holds no reply to."""


class RationedEncoder:
    """An encoder that works for an explanation so many seconds: waiting for it is not counted as explaining."""

    def __init__(self, encoder: "Encoder", *, seconds: float) -> None:
        self._encoder, self._seconds = encoder, seconds
        self._left_s = seconds

    @property
    def id(self) -> str:
        return self._encoder.id

    def turn_to(self, trials: Sequence[str]) -> None:
        """Begin the explanation of these models."""
        self._left_s = self._seconds * len(trials)

    def embed_images(self, images: "Sequence[Image]") -> "Tensor":
        return self._rationed(images, self._encoder.embed_images)

    def embed_texts(self, texts: Sequence[str]) -> "Tensor":
        return self._rationed(texts, self._encoder.embed_texts)

    def _rationed(self, items: Sequence[Item], embed: "Callable[[Sequence[Item]], Tensor]") -> "Tensor":
        import torch

        rows = []
        for first in range(0, max(1, len(items)), _AT_ONCE):  # of none too: it says how wide a row is
            if self._left_s <= 0:
                raise EncoderError(
                    f"An encoder must be asked for at most {self._seconds:g} s of work on a model. More was asked."
                )
            start = monotonic()
            rows.append(embed(items[first : first + _AT_ONCE]))
            self._left_s -= monotonic() - start
        return torch.cat(rows)


class RepliesAgain:
    """A vision-language model that says again what the models of an entry replied."""

    def __init__(self, replies: Sequence[Reply], *, id: str) -> None:
        self._id = id
        self._trials: tuple[str, ...] = ()
        self._own: dict[tuple[tuple[str, ...], str], deque[str]] = defaultdict(deque)
        self._any: dict[str, str] = {}
        for one in replies:
            self._own[one.trials, one.question].append(one.reply)
            self._any.setdefault(one.question, one.reply)

    @property
    def id(self) -> str:
        return self._id

    def turn_to(self, trials: Sequence[str]) -> None:
        """Begin the explanation of these models."""
        self._trials = tuple(trials)

    def ask(self, questions: "Sequence[Question]") -> "tuple[Answer | NoReply, ...]":
        """Replies in the order in which they came.

        Raises:
            NoSuchReplyError: The entry holds none to a question.
        """
        return tuple(self._replied(question) for question in questions)

    def _replied(self, question: "Question") -> "Answer | NoReply":
        from finexl.interfaces import NoReply
        from finexl.interfaces import Reply as Answer

        digest = question_hash(question)
        own = self._own.get((self._trials, digest))
        if own:
            text = own[0]
            own.rotate(-1)  # asked again, it may have said something else
        elif digest in self._any:  # who remembers what was said of one model does not ask about the next
            text = self._any[digest]
        else:
            raise NoSuchReplyError(
                "A question must be one that the entry holds the reply to. It asked another "
                f"({question.task}, {len(question.images)} images, {question.text[:80]!r})."
            )
        if found := _NO_REPLY.fullmatch(text):
            return NoReply(reason=found[1], detail=found[2])
        return Answer(text=text)
