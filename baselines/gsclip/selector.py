"""GSCLIP's selector: project all images on a candidate's direction and test whether personalized ones lie higher.

As published: direction = text(s) - text(not s), a two-sample test of the projections, candidates by p-value. Changed:
the test is one-sided, since p alone would rank a strong shift to the opposite first; it is paired by default; p-values
are corrected for the number of candidates; supported candidates may be ranked by effect; and the contrast may be the
mean of all candidates instead of a negation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import copysign, inf
from typing import assert_never

import numpy as np
import torch
from jaxtyping import Float64
from torch import Tensor

from baselines.gsclip.generators import Candidate
from baselines.paired_rows import PairedRows, unit_rows
from baselines.settings import Contrast, SelectorSettings, Test
from baselines.shift_tests import false_discovery_q_values, paired_p_values, welch_p_values
from finexl.embeddings import text_rows
from finexl.interfaces import Encoder


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """A candidate with what the projections of the images on its direction show."""

    candidate: Candidate
    effect: float
    """Mean difference of the projections, personalized minus base, in units of the embedding space."""
    cohens_d: float
    """The effect in standard deviations of the groups' projections, pooled; infinite where they do not spread."""
    p_value: float
    q_value: float
    """The p-value after Benjamini and Hochberg's correction over all candidates."""


def select(
    candidates: Sequence[Candidate],
    rows: PairedRows,
    directions: Float64[Tensor, "c d"],
    *,
    settings: SelectorSettings,
) -> tuple[Selected, ...]:
    """Candidates with their tests, in the order that the settings call for, the best first."""
    personalized, base = ((images @ directions.T).numpy() for images in (rows.personalized, rows.base))
    effects = (personalized - base).mean(axis=0)
    spreads = np.sqrt((personalized.var(axis=0) + base.var(axis=0)) / 2)
    p_values = _p_values(personalized, base, settings.test)
    q_values = false_discovery_q_values(p_values)
    found = [
        Selected(
            candidate=candidate,
            effect=float(effects[i]),
            cohens_d=_cohens_d(float(effects[i]), float(spreads[i])),
            p_value=float(p_values[i]),
            q_value=float(q_values[i]),
        )
        for i, candidate in enumerate(candidates)
    ]
    by_effect = sorted(found, key=lambda one: (-one.effect, one.candidate.concept))
    match settings.ranking:
        case "effect":
            return tuple(by_effect)
        case "p_value":
            return tuple(sorted(by_effect, key=lambda one: one.p_value))
        case _:
            assert_never(settings.ranking)


def _cohens_d(effect: float, spread: float) -> float:
    if spread > 0:
        return effect / spread
    return copysign(inf, effect) if effect else 0.0


def directions(
    candidates: Sequence[Candidate], *, encoder: Encoder, contrast: Contrast
) -> Float64[Tensor, "c d"]:
    """A unit vector per candidate: its sentences against their negations or against the mean of all candidates.

    A candidate that the encoder cannot tell from its contrast has a zero vector, on which nothing can shift.
    """
    sentences = _mean_rows([candidate.sentences for candidate in candidates], encoder)
    match contrast:
        case "negation":
            against = _mean_rows([candidate.negations for candidate in candidates], encoder)
        case "neutral":
            against = sentences.mean(dim=0, keepdim=True)
        case _:
            assert_never(contrast)
    differences = sentences - against
    seen = differences.norm(dim=1, keepdim=True) > 1e-6  # below, float32 embeddings do not differ
    return unit_rows(differences) * seen


def _mean_rows(texts: Sequence[tuple[str, ...]], encoder: Encoder) -> Float64[Tensor, "c d"]:
    """The mean embedding of each candidate's texts, from one call to the encoder."""
    rows = text_rows([text for each in texts for text in each], encoder=encoder)
    parts = rows.split([len(each) for each in texts])
    return torch.stack([part.mean(dim=0) for part in parts])


def _p_values(
    personalized: Float64[np.ndarray, "n c"], base: Float64[np.ndarray, "n c"], test: Test
) -> Float64[np.ndarray, " c"]:
    match test:
        case "paired":
            return paired_p_values(personalized - base)
        case "welch":
            return welch_p_values(personalized, base)
        case _:
            assert_never(test)
