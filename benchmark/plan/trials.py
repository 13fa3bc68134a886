"""What is asked, as values: a trial is one personalized model with a known truth, a group is compared together."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import assert_never

from finetune.recipe import Composed, Edited, Released, Reseeded, Trained, Triggered, Variant


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """The prompts and noise seeds that base and personalized model share (the paper's 𝒯 and z)."""

    prompts: tuple[str, ...]
    seeds: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Which images of a probe an explainer is shown: pair i is base image i and personalized image i + `apart`.

    Prompts are those of the base images.
    """

    n_pairs: int
    apart: int = 0
    """0 = two images of one prompt and noise; else the two folders of a user, which have no prompt in common."""

    @property
    def key(self) -> str:
        """Names the part of a probe's images that is shown."""
        return f"{self.n_pairs}+{self.apart}"


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
    evidence: Evidence | None = None
    """Which part of the images explainers are shown; None = all pairs of the probe."""
    note: str = ""
    """What people must know of how the group was planned; "" where all is as the scenario says."""

    @property
    def is_ladder(self) -> bool:
        """Whether the trials are levels of one aspect, so that their divergence must grow with the truth."""
        # released versions are ordered at best: how far apart they are is not known; at level 0 nothing grows, and what
        # nobody asks about moves a model as well
        return (
            len(self.aspects) == 1
            and not self.is_unchanged
            and not any(isinstance(trial.variant, Released) or trial.unasked for trial in self.trials)
        )

    @property
    def is_unchanged(self) -> bool:
        """Whether nothing that is asked about was done to any of its models."""
        return not any(level for trial in self.trials for level in trial.truth) and bool(self.aspects)

    @property
    def pictured(self) -> tuple[int, ...]:
        """Places of the prompts in the order in which they are worth a look: those first that trigger most models."""
        rarest = min(
            (trial.variant for trial in self.trials if isinstance(trial.variant, Triggered)),
            key=lambda variant: variant.share,
            default=None,
        )
        prompts = self.probe.prompts
        return tuple(range(len(prompts))) if rarest is None else rarest.order(prompts)


def notes(groups: Iterable[Group]) -> tuple[str, ...]:
    """What people must know of how groups were planned, each line once."""
    return tuple(dict.fromkeys(group.note for group in groups if group.note))


def label(trial: Trial, group: Group) -> str:
    """The truth of a trial in words, for people only: `vivid 3`, `sepia 1, grainy 0` or `v21 (vivid 2)`.

    What is not asked about stands behind: `sepia 1, grainy 0; also vivid 2`.
    """
    levels = _listed(zip(group.aspects, trial.truth, strict=True))
    if trial.unasked:
        levels += f"; also {_listed(trial.unasked)}"
    match trial.variant:
        case Released(version=version):
            return f"{version} ({levels})" if levels else version
        case Triggered() as triggered:
            prompts = group.probe.prompts
            return f"{levels} (in {len(triggered.places(prompts))} of {len(prompts)} prompts)"
        case Reseeded():
            return "base, other noise"
        case Trained() if group.is_unchanged:
            return "tuned on base images"
        case _:
            return levels


def origin(variant: Variant) -> str:
    """The work that a model comes from, in words: models of one origin are made together."""
    match variant:
        case Trained(recipe=recipe):
            return f"{' + '.join(recipe.aspects)} {recipe.mixture.parts}"
        case Triggered(model=model):
            return origin(model)
        case Composed(adapters=adapters):
            return " + ".join(
                f"{adapter.scale:g} {' + '.join(adapter.recipe.aspects)}" for adapter in adapters
            )
        case Edited(direction=direction):
            return f"edits along {direction}"
        case Released(version=version):
            return f"version {version}"
        case Reseeded():
            return "base images from other noise"
        case _:
            assert_never(variant)


def _listed(levels: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{aspect} {level}" for aspect, level in levels)
