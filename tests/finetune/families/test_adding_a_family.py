"""A family of generators is its own module and one row in the table: nothing else names it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from finetune.families.image_sizes import check_size, image_size
from finetune.family_facts import FAMILIES, FamilyFacts
from finetune.generator import GeneratorSettings
from finetune.mixing import TrainingImages
from finetune.recipe import Mixture, Recipe, Trained
from finetune.store.store import Store
from finetune.training.batches import StepBatches
from finetune.training.personalizer import Personalizer
from finetune.workshop import Workshop
from finexl.code_version import Code, Own
from finexl.errors import InvalidInputError

PROMPTS, SEEDS = ("a red house", "a blue fish"), (1, 2)


class Colour(Personalizer):
    """Learns the mean colour of its training images."""

    def __init__(self, *, learning_rate: float) -> None:
        super().__init__(learning_rate=learning_rate)
        self.colour = torch.nn.Parameter(torch.zeros(3))

    def learned(self) -> dict[str, Tensor]:
        return {"colour": self.colour}

    def training_step(self, batch: tuple[Tensor], batch_index: int) -> Tensor:
        del batch_index
        return (batch[0] - self.colour).square().mean()


@dataclass(frozen=True)
class Colours:
    """The mean colours of images, all in every step."""

    means: Tensor

    def between(self, start: int, stop: int) -> StepBatches[tuple[Tensor]]:
        return StepBatches(lambda step: (self.means,), range(start, stop))


@dataclass(frozen=True)
class Walls:
    """Samples noisy walls of one colour."""

    colour: Tensor

    def sample(self, prompts: Sequence[str], seeds: Sequence[int]) -> np.ndarray:
        noise = [np.random.default_rng(seed).integers(0, 100, (8, 8, 1)) for seed in seeds]
        return np.stack([grain + (self.colour.float().numpy() * 155) for grain in noise]).astype(np.uint8)


class WallFamily:
    """Opened by the name in its row."""

    def __init__(self, settings: GeneratorSettings, *, store: Store) -> None:
        del settings, store

    def personalizer(self, recipe: Recipe) -> Colour:
        return Colour(learning_rate=recipe.learning_rate)

    def stream(self, training: TrainingImages, recipe: Recipe) -> Colours:
        assert training.contents is None
        return Colours(torch.from_numpy(training.images / 255).float().mean(dim=(1, 2)))

    def generator(self, kept: Mapping[str, Tensor] | None = None, *, scale: float = 1.0) -> Walls:
        return Walls(scale * (torch.zeros(3) if kept is None else kept["colour"]))


def wall_size(folder: Path) -> tuple[int, int]:
    return (8, 8) if (folder / "config.json").is_file() else (0, 0)


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> GeneratorSettings:
    row = FamilyFacts(
        opens=f"{__name__}:WallFamily",
        image_size=f"{__name__}:wall_size",
        trained_by=(f"{__name__}:WallFamily.personalizer", f"{__name__}:WallFamily.stream"),
        sampled_by=(f"{__name__}:WallFamily.generator",),
        unused=("guidance",),
        miniature="walls",
    )
    monkeypatch.setitem(FAMILIES, "walls", row)
    sources = Code(own=Own(folder=Path(__file__).parents[3], names=frozenset({"tests"})))
    monkeypatch.setattr("finexl.code_version.project", lambda: sources)  # as if it were in the project
    (tmp_path / "config.json").write_text("{}")
    return GeneratorSettings(folder=tmp_path, family="walls")


def test_it_trains_and_samples_through_the_workshop(
    settings: GeneratorSettings, corpus: Any, tmp_path: Path
) -> None:
    workshop = Workshop(store=Store(tmp_path / "store"), generator=settings, corpus=corpus)
    recipe = Recipe(
        generator=workshop.generator_id, corpus="tiny", aspects=("light",), mixture=Mixture(parts=(1,), whole=1),
        n_images=4, learning_rate=0.1, batch_size=2, steps=(1, 5), seed=0,
    )  # fmt: skip
    base, early, late = (
        workshop.images(variant, PROMPTS, SEEDS).mean()
        for variant in (None, Trained(recipe=recipe, step=1), Trained(recipe=recipe, step=5))
    )
    assert base < early < late


def test_its_images_have_a_size_without_being_opened(settings: GeneratorSettings) -> None:
    assert image_size(settings) == (8, 8)
    with pytest.raises(InvalidInputError, match="8×8"):
        check_size((4, 4), settings)


def test_its_methods_are_checked(settings: GeneratorSettings) -> None:
    with pytest.raises(InvalidInputError, match="of a walls generator must be one of: full"):
        GeneratorSettings(folder=settings.folder, family="walls", method="lora")


def test_settings_that_it_has_no_use_for_are_refused(settings: GeneratorSettings) -> None:
    with pytest.raises(InvalidInputError, match="no use for it"):
        GeneratorSettings(folder=settings.folder, family="walls", guidance=2.0)


def test_a_family_without_a_row_is_told_which_exist(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="diffusion, controlgan, anole"):
        GeneratorSettings(folder=tmp_path, family="walls")
