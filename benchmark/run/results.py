"""What a run found, for people and programs: the three facts of every group joined, scored and published."""

from collections.abc import Sequence
from typing import Any, assert_never

from benchmark.plan.scenarios import scorings_of
from benchmark.plan.trials import Group, Trial
from benchmark.record.recording import costs, without_cost, write_json
from benchmark.record.records import (
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
from benchmark.show.report import write_report
from benchmark.show.runs import RunPlan, RunResult
from finexl.values import Explanation, NoExplanation, ScoredExplanation, TextExplanation


def joined(
    group: Group,
    provenance: Provenance,
    *,
    explained: ExplanationRecord,
    read: ReadingRecord,
    certificate: CertificateRecord,
    track: Track = "solo",
) -> GroupRecord:
    """What was said of a group beside how it was read and what is true."""
    facts = zip(group.trials, explained.said, read.readings, certificate.divergences, strict=True)
    return GroupRecord(
        scenario=group.scenario,
        group=group.id,
        aspects=group.aspects,
        explainer=provenance.explainer,
        track=track,
        trials=tuple(trial_record(*of_one) for of_one in facts),
        certified=certificate.certified,
        provenance=provenance,
        cost=explained.cost,
    )


def trial_record(
    trial: Trial, said: Explanation, reading: Reading | None, divergence: float | None
) -> TrialRecord:
    """What was said of one model beside how it was read, which it is not where nothing was said, and what is true."""
    facts: dict[str, Any] = {"trial": trial.id, "truth": trial.truth, "divergence": divergence}
    facts |= {"unasked": dict(trial.unasked)}
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


def publish(job: Job, plan: RunPlan, records: Sequence[GroupRecord]) -> RunResult:
    """Score the records and write what people and programs read; `results.json` comes last."""
    result = scored(plan, records)
    write_report(result, settings=job.settings, provenance=job.provenance)
    write_json(plan.files.costs, {"records": costs(records)})
    write_json(
        plan.files.results,
        {
            "schema_version": 3,
            "covers": {"explainers": list(plan.explainers), "groups": [group.id for group in plan.groups]},
            "settings": dict(job.settings),
            "provenance": dict(job.provenance),
            "scores": [row.without_cost() for row in result.rows],
            "records": [without_cost(record) for record in records],
        },
        as_given=(
            "settings",
        ),  # the order of directions and versions says which of them a small preset takes
    )
    return result


def scored(plan: RunPlan, records: Sequence[GroupRecord]) -> RunResult:
    """The records of a plan with their scores."""
    rows = score_rows(records, scorings=scorings_of(plan.groups))
    return RunResult(plan=plan, records=tuple(records), rows=rows)
