"""What `list` prints, read from the first line of every file in `configs/` without composing anything."""

from typing import Any

from benchmark.config.overrides import GROUPS, SCALARS, config_folder, names_in
from benchmark.config.settings import Expected, PresetConfig
from benchmark.parts.strangers import declared


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


def description(group: str, name: str) -> str:
    """The comment in the first line of a choice's file."""
    with (config_folder() / group / f"{name}.yaml").open(encoding="utf-8") as file:
        return file.readline().removeprefix("#").strip()


def _costs(preset: str) -> list[str]:
    import yaml

    path = config_folder() / "preset" / f"{preset}.yaml"
    values: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    expected = {name: _expected(**cost) for name, cost in values.pop("expected", {}).items()}
    given = PresetConfig(name=preset, expected=expected, **values)
    series = f"{given.n_series} x {given.n_levels} models"
    counts = {
        "single_aspect": series,
        "multi_aspect": f"{given.n_pairs} x 6 models",
        "strength": series,
        "subject": f"{given.n_levels} models per edit direction",
    }
    return [
        f"{name}: {counts[name] + ', ' if name in counts else ''}{cost_line(cost)} ({_measured_with(cost)})"
        for name, cost in given.expected.items()
    ]


def _expected(
    *, minutes: float | int, disk_mb: float | int, vlm_calls: int, **measured_with: str
) -> Expected:
    return Expected(minutes=float(minutes), disk_mb=float(disk_mb), vlm_calls=vlm_calls, **measured_with)


def _measured_with(cost: Expected) -> str:
    return cost.generator if cost.method == "full" else f"{cost.generator}, {cost.method}"


def cost_line(cost: Expected) -> str:
    """Minutes, disk and VLM calls of a cold run in words."""
    return f"about {cost.minutes:g} min on two cores, {size(cost.disk_mb)}, {cost.vlm_calls} VLM calls"


def size(megabytes: float) -> str:
    """Megabytes below 1000, else gigabytes."""
    return f"{megabytes:.0f} MB" if megabytes < 1000 else f"{megabytes / 1000:.1f} GB"
