"""From embeddings to an explanation: pure arithmetic, the same for any order of words and prompts."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from jaxtyping import Float64

from finexl.errors import InvalidInputError
from finexl.explanation import Explanation, Interval, Verdict
from finexl.robust.aspects import Aspect, aspects_of
from finexl.robust.chance import t_quantile
from finexl.robust.claims import CONFIDENCE, Fit, claims_of, fit, n_tests, units_of
from finexl.robust.evidence import Evidence, finite_rows
from finexl.robust.grounding import Grounding
from finexl.robust.settings import RobustSettings
from finexl.robust.vocabulary import checked_words

POWER_QUANTILE = 0.8416
"""80 % of normal numbers lie below."""
FEWEST_PAIRS = 7
"""The signs of fewer cannot make chance rarer than 2 %."""
_TO_SPARE = 0.9
"""Pairs are advised that would show as much of what is worth knowing: half of all draws of just enough fall short."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Embedded:
    """A base and a tuned model's images and words for what may differ, as rows of one embedding space."""

    evidence: Evidence
    words: Sequence[str]
    vectors: Float64[np.ndarray, "c d"]
    """Of the words (Eq. 6)."""
    encoder: str
    grounding: Grounding | None = None
    """What a base generator shows when asked for words, in the same space."""
    answers: Sequence[frozenset[str]] = ()
    """The words in every answer of a vision-language model; none where none was asked."""
    vocabulary: str = "given"
    """Where the words came from."""
    prompts: tuple[str, ...] = ()
    notes: dict[str, float | int | str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        checked_words("words", self.words)
        rows, width = finite_rows("vectors", self.vectors), self.evidence.base.shape[1]
        object.__setattr__(self, "vectors", rows)
        if len(rows) != len(self.words) or (len(rows) and rows.shape[1] != width):
            raise InvalidInputError(
                f"`vectors` must hold a row per word, as wide as the images' rows ({len(self.words)}, {width}). "
                f"Got shape {rows.shape}."
            )

    def aspects(self, settings: RobustSettings) -> tuple[Aspect, ...]:
        """Which words are synonyms is what the encoder makes of the texts; what they look like, images say too."""
        key = (settings.synonyms, settings.grounded_share)
        if key not in self._aspects:
            shown = self.vectors
            if self.grounding is not None:
                shown = self.grounding.joined(self.words, self.vectors, share=settings.grounded_share)
            found = aspects_of(self.words, self.vectors, cosine=settings.synonyms, shown=shown)
            self._aspects[key] = tuple(replace(one, named=_named(one, self.answers)) for one in found)
        return self._aspects[key]

    @cached_property
    def _aspects(self) -> dict[tuple[float, float], tuple[Aspect, ...]]:
        """By settings: a tuning explains the same images thousands of times."""
        return {}


def explain_embedded(given: Embedded, settings: RobustSettings) -> Explanation:
    """What changed, by how much, and how sure that is."""
    evidence = given.evidence
    aspects = given.aspects(settings)
    p_value = evidence.p_value(settings.n_flips)
    moved = p_value <= settings.false_alarm_rate and _is_visible(evidence, aspects, settings)
    shown = _would_be_seen(evidence, aspects, settings) if evidence.n > 1 and aspects else None
    smallest = _smallest_change(evidence, shown, settings)
    verdict, needed = _verdict(evidence.n, shown, smallest, settings, moved=moved)
    claims, explained, interval = (), None, None
    if aspects and evidence.shift.any():
        found = fit(evidence, aspects, settings)
        claims = claims_of(found, evidence, aspects, settings, verdict=verdict)
        explained, interval = _explained(found, evidence, units_of(aspects)[0])
    return Explanation(
        verdict=verdict,
        claims=claims,
        n_pairs=evidence.n,
        pairs_needed=needed,
        smallest_change=smallest,
        shift=float(np.linalg.norm(evidence.shift)),
        floor=evidence.floor,
        explained=explained,
        explained_interval=interval,
        paired=evidence.paired,
        encoder=given.encoder,
        vocabulary=given.vocabulary,
        prompts=given.prompts,
        notes={**given.notes, "n_aspects": len(aspects), "p_value": p_value},
    )


def _is_visible(evidence: Evidence, aspects: Sequence[Aspect], settings: RobustSettings) -> bool:
    """Whether V_div is longer than what rounding to 8 bits does; without words nothing says how long that is."""
    if not aspects:
        return True
    least = settings.least_visible * float(np.median(units_of(aspects)[1]))
    return float(np.linalg.norm(evidence.shift)) >= least


def _named(aspect: Aspect, answers: Sequence[frozenset[str]]) -> float:
    hits = sum(not answer.isdisjoint(aspect.names) for answer in answers)
    return hits / max(len(answers), 1)


def _verdict(
    n: int,
    shown: Callable[[int], float] | None,
    smallest: float | None,
    settings: RobustSettings,
    *,
    moved: bool,
) -> tuple[Verdict, int | None]:
    if moved:
        return Verdict.CHANGED, None
    would_be_seen = smallest is not None and smallest <= settings.relevant_amount
    if would_be_seen and n >= FEWEST_PAIRS:
        return Verdict.UNCHANGED, None
    if shown is None or would_be_seen:  # of one pair, or without words, nothing says how many more
        return Verdict.NOT_ENOUGH_DATA, FEWEST_PAIRS if n < FEWEST_PAIRS else None
    return Verdict.NOT_ENOUGH_DATA, max(_pairs_needed(n, shown, settings), FEWEST_PAIRS)


def _smallest_change(
    evidence: Evidence, shown: Callable[[int], float] | None, settings: RobustSettings
) -> float | None:
    """The amount that a middling aspect must change by to be found in four of five draws of prompts."""
    if evidence.floor == 0:  # images that are the same hide nothing, whatever it is called
        return 0.0
    return None if shown is None else max(shown(evidence.n), settings.least_visible)


def _would_be_seen(
    evidence: Evidence, aspects: Sequence[Aspect], settings: RobustSettings
) -> Callable[[int], float]:
    """The amount that so many pairs, which spread as these do, would show in four of five draws of prompts.

    Half of all draws spread less than `typical` times what prompts spread (Wilson and Hilferty, 1931).
    """
    units, lengths = units_of(aspects)
    estimate, n = evidence.along(units), evidence.n
    share = 1 - settings.false_discovery_rate / (2 * n_tests(units))
    typical = (1 - 2 / (9 * estimate.freedom)) ** 1.5
    spreads, freedom = estimate.errors / (typical * lengths) * math.sqrt(n), estimate.freedom / (n - 1)

    def shown(m: int) -> float:
        quantiles = t_quantile(share, freedom * (m - 1)) + POWER_QUANTILE
        return float(np.median(quantiles * spreads)) / math.sqrt(m)

    return shown


def _pairs_needed(few: int, shown: Callable[[int], float], settings: RobustSettings) -> int:
    """The fewest pairs, more than there are, that would show an amount worth knowing, with a tenth to spare."""
    enough, many = _TO_SPARE * settings.relevant_amount, few + 1
    while shown(many) > enough:
        few, many = many, 2 * many
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (middle, many) if shown(middle) > enough else (few, middle)
    return many


def _explained(found: Fit, evidence: Evidence, units: Float64[np.ndarray, "a d"]) -> tuple[float, Interval]:
    """Share of ‖V_div‖² that the fit explains, with an interval by leaving one prompt out at a time."""
    rows = units[list(found.rows)]
    basis = np.linalg.qr(rows.T)[0] if len(rows) else np.empty((units.shape[1], 0))

    def shares(shifts: Float64[np.ndarray, "n d"]) -> Float64[np.ndarray, " n"]:
        whole = (shifts**2).sum(axis=1)
        return ((shifts @ basis) ** 2).sum(axis=1) / np.where(whole > 0, whole, 1.0)

    share = float(shares(evidence.shift[None])[0])
    if evidence.n < 2:
        return share, (0.0, 1.0)
    variance = 0.0
    for left_out in evidence.without_one():
        values, n = shares(left_out), len(left_out)
        variance += (n - 1) / n * float(((values - values.mean()) ** 2).sum())
    half = float(t_quantile((1 + CONFIDENCE) / 2, np.array([evidence.n - 1.0]))[0]) * math.sqrt(variance)
    return share, (max(0.0, share - half), min(1.0, share + half))
