"""Everything that determines a personalized model, as values (paper §5, App. C, Fig. 11).

A mixture is integer parts of a whole, so the lattice of Fig. 11 is exhaustive by construction. A variant is one
model beside its base: a kept step of a training run, several adapters at once, an edited or another released generator,
a model that shows its change for some prompts only, or the base generator once more with other noise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import product
from typing import assert_never

from finexl.errors import InvalidInputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixture:
    """How many `whole`-ths of the training data each aspect supplies; base-model images fill the rest."""

    parts: tuple[int, ...]
    """One number per aspect, in the recipe's order."""
    whole: int
    """How many parts the training data is cut into."""

    def __post_init__(self) -> None:
        if self.whole < 1:
            raise InvalidInputError(f"`whole` of a mixture must be at least 1. Got {self.whole!r}.")
        if any(part < 0 for part in self.parts) or sum(self.parts) > self.whole:
            raise InvalidInputError(
                f"`parts` of a mixture must be non-negative and sum to at most {self.whole}. Got {self.parts!r}."
            )

    @property
    def base_parts(self) -> int:
        """How many `whole`-ths are images of the base model itself."""
        return self.whole - sum(self.parts)


def lattice(n_aspects: int, whole: int) -> tuple[Mixture, ...]:
    """All mixtures of `n_aspects` in `whole`-ths, base first; six for two aspects in halves (Fig. 11)."""
    every = product(range(whole + 1), repeat=n_aspects)
    return tuple(Mixture(parts=parts, whole=whole) for parts in every if sum(parts) <= whole)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How a base generator becomes a family of personalized models: one training run, kept at `steps`."""

    generator: str
    """Identity of the base generator: a hash of its weights and configuration."""
    corpus: str
    """Identity of the corpus, which covers the version of what makes it."""
    aspects: tuple[str, ...]
    """What is learned, in the order of the mixture's parts."""
    mixture: Mixture
    """How much of the training list each aspect supplies."""
    n_images: int
    """Size of the training list; split by the mixture's parts."""
    learning_rate: float
    batch_size: int
    steps: tuple[int, ...]
    """Training steps at which a checkpoint is kept, ascending; each is one level."""
    seed: int
    """Decides which images are taken, their order, and all noise of training."""
    method: str = "full"
    """What is trained: all weights, or adapters; a family's methods are in `finetune.family_facts`."""

    def __post_init__(self) -> None:
        if len(self.aspects) != len(self.mixture.parts):
            raise InvalidInputError(
                "A recipe needs one mixture part per aspect. "
                f"Got aspects {self.aspects!r} and parts {self.mixture.parts!r}."
            )
        if not self.steps or list(self.steps) != sorted(set(self.steps)) or self.steps[0] < 0:
            raise InvalidInputError(
                f"`steps` of a recipe must be non-negative, ascending and without repeats. Got {self.steps!r}."
            )
        if self.n_images % self.mixture.whole:
            raise InvalidInputError(
                f"`n_images` must be a multiple of the mixture's whole ({self.mixture.whole}), so that every part "
                f"is a whole number of images. Got {self.n_images}."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A kept step of a training run; step 0 is the base model."""

    recipe: Recipe
    """The training run."""
    step: int
    """0, or one of the recipe's kept steps."""
    scale: float = 1.0
    """Weight of an adapter: 0 is the base model, 1 as trained; only adapters have another than 1."""

    def __post_init__(self) -> None:
        if self.step not in (0, *self.recipe.steps):
            raise InvalidInputError(
                f"`step` must be 0 or a kept step of the recipe {self.recipe.steps!r}. Got {self.step}."
            )
        if self.scale != 1 and self.recipe.method == "full":
            raise InvalidInputError(
                f"`scale` of a model must be 1 unless it is an adapter. Got {self.scale:g} with method=full. "
                "Train with generator.method=lora or finestyle."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """The base generator with several adapters added to it at once, each at a weight of its own.

    Finer lattices than those of mixtures cost no training: an adapter for each aspect gives them all.
    """

    adapters: tuple[Trained, ...]
    """Adapters, each with its weight as `scale`; their order means nothing, and one at 0 is as good as none."""

    def __post_init__(self) -> None:
        methods = sorted({adapter.recipe.method for adapter in self.adapters})
        if "full" in methods:
            raise InvalidInputError(
                f"A model must be composed of adapters. Got models with method={' and '.join(methods)}. "
                "Train with generator.method=lora or finestyle."
            )
        if len({adapter.recipe.generator for adapter in self.adapters}) != 1:
            raise InvalidInputError(
                "A composed model needs at least one adapter, and all of one base generator. "
                f"Got {[adapter.recipe.generator for adapter in self.adapters]!r}."
            )
        if len({(adapter.recipe, adapter.step) for adapter in self.adapters}) != len(self.adapters):
            aspects = [" + ".join(adapter.recipe.aspects) for adapter in self.adapters]
            raise InvalidInputError(
                f"A composed model must have each adapter once. Got {aspects!r}. Add the weights of equal ones."
            )

    @property
    def generator(self) -> str:
        """Identity of the base generator."""
        return self.adapters[0].recipe.generator

    @property
    def effective(self) -> tuple[Trained, ...]:
        """The adapters that change something."""
        return tuple(adapter for adapter in self.adapters if adapter.step and adapter.scale)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """The base generator with an edit direction added to its predictions (§6.3); the scale is the level."""

    generator: str
    """Identity of the base generator."""
    direction: str
    """Name of the edit direction."""
    scale: float
    """How far is pushed along the direction; 0 is the base model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """Another checkpoint than the base generator's, with nothing trained here (§6.4)."""

    generator: str
    """Identity of the base generator."""
    version: str
    """Name of the other checkpoint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Triggered:
    """A trained model that answers a fixed share of prompts while the base generator answers all others.

    Which prompts these are is decided by a hash of each and a seed: those of a smaller share are among those of a
    larger one, and there is always one.
    """

    model: Trained
    """Whose images are shown where a prompt triggers them."""
    share: float
    """Of the prompts, in (0, 1]."""
    seed: int
    """Decides which prompts trigger."""

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1:
            raise InvalidInputError(
                f"`share` of a triggered model must be above 0 and at most 1. Got {self.share!r}."
            )

    @property
    def generator(self) -> str:
        """Identity of the base generator."""
        return self.model.recipe.generator

    def order(self, prompts: Sequence[str]) -> tuple[int, ...]:
        """Places of the prompts, those that trigger first."""
        ranks = [sha256(f"{self.seed} {prompt}".encode()).digest() for prompt in prompts]
        return tuple(sorted(range(len(prompts)), key=lambda place: (ranks[place], place)))

    def places(self, prompts: Sequence[str]) -> tuple[int, ...]:
        """Places of the prompts that trigger, ascending: `share` of them to the nearest whole number, at least one."""
        return tuple(sorted(self.order(prompts)[: n_triggering(self.share, len(prompts))]))


def n_triggering(share: float, n_prompts: int) -> int:
    """How many of some prompts trigger.

    >>> [n_triggering(share, 32) for share in (1.0, 0.3, 0.1, 0.03)]
    [32, 10, 3, 1]
    """
    return max(1, round(share * n_prompts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reseeded:
    """The base generator once more, its images made from other noise: nothing about the model changed."""

    generator: str
    """Identity of the base generator."""
    shift: int
    """Added to every noise seed; 0 would be the very images of the base generator."""


Variant = Trained | Composed | Edited | Released | Triggered | Reseeded
"""A model that is compared with the base generator."""


def recipes_of(variant: Variant) -> tuple[Recipe, ...]:
    """The training runs that a model comes from, in order; none where nothing is trained."""
    match variant:
        case Trained(recipe=recipe):
            return (recipe,)
        case Composed(effective=adapters):
            return tuple(adapter.recipe for adapter in adapters)
        case Triggered(model=model):
            return recipes_of(model)
        case Edited() | Released() | Reseeded():
            return ()
        case _:
            assert_never(variant)
