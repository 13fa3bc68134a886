"""What `list` prints, read from the rows of parts and the files in `configs/` alone."""

from benchmark.config.choices import GROUPS, SCALARS, description, file_of, names_in, values_in
from benchmark.parts.strangers import declared
from benchmark.plan.preset import Expected, PresetConfig
from benchmark.plan.scenarios import SCENARIOS


def describe_groups() -> str:
    """Every group with its choices."""
    width = max(map(len, GROUPS))
    lines = [f"  {group:<{width}}  {', '.join(names_in(group))}" for group in GROUPS]
    return "\n".join(
        [
            "Choices (group=name; `python -m benchmark list <group>` describes each):",
            *lines,
            f"Other keys: {', '.join(SCALARS)}; `python -m benchmark run --help` explains them.",
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
