"""Captions remembered by content: rows that see models one by one ask once about the base images that these share."""

from collections.abc import Sequence

from finexl.discovery import ask_all
from finexl.encoders.cache import image_key
from finexl.interfaces import VLM, NoReply, Question, Reply, Task


class RemembersCaptions:
    """A VLM that remembers what it said of single images; what got no answer is asked again."""

    __slots__ = ("_captions", "_vlm")

    def __init__(self, vlm: VLM) -> None:
        self._vlm = vlm
        self._captions: dict[tuple[str, ...], Reply] = {}

    @property
    def id(self) -> str:
        """The inner VLM's id: remembered captions are the same captions."""
        return self._vlm.id

    def ask(self, questions: Sequence[Question]) -> tuple[Reply | NoReply, ...]:
        """One outcome per question, in order; only what is not remembered is asked."""
        known = [self._captions.get(_key(question)) for question in questions]
        new = [question for question, caption in zip(questions, known, strict=True) if caption is None]
        answers = iter(ask_all(self._vlm, new) if new else ())
        heard = tuple(next(answers) if caption is None else caption for caption in known)
        for question, answer in zip(questions, heard, strict=True):
            if question.task is Task.DESCRIBE and isinstance(answer, Reply):
                self._captions[_key(question)] = answer
        return heard


def _key(question: Question) -> tuple[str, ...]:
    """Task, text and the content of the images."""
    images = (part for image in question.images for part in image_key(image))
    return (question.task, question.text, *images)
