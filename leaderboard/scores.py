"""Scores of an entry, recomputed from what was said: read by the benchmark's reader, joined with the truth, scored."""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import comb

from benchmark.bundle.manifest import Bundle, GroupTruth, Part, Truth
from benchmark.parts.code import score_code
from benchmark.plan.scenarios import SCENARIOS
from benchmark.plan.trials import Trial
from benchmark.read.readers import LexiconReader, read_each
from benchmark.record.records import Cost, GroupRecord, Provenance, TrialRecord, Versions
from benchmark.run.results import Measured, trial_record
from benchmark.score.scores import score_rows
from finetune.recipe import Released
from finexl.errors import InvalidInputError
from finexl.values import AnyExplanation, Claim, NoExplanation, ScoredExplanation, TextExplanation
from leaderboard.entry.schema import Failure, Said, SaidClaims, SaidText
from leaderboard.ledger.events import Planted, Readability, Score, Scored
from leaderboard.verify.verifying import Submission

N_PRIVATE = 3
"""Aggregates that are published of a private part: more would let it be learned, entry by entry."""
_FIRST = ("multi_aspect", "single_aspect", "nuisance", "fine_grained", "sparse")
"""Scenarios in the order of columns, others after them: rows stand in the order of the first."""
_NO_COST = Cost(seconds=0.0)
"""Costs of an entry are those of all its trials together."""


def recompute(bundle: Bundle, entry: Submission, *, part: Part = "public") -> Scored:
    """The scores of an entry over a part whose truth is in the bundle.

    Raises:
        InvalidInputError: The truth of the part is not in the bundle.
    """
    records = joined(bundle, entry, part=part)
    scenarios = {one.scenario for one in records}
    # the order of groups is that of their ids, which are hashes: it would let chance choose the first column
    in_order = (*(name for name in _FIRST if name in scenarios), *sorted(scenarios - {*_FIRST}))
    scorings = {name: SCENARIOS[name].scoring for name in in_order}
    scores = [
        Score(
            scenario=row.scenario,
            metric=one.name,
            part="private" if part == "private" else "public",
            direction=one.direction,
            unit="ranks" if one.name == "rank_mae" else "share",
            value=_rounded(one.value),
            low=None if one.low is None else _rounded(one.low),
            high=None if one.high is None else _rounded(one.high),
            chance=_rounded(one.chance),
            n=one.n,
            units={unit: _rounded(value) for unit, value in one.units},
            certified=None if one.certified_value is None else _rounded(one.certified_value),
            n_certified=row.n_certified,
            n_groups=row.n_groups,
        )
        for row in score_rows(records, scorings=scorings)
        for one in row.scores
    ]
    labels = bundle.planted()
    return Scored(
        code=f"{score_code()[:16]} {records[0].provenance.reader}",
        scores=tuple(scores),
        readability=readability(records),
        aspects={record.group: record.aspects for record in records},
        planted=planted_agreement(records, labels) if labels else None,
        private_part=bundle.sha256 if part == "private" else None,
    )


def with_private(scored: Scored, private: Scored) -> Scored:
    """Scores with what is published of a private part: the first score of each of three scenarios, without units."""
    first = {one.scenario: one for one in reversed(private.scores)}
    kept = [first[name] for name in dict.fromkeys(one.scenario for one in private.scores)][:N_PRIVATE]
    aggregates = [one.model_copy(update={"part": "private", "units": {}}) for one in kept]
    public = [one for one in scored.scores if one.part == "public"]
    return scored.model_copy(update={"scores": (*public, *aggregates), "private_part": private.private_part})


def joined(bundle: Bundle, entry: Submission, *, part: Part = "public") -> tuple[GroupRecord, ...]:
    """What was said of every group of a part, how it was read, and what is true."""
    truth = bundle.truth(part)
    said = {answer.trial: explanation(answer.said) for answer in entry.answers}
    if missing := [one.trial for group in truth.groups for one in group.trials if one.trial not in said]:
        raise InvalidInputError(
            f"Every trial of the {part} part must be answered. {missing[0]} is not ({len(missing)} of them). "
            "Explain the whole part."
        )
    reader = LexiconReader(truth.names, parts=truth.parts)
    return tuple(_group(group, truth, reader, said, entry) for group in truth.groups)


def explanation(said: Said) -> AnyExplanation:
    """What was said as the benchmark's value."""
    match said:
        case SaidClaims(claims=claims, residual=residual):
            found = tuple(Claim(concept=one.concept, amount=one.amount) for one in claims)
            return ScoredExplanation(claims=found, residual=residual)
        case SaidText(text=text):
            return TextExplanation(text=text)
        case Failure(reason=reason, detail=detail):
            return NoExplanation(reason=reason, detail=detail)


def readability(records: Sequence[GroupRecord]) -> Readability:
    """How many explanations could be read."""
    trials = [trial for record in records for trial in record.trials]
    return Readability(
        n_models=len(trials),
        n_unreadable=sum(trial.reading is None for trial in trials),
        outcomes=dict(sorted(Counter(trial.outcome for trial in trials).items())),
    )


def planted_agreement(records: Sequence[GroupRecord], labels: Mapping[str, Sequence[int]]) -> Planted:
    """How often readings are nearer to wrong labels, published on purpose, than to the truth; ties are left out.

    `labels` are the wrong levels by trial. Readings are compared within their group, scaled to its levels, since
    amounts have no unit.
    """
    n = agree = 0
    for record in records:
        readable = [trial for trial in record.trials if trial.reading is not None]
        for axis in range(len(record.aspects)):
            values = [trial.reading[axis] for trial in readable if trial.reading is not None]
            low, spread = min(values, default=0.0), max(values, default=0.0) - min(values, default=0.0)
            top = max(trial.truth[axis] for trial in record.trials)
            for trial, value in zip(readable, values, strict=True):
                if trial.trial not in labels or not spread:
                    continue
                at = (value - low) / spread * top
                wrong, right = abs(at - labels[trial.trial][axis]), abs(at - trial.truth[axis])
                n += wrong != right
                agree += wrong < right
    p = sum(comb(n, k) for k in range(agree, n + 1)) / 2**n
    return Planted(n=n, n_agree=agree, p=_rounded(p))


def _group(
    group: GroupTruth,
    truth: Truth,
    reader: LexiconReader,
    said: Mapping[str, AnyExplanation],
    entry: Submission,
) -> GroupRecord:
    own = [said[trial.trial] for trial in group.trials]
    readings = read_each(reader, own, group.aspects, corpus_aspects=tuple(truth.names))
    trials: list[TrialRecord] = []
    for true, explained, reading in zip(group.trials, own, readings, strict=True):
        # of a frozen model the recipe is not known, only its images
        model = Released(generator="frozen", version=true.trial)
        trial = Trial(id=true.trial, variant=model, truth=true.levels, unasked=tuple(true.unasked.items()))
        trials.append(trial_record(trial, explained, reading, Measured(true.divergence, ())))
    return GroupRecord(
        scenario=group.scenario,
        group=group.group,
        aspects=group.aspects,
        explainer=entry.id,
        track=entry.entry.track,
        trials=tuple(trials),
        certified=group.certified,
        certified_aspects=group.certified_aspects,
        certified_unasked=group.certified_unasked,
        provenance=Provenance(
            explainer=entry.id,
            explainer_key=entry.digest[:32],
            reader=reader.id,
            seed=0,
            pairs=tuple(trial.trial for trial in group.trials),
            versions=Versions(explain="frozen", read=reader.id, certify="frozen"),
        ),
        cost=_NO_COST,
    )


def _rounded(value: float) -> float:
    """Nine digits, so that the last bit of a sum is in no line of a ledger."""
    return round(value, 9)
