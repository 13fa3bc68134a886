"""Which concepts are distinct enough to be kept, and in which order they are tried (§4.4, Eq. 8-9).

Eq. 9 sums signed cosines over the concepts already kept. Two opposite concepts cancel in that sum, and it
grows with the number kept; the other projections are here to measure what that costs.
"""

from collections.abc import Callable, Mapping
from typing import assert_never

from jaxtyping import Float64
from torch import Tensor

from finexl.settings import Order, Projection

BLIND_NORM = 1e-6
"""Shorter concept vectors are below the float32 resolution of unit embeddings: their direction is noise."""


def cosines(vector: Float64[Tensor, " d"], admitted: Float64[Tensor, "k d"]) -> Float64[Tensor, " k"]:
    """Cosine of one vector with each admitted vector; none of them may be zero."""
    return (admitted @ vector) / (admitted.norm(dim=1) * vector.norm())


def signed_cosine_sum(vector: Float64[Tensor, " d"], admitted: Float64[Tensor, "k d"]) -> float:
    """Orthogonality as in Eq. 9; 0 for the first concept, when nothing is admitted yet."""
    return float(cosines(vector, admitted).sum(dim=0))


def absolute_cosine_sum(vector: Float64[Tensor, " d"], admitted: Float64[Tensor, "k d"]) -> float:
    """Sum of the sizes of the cosines, so that opposite concepts do not cancel."""
    return float(cosines(vector, admitted).abs().sum(dim=0))


def max_abs_cosine(vector: Float64[Tensor, " d"], admitted: Float64[Tensor, "k d"]) -> float:
    """Size of the largest cosine; it does not grow with the number admitted."""
    return float(cosines(vector, admitted).abs().max(dim=0).values) if len(admitted) else 0.0


def is_blind(vector: Float64[Tensor, " d"]) -> bool:
    """Whether the text encoder does not see the concept at all, so that Eq. 9 is 0/0."""
    return float(vector.norm()) < BLIND_NORM


def select_orthogonal(
    vector: Float64[Tensor, " d"],
    admitted: Float64[Tensor, "k d"],
    *,
    e_ortho: float,
    projection: Projection = "signed",
) -> bool:
    """Whether a concept is admitted beside those already kept: orthogonality < e_ortho (Algorithm 1).

    A concept that the text encoder does not see is never admitted: it has no direction.
    """
    return not is_blind(vector) and _PROJECTIONS[projection](vector, admitted) < e_ortho


def trial_order(
    v: Float64[Tensor, " d"], vectors: Float64[Tensor, "c d"], *, named: Mapping[str, int], order: Order
) -> tuple[int, ...]:
    """Rows of the concept vectors in the order in which the greedy filter tries them.

    `named` says how often each concept was named, first named first; the rows are in alphabetical order, so that only
    an order that follows the VLM's answers depends on theirs.
    """
    rows, names = range(len(vectors)), sorted(named)
    match order:
        case "first_named":
            places = {name: place for place, name in enumerate(named)}
            return tuple(sorted(rows, key=lambda row: places[names[row]]))
        case "times_named":
            return tuple(sorted(rows, key=lambda row: -named[names[row]]))
        case "projection":
            lengths = projections(v, vectors).abs().tolist()
            return tuple(sorted(rows, key=lambda row: -lengths[row]))
        case "alphabetical":
            return tuple(rows)
        case _:
            assert_never(order)


def projections(v: Float64[Tensor, " d"], vectors: Float64[Tensor, "c d"]) -> Float64[Tensor, " c"]:
    """Length of V_div along each concept vector; 0 along one that the text encoder does not see."""
    return (vectors @ v) / vectors.norm(dim=1).clamp(min=BLIND_NORM)


_PROJECTIONS: Mapping[Projection, Callable[[Tensor, Tensor], float]] = {
    "signed": signed_cosine_sum,
    "absolute": absolute_cosine_sum,
    "max_absolute": max_abs_cosine,
}
