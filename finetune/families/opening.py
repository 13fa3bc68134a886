"""The families of generators that can be personalized, behind one contract (paper §5, §6.5).

Whatever the family, a run is a module and a stream of batches (`trajectory.py` trains it), and a level is a
set of tensors that the family puts back into a generator.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from finetune.generator import GeneratorSettings
from finetune.mixing import TrainingImages
from finetune.recipe import Recipe
from finetune.store.store import Store

if TYPE_CHECKING:
    from torch import Tensor

    from finetune.training.batches import Stream
    from finetune.training.personalizer import Personalizer
    from finexl.interfaces import ImageGenerator


@runtime_checkable
class Family(Protocol):
    """A loaded base generator: what is trained of it, on what, and how images come out."""

    def personalizer(self, recipe: Recipe) -> "Personalizer":
        """A module to train that starts as the base generator and leaves it as it is."""
        ...

    def stream(self, training: TrainingImages, recipe: Recipe) -> "Stream":
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


@runtime_checkable
class ComposableFamily(Family, Protocol):
    """A family whose adapters can be added to the base generator side by side."""

    def composed(self, adapters: "Sequence[tuple[Mapping[str, Tensor], float]]") -> "ImageGenerator":
        """The base generator with adapters, as levels keep them, each as many times as the number beside it."""
        ...


def open_family(settings: GeneratorSettings, *, store: Store) -> Family:
    """Load a base generator; what a family makes once and uses often, it keeps in the store."""
    return resolve_name(settings.facts.opens)(settings, store=store)
