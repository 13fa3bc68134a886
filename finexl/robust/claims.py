"""Which aspects are claimed, how much of each, how sure that is, and what the data cannot tell apart from it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from finexl.explanation import ExplainedClaim, Verdict
from finexl.robust.aspects import Aspect
from finexl.robust.chance import discoveries
from finexl.robust.decomposition import least_squares, sparse_amounts
from finexl.robust.evidence import Estimate, Evidence
from finexl.robust.settings import RobustSettings

CONFIDENCE = 0.95
N_MOVED = 3
_NOTHING = 1e-12
"""Amounts below are rounding."""
_ONE_SIDED = 1.645
"""Of a normal number, 5 % lie above: a swap that costs less than so many errors costs nothing that can be seen."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Fit:
    """Some aspects that explain a shift together."""

    rows: tuple[int, ...]
    """Which of all aspects, by their number."""
    maps: Float64[np.ndarray, "k d"]
    """Linear maps from a shift to amounts, of which 1 is the length of an aspect's vector."""
    estimate: Estimate
    left: Float64[np.ndarray, " d"]
    """What of the shift they leave."""


def fit(evidence: Evidence, aspects: Sequence[Aspect], settings: RobustSettings) -> Fit:
    """The aspects that a sparse fit finds in the pairs that moved most, and by least squares how much all pairs show.

    None where even all of them leave much of the shift, and the more of them the less they may leave: several words
    together come near any direction, and a change that no word names is not spread over wrong words.
    """
    units, lengths = units_of(aspects)
    shift = evidence.emphasized(settings.emphasis)
    rows = _found(shift, units, _costs(aspects, settings), settings)
    maps = least_squares(units[rows]) if rows else np.empty((0, units.shape[1]))
    whole, noise = float(shift @ shift), (evidence.floor or 0.0) ** 2
    wanted = settings.least_explained + settings.explained_per_claim * (len(rows) - 1)
    if rows and whole - _squares(_left(shift, units[rows], maps)) < min(wanted, 1.0) * (whole - noise):
        rows, maps = [], np.empty((0, units.shape[1]))
    return Fit(
        rows=tuple(rows),
        maps=maps / lengths[rows, None],
        estimate=evidence.along(maps / lengths[rows, None]),
        left=_left(evidence.shift, units[rows], maps),
    )


def _left(
    shift: Float64[np.ndarray, " d"], units: Float64[np.ndarray, "k d"], maps: Float64[np.ndarray, "k d"]
) -> Float64[np.ndarray, " d"]:
    return shift - (maps @ shift) @ units


def _squares(vector: Float64[np.ndarray, " d"]) -> float:
    return float(vector @ vector)


def _costs(aspects: Sequence[Aspect], settings: RobustSettings) -> Float64[np.ndarray, " a"]:
    """What a unit of each aspect costs, where a model was asked: less if it was seen, more if it was not."""
    seen = np.array([aspect.named for aspect in aspects])
    if not seen.any():
        return np.ones(len(aspects))
    return settings.unseen_cost ** (1 - 2 * np.minimum(seen / settings.seen_share, 1.0))


def _found(
    shift: Float64[np.ndarray, " d"],
    units: Float64[np.ndarray, "a d"],
    costs: Float64[np.ndarray, " a"],
    settings: RobustSettings,
) -> list[int]:
    """Aspects of the sparse fit, without those that least squares would give the other sign."""
    first = sparse_amounts(shift, units, penalty=settings.penalty * costs)
    least = max(settings.least_share * float(np.abs(first).max(initial=0.0)), _NOTHING)
    rows = [int(row) for row in np.flatnonzero(np.abs(first) >= least)]
    while rows:
        turned = np.flatnonzero((least_squares(units[rows]) @ shift) * first[rows] <= 0)
        if not len(turned):
            break
        del rows[min(turned, key=lambda place: abs(first[rows[place]]))]
    return rows


def claims_of(
    found: Fit, evidence: Evidence, aspects: Sequence[Aspect], settings: RobustSettings, *, verdict: Verdict
) -> tuple[ExplainedClaim, ...]:
    """Claims by falling amount, those that hold first; none holds unless the whole shift is no chance (its `verdict`).

    Of a shift that is no chance and no longer than training on base images makes it, no claim is a change.
    """
    units, lengths = units_of(aspects)
    is_long = np.linalg.norm(evidence.shift) >= settings.least_shift * np.median(lengths)
    p_values = found.estimate.p_values
    kept = discoveries(p_values, rate=settings.false_discovery_rate, n_tests=n_tests(units))
    halves = found.estimate.half_widths(CONFIDENCE)
    claims = []
    for k, row in enumerate(found.rows):
        amount, half = float(found.estimate.values[k]), float(halves[k])
        first, *others = aspects[row].names
        along = np.sign(amount) * (evidence.shifts @ found.maps[k])
        ranked = sorted(range(len(along)), key=lambda i: (-along[i], i)) if evidence.paired else []
        claims.append(
            ExplainedClaim(
                concept=first,
                other_names=tuple(others),
                amount=amount,
                interval=(amount - half, amount + half),
                p_value=float(p_values[k]),
                verdict=_of_claim(verdict, is_long=bool(is_long), is_sure=bool(kept[k])),
                inseparable=tuple(aspects[i].names[0] for i in _inseparable(k, found, evidence, units)),
                most_moved=tuple(ranked[:N_MOVED]),
                least_moved=tuple(ranked[::-1][:N_MOVED]),
            )
        )
    return tuple(sorted(claims, key=lambda c: (c.verdict is not Verdict.CHANGED, -abs(c.amount), c.concept)))


def _of_claim(of_all: Verdict, *, is_long: bool, is_sure: bool) -> Verdict:
    if of_all is not Verdict.CHANGED:
        return of_all
    if not is_long:
        return Verdict.UNCHANGED
    return Verdict.CHANGED if is_sure else Verdict.NOT_ENOUGH_DATA


def units_of(
    aspects: Sequence[Aspect],
) -> tuple[Float64[np.ndarray, "a d"], Float64[np.ndarray, " a"]]:
    """Directions of aspects, and the lengths of their vectors."""
    vectors = np.stack([aspect.vector for aspect in aspects])
    lengths = np.linalg.norm(vectors, axis=1)
    return vectors / lengths[:, None], lengths


def n_tests(units: Float64[np.ndarray, "a d"]) -> int:
    """How many tests those of all aspects are worth: words that look alike are not tested independently.

    The participation ratio of the eigenvalues of all cosines: as many as there are aspects where they are orthogonal.
    """
    return math.ceil(len(units) ** 2 / float(((units @ units.T) ** 2).sum()) - 1e-9)


def _inseparable(k: int, found: Fit, evidence: Evidence, units: Float64[np.ndarray, "a d"]) -> list[int]:
    """Aspects that could stand in for a claim: the fit with them is not worse by more than redrawn prompts make it.

    To first order ‖left‖² moves with the shift by twice what is left, so that the difference of two fits has an error
    of its own along the difference of what they leave.
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
    return [int(row) for row in np.array(candidates, dtype=np.int64)[usable][near]]
