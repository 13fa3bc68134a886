"""Which aspects are claimed, how much of each, how sure that is, and what the data cannot tell apart from it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from finexl.explanation import ExplainedClaim, Verdict
from finexl.robust.aspects import Aspect
from finexl.robust.chance import discoveries
from finexl.robust.decomposition import gains, least_squares, sparse_amounts
from finexl.robust.evidence import Estimate, Evidence
from finexl.robust.settings import RobustSettings

CONFIDENCE = 0.95
N_MOVED = 3
_ONE_SIDED = 1.645
"""Of a normal number, 5 % lie above: a swap that costs less than so many errors costs nothing that can be seen."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Fit:
    """Some aspects that explain a shift together."""

    rows: tuple[int, ...]
    """Which of all aspects, by their number."""
    maps: Float64[np.ndarray, "k d"]
    """Linear maps from a shift to amounts."""
    estimate: Estimate
    left: Float64[np.ndarray, " d"]
    """What of the shift they leave."""


def fit(evidence: Evidence, units: Float64[np.ndarray, "a d"], settings: RobustSettings) -> Fit:
    """The aspects that a sparse fit finds, without those that explain too little, by least squares."""
    first = sparse_amounts(evidence.shift, units, penalty=settings.penalty)
    largest = float(np.abs(first).max(initial=0.0))
    rows = [int(row) for row in np.flatnonzero(np.abs(first) >= max(settings.least_share * largest, 1e-12))]
    while rows:
        maps = least_squares(units[rows])
        amounts = maps @ evidence.shift
        gained = gains(evidence.shift, units[rows])
        worst = min(range(len(rows)), key=lambda i: (amounts[i] * first[rows[i]] > 0, gained[i]))
        if amounts[worst] * first[rows[worst]] > 0 and gained[worst] >= settings.least_gain:
            break
        rows.pop(worst)
    maps = least_squares(units[rows]) if rows else np.empty((0, units.shape[1]))
    estimate = evidence.along(maps)
    return Fit(
        rows=tuple(rows), maps=maps, estimate=estimate, left=evidence.shift - estimate.values @ units[rows]
    )


def claims_of(
    found: Fit, evidence: Evidence, aspects: Sequence[Aspect], settings: RobustSettings, *, moved: bool
) -> tuple[ExplainedClaim, ...]:
    """Claims by falling amount, those that hold first; none holds unless the shift as a whole is no chance (`moved`)."""
    units, lengths = units_of(aspects)
    p_values = found.estimate.p_values
    kept = discoveries(p_values, rate=settings.false_discovery_rate, n_tests=len(aspects))
    halves = found.estimate.half_widths(CONFIDENCE)
    claims = []
    for k, row in enumerate(found.rows):
        amount, half = found.estimate.values[k] / lengths[row], halves[k] / lengths[row]
        first, *others = aspects[row].names
        along = np.sign(amount) * (evidence.shifts @ found.maps[k])
        ranked = sorted(range(len(along)), key=lambda i: (-along[i], i)) if evidence.paired else []
        claims.append(
            ExplainedClaim(
                concept=first,
                other_names=tuple(others),
                amount=float(amount),
                interval=(float(amount - half), float(amount + half)),
                p_value=float(p_values[k]),
                verdict=Verdict.CHANGED if moved and kept[k] else Verdict.NOT_ENOUGH_DATA,
                inseparable=tuple(aspects[i].names[0] for i in _inseparable(k, found, evidence, units)),
                most_moved=tuple(ranked[:N_MOVED]),
                least_moved=tuple(ranked[::-1][:N_MOVED]),
            )
        )
    return tuple(sorted(claims, key=lambda c: (c.verdict is not Verdict.CHANGED, -abs(c.amount), c.concept)))


def units_of(
    aspects: Sequence[Aspect],
) -> tuple[Float64[np.ndarray, "a d"], Float64[np.ndarray, " a"]]:
    """Directions of aspects, and the lengths of their vectors."""
    vectors = np.stack([aspect.vector for aspect in aspects])
    lengths = np.linalg.norm(vectors, axis=1)
    return vectors / lengths[:, None], lengths


def _inseparable(k: int, found: Fit, evidence: Evidence, units: Float64[np.ndarray, "a d"]) -> list[int]:
    """Aspects that could stand in for a claim: the fit with them is not worse by more than redrawn prompts make it.

    To first order ‖left‖² moves with the shift by twice what is left, so that the difference of two fits has an error of
    its own along the difference of what they leave.
    """
    others = [row for i, row in enumerate(found.rows) if i != k]
    sign = np.sign(found.estimate.values[k])
    candidates = [row for row in range(len(units)) if row not in found.rows]
    rest = evidence.shift
    if others:  # projections beside the other claims, of all candidates at once
        basis = np.linalg.qr(units[others].T)[0]
        rest = rest - basis @ (basis.T @ rest)
        free = units[candidates] - units[candidates] @ basis @ basis.T
    else:
        free = units[candidates]
    norms = np.linalg.norm(free, axis=1)
    usable = norms > 1e-6
    directions = free[usable] / norms[usable, None]
    along = directions @ rest
    left = rest - along[:, None] * directions
    costs = (left**2).sum(axis=1) - float(found.left @ found.left)
    errors = evidence.along(2 * (left - found.left)).errors
    same_way = along * sign > 0
    near = same_way & (costs <= _ONE_SIDED * errors)
    return [row for row, close in zip(np.array(candidates)[usable], near, strict=True) if close]
