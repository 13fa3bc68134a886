"""The probe before any question: servers that see nothing, the first image only, or refuse part of a request."""

import base64
import json
import pickle
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from fast_clock import FastClock
from PIL import Image
from scripted_server import Act, Server, errs, says, sends, serving

from finexl.errors import VLMUnusableError
from finexl.interfaces import NoReply, Question, Reply, Task
from finexl.notices import collected
from finexl.vlms.abilities import Memory
from finexl.vlms.chat import Conduct, load_chat_vlm
from finexl.vlms.chat_answers import ParameterRefusedError
from finexl.vlms.chat_settings import ChatSettings
from finexl.vlms.collage import collage
from finexl.vlms.colours import COLOURS, PAIRS
from finexl.vlms.probed import ProbedVLM
from finexl.vlms.retries import RetrySettings

GREY = Image.new("RGB", (64, 64), "grey")
PAIR = Question(task=Task.DIFFERENCES, text="What differs?", images=(GREY, GREY))
EIGHT = Question(task=Task.SCORED_ASPECTS, text="What differs?", images=(GREY,) * 8)
Usage = Callable[[int, int], dict[str, int]]


def counted(n_images: int, n_words: int) -> dict[str, int]:
    """What an honest endpoint counts of images and words."""
    return {"prompt_tokens": 85 * n_images + 2 * n_words, "completion_tokens": 7}


def seen(body: dict[str, Any]) -> list[Image.Image]:
    content = body["messages"][0]["content"]
    parts = [] if isinstance(content, str) else content
    urls = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    return [Image.open(BytesIO(base64.b64decode(url.partition(",")[2]))).convert("RGB") for url in urls]


def colour_at(image: Image.Image, x: int, y: int) -> str:
    pixel = image.getpixel((x, y))
    return min(COLOURS, key=lambda name: sum(abs(a - b) for a, b in zip(COLOURS[name], pixel, strict=True)))


def answers(look: Callable[[list[Image.Image]], object] | None = None, usage: Usage = counted) -> Act:
    """A model that names what `look` sees of a probe, and says "vivid" of everything else."""
    look = look or (
        lambda images: [colour_at(images[0], 1, 1), colour_at(images[-1], images[-1].width - 2, 1)]
    )

    def act(handler: BaseHTTPRequestHandler) -> None:
        body = handler.body  # type: ignore[attr-defined]  # the server puts it there
        content = body["messages"][0]["content"]
        text = content if isinstance(content, str) else content[0]["text"]
        said = json.dumps(look(seen(body))) if "plain colours" in text else "vivid"
        says(said, usage=usage(len(seen(body)), len(text.split())))(handler)

    return act


def refusing(holds: Callable[[dict[str, Any]], bool], refusal: Act, otherwise: Act) -> Act:
    def act(handler: BaseHTTPRequestHandler) -> None:
        (refusal if holds(handler.body) else otherwise)(handler)  # type: ignore[attr-defined]  # as above

    return act


def model(server: Server, *, memory: Memory | None = None, **given: Any) -> ProbedVLM:
    settings = ChatSettings(model="m", base_url=server.url, **given)
    conduct = Conduct(retries=RetrySettings(n_attempts=2), clock=FastClock())
    chat = load_chat_vlm(settings, conduct=conduct, environment={})
    return ProbedVLM(chat=chat, settings=settings, memory=memory or Memory())


def corner(images: list[Image.Image]) -> list[str]:
    """Both colours of a labelled picture: of its first and of its last image."""
    (sheet,) = images
    pixels = [sheet.getpixel((x, y)) for y in range(sheet.height) for x in range(sheet.width)]
    named = [name for pixel in pixels for name, colour in COLOURS.items() if pixel == colour]
    shown = [name for name in dict.fromkeys(named) if named.count(name) > 3000]
    first, last = next(pair for pair in PAIRS if set(pair) <= {*shown})
    return [first, last]


@pytest.mark.parametrize("question", [PAIR, EIGHT, Question(task=Task.DESCRIBE, text="?", images=(GREY,))])
def test_a_model_that_sees_is_probed_once_and_asked(question: Question) -> None:
    with serving(answers()) as server:
        vlm = model(server)
        (outcome,) = vlm.ask([question])
        assert isinstance(outcome, Reply) and outcome.text == "vivid"
        vlm.ask([question])
        assert len(server.heard) == 3
        assert [len(seen(body)) for body in server.heard.bodies] == [len(question.images)] * 3


def test_a_question_with_more_images_than_were_seen_is_probed_for() -> None:
    with serving(answers()) as server:
        vlm = model(server)
        for question in (PAIR, EIGHT, EIGHT, PAIR):
            vlm.ask([question])
        assert [len(seen(body)) for body in server.heard.bodies] == [2, 2, 8, 8, 8, 2]


def test_questions_without_images_need_no_probe() -> None:
    with serving(answers()) as server:
        model(server).ask([Question(task=Task.JUDGE, text="How vivid?")])
        assert len(server.heard) == 1


@pytest.mark.parametrize(
    ("look", "fault"),
    [
        (lambda images: "a nice photo", "must show the model the images"),
        (lambda images: ["red", "blue"], "must show the model"),
        (lambda images: [colour_at(images[0], 1, 1)] * 2, "it sees the first"),
        (lambda images: [colour_at(images[-1], 1, 1), colour_at(images[0], 1, 1)], "in their order"),
    ],
    ids=["blind", "guessing", "first image only", "reversed"],
)
def test_a_model_that_does_not_see_is_told_of_before_any_question(look: Any, fault: str) -> None:
    with serving(answers(look)) as server:
        with pytest.raises(VLMUnusableError, match=fault):
            model(server).ask([EIGHT] * 5)
        assert len(server.heard) == 1


def test_a_count_of_tokens_below_what_was_sent_is_told_of_before_any_question() -> None:
    with serving(answers(usage=lambda *_: {"prompt_tokens": 12, "completion_tokens": 4})) as server:
        with pytest.raises(VLMUnusableError, match="counted 12 prompt tokens"):
            model(server).ask([EIGHT])
        assert len(server.heard) == 1


def test_a_server_that_counts_nothing_is_not_blamed_for_it() -> None:
    with serving(answers(usage=lambda *_: {})) as server:
        assert isinstance(model(server).ask([EIGHT])[0], Reply)


def test_a_count_that_stays_the_same_whatever_is_sent_is_told_of_after_the_first_question() -> None:
    """As of a server that cuts every prompt at its context; the answer that was paid for is kept."""
    kept: dict[int, Any] = {}
    with serving(answers(usage=lambda *_: {"prompt_tokens": 4096, "completion_tokens": 7})) as server:
        with pytest.raises(VLMUnusableError, match="counted 4096 prompt tokens both for"):
            model(server).ask_each([PAIR] * 45, kept.__setitem__)
        assert len(server.heard) == 2 and len(kept) == 1


def test_a_total_that_stays_the_same_whatever_is_sent_is_told_of() -> None:
    def within_4096(n_images: int, n_words: int) -> dict[str, int]:
        return {"prompt_tokens": 4000 + n_words, "completion_tokens": 96 - n_words}

    with (
        serving(answers(usage=within_4096)) as server,
        pytest.raises(VLMUnusableError, match="4096 tokens in all"),
    ):
        model(server).ask([PAIR, Question(task=Task.DESCRIBE, text="so " * 60, images=(GREY, GREY))])


def test_a_count_below_what_a_later_question_sends_is_told_of() -> None:
    long = Question(task=Task.DIFFERENCES, text="what differs " * 300, images=(GREY, GREY))
    with serving(answers(usage=lambda n, words: counted(n, min(words, 50)))) as server:
        vlm = model(server)
        vlm.ask([PAIR])
        with pytest.raises(VLMUnusableError, match="at least 608"):
            vlm.ask([long])


@pytest.mark.parametrize("said", ["maximum context length is 4096 tokens", "bad image", "no"])
def test_equal_refusals_after_a_passed_probe_stop_after_the_first(said: str) -> None:
    server = refusing(lambda body: "plain colours" not in str(body["messages"]), errs(400, said), answers())
    with serving(server) as running:
        with pytest.raises(VLMUnusableError, match=f"task 'differences' with 2 images.*HTTP 400: {said}"):
            model(running).ask([PAIR] * 45)
        assert len(running.heard) == 2


def test_one_refused_question_among_answers_is_an_outcome_of_its_own() -> None:
    odd = Question(task=Task.DIFFERENCES, text="odd", images=(GREY, GREY))
    with serving(refusing(lambda body: "odd" in str(body), errs(400, "bad image"), answers())) as server:
        outcomes = model(server).ask([PAIR, odd, PAIR])
    assert [isinstance(one, Reply) for one in outcomes] == [True, False, True]


def test_refusals_that_begin_among_answers_stop_after_the_third() -> None:
    odd = Question(task=Task.DIFFERENCES, text="odd", images=(GREY, GREY))
    with serving(refusing(lambda body: "odd" in str(body), errs(400, "no more"), answers())) as server:
        vlm = model(server)
        for questions in ([PAIR], [odd], [odd]):
            vlm.ask(questions)
        with pytest.raises(VLMUnusableError, match=r"HTTP 400: no more.*vlm\.record=FILE"):
            vlm.ask([odd])


FORMATS = [
    errs(400, "not supported", param="response_format"),
    sends(400, {"error": "response_format is not supported"}),
    sends(422, {"detail": "json_schema is unsupported"}),
]


@pytest.mark.parametrize("refusal", FORMATS)
def test_a_refused_format_falls_back_to_text_and_is_told(refusal: Act) -> None:
    server = refusing(lambda body: "response_format" in body, refusal, answers())
    with serving(server) as running, collected() as told:
        vlm = model(running, structured_output="json_schema")
        vlm.ask([EIGHT] * 2)
        formats = [body.get("response_format", {}).get("type") for body in running.heard.bodies]
        assert formats == ["json_schema", "json_object", None, None, None]
    (one,) = told.values()
    assert "plain text" in one.line and "json_schema" in one.line


@pytest.mark.parametrize("each", [False, True])
def test_a_format_that_is_refused_of_a_question_without_images_falls_back_too(each: bool) -> None:
    asked = Question(task=Task.JUDGE, text="How vivid?", schema={"type": "object"})
    with (
        serving(refusing(lambda body: "response_format" in body, FORMATS[0], answers())) as server,
        collected() as told,
    ):
        vlm, heard = model(server, structured_output="json_object"), dict[int, Any]()
        if each:
            vlm.ask_each([asked] * 2, heard.__setitem__)
        else:
            heard = dict(enumerate(vlm.ask([asked] * 2)))
    assert len(told) == 1 and [one.text for one in heard.values()] == ["vivid"] * 2


def test_a_format_that_is_half_supported_falls_back_half_way() -> None:
    is_schema = lambda body: body.get("response_format", {}).get("type") == "json_schema"  # noqa: E731
    with serving(refusing(is_schema, FORMATS[0], answers())) as server:
        model(server, structured_output="json_schema").ask([EIGHT])
        assert server.heard.bodies[-1]["response_format"] == {"type": "json_object"}


@pytest.mark.parametrize(
    "refusal",
    [
        errs(400, "At most 1 image(s) may be provided in one prompt."),
        errs(400, "Too many images: the limit is 1."),
        sends(400, {"error": "this model only supports one image while more than one image was given"}),
        errs(422, "multiple images are not allowed"),
    ],
)
def test_too_many_images_are_sent_as_one_labelled_picture_and_told(refusal: Act) -> None:
    server = refusing(lambda body: len(seen(body)) > 1, refusal, answers(corner))
    with serving(server) as running, collected() as told:
        vlm = model(running)
        vlm.ask([EIGHT])
        assert [len(seen(body)) for body in running.heard.bodies] == [8, 1, 1]
        assert "Image 1 to Image 8" in running.heard.bodies[-1]["messages"][0]["content"][0]["text"]
    (one,) = told.values()
    assert "one labelled picture" in one.line


def test_what_is_refused_for_another_reason_stops_after_the_first_request() -> None:
    with serving(errs(400, "this model is asleep")) as server:
        with pytest.raises(VLMUnusableError, match="asleep"):
            model(server).ask([PAIR] * 45)
        assert len(server.heard) == 1


def test_where_nobody_answers_every_question_fails_at_once_and_is_probed_again_later() -> None:
    with serving(errs(503, "loading"), errs(503, "loading"), answers()) as server:
        vlm = model(server)
        outcomes = vlm.ask([PAIR] * 45)
        assert len(server.heard) == 2 and len(outcomes) == 45
        assert all(isinstance(one, NoReply) and "loading" in one.detail for one in outcomes)
        assert isinstance(vlm.ask([PAIR])[0], Reply)


def test_what_was_found_is_remembered_by_other_processes_and_told_again(tmp_path: Path) -> None:
    server = refusing(lambda body: "response_format" in body, FORMATS[0], answers())
    with serving(server) as running:
        for n_requests in (3, 4):
            memory = Memory(tmp_path / "spending.abilities.jsonl")
            with collected() as told:
                model(running, memory=memory, structured_output="json_object").ask([EIGHT])
            assert len(told) == 1 and len(running.heard) == n_requests


def test_a_collage_shows_every_image_at_its_size_in_reading_order() -> None:
    images = [Image.new("RGB", (64, 64), (0, 30 * number, 0)) for number in range(8)]
    sheet = collage(images)
    found = [pixel for pixel in sheet.get_flattened_data() if pixel[0] == pixel[2] == 0]
    counts = {level: found.count((0, level, 0)) for level in range(30, 240, 30)}
    assert set(counts.values()) == {64 * 64}


def test_a_refusal_that_comes_late_keeps_its_kind_and_travels_between_processes() -> None:
    late = ParameterRefusedError("no", "seed")
    assert pickle.loads(pickle.dumps(late)).parameter == "seed"  # made in the line itself
    asked = Question(task=Task.JUDGE, text="How vivid?")
    with serving(says("vivid"), errs(400, "unsupported", param="seed")) as server:
        vlm = model(server)
        vlm.ask([asked])
        with pytest.raises(ParameterRefusedError, match=r"vlm\.seed.*vlm\.record=FILE"):
            vlm.ask([asked])
