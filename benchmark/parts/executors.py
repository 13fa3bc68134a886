"""Where units of work are done, by kind."""

from typing import Literal

from benchmark.parts.strictness import settings
from benchmark.parts.table import Part


@settings
class ExecutorSettings:
    """What the settings of every executor have."""

    name: str
    kind: str


@settings
class InlineSettings(ExecutorSettings):
    """This process, one unit after the other."""

    kind: Literal["inline"] = "inline"


@settings
class LocalSettings(ExecutorSettings):
    """Worker processes of this machine."""

    kind: Literal["local"] = "local"


EXECUTORS: dict[str, Part] = {
    "inline": Part(
        "benchmark.run.executors:InlineExecutor",
        settings=InlineSettings,
        about="Everything in this process, one thing after the other; for debugging.",
    ),
    "local": Part(
        "benchmark.run.executors:LocalExecutor",
        settings=LocalSettings,
        about="Worker processes on this machine; `workers=` says how many.",
    ),
}
"""Every executor; its constructor may ask for `workers` and `settings`."""
