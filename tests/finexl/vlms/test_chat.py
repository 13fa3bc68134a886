"""The chat client against a real server that misbehaves: requests, waits and outcomes are counted."""

import asyncio
import gzip
import json
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from fast_clock import DATE, FastClock
from PIL import Image
from scripted_server import (
    HANG_S,
    Act,
    Server,
    cuts,
    drips,
    drips_headers,
    errs,
    hangs,
    resets,
    says,
    sends,
    serving,
)

from finexl.errors import InvalidInputError, VLMUnusableError
from finexl.interfaces import NoReply, Question, Reply, Task
from finexl.replies import read_concepts
from finexl.vlms.chat import ChatVLM, Conduct, load_chat_vlm
from finexl.vlms.chat_settings import ChatSettings
from finexl.vlms.retries import RetrySettings

KEY = "sk-secret-0123456789"
RETRIES = RetrySettings(n_attempts=4, attempt_s=5.0, deadline_s=100.0)
ASKED = Question(task=Task.DIFFERENCES, text="What differs?", images=(Image.new("RGB", (8, 8), "red"),))
OK = says("vivid, grainy")
VIVID = Reply(text="vivid, grainy", n_input_tokens=11, n_output_tokens=7)


def client(server: Server, *, clock: FastClock | None = None, **given: Any) -> ChatVLM:
    settings = {name: given.pop(name) for name in list(given) if name in ChatSettings.__dataclass_fields__}
    retries = replace(RETRIES, **given)
    return load_chat_vlm(
        ChatSettings(base_url=server.url, **{"model": "m", **settings}),
        conduct=Conduct(retries=retries, clock=clock or FastClock()),
        environment={"OPENAI_API_KEY": KEY},
    )


def asked(*script: Act, **given: Any) -> tuple[Reply | NoReply, int, list[float]]:
    """Outcome, number of requests, and waits of one question."""
    clock = FastClock()
    with serving(*script) as server:
        (outcome,) = client(server, clock=clock, **given).ask([ASKED])
        return outcome, len(server.heard), clock.sleeps


def test_an_answer_comes_with_its_counted_tokens() -> None:
    assert asked(OK) == (VIVID, 1, [])


def test_a_question_is_posted_with_every_setting() -> None:
    with serving(OK) as server:
        client(server, model="gpt-4o", temperature=0.5, seed=3, max_tokens=99, detail="low").ask([ASKED])
        (body,), (headers,) = server.heard.bodies, server.heard.headers
    assert server.heard.paths == ["/v1/chat/completions"]
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert {name: body[name] for name in body if name != "messages"} == {
        "model": "gpt-4o",
        "temperature": 0.5,
        "seed": 3,
        "max_tokens": 99,
    }
    (message,) = body["messages"]
    text, image = message["content"]
    assert text == {"type": "text", "text": "What differs?"}
    assert image["image_url"]["detail"] == "low" and image["image_url"]["url"].startswith(
        "data:image/png;base64,"
    )


def test_settings_that_are_none_are_not_sent() -> None:
    with serving(OK) as server:
        client(server, temperature=None, seed=None, max_tokens_name="max_completion_tokens").ask([ASKED])
    assert server.heard.bodies[0].keys() == {"model", "messages", "max_completion_tokens"}


def test_half_a_sign_in_a_question_is_sent_as_a_question_mark() -> None:
    with serving(OK) as server:
        client(server).ask([Question(task=Task.JUDGE, text="half a sign: \ud83c, whole: 🎨")])
    assert server.heard.bodies[0]["messages"][0]["content"] == "half a sign: ?, whole: 🎨"


def test_a_question_without_images_is_plain_text() -> None:
    with serving(OK) as server:
        client(server).ask([Question(task=Task.JUDGE, text="How vivid?")])
    assert server.heard.bodies[0]["messages"] == [{"role": "user", "content": "How vivid?"}]


def test_structured_output_holds_answers_to_the_schema_of_the_question_or_of_the_task() -> None:
    schema = {"type": "object", "properties": {}}
    questions = [
        Question(task=Task.JUDGE, text="?", schema=schema),
        Question(task=Task.SCORED_ASPECTS, text="?"),
        Question(task=Task.DIFFERENCES, text="?"),
    ]
    with serving(OK) as server:
        client(server, structured_output="json_schema").ask(questions[:1])
        client(server, structured_output="json_schema").ask(questions[1:2])
        client(server, structured_output="json_schema").ask(questions[2:])
        client(server, structured_output="json_object").ask(questions[:1])
        client(server, structured_output="off").ask(questions[:1])
    formats = [body.get("response_format") for body in server.heard.bodies]
    assert formats[0] == {
        "type": "json_schema",
        "json_schema": {"name": "judge", "strict": True, "schema": schema},
    }
    assert formats[1]["json_schema"]["schema"]["required"] == ["aspects"]
    assert formats[2:] == [None, {"type": "json_object"}, None]


def test_answers_come_in_the_order_of_the_questions_and_few_are_asked_at_a_time() -> None:
    questions = [Question(task=Task.JUDGE, text=str(number)) for number in range(9)]
    with serving(_echo) as server:
        vlm = load_chat_vlm(
            ChatSettings(model="m", base_url=server.url), conduct=Conduct(n_parallel=3), environment={}
        )
        replies = vlm.ask(questions)
    assert [reply.text for reply in replies if isinstance(reply, Reply)] == [str(n) for n in range(9)]
    assert 2 <= server.heard.n_at_once <= 3


def _echo(handler: Any) -> None:
    number = handler.body["messages"][0]["content"]
    time.sleep(0.04 if int(number) % 2 else 0.01)
    says(number)(handler)


def test_a_question_can_be_asked_where_an_event_loop_runs_already() -> None:
    async def in_a_notebook(server: Server) -> tuple[Reply | NoReply, ...]:
        return client(server).ask([ASKED])

    with serving(OK) as server:
        assert asyncio.run(in_a_notebook(server)) == (VIVID,)


def test_no_question_is_no_request() -> None:
    with serving(OK) as server:
        assert client(server).ask([]) == ()
    assert len(server.heard) == 0


# Trouble that passes


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 529])
def test_passing_trouble_is_asked_again(status: int) -> None:
    outcome, n_requests, waits = asked(errs(status), errs(status), OK)
    assert (outcome, n_requests, len(waits)) == (VIVID, 3, 2)
    assert 0.5 <= waits[0] <= 1.0 <= waits[1] <= 2.0


def test_attempts_are_bounded_and_the_last_trouble_is_told() -> None:
    outcome, n_requests, waits = asked(errs(500, "out of order"))
    assert (n_requests, len(waits)) == (4, 3)
    assert isinstance(outcome, NoReply) and outcome.reason == "failed"
    assert "4 attempts" in outcome.detail and "HTTP 500: out of order" in outcome.detail


def test_waits_repeat_with_their_seed() -> None:
    assert asked(errs(500))[2] == asked(errs(500))[2]


def test_a_wait_in_seconds_is_kept() -> None:
    outcome, n_requests, (wait,) = asked(errs(429, headers={"Retry-After": "7"}), OK)
    assert (outcome, n_requests) == (VIVID, 2) and 7.0 <= wait <= 7.7


def test_a_wait_until_a_date_is_kept() -> None:
    date = format_datetime(DATE + timedelta(seconds=20), usegmt=True)
    outcome, n_requests, (wait,) = asked(errs(429, headers={"Retry-After": date}), OK)
    assert (outcome, n_requests) == (VIVID, 2) and 20.0 <= wait <= 22.0


def test_a_wait_past_the_deadline_is_given_up_at_once() -> None:
    outcome, n_requests, waits = asked(errs(429, headers={"Retry-After": "1e9"}), OK)
    assert (n_requests, waits) == (1, [])
    assert isinstance(outcome, NoReply) and outcome.reason == "timeout" and "e+09 s" in outcome.detail


@pytest.mark.parametrize("asked_for", ["soon", "-3", "nan", ""])
def test_a_wait_that_is_no_time_leaves_our_own(asked_for: str) -> None:
    outcome, _, (wait,) = asked(errs(503, headers={"Retry-After": asked_for}), OK)
    assert outcome == VIVID and 0.5 <= wait <= 1.0


@pytest.mark.parametrize("trouble", [cuts, resets], ids=["cut body", "reset"])
def test_broken_connections_are_made_again(trouble: Act) -> None:
    outcome, n_requests, waits = asked(trouble, OK)
    assert (outcome, n_requests, len(waits)) == (VIVID, 2, 1)


def test_a_server_that_is_not_there_is_a_failure_of_the_question() -> None:
    with serving(OK) as server:
        pass
    (outcome,) = client(server).ask([ASKED])
    assert isinstance(outcome, NoReply) and outcome.reason == "failed" and "ConnectError" in outcome.detail


def test_where_nobody_listens_a_few_quick_attempts_are_made() -> None:
    with serving(OK) as server:
        pass
    clock = FastClock()
    (outcome,) = client(server, clock=clock, n_refused=3).ask([ASKED])
    assert isinstance(outcome, NoReply) and "3 attempts" in outcome.detail and sum(clock.sleeps) < 1.0


@pytest.mark.parametrize(
    "silence", [hangs, drips(), drips_headers], ids=["hang", "slow drip", "dripping headers"]
)
def test_an_attempt_has_a_time_limit_whatever_trickles_in(silence: Act) -> None:
    start = time.monotonic()
    outcome, n_requests, _ = asked(silence, OK, attempt_s=1.0)
    assert (outcome, n_requests) == (VIVID, 2) and time.monotonic() - start < HANG_S / 2


def test_all_attempts_together_have_a_deadline() -> None:
    start = time.monotonic()
    outcome, n_requests, _ = asked(hangs, attempt_s=50.0, deadline_s=1.0)
    assert isinstance(outcome, NoReply) and outcome.reason == "timeout"
    assert n_requests == 1 and time.monotonic() - start < HANG_S / 2


def test_a_wait_counts_toward_the_deadline() -> None:
    trouble = errs(429, headers={"Retry-After": "40"})
    outcome, n_requests, waits = asked(trouble, deadline_s=100.0)
    assert isinstance(outcome, NoReply) and outcome.reason == "timeout"
    assert n_requests == 3 and sum(waits) < 100.0


# What asking again does not mend


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (401, "OPENAI_API_KEY"),
        (402, "credit"),
        (403, "what the key may do"),
        (404, "must know 'm'"),
        (405, "base_url"),
        (307, "base_url"),
    ],
)
def test_a_wrong_key_address_or_model_ends_everything_after_one_request(status: int, advice: str) -> None:
    with serving(errs(status, "wrong"), OK) as server:
        with pytest.raises(VLMUnusableError, match=f"{advice}.*wrong"):
            client(server).ask([ASKED])
        assert len(server.heard) == 1


def test_a_key_without_credit_is_not_asked_again_for_all_its_429() -> None:
    with serving(errs(429, "no quota", code="insufficient_quota"), OK) as server:
        with pytest.raises(VLMUnusableError, match="credit"):
            client(server).ask([ASKED])
        assert len(server.heard) == 1


@pytest.mark.parametrize(
    ("parameter", "cure"),
    [
        ("model", "vlm.model "),
        ("temperature", "vlm.temperature (null leaves it out)"),
        ("seed", "vlm.seed (null leaves it out)"),
        ("max_tokens", "vlm.max_tokens_name=max_completion_tokens"),
        ("max_completion_tokens", "vlm.max_tokens_name=max_tokens"),
        ("response_format", "vlm.structured_output (off leaves it out)"),
    ],
)
def test_a_setting_that_the_endpoint_does_not_take_is_named_with_its_cure(parameter: str, cure: str) -> None:
    with serving(errs(400, "unsupported", param=parameter), OK) as server:
        with pytest.raises(VLMUnusableError, match=re.escape(cure)):
            client(server).ask([ASKED])
        assert len(server.heard) == 1


@pytest.mark.parametrize(
    ("body", "cure"),
    [
        ({"error": "response_format is not supported by this model"}, "vlm.structured_output"),
        ({"detail": "Unsupported: guided_json"}, "vlm.structured_output"),
        ({"detail": [{"loc": ["body", "seed"], "msg": "extra inputs are not permitted"}]}, "vlm.seed"),
        (
            {"object": "error", "message": "json_schema is not available", "code": 400},
            "vlm.structured_output",
        ),
        ({"error": {"message": "Unrecognized request argument: seed"}}, "vlm.seed"),
        ({"error": "`temperature` must be 1"}, "vlm.temperature"),
        (
            {"error": {"message": "'max_tokens' is not supported; use 'max_completion_tokens'"}},
            "vlm.max_tokens_name=max_completion_tokens",
        ),
    ],
)
def test_a_refused_setting_is_known_by_the_words_of_the_error(body: object, cure: str) -> None:
    with serving(sends(400, body), OK) as server:
        with pytest.raises(VLMUnusableError, match=re.escape(cure)):
            client(server).ask([ASKED])
        assert len(server.heard) == 1


def test_a_model_that_takes_only_the_newer_name_is_cured_by_the_advice() -> None:
    def newer(handler: BaseHTTPRequestHandler) -> None:
        is_old = "max_tokens" in handler.body  # type: ignore[attr-defined]  # the server puts it there
        (errs(400, "use another name", param="max_tokens") if is_old else OK)(handler)

    with serving(newer) as server:
        with pytest.raises(VLMUnusableError, match="max_tokens_name=max_completion_tokens"):
            client(server).ask([ASKED])
        assert client(server, max_tokens_name="max_completion_tokens").ask([ASKED]) == (VIVID,)


@pytest.mark.parametrize("status", [400, 413, 418, 422])
def test_a_question_that_the_endpoint_does_not_take_fails_without_a_second_try(status: int) -> None:
    outcome, n_requests, waits = asked(errs(status, "image too large"), OK)
    assert outcome == NoReply(reason="failed", detail=f"HTTP {status}: image too large")
    assert (n_requests, waits) == (1, [])


# Answers that are none

NO_ANSWERS = {
    "refusal": (says(None, refusal="I cannot help with that."), "refused"),
    "filtered answer": (says("", finish="content_filter"), "refused"),
    "filtered question": (errs(400, "flagged", code="content_filter"), "refused"),
    "filtered question without a code": (errs(400, "not allowed by our safety system"), "refused"),
    "filtered question that is forbidden": (errs(403, "Input was flagged for violence"), "refused"),
    "nothing": (says(""), "empty"),
    "white space": (says(" \n\t "), "empty"),
    "null": (says(None), "empty"),
    "all tokens spent on thoughts": (says("", finish="length"), "empty"),
    "an answer cut off": (says("vivid, film gra", finish="length"), "cut"),
    "no parts": (says([]), "empty"),
    "an answer cut by a limit of another name": (says("vivid, film gra", finish="MAX_TOKENS"), "cut"),
    "an answer that a filter of another name ended": (says("vivid", finish="SAFETY"), "refused"),
    "a refusal in a part of its own": (says([{"type": "refusal", "refusal": "I can't help."}]), "refused"),
    "a tool to be called": (says(None, finish="tool_calls", tool_calls=[{"id": "1"}]), "empty"),
    "thoughts in a field of their own": (says("", reasoning_content="vivid?"), "empty"),
    "thoughts in a part of their own": (says([{"type": "reasoning", "text": "vivid?"}]), "empty"),
    "a filtered question, said in a success without a code": (
        sends(200, {"error": "This content was flagged by our moderation"}),
        "refused",
    ),
    "a filtered question, said in a success": (
        sends(200, {"error": {"message": "flagged", "code": "content_filter", "status": 400}}),
        "refused",
    ),
}


def _speaks(words: bytes) -> Act:
    def act(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(words)
        handler.close_connection = True

    return act


OUTAGES = {
    "an error in place of choices": sends(200, {"error": {"message": "overloaded", "code": 503}}),
    "an error whose code is no code": sends(
        200, {"error": {"code": {"a": 1}, "type": ["x"], "message": "?"}}
    ),
    "an error in words": sends(200, {"error": "upstream connect error"}),
    "an error beside an answer": sends(
        200,
        {"error": {"code": 503}, "choices": [{"message": {"content": "vi"}, "finish_reason": "stop"}]},
    ),
    "an error beside an empty choice": sends(200, {"error": {"message": "busy"}, "choices": []}),
    "an error inside the choice": sends(
        200, {"choices": [{"error": {"code": 502}, "message": {"content": ""}}]}
    ),
    "an error as the reason to end": says("vivid", finish="error"),
    "an answer that the server broke off": says("vivid, gra", finish="abort"),
    "an answer that a full server broke off": says("vivid, gra", finish="insufficient_system_resource"),
    "a gateway's words as the answer": says("502 Bad Gateway"),
    "a gateway's heading as the answer": says("<html><body><h1>Service Unavailable</h1></body></html>"),
    "a gateway's error as the answer": says('{"error": {"message": "model overloaded", "code": 503}}'),
    "a gateway's named error as the answer": says('{"error": {"type": "overloaded_error"}}'),
    "a gateway's page as the answer": says("<html><head><title>502</title></head>Bad Gateway</html>"),
    "a detail": sends(200, {"detail": "Not Found"}),
    "several errors": sends(200, {"errors": [{"message": "no room"}]}),
    "a code in the body": sends(200, {"code": 429, "msg": "too many"}),
    "no body": sends(204, ""),
    "a queue": sends(202, {"id": "x", "status": "queued"}),
    "a packed body that is none": sends(200, "vivid", Content_Encoding="gzip"),
    "another protocol": _speaks(b"SSH-2.0-OpenSSH_9.0\r\n"),
    "a chunk that is none": _speaks(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\nvi"),
    "a chunk that is cut": _speaks(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\nvi"),
    "a login page": sends(200, "<!doctype html><html>Sign in to the guest network</html>"),
    "an empty body": sends(200, ""),
    "white space": sends(200, " \n"),
    "a stream of events": sends(
        200, 'data: {"choices": [{"delta": {"content": "vivid"}}]}\n\ndata: [DONE]\n\n'
    ),
    "half of the JSON": sends(200, '{"choices": ['),
    "a list": sends(200, [1, 2]),
    "null": sends(200, "null"),
    "no choices": sends(200, {"choices": []}),
    "null for choices": sends(200, {"choices": None}),
    "a choice that is none": sends(200, {"choices": ["vivid"]}),
    "no message": sends(200, {"choices": [{"text": "vivid"}]}),
    "content that is no text": says(7),
    "another answer that is well formed": sends(200, {"status": "ok", "queue": 4}),
    "deep nesting": sends(200, "[" * 200_000),
}


@pytest.mark.parametrize("act", OUTAGES.values(), ids=OUTAGES)
def test_a_success_that_holds_no_completion_is_an_outage_and_asked_again(act: Act) -> None:
    outcome, n_requests, waits = asked(act, act, OK)
    assert (outcome, n_requests, len(waits)) == (VIVID, 3, 2)


@pytest.mark.parametrize("act", OUTAGES.values(), ids=OUTAGES)
def test_a_success_that_never_holds_a_completion_fails_and_says_what_was_there(act: Act) -> None:
    outcome, n_requests, _ = asked(act)
    assert isinstance(outcome, NoReply) and outcome.reason == "failed" and n_requests == 4
    assert "4 attempts" in outcome.detail and len(outcome.detail) > len("Given up after 4 attempts: ")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("upstream connect error", "HTTP 200 with an error in place of an answer: upstream connect error"),
        ([{"message": "busy"}, {"message": "full"}], "in place of an answer: busy; full"),
        ({"message": "busy"}, "HTTP 200 with an error in place of an answer: busy"),
        ({"message": "busy", "code": None, "type": "server_error"}, "in place of an answer: busy"),
        ({"message": "busy", "code": 502}, "HTTP 200 with an error in place of an answer, status 502: busy"),
        ({"message": "busy", "type": "overloaded_error"}, "in place of an answer, overloaded_error: busy"),
    ],
)
def test_an_error_in_a_success_is_told_as_what_was_sent(error: object, told: str) -> None:
    outcome, _, _ = asked(sends(200, {"error": error}))
    assert isinstance(outcome, NoReply) and outcome.detail.endswith(told)


def test_an_error_status_that_was_sent_is_told_by_its_number_alone() -> None:
    outcome, _, _ = asked(sends(503, {"error": {"message": "busy", "code": 502}}))
    assert isinstance(outcome, NoReply) and outcome.detail.endswith(": HTTP 503: busy")


def test_a_parameter_that_is_refused_in_a_success_is_known() -> None:
    act = sends(200, {"error": "response_format is not supported"})
    with serving(act, OK) as server, pytest.raises(VLMUnusableError, match=r"vlm\.structured_output"):
        client(server).ask([ASKED])


@pytest.mark.parametrize(
    "error", [{"code": 401}, {"code": "invalid_api_key"}, {"type": "authentication_error"}]
)
def test_a_wrong_key_that_is_told_in_a_success_ends_everything(error: dict[str, object]) -> None:
    with serving(sends(200, {"error": {"message": "no auth", **error}}), OK) as server:
        with pytest.raises(VLMUnusableError, match="OPENAI_API_KEY"):
            client(server).ask([ASKED])
        assert len(server.heard) == 1


@pytest.mark.parametrize(("act", "reason"), NO_ANSWERS.values(), ids=NO_ANSWERS)
def test_what_is_no_answer_is_typed_after_one_request(act: Act, reason: str) -> None:
    outcome, n_requests, _ = asked(act, OK)
    assert isinstance(outcome, NoReply) and outcome.reason == reason and n_requests == 1


def test_an_answer_that_was_cut_off_says_which_setting_to_raise() -> None:
    """Half a word of it would be a concept that nobody named."""
    outcome, _, _ = asked(says("vivid, film gra", finish="length"))
    assert isinstance(outcome, NoReply)
    assert "vlm.max_tokens" in outcome.detail and "film gra" in outcome.detail


@pytest.mark.parametrize(
    "text", ['```json\n["vivid"]\n```', "I'm sorry, I can't do that.", "🎨 vivid", "half a sign: \ud83c"]
)
def test_words_are_passed_on_as_they_are(text: str) -> None:
    outcome, *_ = asked(says(text))
    assert isinstance(outcome, Reply) and outcome.text == text


def test_an_answer_in_parts_is_put_together() -> None:
    parts = [{"type": "text", "text": "vivid, "}, {"type": "text", "text": "grainy"}]
    assert asked(says(parts))[0] == VIVID


def test_an_answer_that_is_a_list_of_words_has_them_apart() -> None:
    outcome, *_ = asked(says(["vivid", "grainy"]))
    assert isinstance(outcome, Reply) and read_concepts(outcome.text).concepts == ("vivid", "grainy")


@pytest.mark.parametrize(
    "usage",
    [
        *({}, [], {"prompt_tokens": "9"}, {"prompt_tokens": -1, "completion_tokens": 2}),
        {"prompt_tokens": True, "completion_tokens": 2},
    ],
)
def test_tokens_that_make_no_sense_are_not_counted(usage: object) -> None:
    outcome, *_ = asked(says("vivid", usage=usage))
    assert outcome == Reply(text="vivid")


# Secrets


def test_a_key_that_the_server_repeats_is_not_passed_on() -> None:
    outcome, *_ = asked(errs(400, f"bad request of {KEY}"))
    assert isinstance(outcome, NoReply) and KEY not in outcome.detail
    with serving(errs(401, f"Incorrect key {KEY}")) as server, pytest.raises(VLMUnusableError) as caught:
        client(server).ask([ASKED])
    assert KEY not in str(caught.value) and caught.value.__cause__ is None


def test_no_part_of_a_key_is_passed_on_where_long_words_are_cut() -> None:
    outcome, *_ = asked(errs(400, f"{'x' * 290}{KEY}"))
    assert isinstance(outcome, NoReply) and KEY[:6] not in outcome.detail


def test_a_key_that_json_escapes_is_not_passed_on() -> None:
    outcome, *_ = asked(sends(400, "no " + KEY.replace("-", "\\u002d")))
    assert outcome == NoReply(reason="failed", detail="HTTP 400: no ***")


def test_a_word_in_place_of_a_key_is_left_in_answers() -> None:
    with serving(says("empty, vivid")) as server:
        vlm = load_chat_vlm(
            ChatSettings(model="m", base_url=server.url), environment={"OPENAI_API_KEY": "empty"}
        )
        (outcome,) = vlm.ask([ASKED])
    assert isinstance(outcome, Reply) and outcome.text == "empty, vivid"


@pytest.mark.parametrize("key", ["sk-1 2345678", '"sk-12345678"', "Bearer sk-12345678", "sk-123\n45678"])
def test_a_key_that_was_copied_with_more_than_itself_is_refused(key: str) -> None:
    with pytest.raises(VLMUnusableError, match=r"OPENAI_API_KEY.*without spaces") as caught:
        load_chat_vlm(
            ChatSettings(model="m", base_url="http://localhost/v1"), environment={"OPENAI_API_KEY": key}
        )
    assert "2345" not in str(caught.value)


def test_a_key_in_the_address_is_refused() -> None:
    settings = ChatSettings(model="m", base_url=f"https://models.example/{KEY}/v1")
    with pytest.raises(VLMUnusableError, match="leave it out of the address") as caught:
        load_chat_vlm(settings, environment={"OPENAI_API_KEY": KEY})
    assert KEY not in str(caught.value)


def test_orders_to_a_terminal_are_no_part_of_a_reason() -> None:
    outcome, *_ = asked(errs(400, "\x1b[2Jgone\r\n\x07"))
    assert outcome == NoReply(reason="failed", detail="HTTP 400: [2Jgone")


def test_a_key_follows_no_redirection_and_its_place_is_told() -> None:
    moved = sends(308, "", Location="https://elsewhere.example/v1/chat/completions")
    with serving(moved, OK) as server:
        with pytest.raises(VLMUnusableError, match=r"base_url.*points to 'https://elsewhere\.example"):
            client(server).ask([ASKED])
        assert len(server.heard) == 1


def test_no_credit_is_known_by_its_words() -> None:
    with serving(errs(429, "Your credit balance is too low"), OK) as server:
        with pytest.raises(VLMUnusableError, match="credit left"):
            client(server).ask([ASKED])
        assert len(server.heard) == 1


def test_an_interrupt_in_the_middle_of_a_question_ends_it_at_once() -> None:
    code = (
        # a suite that runs in the background is deaf to it, and so is what it starts
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from finexl.interfaces import Question, Task; from finexl.vlms.chat import load_chat_vlm\n"
        "from finexl.vlms.chat_settings import ChatSettings\n"
        "vlm = load_chat_vlm(ChatSettings(model='m', base_url=sys.argv[1]), environment={})\n"
        "try: vlm.ask([Question(task=Task.JUDGE, text='?')])\n"
        "except KeyboardInterrupt: sys.exit(130)"
    )
    with serving(hangs) as server:
        child = subprocess.Popen([sys.executable, "-c", code, server.url])
        while not server.heard and child.poll() is None:
            time.sleep(0.05)
        start = time.monotonic()
        child.send_signal(signal.SIGINT)
        assert child.wait(HANG_S) == 130 and time.monotonic() - start < HANG_S / 2


def test_no_response_is_read_without_end() -> None:
    def floods(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.close_connection = True
        for _ in range(200):
            handler.wfile.write(b" " * 2**20)

    outcome, n_requests, _ = asked(floods, OK)
    assert (outcome, n_requests) == (VIVID, 2)
    outcome, *_ = asked(floods, n_attempts=1)
    assert isinstance(outcome, NoReply) and "16 MiB" in outcome.detail


def test_a_small_body_that_unpacks_to_a_large_one_is_not_unpacked_whole() -> None:
    packed = gzip.compress(b" " * 2**27)

    def bomb(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Encoding", "gzip")
        handler.send_header("Content-Length", str(len(packed)))
        handler.end_headers()
        handler.wfile.write(packed)

    outcome, *_ = asked(bomb, n_attempts=1)
    assert isinstance(outcome, NoReply) and "16 MiB" in outcome.detail


def test_a_packed_answer_is_read() -> None:
    whole = gzip.compress(json.dumps({"choices": [{"message": {"content": "vivid"}}]}).encode())

    def packs(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Encoding", "gzip")
        handler.send_header("Content-Length", str(len(whole)))
        handler.end_headers()
        handler.wfile.write(whole)

    assert asked(packs)[0] == Reply(text="vivid")


def test_a_server_without_tls_is_a_failure_within_moments() -> None:
    with serving(OK) as server:
        secure = Server(url=server.url.replace("http:", "https:"), heard=server.heard)
        clock = FastClock()
        (outcome,) = client(secure, clock=clock).ask([ASKED])
    assert isinstance(outcome, NoReply) and "SSL" in outcome.detail and sum(clock.sleeps) < 1.0


@pytest.mark.parametrize(
    ("name", "value"), [("HTTPS_PROXY", "http://me:secret@proxy:port"), ("SSL_CERT_FILE", "/nowhere")]
)
def test_a_proxy_or_certificates_that_are_none_are_told(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    vlm = load_chat_vlm(
        ChatSettings(model="m", base_url="https://models.example/v1"), environment={"OPENAI_API_KEY": KEY}
    )
    with pytest.raises(VLMUnusableError, match=r"HTTPS_PROXY.*SSL_CERT_FILE") as caught:
        vlm.ask([ASKED])
    assert "secret" not in str(caught.value)


def test_an_address_with_the_path_of_chat_completions_is_given_without() -> None:
    with pytest.raises(InvalidInputError, match=r"base_url=http://localhost:1/v1$"):
        ChatSettings(model="m", base_url="http://localhost:1/v1/chat/completions/")


def test_no_id_and_no_representation_shows_the_key() -> None:
    with serving(OK) as server:
        vlm = client(server)
    assert KEY not in vlm.id + repr(vlm)


def test_nothing_of_the_environment_and_of_this_machine_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    variables = ("API_KEY", "ADMIN_KEY", "ORG_ID", "PROJECT_ID", "WEBHOOK_SECRET")
    for name in variables:
        monkeypatch.setenv(f"OPENAI_{name}", f"leaked-{name}")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/elsewhere")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "Authorization: Bearer leaked\nX-Own: leaked")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with serving(OK) as server:
        client(server).ask([ASKED])
        load_chat_vlm(ChatSettings(model="m", base_url=server.url), environment={}).ask([ASKED])
        keyed, keyless = (
            {name.lower(): text for name, text in each.items()} for each in server.heard.headers
        )
    assert keyed.pop("authorization") == f"Bearer {KEY}"
    for headers in (keyed, keyless):
        assert "leaked" not in str(headers) and headers.keys() == {
            *(
                "host",
                "accept",
                "accept-encoding",
                "connection",
                "user-agent",
                "content-type",
                "content-length",
            ),
            "x-stainless-raw-response",
        }


def test_a_remote_endpoint_without_a_key_is_refused_before_it_is_asked() -> None:
    with pytest.raises(VLMUnusableError, match=r"export MY_KEY="):
        load_chat_vlm(
            ChatSettings(model="m", base_url="https://models.example/v1"),
            key_variable="MY_KEY",
            environment={},
        )


def test_an_endpoint_on_this_machine_needs_no_key() -> None:
    with serving(OK) as server:
        load_chat_vlm(ChatSettings(model="m", base_url=server.url), environment={}).ask([ASKED])
        assert "Authorization" not in server.heard.headers[0]


@pytest.mark.parametrize(
    ("host", "is_local"),
    [
        *((host, True) for host in ("localhost", "127.0.0.1", "[::1]", "0.0.0.0", "10.1.2.3", "192.168.0.9")),
        *(
            (host, True)
            for host in ("100.64.0.7", "[fd00::1]", "[::]", "gpu-box", "host.docker.internal", "nas.local")
        ),
        *((host, False) for host in ("8.8.8.8", "api.openai.com", "localhost.example", "127.0.0.1.example")),
    ],
)
def test_private_addresses_need_no_key(host: str, is_local: bool) -> None:
    assert ChatSettings(model="m", base_url=f"http://{host}:8000/v1").is_local == is_local


def test_settings_are_built_without_the_libraries_that_the_models_need() -> None:
    code = (
        "import sys, finexl, finexl.vlms.budget, finexl.vlms.keys, finexl.vlms.prices\n"
        "from finexl.vlms.chat_settings import ChatSettings, RetrySettings\n"
        "from finexl.vlms.local_settings import LocalSettings\n"
        "ChatSettings(model='m'), RetrySettings(), LocalSettings(model='m')\n"
        "sys.exit(bool({'openai', 'tenacity', 'filelock', 'torch'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_address_that_no_request_can_be_made_to_is_told_to_people() -> None:
    vlm = load_chat_vlm(ChatSettings(model="m", base_url="http://localhost/" + "x" * 70_000), environment={})
    with pytest.raises(VLMUnusableError, match="base_url"):
        vlm.ask([ASKED])


@pytest.mark.parametrize(
    "url",
    [
        "https://user:pass@models.example/v1",
        "https://models.example/v1?key=abc",
        "ftp://x/v1",
        "models.example",
        "http://models.example:port/v1",
        "http://models.example/v1 ",
        "http://models.example\n/v1",
        "",
    ],
)
def test_an_address_with_a_secret_or_without_a_protocol_is_refused(url: str) -> None:
    with pytest.raises(InvalidInputError, match="base_url") as caught:
        ChatSettings(model="m", base_url=url)
    assert "pass" not in str(caught.value).replace("password", "") and "abc" not in str(caught.value)


def test_ids_change_with_everything_that_answers_depend_on() -> None:
    changes: list[dict[str, Any]] = [
        {},
        {"model": "other"},
        {"base_url": "http://localhost:2/v1"},
        {"temperature": 1.0},
        {"seed": 1},
        {"max_tokens": 5},
        {"structured_output": "json_object"},
        {"detail": "low"},
    ]
    base = {"model": "m", "base_url": "http://localhost:1/v1"}
    ids = {load_chat_vlm(ChatSettings(**base | change), environment={}).id for change in changes}
    assert len(ids) == len(changes)


def test_a_slash_at_the_end_of_the_address_changes_nothing() -> None:
    plain, slashed = (ChatSettings(model="m", base_url=f"http://localhost:1/v1{end}") for end in ("", "/"))
    assert plain.url == slashed.url and plain.identity == slashed.identity


def test_settings_are_plain_json() -> None:
    json.dumps(dict(ChatSettings(model="m").identity), allow_nan=False)
