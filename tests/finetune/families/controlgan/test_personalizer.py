"""Personalizing trains the whole generator, leaves the base as it is, and resumes to the same bytes."""

from pathlib import Path

import pytest
import torch

from finetune.families.controlgan.family import ControlFamily, open_family
from finetune.generator import GeneratorSettings
from finetune.mixing import TrainingImages
from finetune.recipe import Recipe
from finetune.training.trajectory import Run, TrainingSettings, load_step, train_trajectory
from finexl.errors import InvalidInputError


@pytest.fixture
def family(folder: Path) -> ControlFamily:
    return open_family(GeneratorSettings(folder=folder, family="controlgan"))


def trained(family: ControlFamily, training: TrainingImages, recipe: Recipe, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    run = Run(folder=folder, settings=TrainingSettings())
    train_trajectory(recipe, family.personalizer(recipe), family.stream(training, recipe), run=run)
    return folder


def test_an_untrained_personalizer_is_the_base(family: ControlFamily, recipe: Recipe) -> None:
    prompts, seeds = ("a red house", "a blue fish"), (1, 2)
    untrained = family.generator(family.personalizer(recipe).kept())
    assert (untrained.sample(prompts, seeds) == family.generator().sample(prompts, seeds)).all()


def test_training_moves_every_used_parameter_and_no_statistic(
    family: ControlFamily, training: TrainingImages, recipe: Recipe, tmp_path: Path
) -> None:
    before = family.personalizer(recipe).kept()
    after = load_step(trained(family, training, recipe, tmp_path / "run"), 3)
    unmoved = {name for name in before if torch.equal(before[name], after[name])}
    allowed = (
        "conv_context2.weight",
        "conv_context3.weight",
        "running_mean",
        "running_var",
        "num_batches_tracked",
    )
    assert all(name.endswith(allowed) for name in unmoved)
    assert {name for name in before if "running" in name} <= unmoved


def test_training_leaves_the_base_as_it_is(
    family: ControlFamily, training: TrainingImages, recipe: Recipe, tmp_path: Path
) -> None:
    before = family.generator().sample(("a red house",), (1,))
    trained(family, training, recipe, tmp_path / "run")
    assert (family.generator().sample(("a red house",), (1,)) == before).all()


def test_the_discriminators_learn_too(
    family: ControlFamily, training: TrainingImages, recipe: Recipe, tmp_path: Path
) -> None:
    personalizer = family.personalizer(recipe)
    before = {name: tensor.clone() for name, tensor in personalizer.companions().items()}
    run = Run(folder=tmp_path, settings=TrainingSettings())
    train_trajectory(recipe, personalizer, family.stream(training, recipe), run=run)
    parameters = dict(personalizer.discriminators.named_parameters())
    assert all(not torch.equal(before[name], parameters[name]) for name in parameters)


class InterruptAt:
    """A person who stops a run at a step."""

    def __init__(self, step: int) -> None:
        self._step = step

    def step(self, done: int, total: int, what: str) -> None:
        if done == self._step:
            raise KeyboardInterrupt


def test_a_resumed_run_gives_the_same_weights(
    family: ControlFamily, training: TrainingImages, recipe: Recipe, tmp_path: Path
) -> None:
    whole = load_step(trained(family, training, recipe, tmp_path / "whole"), 3)
    stream, half = family.stream(training, recipe), tmp_path / "half"
    half.mkdir()
    run = Run(folder=half, settings=TrainingSettings(state_every_s=0.0))
    with pytest.raises(KeyboardInterrupt):
        train_trajectory(recipe, family.personalizer(recipe), stream, run=run, progress=InterruptAt(2))
    resumed = load_step(trained(family, training, recipe, half), 3)
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)


def test_parts_of_a_batch_are_an_error(folder: Path) -> None:
    with pytest.raises(InvalidInputError, match="whole batches"):
        open_family(GeneratorSettings(folder=folder, family="controlgan", accumulate=2))
