"""The batches of a training run, whatever is trained: each is a function of seed and step.

So a run that resumes at a step sees exactly what an uninterrupted one would. Where several processes train together,
each makes the whole batch and takes its own share of it.
"""

from collections.abc import Callable, Iterator
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor, distributed

from finexl.errors import InvalidInputError

Batch = TypeVar("Batch", bound=tuple[Any, ...])
"""A named tuple of tensors with one row per example."""


@runtime_checkable
class Batches(Protocol):
    """The batches of some steps, in order."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Any]: ...


@runtime_checkable
class Stream(Protocol):
    """All batches of a training run; everything random in them is a function of seed and step."""

    def between(self, start: int, stop: int) -> Batches:
        """The batches of the steps from `start` up to `stop`."""
        ...


class StepBatches(Generic[Batch]):
    """The batches of some steps, each delivered in equal parts, to accumulate gradients; parts change no draw."""

    def __init__(self, batch_of: Callable[[int], Batch], steps: range, *, n_parts: int = 1) -> None:
        self._batch_of = batch_of
        self._steps = steps
        self._n_parts = n_parts

    def __len__(self) -> int:
        return len(self._steps) * self._n_parts

    def __iter__(self) -> Iterator[Batch]:
        for step in self._steps:
            for part in split(self._batch_of(step), self._n_parts):
                yield own_share(part)


def check_parts(batch_size: int, n_parts: int) -> None:
    """Raise `InvalidInputError` unless batches of this size fall into so many equal parts."""
    if batch_size < 1 or n_parts < 1 or batch_size % n_parts:
        raise InvalidInputError(
            "`batch_size` must be a positive multiple of the number of accumulated parts. "
            f"Got {batch_size} and {n_parts}."
        )


def own_share(batch: Batch) -> Batch:
    """This process's part of a batch; all of it where nobody else trains along."""
    if not distributed.is_available() or not distributed.is_initialized():
        return batch
    return share(batch, rank=distributed.get_rank(), n_ranks=distributed.get_world_size())


def share(batch: Batch, *, rank: int, n_ranks: int) -> Batch:
    """The part of a batch that one of several processes trains on."""
    if len(batch[0]) % n_ranks:
        raise InvalidInputError(
            "A batch must split evenly among the devices that train together. "
            f"Got {len(batch[0])} examples for {n_ranks}. Change the batch size or generator.devices."
        )
    return split(batch, n_ranks)[rank]


def split(batch: Batch, n: int) -> list[Batch]:
    """A named tuple of tensors in `n` equal parts; as it is for one part, which may hold more than tensors."""
    if n == 1:
        return [batch]
    return [type(batch)(*part) for part in zip(*(tensor.chunk(n) for tensor in batch), strict=True)]


def rows_of_step(n: int, *, batch_size: int, seed: int, step: int) -> Int[Tensor, " b"]:
    """Which of `n` examples: they come in passes, each in an order of its own; a batch may span several."""
    start = step * batch_size
    first, last = start // n, (start + batch_size - 1) // n
    order = np.concatenate([_order_of_pass(n, seed, number) for number in range(first, last + 1)])
    return torch.from_numpy(order[start - first * n :][:batch_size])


def _order_of_pass(n: int, seed: int, number: int) -> np.ndarray:
    return np.random.default_rng((seed, number, 1)).permutation(n)
