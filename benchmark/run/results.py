"""What a run found, for people and programs: the three facts of every group joined, scored and published."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, assert_never

from benchmark.plan.scenarios import scorings_of
from benchmark.plan.trials import Group, Trial
from benchmark.record.files import write_atomically
from benchmark.record.recording import costs, without_cost, write_json
from benchmark.record.records import (
    PASSING,
    CertificateRecord,
    ClaimRecord,
    ExplanationRecord,
    GroupRecord,
    Provenance,
    Reading,
    ReadingRecord,
    Track,
    TrialRecord,
    outcome_of,
)
from benchmark.run.jobs import Job
from benchmark.score.scores import score_rows
from benchmark.show.report import FinishedRun, write_report
from benchmark.show.runs import RunPlan, RunResult
from finexl.notices import Notice, united
from finexl.replies import BEYOND, LEFT_OUT
from finexl.values import AnyExplanation, NoExplanation, ScoredExplanation, TextExplanation

_REPLIES = "n_replies_"
_READ = ("ok", "none", *PASSING)


def joined(
    group: Group,
    provenance: Provenance,
    *,
    explained: ExplanationRecord,
    read: ReadingRecord,
    certificate: CertificateRecord,
    track: Track = "solo",
    n_draws: int = 1,
) -> GroupRecord:
    """What was said of a group beside how it was read and what is true."""
    found = [
        Measured(divergence=divergence, estimates=estimates[: len(group.aspects)])
        for divergence, estimates in zip(certificate.divergences, certificate.estimates, strict=True)
    ]
    facts = zip(group.trials, explained.said, read.readings, found, strict=True)
    verdicts = dict(zip(certificate.key.aspects, certificate.certified_aspects, strict=True))
    return GroupRecord(
        scenario=group.scenario,
        group=group.id,
        aspects=group.aspects,
        explainer=provenance.explainer,
        track=track,
        n_draws=n_draws,
        trials=tuple(trial_record(*of_one) for of_one in facts),
        certified=all(verdicts.values()),
        certified_aspects=tuple(verdicts[aspect] for aspect in group.aspects),
        certified_unasked={aspect: fits for aspect, fits in verdicts.items() if aspect not in group.aspects},
        provenance=provenance,
        cost=explained.cost,
        unanswered=explained.unanswered,
        notices=united((*explained.notices, *read.notices, *certificate.notices)),
    )


class Measured(NamedTuple):
    """What certification found of one model."""

    divergence: float | None
    estimates: tuple[float | None, ...]


def trial_record(
    trial: Trial, said: AnyExplanation, reading: Reading | None, measured: Measured
) -> TrialRecord:
    """What was said of one model beside how it was read, which it is not where nothing was said, and what is true."""
    facts: dict[str, Any] = {"trial": trial.id, "truth": trial.truth, "unasked": dict(trial.unasked)}
    facts |= {"divergence": measured.divergence, "estimates": measured.estimates}
    if reading is not None:
        facts |= {"outcome": reading.outcome, "detail": reading.detail, "reading": reading.values}
        facts |= {"named": reading.named, "replies": reading.replies, "read_claims": reading.claims}
    match said:
        case ScoredExplanation(claims=found, residual=residual, notes=notes):
            claims = tuple(ClaimRecord(concept=one.concept, amount=one.amount) for one in found)
            return TrialRecord(**facts, kind="scored", claims=claims, residual=residual, notes=notes)
        case TextExplanation(text=text):
            return TrialRecord(**facts, kind="text", text=text)
        case NoExplanation(reason=reason, detail=detail):
            return TrialRecord(**facts, kind="none", outcome=outcome_of(reason), detail=detail)
        case _:
            assert_never(said)


def publish(
    job: Job, plan: RunPlan, records: Sequence[GroupRecord], *, notices: Sequence[Notice] = ()
) -> RunResult:
    """Score the records and write what people and programs read; `results.json` comes last.

    `notices` are of models and images, in whichever run they were made.
    """
    told = (
        *job.notices,
        *notices,
        *(one for record in records for one in record.notices),
        *cut_texts(records),
        *unread_replies(records),
        *unread_words(records),
    )
    result = replace(scored(plan, records), notices=united(told))
    run = FinishedRun(result=result, settings=job.settings, provenance=job.provenance)
    write_report([run], plan.files.report)
    write_json(plan.files.costs, {"records": costs(records)})
    write_json(
        plan.files.results,
        {
            "schema_version": 3,
            "covers": {"explainers": list(plan.explainers), "groups": [group.id for group in plan.groups]},
            "settings": dict(job.settings),
            "provenance": dict(job.provenance),
            "notices": [asdict(one) for one in result.notices],
            "scores": [row.without_cost() for row in result.rows],
            "records": [without_cost(record) for record in records],
        },
        as_given=(
            "settings",
        ),  # the order of directions and versions says which of them a small preset takes
    )
    return result


def cut_texts(records: Sequence[GroupRecord]) -> list[Notice]:
    """What encoders could not read to the end, by explainer."""
    counts: Counter[str] = Counter()
    for record in records:
        counts[record.explainer] += record.cost.cut_texts
    how = "texts cut at the end of the encoder's context; what they say last was not embedded"
    return [Notice(what=f"explainer {name}", how=how, n=n) for name, n in counts.items() if n]


def unread_replies(records: Sequence[GroupRecord]) -> list[Notice]:
    """Replies in which an explainer found no words, by how they ended; what failed is told with its reasons."""
    counts: Counter[tuple[str, str]] = Counter()
    for record in records:
        for trial in record.trials:
            for name, n in trial.notes.items():
                outcome = name.removeprefix(_REPLIES)
                if name.startswith(_REPLIES) and outcome not in _READ and isinstance(n, int):
                    counts[record.explainer, outcome] += n
    return [
        Notice(what=f"explainer {name}", how=f"replies of its model without words ({outcome})", n=n)
        for (name, outcome), n in counts.items()
        if n
    ]


def unread_words(records: Sequence[GroupRecord]) -> list[Notice]:
    """Words beyond those that are read of one reply, by explainer."""
    counts: Counter[str] = Counter()
    for record in records:
        counts[record.explainer] += sum(int(trial.notes.get(LEFT_OUT, 0)) for trial in record.trials)
    return [Notice(what=f"explainer {name}", how=BEYOND, n=n) for name, n in counts.items() if n]


def set_aside(job: Job) -> Path | None:
    """Keep a copy of results that are of other explainers, groups or settings than those of a job; where it lies."""
    results = job.files.results
    if not results.is_file():
        return None
    content = results.read_bytes()
    try:
        found = json.loads(content)
        covers = {"explainers": [*job.explainers], "groups": [group.id for group in job.groups]}
        is_same = found["covers"] == covers and _comparable(found["settings"]) == _comparable(job.settings)
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        is_same = False
    if is_same:
        return None
    folder = job.files.folder / "earlier" / sha256(content).hexdigest()[:8]
    for path in (results, job.files.costs, job.files.report):
        if path.is_file():
            write_atomically(folder / path.name, path.read_bytes())
    return folder


def _comparable(settings: Mapping[str, Any]) -> Any:
    """Settings as JSON gives them back; the points of a curve, which share a folder, count as one."""
    of_curve = ("n_shown", "paired") if settings.get("n_shown") is not None else ()
    return json.loads(json.dumps({name: value for name, value in settings.items() if name not in of_curve}))


def scored(plan: RunPlan, records: Sequence[GroupRecord]) -> RunResult:
    """The records of a plan with their scores."""
    rows = score_rows(records, scorings=scorings_of(plan.groups))
    return RunResult(plan=plan, records=tuple(records), rows=rows)
