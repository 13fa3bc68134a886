"""Prompts to look at models with: a file's, the miniature world's, or a shipped list that is about nothing special."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from finexl.errors import InvalidInputError
from finexl.explain.text_files import lines_of

NEUTRAL_FILE = Path(__file__).with_name("neutral_prompts.txt")
"""Everyday scenes without a style, a mood or a medium, written by this project and given away (CC0 1.0)."""
NEUTRAL, WORLD, PORTRAITS = "neutral", "world", "portraits"
_SUFFIXES = (".txt", ".json", ".parquet")
_BLOCK, _MOST_BLOCKS = 16, 1000
_SPREAD = 31
"""Seed namespace."""


def read_prompts(source: str, n: int, *, seed: int = 0) -> tuple[str, ...]:
    """`n` different prompts: the first lines of a text file, or `n` drawn by `seed` from captions or a list.

    Fewer are the first of more.

    `source` is `neutral`, `world` (the miniature's), `portraits` (its faces'), or a .txt, .json or .parquet file.

    Raises:
        InvalidInputError: There is no such source, or it has fewer.
    """
    if n < 1:
        raise InvalidInputError(f"There must be at least one prompt. Asked for {n}.")
    if source == WORLD:
        from finetune.corpora.synthetic import SyntheticCorpus

        return _in_blocks(SyntheticCorpus().prompts, n, seed)
    if source == PORTRAITS:
        from finetune.corpora.portraits import PortraitCorpus

        return _in_blocks(PortraitCorpus().prompts, n, seed)
    if source == NEUTRAL:
        found = _lines(NEUTRAL_FILE)
        # spread over the list's kinds of scenes, which stand together in it
        chosen = np.random.default_rng((_SPREAD, seed)).permutation(len(found))
        return _enough(tuple(found[index] for index in chosen), n, source)
    path = Path(source).expanduser()
    if path.suffix.lower() not in _SUFFIXES or not path.exists():
        raise InvalidInputError(
            f"`--prompts` must be {NEUTRAL}, {WORLD}, {PORTRAITS}, or a file that ends in {', '.join(_SUFFIXES)}. "
            f"Got {source!r}."
        )
    if path.suffix.lower() == ".txt":
        return _enough(_lines(path), n, source)
    from finetune.corpora.coco_prompts import read_captions

    return read_captions(path, option="--prompts").prompts(n, seed)


def _in_blocks(draw: Callable[[int, int], Sequence[str]], n: int, seed: int) -> tuple[str, ...]:
    """The first `n` different prompts of blocks that are drawn one after the other."""
    found: dict[str, None] = {}
    for block in range(_MOST_BLOCKS):
        if len(found) >= n:
            return tuple(found)[:n]
        found |= dict.fromkeys(draw(_BLOCK, _MOST_BLOCKS * seed + block))
    raise InvalidInputError(
        f"Prompts must be different. Asked for {n}; the world has about {len(found)} to draw from."
    )


def _lines(path: Path) -> tuple[str, ...]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as reason:
        raise InvalidInputError(
            f"A file of prompts must be text in UTF-8. {path} is not: {reason}."
        ) from reason
    lines = (" ".join(line.split()) for line in lines_of(text))
    return tuple(dict.fromkeys(line for line in lines if line and not line.startswith("#")))


def _enough(found: tuple[str, ...], n: int, source: str) -> tuple[str, ...]:
    if len(found) < n:
        raise InvalidInputError(
            f"Prompts must be different. Asked for {n}; {source} has {len(found)}. Ask for fewer with --pairs."
        )
    return found[:n]
