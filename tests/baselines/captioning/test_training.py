"""The training loop resumes to the same weights, keeps safetensors and JSON, and says when it cannot go on."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from baselines.captioning.rates import Cosine
from baselines.captioning.training import Progressed, TrainingError, TrainingSettings, train

SETTINGS = TrainingSettings(
    steps=6, batch_size=4, learning_rate=0.05, rate=Cosine(warmup_steps=2), gradient_clip=1.0
)


@dataclass(frozen=True)
class Fit:
    """Learn the sign of a sum through dropout and batch statistics."""

    module: nn.Module
    wanted: float = 1.0

    def __call__(self, generator: torch.Generator) -> Tensor:
        inputs = torch.randn(4, 3, generator=generator)
        return (self.module(inputs).squeeze(1) - self.wanted * inputs.sum(dim=1).sign()).square().mean()


def network(width: int = 3) -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, width), nn.BatchNorm1d(width), nn.Dropout(0.5), nn.Linear(width, 1))


def trained(folder: Path, *stops: int) -> nn.Module:
    for stop in stops:
        module = network()
        train(module, Fit(module), settings=replace(SETTINGS, steps=stop), folder=folder)
    return module


def test_a_stopped_training_ends_with_the_weights_of_one_that_was_not(tmp_path: Path) -> None:
    constant = Cosine(warmup_steps=1)
    module, again = network(), network()
    whole = replace(SETTINGS, rate=constant)
    train(module, Fit(module), settings=whole, folder=tmp_path / "whole")
    with pytest.raises(TrainingError):
        train(
            again,
            Stopped(Fit(again), after=3),
            settings=replace(whole, save_every_s=0.0),
            folder=tmp_path / "part",
        )
    resumed = network()
    train(resumed, Fit(resumed), settings=whole, folder=tmp_path / "part")
    for name, tensor in module.state_dict().items():
        assert torch.equal(tensor, resumed.state_dict()[name]), name


class Stopped:
    """Fails after some steps, like a machine that goes away."""

    def __init__(self, loss: Fit, after: int) -> None:
        self._loss, self._left = loss, after

    def __call__(self, generator: torch.Generator) -> Tensor:
        self._left -= 1
        return self._loss(generator) * (float("nan") if self._left < 0 else 1)


def test_state_is_safetensors_and_json(tmp_path: Path) -> None:
    trained(tmp_path, 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["state.json", "state.safetensors"]
    assert json.loads((tmp_path / "state.json").read_text())["step"] == 2
    assert {name.split("/")[0] for name in load_file(tmp_path / "state.safetensors")} == {"model", "adam"}


def test_a_finished_training_is_not_trained_again(tmp_path: Path) -> None:
    first = trained(tmp_path, 3)
    again = trained(tmp_path, 3)
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), again.parameters(), strict=True))


def test_the_network_is_left_ready_for_use(tmp_path: Path) -> None:
    assert not trained(tmp_path, 1).training


def test_it_tells_how_far_it_came(tmp_path: Path) -> None:
    module = network()
    done = train(module, Fit(module), settings=SETTINGS, folder=tmp_path)
    assert isinstance(done, Progressed) and done.step == 6 and done.seconds > 0


def test_a_training_stops_after_its_minutes(tmp_path: Path) -> None:
    module = network()
    done = train(module, Fit(module), settings=replace(SETTINGS, max_minutes=1e-9), folder=tmp_path)
    assert done.step == 1


def test_a_loss_that_is_no_number_is_an_error(tmp_path: Path) -> None:
    module = network()
    with pytest.raises(TrainingError, match="finite"):
        train(module, Fit(module, wanted=float("nan")), settings=SETTINGS, folder=tmp_path)


def test_the_state_of_another_model_is_an_error(tmp_path: Path) -> None:
    trained(tmp_path, 1)
    other = network(width=5)
    with pytest.raises(TrainingError, match="another"):
        train(other, Fit(other), settings=SETTINGS, folder=tmp_path)


def test_training_leaves_the_chances_of_others_alone(tmp_path: Path) -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    module = network()
    torch.manual_seed(5)
    train(module, Fit(module), settings=SETTINGS, folder=tmp_path)
    assert torch.equal(torch.rand(3), expected)
