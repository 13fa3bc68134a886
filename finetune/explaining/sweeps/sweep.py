"""`python -m finetune sweep`: one adapter at several strengths, or every checkpoint of a training, against the base.

Each level is explained by itself, from the same prompts and noise. Of every level two numbers are told: how much of the
*target* it shows, the aspect that was asked for or else the strongest that any level shows, and its *drift*: the sum of
what else it changed, claim by claim. Both have bands, of the intervals of the claims.
"""

import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from finetune.explaining.arms import Request
from finetune.explaining.cards.card import Strengths
from finetune.explaining.model_explaining import Explain, explained_each
from finetune.explaining.models import Model, read_model, with_weight
from finetune.explaining.paired_images import Arm, make_images, pairs_of, together, write_whole
from finetune.explaining.prompts import read_prompts
from finetune.families.diffusion.adapter_facts import DIFFUSERS_FILE, PEFT_FILE
from finexl.errors import InvalidInputError
from finexl.explain.harmless import shown
from finexl.explain.progress import Progress, no_progress
from finexl.explanation import ExplainedClaim, Explanation, Interval
from finexl.values import ImagePairs

RESULT = "sweep.json"
MOST_LEVELS = 100
_KEPT = ("*.safetensors", f"*/{DIFFUSERS_FILE}", f"*/{PEFT_FILE}")
"""Where a training's folder has its checkpoints."""
_NUMBERS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One model of a sweep."""

    label: str
    """Its strength, or the name of its checkpoint."""
    model: Model


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepSettings:
    """How levels are looked at and judged."""

    n_pairs: int = 24
    """Of each level and seed."""
    n_seeds: int = 1
    """Draws of prompts and noise."""
    target: str | None = None
    most_drift: float = 0.2

    def __post_init__(self) -> None:
        if self.n_pairs < 2 or not 1 <= self.n_seeds <= MOST_LEVELS:
            raise InvalidInputError(
                f"A sweep needs at least two pairs and 1 to {MOST_LEVELS} seeds. Got --pairs {self.n_pairs} --seeds "
                f"{self.n_seeds}."
            )
        if not 0 <= self.most_drift < math.inf:
            raise InvalidInputError(
                f"`--most-drift` must be a finite number, 0 or more. Got {self.most_drift}."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One level as its pairs show it."""

    label: str
    explanation: Explanation
    by_seed: tuple[Explanation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one level shows."""

    label: str
    explanation: Explanation
    target: float
    target_band: Interval
    drift: float
    """Sum of the absolute amounts of all other claims that hold, ≥ 0."""
    drift_band: Interval
    target_by_seed: tuple[float, ...] = ()
    """The same by the pairs of each seed; none where there was one seed."""
    drift_by_seed: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """All levels, and which of them are best."""

    target: str
    levels: tuple[Measured, ...]
    usable: tuple[str, ...]
    """Labels of the levels whose drift is within the bound by the upper end of its band."""
    best: tuple[str, ...]
    """Of these, the one with the most of the target, with all that go its way and whose bands reach into its own: a tie
    where several."""


def strengths_of(text: str) -> tuple[float, ...]:
    """Strengths of `start:end:step`, both ends included, or of a list with commas.

    >>> strengths_of("0:1.4:0.2"), strengths_of("-1,0,1")
    ((0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.4), (-1.0, 0.0, 1.0))

    Raises:
        InvalidInputError: It is neither, or there would be too many.
    """
    try:
        if ":" not in text:
            found = tuple(float(word) for word in text.split(","))
        else:
            start, end, step = (float(word) for word in text.split(":"))
            n = math.floor((end - start) / step + 1e-9) if step else -1
            if not 0 <= n < MOST_LEVELS:
                raise ValueError(text)
            found = tuple(round(start + index * step, 9) for index in range(n + 1))
        if not all(map(math.isfinite, found)) or not 1 <= len(set(found)) <= MOST_LEVELS:
            raise ValueError(text)
    except (ValueError, OverflowError) as reason:
        raise InvalidInputError(
            f"`--strengths` must be START:END:STEP or numbers with commas, at most {MOST_LEVELS}. Got {text!r}."
        ) from reason
    return found


def levels_of(request: Request, word: str, strengths: Sequence[float]) -> tuple[Level, ...]:
    """The models of a sweep: an adapter at strengths, or all checkpoints in a folder, by the numbers in their names.

    Raises:
        InvalidInputError: The model has no strength, or the folder has no checkpoints.
        AdapterError, TensorFileError: A checkpoint cannot be loaded into the base.
    """
    folder = Path(word).expanduser()
    checkpoints = checkpoints_in(folder)
    if len(checkpoints) > 1:
        return tuple(
            Level(label=checkpoint_name(file, folder), model=read_model(str(file), request.base))
            for file in checkpoints
        )
    return tuple(Level(label=f"{one:g}", model=with_weight(request.model, one)) for one in strengths)


def checkpoints_in(folder: Path) -> tuple[Path, ...]:
    """The checkpoints in a training's folder, by the last number of their names; one without comes last.

    They are its safetensors files, and those that the trainers of diffusers and peft keep in a folder each.
    """
    if not folder.is_dir() or (folder / "model_index.json").is_file():
        return ()

    def order(file: Path) -> tuple[float, str]:
        name = checkpoint_name(file, folder)
        numbers = _NUMBERS.findall(name)
        return (float(numbers[-1]) if numbers else math.inf, name)

    return tuple(sorted((file for kept in _KEPT for file in folder.glob(kept)), key=order))


def checkpoint_name(file: Path, folder: Path) -> str:
    """What tells a checkpoint of a training's folder from the others: its file's name, or that of the folder it is in.

    >>> checkpoint_name(Path("out/mine-000010.safetensors"), Path("out"))
    'mine-000010'
    >>> checkpoint_name(Path("out/checkpoint-500/pytorch_lora_weights.safetensors"), Path("out"))
    'checkpoint-500'
    """
    return file.stem if file.parent == folder else file.parent.name


def run_sweep(
    request: Request,
    levels: Sequence[Level],
    folder: Path,
    *,
    explain: Explain,
    settings: SweepSettings,
    progress: Progress = no_progress,
) -> tuple[Explained, ...]:
    """Make the pictures of the base and of every level, and explain each against the base.

    With several seeds a level is explained by the pairs of all, and by those of each, which tells how it varies.
    """
    n, n_seeds = settings.n_pairs, settings.n_seeds
    pairs: list[list[ImagePairs]] = [[] for _ in levels]
    for seed in range(request.seed, request.seed + n_seeds):
        drawn = replace(request, seed=seed)
        prompts = read_prompts(request.prompts_from, n, seed=seed)
        place = folder if n_seeds == 1 else folder / f"seed_{seed}"
        base = Arm(name="base", model=request.base, prompts=prompts)
        arms = [
            Arm(name=f"level_{_file_name(level.label)}", model=level.model, prompts=prompts)
            for level in levels
        ]
        with progress("making pictures") as advance:
            make_images([base, *arms], place, first_seed=drawn.first_seed, tell=advance)
        for mine, arm in zip(pairs, arms, strict=True):
            mine.append(pairs_of(place, "base", arm.name, n, prompts))
    looked_at = [[together(mine), *(mine if n_seeds > 1 else ())] for mine in pairs]
    found = iter(
        explained_each([one for each in looked_at for one in each], explain=explain, progress=progress)
    )
    said = [[next(found) for _ in each] for each in looked_at]
    return tuple(
        Explained(label=level.label, explanation=of_all, by_seed=tuple(by_seed))
        for level, (of_all, *by_seed) in zip(levels, said, strict=True)
    )


def folder_of(folder: Path, label: str) -> Path:
    """Where a sweep's folder has the pictures of one level, those of the first seed where there are several."""
    seeds = sorted(folder.glob("seed_*"), key=lambda place: int(place.name.removeprefix("seed_")))
    return (seeds[0] if seeds else folder) / f"level_{_file_name(label)}"


def summarised(explained: Sequence[Explained], *, target: str | None, most_drift: float) -> Sweep:
    """The levels by target and drift, and the best of those that drift little.

    Raises:
        InvalidInputError: There is no level.
    """
    if not explained:
        raise InvalidInputError("A sweep must have at least one level. Got none.")
    name = target or _strongest(explained)
    levels = tuple(_measured(one, name) for one in explained)
    usable = [level for level in levels if level.drift_band[1] <= most_drift]
    showing = [level for level in usable if level.target_band[0] > 0 or level.target_band[1] < 0]
    best = max(showing, key=lambda level: abs(level.target), default=None)
    tied = (
        []
        if best is None
        else [one for one in showing if one.target * best.target > 0 and _reach(one) >= _least(best)]
    )
    return Sweep(
        target=name,
        levels=levels,
        usable=tuple(level.label for level in usable),
        best=tuple(level.label for level in tied),
    )


def told(sweep: Sweep, *, most_drift: float) -> Iterator[str]:
    """The table, and what may be said of the best level."""
    yield f"target: {shown(sweep.target) or 'none: no level shows a change'}"
    wide = max(len("by seed"), *(len(shown(level.label, longest=40)) for level in sweep.levels))
    yield f"{'level':>{wide}}  {'target':>7}  {'':15}  {'drift':>6}  {'':13}  verdict"
    for level in sweep.levels:
        (low, high), (least, most) = level.target_band, level.drift_band
        yield (
            f"{shown(level.label, longest=40):>{wide}}  {level.target:+7.2f}  [{low:+.2f}, {high:+.2f}]"
            f"  {level.drift:6.2f}  [{least:.2f}, {most:.2f}]  {level.explanation.verdict}"
        )
        if level.target_by_seed:
            yield (
                f"{'by seed':>{wide}}  {min(level.target_by_seed):+.2f} to {max(level.target_by_seed):+.2f}; drift "
                f"{min(level.drift_by_seed):.2f} to {max(level.drift_by_seed):.2f}"
            )
    usable = ", ".join(shown(label, longest=40) for label in sweep.usable) or "none"
    yield f"drift stays within {most_drift:g} at: {usable}"
    best = ", ".join(shown(label, longest=40) for label in sweep.best)
    match len(sweep.best):
        case 0:
            yield "best: none of these shows the target"
        case 1:
            yield f"best: {best}"
        case n:
            yield f"best: these {n} cannot be told apart: {best}"


def write_sweep(path: Path, sweep: Sweep, settings: SweepSettings) -> None:
    """All that was found, as JSON in ASCII, from which a card takes its strengths."""
    content = {
        "target": sweep.target,
        "most_drift": settings.most_drift,
        "usable": sweep.usable,
        "best": sweep.best,
        "levels": [
            {
                "label": level.label,
                "target": level.target,
                "target_band": level.target_band,
                "target_by_seed": level.target_by_seed,
                "drift": level.drift,
                "drift_band": level.drift_band,
                "drift_by_seed": level.drift_by_seed,
                "explanation": json.loads(level.explanation.to_json()),
            }
            for level in sweep.levels
        ],
    }
    write_whole(path, json.dumps(content, indent=1).encode("ascii"))


def read_strengths(path: Path) -> Strengths:
    """What `write_sweep` wrote of how strong to use a model.

    Raises:
        InvalidInputError: It did not write this file.
    """
    try:
        held = json.loads(path.read_bytes())
        found = Strengths(target=held["target"], usable=tuple(held["usable"]), best=tuple(held["best"]))
        if not all(isinstance(word, str) for word in (found.target, *found.usable, *found.best)):
            raise TypeError("a label is no text")
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as reason:
        raise InvalidInputError(
            f"`--sweep` must be a folder that `python -m finetune sweep --to` made. {str(path)!r} is not of one "
            f"({reason!r})."
        ) from reason
    return found


def _strongest(explained: Sequence[Explained]) -> str:
    """The claim with the largest amount of any level; empty where none holds."""
    claims = [claim for one in explained for claim in one.explanation.changes]
    return max(claims, key=lambda claim: abs(claim.amount)).concept if claims else ""


def shown_of(explanation: Explanation, target: str) -> tuple[float, Interval]:
    """How much of an aspect an explanation shows, by any of its names; 0 with what may have been missed if none."""
    own = [one for one in explanation.claims if target in (one.concept, *one.other_names)]
    unseen = explanation.smallest_change or 0.0
    return (own[0].amount, own[0].interval) if own else (0.0, (-unseen, unseen))


def _measured(explained: Explained, target: str) -> Measured:
    explanation = explained.explanation
    others = _others(explanation, target)
    lows, highs = zip(*map(_absolute, (one.interval for one in others)), strict=True) if others else ((), ())
    amount, band = shown_of(explanation, target)
    return Measured(
        label=explained.label,
        explanation=explanation,
        target=amount,
        target_band=band,
        drift=_drift(explanation, target),
        drift_band=(sum(lows, 0.0), sum(highs, 0.0)),
        target_by_seed=tuple(shown_of(one, target)[0] for one in explained.by_seed),
        drift_by_seed=tuple(_drift(one, target) for one in explained.by_seed),
    )


def _others(explanation: Explanation, target: str) -> list[ExplainedClaim]:
    return [one for one in explanation.changes if target not in (one.concept, *one.other_names)]


def _drift(explanation: Explanation, target: str) -> float:
    return sum((abs(one.amount) for one in _others(explanation, target)), 0.0)


def _absolute(interval: Interval) -> Interval:
    """Where the absolute value of a number in an interval lies."""
    low, high = interval
    return (0.0 if low <= 0 <= high else min(abs(low), abs(high)), max(abs(low), abs(high)))


def _reach(level: Measured) -> float:
    return _absolute(level.target_band)[1]


def _least(level: Measured) -> float:
    return _absolute(level.target_band)[0]


def _file_name(label: str) -> str:
    """A label as the name of a folder: letters and digits, and a hash where others were left out."""
    plain = re.sub(r"[^A-Za-z0-9.\-]", "_", label)[:60]
    return plain if plain == label else f"{plain}_{sha256(label.encode()).hexdigest()[:8]}"
