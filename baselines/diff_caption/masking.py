"""Which words and regions are hidden in training; a generator makes every choice."""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from baselines.captioning.vocabulary import Vocabulary
from baselines.diff_caption.model import MARKS, MASK

SHARE = 0.15
"""Of words, of regions, and of sentences whose end is hidden."""
NOT_ASKED = -100
_MASKED, _REPLACED = 0.8, 0.1


class HiddenWords(NamedTuple):
    """Sentences with hidden words, and what was there."""

    words: Int[Tensor, "n t"]
    labels: Int[Tensor, "n t"]
    """The hidden word; −100 where nothing is hidden."""


def hide_words(
    words: Int[Tensor, "n t"], vocabulary: Vocabulary, *, share: float = SHARE, generator: torch.Generator
) -> HiddenWords:
    """Hide `share` of the words, at least one of each sentence, and the end of 15 % of the sentences.

    A hidden word is masked (80 %), replaced by any other (10 %) or left as it is (10 %); a hidden end is masked.
    """
    chances = [torch.rand(words.shape, generator=generator) for _ in range(2)]
    others = torch.randint(len(vocabulary), words.shape, generator=generator)
    end_hidden = torch.rand(len(words), 1, generator=generator) < SHARE
    mask, is_end = vocabulary.id(MASK), words == vocabulary.id(MARKS.end)
    is_word = ~is_end & (words != vocabulary.id(MARKS.pad)) & (words != vocabulary.id(MARKS.start))
    hidden = is_word & (chances[0] < share)
    none = ~hidden.any(dim=1)
    hidden[none, 1] = is_word[none, 1]  # the first word, always masked
    masked = hidden & ((chances[1] < _MASKED) | none[:, None])
    replaced = hidden & ~masked & (chances[1] < _MASKED + _REPLACED)
    end_hidden = is_end & end_hidden
    shown = torch.where(replaced, others, words).masked_fill(masked | end_hidden, mask)
    return HiddenWords(shown, words.masked_fill(~(hidden | end_hidden), NOT_ASKED))


def hide_regions(
    n: int, n_regions: int, *, share: float = SHARE, generator: torch.Generator
) -> Bool[Tensor, "n k2"]:
    """Which of both images' regions are hidden: `share` of those of one image, at least one."""
    hidden = torch.rand(n, n_regions, generator=generator) < share
    fallback = torch.randint(n_regions, (n,), generator=generator)
    none = (~hidden.any(dim=1)).nonzero().squeeze(1)
    hidden[none, fallback[none]] = True
    in_first = torch.rand(n, 1, generator=generator) < 0.5
    return torch.cat([hidden & in_first, hidden & ~in_first], dim=1)
