"""What came of a chat-completions request: an answer, a typed non-answer, trouble that passes, or a wrong setting.

Only what providers document as transient is worth repeating: 408, 409, 429 and 5xx. So is a body that is no chat
completion, whatever the status says: a gateway's page, an error in place of choices, a stream that nobody asked for.
No model said that. A wrong key, address, model or parameter would spoil every question alike and is an error for
people; anything else is an outcome of this question.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from finexl.errors import VLMUnusableError
from finexl.interfaces import NoReply, Reply
from finexl.replies import says_outage
from finexl.vlms.chat_settings import ChatSettings
from finexl.vlms.retries import Answered, Trouble, Usage, retry_after

SHOWN = 300
"""Letters of a server's words that are passed on."""
_TRANSIENT = {408, 409, 429}
_FILTERED = ("content_filter", "content_policy_violation", "moderation_blocked")
_FILTERING = re.compile(
    r"\b(?:safety (?:system|filter|setting)s?|content (?:management )?(?:polic|filter|moderation)\w*|moderation|"
    r"flagged|responsible ai)\b",
    re.IGNORECASE,
)
"""How endpoints say without a code that they will not show this content to the model; another question may pass."""
_NO_CREDIT = ("insufficient_quota", "billing_hard_limit_reached", "billing_not_active")
_UNPAID = re.compile(
    r"credit balance|insufficient (?:credits?|funds|balance)|no credits?\b|exceeded your current quota|"
    r"payment required|billing (?:details|hard limit)",
    re.IGNORECASE,
)
"""How endpoints say without a code that nothing more is paid for."""
_CURES = {
    "model": "Change vlm.model",
    "temperature": "Change vlm.temperature (null leaves it out)",
    "seed": "Change vlm.seed (null leaves it out)",
    "max_tokens": "Give vlm.max_tokens_name=max_completion_tokens, or a smaller vlm.max_tokens",
    "max_completion_tokens": "Give vlm.max_tokens_name=max_tokens, or a smaller vlm.max_tokens",
    "response_format": "Change vlm.structured_output (off leaves it out)",
}
"""By parameter of a request, the settings that decide it."""
_MENTIONS = {
    "response_format": re.compile(
        r"response[_ ]format|json_schema|json_object|structured[_ ]outputs?|guided_\w+"
    ),
    **{
        name: re.compile(rf"\b{name}\b")
        for name in ("temperature", "seed", "max_tokens", "max_completion_tokens")
    },
}
"""How errors speak of parameters that they do not name apart."""
_UNSUPPORTED = re.compile(
    r"(?:not|n['’]t|un) ?(?:support|allow|permit|implement|recogni|avail|know|expect|accept|enabled)|invalid|extra|"
    r"must be|only",
    re.IGNORECASE,
)
_ENDS_CUT = {"length", "max_tokens", "model_length", "max_output_tokens", "max_new_tokens"}
_ENDS_REFUSED = {
    "content_filter",
    "safety",
    "prohibited_content",
    "recitation",
    "refusal",
    "blocklist",
    "spii",
}
"""Reasons to end that servers give in lower or upper case."""
_ENDS_BROKEN = {
    *("error", "abort", "aborted", "cancelled", "canceled", "timeout", "interrupted", "overloaded", "failed"),
    *("insufficient_system_resource", "network_error", "malformed_function_call", "incomplete"),
}
"""Reasons for which a server left off in the middle: what there is of the answer is no whole one."""
_ANSWER_PARTS = {"text", "output_text"}
"""Types of the parts of a message that hold its answer."""
_NAMED: Mapping[str, int] = {
    "invalid_api_key": 401,
    "authentication_error": 401,
    "permission_error": 403,
    "model_not_found": 404,
    "rate_limit_exceeded": 429,
    "overloaded_error": 503,
}
"""Errors that a success may hold with a name in place of a status."""
_WORDS = (
    "message",
    "msg",
    "detail",
    "error_msg",
    "error_message",
    "status_msg",
    "error_description",
    "reason",
    "title",
)
"""Where errors have their words."""
_INSIDE = ("error", "errors", "detail", "base_resp", "fault")
"""Where bodies have their errors."""
_NAMES_ADDRESS = re.compile(r"/v\d")
_ADVICE = {
    401: "must accept the key. Put a valid one into the environment variable {key_variable}",
    402: "must have credit left. Top it up, or choose another with vlm.base_url",
    403: "must let this key use {model!r}. Check what the key may do, or choose another vlm.model",
    404: "must know {model!r} and {path}. Check vlm.model and vlm.base_url",
    405: "must take posts to {path}. Check vlm.base_url",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What an endpoint sent."""

    status: int
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Who was asked, for words about it."""

    settings: ChatSettings
    key_variable: str


class ParameterRefusedError(VLMUnusableError):
    """The endpoint does not take a parameter of requests as it is sent."""

    def __init__(self, message: str, parameter: str = "") -> None:
        super().__init__(message)
        self.parameter = parameter


def read_response(response: Response, *, endpoint: Endpoint, now: datetime) -> Answered | Trouble:
    """Type what an endpoint sent, whatever it is.

    Raises:
        ParameterRefusedError: A setting decides a parameter that it does not take.
        VLMUnusableError: Every other question would fail alike.
    """
    if response.status < 300:
        return read_completion(response, endpoint=endpoint, now=now)
    return read_error(response, endpoint=endpoint, now=now)


def read_completion(response: Response, *, endpoint: Endpoint, now: datetime) -> Answered | Trouble:
    """Type a response of success."""
    completion: Any = _parsed(response.body)
    match completion:
        case {"choices": [{"message": {**message}, **choice}, *_], **rest} if not (
            choice.get("error") or rest.get("error")
        ):
            usage = _usage(completion.get("usage"))
            outcome = _outcome(message, choice.get("finish_reason"), usage)
            return outcome if isinstance(outcome, Trouble) else Answered(outcome=outcome, usage=usage)
        case {"choices": [{"error": {**error}}, *_]} if not completion.get("error"):
            inside: Any = {"error": error}
        case _:
            inside = completion
    if not _tells_an_error(inside):
        return Trouble(reason="failed", detail=f"HTTP {response.status}: {_no_completion(response)}")
    told = replace(response, body=json.dumps(inside).encode())
    return read_error(told, endpoint=endpoint, now=now, inside=_status(inside))


def _tells_an_error(body: object) -> bool:
    """Whether a body that is no whole completion says what went wrong."""
    if not isinstance(body, dict):
        return False
    return bool(body.get("error")) or ("choices" not in body and bool(_message(body)))


def read_error(
    response: Response, *, endpoint: Endpoint, now: datetime, inside: int | None = None
) -> Answered | Trouble:
    """Type an error: a response of any other status, or one of success that holds an error in place of an answer.

    `inside` is the status that the latter names. One that names none passes, unless its words say more: whoever sends
    it as a success is no whole server now.
    """
    settings, body = endpoint.settings, _parsed(response.body)
    status = response.status if inside is None else inside
    said = _harmless(_message(body) or response.body.decode("utf-8", "replace"))
    words = f"{_heading(response.status, body)}: {said[:SHOWN] or 'nothing said'}"
    if 300 <= status < 400 and (location := response.headers.get("location")):
        words = f"{words}, and points to {location[:SHOWN]!r}"
    kinds = {*_kinds(body)}

    def unusable(status: int) -> VLMUnusableError:
        advice = _ADVICE[status].format(
            model=settings.model, path=settings.url, key_variable=endpoint.key_variable
        )
        if status == 404 and not _NAMES_ADDRESS.search(settings.base_url):
            advice += " (addresses mostly end with /v1)"
        return VLMUnusableError(f"The endpoint at {settings.base_url} {advice}. It answered {words}")

    if kinds & {*_NO_CREDIT} or (status not in _TRANSIENT - {429} and status < 500 and _UNPAID.search(said)):
        raise unusable(402)
    if kinds & {*_FILTERED} or ((status < 300 or status in (400, 403, 422, 451)) and _FILTERING.search(said)):
        return Answered(outcome=NoReply(reason="refused", detail=words))
    if (status < 300 or status in (400, 422)) and (parameter := _refused_parameter(body, said)):
        raise ParameterRefusedError(
            f"The endpoint must take {parameter!r} as it is sent. {settings.model!r} at {settings.base_url} does not. "
            f"{words}. {_CURES[parameter]} (for a judge reader.vlm....).",
            parameter,
        )
    if status < 300 or status in _TRANSIENT or status >= 500:
        wait = retry_after(response.headers, now=now)
        return Trouble(reason="timeout" if status == 408 else "failed", detail=words, retry_after_s=wait)
    if status in _ADVICE:
        raise unusable(status)
    if status < 400:  # 3xx: a key is sent to no other address than the one given
        raise unusable(405)
    return Answered(outcome=NoReply(reason="failed", detail=words))


def _heading(status: int, body: object) -> str:
    """What came: the status that was sent and, in a success, the number or the name that the error has itself."""
    if status >= 300:
        return f"HTTP {status}"
    stated = _stated_status(body)
    named = (
        f", status {stated}" if stated else "".join(f", {kind}" for kind in _kinds(body) if kind in _NAMED)
    )
    return f"HTTP {status} with an error in place of an answer{named}"


def _harmless(text: str) -> str:
    """A server's words in one line that no terminal takes for orders."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _refused_parameter(body: object, said: str) -> str | None:
    """The parameter of a request that an error is about: as it says, else as its words do."""
    parameter = _fact(body, "param")
    if parameter in _CURES:
        return parameter
    if not _UNSUPPORTED.search(said):
        return None
    return next((name for name, words in _MENTIONS.items() if words.search(said)), None)


def _no_completion(response: Response) -> str:
    """What a body is that is no chat completion."""
    text = " ".join(response.body[: 4 * SHOWN].decode("utf-8", "replace").split())
    if not text:
        return "an empty body, and no chat completion"
    if text.startswith(("data:", "event:", ":")):
        return f"a stream of events, which nobody asked for, and no chat completion: {text[:SHOWN]!r}"
    if text.startswith("<"):
        return f"a page, such as of a login or a gateway, and no chat completion: {text[:SHOWN]!r}"
    return f"no chat completion: {text[:SHOWN]!r}"


def _outcome(message: Mapping[str, Any], finish: object, usage: Usage | None) -> Reply | NoReply | Trouble:
    text, refusal = _text(message.get("content")), message.get("refusal") or _refusal(message.get("content"))
    ended = str(finish).lower()
    if isinstance(refusal, str) and refusal.strip():
        return NoReply(reason="refused", detail=refusal[:SHOWN])
    if ended in _ENDS_REFUSED:
        return NoReply(reason="refused", detail=f"{finish}: {(text or '')[:SHOWN]!r}")
    if text is None or ended in _ENDS_BROKEN:
        shown = (
            f"The content is no text: {message.get('content')!r}"
            if text is None
            else f"Ended by {finish!r}: {text!r}"
        )
        return Trouble(reason="failed", detail=shown[:SHOWN], is_billed=True)
    if says_outage(text) or _is_passing(_parsed(text.encode("utf-8", "replace"))):
        return Trouble(reason="failed", detail=f"A gateway's words in place of an answer: {text[:SHOWN]!r}")
    if not text.strip():
        thought = message.get("reasoning_content") or message.get("reasoning")
        spent = (
            ", and all that was said is thoughts: raise vlm.max_tokens"
            if thought or ended in _ENDS_CUT
            else ""
        )
        return NoReply(reason="empty", detail=f"finish_reason {finish!r}{spent}")
    if ended in _ENDS_CUT:  # its last word may be half a word, and what should follow is missing
        return NoReply(reason="cut", detail=f"Cut off; raise vlm.max_tokens: {text[:SHOWN]!r}")
    counted = usage or Usage(n_input_tokens=0, n_output_tokens=0)
    return Reply(text=text, n_input_tokens=counted.n_input_tokens, n_output_tokens=counted.n_output_tokens)


def _is_passing(said: object) -> bool:
    """Whether what a message says is an error by which a server says that it may do better later."""
    status = _status(said) if isinstance(said, dict) and isinstance(said.get("error"), dict) else None
    return status is not None and (status >= 500 or status in _TRANSIENT)


def _text(content: object) -> str | None:
    """The text of a message's content: a string, nothing, or a list of parts; None for anything else."""
    match content:
        case None:
            return ""
        case str():
            return content
        case {"text": str(text), **rest} if rest.get("type", "text") in _ANSWER_PARTS:
            return text
        case list():
            if all(isinstance(part, str) for part in content):
                return "\n".join(content)
            # parts of other types hold thoughts, not the answer
            parts = ({"text": part} if isinstance(part, str) else part for part in content)
            told = [part for part in parts if isinstance(part, dict)]
            texts = [part.get("text") for part in told if part.get("type", "text") in _ANSWER_PARTS]
            return "".join(text for text in texts if isinstance(text, str))
        case _:
            return None


def _refusal(content: object) -> object:
    """The words of a part of a message that refuses."""
    parts = content if isinstance(content, list) else []
    return next(
        (part.get("refusal") for part in parts if isinstance(part, dict) and part.get("refusal")), None
    )


def _usage(given: object) -> Usage | None:
    """Counted tokens; None unless both are there and make sense."""
    match given:
        case {"prompt_tokens": int(n_input), "completion_tokens": int(n_output)} if (
            min(n_input, n_output) >= 0 and not isinstance(n_input, bool) and not isinstance(n_output, bool)
        ):
            return Usage(n_input_tokens=n_input, n_output_tokens=n_output)
        case _:
            return None


def _parsed(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _fact(body: object, name: str) -> Any:
    """What an error says of itself: inside `error`, as most servers do, or beside it."""
    if not isinstance(body, dict):
        return None
    inside = body.get("error")
    found = inside.get(name) if isinstance(inside, dict) else None
    found = body.get(name) if found is None else found
    return found if isinstance(found, str | int | dict) else None


def _status(body: object) -> int | None:
    """The HTTP status that a body says it should have had, as a number or by the usual name of it."""
    named = (_NAMED[kind] for kind in _kinds(body) if kind in _NAMED)
    return _stated_status(body) or next(named, None)


def _stated_status(body: object) -> int | None:
    """The HTTP status that a body says in numbers that it should have had."""
    for name in ("code", "status", "status_code"):
        code = _fact(body, name)
        if isinstance(code, str) and code.isascii() and code.isdigit():
            code = int(code)
        if isinstance(code, int) and 400 <= code < 600:
            return code
    return None


def _kinds(body: object) -> list[str]:
    """The names by which an error says of what kind it is, the narrowest first."""
    return [kind for name in ("code", "type") if isinstance(kind := _fact(body, name), str)]


def _message(body: object) -> str:
    """The words of an error, in the shapes that servers have for it; "" where there are none."""
    if not isinstance(body, dict):
        return ""
    for name in _INSIDE:
        match body.get(name):
            case str(text) if text.strip() and name != "detail":
                return " ".join(text.split())
            case dict(inner) if said := _words(inner):
                return said
            case [*several] if said := "; ".join(filter(None, map(_words, several))):
                return said
            case _:
                pass
    return _words(body)


def _words(told: object) -> str:
    """The words of one error, with the place in the request that it is about, as validators name it."""
    if isinstance(told, str):
        return " ".join(told.split())
    if not isinstance(told, dict):
        return ""
    said = next((text for name in _WORDS if isinstance(text := told.get(name), str) and text.strip()), "")
    place = told.get("loc")
    where = ".".join(map(str, place)) if isinstance(place, list) else ""
    return " ".join(f"{where}: {said}".split()) if where and said else " ".join(said.split())
