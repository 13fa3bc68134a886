"""Codes of prompts, made once: base and personalized models decode exactly the same tokens.

The language model is by far the slowest part and no personalization changes it, so what it wrote is kept, in memory
and, if there is a store, there: other processes and later runs then need no language model at all.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import torch
from jaxtyping import Int
from torch import Tensor

from finetune.store.store import Store
from finetune.store.tensors import read_tensors, write_tensors

KIND = "tokens"
_FILE, _NAME = "codes.safetensors", "codes"


@runtime_checkable
class Writer(Protocol):
    """What writes images as tokens."""

    def write(self, prompts: Sequence[str], seeds: Sequence[int]) -> Int[Tensor, "n t"]: ...


class CachedCodes:
    """The codes of prompts and seeds; `open_writer` is called when some have to be written."""

    def __init__(
        self,
        open_writer: Callable[[], Writer],
        *,
        grid: tuple[int, int],
        store: Store | None = None,
        identity: Callable[[], Mapping[str, Any]] = dict,
    ) -> None:
        self._open_writer = open_writer
        self._grid = grid
        self._store = store
        self._identity = identity
        self._written: dict[tuple[str, int], Int[Tensor, " t"]] = {}

    def of(self, prompts: Sequence[str], seeds: Sequence[int]) -> Int[Tensor, "n gh gw"]:
        """Codes of one image per prompt, on the CPU."""
        asked = list(zip(prompts, seeds, strict=True))
        if not all(pair in self._written for pair in asked):
            self._written |= dict(zip(asked, self._kept(prompts, seeds), strict=True))
        return torch.stack([self._written[pair] for pair in asked]).view(-1, *self._grid)

    def _kept(self, prompts: Sequence[str], seeds: Sequence[int]) -> Int[Tensor, "n t"]:
        if self._store is None:
            return self._open_writer().write(prompts, seeds)
        identity = {
            "stage": KIND, **self._identity(), "prompts": list(prompts), "seeds": list(seeds),
        }  # fmt: skip

        def make(folder: Path) -> None:
            codes = self._open_writer().write(prompts, seeds)
            write_tensors(folder / _FILE, {_NAME: codes.int()})

        entry = self._store.get_or_make(KIND, self._store.key_of(identity), make, describe=identity)
        return read_tensors(entry / _FILE)[_NAME].long()
