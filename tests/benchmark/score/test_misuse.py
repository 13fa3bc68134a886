"""What is no argument of a metric is refused with what must hold, what was given and what to do, never counted."""

import json
import os
import subprocess
import sys
from pathlib import Path

import misused_metrics
import pytest

ROOT = Path(__file__).parents[3]
MISUSES = [name for name, _ in misused_metrics.misuses()]


@pytest.fixture(scope="module")
def told() -> dict[str, tuple[str, bool, str]]:
    """What every misuse is told where nothing but the metrics checks types."""
    done = subprocess.run(
        [sys.executable, misused_metrics.__file__],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_no_two_misuses_have_one_name() -> None:
    assert len(MISUSES) == len({*MISUSES})


@pytest.mark.parametrize("name", MISUSES)
def test_a_misuse_is_refused_with_advice(name: str, told: dict[str, tuple[str, bool, str]]) -> None:
    kind, is_value_error, message = told[name]
    assert kind == "InvalidInputError" and is_value_error, message
    assert "Got" in message
