"""The one layer that asks again: bounded attempts under a total deadline, as polite as the server wants.

HELM nested a retry in a retry and waited for hours (stanford-crfm/helm#2081); here clients make single attempts and
say what came of them, and only this file repeats, with tenacity. Clock, sleep and chance are handed in.
"""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import Random
from typing import Literal, Protocol, runtime_checkable

from finexl.interfaces import NoReply, Reply
from finexl.vlms.chat_settings import GIVEN_UP, RetrySettings

POLITENESS = 0.1
"""A wait that the server asked for is prolonged by up to this share, so that callers do not come back all at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens that an endpoint says it counted."""

    n_input_tokens: int
    n_output_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An attempt that settled the question."""

    outcome: Reply | NoReply
    usage: Usage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """An attempt that may well succeed when it is repeated."""

    reason: Literal["timeout", "failed"]
    detail: str
    retry_after_s: float | None = None
    """The wait that the server asked for."""
    is_billed: bool = False
    """Whether the server may have done the work."""
    is_refused: bool = False
    """Whether nobody listened at the address, or nobody who can be trusted or speaks as is expected."""


@runtime_checkable
class Clock(Protocol):
    """Time as the retry layer needs it."""

    def monotonic(self) -> float:
        """Seconds that only grow."""
        ...

    def now(self) -> datetime:
        """The date, with its time zone."""
        ...

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's clock."""

    def monotonic(self) -> float:
        return time.monotonic()

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


Attempt = Callable[[float], Awaitable[Answered | Trouble]]
"""One try of a question, given how many seconds it may take."""


async def persistently(
    attempt: Attempt, *, settings: RetrySettings, clock: Clock, jitter: Random
) -> Reply | NoReply:
    """Try until there is an answer, the attempts are used up, or the next wait would pass the deadline.

    Raises: whatever an attempt raises, at once.
    """
    from tenacity import AsyncRetrying, RetryCallState, retry_if_result  # late: only who asks repeats

    end = clock.monotonic() + settings.deadline_s

    async def in_time() -> Answered | Trouble:
        return await attempt(min(settings.attempt_s, end - clock.monotonic()))

    def trouble_of(state: RetryCallState) -> Trouble:
        assert state.outcome is not None
        return state.outcome.result()

    def wait_s(state: RetryCallState) -> float:
        trouble = trouble_of(state)
        asked_s = settings.refused_wait_s if trouble.is_refused else trouble.retry_after_s
        return wait_before(state.attempt_number, asked_s, settings=settings, jitter=jitter)

    def is_last(state: RetryCallState) -> bool:
        n_refused = settings.n_refused if trouble_of(state).is_refused else settings.n_attempts
        return state.attempt_number >= min(settings.n_attempts, n_refused)

    def given_up(state: RetryCallState) -> Answered:
        trouble, n_made, left_s = trouble_of(state), state.attempt_number, end - clock.monotonic()
        late = ""
        if left_s > 0 and not is_last(state):
            late = f"the next may come in {state.upcoming_sleep:.4g} s, the deadline is in {left_s:.4g} s. "
        detail = f"{GIVEN_UP} {n_made} attempt{'s' if n_made > 1 else ''}: {late}{trouble.detail}"
        reason = trouble.reason if left_s > 0 and not late else "timeout"
        return Answered(outcome=NoReply(reason=reason, detail=detail))

    retrying = AsyncRetrying(
        sleep=clock.sleep,
        wait=wait_s,
        # Not `stop_before_delay`: it reads the machine's clock, and here time is handed in.
        stop=lambda state: is_last(state) or clock.monotonic() + state.upcoming_sleep >= end,
        retry=retry_if_result(lambda result: isinstance(result, Trouble)),
        retry_error_callback=given_up,
    )
    answered: Answered = await retrying(in_time)
    return answered.outcome


def wait_before(
    n_made: int, retry_after_s: float | None, *, settings: RetrySettings, jitter: Random
) -> float:
    """Seconds to wait after attempt number `n_made`: what the server asked for, else doubling with jitter."""
    if retry_after_s is not None:
        return retry_after_s * (1 + POLITENESS * jitter.random())
    full = min(settings.longest_wait_s, settings.first_wait_s * 2 ** (n_made - 1))
    return full * (0.5 + 0.5 * jitter.random())


def retry_after(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """The wait that a response asks for, in seconds: `retry-after-ms`, or `Retry-After` in seconds or as a date.

    None where it asks for none, or for something that is no time; 0 for a date that has passed.
    """
    given = headers.get("retry-after", "")
    for text, per_second in ((headers.get("retry-after-ms", ""), 1000), (given, 1)):
        try:
            seconds = float(text) / per_second
        except ValueError:
            continue
        if 0 <= seconds < math.inf:
            return seconds
    try:
        date = parsedate_to_datetime(given)
    except (ValueError, OverflowError):
        return None
    aware = date if date.tzinfo is not None else date.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())
