"""Captions through the text encoder, one at a time, so that none depends on its neighbours."""

from collections.abc import Sequence

import torch
from torch import Tensor

from finetune.families.controlgan.encoders import TextEncoder, stacked
from finetune.families.controlgan.generator import Captions
from finetune.families.controlgan.words import Vocabulary


class CaptionReader:
    """Encodes captions on the CPU, all to one length; equal captions once."""

    def __init__(self, encoder: TextEncoder, *, vocabulary: Vocabulary, length: int) -> None:
        self._encoder = encoder
        self._vocabulary = vocabulary
        self._length = length

    @torch.no_grad()
    def read(self, captions: Sequence[str]) -> Captions:
        """Encoded captions in the order given."""
        known = {caption: self._one(caption) for caption in dict.fromkeys(captions)}
        return stacked([known[caption] for caption in captions])

    def _one(self, caption: str) -> Captions:
        numbers = self._vocabulary.read(caption, length=self._length)
        tokens = torch.zeros(1, self._length, dtype=torch.long)
        tokens[0, : len(numbers)] = torch.tensor(numbers)
        return self._encoder(tokens, torch.tensor([len(numbers)]))


def rows_of(captions: Captions, rows: Tensor) -> Captions:
    """Some of the captions."""
    return Captions(*(part[rows] for part in captions))
