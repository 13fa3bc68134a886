"""`python -m finetune check-advice`: how near rounds of advice come to wishes that nobody tuned them on.

Wishes are drawn by scored seeds. Each begins with a training set of equal shares; what an adapter shows decides the
next shares. Regret is told on other prompts and noise than those that decided, or chance would look like success.
Adapters and pictures are kept; amounts are asked anew each time.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import numpy as np

from finetune.explaining.advice.advising import Round, regret, rounds_of
from finetune.explaining.advice.retraining import WHOLE, RetrainingSettings, retrained_in
from finetune.explaining.explainers import CommandExplainer, encoder_for
from finetune.explaining.models import MINIATURE, Sampling, read_base
from finetune.miniature.split import SCORED_PAIRS, SCORED_SEEDS
from finexl.explain.progress import Progress, no_progress

_WISHED = (0.5, 4.0)
"""Least and largest amount of a wish; only ratios matter."""
_FIRST_SEED = SCORED_SEEDS[200]


@dataclass(frozen=True, slots=True, kw_only=True)
class Advised:
    """One wish and the rounds towards it."""

    wish: Mapping[str, float]
    rounds: tuple[Round, ...]
    """As they were measured when they decided."""
    regrets: tuple[float, ...]
    """Of the same rounds, on other prompts and noise."""

    def after(self, n: int) -> float:
        """Regret after `n` rounds of advice: of the training set that then looked best by what had decided."""
        best = min(range(n + 1), key=lambda place: self.rounds[place].regret)
        return self.regrets[best]


def check_advice(
    store: Path, *, n_wishes: int, n_rounds: int, progress: Progress = no_progress
) -> Iterator[Advised]:
    """Follow advice for one wish after the other; what is in `store` is not made again."""
    base = read_base(MINIATURE, Sampling())
    for index in range(n_wishes):
        wish = wish_of(index)
        explain = CommandExplainer(encoder_for(MINIATURE, base), words=tuple(wish))
        decide, judge = (
            retrained_in(
                store, base=base, explain=explain, settings=RetrainingSettings(draw=draw), progress=progress
            )
            for draw in (0, 1)
        )
        rounds = tuple(rounds_of(wish, trained=decide, whole=WHOLE, n_rounds=n_rounds))
        yield Advised(
            wish=wish, rounds=rounds, regrets=tuple(regret(judge(one.parts), wish) for one in rounds)
        )


def wish_of(index: int) -> dict[str, float]:
    """A wish of two aspects, the same for every index."""
    chance = np.random.default_rng(_FIRST_SEED + index)
    return {
        name: round(float(chance.uniform(*_WISHED)), 1) for name in SCORED_PAIRS[index % len(SCORED_PAIRS)]
    }


def table(found: Sequence[Advised]) -> str:
    """Mean regret after each round, and a row for each wish, as Markdown."""
    n_rounds = len(found[0].rounds) - 1
    means = [fmean(one.after(n) for one in found) for n in range(n_rounds + 1)]
    lines = [
        "| training set | mean regret | nearer than equal shares |",
        "|---|---|---|",
    ]
    for n, mean in enumerate(means):
        nearer = sum(one.after(n) < one.after(0) for one in found)
        name = f"after {n} round{'s' * (n > 1)} of advice" if n else "equal shares"
        lines.append(f"| {name} | {mean:.3f} | {f'{nearer} of {len(found)}' if n else '–'} |")
    lines += ["", f"| wish | parts of {WHOLE}, round by round | regret, round by round |", "|---|---|---|"]
    for one in found:
        wish = ", ".join(f"{name} {amount:g}" for name, amount in one.wish.items())
        parts = "; ".join(", ".join(str(done.parts[name]) for name in one.wish) for done in one.rounds)
        lines.append(f"| {wish} | {parts} | {', '.join(f'{value:.2f}' for value in one.regrets)} |")
    return "\n".join(lines)
