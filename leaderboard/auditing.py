"""Whether an explainer says the same again: its package is run anew, elsewhere, and the words are compared here.

Running it is the work of whoever calls: `Rerun` is the door. It gets an entry and the trials that were drawn, and
gives what was said this time, or why nothing was run.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from benchmark.bundle.answers import clean
from finexl.errors import InvalidInputError
from leaderboard.entry.limits import LINE
from leaderboard.entry.problems import Problem
from leaderboard.entry.schema import EXPLANATIONS, Failure, SaidClaims, SaidText, TrialAnswer, checked
from leaderboard.entry.strict import parsed_lines
from leaderboard.ledger.events import Audit
from leaderboard.verify.verifying import Submission

Rerun = Callable[[Submission, Sequence[str]], Sequence[TrialAnswer] | str]
"""(entry, ids of trials) to what was said of them this time, or why nothing was run."""
TOLERANCE = 1e-3
"""Difference of amounts, relative to the largest of the model's claims, that other machines may make."""


def audit(submission: Submission, rerun: Rerun, *, trials: Sequence[str], manner: str = "") -> Audit:
    """Run an entry's explainer on some trials again and say whether it said the same; `manner` says how it was run."""
    again = rerun(submission, trials)
    if isinstance(again, str):
        return Audit(status="not run", why=_line(again))
    said, now = ({one.trial: one for one in answers} for answers in (submission.answers, again))
    both = [trial for trial in trials if trial in said and trial in now]
    differences = {trial: difference(said[trial], now[trial]) for trial in both}
    differing = {trial: found for trial, found in differences.items() if found > TOLERANCE}
    if not differing and len(both) == len(trials):
        found = (f"{len(trials)} of {len(said)} trials run again", manner)
        return Audit(status="reproduced", why=_line(", ".join(filter(None, found))))
    told = []
    if differing:
        most = max(differing.values())
        how = f"amounts by up to {most:.3g} of the largest" if most < float("inf") else "in words"
        told.append(f"{len(differing)} of {len(trials)} trials differ, first {next(iter(differing))}; {how}")
    if len(both) < len(trials):
        told.append(f"{len(trials) - len(both)} of {len(trials)} trials were not answered both times")
    failures = [one.said.detail for trial in differing if isinstance((one := now[trial]).said, Failure)]
    if failures:
        told.append(f"it failed now: {failures[0]}")
    if manner:
        told.insert(0, f"run again {manner}")
    return Audit(status="differs", why=_line("; ".join(told)))


def difference(one: TrialAnswer, other: TrialAnswer) -> float:
    """How far two answers are apart, relative to the largest amount; infinite where words or kinds differ."""
    match one.said, other.said:
        case SaidClaims(claims=before), SaidClaims(claims=after):
            if [claim.concept for claim in before] != [claim.concept for claim in after]:
                return float("inf")
            largest = max((abs(claim.amount) for claim in (*before, *after)), default=0.0) or 1.0
            gaps = [abs(a.amount - b.amount) / largest for a, b in zip(before, after, strict=True)]
            return max(gaps, default=0.0)
        case SaidText(text=before), SaidText(text=after):
            return 0.0 if before == after else float("inf")
        case Failure(reason=before), Failure(reason=after):
            return 0.0 if before == after else float("inf")
        case _:
            return float("inf")


def drawn(trials: Sequence[str], *, digest: str, later: str, n: int) -> tuple[str, ...]:
    """The `n` trials that are run again, 0 for all, in the order in which they are.

    Nobody knows either before `later` is known, as a commit that admits the entry. Who remembers what it was shown
    before, by whatever way, says something else in another order.
    """
    ranked = sorted(trials, key=lambda trial: sha256(f"{later} {digest} {trial}".encode()).hexdigest())
    return tuple(ranked[: n or len(ranked)])


def recorded(path: Path) -> Rerun:
    """A re-run that was made before and left its answers in a file.

    Raises:
        InvalidInputError: The file holds anything but answers.
    """
    answers = read_answers(path)
    return lambda submission, trials: [answers[trial] for trial in trials if trial in answers]


def read_answers(path: Path) -> Mapping[str, TrialAnswer]:
    """The answers of a file in the form of explanations.jsonl, by trial.

    Raises:
        InvalidInputError: The file holds anything else.
    """
    found: dict[str, TrialAnswer] = {}
    for line in parsed_lines(EXPLANATIONS, path.read_bytes()):
        answer = line if isinstance(line, Problem) else checked(TrialAnswer, line[1], file=path.name)
        if not isinstance(answer, TrialAnswer):
            problem = answer if isinstance(answer, Problem) else answer[0]
            raise InvalidInputError(
                f"{json.dumps(str(path))} must hold answers as explanations.jsonl does. {problem.what} {problem.fix}"
            )
        found[answer.trial] = answer
    return found


def _line(text: str) -> str:
    """What a line of the ledger may hold: strangers' words are in it."""
    return clean(" ".join(text.split()), lines=False)[:LINE].strip()
