"""What `list` prints, read from the rows of parts and the files in `configs/` alone, and the words of a corpus."""

from collections.abc import Iterable, Mapping, Sequence

from benchmark.config.choices import GROUPS, SCALARS, SPELLED, description, file_of, names_in, values_in
from benchmark.parts.strangers import declared
from benchmark.parts.wording import judged_names, names_of, parts_of
from benchmark.plan.preset import Expected, PresetConfig
from benchmark.plan.scenarios import SCENARIOS
from finetune.corpora import Corpus
from finetune.miniature.vocabulary import LOOKS

_WIDEST = 40
"""Characters of an aspect's name that a column makes room for."""


def describe_groups() -> str:
    """Every group with its choices."""
    width = max(map(len, GROUPS))
    lines = [f"  {group:<{width}}  {', '.join(names_in(group))}" for group in GROUPS]
    return "\n".join(
        [
            "Choices (group=name; `python -m benchmark list <group>` describes each):",
            *lines,
            f"Other keys: {', '.join(SPELLED.get(key, key) for key in SCALARS)}; "
            "`python -m benchmark run --help` explains them.",
        ]
    )


def describe_group(group: str) -> str:
    """The choices of one group, a line on each; presets with what they cost."""
    names = names_in(group)
    width = max(map(len, names))
    lines = [f"{group}="]
    for name in names:
        lines.append(f"  {name:<{width}}  {description(group, name)}")
        if group == "preset":
            lines.extend(f"  {'':<{width}}    {cost}" for cost in _costs(name))
    if group == "explainer":
        lines.extend(_from_elsewhere())
    return "\n".join(lines)


def describe_aspects(corpus: Corpus, *, name: str) -> str:
    """The words that name each aspect of a corpus, what it looks like, and what else readers know of the world."""
    own, parts = names_of(corpus), parts_of(corpus)
    others = {style: words for style, words in judged_names(corpus).items() if style not in own}
    width = min(_WIDEST, max(map(len, (*own, *others))))
    lines = [
        f"aspects of corpus={name}: {len(own)}",
        *(line for aspect in own for line in _aspect(aspect, own[aspect], parts, width=width)),
    ]
    if others:
        lines += [
            "",
            f"what readers know beside them: {len(others)}; a composite style counts for its parts",
            *(line for style in others for line in _aspect(style, others[style], parts, width=width)),
        ]
    return "\n".join(lines)


def _aspect(
    aspect: str, words: Sequence[str], parts: Mapping[str, Iterable[tuple[str, float]]], *, width: int
) -> list[str]:
    """An aspect in one to three lines: its words, its look, its parts; an artist looks as the usual style does."""
    style = aspect if aspect in LOOKS else words[0]
    told = ", ".join(word for word in words if word != aspect)
    composed = " + ".join(f"{share:.0%} {part}" for part, share in parts.get(style, ()))
    further = [LOOKS[style]] if style in LOOKS else []
    further += [f"= {composed}"] if composed else []
    return [f"  {aspect:<{width}}  {told}".rstrip(), *(f"  {'':<{width}}    {line}" for line in further)]


def _from_elsewhere() -> list[str]:
    """Explainers that installed packages declare, and how to name one that is not installed."""
    lines = ["from installed packages (entry points of finexl.explainers)" if declared() else ""]
    for one in declared().values():
        hidden = " (not reachable by name: the suite has one of that name)"
        lines.append(
            f"  {one.name}  {one.kind} of {one.package}{hidden if one.name in names_in('explainer') else ''}"
        )
    lines.append("and any of yours: explainer=package.module:Class or explainer=path/to/mine.py:Class")
    return [line for line in lines if line]


def _costs(preset: str) -> list[str]:
    given = PresetConfig(name=preset, **values_in(file_of("preset", preset)))
    lines = []
    for name, cost in given.expected.items():
        size_of = SCENARIOS[name].size(given)
        measured_with = cost.generator if cost.method == "full" else f"{cost.generator}, {cost.method}"
        lines.append(f"{name}: {size_of + ', ' if size_of else ''}{cost_line(cost)} ({measured_with})")
    return lines


def cost_line(cost: Expected) -> str:
    """Minutes, disk and VLM calls of a cold run in words."""
    return f"about {cost.minutes:g} min on two cores, {size(cost.disk_mb)}, {cost.vlm_calls} VLM calls"


def size(megabytes: float) -> str:
    """Megabytes below 1000, else gigabytes."""
    return f"{megabytes:.0f} MB" if megabytes < 1000 else f"{megabytes / 1000:.1f} GB"
