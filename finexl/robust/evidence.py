"""What the images of two models say: the shift between them, and how far chance alone would have shifted it.

Prompts are the sampling unit. Of pairs one shift each is drawn; of two unpaired sets, images of each.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float64, Num

from finexl.errors import InvalidInputError
from finexl.robust.chance import mean_p_value, t_quantile

Rows = Float64[np.ndarray, "n d"]
Vector = Float64[np.ndarray, " d"]
_SEED = 20_251_101


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number per direction, with what its spread over prompts says of it."""

    values: Float64[np.ndarray, " k"]
    errors: Float64[np.ndarray, " k"]
    """Standard errors over redrawn prompts."""
    freedom: Float64[np.ndarray, " k"]
    """Degrees of freedom of Student's t."""

    @property
    def p_values(self) -> Float64[np.ndarray, " k"]:
        """Two-sided, of 0."""
        return mean_p_value(self.values, self.errors, self.freedom)

    def half_widths(self, confidence: float) -> Float64[np.ndarray, " k"]:
        """Half the length of the interval of each number; infinite where one prompt alone was seen."""
        return t_quantile((1 + confidence) / 2, self.freedom) * self.errors


@dataclass(frozen=True, kw_only=True, eq=False)
class Evidence:
    """Embeddings of a base and a tuned model's images."""

    base: Num[np.ndarray, "n d"]
    tuned: Num[np.ndarray, "m d"]
    """Numbers of any type, kept in float64."""
    paired: bool = True
    """Whether row i of both comes from one prompt and noise."""

    def __post_init__(self) -> None:
        for name, given in (("base", self.base), ("tuned", self.tuned)):
            object.__setattr__(self, name, finite_rows(name, given))
            if not len(given):
                raise InvalidInputError(f"`{name}` must hold at least one row. Got none.")
        if self.base.shape[1] != self.tuned.shape[1] or (self.paired and len(self.base) != len(self.tuned)):
            raise InvalidInputError(
                "`base` and `tuned` must be equally wide, and equally long where paired. "
                f"Got {self.base.shape} and {self.tuned.shape}. Give paired=False for sets that are no pairs."
            )

    @property
    def n(self) -> int:
        """Pairs, or images of the smaller set."""
        return min(len(self.base), len(self.tuned))

    @cached_property
    def shifts(self) -> Rows:
        """Tuned less base of every pair; of unpaired sets every tuned image less the mean base image."""
        return self.tuned - (self.base if self.paired else self.base.mean(axis=0))

    @cached_property
    def shift(self) -> Vector:
        """V_div (Eq. 5)."""
        return self.shifts.mean(axis=0)

    def emphasized(self, emphasis: float) -> Vector:
        """V_div in which every pair counts by a power of how far it moved; of unpaired sets V_div itself.

        A style that a part of the images show moves these far, and what training does to any model moves all a little.
        """
        if not (self.paired and self.shift.any()):
            return self.shift
        weights = np.linalg.norm(self.shifts, axis=1) ** emphasis
        return weights @ self.shifts / weights.sum()

    def along(self, directions: Float64[np.ndarray, "k d"]) -> Estimate:
        """The shift along some directions, which are linear maps of it."""
        k = len(directions)
        if self.paired:
            return _of_mean(self.shifts @ directions.T)
        parts = [_of_mean(rows @ directions.T) for rows in (self.tuned, self.base)]
        squares = np.array([part.errors**2 for part in parts])
        variance = squares.sum(axis=0)
        freedom = np.array([part.freedom for part in parts])
        with np.errstate(divide="ignore", invalid="ignore"):
            welch = variance**2 / (squares**2 / freedom).sum(axis=0)
        return Estimate(
            values=parts[0].values - parts[1].values,
            errors=np.sqrt(variance),
            freedom=np.where(np.isfinite(welch), welch, freedom.min(axis=0)) * np.ones(k),
        )

    def without_one(self) -> list[Float64[np.ndarray, "n d"]]:
        """V_div without each prompt in turn; of unpaired sets without each image of one, then of the other."""
        if self.n < 2:
            return []
        if self.paired:
            return [self.shift - (self.shifts - self.shift) / (self.n - 1)]
        sides = ((self.tuned, 1.0), (self.base, -1.0))
        return [self.shift - sign * (rows - rows.mean(axis=0)) / (len(rows) - 1) for rows, sign in sides]

    @cached_property
    def floor(self) -> float | None:
        """Root mean square of ‖V_div‖ of models that do not differ, by the spread over prompts; None of one prompt."""
        if self.n < 2:
            return None
        sides = [self.shifts] if self.paired else [self.tuned, self.base]
        return float(np.sqrt(sum(rows.var(axis=0, ddof=1).sum() / len(rows) for rows in sides)))

    def p_value(self, n_draws: int) -> float:
        """How often V_div is as long where chance decides which image of a pair is the tuned one, in (0, 1].

        Of unpaired sets chance decides which images are the tuned ones. Draws do not depend on the order of prompts,
        nor on which of the two models is called the base.
        """
        if n_draws not in self._p_values:
            self._p_values[n_draws] = self._share_as_long(n_draws)
        return self._p_values[n_draws]

    @cached_property
    def _p_values(self) -> dict[int, float]:
        """By number of draws: a tuning explains the same images thousands of times."""
        return {}

    def _share_as_long(self, n_draws: int) -> float:
        chance = np.random.default_rng(_SEED)
        length = np.linalg.norm(self.shift)
        if self.paired:
            # in an order of their own, so that shuffled prompts get the same signs
            rows = self.shifts[np.argsort(np.linalg.norm(self.shifts, axis=1), kind="stable")]
            draws = chance.choice([-1.0, 1.0], size=(n_draws, len(rows))) @ rows / len(rows)
        else:
            every = np.concatenate([self.tuned, self.base])
            every = every[np.argsort(np.linalg.norm(every - every.mean(axis=0), axis=1), kind="stable")]
            # whose images the smaller set has is drawn, whichever model that is: the sign changes no length
            few, many = sorted((len(self.tuned), len(self.base)))
            weights = np.full((n_draws, len(every)), -1 / many)
            weights[:, :few] = 1 / few
            draws = chance.permuted(weights, axis=1) @ every
        lengths = np.linalg.norm(draws, axis=1)
        reached = int((lengths >= length * (1 - 1e-9)).sum())
        return (1 + reached) / (1 + n_draws)


def finite_rows(name: str, given: np.ndarray) -> Rows:
    """Rows of numbers in float64, whatever type they came in: differences of small integers would wrap around.

    Raises:
        InvalidInputError: They are no rows of real numbers, or too large to be told from infinity.
    """
    try:
        rows = np.asarray(given).astype(np.float64, casting="same_kind", copy=False)
    except (TypeError, ValueError) as reason:
        raise InvalidInputError(f"`{name}` must hold rows of real numbers. Got {reason}.") from reason
    with np.errstate(over="ignore"):
        if rows.ndim != 2 or not np.isfinite(np.square(rows).sum()):
            raise InvalidInputError(
                f"`{name}` must hold rows whose lengths are finite. Got shape {rows.shape}, with values up to "
                f"{np.abs(rows).max(initial=0.0):g}."
            )
    return rows


def _of_mean(values: Float64[np.ndarray, "n k"]) -> Estimate:
    n = len(values)
    spread = values.std(axis=0, ddof=1) if n > 1 else np.full(values.shape[1], np.inf)
    return Estimate(
        values=values.mean(axis=0),
        errors=spread / np.sqrt(n),
        freedom=np.full(values.shape[1], float(n - 1)),
    )
