"""Which styles of the miniature world look alike: cosines of their rendered effects, as they are shipped.

`python -m finetune relatives` computes them (`finetune.studies.relatives`). Two styles are related from a cosine of .5
on. A style of another corpus is related to nothing.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

RELATED_FROM = 0.5
"""Cosine of rendered effects from which one style may be taken for another."""
FILE = Path(__file__).with_name("relatives.json")


@cache
def cosines() -> Mapping[tuple[str, str], float]:
    """The cosine of every two styles of the world, both ways round, in [-1, 1]."""
    table: dict[str, list[float]] = json.loads(FILE.read_text(encoding="utf-8"))["cosines"]
    names = [*table]
    return {
        pair: cosine
        for name, row in table.items()
        for other, cosine in zip(names, row, strict=False)  # a row ends at the diagonal
        for pair in ((name, other), (other, name))
    }


def look_alike(one: str, other: str, *, sign: int = 1) -> bool:
    """Whether more of `one` looks like more of `other`, or, with sign -1, less of `one` like more of `other`."""
    return sign * cosines().get((one, other), 0.0) >= RELATED_FROM
