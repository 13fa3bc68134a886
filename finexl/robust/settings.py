"""Settings of the robust explainer; those that were tuned are read from the file that the tuning writes.

This file does not need torch, so that command lines can show the settings at once.
"""

from dataclasses import dataclass, field

from finexl.errors import InvalidInputError
from finexl.template import ConceptTemplate


@dataclass(frozen=True, slots=True, kw_only=True)
class RobustSettings:
    """How the robust explainer names, weighs and doubts."""

    template: ConceptTemplate = field(default_factory=ConceptTemplate)
    """How t ∪ C is written (Eq. 6)."""
    n_text_prompts: int = 8
    """Into how many of the prompts, spread evenly, words are put for their vectors; more change the vectors little."""
    synonyms: float = 0.94
    """Words of which every two have at least this cosine are one aspect with several names."""
    penalty: float = 0.1
    """Weight of the sum of amounts in the sparse fit, as a share of ‖V_div‖; more gives fewer claims."""
    least_share: float = 0.3
    """Claims below this share of the strongest are dropped: text vectors miss image effects by about as much."""
    least_gain: float = 0.05
    """A claim must explain at least this share of ‖V_div‖² beside the others."""
    false_discovery_rate: float = 0.05
    """Largest expected share of claims, among those of verdict `changed`, that chance made."""
    relevant_amount: float = 0.1
    """The least amount worth knowing: pairs that cannot show it are not enough data."""
    n_flips: int = 999
    """Random signs of the pairs' shifts that say how long V_div is by chance."""
    n_vlm_pairs: int = 16
    """The most pairs that the VLM is asked about, one question each."""
    pairs_per_round: int = 4
    """How many pairs are asked about before looking whether they added a word; asking stops where they added none."""

    def __post_init__(self) -> None:
        for name in ("false_discovery_rate", "synonyms", "relevant_amount"):
            if not 0 < getattr(self, name) <= 1:
                raise InvalidInputError(f"`{name}` must be in (0, 1]. Got {getattr(self, name)!r}.")
        for name in ("penalty", "least_share", "least_gain"):
            if not 0 <= getattr(self, name) < 1:
                raise InvalidInputError(f"`{name}` must be in [0, 1). Got {getattr(self, name)!r}.")
        for name in ("n_text_prompts", "n_flips", "pairs_per_round"):
            if getattr(self, name) < 1:
                raise InvalidInputError(f"`{name}` must be at least 1. Got {getattr(self, name)!r}.")
        if self.n_vlm_pairs < 0:
            raise InvalidInputError(f"`n_vlm_pairs` must be at least 0. Got {self.n_vlm_pairs!r}.")
