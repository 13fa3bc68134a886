"""An answer that was paid for is in the recording, however the asking ended."""

import time
from pathlib import Path
from typing import Any

import pytest
from fast_clock import FastClock
from scripted_server import Act, Server, errs, says, serving

from finexl.errors import BudgetError, VLMUnusableError
from finexl.interfaces import Question, Reply, Task
from finexl.vlms.budget import Budget, Charge, Limits, MemoryLedger
from finexl.vlms.chat import ChatVLM, Conduct, load_chat_vlm
from finexl.vlms.chat_settings import ChatSettings
from finexl.vlms.prices import Price
from finexl.vlms.recorded import RecordingVLM, ReplayVLM

QUESTIONS = [Question(task=Task.JUDGE, text=str(number)) for number in range(20)]
NO_CREDIT = {
    "no credit": errs(402, "no money"),
    "no quota": errs(429, "no quota", code="insufficient_quota"),
}


def client(server: Server, *, n_calls: int | None = None) -> ChatVLM:
    budget = Budget(limits=Limits(n_calls=n_calls), ledger=MemoryLedger())
    settings = ChatSettings(model="m", base_url=server.url)
    return load_chat_vlm(settings, conduct=Conduct(budget=budget, clock=FastClock()), environment={})


def recorder(vlm: ChatVLM, path: Path) -> RecordingVLM:
    return RecordingVLM(vlm, path, identity={})


def echo(handler: Any) -> None:
    says(handler.body["messages"][0]["content"])(handler)


def slow_echo(handler: Any) -> None:
    time.sleep(0.3)
    echo(handler)


def recorded(path: Path) -> list[str]:
    """The questions that the recording holds the right answer to."""
    replay, found = ReplayVLM(path), []
    for question in QUESTIONS:
        try:
            (outcome,) = replay.ask([question])
        except VLMUnusableError:
            continue
        assert isinstance(outcome, Reply) and outcome.text == question.text
        found.append(question.text)
    return found


def test_a_budget_that_is_spent_leaves_every_answer_in_the_recording(tmp_path: Path) -> None:
    with serving(echo) as server:
        with pytest.raises(BudgetError, match=r"finished work is kept.*answered so far is in '.*r'"):
            recorder(client(server, n_calls=6), tmp_path / "r").ask(QUESTIONS)
        assert len(server.heard) == len(recorded(tmp_path / "r")) == 6
        answers = recorder(client(server), tmp_path / "r").ask(QUESTIONS)
        assert len(server.heard) == 20  # none was paid for twice
    assert [answer.text for answer in answers if isinstance(answer, Reply)] == [q.text for q in QUESTIONS]


@pytest.mark.parametrize("act", NO_CREDIT.values(), ids=NO_CREDIT)
def test_a_key_that_runs_out_of_credit_leaves_every_answer_in_the_recording(act: Act, tmp_path: Path) -> None:
    with (
        serving(*[echo] * 6, act) as server,
        pytest.raises(VLMUnusableError, match=r"credit.*answered so far is in '.*r'"),
    ):
        recorder(client(server), tmp_path / "r").ask(QUESTIONS)
    assert len(recorded(tmp_path / "r")) == 6


def test_an_answer_that_is_under_way_when_another_question_ends_the_run_is_waited_for(tmp_path: Path) -> None:
    with serving(slow_echo, errs(402, "no money")) as server:
        with pytest.raises(VLMUnusableError, match="no money"):
            recorder(client(server), tmp_path / "r").ask(QUESTIONS)
        assert len(server.heard) == 4  # those under way, and no other
    assert len(recorded(tmp_path / "r")) == 1


def test_each_answer_is_on_the_disk_before_the_last_has_come(tmp_path: Path) -> None:
    lines: list[int] = []

    def counting(handler: Any) -> None:
        lines.append(len((tmp_path / "r").read_text().splitlines()))
        echo(handler)

    with serving(counting) as server:
        recorder(client(server), tmp_path / "r").ask(QUESTIONS)
    # Up to four questions are under way at a time and may overtake each other; the header is a line too.
    assert len(lines) == 20 and all(n >= 1 + number - 6 for number, n in enumerate(lines))


def test_without_a_recording_the_error_says_what_is_lost_and_how_to_keep_it() -> None:
    with serving(echo) as server:
        with pytest.raises(BudgetError, match=r"finished work is kept.*not kept; with vlm\.record=FILE"):
            client(server, n_calls=6).ask(QUESTIONS)
        vlm = client(server, n_calls=1)
        assert vlm.ask(QUESTIONS[:1]) == (Reply(text="0", n_input_tokens=11, n_output_tokens=7),)
        with pytest.raises(BudgetError, match=r"with vlm\.record=FILE"):
            vlm.ask(QUESTIONS[1:2])


def test_where_nothing_was_answered_nothing_is_said_to_be_lost() -> None:
    with serving(errs(402, "no money")) as server, pytest.raises(VLMUnusableError) as caught:
        client(server).ask(QUESTIONS)
    assert "vlm.record" not in str(caught.value)


def test_a_call_that_was_turned_away_costs_nothing() -> None:
    ledger = MemoryLedger()
    budget = Budget(limits=Limits(dollars=1.0), ledger=ledger)
    conduct = Conduct(budget=budget, clock=FastClock(), price=Price(input=1.0, output=1.0))
    with serving(errs(401, "no such key")) as server, pytest.raises(VLMUnusableError):
        settings = ChatSettings(model="m", base_url=server.url)
        load_chat_vlm(settings, conduct=conduct, environment={}).ask(QUESTIONS[:1])
    assert ledger.add(Charge()) == Charge(n_calls=1)
