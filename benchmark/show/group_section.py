"""A group in the report: its images, its truth, and every answer down to a judge's reply."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmark.plan.scenarios import SCENARIOS
from benchmark.plan.trials import Group, label
from benchmark.record.records import GroupRecord, TrialRecord
from benchmark.score.scores import group_score
from benchmark.show.images import MAX_COLUMNS, sheet_path, strips
from benchmark.show.runs import RunResult
from benchmark.show.score_table import number


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A claim; `width` in percent of the largest amount of the group."""

    concept: str
    amount: str
    width: float
    is_negative: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What an explainer said about one model and how it was read."""

    trial: TrialRecord
    reading: str
    chips: tuple[Chip, ...]
    read_as: tuple[str, ...]
    """What the reader took each claim for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One explainer on one group, in trial order."""

    explainer: str
    score: str
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A group: its images, its truth, and every answer."""

    group: Group
    uncertified: tuple[str, ...]
    """Aspects whose truth is not certified: what was measured of them does not follow it."""
    measured: tuple[str, ...]
    """Aspects of which every model's amount was measured."""
    estimates: tuple[tuple[float | None, ...], ...]
    divergences: tuple[float | None, ...]
    labels: tuple[str, ...]
    strips: tuple[str, ...]
    prompts: tuple[str, ...]
    answers: tuple[Answer, ...]


def sections(result: RunResult, *, n_pictured: int) -> Iterator[Section]:
    """Every group of which there are records, in the order of the plan; the first `n_pictured` with images."""
    by_group: dict[str, list[GroupRecord]] = {group.id: [] for group in result.plan.groups}
    for record in result.records:
        by_group[record.group].append(record)
    told = [group for group in result.plan.groups if by_group[group.id]]
    for place, group in enumerate(told):
        yield _section(result, group, by_group[group.id], is_pictured=place < n_pictured)


def _section(
    result: RunResult, group: Group, records: Sequence[GroupRecord], *, is_pictured: bool
) -> Section:
    sheet = sheet_path(result.plan.files.grid(group))
    pictured = is_pictured and sheet.exists()
    return Section(
        group=group,
        uncertified=_uncertified(records[0]),
        measured=group.aspects if all(trial.estimates for trial in records[0].trials) else (),
        estimates=tuple(trial.estimates for trial in records[0].trials),
        divergences=tuple(trial.divergence for trial in records[0].trials),
        labels=tuple(label(trial, group) for trial in group.trials),
        strips=strips(sheet, len(group.trials) + 1) if pictured else (),
        prompts=tuple(group.probe.prompts[column] for column in group.pictured[:MAX_COLUMNS]),
        answers=tuple(_answer(record) for record in records),
    )


def _uncertified(record: GroupRecord) -> tuple[str, ...]:
    # nothing was measured aspect by aspect in earlier records
    flags = record.certified_aspects or (record.certified,) * len(record.aspects)
    asked = zip(record.aspects, flags, strict=True)
    return tuple(aspect for aspect, flag in (*asked, *record.certified_unasked.items()) if not flag)


def _answer(record: GroupRecord) -> Answer:
    sizes = [abs(one.amount) for trial in record.trials for one in trial.claims]
    largest = max(sizes, default=0.0) or 1.0
    return Answer(
        explainer=record.explainer,
        score=number(group_score(record, SCENARIOS[record.scenario].scoring)),
        said=tuple(_said(trial, largest) for trial in record.trials),
    )


def _said(trial: TrialRecord, largest: float) -> Said:
    chips = tuple(
        Chip(
            concept=one.concept,
            amount=f"{one.amount:.3g}",
            width=round(100 * abs(one.amount) / largest, 1),
            is_negative=one.amount < 0,
        )
        for one in trial.claims
    )
    reading = "" if trial.reading is None else ", ".join(f"{value:.3g}" for value in trial.reading)
    read_as = tuple(
        f"{claim.concept} → {', '.join(_share(*part) for part in claim.aspects) or 'no aspect'}, {claim.amount:.3g}"
        for claim in trial.read_claims
    )
    return Said(trial=trial, reading=reading, chips=chips, read_as=read_as)


def _share(aspect: str, share: float) -> str:
    return aspect if share == 1 else f"{share:.0%} {aspect}"
