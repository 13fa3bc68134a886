"""What may be spent on a model: a call that would exceed it is not made.

Calls and money are counted in a ledger, which may be a file that several processes and resumed runs share. Before
a call its estimate is reserved; after it the ledger is set right to what the endpoint counted. A process that dies
in between leaves its estimate in the ledger: money that may be spent counts as spent.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from finexl.errors import BudgetError, InvalidInputError
from finexl.vlms.shared_lines import SharedLines

NANO = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """Calls and money; negative where an estimate is set right."""

    n_calls: int = 0
    nanodollars: int = 0

    def __add__(self, other: "Charge") -> "Charge":
        return Charge(n_calls=self.n_calls + other.n_calls, nanodollars=self.nanodollars + other.nanodollars)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What may be spent in all; None = as much as it takes."""

    n_calls: int | None = None
    dollars: float | None = None

    def __post_init__(self) -> None:
        if (self.n_calls is not None and self.n_calls < 0) or (
            self.dollars is not None and not 0 <= self.dollars < float("inf")
        ):
            raise InvalidInputError(f"Budgets must be finite and not negative. Got {self!r}.")

    def allow(self, total: Charge) -> bool:
        """Whether so much may have been spent."""
        has_calls = self.n_calls is None or total.n_calls <= self.n_calls
        return has_calls and (self.dollars is None or total.nanodollars <= round(self.dollars * NANO))


@runtime_checkable
class Ledger(Protocol):
    """The sum of all charges."""

    def add(self, charge: Charge, *, unless: Callable[[Charge], bool] = lambda total: False) -> Charge | None:
        """Add a charge and return the new total; None, and nothing is added, if `unless` holds for that total."""
        ...


class MemoryLedger:
    """Counts for this process."""

    def __init__(self) -> None:
        self._total = Charge()

    def add(self, charge: Charge, *, unless: Callable[[Charge], bool] = lambda total: False) -> Charge | None:
        total = self._total + charge
        if unless(total):
            return None
        self._total = total
        return total


class FileLedger:
    """Counts in a file of JSON lines, one charge each, for all processes that name it."""

    def __init__(self, path: Path) -> None:
        self._lines = SharedLines(path)
        self._total = Charge()

    def add(self, charge: Charge, *, unless: Callable[[Charge], bool] = lambda total: False) -> Charge | None:
        added: list[Charge] = []

        def reply(lines: list[bytes]) -> list[Mapping[str, int]]:
            self._total = sum(map(self._charge, lines), start=self._total)
            if unless(self._total + charge):
                return []
            added.append(charge)
            return [{"calls": charge.n_calls, "nanodollars": charge.nanodollars}]

        self._lines.exchange(reply)
        self._total = sum(added, start=self._total)
        return self._total if added else None

    def _charge(self, line: bytes) -> Charge:
        try:
            entry = json.loads(line)
            return Charge(n_calls=int(entry["calls"]), nanodollars=int(entry["nanodollars"]))
        except (ValueError, TypeError, KeyError) as error:
            raise BudgetError(
                f"Every line of a ledger must state calls and nanodollars. {str(self._lines.path)!r} has "
                f"{line[:80]!r}. Move the file away to start counting anew."
            ) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Limits and the ledger that they are held against."""

    limits: Limits
    ledger: Ledger

    def reserve(self, estimate: Charge) -> None:
        """Charge an estimate, or raise BudgetError if the total would pass a limit."""
        if self.ledger.add(estimate, unless=lambda total: not self.limits.allow(total)) is not None:
            return
        spent = self.ledger.add(Charge())
        assert spent is not None
        calls = [] if self.limits.n_calls is None else [f"{self.limits.n_calls} calls"]
        dollars = [] if self.limits.dollars is None else [f"${self.limits.dollars:.4g}"]
        raise BudgetError(
            f"A call must fit the budget of {' and '.join(calls + dollars)}. So far {spent.n_calls} calls and "
            f"${spent.nanodollars / NANO:.4f} are spent or reserved, and the next call may cost "
            f"${estimate.nanodollars / NANO:.4f}. Raise vlm.budget_calls or vlm.budget_dollars (for a judge "
            "reader.vlm....) and run the same command again: finished work is kept."
        )

    def settle(self, estimate: Charge, actual: Charge) -> None:
        """Replace a reserved estimate by what it came to."""
        self.ledger.add(
            Charge(
                n_calls=actual.n_calls - estimate.n_calls,
                nanodollars=actual.nanodollars - estimate.nanodollars,
            )
        )
