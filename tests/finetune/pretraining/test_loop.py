"""The pretraining loop: it learns, it averages, and a killed run ends where an undisturbed one does."""

import dataclasses
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from finetune.pretraining.loop import LoopSettings, train

SETTINGS = LoopSettings(steps=30, learning_rate=0.05, warmup_steps=2, average_decay=0.8, save_every_s=0.0)


def fresh() -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(3, 1)


def loss_of(module: nn.Linear):
    def loss_of_step(generator: torch.Generator, step: int) -> Tensor:
        inputs = torch.randn(16, 3, generator=generator)
        return (module(inputs) - inputs.sum(dim=1, keepdim=True)).square().mean()

    return loss_of_step


class Killed(Exception):
    """Stands for a kill between two steps."""


def test_it_lowers_the_loss(tmp_path: Path) -> None:
    module = fresh()
    before = loss_of(module)(torch.Generator().manual_seed(99), 0).item()
    train(module, loss_of(module), settings=SETTINGS, folder=tmp_path)
    assert loss_of(module)(torch.Generator().manual_seed(99), 0).item() < before / 4


@pytest.mark.parametrize("killed_at", [1, 7, 29])
def test_a_killed_run_ends_with_the_bytes_of_an_undisturbed_one(tmp_path: Path, killed_at: int) -> None:
    whole, broken, resumed = fresh(), fresh(), fresh()
    train(whole, loss_of(whole), settings=SETTINGS, folder=tmp_path / "whole")

    def dying(generator: torch.Generator, step: int) -> Tensor:
        if step == killed_at:
            raise Killed
        return loss_of(broken)(generator, step)

    with pytest.raises(Killed):
        train(broken, dying, settings=SETTINGS, folder=tmp_path / "broken")
    train(resumed, loss_of(resumed), settings=SETTINGS, folder=tmp_path / "broken")
    assert torch.equal(whole.weight, resumed.weight) and torch.equal(whole.bias, resumed.bias)


def test_a_finished_run_is_not_trained_again(tmp_path: Path) -> None:
    module = fresh()
    train(module, loss_of(module), settings=SETTINGS, folder=tmp_path)
    weight = module.weight.clone()
    facts = train(module, loss_of(module), settings=SETTINGS, folder=tmp_path)
    assert facts["steps"] == SETTINGS.steps and torch.equal(module.weight, weight)


def test_the_clock_can_end_a_run(tmp_path: Path) -> None:
    module = fresh()
    hasty = dataclasses.replace(SETTINGS, steps=10**9, max_minutes=0.002)
    assert train(module, loss_of(module), settings=hasty, folder=tmp_path)["seconds"] < 5
