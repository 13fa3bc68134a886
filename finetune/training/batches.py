"""What a diffusion model is trained on: encoded examples, and a stream in which all chance is decided.

Which example, which noise, which time and which caption is dropped are functions of (seed, step) alone, so a
run that resumes at a step sees exactly what an uninterrupted one would. Where several processes train together,
each draws the whole batch and takes its own share of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, distributed

from finexl.errors import InvalidInputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """Training images as latents, and their captions as the text encoder's states; each caption once."""

    latents: Float[Tensor, "n c h w"]
    states: Float[Tensor, "m t d"]
    state_of: tuple[int, ...]
    """Row of `states` for each of the n latents."""
    empty_state: Float[Tensor, "t d"]
    """States of the empty caption, which stands in for dropped ones."""

    def __post_init__(self) -> None:
        if len(self.latents) != len(self.state_of) or len(self.latents) == 0:
            raise InvalidInputError(
                "Examples need at least one latent and one caption for each. "
                f"Got {len(self.latents)} latents and {len(self.state_of)} captions."
            )

    def __len__(self) -> int:
        return len(self.latents)


Batch = TypeVar("Batch", bound=tuple[Tensor, ...])
"""A named tuple of tensors with one row per example."""


class NoisyBatch(NamedTuple):
    """One batch with everything random about it already drawn."""

    latents: Float[Tensor, "b c h w"]
    noise: Float[Tensor, "b c h w"]
    times: Int[Tensor, " b"]
    """Training timesteps of the noise schedule."""
    states: Float[Tensor, "b t d"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """How batches are drawn from examples."""

    batch_size: int
    n_times: int
    """Number of timesteps of the noise schedule."""
    caption_dropout: float
    """Share of captions replaced by the empty one, so that guidance keeps working after fine-tuning."""
    seed: int
    chunks: int = 1
    """Equal parts in which a batch is delivered, to accumulate gradients; the draw does not depend on it."""

    def __post_init__(self) -> None:
        if self.batch_size < 1 or self.chunks < 1 or self.batch_size % self.chunks:
            raise InvalidInputError(
                "`batch_size` must be a positive multiple of the number of accumulated parts. "
                f"Got {self.batch_size} and {self.chunks}."
            )
        if not 0 <= self.caption_dropout < 1:
            raise InvalidInputError(f"`caption_dropout` must be in [0, 1). Got {self.caption_dropout!r}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleStream:
    """All batches of a training run."""

    examples: Examples
    draw: Draw

    def between(self, start: int, stop: int) -> "TrainingStream":
        """The batches of the steps from `start` up to `stop`."""
        return TrainingStream(self.examples, draw=self.draw, start=start, stop=stop)


class TrainingStream:
    """The batches of the steps from `start` up to `stop`."""

    def __init__(self, examples: Examples, *, draw: Draw, start: int, stop: int) -> None:
        self._examples = examples
        self._draw = draw
        self._steps = range(start, stop)

    def __len__(self) -> int:
        return len(self._steps) * self._draw.chunks

    def __iter__(self) -> Iterator[NoisyBatch]:
        for step in self._steps:
            batch = drawn_batch(self._examples, self._draw, step)
            for part in split(batch, self._draw.chunks):
                yield own_share(part)


def drawn_batch(examples: Examples, draw: Draw, step: int) -> NoisyBatch:
    """The batch of one step: a function of its arguments."""
    rows = rows_of_step(len(examples), batch_size=draw.batch_size, seed=draw.seed, step=step)
    chance = torch.Generator().manual_seed(_seed_of(draw.seed, step))
    latents = examples.latents[rows]
    noise = torch.randn(latents.shape, generator=chance)
    times = torch.randint(draw.n_times, (draw.batch_size,), generator=chance)
    dropped = torch.rand(draw.batch_size, generator=chance) < draw.caption_dropout
    captions = examples.states[torch.tensor(examples.state_of)[rows]]
    states = torch.where(dropped[:, None, None], examples.empty_state, captions)
    return NoisyBatch(latents=latents, noise=noise, times=times, states=states)


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
    """A named tuple of tensors in `n` equal parts."""
    return [type(batch)(*part) for part in zip(*(tensor.chunk(n) for tensor in batch), strict=True)]


def rows_of_step(n: int, *, batch_size: int, seed: int, step: int) -> Int[Tensor, " b"]:
    """Which of `n` examples: they come in passes, each in an order of its own; a batch may span several."""
    start = step * batch_size
    first, last = start // n, (start + batch_size - 1) // n
    order = np.concatenate([_order_of_pass(n, seed, number) for number in range(first, last + 1)])
    return torch.from_numpy(order[start - first * n :][:batch_size])


def _order_of_pass(n: int, seed: int, number: int) -> np.ndarray:
    return np.random.default_rng((seed, number, 1)).permutation(n)


def _seed_of(seed: int, step: int) -> int:
    """A 63-bit seed; hashed, since neighbouring seeds must give unrelated noise."""
    return int(np.random.SeedSequence((seed, step, 2)).generate_state(1, np.uint64)[0] >> np.uint64(1))
