"""What a card says, in plain words; every kind of card takes its words from here.

Names are given as they are: each card makes them harmless in its own way (`finexl.explain.harmless`).
"""

import math
import re
from collections.abc import Sequence

from finexl.explain.folding import counted
from finexl.explanation import ExplainedClaim, Explanation, Interval, Verdict

MOST_NAMES = 6
"""Names of one claim that are shown."""
NOTES = {
    "n_aspects": "aspects that were tried",
    "n_vlm_calls": "questions to a model",
    "n_replies_ok": "answers with words",
    "n_replies_none": "answers without a word",
    "p_value": "p of the whole shift",
    "n_words_left_out": "words left out",
    "n_left_out": "pictures left out",
    "told": "to know",
}
"""Of what an explainer notes, in words; what is not here goes by its own name."""
SCALE = "all that the word itself means to the encoder (the length of its vector)"
"""What an amount of 1 is."""
LONGEST_FACT = 600
"""Characters of a fact that are shown: what to know of an explanation takes sentences."""
_CALLED = "encoder_name"
_PAIR_LETTERS = 60
_LEAST_REACH = 1e-9
"""Of a pair's name among others."""
_LONG_HASH = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{20,}\b")


def headline(explanation: Explanation) -> str:
    """The verdict in one sentence."""
    n_pairs = explanation.n_pairs
    is_one = n_pairs == 1
    pairs = counted(n_pairs, "pair") if explanation.paired else f"{counted(n_pairs, 'picture')} a side"
    show = f"{pairs} {'shows' if is_one else 'show'}"
    match explanation.verdict:
        case Verdict.CHANGED if explanation.told:
            n, n_guesses = len(explanation.changes), len(explanation.told) - len(explanation.changes)
            if not n:
                return f"The model changed, as {show}, perhaps in {counted(n_guesses, 'aspect')}."
            perhaps = f" and perhaps in {n_guesses} more" if n_guesses else ""
            return f"The model changed in {counted(n, 'aspect')}{perhaps}, as {show}."
        case Verdict.CHANGED if explanation.claims:
            return f"The model changed, as {show}, and no further than training alone may move it."
        case Verdict.CHANGED:
            return f"The model changed, as {show}; no word that was tried says how."
        case Verdict.UNCHANGED:
            seen = explanation.smallest_change
            limit = "" if seen is None else f" A change of {number(seen)} would have been seen."
            return f"No detectable change in {pairs}.{limit}"
        case Verdict.NOT_ENOUGH_DATA:
            needed = explanation.pairs_needed
            advice = "" if needed is None else f" About {needed} would settle it."
            return f"Not enough data: {pairs} cannot tell.{advice}"


def verdict_of(claim: ExplainedClaim, explanation: Explanation) -> str:
    """What is known of one claim: of a change that holds as a whole there are guesses, and what training alone does."""
    if explanation.verdict is Verdict.CHANGED:
        match claim.verdict:
            case Verdict.NOT_ENOUGH_DATA:
                return "a guess"
            case Verdict.UNCHANGED:
                return "no more than training alone"
    return str(claim.verdict)


def facts(explanation: Explanation) -> list[tuple[str, str]]:
    """What the verdict rests on, as names and values."""
    lines = [("pairs", _pairing(explanation))]
    if explanation.claims or explanation.smallest_change is not None:
        lines.append(("an amount of 1", SCALE))
    chance = "" if explanation.floor is None else f" ({number(explanation.floor)} by chance alone)"
    lines.append(("length of the shift", number(explanation.shift) + chance))
    if explanation.explained is not None:
        span = explanation.explained_interval
        within = "" if span is None else f" (95 %: {span[0]:.0%} to {span[1]:.0%})"
        lines.append(("explained by the claims", f"{explanation.explained:.0%}{within}"))
    if explanation.smallest_change is not None:
        lines.append(("smallest change to be seen", f"an amount of {number(explanation.smallest_change)}"))
    if explanation.pairs_needed is not None:
        lines.append(("pairs that would settle it", str(explanation.pairs_needed)))
    encoder = _LONG_HASH.sub(r"\1…", explanation.encoder)
    if called := explanation.notes.get(_CALLED):
        encoder = f"{called} ({encoder})"
    lines += [("words", explanation.vocabulary), ("encoder", encoder)]
    return lines + [
        (NOTES.get(name, name), _note(value)) for name, value in explanation.notes.items() if name != _CALLED
    ]


def pair_name(explanation: Explanation, index: int) -> str:
    """What a pair is called: by its files if it comes from some, else by its prompt, else by its number."""
    for names in (explanation.pair_names, explanation.prompts):
        if index < len(names):
            return names[index]
    return f"pair {index}"


def moved(explanation: Explanation) -> list[tuple[str, str]]:
    """Which pairs moved most along each change, and least."""
    return [
        (
            f"moved {said} along {claim.concept}",
            "; ".join(_short(pair_name(explanation, index)) for index in pairs),
        )
        for claim in explanation.told
        for said, pairs in (("most", claim.most_moved), ("least", claim.least_moved))
        if pairs
    ]


def direction(claim: ExplainedClaim) -> str:
    """Whether there is more or less of it."""
    return "more" if claim.amount > 0 else "less"


def further_names(names: tuple[str, ...]) -> list[str]:
    """The first names of many."""
    left = len(names) - MOST_NAMES
    return [*names[:MOST_NAMES], *([f"{left} more"] if left > 0 else [])]


def number(value: float, *, signed: bool = False) -> str:
    """Two digits behind the point, three for what is small, with a minus sign that people write."""
    digits = 2 if abs(value) >= 0.095 else 3
    return f"{value:{'+' if signed else ''}.{digits}f}".replace("-", "−")


def interval(span: Interval) -> str:
    """Both ends of an interval; one pair alone says of neither where it is."""
    if not all(map(math.isfinite, span)):
        return "unknown"
    return f"{number(span[0], signed=True)} to {number(span[1], signed=True)}"


def reach(claims: Sequence[ExplainedClaim]) -> tuple[float, float]:
    """The ends of one scale for amounts and intervals of all claims, with zero in it."""
    ends = [end for claim in claims for end in (*claim.interval, claim.amount) if math.isfinite(end)]
    first, last = min([0.0, *ends]), max([0.0, *ends])
    return (first, last) if last - first > _LEAST_REACH else (0.0, 1.0)


def p_value(value: float) -> str:
    """How likely chance alone is to show as much; nothing is impossible."""
    return "p < 0.001" if value < 0.001 else f"p = {value:.2g}"


def _pairing(explanation: Explanation) -> str:
    if explanation.paired:
        return f"{explanation.n_pairs}, each from one prompt and noise"
    return f"{explanation.n_pairs} a side, not paired: intervals are wider"


def _short(name: str) -> str:
    return name if len(name) <= _PAIR_LETTERS else f"{name[: _PAIR_LETTERS - 1]}…"


def _note(value: float | int | str) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
