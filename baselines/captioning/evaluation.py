"""How often a captioner names the right aspects and degrees, on pairs whose captions are true."""

from collections.abc import Sequence
from dataclasses import dataclass

from baselines.captioning.captioner import PairCaptioner
from baselines.captioning.pairs import DifferencePairs
from baselines.captioning.vocabulary import stated_degrees
from finexl.errors import InvalidInputError
from finexl.values import ImageStack


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Shares over held-out pairs; every share with what it is a share of."""

    n_pairs: int
    named: float
    """Share of the aspects in the true captions that are named."""
    true: float
    """Share of the aspects named that are in the true captions."""
    right_degree: float
    """Share of the aspects rightly named that have the true degree."""
    near_degree: float
    """Share of the aspects rightly named whose degree is at most one off."""
    left_alone: float
    """Share of the distractors in which nothing is named."""
    verbatim: float
    """Share of the captions that are the true one, word for word."""


def evaluate(captioner: PairCaptioner, pairs: DifferencePairs) -> tuple[Evaluation, tuple[str, ...]]:
    """Measure a captioner on pairs; also returns what it said."""
    if not pairs.aspects:
        raise InvalidInputError("Pairs to evaluate on must list `aspects`. These list none.")
    said = captioner.caption(ImageStack(pairs.base), ImageStack(pairs.personalized))
    return score(said, pairs, captioner), said


def score(said: Sequence[str], pairs: DifferencePairs, captioner: PairCaptioner) -> Evaluation:
    """Compare captions with the true ones; a share of nothing is 0."""
    scale = sorted({captioner.vocabulary.degree(""), *captioner.vocabulary.degrees.values()})
    read = [
        (stated_degrees(true, captioner.vocabulary), stated_degrees(told, captioner.vocabulary))
        for true, told in zip(pairs.captions, said, strict=True)
    ]
    common = [(true[a], told[a]) for true, told in read for a in true if a in told]
    off = [abs(scale.index(true) - scale.index(told)) for true, told in common]
    alone = [not told for (_, told), changed in zip(read, pairs.changed, strict=True) if not changed]
    return Evaluation(
        n_pairs=len(said),
        named=_share(len(common), sum(len(true) for true, _ in read)),
        true=_share(len(common), sum(len(told) for _, told in read)),
        right_degree=_share(off.count(0), len(off)),
        near_degree=_share(sum(steps <= 1 for steps in off), len(off)),
        left_alone=_share(sum(alone), len(alone)),
        verbatim=_share(sum(t == p for t, p in zip(said, pairs.captions, strict=True)), len(said)),
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
