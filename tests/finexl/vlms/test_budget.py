"""Money and calls: nothing is asked that the budget does not allow, and every process counts in one ledger."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fast_clock import FastClock
from scripted_server import Act, errs, hangs, says, serving

from finexl.errors import BudgetError, InvalidInputError
from finexl.interfaces import Question, Reply, Task
from finexl.vlms.budget import Budget, Charge, FileLedger, Ledger, Limits, MemoryLedger
from finexl.vlms.chat import Conduct, load_chat_vlm
from finexl.vlms.chat_settings import ChatSettings
from finexl.vlms.prices import PRICES, Price, image_tokens, input_tokens, price_of
from finexl.vlms.retries import RetrySettings

PRICE = Price(
    input=1000.0, output=2000.0
)  # 1000 and 2000 microdollars a token, so that sums are easy to follow
MILLI = 10**6
ASKED = Question(
    task=Task.JUDGE, text="x" * 30
)  # estimated at 20 + 10 tokens, and 10 of the answer: 50 millidollars
USED = {"prompt_tokens": 10, "completion_tokens": 5}  # 20 millidollars


def spent(
    *script: Act, n: int = 1, limits: Limits | None = None, **given: Any
) -> tuple[Charge, int, list[Any]]:
    """The ledger's total, the number of requests, and outcomes of `n` questions asked one after the other."""
    ledger, outcomes = MemoryLedger(), []
    with serving(*script) as server:
        conduct = Conduct(
            retries=RetrySettings(n_attempts=2, attempt_s=2.0, **given),
            budget=Budget(limits=limits or Limits(), ledger=ledger),
            price=PRICE,
            clock=FastClock(),
        )
        settings = ChatSettings(model="m", base_url=server.url, max_tokens=10)
        vlm = load_chat_vlm(settings, conduct=conduct, environment={})
        for _ in range(n):
            try:
                outcomes += vlm.ask([ASKED])
            except BudgetError as error:
                outcomes.append(error)
        return total(ledger), len(server.heard), outcomes


def total(ledger: Ledger) -> Charge:
    found = ledger.add(Charge())
    assert found is not None
    return found


def test_a_call_costs_what_the_endpoint_counted() -> None:
    charge, *_ = spent(says("ok", usage=USED))
    assert charge == Charge(n_calls=1, nanodollars=20 * MILLI)


def test_a_call_that_nobody_counted_costs_its_estimate() -> None:
    charge, *_ = spent(says("ok", usage={}))
    assert charge == Charge(n_calls=1, nanodollars=50 * MILLI)


def test_a_call_that_was_turned_away_costs_no_money() -> None:
    charge, n_requests, _ = spent(errs(429), says("ok", usage=USED))
    assert n_requests == 2 and charge == Charge(n_calls=2, nanodollars=20 * MILLI)


def test_a_call_that_timed_out_may_have_cost_its_estimate() -> None:
    charge, *_ = spent(hangs, says("ok", usage=USED))
    assert charge == Charge(n_calls=2, nanodollars=70 * MILLI)


def test_a_refusal_costs_too() -> None:
    charge, *_ = spent(says(None, refusal="no", usage=USED))
    assert charge == Charge(n_calls=1, nanodollars=20 * MILLI)


def test_money_stops_before_the_call_that_might_exceed_it() -> None:
    """20 + 20 + 50 > 80: the third question is not asked."""
    charge, n_requests, outcomes = spent(says("ok", usage=USED), n=4, limits=Limits(dollars=0.08))
    assert n_requests == 2 and charge == Charge(n_calls=2, nanodollars=40 * MILLI)
    assert [type(outcome) for outcome in outcomes] == [Reply, Reply, BudgetError, BudgetError]


def test_a_budget_that_just_suffices_suffices() -> None:
    _, n_requests, outcomes = spent(says("ok", usage=USED), n=3, limits=Limits(dollars=0.09))
    assert n_requests == 3 and all(isinstance(outcome, Reply) for outcome in outcomes)


def test_calls_are_counted_with_their_repetitions() -> None:
    charge, n_requests, outcomes = spent(errs(500), n=3, limits=Limits(n_calls=3))
    assert (charge.n_calls, n_requests) == (3, 3) and isinstance(outcomes[-1], BudgetError)


def test_the_error_says_what_is_spent_and_what_to_do() -> None:
    _, _, (*_, error) = spent(says("ok", usage=USED), n=2, limits=Limits(dollars=0.06))
    for words in ("$0.06", "1 calls and $0.0200", "$0.0500", "vlm.budget_dollars", "finished work is kept"):
        assert words in str(error)


def test_a_budget_in_dollars_needs_prices() -> None:
    with pytest.raises(InvalidInputError, match=r"input_price"):
        Conduct(budget=Budget(limits=Limits(dollars=1.0), ledger=MemoryLedger()))


# Ledgers


def test_a_ledger_survives_its_process(tmp_path: Path) -> None:
    FileLedger(tmp_path / "a" / "ledger").add(Charge(n_calls=2, nanodollars=7))
    assert total(FileLedger(tmp_path / "a" / "ledger")) == Charge(n_calls=2, nanodollars=7)


def test_two_open_ledgers_of_one_file_see_each_other(tmp_path: Path) -> None:
    one, other = FileLedger(tmp_path / "l"), FileLedger(tmp_path / "l")
    one.add(Charge(n_calls=1, nanodollars=5))
    other.add(Charge(n_calls=1, nanodollars=-3))
    one.add(Charge(n_calls=1))
    assert total(one) == total(other) == Charge(n_calls=3, nanodollars=2)


def test_processes_together_never_pass_a_limit(tmp_path: Path) -> None:
    """Four processes try 25 calls each at a limit of 30."""
    script = (
        "import sys; from pathlib import Path; from finexl.errors import BudgetError\n"
        "from finexl.vlms.budget import *\n"
        "budget = Budget(limits=Limits(n_calls=30), ledger=FileLedger(Path(sys.argv[1])))\n"
        "done = 0\n"
        "for _ in range(25):\n"
        "    try: budget.reserve(Charge(n_calls=1, nanodollars=3)); done += 1\n"
        "    except BudgetError: pass\n"
        "print(done)"
    )
    root = str(Path(__file__).parents[3])
    command = [sys.executable, "-c", script, str(tmp_path / "l")]
    environment = {**os.environ, "PYTHONPATH": root}
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) for _ in range(4)
    ]
    assert sum(int(process.communicate()[0]) for process in running) == 30
    assert total(FileLedger(tmp_path / "l")) == Charge(n_calls=30, nanodollars=90)


def test_a_line_that_was_cut_off_is_dropped(tmp_path: Path) -> None:
    ledger = FileLedger(tmp_path / "l")
    ledger.add(Charge(n_calls=1, nanodollars=5))
    with (tmp_path / "l").open("ab") as file:
        file.write(b'{"calls": 9, "nano')
    assert total(FileLedger(tmp_path / "l")) == Charge(n_calls=1, nanodollars=5)
    ledger.add(Charge(n_calls=1))
    assert total(FileLedger(tmp_path / "l")) == Charge(n_calls=2, nanodollars=5)


def test_a_file_that_is_no_ledger_is_refused(tmp_path: Path) -> None:
    (tmp_path / "l").write_text("my shopping list\n")
    with pytest.raises(BudgetError, match="shopping"):
        total(FileLedger(tmp_path / "l"))


# Prices and estimates


def test_a_dated_model_has_the_price_of_its_name_unless_it_is_listed() -> None:
    assert price_of("gpt-4o-2024-08-06") == PRICES["gpt-4o"]
    assert price_of("gpt-4o-2024-05-13") == PRICES["gpt-4o-2024-05-13"] != PRICES["gpt-4o"]


@pytest.mark.parametrize("model", ["gpt-4o-audio-preview", "llama", "openai/gpt-4o", ""])
def test_no_price_is_guessed(model: str) -> None:
    assert price_of(model) is None


@pytest.mark.parametrize(
    ("size", "detail", "tokens"),
    [
        ((1024, 1024), "high", 765),  # the worked example of OpenAI's guide: 4 tiles of 170 and 85
        ((2048, 4096), "high", 1105),  # its second one: 6 tiles
        ((4096, 8192), "low", 85),  # its third one
        ((512, 512), "high", 255),
        ((64, 64), "high", 255),
    ],
)
def test_images_are_counted_as_the_guide_counts_them(size: tuple[int, int], detail: str, tokens: int) -> None:
    assert image_tokens(size, model="gpt-4o-2024-08-06", detail=detail) == tokens


def test_images_of_other_models_are_not_underestimated() -> None:
    assert image_tokens((1400, 1400), model="Qwen/Qwen2-VL-7B-Instruct") == 50 * 50


def test_text_is_counted_by_bytes() -> None:
    assert input_tokens("", model="gpt-4o") == 20
    assert input_tokens("x" * 300, [(512, 512)], model="gpt-4o") == 20 + 100 + 255
    assert input_tokens("彩" * 100, model="gpt-4o") == 20 + 100


def test_costs_are_whole_nanodollars() -> None:
    assert Price(input=2.5, output=10.0).nanodollars(n_input_tokens=1001, n_output_tokens=3) == 2_532_500


@pytest.mark.parametrize("wrong", [(-1.0, 1.0), (1.0, float("inf")), (float("nan"), 1.0)])
def test_impossible_prices_are_refused(wrong: tuple[float, float]) -> None:
    with pytest.raises(InvalidInputError, match="Prices"):
        Price(input=wrong[0], output=wrong[1])
