"""V_div as a linear combination of concept vectors (§4.5, Eq. 10-11): one joint least-squares fit."""

from dataclasses import dataclass

import torch
from jaxtyping import Float64
from torch import Tensor

from finexl.errors import InvalidInputError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Decomposition:
    """The weights wᵢ of Eq. 10 and what they leave unexplained."""

    weights: Float64[Tensor, " c"]
    residual: float
    """‖V_div - Σ wᵢ f(Cᵢ)‖ / ‖V_div‖ (Eq. 11 as a fraction, App. B), in [0, 1]; 0 where V_div is zero."""
    residual_norm: float
    """The same, undivided, as Eq. 11 writes it."""
    condition_number: float
    """Largest over smallest singular value of the concept vectors; infinite where they are dependent."""


def decompose(v: Float64[Tensor, " d"], vectors: Float64[Tensor, "c d"]) -> Decomposition:
    """Weights of least ‖V_div - Σ wᵢ f(Cᵢ)‖ (Eq. 10-11).

    Where vectors are dependent, the smallest such weights.
    """
    if len(vectors) == 0:
        raise InvalidInputError("A decomposition needs at least one concept vector. Got none.")
    columns = vectors.T  # (d, c)
    weights = torch.linalg.lstsq(columns, v.unsqueeze(1), driver="gelsd").solution.squeeze(1)
    residual_norm = float((v - columns @ weights).norm())
    length = float(v.norm())
    return Decomposition(
        weights=weights,
        residual=residual_norm / length if length else 0.0,
        residual_norm=residual_norm,
        condition_number=_condition_number(vectors),
    )


def _condition_number(vectors: Float64[Tensor, "c d"]) -> float:
    singular = torch.linalg.svdvals(vectors)
    largest, smallest = float(singular[0]), float(singular[-1])
    resolution = largest * max(vectors.shape) * torch.finfo(vectors.dtype).eps
    dependent = smallest <= resolution or len(vectors) > vectors.shape[1]
    return float("inf") if dependent else largest / smallest
