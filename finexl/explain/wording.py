"""What a card says, in plain words; every kind of card takes its words from here.

Names are given as they are: each card makes them harmless in its own way (`finexl.explain.harmless`).
"""

import re

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
    "encoder_name": "called",
}
"""Of what an explainer notes, in words; what is not here goes by its own name."""
_LONG_HASH = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{20,}\b")


def headline(explanation: Explanation) -> str:
    """The verdict in one sentence."""
    pairs = f"{explanation.n_pairs} pairs" if explanation.paired else f"{explanation.n_pairs} pictures a side"
    match explanation.verdict:
        case Verdict.CHANGED if explanation.changes:
            n = len(explanation.changes)
            return f"The model changed in {n} {'aspect' if n == 1 else 'aspects'}, as {pairs} show."
        case Verdict.CHANGED:
            return f"The model changed, as {pairs} show; no word that was tried says how."
        case Verdict.UNCHANGED:
            seen = explanation.smallest_change
            limit = "" if seen is None else f" A change of {number(seen)} would have been seen."
            return f"No detectable change in {pairs}.{limit}"
        case Verdict.NOT_ENOUGH_DATA:
            needed = explanation.pairs_needed
            advice = "" if needed is None else f" About {needed} would settle it."
            return f"Not enough data: {pairs} cannot tell.{advice}"


def facts(explanation: Explanation) -> list[tuple[str, str]]:
    """What the verdict rests on, as names and values."""
    lines = [("pairs", _pairing(explanation)), ("length of the shift", number(explanation.shift))]
    if explanation.floor is not None:
        lines.append(("by chance alone", number(explanation.floor)))
    if explanation.explained is not None:
        span = explanation.explained_interval
        within = "" if span is None else f" (95 %: {span[0]:.0%} to {span[1]:.0%})"
        lines.append(("explained by the claims", f"{explanation.explained:.0%}{within}"))
    if explanation.smallest_change is not None:
        lines.append(("smallest change to be seen", number(explanation.smallest_change)))
    if explanation.pairs_needed is not None:
        lines.append(("pairs that would settle it", str(explanation.pairs_needed)))
    lines += [("words", explanation.vocabulary), ("encoder", _LONG_HASH.sub(r"\1…", explanation.encoder))]
    return lines + [(NOTES.get(name, name), _note(value)) for name, value in explanation.notes.items()]


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
    """Both ends of an interval."""
    return f"{number(span[0], signed=True)} to {number(span[1], signed=True)}"


def p_value(value: float) -> str:
    """How likely chance alone is to show as much; nothing is impossible."""
    return "p < 0.001" if value < 0.001 else f"p = {value:.2g}"


def _pairing(explanation: Explanation) -> str:
    if explanation.paired:
        return f"{explanation.n_pairs}, each from one prompt and noise"
    return f"{explanation.n_pairs} pictures a side, not paired: intervals are wider"


def _note(value: float | int | str) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
