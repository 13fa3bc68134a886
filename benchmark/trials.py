"""What is asked, as values: a trial is one personalized model with a known truth, a group is ranked together."""

from dataclasses import dataclass

from finetune.recipe import Recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """The prompts and noise seeds that base and personalized model share (the paper's 𝒯 and z)."""

    prompts: tuple[str, ...]
    seeds: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One personalized model: a recipe, the kept training step, and where it truly stands."""

    id: str
    """Opaque: a keyed hash that says nothing about the truth; also the id of its image pairs."""
    recipe: Recipe
    step: int
    truth: tuple[int, ...]
    """Level of each of the group's aspects: (3,) in a series of ten, (1, 0) on the lattice of Fig. 11."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Trials that are explained and compared together: a series of levels, or the mixtures of a pair."""

    id: str
    """Readable, for people and tables: `single_aspect/vivid/seed1000`; never shown to an explainer."""
    scenario: str
    aspects: tuple[str, ...]
    seed: int
    probe: Probe
    trials: tuple[Trial, ...]
