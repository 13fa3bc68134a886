"""Whether the tokens that an endpoint counts can be those of what it was sent.

An endpoint that drops images, or cuts what is longer than its context, answers all the same; its count gives it away.
It is too small, or it stays the same where more was sent.
"""

from collections import Counter
from dataclasses import dataclass, field
from itertools import combinations

from finexl.interfaces import Question, Reply

TOKENS_PER_IMAGE = 4
"""Fewer than any model makes of an image."""
_MORE_WORDS = 10
"""Words by which a text must be longer to make more tokens in any vocabulary."""
_KEPT = 8
"""Counts that later ones are held against."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What was sent, and what was counted."""

    images: tuple[tuple[object, ...], ...]
    """The width and height of each; of a collage, which grows with what is on it, the sizes of all on it."""
    n_words: int
    n_input_tokens: int
    n_tokens: int
    """Those of the answer included."""

    def has_more_than(self, other: "Count") -> bool:
        """Whether everything that the other sent was sent here, and more."""
        ours, theirs = Counter(self.images), Counter(other.images)
        more_words = self.n_words - other.n_words
        return ours >= theirs and more_words >= 0 and (ours > theirs or more_words >= _MORE_WORDS)


@dataclass(kw_only=True)
class TokenCounts:
    """Holds the counts of an endpoint's answers against each other."""

    _kept: list[Count] = field(default_factory=list)

    def fault(self, question: Question, reply: Reply, *, is_collage: bool) -> str | None:
        """What an answer's count shows to be wrong, in a sentence; None where nothing does or nothing was counted."""
        if reply.n_input_tokens <= 0:
            return None
        sizes, n_words = tuple(image.size for image in question.images), len(question.text.split())
        n_images = min(len(sizes), 1) if is_collage else len(sizes)
        # tokens are more than words, and no model makes fewer of an image
        least = n_words + TOKENS_PER_IMAGE * n_images
        if reply.n_input_tokens < least:
            return (
                f"It counted {reply.n_input_tokens} prompt tokens for a question with {n_images} images and "
                f"{n_words} words, where there are at least {least}."
            )
        count = Count(
            images=(sizes,) if is_collage and sizes else sizes,
            n_words=n_words,
            n_input_tokens=reply.n_input_tokens,
            n_tokens=reply.n_input_tokens + reply.n_output_tokens,
        )
        same = next((one for one in self._kept if _is_stuck(one, count)), None)
        if same is not None:
            return f"It counted {count.n_input_tokens} prompt tokens both for {_words(same)} and for {_words(count)}."
        self._kept = [*self._kept, count][-_KEPT:]
        if (total := self._equal_totals()) is not None:
            return f"It counted {total} tokens in all for questions and answers of three different lengths."
        return None

    def _equal_totals(self) -> int | None:
        """The total of three questions of which each sent more than the one before."""
        for group in combinations(self._kept, 3):
            a, b, c = sorted(group, key=lambda one: (len(one.images), one.n_words))
            if a.n_tokens == b.n_tokens == c.n_tokens and b.has_more_than(a) and c.has_more_than(b):
                return a.n_tokens
        return None


def _is_stuck(one: Count, other: Count) -> bool:
    grows = one.has_more_than(other) or other.has_more_than(one)
    return grows and one.n_input_tokens == other.n_input_tokens


def _words(count: Count) -> str:
    return f"{len(count.images)} images and {count.n_words} words"
