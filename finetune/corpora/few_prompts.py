"""Prompts of a corpus that has fewer than are asked for: each is used several times, and that is told.

Two images of one prompt from other noise are two images, so a small corpus can be probed as a large one is; only what
is said of prompts rests on fewer of them.
"""

from collections.abc import Sequence
from itertools import cycle, islice

from finetune.corpora import Corpus
from finexl.errors import InvalidInputError
from finexl.notices import Notice, notice


class TooFewPromptsError(InvalidInputError):
    """A corpus does not have as many different prompts as were asked for."""

    def __init__(self, message: str, n_found: int = 0) -> None:
        super().__init__(message)
        self.n_found = n_found
        """How many it has."""


def enough_prompts(corpus: Corpus, n: int, seed: int, *, in_halves: bool = False) -> tuple[str, ...]:
    """`n` prompts, each as often as any other or once more; all different where the corpus has so many.

    With `in_halves` the first and the second half have none in common.

    Raises:
        TooFewPromptsError: The corpus has none, or none for a second half.
    """
    try:
        return corpus.prompts(n, seed)
    except TooFewPromptsError as error:
        if error.n_found < (2 if in_halves and n > 1 else 1):
            raise
        own = corpus.prompts(error.n_found, seed)
    notice(
        Notice(
            what="corpus",
            how=f"different prompts only, where {n} are asked for: each is used several times, from other noise",
            n=len(own),
        )
    )
    if not in_halves:
        return _repeated(own, n)
    half, own_half = n // 2, len(own) // 2
    return (*_repeated(own[:own_half], half), *_repeated(own[own_half:], n - half))


def _repeated(prompts: Sequence[str], n: int) -> tuple[str, ...]:
    return tuple(islice(cycle(prompts), n))
