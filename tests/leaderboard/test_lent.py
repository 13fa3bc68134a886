"""What an explainer that is run again may ask: replies of its entry, and an encoder for so long."""

from collections.abc import Sequence

import pytest
import torch
from PIL import Image

from benchmark.bundle.answers import question_hash
from finexl.errors import EncoderError
from finexl.interfaces import NoReply, Question, Reply, Task
from leaderboard.entry.schema import Reply as Kept
from leaderboard.rerun.lent import NoSuchReplyError, RationedEncoder, RepliesAgain

ONE, OTHER = "11" * 8, "22" * 8
QUESTION = Question(task=Task.DESCRIBE, text="What is it?")


def kept(reply: str, *, trial: str = ONE, question: Question = QUESTION) -> Kept:
    return Kept(trials=(trial,), vlm="a-model", question=question_hash(question), reply=reply)


def replies(*kept: Kept, about: str = ONE) -> RepliesAgain:
    again = RepliesAgain(kept, id="a-model")
    again.turn_to((about,))
    return again


def test_a_question_that_is_asked_again_gets_the_next_reply() -> None:
    again = replies(kept("first"), kept("second"))
    assert again.ask([QUESTION] * 3) == (Reply(text="first"), Reply(text="second"), Reply(text="first"))


def test_the_reply_about_a_model_goes_before_that_about_another() -> None:
    again = replies(kept("of another", trial=OTHER), kept("of this"))
    assert again.ask([QUESTION]) == (Reply(text="of this"),)


def test_what_was_asked_about_another_model_alone_is_known_of_this_one() -> None:
    assert replies(kept("of another", trial=OTHER)).ask([QUESTION]) == (Reply(text="of another"),)


def test_no_reply_is_none_again() -> None:
    again = replies(kept("(no reply: refused) I cannot."))
    assert again.ask([QUESTION]) == (NoReply(reason="refused", detail="I cannot."),)


@pytest.mark.parametrize("other", [{"text": "What is hidden?"}, {"task": Task.COMPARE}])
def test_another_question_has_no_reply(other: dict) -> None:
    question = Question(**{"task": QUESTION.task, "text": QUESTION.text, **other})
    with pytest.raises(NoSuchReplyError, match="one that the entry holds the reply to"):
        replies(kept("first")).ask([question])


class Counts:
    """An encoder whose rows are the lengths of texts."""

    id = "counts"

    def embed_images(self, images: Sequence[Image.Image]) -> torch.Tensor:
        raise NotImplementedError

    def embed_texts(self, texts: Sequence[str]) -> torch.Tensor:
        return torch.tensor([[float(len(text))] for text in texts]).reshape(-1, 1)


def test_texts_are_embedded_in_their_order_however_many() -> None:
    encoder = RationedEncoder(Counts(), seconds=60.0)
    encoder.turn_to([ONE])
    texts = ["x" * (number % 7) for number in range(2500)]
    assert encoder.embed_texts(texts)[:, 0].tolist() == [len(text) for text in texts]
    assert encoder.embed_texts([]).shape == (0, 1)


def test_an_encoder_that_has_worked_for_so_long_stops_until_the_next_model() -> None:
    encoder = RationedEncoder(Counts(), seconds=1e-9)
    encoder.turn_to([ONE])
    encoder.embed_texts(["a"])
    with pytest.raises(EncoderError, match="at most 1e-09 s of work"):
        encoder.embed_texts(["a"])
    encoder.turn_to([OTHER])
    assert encoder.embed_texts(["a"]).shape == (1, 1)
