"""Settings of the robust explainer; those that were tuned are read from the file that the tuning writes.

This file does not need torch, so that command lines can show the settings at once.
"""

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from finexl.errors import InvalidInputError
from finexl.template import ConceptTemplate

TUNED = Path(__file__).with_name("tuned.json")
"""Written by `python -m benchmark tune robust`."""
_LEAST_RATE = 1e-6
"""So far out no formula for p-values is right."""
_CHOSEN: dict[str, Any] = json.loads(TUNED.read_text(encoding="utf-8"))["chosen"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RobustSettings:
    """How the robust explainer names, weighs and doubts."""

    template: ConceptTemplate = field(default_factory=ConceptTemplate)
    """How t ∪ C is written (Eq. 6)."""
    n_text_prompts: int = 8
    """Into how many of the prompts, spread evenly, words are put for their vectors; more change the vectors little."""
    synonyms: float = 0.94
    """Words of which every two have at least this cosine are one aspect with several names."""
    grounded_share: float = 0.5
    """How much of a word's direction is what the base generator shows when asked for it, where that is at hand; the
    rest is what the text encoder makes of it."""
    penalty: float = _CHOSEN["penalty"]
    """Weight of the sum of amounts in the sparse fit, as a share of ‖V_div‖; more gives fewer claims."""
    unseen_cost: float = _CHOSEN["unseen_cost"]
    """How many times dearer a claim is that the VLM named for no pair, and how many times cheaper one that it named for
    `seen_share` of them: the penalty is multiplied. 1: what it named is one more word to choose from."""
    seen_share: float = _CHOSEN["seen_share"]
    """Share of the VLM's answers in which a word must stand to be seen for sure."""
    emphasis: float = _CHOSEN["emphasis"]
    """Power of how far a pair moved by which it counts where words are found; amounts are of all pairs alike."""
    least_share: float = _CHOSEN["least_share"]
    """Claims below this share of the strongest are dropped: text vectors miss image effects by about as much."""
    least_explained: float = _CHOSEN["least_explained"]
    """Share of ‖V_div‖² beyond chance that claims must explain together; else the words do not fit and none is made."""
    explained_per_claim: float = _CHOSEN["explained_per_claim"]
    """By how much `least_explained` grows with every claim after the first."""
    least_shift: float = _CHOSEN["least_shift"]
    """Nothing is claimed of a shorter V_div, in lengths of a middling aspect's vector: training on the base model's own
    images alone moves by about as much."""
    least_visible: float = 0.005
    """A shorter V_div, in the same lengths, is no change whatever its p: steps of one in 255 in every thousandth pixel
    move by a tenth of this, and where pairs have the same noise they all go one way."""
    false_alarm_rate: float = 0.02
    """How often models that do not differ may be called changed, whatever is claimed of them."""
    false_discovery_rate: float = 0.05
    """Largest expected share of claims, among those of verdict `changed`, that chance made; the others are guesses."""
    relevant_amount: float = 0.1
    """The least amount worth knowing: pairs that cannot show it are not enough data."""
    n_flips: int = 999
    """Random signs of the pairs' shifts that say how long V_div is by chance."""
    n_vlm_pairs: int = 12
    """The most pairs that the VLM is asked about, one question each: sixteen find no more."""
    pairs_per_round: int = 4
    """How many pairs are asked about before looking whether they added a word; asking stops where they added none."""

    def __post_init__(self) -> None:
        for name in (
            "false_alarm_rate",
            "false_discovery_rate",
            "synonyms",
            "relevant_amount",
            "seen_share",
        ):
            if not 0 < getattr(self, name) <= 1:
                raise InvalidInputError(f"`{name}` must be in (0, 1]. Got {getattr(self, name)!r}.")
        for name in (
            "penalty",
            "least_share",
            "least_explained",
            "explained_per_claim",
            "least_shift",
            "least_visible",
        ):
            if not 0 <= getattr(self, name) <= 1:
                raise InvalidInputError(f"`{name}` must be in [0, 1]. Got {getattr(self, name)!r}.")
        if self.false_discovery_rate < _LEAST_RATE:
            raise InvalidInputError(
                f"`false_discovery_rate` must be at least {_LEAST_RATE:g}. Got {self.false_discovery_rate!r}."
            )
        if self.relevant_amount <= self.least_visible:
            raise InvalidInputError(
                "`relevant_amount` must be larger than `least_visible`, below which nothing is a change. "
                f"Got {self.relevant_amount!r} and {self.least_visible!r}."
            )
        for name, least in (("emphasis", 0), ("unseen_cost", 1)):
            if not least <= getattr(self, name) < math.inf:
                raise InvalidInputError(
                    f"`{name}` must be a finite number of at least {least}. Got {getattr(self, name)!r}."
                )
        if not 0 <= self.grounded_share <= 1:
            raise InvalidInputError(f"`grounded_share` must be in [0, 1]. Got {self.grounded_share!r}.")
        for name, least in (
            ("n_text_prompts", 1),
            ("n_flips", 1),
            ("pairs_per_round", 1),
            ("n_vlm_pairs", 0),
        ):
            given = getattr(self, name)
            if not isinstance(given, int) or given < least:
                raise InvalidInputError(
                    f"`{name}` must be a whole number of at least {least}. Got {given!r}."
                )
