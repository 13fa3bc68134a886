"""FineXL as printed: Algorithm 1 of the paper, from image pairs to scored concepts."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from jaxtyping import Float64
from torch import Tensor

from finexl.concepts import concept_vectors
from finexl.decomposition import Decomposition, decompose
from finexl.discovery import discover
from finexl.divergence import divergence
from finexl.embeddings import UnitEncoder
from finexl.interfaces import VLM, Encoder
from finexl.orthogonality import is_blind, select_orthogonal, trial_order
from finexl.settings import FineXLSettings
from finexl.values import Claim, ImagePairs, NoExplanation, ScoredExplanation

__all__ = [
    "Admission",
    "FineXLSettings",
    "PaperFineXL",
    "admit_and_decompose",
    "explain_in_order",
    "explain_with_concepts",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperFineXL:
    """Explains a personalized model by scored concepts that a VLM proposes (Algorithm 1)."""

    encoder: Encoder
    vlm: VLM
    settings: FineXLSettings = field(default_factory=FineXLSettings)
    name: str = "finexl_paper"

    def explain(self, pairs: ImagePairs) -> ScoredExplanation | NoExplanation:
        """Discover concepts, keep the distinct ones, and score them by decomposing V_div.

        Nothing named, or nothing admitted, is an explanation without claims: nobody saw a difference.
        """
        encoder = _encoder(self.encoder, self.settings)
        v = divergence(pairs, encoder=encoder, reduction=self.settings.reduction)
        if not v.any():
            return _nothing_changed()
        found = discover(pairs, vlm=self.vlm, settings=self.settings)
        if found.failure:
            why = f"The VLM named no concept: {dict(found.counts)}. {' '.join(found.faults)}"
            return NoExplanation(reason=found.failure, detail=why.strip())
        named = dict(zip(found.concepts, found.times_named, strict=True))
        explanation = _explain(v, named, pairs, encoder=encoder, settings=self.settings)
        return replace(explanation, notes={**explanation.notes, **found.notes})


def explain_with_concepts(
    pairs: ImagePairs, concepts: Sequence[str], *, encoder: Encoder, settings: FineXLSettings
) -> ScoredExplanation:
    """Algorithm 1 with a given vocabulary instead of discovery: each concept counts as named once, in this order."""
    encoder = _encoder(encoder, settings)
    v = divergence(pairs, encoder=encoder, reduction=settings.reduction)
    named = dict.fromkeys(concepts, 1)
    return _explain(v, named, pairs, encoder=encoder, settings=settings) if v.any() else _nothing_changed()


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """Which concepts Algorithm 1 kept, and the decomposition over them."""

    indices: tuple[int, ...]
    """Rows of the concept vectors, in order of admission."""
    decomposition: Decomposition | None
    """None where no concept was admitted."""
    converged: bool
    """Whether the residual fell below e_decomp; otherwise the concepts ran out."""


def admit_and_decompose(
    v: Float64[Tensor, " d"], vectors: Float64[Tensor, "c d"], *, settings: FineXLSettings
) -> Admission:
    """The second loop of Algorithm 1: admit distinct concepts in order until the residual is small enough."""
    indices: list[int] = []
    decomposition = None
    for index, vector in enumerate(vectors):
        if not select_orthogonal(
            vector, vectors[indices], e_ortho=settings.e_ortho, projection=settings.projection
        ):
            continue
        indices.append(index)
        decomposition = decompose(v, vectors[indices])
        # Eq. 11 writes a length; App. B states the threshold as a fraction of ‖V_div‖.
        left = decomposition.residual if settings.decomp_relative else decomposition.residual_norm
        if left < settings.e_decomp:
            return Admission(indices=tuple(indices), decomposition=decomposition, converged=True)
    return Admission(indices=tuple(indices), decomposition=decomposition, converged=False)


def explain_in_order(
    v: Float64[Tensor, " d"],
    concepts: Sequence[str],
    vectors: Float64[Tensor, "c d"],
    *,
    settings: FineXLSettings,
) -> ScoredExplanation:
    """The admitted of some concepts with their weights, largest first; they are tried as they stand here."""
    admission = admit_and_decompose(v, vectors, settings=settings)
    notes: dict[str, float | int | str] = {
        "n_proposed": len(concepts),
        "n_admitted": len(admission.indices),
        "n_blind": sum(is_blind(vector) for vector in vectors),
        "stopped_by": "residual" if admission.converged else "end of concepts",
        "divergence_norm": float(v.norm()),
    }
    fit = admission.decomposition
    if fit is None:
        return ScoredExplanation(claims=(), residual=1.0, notes=notes)
    notes["condition_number"] = fit.condition_number if math.isfinite(fit.condition_number) else "infinite"
    weighed = zip(admission.indices, fit.weights.tolist(), strict=True)
    claims = [Claim(concept=concepts[index], amount=weight) for index, weight in weighed]
    claims.sort(key=lambda claim: -abs(claim.amount))
    return ScoredExplanation(claims=tuple(claims), residual=fit.residual, notes=notes)


def _explain(
    v: Float64[Tensor, " d"],
    named: Mapping[str, int],
    pairs: ImagePairs,
    *,
    encoder: Encoder,
    settings: FineXLSettings,
) -> ScoredExplanation:
    """What the concepts explain that were named, with how often."""
    names = sorted(named)  # embedded in this order, so that the last bits do not tell who was named first
    if not names:
        nothing = v.new_empty(0, len(v))
        return explain_in_order(v, (), nothing, settings=settings)
    vectors = concept_vectors(
        names, pairs.prompts, encoder=encoder, template=settings.template, reduction=settings.reduction
    )
    tried = trial_order(v, vectors, named=named, order=settings.order)
    return explain_in_order(v, [names[row] for row in tried], vectors[list(tried)], settings=settings)


def _encoder(encoder: Encoder, settings: FineXLSettings) -> Encoder:
    return UnitEncoder(encoder) if settings.embeddings == "unit" else encoder


def _nothing_changed() -> ScoredExplanation:
    """Nothing to explain and nothing left over; no model need be asked."""
    return ScoredExplanation(claims=(), residual=0.0, notes={"divergence_norm": 0.0})
