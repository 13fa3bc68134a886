"""What is asked, as values: a trial is one personalized model with a known truth, a group is compared together."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import assert_never

from finetune.recipe import Composed, Edited, Released, Trained, Variant


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """The prompts and noise seeds that base and personalized model share (the paper's 𝒯 and z)."""

    prompts: tuple[str, ...]
    seeds: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One personalized model: how it differs from its base, and where it truly stands."""

    id: str
    """Readable, for records: the group's id and the trial's number; never shown to an explainer."""
    variant: Variant
    truth: tuple[int, ...]
    """Level of each of the group's aspects: (3,) in a series of ten, (1, 0) on the lattice of Fig. 11."""
    unasked: tuple[tuple[str, int], ...] = ()
    """Aspects beside the group's by which the model is moved as well, with their levels: part of the truth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Trials that are explained and compared together: the levels of a series, the mixtures of a pair."""

    id: str
    """Readable, for people and tables: `single_aspect/vivid/seed1000`; never shown to an explainer."""
    scenario: str
    aspects: tuple[str, ...]
    seed: int
    probe: Probe
    trials: tuple[Trial, ...]

    @property
    def is_ladder(self) -> bool:
        """Whether the trials are levels of one aspect, so that their divergence must grow with the truth."""
        # released versions are ordered at best, and what nobody asks about moves a model as well
        return len(self.aspects) == 1 and not any(
            isinstance(trial.variant, Released) or trial.unasked for trial in self.trials
        )


def label(trial: Trial, group: Group) -> str:
    """The truth of a trial in words, for people only: `vivid 3`, `sepia 1, grainy 0` or `v21 (vivid 2)`.

    What is not asked about stands behind: `sepia 1, grainy 0; also vivid 2`.
    """
    levels = _listed(zip(group.aspects, trial.truth, strict=True))
    if trial.unasked:
        levels += f"; also {_listed(trial.unasked)}"
    if isinstance(trial.variant, Released):
        return f"{trial.variant.version} ({levels})" if levels else trial.variant.version
    return levels


def origin(variant: Variant) -> str:
    """The work that a model comes from, in words: models of one origin are made together."""
    match variant:
        case Trained(recipe=recipe):
            return f"{' + '.join(recipe.aspects)} {recipe.mixture.parts}"
        case Composed(adapters=adapters):
            return " + ".join(
                f"{adapter.scale:g} {' + '.join(adapter.recipe.aspects)}" for adapter in adapters
            )
        case Edited(direction=direction):
            return f"edits along {direction}"
        case Released(version=version):
            return f"version {version}"
        case _:
            assert_never(variant)


def _listed(levels: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{aspect} {level}" for aspect, level in levels)
