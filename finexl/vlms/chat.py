"""A vision-language model behind any OpenAI-compatible chat-completions endpoint, such as the paper's GPT-4o.

The client is `openai`'s, held to what a benchmark needs. Its own retries are off: `retries` alone repeats, and
`budget` is asked before every call. Its time-outs are per read, so that a server that drips would never time out:
asyncio bounds an attempt from connecting to the last byte. Its objects are built unchecked from whatever a merely
compatible server sends: only the raw response is taken from it, and `chat_answers` reads that.

The key comes from an environment variable and is in no id, record, message or representation. Nothing else of the
environment is sent: neither organization, project or custom headers that `openai` would take from there, nor what it
tells of this machine.
"""

import asyncio
import hashlib
import json
import os
import re
import ssl
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, TypeVar

import openai

from finexl.errors import InvalidInputError, VLMUnusableError
from finexl.interfaces import NoReply, Question, Reply
from finexl.vlms.abilities import Abilities
from finexl.vlms.budget import Budget, Charge, Limits, MemoryLedger
from finexl.vlms.chat_answers import Endpoint, Response, read_response
from finexl.vlms.chat_requests import request_body
from finexl.vlms.chat_settings import ChatSettings, RetrySettings
from finexl.vlms.keys import read_key
from finexl.vlms.prices import Price, input_tokens
from finexl.vlms.retries import Answered, Clock, SystemClock, Trouble, Usage, persistently

_SENT = {"accept", "accept-encoding", "connection", "content-length", "content-type", "host", "user-agent"}
"""Headers of a request beside the key; `openai` would add a dozen more."""
_RAW = "x-stainless-raw-response"
"""The header by which `openai` remembers that the raw response is wanted."""
MOST_BYTES = 16 * 2**20
"""Bytes of a response, unpacked; a longer one is no chat completion, and is not read to its end."""
_CREDENTIALS = re.compile(r"//[^/\s]*@")
_PACKED = ("content-encoding", "content-length", "transfer-encoding")
"""Headers that are not of a body that was unpacked."""
_LEAST_SECRET = 8
"""Letters of a key that can be one; servers without keys are given words such as "none"."""
UNRECORDED = (
    "Answers about groups that are not finished are not kept; with vlm.record=FILE (for a judge "
    "reader.vlm.record=FILE) every answer is, and none is paid for twice."
)
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """How an endpoint is approached; answers do not depend on it."""

    retries: RetrySettings = field(default_factory=RetrySettings)
    n_parallel: int = 4
    """Questions asked at a time."""
    budget: Budget = field(default_factory=lambda: Budget(limits=Limits(), ledger=MemoryLedger()))
    price: Price | None = None
    clock: Clock = field(default_factory=SystemClock)

    def __post_init__(self) -> None:
        if self.n_parallel < 1:
            raise InvalidInputError(f"`n_parallel` must be at least 1. Got {self.n_parallel!r}.")
        if self.price is None and self.budget.limits.dollars is not None:
            raise InvalidInputError(
                "A budget in dollars needs prices, and none are listed for this model. Give both "
                "vlm.input_price and vlm.output_price, in dollars per million tokens."
            )


class ChatVLM:
    """Asks a chat-completions endpoint (see `VLM`)."""

    def __init__(
        self, settings: ChatSettings, *, key: str | None, key_variable: str, conduct: Conduct | None = None
    ) -> None:
        self._settings = settings
        self._key = key
        self._key_variable = key_variable
        self._conduct = conduct or Conduct()
        self._abilities = Abilities(answer_format=settings.structured_output)
        self._has_answered = False
        digest = hashlib.sha256(json.dumps(dict(settings.identity), sort_keys=True).encode()).hexdigest()
        self._id = f"chat/{settings.model}/{digest[:12]}"

    def __repr__(self) -> str:
        return f"ChatVLM({self._id!r})"

    @property
    def id(self) -> str:
        return self._id

    def adapt(self, abilities: Abilities) -> None:
        """Make requests as the endpoint takes them."""
        self._abilities = abilities

    def ask(self, questions: Sequence[Question]) -> tuple[Reply | NoReply, ...]:
        """One outcome per question, in order.

        Raises: VLMUnusableError where every other question would fail alike, BudgetError where the money is spent.
        """
        outcomes: dict[int, Reply | NoReply] = {}
        try:
            self.ask_each(questions, outcomes.__setitem__)
        except VLMUnusableError as error:
            if self._has_answered:
                error.args = (f"{error} {UNRECORDED}",)
            raise
        return tuple(outcomes[number] for number in range(len(questions)))

    def ask_each(self, questions: Sequence[Question], tell: Callable[[int, Reply | NoReply], None]) -> None:
        """Like `ask`, with each outcome told by the number of its question as soon as it is there.

        Before an error is raised, questions that are being asked are asked to their end and told of: an answer that
        was paid for is not thrown away. No other question is begun.
        """
        if questions:
            _completed(lambda: self._ask_all(questions, tell))

    async def _ask_all(
        self, questions: Sequence[Question], tell: Callable[[int, Reply | NoReply], None]
    ) -> None:
        turns, errors = asyncio.Semaphore(self._conduct.n_parallel), list[Exception]()
        async with self._client() as client:

            async def in_turn(number: int, question: Question) -> None:
                async with turns:
                    if errors:
                        return
                    try:
                        outcome = await self._ask(client, question)
                        self._has_answered |= isinstance(outcome, Reply)
                        tell(number, outcome)
                    except Exception as error:
                        errors.append(error)

            await asyncio.gather(*(in_turn(number, question) for number, question in enumerate(questions)))
        if errors:
            raise errors[0]

    def _client(self) -> openai.AsyncOpenAI:
        async def only_ours(request: Any) -> None:
            for name in set(request.headers) - _SENT - {_RAW}:
                del request.headers[name]
            if self._key:
                request.headers["Authorization"] = f"Bearer {self._key}"

        try:
            transport = _BoundedClient(
                follow_redirects=False,  # a key is sent to no other address than the one given
                trust_env=not self._settings.is_local,  # proxies do not know this machine and its network
                event_hooks={"request": [only_ours]},
            )
        except Exception as error:  # a proxy or certificates that the environment names, and that are none
            raise VLMUnusableError(
                "Proxies and certificates in the environment (HTTPS_PROXY, ALL_PROXY, SSL_CERT_FILE, ...) must be "
                f"usable. They are not: {type(error).__name__}: {_CREDENTIALS.sub('//', str(error))}. Mend or unset "
                "them."
            ) from error
        try:
            return openai.AsyncOpenAI(
                api_key=self._key or "none",  # None would be looked for in the environment
                base_url=self._settings.base_url,
                max_retries=0,
                timeout=None,
                http_client=transport,
            )
        except Exception as error:  # the transport's InvalidURL has no narrower base
            raise VLMUnusableError(f"`base_url` must be an http(s) address. It is not: {error}.") from error

    async def _ask(self, client: openai.AsyncOpenAI, question: Question) -> Reply | NoReply:
        conduct = self._conduct
        body = request_body(question, self._settings, self._abilities)
        estimate = self._estimate(question)

        async def attempt(left_s: float) -> Answered | Trouble:
            conduct.budget.reserve(estimate)
            try:
                result = await self._attempt(client, body, left_s)
            except VLMUnusableError as error:
                conduct.budget.settle(estimate, Charge(n_calls=1))
                error.args = (self._redacted(str(error)),)
                error.__cause__, error.__suppress_context__ = None, True
                raise
            conduct.budget.settle(estimate, self._actual(result, estimate))
            return result

        jitter = Random(f"{conduct.retries.seed}/{json.dumps(body)}")
        outcome = await persistently(attempt, settings=conduct.retries, clock=conduct.clock, jitter=jitter)
        if isinstance(outcome, NoReply):
            return replace(outcome, detail=self._redacted(outcome.detail))
        return outcome

    async def _attempt(
        self, client: openai.AsyncOpenAI, body: dict[str, Any], left_s: float
    ) -> Answered | Trouble:
        try:
            async with asyncio.timeout(left_s):
                response = await client.chat.completions.with_raw_response.create(**body)
        except TimeoutError:
            return Trouble(reason="timeout", detail=f"No whole answer within {left_s:.4g} s.", is_billed=True)
        except openai.APIConnectionError as error:
            return _disconnected(error)
        except TooLongError as error:
            return Trouble(reason="failed", detail=str(error), is_billed=True)
        except openai.APIStatusError as error:
            sent = error.response
        else:
            sent = response.http_response
        # before a part of it is cut off, which might leave half a key
        received = self._without_key(sent.content)
        headers = {name.lower(): self._redacted(value) for name, value in sent.headers.items()}
        return read_response(
            Response(status=sent.status_code, body=received, headers=headers),
            endpoint=Endpoint(settings=self._settings, key_variable=self._key_variable),
            now=self._conduct.clock.now(),
        )

    def _estimate(self, question: Question) -> Charge:
        sizes = [image.size for image in question.images]
        detail = self._settings.detail or "high"
        n_input = input_tokens(question.text, sizes, model=self._settings.model, detail=detail)
        return self._charge(Usage(n_input_tokens=n_input, n_output_tokens=self._settings.max_tokens))

    def _actual(self, result: Answered | Trouble, estimate: Charge) -> Charge:
        """What an attempt came to; the estimate where the work may have been done and nobody counted it."""
        if isinstance(result, Trouble):
            return estimate if result.is_billed else Charge(n_calls=1)
        return estimate if result.usage is None else self._charge(result.usage)

    def _charge(self, usage: Usage) -> Charge:
        price = self._conduct.price or Price(input=0.0, output=0.0)
        cost = price.nanodollars(n_input_tokens=usage.n_input_tokens, n_output_tokens=usage.n_output_tokens)
        return Charge(n_calls=1, nanodollars=cost)

    def _redacted(self, text: str) -> str:
        """A server's words without the key, should it repeat it."""
        return text.replace(self._key, "***") if self._key and len(self._key) >= _LEAST_SECRET else text

    def _without_key(self, body: bytes) -> bytes:
        """A response without the key, also as JSON may write it."""
        if not self._key or len(self._key) < _LEAST_SECRET:
            return body
        for written in {self._key, json.dumps(self._key)[1:-1], re.sub(r"\W", _escaped, self._key)}:
            body = body.replace(written.encode(), b"***")
        return body


def load_chat_vlm(
    settings: ChatSettings,
    *,
    key_variable: str = "OPENAI_API_KEY",
    conduct: Conduct | None = None,
    environment: Mapping[str, str] = os.environ,
) -> ChatVLM:
    """The model with the key that the environment holds.

    Raises: VLMUnusableError where a remote one has no key.
    """
    key = read_key(settings, key_variable=key_variable, environment=environment)
    return ChatVLM(settings, key=key, key_variable=key_variable, conduct=conduct)


class TooLongError(Exception):
    """A response that is longer than any answer."""


class _BoundedClient(openai.DefaultAsyncHttpxClient):
    """Reads no response without end: time alone would let a fast server fill the memory."""

    async def send(self, request: Any, **given: Any) -> Any:
        response = await super().send(request, **{**given, "stream": True})
        body = bytearray()
        try:
            async for part in response.aiter_bytes():
                body += part
                if len(body) > MOST_BYTES:
                    raise TooLongError(
                        f"The response is longer than {MOST_BYTES >> 20} MiB, and no answer is."
                    )
        finally:
            await response.aclose()
        headers = [pair for pair in response.headers.multi_items() if pair[0].lower() not in _PACKED]
        return type(response)(response.status_code, headers=headers, content=bytes(body), request=request)


def _escaped(letter: re.Match[str]) -> str:
    return f"\\u{ord(letter[0]):04x}"


def _disconnected(error: openai.APIConnectionError) -> Trouble:
    """A connection that was not made, which costs nothing, or that broke, which may cost the whole answer."""
    causes: list[BaseException] = [error]
    while cause := causes[-1].__cause__ or causes[-1].__context__:
        causes.append(cause)
    broken = causes[1] if len(causes) > 1 else error
    return Trouble(
        reason="failed",
        detail=f"{type(broken).__name__}: {broken}",
        # By name: the transport's errors are no part of what `openai` exports.
        is_billed=type(broken).__name__ != "ConnectError",
        is_refused=any(isinstance(cause, ConnectionRefusedError | ssl.SSLError) for cause in causes),
    )


def _completed(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine to its end, also where an event loop is running already, as in a notebook."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work())
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(lambda: asyncio.run(work())).result()
