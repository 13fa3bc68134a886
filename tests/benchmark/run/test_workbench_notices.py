"""What a generator cannot read is told in few words."""

from benchmark.run.workbench import _tell
from finexl.notices import collected


def test_examples_of_long_prompts_are_short_and_different() -> None:
    long = "a red house " * 50
    with collected() as told:
        _tell([long, long, "猫" * 300], "prompts cut")
    (one,) = told.values()
    assert one.n == 3 and len(one.examples) == 2 and max(map(len, one.examples)) == 83
