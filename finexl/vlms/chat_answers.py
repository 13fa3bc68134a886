"""What came of a chat-completions request: an answer, a typed non-answer, trouble that passes, or a wrong setting.

Only what providers document as transient is worth repeating: 408, 409, 429 and 5xx. A wrong key, address, model or
parameter would spoil every question alike and is an error for people; anything else is an outcome of this question.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from finexl.errors import VLMUnusableError
from finexl.interfaces import NoReply, Reply
from finexl.vlms.chat_settings import ChatSettings
from finexl.vlms.retries import Answered, Trouble, Usage, retry_after

if TYPE_CHECKING:
    from openai import APIStatusError

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


def read_completion(body: bytes) -> Answered:
    """Type a response of success, whatever it holds."""
    try:
        completion = json.loads(body)
    except (ValueError, RecursionError):
        completion = None
    usage = _usage(completion.get("usage")) if isinstance(completion, dict) else None
    match completion:
        case {"choices": [{"message": {**message}, **choice}, *_]}:
            outcome = _outcome(message, choice.get("finish_reason"), usage)
        case _:
            shown = body[:SHOWN].decode("utf-8", "replace")
            outcome = NoReply(reason="unparsable", detail=f"No chat completion: {shown!r}")
    return Answered(outcome=outcome, usage=usage)


def read_error(
    error: "APIStatusError", *, settings: ChatSettings, key_variable: str, now: datetime
) -> Answered | Trouble:
    """Type a response of any other status.

    Raises: VLMUnusableError where every other question would fail alike.
    """
    status, parameter = error.status_code, str(error.param)
    words = f"HTTP {status}: {_message(error)}"

    def unusable(status: int) -> VLMUnusableError:
        advice = _ADVICE[status].format(model=settings.model, path=settings.url, key_variable=key_variable)
        return VLMUnusableError(f"The endpoint at {settings.base_url} {advice}. It answered {words}")

    if error.code in _NO_CREDIT or error.type in _NO_CREDIT:
        raise unusable(402)
    if status in _TRANSIENT or status >= 500:
        wait = retry_after(error.response.headers, now=now)
        return Trouble(reason="timeout" if status == 408 else "failed", detail=words, retry_after_s=wait)
    if status in _ADVICE:
        raise unusable(status)
    if status < 400:  # 3xx: a key is sent to no other address than the one given
        raise unusable(405)
    if error.code in _FILTERED:
        return Answered(outcome=NoReply(reason="refused", detail=words))
    if status == 400 and (cure := _CURES.get(parameter)):
        raise VLMUnusableError(
            f"The endpoint must take {parameter!r} as it is sent. {settings.model!r} at {settings.base_url} does not. "
            f"{words}. {cure} (for a judge reader.vlm....)."
        )
    return Answered(outcome=NoReply(reason="failed", detail=words))


def _outcome(message: Mapping[str, Any], finish: object, usage: Usage | None) -> Reply | NoReply:
    text, refusal = _text(message.get("content")), message.get("refusal")
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
    match given:
        case {"prompt_tokens": int(n_input), "completion_tokens": int(n_output)} if (
            min(n_input, n_output) >= 0
        ):
            return Usage(n_input_tokens=n_input, n_output_tokens=n_output)
        case _:
            return None


def _message(error: "APIStatusError") -> str:
    match error.body:
        case {"message": str(text)}:
            pass
        case _:
            text = error.response.text
    return " ".join(text.split())[:SHOWN] or "nothing said"
