"""Packages that explaining images does not need and commands do: which, and how to install them."""

import sys
from collections.abc import Callable

from finexl.explain.consoles import FAILED, OK, forgiving
from finexl.explain.folding import say

BENCHMARK = frozenset({
    "diffusers", "jinja2", "lightning", "peft", "pydantic", "scipy", "sklearn",
    "torchmetrics", "wandb", "yaml",
})  # fmt: skip
"""What the extra `benchmark` brings, by the names that are imported."""


def told_if_missing(main: Callable[[], int], *, program: str) -> int:
    """Run a command line on any console; where a package of the extra is not installed, say so and return 1."""
    with forgiving():
        return _told(main, program)
    return OK  # who reads what is printed has had enough


def _told(main: Callable[[], int], program: str) -> int:
    try:
        return main()
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in BENCHMARK:
            raise
        say(
            f"`{program}` needs the extra `benchmark`. The package {package!r} is not installed. Install the extra: "
            "pip install 'finexl[benchmark]', or in a checkout: pip install --editable '.[benchmark]'",
            file=sys.stderr,
        )
        return FAILED
