"""The example of metrics in the docs is true."""

import doctest
from pathlib import Path

DOCS = Path(__file__).parents[3] / "docs" / "scoring.md"


def test_the_example_of_metrics_is_true() -> None:
    found = doctest.testfile(str(DOCS), module_relative=False)
    assert found.attempted and not found.failed
