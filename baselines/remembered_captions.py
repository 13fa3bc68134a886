"""Captions remembered by content: nobody asks twice about an image, such as the base images that models share."""

from collections.abc import Hashable, Sequence

from finexl.discovery import ask_all
from finexl.encoders.cache import image_key
from finexl.interfaces import VLM, NoReply, Question, Reply, Task


class RemembersCaptions:
    """A VLM that remembers what it said of images; what got no answer is asked again."""

    __slots__ = ("_captions", "_vlm")

    def __init__(self, vlm: VLM) -> None:
        self._vlm = vlm
        self._captions: dict[Hashable, Reply] = {}

    @property
    def id(self) -> str:
        """The inner VLM's id: remembered captions are the same captions."""
        return self._vlm.id

    def ask(self, questions: Sequence[Question]) -> tuple[Reply | NoReply, ...]:
        """One outcome per question, in order; only descriptions are remembered, and asked for once."""
        # Other questions are told apart by their place: equal ones are asked again, for another answer.
        keys = [_key(one) if one.task is Task.DESCRIBE else place for place, one in enumerate(questions)]
        new = {key: one for key, one in zip(keys, questions, strict=True) if key not in self._captions}
        answers = dict(zip(new, ask_all(self._vlm, list(new.values())) if new else (), strict=True))
        heard = tuple(answers.get(key) or self._captions[key] for key in keys)
        for key, answer in answers.items():
            if isinstance(answer, Reply) and not isinstance(key, int):
                self._captions[key] = answer
        return heard


def remembering_captions(vlm: VLM) -> RemembersCaptions:
    """The VLM with a memory for captions, unless it has one."""
    return vlm if isinstance(vlm, RemembersCaptions) else RemembersCaptions(vlm)


def _key(question: Question) -> Hashable:
    return question.text, tuple(map(image_key, question.images))
