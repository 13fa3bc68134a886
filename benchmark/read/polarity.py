"""Which way words point: more of something, less of it, or no change; and whether they speak of the base images.

Words of direction are operators that are applied from the nearest to what is named outwards: "no", "less" and "without"
each undo what is inside. So "not without grain" is grain, "no lack of it" too, "less grain" is minus grain, and "no
less grain", like "no more", is no change.
"""

from collections.abc import Sequence

Direction = int
"""1: more of it, -1: less, 0: no change."""

_NEGATIONS = frozenset(["not", "never", "neither", "nor", "cannot"])
_NONE = frozenset(["no", "none", "nothing", "null", "false"])
_ABSENCES = frozenset(
    ["without", "lack", "lacks", "lacking", "lacked", "absent", "absence", "devoid", "missing"]
)
_LESS = frozenset([
    "less", "fewer", "non", "un", "reduce", "reduces", "reduced", "reducing", "reduction", "decrease", "decreases",
    "decreased", "decreasing", "lower", "lowers", "lowered", "lose", "loses", "lost", "losing", "loss", "weaker",
    "weaken", "weakens", "weakened", "diminish", "diminishes", "diminished", "diminishing", "remove", "removes",
    "removed", "removing", "removal", "drop", "drops", "dropped", "eliminate", "eliminates", "eliminated",
    "suppress", "suppresses", "suppressed", "gone", "disappear", "disappears", "disappeared", "vanish",
    "vanishes", "vanished", "fainter", "milder", "minus",
])  # fmt: skip
_GONE = frozenset([
    "gone", "lost", "removed", "eliminated", "disappear", "disappears", "disappeared", "vanish", "vanishes",
    "vanished",
])  # fmt: skip
"""What happened on the way from the base images, of which nobody says it of the base images themselves."""
_SAME = frozenset([
    "same", "equal", "equally", "identical", "unchanged", "unaffected", "comparable", "remain", "remains",
    "remained", "stay", "stays", "retain", "retains", "retained", "keep", "keeps", "preserve", "preserves",
    "preserved", "maintain", "maintains", "maintained",
])  # fmt: skip
MORE = frozenset([
    "more", "higher", "greater", "stronger", "increase", "increases", "increased", "increasing", "added", "adds",
    "add", "gain", "gains", "boosted", "boosts", "heightened", "enhanced", "enhances", "additional", "extra",
])  # fmt: skip
_EMPTY = {
    ("not", "only"), ("not", "just"), ("not", "merely"), ("not", "simply"), ("not", "solely"), ("no", "doubt"),
    ("if", "not"),
}  # fmt: skip
"""Negations that deny nothing."""
_UNITS: dict[tuple[str, ...], str] = {
    ("rather", "than"): "not", ("instead", "of"): "not", ("no", "longer"): "gone", ("free", "of"): "without",
    ("toned", "down"): "less", ("taken", "away"): "less", ("far", "from"): "not",
}  # fmt: skip
"""Two words that work as one."""

_BASE = frozenset([
    "base", "baseline", "original", "originals", "unmodified", "unpersonalized", "unpersonalised", "untuned",
    "former",
])  # fmt: skip
_PERSONALIZED = frozenset([
    "personalized", "personalised", "tuned", "finetuned", "customized", "customised", "modified", "edited",
    "adapted", "latter",
])  # fmt: skip
_ORDINALS = {"first": True, "second": False}
_IMAGES = frozenset([
    "image", "images", "one", "ones", "picture", "pictures", "photo", "photos", "set", "sets", "is", "are", "was",
    "has", "have", "looks",
])  # fmt: skip
_NO_IMAGES = frozenset(
    ["color", "colors", "colour", "colours", "tone", "tones", "layer", "layers", "palette"]
)
"""What "base" may stand before that is no image."""
_COMPARING = frozenset([
    "than", "compared", "comparison", "relative", "unlike", "versus", "vs", "contrast", "opposed", "over",
    "against", "from", "as", "like",
])  # fmt: skip
"""Words behind which the base images are what something is compared with."""
_REACH = 5


def operators(words: Sequence[str]) -> tuple[str, ...]:
    """The words of direction among some words, in order: "not", "no", "without", "less", "gone" or "same"."""
    found: list[str] = []
    place, is_denied = 0, False
    while place < len(words):
        pair = tuple("not" if word.endswith("n't") else word for word in words[place : place + 2])
        if pair in _EMPTY:
            place += 2
            continue
        if pair in _UNITS:
            found.append(_UNITS[pair])
            place += 2
            continue
        is_denied = is_denied or (words[place] == "that" and found[-1:] == ["not"])
        if kind := _kind(words, place):
            if is_denied and kind in ("not", "no"):  # "not that they are not vivid"
                found.pop()
                is_denied = False
            else:
                found.append(kind)
        place += 1
    return tuple(found)


def direction(before: Sequence[str], after: Sequence[str] = ()) -> Direction:
    """Which way something goes with these operators before and after it.

    >>> direction(["less"]), direction(["not", "without"]), direction(["not"]), direction([], ["not", "less"])
    (-1, 1, 0, 0)
    """
    pointing, inner = 1, ""
    for operator in (*reversed(after), *reversed(before)):
        match operator:
            case "not" | "no":
                pointing = -pointing if inner == "without" else 0
            case "same":
                pointing = 0
            case _:
                pointing = -pointing
        inner = operator
    return pointing


def is_gone(after: Sequence[str]) -> bool:
    """Whether operators behind a name say that it went away on the way from the base images."""
    return bool(after) and after[-1] == "gone" and not {"not", "no"} & set(after)


def spreads(before: Sequence[str], joiner: str) -> bool:
    """Whether operators before a name count for the next too: "no grain or blur", "less grain and blur"."""
    return joiner in ("or", "nor") or (joiner in ("and", "&", "/") and bool(before) and "not" not in before)


def is_of_base(words: Sequence[str], *, compared: bool = False) -> bool | None:
    """Whether words speak of the base images (True) or of the personalized ones (False); None if of neither.

    Images that something is compared with are not spoken of, unless `compared`.

    >>> is_of_base("the base images are".split()), is_of_base("more so than in the base images".split())
    (True, None)
    """
    for place, word in enumerate(words):
        follower = words[place + 1] if place + 1 < len(words) else ""
        nearby = words[max(0, place - _REACH) : place]
        is_compared = not compared and any(each in _COMPARING for each in nearby)
        if word in _PERSONALIZED and not is_compared:
            return False
        if word in _ORDINALS and (follower in _IMAGES or not follower) and not is_compared:
            return _ORDINALS[word]
        if word in _BASE and follower not in _NO_IMAGES and not is_compared:
            return True
    return {"before": True, "after": False}.get(words[0]) if len(words) == 1 else None


def _kind(words: Sequence[str], place: int) -> str:
    word = words[place]
    if word in _NEGATIONS or word.endswith("n't"):
        return "not"
    if word in _NONE:
        return "no"
    if word in _ABSENCES:
        return "without"
    if word in _GONE:
        return "gone"
    if word in _LESS:
        return "less"
    is_same = word in _SAME or (word in ("similar", "similarly") and words[place + 1 : place + 2] != ["to"])
    return "same" if is_same else ""
