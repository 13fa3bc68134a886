"""A bundle of the ideal world, frozen by the code that freezes real ones."""

from pathlib import Path
from typing import Any

from ideal_bench import ASPECTS, World, composed, pair, series

from benchmark.bundle.freezing import Made, Words, gathered, publish
from benchmark.bundle.manifest import Bundle
from benchmark.bundle.recipe import BundleRecipe
from benchmark.run.runner import certify

WORDS = Words(names=dict.fromkeys(ASPECTS, ()), told=ASPECTS)


def recipe(output: Path, **changed: Any) -> BundleRecipe:
    facts = {"name": "ideal", "output": output, "parts": (), "key": b"key", **changed}
    return BundleRecipe(**facts)


def made_in(root: Path) -> dict[Any, list[Made]]:
    """Every group of the ideal world: a series to tune on; a series, a lattice and models moved by more in the open."""
    world = World(root=root, groups=(series(2, aspect="grainy"), series(), pair(), composed()))
    job = world.job()
    certificates, bench = certify(job), job.opener()
    first, *others = [gathered(group, bench, certificates[group.id]) for group in job.groups]
    return {"development": [first], "public": others}


def frozen_world(root: Path, **changed: Any) -> Bundle:
    return publish(recipe(root / "bundle", **changed), made_in(root), WORDS)
