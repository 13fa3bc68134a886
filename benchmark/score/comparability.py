"""Comparability: whether amounts claimed of separately explained models are on one scale, as model cards need."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from benchmark.score.facts import TIE, MetricFacts, late, share_facts
from finexl.errors import InvalidInputError

if TYPE_CHECKING:
    from benchmark.score.row_metric import Comparability as Comparability

Table = Float[np.ndarray, "n a"]


def comparability_facts() -> MetricFacts:
    """Comparability, which is a matter of pairs however many models there are."""
    return share_facts("comparability", 0.5)


def comparability(levels: Table, amounts: Table) -> float | None:
    """Mean over aspects of the share of pairs of models, of different level, whose amounts are in the right order.

    Equal amounts, silence about both among them, and an unreadable model (NaN) are half right. A level that is NaN is
    compared with none. None where no two models differ in any aspect.

    Raises:
        InvalidInputError: The tables do not have one row per model and one column per aspect, or hold an infinity.
    """
    for what, table in (("levels", levels), ("amounts", amounts)):
        if not isinstance(table, np.ndarray) or table.dtype.kind not in "iuf" or table.ndim != 2:
            raise InvalidInputError(
                f"`{what}` must be an array of numbers, models by aspects. Got {table!r}. Give np.array of rows."
            )
        if np.isinf(table).any():
            raise InvalidInputError(
                f"`{what}` must be finite. Got {table!r}. Give NaN for what is not known or unreadable."
            )
    if levels.shape != amounts.shape:
        raise InvalidInputError(
            "There must be one amount per level. "
            f"Got {amounts.shape} amounts for {levels.shape} levels. Give 0 for what is not claimed."
        )
    values = [_of_aspect(levels[:, aspect], amounts[:, aspect]) for aspect in range(levels.shape[1])]
    defined = [value for value in values if value is not None]
    return float(np.mean(defined)) if defined else None


def influences(levels: Table, amounts: Table, groups: Sequence[str]) -> dict[str, float] | None:
    """Comparability as every group sees it: jackknife pseudo-values, shifted to have the score for their mean.

    Models of different groups are compared, so that no group has a score of its own; how far the score moves when a
    group is left out is what that group says of its spread. None where it is undefined without one of the groups.

    Raises:
        InvalidInputError: There is not one group per model, or the tables are none.
    """
    whole, own = comparability(levels, amounts), np.asarray(groups)
    if isinstance(groups, str) or own.shape != (len(levels),):
        raise InvalidInputError(
            f"There must be one group per model. Got {groups!r} for {len(levels)} models. Name the group of each."
        )
    names = list(dict.fromkeys(groups))
    without = [comparability(levels[own != name], amounts[own != name]) for name in names]
    if whole is None or len(names) < 2 or any(value is None for value in without):
        return None
    pseudo = -(len(names) - 1) * np.array(without, dtype=np.float64)
    return dict(zip(names, (pseudo - pseudo.mean() + whole).tolist(), strict=True))


def _of_aspect(levels: Float[np.ndarray, " n"], amounts: Float[np.ndarray, " n"]) -> float | None:
    upper = np.triu_indices(len(levels), k=1)
    true = (levels[:, None] - levels[None, :])[upper]
    claimed = (amounts[:, None] - amounts[None, :])[upper]
    differs = np.isfinite(true) & (true != 0)
    if not differs.any():
        return None
    largest = np.nanmax(np.abs(amounts), initial=0.0)
    told = np.isfinite(claimed) & (np.abs(claimed) > TIE * largest)
    agreement = np.where(told, np.sign(true) * np.sign(claimed), 0.0)[differs]
    return float((1 + agreement.mean()) / 2)


def __getattr__(name: str) -> object:
    return late("Comparability", name, module=__name__)
