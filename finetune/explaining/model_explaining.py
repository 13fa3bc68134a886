"""`python -m finetune explain`: from a model file to what the words do, what the model does, and what leaks.

Pictures are made until every question is settled, or the cap is reached: rounds double the number of pairs, and those
that are there are kept, so that a killed command continues and an equal one makes nothing.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from finetune.explaining.arms import Contrast, Request, arms_of, contrasts_of
from finetune.explaining.paired_images import make_images, n_missing, pairs_of, write_whole
from finexl.errors import InvalidInputError
from finexl.explain.progress import Progress, no_progress
from finexl.explanation import Explanation, Verdict
from finexl.values import ImagePairs

FIRST_ROUND = 16
"""Pairs before it is asked whether more are needed."""
RESULT = "explanation.json"

Explain = Callable[[ImagePairs], Explanation]
"""What an explainer does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one contrast showed."""

    contrast: Contrast
    explanation: Explanation


def explain_model(
    request: Request, folder: Path, *, explain: Explain, most_pairs: int, progress: Progress = no_progress
) -> tuple[Answer, ...]:
    """Make pictures and explain them, question by question, with as many pairs as they need and no more than the cap.

    Raises:
        InvalidInputError: The folder has pictures of others, or there are too few prompts.
        GeneratorError, AdapterError: A model cannot be loaded.
    """
    n = min(FIRST_ROUND, most_pairs)
    while True:
        answers = _answered(request, folder, n, explain=explain, progress=progress)
        wanted = _wanted(answers, n)
        if n >= most_pairs or wanted <= n:
            _write(folder / RESULT, request, answers)
            return answers
        n = min(most_pairs, wanted)


def cost(request: Request, folder: Path, *, most_pairs: int) -> str:
    """What a command will make, said before it begins."""
    if most_pairs < 2:
        raise InvalidInputError(f"`--most-pairs` must be at least 2. Got {most_pairs}.")
    arms = arms_of(request, n=most_pairs)
    first = arms_of(request, n=min(FIRST_ROUND, most_pairs))
    steps = request.base.settings.n_sampling_steps
    least, most = n_missing(first, folder), n_missing(arms, folder)
    shown = ", ".join(arm.name for arm in arms)
    return (
        f"{most if least == most else f'{least} to {most}'} pictures ({shown}) are to be made, "
        f"{steps} steps each; those already in {folder} are used"
    )


def told(answers: Sequence[Answer], *, card: Callable[[Explanation], str]) -> str:
    """What was found, for a terminal; `card` shows one explanation."""
    return "\n".join(f"{one.contrast.question}:\n{card(one.explanation)}" for one in answers)


def explained_each(
    pairs: Sequence[ImagePairs], *, explain: Explain, progress: Progress = no_progress
) -> tuple[Explanation, ...]:
    """What an explainer says of each, with a sign of progress between them."""
    found = list[Explanation]()
    with progress("explaining") as advance:
        for one in pairs:
            advance(len(found), len(pairs))
            found.append(explain(one))
    return tuple(found)


def _answered(
    request: Request, folder: Path, n: int, *, explain: Explain, progress: Progress
) -> tuple[Answer, ...]:
    arms, contrasts = arms_of(request, n=n), contrasts_of(request)
    with progress("making pictures") as advance:
        make_images(arms, folder, first_seed=request.first_seed, tell=advance)
    prompts = {arm.name: arm.prompts for arm in arms}
    pairs = [pairs_of(folder, one.base, one.tuned, n, prompts[one.base]) for one in contrasts]
    found = explained_each(pairs, explain=explain, progress=progress)
    return tuple(Answer(contrast=one, explanation=said) for one, said in zip(contrasts, found, strict=True))


def _wanted(answers: tuple[Answer, ...], n: int) -> int:
    """Pairs of the next round: twice as many, or what an unsettled question is thought to need; `n` when all are."""
    open_ones = [one.explanation for one in answers if one.explanation.verdict is Verdict.NOT_ENOUGH_DATA]
    return max((max(2 * n, one.pairs_needed or 0) for one in open_ones), default=n)


def _write(path: Path, request: Request, answers: tuple[Answer, ...]) -> None:
    """All answers as JSON in ASCII; texts from files stand in it escaped."""
    facts = {
        "base": request.base.identity,
        "model": request.model.identity,
        "words": request.words,
        "prompts": request.prompts_from,
        "seed": request.seed,
        "answers": {
            one.contrast.name: {
                "question": one.contrast.question,
                "explanation": json.loads(one.explanation.to_json()),
            }
            for one in answers
        },
    }
    write_whole(path, json.dumps(facts, indent=1).encode("ascii"))
