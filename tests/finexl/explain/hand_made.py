"""Explanations made by hand, with names of all kinds."""

from dataclasses import replace

from finexl.explanation import ExplainedClaim, Explanation, Verdict

CLAIM = ExplainedClaim(
    concept="vivid",
    other_names=("vibrant", "colorful"),
    amount=0.55,
    interval=(0.5, 0.6),
    p_value=0.001,
    verdict=Verdict.CHANGED,
    inseparable=("neon",),
    most_moved=(1, 0),
    least_moved=(2,),
)
LESS = replace(CLAIM, concept="blurry", other_names=(), amount=-0.2, interval=(-0.31, -0.08), inseparable=())
UNSURE = replace(LESS, concept="猫", verdict=Verdict.NOT_ENOUGH_DATA, p_value=0.2, interval=(-0.5, 0.1))
TOO_SMALL = replace(LESS, verdict=Verdict.UNCHANGED)
CHANGED = Explanation(
    verdict=Verdict.CHANGED,
    claims=(CLAIM, LESS, UNSURE),
    n_pairs=3,
    smallest_change=0.04,
    shift=0.7,
    floor=0.1,
    explained=0.9,
    explained_interval=(0.85, 0.95),
    encoder="open_clip:0123",
    vocabulary="234 words of a dictionary",
    prompts=("a boat", "a house", "a cat"),
    notes={"n_vlm_calls": 0, "p_value": 0.001, "said": "yes"},
)
NOTHING = replace(
    CHANGED, verdict=Verdict.UNCHANGED, claims=(), explained=None, explained_interval=None, floor=None
)
TOO_FEW = replace(
    NOTHING, verdict=Verdict.NOT_ENOUGH_DATA, pairs_needed=120, paired=False, smallest_change=None
)
HOSTILE = (
    "<script>alert(1)</script>",
    '" onerror="alert(1)',
    "</style><img src=x onerror=alert(1)>",
    "| a | b |\n|---|---|",
    "[click](javascript:alert(1)) `code` **bold** https://evil.example www.evil.example",
    "---\nmalicious: true\n---",
    "red\x1b[31m\x07\x00",
    "safe\u202egnp.exe\u2066\u200b",
    "[bold red]rich[/bold red]",
    "```\n# Heading",
    "line\u2028separator\x85",
    "a" * 10_000,
    "\ud800",
)


def named(name: str) -> Explanation:
    """An explanation in which everything that a stranger writes is `name`."""
    claim = replace(CLAIM, concept=name, other_names=(name,), inseparable=(name,))
    return replace(
        CHANGED, claims=(claim,), prompts=(name,) * 3, encoder=name, vocabulary=name, notes={name: name}
    )
