"""A batch is a function of seed and step."""

import pytest
import torch

from finetune.families.diffusion.examples import Draw, Examples, ExampleStream, drawn_batch
from finetune.training.batches import share
from finexl.errors import InvalidInputError


def examples(n: int = 6) -> Examples:
    return Examples(
        latents=torch.arange(n, dtype=torch.float32)[:, None, None, None].expand(n, 1, 1, 1),
        states=torch.ones(1, 2, 3),
        state_of=(0,) * n,
        empty_state=torch.zeros(2, 3),
    )


def draw(**changes: int | float) -> Draw:
    values = {"batch_size": 4, "n_times": 1000, "caption_dropout": 0.0, "seed": 0}
    return Draw(**(values | changes))  # pyright: ignore[reportArgumentType]  # a table of numbers


def test_a_stream_that_starts_later_yields_the_same_batches() -> None:
    whole = list(ExampleStream(examples=examples(), draw=draw()).between(0, 5))
    rest = list(ExampleStream(examples=examples(), draw=draw()).between(3, 5))
    assert all(
        torch.equal(a, b) for x, y in zip(whole[3:], rest, strict=True) for a, b in zip(x, y, strict=True)
    )


def test_every_example_is_seen_once_in_each_pass() -> None:
    seen = [drawn_batch(examples(), draw(), step).latents.flatten() for step in range(6)]
    passes = torch.cat(seen).reshape(4, 6)
    assert torch.equal(passes.sort(dim=1).values, torch.arange(6.0).expand(4, 6))


def test_passes_have_different_orders() -> None:
    seen = torch.cat([drawn_batch(examples(), draw(), step).latents.flatten() for step in range(6)])
    assert len({tuple(row.tolist()) for row in seen.reshape(4, 6)}) > 1


def test_steps_and_seeds_have_different_noise() -> None:
    noises = [drawn_batch(examples(), draw(seed=seed), step).noise for seed in (0, 1) for step in (0, 1)]
    assert len({tuple(noise.flatten().tolist()) for noise in noises}) == 4


def test_times_cover_the_schedule() -> None:
    times = drawn_batch(examples(), draw(batch_size=4000, n_times=10), 0).times
    assert torch.bincount(times).tolist() == pytest.approx([400] * 10, abs=80)


def test_captions_are_dropped_at_the_given_rate() -> None:
    states = drawn_batch(examples(), draw(batch_size=4000, caption_dropout=0.25), 0).states
    assert (states[:, 0, 0] == 0).float().mean() == pytest.approx(0.25, abs=0.03)


def test_accumulation_delivers_the_same_batch_in_parts() -> None:
    parts = list(ExampleStream(examples=examples(), draw=draw(chunks=2)).between(0, 1))
    whole = drawn_batch(examples(), draw(), 0)
    assert torch.equal(torch.cat([part.noise for part in parts]), whole.noise)


def test_a_batch_that_cannot_be_split_evenly_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="multiple"):
        draw(batch_size=4, chunks=3)


def test_processes_share_a_batch_in_order() -> None:
    whole = drawn_batch(examples(), draw(), 0)
    shares = [share(whole, rank=rank, n_ranks=2) for rank in range(2)]
    for parts, all_of_it in zip(zip(*shares, strict=True), whole, strict=True):
        assert torch.equal(torch.cat(parts), all_of_it)


def test_a_batch_that_does_not_split_among_processes_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="4 examples for 3"):
        share(drawn_batch(examples(), draw(), 0), rank=0, n_ranks=3)
