"""Waits and what servers ask for, by arithmetic."""

import asyncio
from datetime import timedelta, timezone
from email.utils import format_datetime
from random import Random

import pytest
from fast_clock import DATE, FastClock

from finexl.errors import BudgetError, InvalidInputError
from finexl.interfaces import NoReply, Reply
from finexl.vlms.retries import Answered, RetrySettings, Trouble, persistently, retry_after, wait_before

SETTINGS = RetrySettings(n_attempts=8, first_wait_s=1.0, longest_wait_s=20.0)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "12"}, 12.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "1e9"}, 1e9),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": format_datetime(DATE + timedelta(seconds=90), usegmt=True)}, 90.0),
        (
            {
                "retry-after": format_datetime(
                    (DATE + timedelta(seconds=90)).astimezone(timezone(timedelta(hours=5)))
                )
            },
            90.0,
        ),
        ({"retry-after": format_datetime(DATE - timedelta(days=9), usegmt=True)}, 0.0),
        ({"retry-after": "Wed, 99 Foo 2026 00:00:00 GMT"}, None),
        ({"retry-after": "-4"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "a while"}, None),
    ],
)
def test_the_wait_that_a_server_asks_for_is_read(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, now=DATE) == seconds


def test_waits_double_up_to_the_longest_and_jitter_takes_off_at_most_half() -> None:
    waits = [wait_before(n, None, settings=SETTINGS, jitter=Random(n)) for n in range(1, 8)]
    full = [1.0, 2.0, 4.0, 8.0, 16.0, 20.0, 20.0]
    assert all(most / 2 <= wait <= most for wait, most in zip(waits, full, strict=True))


def test_a_wait_that_was_asked_for_is_never_cut_short() -> None:
    waits = [wait_before(1, 30.0, settings=SETTINGS, jitter=Random(seed)) for seed in range(50)]
    assert min(waits) >= 30.0 and max(waits) <= 33.0 and len(set(waits)) > 40


def test_jitter_differs_with_its_seed() -> None:
    assert len({wait_before(1, None, settings=SETTINGS, jitter=Random(seed)) for seed in range(9)}) == 9


def outcome_of(
    script: list[Answered | Trouble], **given: float
) -> tuple[Reply | NoReply, list[float], list[float]]:
    """Outcome, time given to each attempt, and waits."""
    left, clock = [], FastClock()

    async def attempt(left_s: float) -> Answered | Trouble:
        left.append(left_s)
        return script[min(len(left), len(script)) - 1]

    settings = RetrySettings(**{"n_attempts": 9, "attempt_s": 50.0, "deadline_s": 100.0, **given})
    return (
        asyncio.run(persistently(attempt, settings=settings, clock=clock, jitter=Random(0))),
        left,
        clock.sleeps,
    )


def test_an_attempt_never_gets_more_time_than_is_left() -> None:
    script = [Trouble(reason="failed", detail="busy", retry_after_s=70.0), Answered(outcome=Reply(text="ok"))]
    outcome, left, _ = outcome_of(script)
    assert outcome == Reply(text="ok")
    assert left[0] == 50.0 and 20.0 < left[1] <= 30.0


def test_the_sum_of_waits_stays_below_the_deadline() -> None:
    outcome, _, waits = outcome_of([Trouble(reason="failed", detail="busy")], deadline_s=10.0)
    assert isinstance(outcome, NoReply) and outcome.reason == "timeout" and sum(waits) < 10.0


def test_a_refused_connection_is_given_up_after_its_own_few_attempts() -> None:
    refused = Trouble(reason="failed", detail="nobody there", is_refused=True)
    outcome, left, waits = outcome_of([refused], n_refused=2, refused_wait_s=0.5)
    assert outcome == NoReply(reason="failed", detail="Given up after 2 attempts: nobody there")
    assert len(left) == 2 and 0.5 <= sum(waits) <= 0.55


def test_a_refused_connection_gets_no_more_attempts_than_any_other() -> None:
    refused = Trouble(reason="failed", detail="nobody there", is_refused=True)
    assert len(outcome_of([refused], n_attempts=1, n_refused=9)[1]) == 1


def test_what_an_attempt_raises_is_raised_at_once() -> None:
    async def attempt(left_s: float) -> Answered | Trouble:
        raise BudgetError("no money")

    with pytest.raises(BudgetError, match="no money"):
        asyncio.run(persistently(attempt, settings=SETTINGS, clock=FastClock(), jitter=Random(0)))


def test_a_non_answer_that_is_settled_is_not_tried_again() -> None:
    refused = NoReply(reason="refused")
    assert outcome_of([Answered(outcome=refused)]) == (refused, [50.0], [])


@pytest.mark.parametrize(
    "wrong", [{"n_attempts": 0}, {"deadline_s": 0.0}, {"attempt_s": float("inf")}, {"first_wait_s": -1.0}]
)
def test_impossible_patience_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InvalidInputError, match="Attempts"):
        RetrySettings(**wrong)
