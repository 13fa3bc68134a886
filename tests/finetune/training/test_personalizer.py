"""What levels keep where averages are asked for, computed by hand beside it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from interrupting import InterruptAt
from torch import Tensor

from finetune.recipe import Recipe
from finetune.training.personalizer import Personalizer
from finetune.training.trajectory import STATE, Run, TrainingSettings, load_step, step_file, train_trajectory

Build = Callable[..., Recipe]
DECAY = 0.7
STEPS = (1, 3, 6)


class Line(Personalizer):
    """Learns a slope, counts its steps in a buffer, and writes down its live weights after each."""

    def __init__(self, *, ema_decay: float = DECAY) -> None:
        super().__init__(learning_rate=0.1, ema_decay=ema_decay)
        self.slope = torch.nn.Parameter(torch.tensor([1.0, -2.0, 0.5]))
        self.register_buffer("count", torch.zeros(()))
        self.live: list[Tensor] = []

    def learned(self) -> dict[str, Tensor]:
        return {"slope": self.slope, "count": self.get_buffer("count")}

    def training_step(self, batch: Tensor, batch_index: int) -> Tensor:
        del batch_index
        self.get_buffer("count").add_(1)
        return (batch @ self.slope - 1).square().mean()

    def note_step(self) -> None:
        self.live.append(self.slope.detach().clone())
        super().note_step()


class Points:
    """Batches that are functions of their step."""

    def __init__(self, steps: range = range(0)) -> None:
        self._steps = steps

    def between(self, start: int, stop: int) -> "Points":
        return Points(range(start, stop))

    def __len__(self) -> int:
        return len(self._steps)

    def __iter__(self) -> Iterator[Tensor]:
        for step in self._steps:
            yield torch.randn(4, 3, generator=torch.Generator().manual_seed(step))


def averaged(live: list[Tensor]) -> Tensor:
    """Σ weights: the first state has decayed ever since, each later one came in with 1 − decay."""
    shares = [DECAY ** (len(live) - 1)]
    shares += [(1 - DECAY) * DECAY ** (len(live) - 1 - n) for n in range(1, len(live))]
    return sum(
        (share * one.double() for share, one in zip(shares, live, strict=True)), torch.zeros(3).double()
    )


def trained(folder: Path, recipe: Recipe, *, ema_decay: float = DECAY) -> Line:
    folder.mkdir(exist_ok=True)
    line = Line(ema_decay=ema_decay)
    train_trajectory(recipe, line, Points(), run=Run(folder=folder, settings=TrainingSettings()))
    return line


def test_levels_keep_the_exponential_average_of_the_live_weights(recipe: Build, tmp_path: Path) -> None:
    line = trained(tmp_path, recipe(steps=STEPS))
    kept = {step: load_step(tmp_path, step)["slope"].double() for step in STEPS}
    assert all(torch.allclose(kept[step], averaged(line.live[:step]), atol=1e-3) for step in STEPS)
    assert (kept[6] - line.live[-1]).abs().max() > 0.05  # it would not pass with the weights themselves


def test_without_a_decay_levels_keep_the_weights_themselves(recipe: Build, tmp_path: Path) -> None:
    line = trained(tmp_path, recipe(steps=STEPS), ema_decay=0.0)
    assert all(torch.equal(load_step(tmp_path, step)["slope"], line.live[step - 1].half()) for step in STEPS)


def test_what_is_not_trained_is_not_averaged(recipe: Build, tmp_path: Path) -> None:
    trained(tmp_path, recipe(steps=STEPS))
    assert [load_step(tmp_path, step)["count"].item() for step in STEPS] == list(STEPS)


@pytest.mark.parametrize("at", STEPS[:-1])
def test_an_average_goes_on_where_it_was_interrupted(recipe: Build, tmp_path: Path, at: int) -> None:
    trained(tmp_path / "straight", recipe(steps=STEPS))
    run = Run(folder=tmp_path / "resumed", settings=TrainingSettings())
    run.folder.mkdir()
    with pytest.raises(KeyboardInterrupt):
        train_trajectory(recipe(steps=STEPS), Line(), Points(), run=run, progress=InterruptAt(at))
    assert (run.folder / STATE).is_file()
    trained(run.folder, recipe(steps=STEPS))
    for step in STEPS:
        assert step_file(run.folder, step).read_bytes() == step_file(tmp_path / "straight", step).read_bytes()
