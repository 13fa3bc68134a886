"""`check`: whether an explainer keeps the contract that runs rely on, found out offline on the miniature in seconds.

One process makes every check that it can; two more, with different truths planted around them, make the others.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from pydantic import ValidationError

from benchmark.check.answers import ANSWERS, difference
from benchmark.check.canaries import TRUTHS, Witness, judge, plant
from benchmark.check.contract_rules import RULES, Finding, Limits, Status
from benchmark.config.fields import set_field
from benchmark.config.loading import load_settings
from benchmark.config.messages import explained_part
from benchmark.config.overrides import Setting
from benchmark.config.portable import BUILDING, portable_settings
from benchmark.config.settings import Settings
from benchmark.explain.children import ChildError, Message, Surroundings, messages
from benchmark.parts.code import stranger_code
from finexl.errors import InvalidInputError
from finexl.values import AnyExplanation, NoExplanation

_PATIENCE = 10
"""A process may be silent for this many times the limit on seconds; several models are explained in between."""
_START_S = 60.0
_LIMITS = tuple(field.name for field in fields(Limits))
_BETWEEN = ("no_truth_access", "fresh_process", "own_process")


def read_words(words: Sequence[str]) -> tuple[Settings, Limits]:
    """The explainer to check, the parts it is built from, and the limits, from `key=value` words."""
    limits = _limits([word for word in words if word.partition("=")[0] in _LIMITS])
    rest = [word for word in words if word.partition("=")[0] not in _LIMITS]
    for word in rest:
        if (key := word.partition("=")[0].partition(".")[0]) not in BUILDING:
            raise InvalidInputError(
                f"`check` takes the keys {', '.join((*BUILDING, *_LIMITS))}. Got {key!r}."
            )
    settings = load_settings(["preset=smoke", *rest])
    if len(settings.explainers) != 1:
        raise InvalidInputError(
            "`check` takes one explainer, as in: check explainer=finexl, check explainer=package.module:Class or "
            f"check explainer=path/to/mine.py:Class. Got {len(settings.explainers)}."
        )
    if ":" in settings.explainers[0].kind:
        stranger_code(settings.explainers[0].kind)  # an error where there are none
    return settings, limits


def _limits(words: Sequence[str]) -> Limits:
    given: dict[str, float] = {}
    for key, _, text in (word.partition("=") for word in words):
        set_field(given, Limits, Setting(key=key, text=text, path=(key,)))
    try:
        return Limits(**given)
    except ValidationError as error:
        raise explained_part(error, (), Limits) from error


def check(settings: Settings, *, limits: Limits) -> Iterator[Finding]:
    """Every check of the one explainer in `settings`, in the order of `RULES`, as it is made.

    Raises InvalidInputError where there is no such explainer.
    """
    given: Message = {"settings": portable_settings(settings), "limits": asdict(limits)}
    patience_s = _START_S + _PATIENCE * limits.seconds
    left = [name for name in RULES if name not in _BETWEEN]
    clean = None
    try:
        for message in messages(
            "benchmark.check.contract_checks:examine_settings",
            given,
            patience_s=patience_s,
            surroundings=Surroundings(environment={"PYTHONHASHSEED": "1"}),
        ):
            match message:
                case {"unusable": reason}:
                    raise InvalidInputError(reason)
                case {"finding": finding}:
                    left.remove(finding["name"])
                    yield Finding(**finding)
                case {"answers": [*answers]}:
                    clean = ANSWERS.validate_python(answers)
                case _:
                    pass  # none that are the same each time
    except ChildError as error:
        yield Finding(name=left[0], status="fail", seen=str(error))
        yield from _skipped([*left[1:], *_BETWEEN], "the process that checks it ended")
        return
    yield from between(clean, given, patience_s=patience_s)


def between(
    clean: Sequence[AnyExplanation] | None, given: Message, *, patience_s: float
) -> Iterator[Finding]:
    """The checks that take several processes."""
    if clean is None:
        yield from _skipped(_BETWEEN, "needs an explainer that answers, and always the same")
        return
    start = perf_counter()
    try:
        with TemporaryDirectory() as folder:
            witnesses = [
                _witness(Path(folder).resolve() / f"work{number}", number, given, patience_s=patience_s)
                for number in range(len(TRUTHS))
            ]
    except ChildError as error:
        yield Finding(name=_BETWEEN[0], status="fail", seen=str(error))
        yield from _skipped(_BETWEEN[1:], "the process that checks it ended")
        return
    blind, fresh = judge(clean, witnesses)
    yield replace(blind, seconds=perf_counter() - start)
    yield fresh
    start = perf_counter()
    try:
        (said,) = messages("benchmark.check.contract_checks:examine_outside", given, patience_s=patience_s)
    except ChildError as error:
        yield Finding(name=_BETWEEN[2], status="fail", seen=str(error))
        return
    status, seen = _apart(clean, said)
    yield Finding(name=_BETWEEN[2], status=status, seen=seen, seconds=perf_counter() - start)


def _apart(clean: Sequence[AnyExplanation], said: Message) -> tuple[Status, str]:
    """Status and what was seen of an explainer in a process of its own."""
    if said["answers"] is None:
        return "pass", "of the suite: it shares the process of a run"
    answers = ANSWERS.validate_python(said["answers"])
    for answer in answers:
        if isinstance(answer, NoExplanation) and answer.reason in ("failed", "timeout"):
            return "fail", answer.detail
    if found := difference(clean, answers):
        return "fail", f"with a fresh copy for each model, {found}"
    left = f"; this machine does not cut it off from {', '.join(said['exposed'])}" if said["exposed"] else ""
    return "pass", f"same answers, each by a fresh copy{left}"


def _witness(folder: Path, number: int, given: Message, *, patience_s: float) -> Witness:
    truth = TRUTHS[number]
    surroundings = plant(folder, truth)
    told = {**given, "decoy": str(folder), "number": number}
    (said,) = messages(
        "benchmark.check.canaries:testify", told, patience_s=patience_s, surroundings=surroundings
    )
    return Witness(
        answers=ANSWERS.validate_python(said["answers"]),
        opened=tuple(said["opened"]),
        imported=tuple(said["imported"]),
    )


def _skipped(names: Sequence[str], why: str) -> Iterator[Finding]:
    for name in names:
        yield Finding(name=name, status="skip", seen=why)
