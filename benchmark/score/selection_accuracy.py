"""SelectionAccuracy: whether the model that fits a wish best is picked by what was read of each (§6.2)."""

from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from benchmark.score.facts import TIE, MetricFacts, Readings, Truths, late, one_of, require_group, share_facts

if TYPE_CHECKING:
    from benchmark.score.row_metric import SelectionAccuracy as SelectionAccuracy


def selection_facts(n_models: int) -> MetricFacts:
    """SelectionAccuracy among `n_models`."""
    return share_facts("selection_accuracy", one_of(n_models, "models"))


def selection_credits(readings: Readings, coordinates: Truths) -> tuple[float, ...]:
    """For each model of a group, how right its coordinate's pick is: 1/k if it is one of k picked, else 0.

    `coordinates[i]` is the true coordinate of model i. The mean of the credits is SelectionAccuracy, and
    chance is 1/n.
    """
    picked = picks(readings, coordinates)
    return tuple(1 / len(chosen) if model in chosen else 0.0 for model, chosen in enumerate(picked))


def picks(readings: Readings, coordinates: Truths) -> tuple[frozenset[int], ...]:
    """For each coordinate, the models that someone who knows only their readings would pick (§6.2).

    Every aspect's readings are scaled linearly so that the group's readable models span 0 to the lattice's
    whole; an aspect that reads the same for all is left out, since it tells none from another. The nearest
    model is picked; models whose distances differ by less than 1e-9 are all picked. Models are told apart by
    nothing but their readings.

    Raises:
        InvalidInputError: Models do not have one finite number per aspect each.
    """
    require_group(readings, coordinates)
    wishes = np.asarray(coordinates, dtype=np.float64)
    readable = [index for index, reading in enumerate(readings) if reading is not None]
    if not readable:
        return tuple(frozenset() for _ in wishes)
    values = np.asarray([reading for reading in readings if reading is not None], dtype=np.float64)
    scaled, differs = _spanned(values, whole=float(wishes.max()))
    distances = np.linalg.norm((scaled[None, :, :] - wishes[:, None, :])[:, :, differs], axis=2)
    nearest = distances <= distances.min(axis=1, keepdims=True) + TIE
    return tuple(frozenset(readable[column] for column in np.flatnonzero(row)) for row in nearest)


def _spanned(values: Float[np.ndarray, "m a"], *, whole: float) -> tuple[np.ndarray, np.ndarray]:
    """Values scaled to [0, whole] per aspect, and which aspects differ at all."""
    low, spread = values.min(axis=0), np.ptp(values, axis=0)
    differs = spread > TIE * np.abs(values).max(axis=0)
    return (values - low) / np.where(differs, spread, 1.0) * whole, differs


def __getattr__(name: str) -> object:
    return late("SelectionAccuracy", name, module=__name__)
