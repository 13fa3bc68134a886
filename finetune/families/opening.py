"""The families of generators that can be personalized, behind one contract (paper §5, §6.5).

Whatever the family, a run is a module and a stream of batches (`trajectory.py` trains it), and a level is a
set of tensors that the family puts back into a generator.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from finetune.families.generator import GeneratorSettings
from finetune.mixing import TrainingImages
from finetune.recipe import Recipe
from finetune.store.store import Store
from finexl.errors import unknown_name

if TYPE_CHECKING:
    from torch import Tensor

    from finetune.training.personalizer import Personalizer
    from finexl.interfaces import ImageGenerator


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


@runtime_checkable
class Family(Protocol):
    """A loaded base generator: what is trained of it, on what, and how images come out."""

    def personalizer(self, recipe: Recipe) -> "Personalizer":
        """A module to train that starts as the base generator and leaves it as it is."""
        ...

    def stream(self, training: TrainingImages, recipe: Recipe) -> Stream:
        """What it is trained on."""
        ...

    def generator(
        self, kept: "Mapping[str, Tensor] | None" = None, *, scale: float = 1.0
    ) -> "ImageGenerator":
        """The personalized generator with the tensors that a level keeps; the base generator without any."""
        ...


@runtime_checkable
class EditableFamily(Family, Protocol):
    """A family whose sampling can be pushed along an edit direction (§6.3)."""

    def edited(self, direction: Path, *, scale: float, generator: str = "") -> "ImageGenerator":
        """The base generator, whose identity is `generator`, with a direction added to its predictions."""
        ...


def open_family(settings: GeneratorSettings, *, store: Store) -> Family:
    """Load a base generator; what a family makes once and uses often, it keeps in the store."""
    if settings.family not in FAMILIES:
        raise unknown_name("family", settings.family, FAMILIES)
    return FAMILIES[settings.family](settings, store)


def _diffusion(settings: GeneratorSettings, store: Store) -> Family:
    from finetune.families.diffusion.family import DiffusionFamily

    del store
    return DiffusionFamily(settings)


def _controlgan(settings: GeneratorSettings, store: Store) -> Family:
    from finetune.families.controlgan.family import open_family

    del store
    return open_family(settings)


def _anole(settings: GeneratorSettings, store: Store) -> Family:
    from finetune.families.anole.family import open_family

    return open_family(settings, store=store)


FAMILIES: dict[str, Callable[[GeneratorSettings, Store], Family]] = {
    "anole": _anole,
    "controlgan": _controlgan,
    "diffusion": _diffusion,
}
