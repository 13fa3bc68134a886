"""What a bundle would take: its runs one by one, its size, and what the store has of it."""

from collections.abc import Sequence

from benchmark.bundle.freezing import with_noise_of_their_own
from benchmark.bundle.recipe import BundleRecipe
from benchmark.config.settings import check_parts
from benchmark.plan.trials import Probe
from benchmark.run.preview import preview
from benchmark.run.workbench import SettingsWorkbench

_KB_PER_IMAGE = 5.0
"""Of a 64 px image of the miniature as PNG, on average, measured over 500 images of the preset lite."""


def bundle_preview(recipes: Sequence[BundleRecipe]) -> str:
    """The plan in words; nothing is done."""
    lines: list[str] = []
    for recipe in recipes:
        images = 0
        for part in recipe.parts:
            bases: set[Probe] = set()
            for run in part.runs:
                check_parts(run)
                bench = SettingsWorkbench(run)
                groups = with_noise_of_their_own(bench.groups(), before=len(bases))
                images += sum(len(group.trials) * len(group.probe.prompts) for group in groups)
                bases |= {group.probe for group in groups}
                lines += [f"--- {recipe.name}, {part.part}", preview(run, groups, bench.workshop)]
            images += sum(len(probe.prompts) for probe in bases)
        most = "" if recipe.at_most_mb is None else f", at most {recipe.at_most_mb:g} MB are allowed"
        lines.append(
            f"{recipe.name}: {images:,} images, about {images * _KB_PER_IMAGE / 1000:.1f} MB at 64 px{most}; "
            f"written to {recipe.output}"
        )
    return "\n".join(lines)
