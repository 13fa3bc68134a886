"""Learning rates over a training, as factors of the peak: the published schedules, and a cosine."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosine:
    """Linear warm-up, then half a cosine down to 2 % at the end."""

    warmup_steps: int

    def factor(self, step: int, done: float) -> float:
        """For the step after `step` steps, when `done` in [0, 1] of the training is over."""
        warm = min(1.0, (step + 1) / self.warmup_steps)
        return warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, done))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Halved:
    """Halved every so many steps, at most `times` (IDC's fine-tuning: twice; Chg2Cap: every fifth epoch)."""

    every: int
    times: int | None = None

    def factor(self, step: int, done: float) -> float:
        del done
        halvings = step // self.every
        return 0.5 ** (halvings if self.times is None else min(halvings, self.times))


@dataclass(frozen=True, slots=True, kw_only=True)
class Noam:
    """Linear warm-up, then the inverse square root of the step (IDC's pre-training)."""

    warmup_steps: int

    def factor(self, step: int, done: float) -> float:
        del done
        if step <= self.warmup_steps:
            return max(step, 1e-4) / self.warmup_steps
        return math.sqrt(self.warmup_steps / step)


Rate = Cosine | Halved | Noam
