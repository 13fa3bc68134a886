"""`python -m finetune compare`: two models of one base, from the same prompts and noise, each with words of its own.

Three questions: what A does, what B does, and what B draws that A does not, each with intervals. Models that do the
same at different strengths differ in everything; `--at-equal-effect` first looks for the strength of B that shows as
much of a shared target as A does, and compares at that.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from finetune.explaining.arms import Contrast, Request, put
from finetune.explaining.model_explaining import Answer, Explain, explained_each
from finetune.explaining.models import Model, names_of, with_weight
from finetune.explaining.paired_images import Arm, make_images, pairs_of, write_whole
from finetune.explaining.prompts import read_prompts
from finetune.explaining.sweeps.sweep import shown_of
from finexl.errors import InvalidInputError
from finexl.explain.harmless import shown
from finexl.explain.progress import Progress, no_progress
from finexl.explanation import Explanation
from finexl.values import ImagePairs

RESULT = "comparison.json"
_CONTRASTS = (
    Contrast(name="a", question="what A does", base="base", tuned="a"),
    Contrast(name="b", question="what B does", base="base", tuned="b"),
    Contrast(name="difference", question="what B has more or less of than A", base="a", tuned="b"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EqualEffect:
    """How the second model's strength is matched to the first's effect."""

    target: str | None = None
    """The aspect that both are to show as much of; None: the strongest that both show."""
    strengths: tuple[float, ...] = (0.4, 0.7, 1.0, 1.3)
    """Of B, between which its effect is taken as linear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two models beside each other."""

    a: Request
    b: Request
    """With the strength at which it was compared."""
    answers: tuple[Answer, ...]
    target: str | None = None
    """What both show as much of; None where strengths are as given."""
    curve: tuple[tuple[float, float], ...] = ()
    """Strengths of B with how much of the target each shows."""


def compare(
    a: Request,
    b: Request,
    folder: Path,
    *,
    explain: Explain,
    n_pairs: int,
    equal: EqualEffect | None = None,
    progress: Progress = no_progress,
) -> Comparison:
    """Make the pictures of base, A and B, and explain each of both by the base, and B by A.

    Raises:
        InvalidInputError: No strength of B shows as much of the target as A, or they share none.
    """
    if a.base != b.base or a.first_seed != b.first_seed or a.prompts_from != b.prompts_from:
        raise InvalidInputError("Models that are compared must have one base, prompts and noise.")
    prompts = read_prompts(a.prompts_from, n_pairs, seed=a.seed)
    drawn = _Drawn(folder=folder, prompts=prompts, first_seed=a.first_seed, progress=progress)
    drawn.make("base", a.base, None)
    drawn.make("a", a.model, a.words)
    target: str | None = None
    curve: tuple[tuple[float, float], ...] = ()
    place = "b"
    if equal is not None:
        tried = {strength: f"b_at_{strength:g}" for strength in sorted(equal.strengths)}
        for strength, name in tried.items():
            drawn.make(name, with_weight(b.model, strength), b.words)
        pairs = [drawn.pairs("base", name) for name in ("a", *tried.values())]
        effect, *found = explained_each(pairs, explain=explain, progress=progress)
        target = equal.target or shared_target(effect, found)
        curve = tuple(
            (strength, shown_of(one, target)[0]) for strength, one in zip(tried, found, strict=True)
        )
        strength = matched(curve, shown_of(effect, target)[0], target=target)
        b, place = replace(b, model=with_weight(b.model, strength)), f"b_equal_{strength:g}"
    drawn.make(place, b.model, b.words)
    pairs = [drawn.pairs(one.base, place if one.tuned == "b" else one.tuned) for one in _CONTRASTS]
    said = explained_each(pairs, explain=explain, progress=progress)
    answers = tuple(Answer(contrast=one, explanation=of) for one, of in zip(_CONTRASTS, said, strict=True))
    comparison = Comparison(a=a, b=b, answers=answers, target=target, curve=curve)
    write_whole(folder / RESULT, _as_json(comparison).encode("ascii"))
    return comparison


def shared_target(effect: Explanation, others: Sequence[Explanation]) -> str:
    """The strongest change of one model that another shows at any strength, in the same direction.

    Raises:
        InvalidInputError: There is none.
    """
    for claim in sorted(effect.changes, key=lambda one: -abs(one.amount)):
        if any(shown_of(other, claim.concept)[0] * claim.amount > 0 for other in others):
            return claim.concept
    raise InvalidInputError(
        "Models are compared at equal effect where both change something alike. These share no change. Compare them "
        "at their own strengths, without --at-equal-effect."
    )


def matched(curve: Sequence[tuple[float, float]], wanted: float, *, target: str) -> float:
    """The first strength at which a curve that is linear between its points reaches an effect, to two digits.

    >>> matched([(0.0, 0.0), (1.0, 0.8)], 0.4, target="vivid")
    0.5

    Raises:
        InvalidInputError: It reaches it nowhere.
    """
    for (low, less), (high, more) in pairwise(curve):
        if min(less, more) <= wanted <= max(less, more) and less != more:
            return round(low + (high - low) * (wanted - less) / (more - less), 2)
    told = ", ".join(f"{amount:+.2f} at {strength:g}" for strength, amount in curve)
    raise InvalidInputError(
        f"Some strength of B must show as much of {target!r} as A ({wanted:+.2f}). Got {told}. Give others with "
        "--strengths."
    )


def told(comparison: Comparison, *, card: Callable[[Explanation], str]) -> str:
    """What was found, for a terminal; `card` shows one explanation."""
    lines = [
        f"{side}: {shown(names_of(one.model))}, "
        + ("without words" if one.words is None else f"with the words {shown(one.words)!r}")
        for side, one in (("A", comparison.a), ("B", comparison.b))
    ]
    if comparison.target is not None:
        curve = ", ".join(f"{amount:+.2f} at {strength:g}" for strength, amount in comparison.curve)
        lines.append(f"at equal effect on {shown(comparison.target)}; B shows {curve}")
    lines += [f"{one.contrast.question}:\n{card(one.explanation)}" for one in comparison.answers]
    return "\n".join(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawn:
    """Pictures of several models from the same prompts and noise, in one folder."""

    folder: Path
    prompts: tuple[str, ...]
    first_seed: int
    progress: Progress

    def make(self, name: str, model: Model, words: str | None) -> None:
        prompts = self.prompts if words is None else tuple(put(words, prompt) for prompt in self.prompts)
        arm = Arm(name=name, model=model, prompts=prompts)
        with self.progress(f"making pictures of {name}") as advance:
            make_images([arm], self.folder, first_seed=self.first_seed, tell=advance)

    def pairs(self, base: str, tuned: str) -> ImagePairs:
        return pairs_of(self.folder, base, tuned, len(self.prompts), self.prompts)


def _as_json(comparison: Comparison) -> str:
    sides = {
        side: {"model": one.model.identity, "named": names_of(one.model), "words": one.words}
        for side, one in (("a", comparison.a), ("b", comparison.b))
    }
    content = {
        **sides,
        "base": comparison.a.base.identity,
        "equal_effect": None if comparison.target is None else {
            "target": comparison.target, "curve": comparison.curve
        },
        "answers": {
            one.contrast.name: {
                "question": one.contrast.question,
                "explanation": json.loads(one.explanation.to_json()),
            }
            for one in comparison.answers
        },
    }  # fmt: skip
    return json.dumps(content, indent=1)
