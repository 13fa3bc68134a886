"""Units run in this process, for debugging."""

from collections.abc import Callable, Iterator, Sequence
from types import TracebackType

from benchmark.run.executors.executor import Result, Unit


class InlineExecutor:
    """Runs the units one after the other in this process."""

    at_once = 1

    def __enter__(self) -> "InlineExecutor":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def map(self, function: Callable[[Unit], Result], units: Sequence[Unit]) -> Iterator[tuple[int, Result]]:
        for index, unit in enumerate(units):
            yield index, function(unit)
