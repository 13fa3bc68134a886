"""What is asked, as values: a trial is one personalized model with a known truth, a group is compared together."""

from dataclasses import dataclass

from finetune.recipe import Released, Variant


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
        return len(self.aspects) == 1 and not any(
            isinstance(trial.variant, Released) for trial in self.trials
        )
