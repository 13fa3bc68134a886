"""The blind act: what an explainer is shown, in which order, and how its answers and failures become plain values.

An explainer gets image pairs under ids that are hashes of the very pixels and prompts, in the order of these
ids: whoever knows how runs are planned learns nothing from either. Whatever it raises is a typed outcome of the
models concerned, counted beside every score; only a lack of memory, disk or money, a vision-language model that
cannot be asked at all, or the user ends a run.
"""

import math
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from hashlib import sha256
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import UInt8

from benchmark.explain.memory import peak_memory_mb
from benchmark.explain.time_limit import OutOfTimeError, TimeLimit
from benchmark.record.files import is_disk_full
from benchmark.record.records import Cost, outcome_of, plain
from finexl.errors import VLMUnusableError
from finexl.values import (
    AnyExplanation,
    Claim,
    ImagePairs,
    ImageStack,
    NoExplanation,
    ScoredExplanation,
    TextExplanation,
)

if TYPE_CHECKING:
    from finexl.interfaces import Explainer, JointExplainer

Pixels = UInt8[np.ndarray, "n h w 3"]

_DETAIL_LENGTH = 500
MAX_REASONS = 5
"""Different reasons that a meter keeps."""


@dataclass(slots=True, kw_only=True)
class Meter:
    """Counts what an explainer asks of a vision-language model, texts that its encoder cut, and memory elsewhere."""

    n_calls: int = 0
    n_tokens: int = 0
    limit: TimeLimit | None = None
    """What one explanation may take in this process; None where another one is its place."""
    n_cut_texts: int = 0
    unanswered: dict[str, int] = field(default_factory=dict)
    """The first different reasons for which questions got no answer, with how often each came."""
    peak_memory_mb: float = 0.0
    """Of an explainer in a process of its own; 0 where it shares this one."""

    def miss(self, reason: str) -> None:
        """Count a question without an answer."""
        if reason in self.unanswered or len(self.unanswered) < MAX_REASONS:
            self.unanswered[reason] = self.unanswered.get(reason, 0) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class MeteredExplainer:
    """An explainer with the meter of its questions."""

    explainer: object
    """An `Explainer` or a `JointExplainer`; told apart when it explains, where torch is loaded anyway."""
    meter: Meter


def blind_pairs(prompts: tuple[str, ...], base: Pixels, personalized: Pixels) -> ImagePairs:
    """What an explainer is shown of a model; the id is a hash of exactly that."""
    content = sha256(repr((prompts, base.shape, personalized.shape)).encode())
    content.update(base.tobytes())
    content.update(personalized.tobytes())
    return ImagePairs(
        prompts=prompts,
        base=ImageStack(base),
        personalized=ImageStack(personalized),
        id=content.hexdigest()[:16],
    )


def explain_metered(
    metered: MeteredExplainer, pairs: Sequence[ImagePairs]
) -> tuple[tuple[AnyExplanation, ...], Cost]:
    """Explanations in the order of `pairs`, and what they cost."""
    start = perf_counter()
    said = explain_blind(metered.explainer, pairs, limit=metered.meter.limit)
    seconds, meter = perf_counter() - start, metered.meter
    return said, Cost(
        seconds=seconds,
        vlm_calls=meter.n_calls,
        vlm_tokens=meter.n_tokens,
        cut_texts=meter.n_cut_texts,
        peak_memory_mb=meter.peak_memory_mb or peak_memory_mb(),
    )


def explain_blind(
    explainer: object, pairs: Sequence[ImagePairs], *, limit: TimeLimit | None = None
) -> tuple[AnyExplanation, ...]:
    """Explanations in the order of `pairs`, asked for in the order of their ids.

    Models that look the same are shown once and share the answer: an order among equals could only tell what
    is not in the images.
    """
    distinct = {one.id: one for one in pairs}
    order = sorted(distinct)
    told = explain_in_order(explainer, [distinct[id] for id in order], limit=limit)
    answers = dict(zip(order, told, strict=True))
    return tuple(answers[one.id] for one in pairs)


def explain_in_order(
    explainer: object, shown: Sequence[ImagePairs], *, limit: TimeLimit | None = None
) -> list[AnyExplanation]:
    """Explanations or typed failures of models that are shown as they stand, one after the other or as a group."""
    from finexl.interfaces import Explainer, JointExplainer

    match explainer:
        case JointExplainer():
            return ask_jointly(explainer, shown, limit=limit)
        case Explainer():
            return [ask_one(explainer, pairs, limit=limit) for pairs in shown]
        case _:
            return [NoExplanation(reason="failed", detail=lack_of(explainer))] * len(shown)


def lack_of(explainer: object) -> str:
    """What something lacks that should be an explainer."""
    has, kind = set(dir(explainer)), type(explainer).__name__
    if has & {"explain", "explain_jointly"}:
        return f'no attribute `name` in {kind}: add one, as in name = "mine"'
    return f"neither `explain` nor `explain_jointly` in {kind}"


def ask_one(explainer: "Explainer", pairs: ImagePairs, *, limit: TimeLimit | None = None) -> AnyExplanation:
    """What an explainer says of one model, as a plain value or a typed failure."""
    try:
        with limit.running() if limit else nullcontext():
            return _checked(explainer.explain(pairs))
    except (Exception, SystemExit, OutOfTimeError) as error:
        return _as_outcome(error)


def ask_jointly(
    explainer: "JointExplainer", shown: Sequence[ImagePairs], *, limit: TimeLimit | None = None
) -> list[AnyExplanation]:
    """What an explainer says of models that it sees together, as plain values or typed failures."""
    try:
        with limit.running(n_models=len(shown)) if limit else nullcontext():
            answers = explainer.explain_jointly(tuple(shown))
        if len(answers) != len(shown):
            raise TypeError(f"{len(answers)} explanations for {len(shown)} models")
        return [_checked(answer) for answer in answers]
    except (Exception, SystemExit, OutOfTimeError) as error:
        return [_as_outcome(error)] * len(shown)


def _as_outcome(error: BaseException) -> NoExplanation:
    if isinstance(error, MemoryError | VLMUnusableError) or is_disk_full(error):
        raise error
    if isinstance(error, OutOfTimeError):
        return NoExplanation(reason="timeout", detail=str(error))
    return NoExplanation(reason="failed", detail=plain(f"{type(error).__name__}: {error}")[:_DETAIL_LENGTH])


def _checked(answer: object) -> AnyExplanation:
    """The explanation in plain values: nothing that a stranger's class does reaches reader or record."""
    match answer:
        case ScoredExplanation():
            claims = tuple(
                Claim(concept=plain(one.concept), amount=float(one.amount)) for one in answer.claims
            )
            residual = None if answer.residual is None else float(answer.residual)
            if residual is not None and not math.isfinite(residual):
                return NoExplanation(reason="failed", detail=f"the residual must be finite, got {residual}")
            return ScoredExplanation(claims=claims, residual=residual, notes=_plain_notes(answer.notes))
        case TextExplanation():
            return TextExplanation(text=plain(answer.text))
        case NoExplanation():
            return NoExplanation(
                reason=outcome_of(answer.reason), detail=plain(answer.detail)[:_DETAIL_LENGTH]
            )
        case _:
            return NoExplanation(reason="failed", detail=f"{type(answer).__name__} is not an explanation")


def _plain_notes(notes: Mapping[str, object]) -> dict[str, float | int | str]:
    return {plain(name): _plain_note(value) for name, value in notes.items()}


def _plain_note(value: object) -> float | int | str:
    match value:
        case bool() | str():
            return plain(str(value))
        case int():
            return value
        case float() if math.isfinite(value):
            return float(value)
        case _:
            return plain(str(value))
