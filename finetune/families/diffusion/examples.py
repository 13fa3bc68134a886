"""What a diffusion model is trained on: encoded examples, and batches of them in which all chance is decided.

Which example, which noise, which time and which caption is dropped are functions of (seed, step) alone, so a
run that resumes at a step sees exactly what an uninterrupted one would.
"""

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from finetune.training.batches import StepBatches, check_parts, rows_of_step
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
        check_parts(self.batch_size, self.chunks)
        if not 0 <= self.caption_dropout < 1:
            raise InvalidInputError(f"`caption_dropout` must be in [0, 1). Got {self.caption_dropout!r}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleStream:
    """All batches of a training run."""

    examples: Examples
    draw: Draw

    def between(self, start: int, stop: int) -> StepBatches[NoisyBatch]:
        """The batches of the steps from `start` up to `stop`."""
        batch_of = partial(drawn_batch, self.examples, self.draw)
        return StepBatches(batch_of, range(start, stop), n_parts=self.draw.chunks)


def drawn_batch(examples: Examples, draw: Draw, step: int) -> NoisyBatch:
    """The batch of one step: a function of its arguments."""
    rows = rows_of_step(len(examples), batch_size=draw.batch_size, seed=draw.seed, step=step)
    # 63 bits, hashed, since neighbouring seeds must give unrelated noise.
    seed = int(np.random.SeedSequence((draw.seed, step, 2)).generate_state(1, np.uint64)[0] >> np.uint64(1))
    chance = torch.Generator().manual_seed(seed)
    latents = examples.latents[rows]
    noise = torch.randn(latents.shape, generator=chance)
    times = torch.randint(draw.n_times, (draw.batch_size,), generator=chance)
    dropped = torch.rand(draw.batch_size, generator=chance) < draw.caption_dropout
    captions = examples.states[torch.tensor(examples.state_of)[rows]]
    states = torch.where(dropped[:, None, None], examples.empty_state, captions)
    return NoisyBatch(latents=latents, noise=noise, times=times, states=states)
