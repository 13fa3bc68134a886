"""The metrics as torchmetrics classes, for loops and processes that gather results piece by piece.

Rows stand under integer ids of at least 0. A distributed sampler pads with repeats, so a row whose ids were seen before
counts once; rows may come in any order. What is added is checked when it is: later nobody knows where it came from.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from statistics import fmean

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torchmetrics import Metric
from torchmetrics.utilities.data import dim_zero_cat

from benchmark.score.claim_f1 import claim_f1, claim_f1_facts
from benchmark.score.claims import Answer, Levels
from benchmark.score.comparability import comparability, comparability_facts
from benchmark.score.facts import MetricFacts, Readings, Truths, is_row, is_whole, require_group
from benchmark.score.false_alarms import FALSE_ALARM_FACTS, false_alarm
from benchmark.score.naming_accuracy import naming_accuracy, naming_facts
from benchmark.score.ordering_accuracy import ordering_credits, ordering_facts
from benchmark.score.rank_mae import rank_mae_facts, series_error
from benchmark.score.selection_accuracy import selection_credits, selection_facts
from benchmark.score.series import require_levels
from benchmark.score.top_naming import top_naming, top_naming_facts
from finexl.errors import InvalidInputError

_WHOLE = (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8)
_REAL = (torch.float64, torch.float32, torch.float16, torch.bfloat16, *_WHOLE)


class RowMetric(Metric):
    """A metric over rows of whole numbers, the first of which are ids, and rows of float64 numbers beside them."""

    is_differentiable: bool | None = False
    full_state_update: bool | None = False
    whole: list[Tensor]
    numbers: list[Tensor]

    def __init__(self, facts: MetricFacts) -> None:
        super().__init__()
        self.facts = facts
        # two states: float64 holds no more than 53 bits of an id
        self.add_state("whole", default=[], dist_reduce_fx="cat")
        self.add_state("numbers", default=[], dist_reduce_fx="cat")

    def chance(self) -> float:
        """Expected score of an answer without information."""
        return self.facts.chance

    def _add(self, whole: Mapping[str, Tensor], numbers: Mapping[str, Tensor]) -> None:
        """Keep checked columns by the names of their arguments: what has one dimension is one column, each row one.

        Raises:
            InvalidInputError: They do not have one entry per row, or not as many columns as the rows before.
        """
        columns = {**whole, **numbers}
        lengths = {name: len(column) for name, column in columns.items()}
        if len({*lengths.values()}) > 1:
            raise InvalidInputError(
                f"`{self.facts.name}` needs one entry per row in every argument. Got {lengths}. Give as many of each."
            )
        for kept, given, kind in ((self.whole, whole, torch.int64), (self.numbers, numbers, torch.float64)):
            wide = [one[:, None] if one.ndim == 1 else one for one in given.values()]
            table = torch.cat(wide, dim=1) if wide else torch.empty(*{*lengths.values()}, 0)
            if len(kept) and table.shape[1] != kept[0].shape[-1]:
                raise InvalidInputError(
                    f"`{self.facts.name}` needs as many aspects in every row. Got {table.shape[1]} columns "
                    f"({', '.join(given)}), {kept[0].shape[-1]} before. Make a metric for each number of aspects."
                )
            kept.append(table.to(kind))

    def _whole(
        self, name: str, given: Tensor, *, n_dims: int = 1, least: int | None = 0, most: int | None = None
    ) -> Tensor:
        """A column of ids or other whole numbers.

        Raises:
            InvalidInputError: It is no tensor of whole numbers of so many dimensions, or one of them is out of range.
        """
        self._require(name, given, _WHOLE, "whole numbers", n_dims=n_dims)
        low, high = (int(given.min()), int(given.max())) if given.numel() else (0, 0)
        if (least is not None and low < least) or (most is not None and high > most):
            raise InvalidInputError(
                f"`{name}` of `{self.facts.name}` must be whole numbers from {least}"
                f"{'' if most is None else f' to {most}'}. Got {low} to {high}. Number them from 0."
            )
        return given.long()

    def _numbers(self, name: str, given: Tensor, *, n_dims: int, is_nan_allowed: bool = True) -> Tensor:
        """A column of numbers.

        Raises:
            InvalidInputError: It is no tensor of numbers of so many dimensions, or one is infinite or, unless that is
                allowed, NaN.
        """
        self._require(name, given, _REAL, "numbers", n_dims=n_dims)
        if given.isinf().any() or (not is_nan_allowed and given.isnan().any()):
            raise InvalidInputError(
                f"`{name}` of `{self.facts.name}` must be finite. Got {given.tolist()}. "
                f"{'Give NaN for what is unreadable.' if is_nan_allowed else 'Leave out what has no worth.'}"
            )
        return given.double()

    def _require(
        self, name: str, given: object, kinds: Sequence[torch.dtype], what: str, *, n_dims: int
    ) -> None:
        if isinstance(given, Tensor) and given.dtype in kinds and given.ndim == n_dims:
            return
        told = f"{given.dtype} of shape {tuple(given.shape)}" if isinstance(given, Tensor) else repr(given)
        shape = "one per row" if n_dims == 1 else "rows by aspects"
        kind = "torch.long" if kinds is _WHOLE else "torch.float64"
        raise InvalidInputError(
            f"`{name}` of `{self.facts.name}` must be a tensor of {what}, {shape}. Got {told}. "
            f"Give torch.tensor(…, dtype={kind})."
        )

    def _next(self, name: str, given: int | None, *, n: int = 1) -> int:
        """The first of `n` ids: one that was given, or the next after those that were added here."""
        first = given
        if given is None:
            first = 1 + max((int(rows[:, 0].max()) for rows in self.whole if len(rows)), default=-1)
        if not is_whole(first, least=0) or not is_whole(first + n - 1):
            raise InvalidInputError(
                f"`{name}` of `{self.facts.name}` must be a whole number from 0, of up to 63 bits. Got {first!r}. "
                "Leave it out to number on from the last."
            )
        return first

    def _rows(self, n_ids: int, n_known: int | None = None) -> list[tuple[list[int], list[float]]]:
        """The rows, one for each combination of the first `n_ids` whole numbers, sorted by them.

        Raises:
            InvalidInputError: There are none, or what is known of a row, its first `n_known` whole numbers or all of
                them, is not the same where it comes again.
        """
        if not len(self.whole):
            raise InvalidInputError(f"`{self.facts.name}` needs at least one row. Call update() first.")
        whole, numbers = dim_zero_cat(self.whole).tolist(), dim_zero_cat(self.numbers).tolist()
        seen: dict[tuple[int, ...], tuple[list[int], list[float]]] = {}
        for row, beside in zip(whole, numbers, strict=True):
            ids = tuple(row[:n_ids])
            before, _ = seen.get(ids, (row, beside))
            if before[:n_known] != row[:n_known]:
                raise InvalidInputError(
                    f"A row of `{self.facts.name}` must be known by ids of its own. {ids} came with the truth "
                    f"{before[n_ids:n_known]} and with {row[n_ids:n_known]}. Number rows over all processes."
                )
            seen[ids] = (row, beside)
        return [seen[ids] for ids in sorted(seen)]


class GroupMetric(RowMetric):
    """A metric of groups of models whose readings are compared with each other.

    A subclass says what a group is worth: one number for each thing that is right or wrong on its own.
    """

    def __init__(self, n_models: int, facts: MetricFacts) -> None:
        super().__init__(facts)
        self.n_models = n_models

    def update(
        self,
        groups: Int[Tensor, " b"],
        models: Int[Tensor, " b"],
        truths: Int[Tensor, "b a"],
        readings: Float[Tensor, "b a"],
    ) -> None:
        """Add models: the group and number of each, what is true of it, and what was read; NaN = unreadable.

        Raises:
            InvalidInputError: An argument is no tensor of its kind and shape, or only a part of a reading is NaN.
        """
        true = self._whole("truths", truths, n_dims=2, least=None)
        read = self._numbers("readings", readings, n_dims=2)
        nan = read.isnan()
        if true.shape != read.shape or not true.shape[1] or (nan.any(dim=1) != nan.all(dim=1)).any():
            raise InvalidInputError(
                f"`{self.facts.name}` needs one reading per aspect of every model, or NaN in all of them. "
                f"Got {read.tolist()} for truths {true.tolist()}. Give NaN in all aspects of what is unreadable."
            )
        ids = {"groups": self._whole("groups", groups), "models": self._whole("models", models)}
        self._add({**ids, "truths": true}, {"readings": read})

    def update_group(self, truths: Truths, readings: Readings, *, group: int | None = None) -> None:
        """Add all models of one group in their order.

        Processes that gather together must each number their groups; else None is the next after those added here.

        Raises:
            InvalidInputError: A model has another number of readings than of truths, or one is no finite number.
        """
        require_group(readings, truths)
        if not all(is_whole(level) for row in truths for level in row):
            raise InvalidInputError(
                f"Truths of `{self.facts.name}` must be whole numbers. Got {truths!r}. Give levels, such as 1, 2, 3."
            )
        n, n_aspects = len(truths), len(truths[0])
        rows = [[float("nan")] * n_aspects if reading is None else [*reading] for reading in readings]
        self.update(
            torch.full((n,), self._next("group", group)),
            torch.arange(n),
            torch.tensor([[*row] for row in truths], dtype=torch.long),
            torch.tensor(rows, dtype=torch.float64),
        )

    def units(self) -> list[list[float]]:
        """What every group is worth, group by group, in the order of their ids.

        Raises:
            InvalidInputError: There are no rows, or a group has more or fewer models than the metric is made for.
        """
        groups: dict[int, tuple[list[list[int]], list[list[float] | None]]] = {}
        for (group, _, *truth), reading in self._rows(2):
            truths, readings = groups.setdefault(group, ([], []))
            truths.append(truth)
            readings.append(None if any(value != value for value in reading) else reading)
        for group, (truths, _) in groups.items():
            if len(truths) != self.n_models:
                raise InvalidInputError(
                    f"Every group of `{self.facts.name}` over {self.n_models} models must have that many. "
                    f"Group {group} has {len(truths)}. Add the whole group, or make a metric of its size."
                )
        return [[*self.worth(truths, readings)] for truths, readings in groups.values()]

    @abstractmethod
    def worth(self, truths: Truths, readings: Readings) -> Sequence[float]:
        """What one group is worth."""

    def compute(self) -> Tensor:
        """The mean over groups of the mean of what a group is worth, as a float64 scalar."""
        means = [fmean(units) for units in self.units() if units]
        if not means:
            raise InvalidInputError(f"`{self.facts.name}` needs models of which a truth is known. Got none.")
        return torch.tensor(fmean(means), dtype=torch.float64)


class ModelMetric(RowMetric):
    """A metric of models, each judged by itself; the models of a group share one weight."""

    def update(
        self, groups: Int[Tensor, " b"], models: Int[Tensor, " b"], worths: Float[Tensor, " b"]
    ) -> None:
        """Add models: the group and number of each, and what it is worth, between the metric's worst and best.

        Raises:
            InvalidInputError: An argument is no tensor of its kind, or a worth is none.
        """
        worth = self._numbers("worths", worths, n_dims=1, is_nan_allowed=False)
        low, high = sorted((self.facts.best, self.facts.worst))
        if ((worth < low) | (worth > high)).any():
            raise InvalidInputError(
                f"`worths` of `{self.facts.name}` must be in [{low:g}, {high:g}]. Got {worth.tolist()}. "
                "Give answers to update_group(), which says what each is worth."
            )
        ids = {"groups": self._whole("groups", groups), "models": self._whole("models", models)}
        self._add(ids, {"worths": worth})

    def update_group(
        self, answers: Sequence[Answer], truths: Sequence[Levels], *, group: int | None = None
    ) -> None:
        """Add all models of one group in their order; a model that the metric does not judge is left out.

        Processes that gather together must each number their groups; else None is the next after those added here.

        Raises:
            InvalidInputError: There is not one answer per truth, or one of either is none.
        """
        if not (is_row(answers) and is_row(truths)) or len(answers) != len(truths):
            raise InvalidInputError(
                f"`{self.facts.name}` needs one answer per model. Got {answers!r} for truths {truths!r}. "
                "Give lists of equal length."
            )
        for answer, levels in zip(answers, truths, strict=True):
            _require_judgeable(self.facts.name, answer, levels)
        judged = [
            (model, worth)
            for model, (answer, levels) in enumerate(zip(answers, truths, strict=True))
            if (worth := self.worth(answer, levels)) is not None
        ]
        self.update(
            torch.full((len(judged),), self._next("group", group)),
            torch.tensor([model for model, _ in judged], dtype=torch.long),
            torch.tensor([worth for _, worth in judged], dtype=torch.float64),
        )

    @abstractmethod
    def worth(self, answer: Answer, levels: Levels) -> float | None:
        """What one model's answer is worth; None where this is no matter of the metric."""

    def compute(self) -> Tensor:
        """The mean over groups of the mean over their models, as a float64 scalar."""
        groups: dict[int, list[float]] = {}
        for (group, _), (worth,) in self._rows(2):
            groups.setdefault(group, []).append(worth)
        if not groups:
            raise InvalidInputError(f"`{self.facts.name}` needs at least one model that it judges. Got none.")
        return torch.tensor(fmean(map(fmean, groups.values())), dtype=torch.float64)


class RankMAE(GroupMetric):
    """Mean over series of the mean distance between given and true rank."""

    higher_is_better: bool | None = False

    def __init__(self, n_levels: int) -> None:
        super().__init__(n_levels, rank_mae_facts(n_levels))

    def worth(self, truths: Truths, readings: Readings) -> Sequence[float]:
        """One error for the whole series: its models are ranked against each other."""
        return series_error(readings, truths)


class SelectionAccuracy(GroupMetric):
    """Share of coordinates for which the right model is picked; an unreadable model is a miss."""

    higher_is_better: bool | None = True

    def __init__(self, n_models: int) -> None:
        super().__init__(n_models, selection_facts(n_models))

    def worth(self, truths: Truths, readings: Readings) -> Sequence[float]:
        """A credit for every model's coordinate."""
        return selection_credits(readings, truths)


class OrderingAccuracy(GroupMetric):
    """Share of pairs of models, for each aspect that they differ in, whose order was read right."""

    higher_is_better: bool | None = True

    def __init__(self, n_models: int) -> None:
        require_levels(n_models)
        super().__init__(n_models, ordering_facts())

    def worth(self, truths: Truths, readings: Readings) -> Sequence[float]:
        """A credit for every aspect and two models that differ in it; none where nothing is known."""
        return ordering_credits(readings, truths)


class ClaimF1(ModelMetric):
    """Mean F1 of claims; chance is that of guesses at one true aspect among those of a vocabulary."""

    higher_is_better: bool | None = True

    def __init__(self, n_words: int) -> None:
        super().__init__(claim_f1_facts(n_words))

    def worth(self, answer: Answer, levels: Levels) -> float:
        return claim_f1(answer, levels)


class TopNaming(ModelMetric):
    """Share of models whose strongest claim is true; chance is to name the one true aspect of a vocabulary."""

    higher_is_better: bool | None = True

    def __init__(self, n_words: int) -> None:
        super().__init__(top_naming_facts(n_words))

    def worth(self, answer: Answer, levels: Levels) -> float:
        return top_naming(answer, levels)


class Comparability(RowMetric):
    """Share of pairs of models that differ in an aspect of which the claimed amounts are in the right order."""

    higher_is_better: bool | None = True

    def __init__(self) -> None:
        super().__init__(comparability_facts())

    def update(
        self,
        groups: Int[Tensor, " b"],
        models: Int[Tensor, " b"],
        levels: Float[Tensor, "b a"],
        amounts: Float[Tensor, "b a"],
    ) -> None:
        """Add models: the group and number of each, its levels (NaN = not compared) and what was claimed.

        Amounts are NaN where unreadable.

        Raises:
            InvalidInputError: An argument is no tensor of its kind, or there is not one amount per level.
        """
        true, said = (
            self._numbers(name, one, n_dims=2) for name, one in (("levels", levels), ("amounts", amounts))
        )
        if true.shape != said.shape:
            raise InvalidInputError(
                f"`{self.facts.name}` needs one amount per level. Got {tuple(said.shape)} amounts for "
                f"{tuple(true.shape)} levels. Give 0 for what is not claimed."
            )
        ids = {"groups": self._whole("groups", groups), "models": self._whole("models", models)}
        self._add(ids, {"levels": true, "amounts": said})

    def compute(self) -> Tensor:
        """Comparability as a float64 scalar."""
        rows = np.array([numbers for _, numbers in self._rows(2)])
        levels, amounts = np.split(rows, 2, axis=1)
        value = comparability(levels, amounts)
        if value is None:
            raise InvalidInputError(
                f"`{self.facts.name}` needs two models that differ in an aspect. Got none."
            )
        return torch.tensor(value, dtype=torch.float64)


class FalseAlarms(ModelMetric):
    """Share of models that nothing was done to about which something is claimed."""

    higher_is_better: bool | None = False

    def __init__(self) -> None:
        super().__init__(FALSE_ALARM_FACTS)

    def worth(self, answer: Answer, levels: Levels) -> float | None:
        return false_alarm(answer, levels)


class NamingAccuracy(RowMetric):
    """Share of explanations whose words name the true aspect; an aspect below 0 is none, which is never right."""

    higher_is_better: bool | None = True

    def __init__(self, n_aspects: int) -> None:
        super().__init__(naming_facts(n_aspects))
        self.n_aspects = n_aspects

    def update(self, trials: Int[Tensor, " b"], named: Int[Tensor, " b"], true: Int[Tensor, " b"]) -> None:
        """Add explanations: the trial, the index of the aspect named, and of the true one; -1 = none.

        Raises:
            InvalidInputError: An argument is no tensor of whole numbers, or an index is of no aspect.
        """
        ids = {"trials": self._whole("trials", trials)}
        for name, given in (("true", true), ("named", named)):
            ids[name] = self._whole(name, given, least=-1, most=self.n_aspects - 1)
        self._add(ids, {})

    def update_names(
        self, named: Sequence[str | None], true: Sequence[str], *, first: int | None = None
    ) -> None:
        """Add explanations by the names of aspects; None = no aspect named.

        The trial of the first is `first`, those of the others follow. Processes that gather together must each say
        theirs; else None is the next after those added here.

        Raises:
            InvalidInputError: There is not one name, or None, per true one, or more are true than there are aspects.
        """
        if any(isinstance(name, int) for each in (named, true) if is_row(each) for name in each):
            raise InvalidInputError(
                f"Aspects must be given by name. Got {named!r} and {true!r}. Give numbers to update()."
            )
        naming_accuracy(named, true)
        if (n_true := len({*true})) > self.n_aspects:
            raise InvalidInputError(
                f"`{self.facts.name}` is made for {self.n_aspects} aspects. Got {n_true} that are true. "
                "Make a metric of as many, since chance depends on it."
            )
        start = self._next("first", first, n=len(true))
        # numbers of names differ from call to call; whether they are equal does not
        right = [given == wanted for given, wanted in zip(named, true, strict=True)]
        self.update(
            torch.arange(start, start + len(right)),
            torch.tensor([0 if one else -1 for one in right]),
            torch.zeros(len(right), dtype=torch.long),
        )

    def compute(self) -> Tensor:
        """NamingAccuracy as a float64 scalar."""
        named = [(given, true) for (_, true, given), _ in self._rows(1, n_known=2)]
        return torch.tensor(
            naming_accuracy(
                [None if min(given, true) < 0 else given for given, true in named],
                [max(true, 0) for _, true in named],
            ),
            dtype=torch.float64,
        )


def _require_judgeable(name: str, answer: object, levels: object) -> None:
    if not isinstance(answer, Answer):
        raise InvalidInputError(
            f"An answer to `{name}` must be an `Answer`. Got {answer!r}. "
            "Give Answer(claims=None) for an unreadable one."
        )
    if not isinstance(levels, Mapping) or not all(
        isinstance(aspect, str) and is_whole(level) for aspect, level in levels.items()
    ):
        raise InvalidInputError(
            f"A truth of `{name}` must be levels by the names of aspects, whole numbers. Got {levels!r}. "
            "Give {} for a model that nothing was done to."
        )
