"""Two ceilings that are told the aspects: FineXL with the true words, a probe trained on true strengths."""

from dataclasses import dataclass, field

import torch
from jaxtyping import Float64
from torch import Tensor

from baselines.controls import check_vocabulary
from finexl.divergence import divergence
from finexl.errors import InvalidInputError
from finexl.explainer import explain_with_concepts
from finexl.interfaces import Encoder
from finexl.settings import FineXLSettings
from finexl.values import Claim, ImagePairs, ScoredExplanation

MINIMUM_SHARE = 0.2
"""Of the strongest amount: below what any aspect of a mixture in quarters has beside another."""
TINIEST = 1e-9
"""Amounts below are rounding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OracleConcepts:
    """FineXL's decomposition (Algorithm 1) with a given vocabulary, whatever the order of its names.

    They are tried as `settings.order` says; an order that follows a VLM's answers is alphabetical, since there is none.
    """

    encoder: Encoder
    concepts: tuple[str, ...]
    settings: FineXLSettings = field(default_factory=FineXLSettings)
    name: str = "oracle_concepts"

    def __post_init__(self) -> None:
        check_vocabulary(self.concepts)

    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        """Admit and score the given concepts."""
        concepts = sorted(self.concepts)
        return explain_with_concepts(pairs, concepts, encoder=self.encoder, settings=self.settings)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OracleProbe:
    """A linear probe: the strength of aspect a is (V_div · probe)ₐ."""

    encoder: Encoder
    probe: Float64[Tensor, "d a"]
    """Weights of embeddings, one column per concept; see `fit_probe`."""
    concepts: tuple[str, ...]
    name: str = "oracle_probe"

    def __post_init__(self) -> None:
        check_vocabulary(self.concepts)
        if self.probe.ndim != 2 or self.probe.shape[1] != len(self.concepts):
            raise InvalidInputError(
                f"A `probe` must have one column for each of {len(self.concepts)} concepts. "
                f"Got shape {tuple(self.probe.shape)}."
            )

    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        """Claim every concept by its column of the probe that has at least a fifth of the strongest amount."""
        v = divergence(pairs, encoder=self.encoder)
        if len(v) != len(self.probe):
            raise InvalidInputError(
                f"The encoder's rows must be as long as the probe's columns, {len(self.probe)}. "
                f"Got {len(v)}. Fit the probe with the encoder that it is used with."
            )
        amounts = (v @ self.probe).tolist()
        least = max(MINIMUM_SHARE * max(map(abs, amounts), default=0.0), TINIEST)
        return ScoredExplanation(
            claims=tuple(
                Claim(concept=concept, amount=amount)
                for concept, amount in zip(self.concepts, amounts, strict=True)
                if abs(amount) >= least
            )
        )


def fit_probe(
    shifts: Float64[Tensor, "n d"], strengths: Float64[Tensor, "n a"], *, ridge: float
) -> Float64[Tensor, "d a"]:
    """Ridge regression without intercept, in closed form: (XᵀX + λI)⁻¹ XᵀY.

    No intercept, since no shift must mean no strength.
    """
    if not ridge > 0:
        raise InvalidInputError(f"`ridge` of a probe must be positive, so that it is unique. Got {ridge!r}.")
    gram = shifts.T @ shifts + ridge * torch.eye(shifts.shape[1], dtype=torch.float64)
    return torch.linalg.solve(gram, shifts.T @ strengths)
