"""What several commands print; strangers' words are in it, so it is made harmless to a terminal."""

import sys
from typing import TYPE_CHECKING

from finexl.explain import folding

if TYPE_CHECKING:
    from leaderboard.entry.problems import Problem
    from leaderboard.ledger.events import Audit, Scored
    from leaderboard.verify.verifying import Submission, Verdict


def say(text: str) -> None:
    """Print a line in which strangers' words may be."""
    from leaderboard.board.escaping import terminal

    folding.say(terminal(text))


def complain(message: object, code: int) -> int:
    """Say what is wrong; the exit code is handed back."""
    from leaderboard.board.escaping import terminal

    folding.say(terminal(str(message)), file=sys.stderr)
    return code


def say_verdict(verdict: "Verdict") -> None:
    """Print what breaks a rule, and how to mend it, or that nothing does."""
    for problem in verdict.problems:
        _say_problem(problem)
    from finexl.explain.folding import counted

    if verdict.problems:
        say(f"{counted(len(verdict.problems), 'problem')}. `python -m leaderboard rules` shows the rules.")
    elif verdict.submission is not None:
        entry = verdict.submission.entry
        say(
            f"{verdict.submission.id} keeps every rule: {len(verdict.submission.answers)} trials, "
            f"track {entry.track}, division {entry.division}."
        )


def _say_problem(problem: "Problem") -> None:
    where = ", ".join(filter(None, (problem.file, problem.record)))
    say(f"{where}: {problem.what}")
    say(f"    rule: {problem.rule}")
    say(f"    fix:  {problem.fix}")


def say_audit(entry: str, found: "Audit") -> None:
    """Print what a second run found."""
    say(f"{entry}: {found.status}; {found.why.removesuffix('.')}.")


def say_scores(submission: "Submission", scored: "Scored") -> None:
    """Print every score with its interval and what chance makes, beside what the entry claims."""
    from finexl.explain.folding import counted
    from leaderboard.board.table import shown

    claimed = {(one.scenario, one.metric): one.value for one in submission.entry.claimed}
    for one in scored.scores:
        value = shown(one.value, is_share=one.is_share)
        low, high = (shown(end, is_share=one.is_share) for end in (one.low, one.high))
        interval = "" if one.low is None or one.high is None else f"{low} to {high}, "
        chance = "" if one.chance is None else f", chance {shown(one.chance, is_share=one.is_share)}"
        told = claimed.get((one.scenario, one.metric))
        beside = "" if told is None else f", claimed {shown(told, is_share=one.is_share)}"
        units = counted(one.n, "unit")
        say(
            f"{one.scenario} {one.metric}: {value} ({interval}{units}{chance}), {one.direction} is better{beside}"
        )
    read = scored.readability
    say(f"unreadable: {read.n_unreadable} of {read.n_models}")
