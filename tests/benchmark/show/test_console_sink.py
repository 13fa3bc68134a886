"""Why there are no answers, in one line of the terminal."""

from pathlib import Path

import pytest

from benchmark.show.console_sink import reason_line
from benchmark.show.runs import RunFiles

FILES = RunFiles(folder=Path("out"))


def test_reasons_are_counted_in_one_line_with_one_stop() -> None:
    line = reason_line([("failed: HTTP 503.", 2), ("refused: no\npicture", 1)], FILES)
    assert (
        line
        == f"Without an answer: 2 × failed: HTTP 503; 1 × refused: no picture. {FILES.report} has them all."
    )


@pytest.mark.parametrize(("reason", "expected"), [("timeout: It took 2 s.", True), ("failed: 2 s", False)])
def test_who_ran_out_of_time_is_told_the_key_of_the_limit(reason: str, expected: bool) -> None:
    assert ("explainer.seconds=" in reason_line([(reason, 1)], FILES)) is expected
