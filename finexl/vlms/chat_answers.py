"""What came of a chat-completions request: an answer, a typed non-answer, trouble that passes, or a wrong setting.

Only what providers document as transient is worth repeating: 408, 409, 429 and 5xx. A wrong key, address, model or
parameter would spoil every question alike and is an error for people; anything else is an outcome of this question.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from finexl.errors import VLMUnusableError
from finexl.interfaces import NoReply, Reply
from finexl.vlms.chat_settings import ChatSettings
from finexl.vlms.retries import Answered, Trouble, Usage, retry_after

SHOWN = 300
"""Letters of a server's words that are passed on."""
_TRANSIENT = {408, 409, 429}
_FILTERED = ("content_filter", "content_policy_violation", "moderation_blocked")
_NO_CREDIT = ("insufficient_quota", "billing_hard_limit_reached", "billing_not_active")
_CURES = {
    "model": "Change vlm.model",
    "temperature": "Change vlm.temperature (null leaves it out)",
    "seed": "Change vlm.seed (null leaves it out)",
    "max_tokens": "Give vlm.max_tokens_name=max_completion_tokens, or a smaller vlm.max_tokens",
    "max_completion_tokens": "Give vlm.max_tokens_name=max_tokens, or a smaller vlm.max_tokens",
    "response_format": "Change vlm.structured_output (off leaves it out)",
}
"""By parameter of a request, the settings that decide it."""
_ADVICE = {
    401: "must accept the key. Put a valid one into the environment variable {key_variable}",
    402: "must have credit left. Top it up, or choose another with base_url",
    403: "must let this key use {model!r}. Check what the key may do, or choose another model",
    404: "must know {model!r} and {path}. Check model and base_url",
    405: "must take posts to {path}. Check base_url",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A response that arrived whole."""

    status: int
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes


def read_response(
    response: Response, *, settings: ChatSettings, key_variable: str, now: datetime
) -> Answered | Trouble:
    """Type a response; raises VLMUnusableError where every other question would fail alike."""
    if response.status == 200:
        return _read_completion(response.body)
    error = _error(response.body)
    words = f"HTTP {response.status}: {_message(error, response.body)}"
    if error.get("code") in _NO_CREDIT or error.get("type") in _NO_CREDIT:
        raise _unusable(402, words, settings, key_variable)
    if response.status in _TRANSIENT or response.status >= 500:
        wait = retry_after(response.headers, now=now)
        return Trouble(
            reason="timeout" if response.status == 408 else "failed", detail=words, retry_after_s=wait
        )
    if response.status in _ADVICE:
        raise _unusable(response.status, words, settings, key_variable)
    if response.status < 400:  # 3xx: a key is sent to no other address than the one given
        raise _unusable(405, words, settings, key_variable)
    if error.get("code") in _FILTERED:
        return Answered(outcome=NoReply(reason="refused", detail=words))
    if response.status == 400 and (cure := _CURES.get(str(error.get("param")))):
        raise VLMUnusableError(
            f"The endpoint must take {error['param']!r} as it is sent. {settings.model!r} at {settings.base_url} does "
            f"not. {words}. {cure} (for a judge reader.vlm....)."
        )
    return Answered(outcome=NoReply(reason="failed", detail=words))


def _unusable(status: int, words: str, settings: ChatSettings, key_variable: str) -> VLMUnusableError:
    advice = _ADVICE[status].format(model=settings.model, path=settings.url, key_variable=key_variable)
    return VLMUnusableError(f"The endpoint at {settings.base_url} {advice}. It answered {words}")


def _read_completion(body: bytes) -> Answered:
    completion = _parsed(body)
    choices = completion.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    usage = _usage(completion.get("usage"))
    if not isinstance(choice, dict) or not isinstance(message, dict):
        shown = body[:SHOWN].decode("utf-8", "replace")
        return Answered(
            outcome=NoReply(reason="unparsable", detail=f"No chat completion: {shown!r}"), usage=usage
        )
    return Answered(outcome=_outcome(choice, message, usage), usage=usage)


def _outcome(choice: Mapping[str, Any], message: Mapping[str, Any], usage: Usage | None) -> Reply | NoReply:
    text, refusal = _text(message.get("content")), message.get("refusal")
    finish = choice.get("finish_reason")
    if isinstance(refusal, str) and refusal.strip():
        return NoReply(reason="refused", detail=refusal[:SHOWN])
    if finish == "content_filter":
        return NoReply(reason="refused", detail=f"content_filter: {(text or '')[:SHOWN]!r}")
    if text is None:
        return NoReply(
            reason="unparsable", detail=f"The content is no text: {message.get('content')!r}"[:SHOWN]
        )
    if not text.strip():
        return NoReply(reason="empty", detail=f"finish_reason {finish!r}")
    if finish == "length":  # its last word may be half a word, and what should follow is missing
        return NoReply(reason="unparsable", detail=f"Cut off; raise vlm.max_tokens: {text[:SHOWN]!r}")
    counted = usage or Usage(n_input_tokens=0, n_output_tokens=0)
    return Reply(text=text, n_input_tokens=counted.n_input_tokens, n_output_tokens=counted.n_output_tokens)


def _text(content: object) -> str | None:
    """The text of a message's content: a string, nothing, or a list of parts; None for anything else."""
    match content:
        case None:
            return ""
        case str():
            return content
        case list():
            texts = [part.get("text") for part in content if isinstance(part, dict)]
            return "".join(text for text in texts if isinstance(text, str))
        case _:
            return None


def _usage(given: object) -> Usage | None:
    """Counted tokens; None unless both are there and make sense."""
    counts = [
        given.get(name) if isinstance(given, dict) else None
        for name in ("prompt_tokens", "completion_tokens")
    ]
    whole = [
        count for count in counts if isinstance(count, int) and not isinstance(count, bool) and count >= 0
    ]
    return Usage(n_input_tokens=whole[0], n_output_tokens=whole[1]) if len(whole) == 2 else None


def _error(body: bytes) -> Mapping[str, Any]:
    error = _parsed(body).get("error")
    return error if isinstance(error, dict) else {}


def _message(error: Mapping[str, Any], body: bytes) -> str:
    message = error.get("message")
    text = message if isinstance(message, str) else body.decode("utf-8", "replace")
    return " ".join(text.split())[:SHOWN] or "nothing said"


def _parsed(body: bytes) -> dict[str, Any]:
    """A JSON object; empty for anything else, however deep or broken."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}
