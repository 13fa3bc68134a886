"""An explanation as a section of a model card: Markdown with a table for people and YAML for programs."""

import math

from finexl.explain.harmless import in_markdown, in_yaml
from finexl.explain.wording import (
    LONGEST_FACT,
    direction,
    facts,
    further_names,
    headline,
    interval,
    moved,
    number,
    verdict_of,
)
from finexl.explanation import ExplainedClaim, Explanation

HEADING = "How the model differs from its base"
_YAML_VERSION = 1
"""Of the lines for programs, which are fewer than those of the JSON."""


def to_markdown(explanation: Explanation, *, heading: str = HEADING) -> str:
    """The section, from its heading to its last line; nothing in a name can leave its cell."""
    lines = [f"## {heading}", "", headline(explanation), ""]
    if explanation.claims:
        lines += ["| aspect | also called | amount | 95 % interval | verdict |", "|---|---|---|---|---|"]
        lines += [_row(claim, explanation) for claim in explanation.claims]
        lines.append("")
    told = (*facts(explanation), *moved(explanation))
    lines += [f"- {in_markdown(name)}: {in_markdown(value, longest=LONGEST_FACT)}" for name, value in told]
    lines += ["", "```yaml", *_yaml(explanation), "```", ""]
    return "\n".join(lines)


def _row(claim: ExplainedClaim, explanation: Explanation) -> str:
    others = ", ".join(in_markdown(name) for name in further_names(claim.other_names)) or "–"
    name = f"{direction(claim)} {in_markdown(claim.concept)}"
    if claim.inseparable:
        name += f" (or {', '.join(in_markdown(other) for other in further_names(claim.inseparable))})"
    amount, verdict = number(claim.amount, signed=True), verdict_of(claim, explanation)
    cells = (name, others, amount, interval(claim.interval), verdict)
    return f"| {' | '.join(cells)} |"


def _yaml(explanation: Explanation) -> list[str]:
    lines = [
        "finexl:",
        f"  schema: {_YAML_VERSION}",
        f"  verdict: {in_yaml(explanation.verdict)}",
        f"  pairs: {explanation.n_pairs}",
        f"  paired: {str(explanation.paired).lower()}",
        f"  encoder: {in_yaml(explanation.encoder)}",
        f"  claims:{'' if explanation.claims else ' []'}",
    ]
    for claim in explanation.claims:
        low, high = (f"{end:.4f}" if math.isfinite(end) else "null" for end in claim.interval)
        lines += [
            f"  - concept: {in_yaml(claim.concept)}",
            f"    amount: {claim.amount:.4f}",
            f"    interval: [{low}, {high}]",
            f"    verdict: {in_yaml(claim.verdict)}",
        ]
    return lines
