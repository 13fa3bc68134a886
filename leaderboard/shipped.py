"""The explainers that come with the suite, as who keeps a board enters them."""

import subprocess
import sys
from pathlib import Path

from benchmark.config.choices import description, names_in
from benchmark.config.loading import load_settings
from benchmark.parts.explainers import EXPLAINERS, PROBE, uses_of
from finexl.errors import unknown_name


def shipped_explainers(wanted: str | None = None) -> tuple[tuple[str, str], ...]:
    """Names, all or those of a list with commas, each with its role on the board: entry, control or ceiling.

    Raises:
        UnknownNameError: One is not shipped, or learns from labels, which a bundle has not.
    """
    configs = {one.name: one for one in load_settings(["preset=smoke", "explainer=all"]).explainers}
    roles = {
        name: _role(description("explainer", name), EXPLAINERS[configs[name].kind].about)
        for name in names_in("explainer")
        if PROBE not in uses_of(configs[name])
    }
    names = list(roles) if wanted is None else [name.strip() for name in wanted.split(",")]
    for name in names:
        if name not in roles:
            raise unknown_name("explainer", name, roles)
    return tuple((name, roles[name]) for name in names)


def explain(name: str, *, bundle: Path, output: Path) -> int:
    """Have an explainer explain a bundle; in a process of its own, so that its peak memory is its own."""
    words = [f"bundle={bundle}", f"explainer={name}", f"output={output}"]
    return subprocess.run([sys.executable, "-m", "benchmark", "explain", *words], check=False).returncode


def _role(*abouts: str) -> str:
    first = {about.partition(":")[0].lower() for about in abouts}
    return next((role for role in ("control", "ceiling") if role in first), "entry")
