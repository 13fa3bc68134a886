"""What `check` demands of an explainer: the rules by name, and what was found of each."""

from dataclasses import dataclass
from typing import Literal

from benchmark.parts.explainers import EXPLAINERS
from benchmark.parts.strictness import Positive, Seconds, settings

Status = Literal["pass", "fail", "skip"]


@settings
class Limits:
    """How much one explanation of 100 pairs may take."""

    seconds: Seconds = 60.0
    """Also what an explainer from elsewhere may take for one model in a process of its own."""
    memory_mb: Positive = 8192.0
    """Memory of the whole process in 2**20 bytes, the suite's own part (about 500) included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One demand."""

    must: str
    """What must hold: the end of a sentence that begins "An explainer must"."""
    todo: str
    """What to do where it does not."""


RULES: dict[str, Rule] = {
    "answers": Rule(
        must="explain ordinary pairs with scored concepts or a text, and raise nothing",
        todo="Have `name` and `explain(pairs)` or `explain_jointly(group)`; return a ScoredExplanation, "
        "a TextExplanation or, where there is no answer, a NoExplanation.",
    ),
    "determinism": Rule(
        must="give the same answer to the same pairs, asked twice and asked of a new instance",
        todo="Take chance from a seeded generator made inside `explain`; keep no counters.",
    ),
    "order_invariance": Rule(
        must="give the same answers whichever model of a group it sees first",
        todo="Keep nothing of one model for the next; in `explain_jointly`, treat the group as a set.",
    ),
    "name_invariance": Rule(
        must="give the same answers under other opaque ids", todo="Do not use `pairs.id` for the answer."
    ),
    "one_pair": Rule(must="take a single pair", todo="Guard statistics that need two values."),
    "identical_pairs": Rule(
        must="find nothing where personalized and base images are the same: every score within a tenth of the "
        "largest one of models that did change, or no concept",
        todo="Score differences from the base images, not the images themselves.",
    ),
    "constant_images": Rule(
        must="take images of one colour", todo="Guard divisions by a spread or a length that can be zero."
    ),
    "timing": Rule(
        must="explain a model of 100 pairs within the limit",
        todo="Batch what is asked of models, or raise the limit: seconds=...",
    ),
    "memory": Rule(
        must="stay within the limit of memory while it explains 100 pairs",
        todo="Work through the images in batches, or raise the limit: memory_mb=...",
    ),
    "finite_numbers": Rule(
        must="score with finite numbers: NaN and infinity are refused",
        todo="Guard divisions and logarithms; leave out what cannot be scored.",
    ),
    "no_truth_access": Rule(
        must="answer from images and prompts alone: planted truths in environment, folders, arguments, image "
        "metadata, open files, callers' frames, globals, a decoy store and a decoy run must neither change the "
        "answer nor appear in it; the decoy's files must not be opened, nor the planner or the scorer imported",
        todo="Read nothing but `pairs`.",
    ),
    "fresh_process": Rule(
        must="give the same answers in another process, whatever PYTHONHASHSEED",
        todo="Sort sets before their order matters; let nothing depend on hash(), the time or the process.",
    ),
    "own_process": Rule(
        must="give the same answers in a process of its own without files, network or key, where a fresh copy sees "
        "each model, as in a run",
        todo="Keep nothing between models; load what is needed in the constructor, from the folder of its file or "
        "from a path in its settings.",
    ),
}
"""Every check in the order in which it is made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """How one check ended."""

    name: str
    status: Status
    seen: str
    seconds: float = 0.0

    def detail(self, kind: str) -> str:
        """For people: what was seen, and for a failure also what must hold and what to do."""
        if self.status != "fail":
            return self.seen
        rule = RULES[self.name]
        reason = EXPLAINERS[kind].fails_by_design.get(self.name) if kind in EXPLAINERS else None
        advice = f"By design: {reason}." if reason else rule.todo
        return f"An explainer must {rule.must}. Seen: {self.seen}. {advice}"
