"""Ways to score without explaining, and the scores that they get: each is read within the budget of five claims."""

import random
from collections.abc import Callable

import pytest
from record_makers import claims, group_record, trial

from benchmark.parts.wording import judged_names, parts_of
from benchmark.plan.scenarios import SCENARIOS
from benchmark.read.readers import LexiconReader
from benchmark.record.records import GroupRecord, ReadClaim
from benchmark.score.scores import ScoreRow, score_rows
from finetune.corpora.synthetic import SyntheticCorpus
from finetune.miniature.aspects import ASPECTS
from finetune.miniature.split import SCORED_ASPECTS
from finexl.values import Claim, ScoredExplanation

SIX = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (2, 0))
NAMES = ("vivid", "grainy")
Said = tuple[ReadClaim, ...]


def honest(truth: tuple[int, ...]) -> Said:
    """What a fair explainer says: amounts that are right, one aspect too many, and nothing of low levels."""
    amounts = {
        name: float(level) for name, level in zip(NAMES, truth, strict=True) if level > 1 or sum(truth) > 1
    }
    return claims(**amounts, **({"doubled": 0.4} if amounts else {}))


def row_of(say: Callable[[tuple[int, ...]], Said], *, levels: tuple[tuple[int, ...], ...] = SIX) -> ScoreRow:
    scenario = "multi_aspect" if len(levels[0]) > 1 else "single_aspect"
    trials = []
    for truth in levels:
        said = say(truth)
        amounts = [sum(c.amount for c in said if (name, 1.0) in c.aspects) for name in NAMES[: len(truth)]]
        trials.append(trial(truth, amounts, read_claims=said))
    record: GroupRecord = group_record(scenario, tuple(trials))
    (row,) = score_rows([record], scorings={scenario: SCENARIOS[scenario].scoring})
    return row


def worths(row: ScoreRow) -> dict[str, float]:
    """Scores, larger = better."""
    return {score.name: score.value * (1 if score.direction == "higher" else -1) for score in row.scores}


def with_synonyms(said: Said) -> Said:
    return (*said, *(one.model_copy(update={"concept": f"more {one.concept}"}) for one in said))[:5]


def with_copies(said: Said) -> Said:
    return (said * 5)[:5]


def with_hedges(said: Said) -> Said:
    """The budget filled with tiny amounts of other aspects."""
    named = {aspect for one in said for aspect, _ in one.aspects}
    words = random.Random(0).sample([word for word in ASPECTS if word not in named | {*NAMES}], 5)
    return (*said, *claims(**dict.fromkeys(words, 1e-6)))[:5]


@pytest.mark.parametrize("padded", [with_synonyms, with_copies, with_hedges])
def test_padding_raises_no_score_of_what_was_said(padded: Callable[[Said], Said]) -> None:
    before, after = worths(row_of(honest)), worths(row_of(lambda truth: padded(honest(truth))))
    for name in ("claim_f1", "top_naming", "false_alarms"):
        assert after[name] <= before[name] + 1e-12, name


def test_hedges_beside_the_truth_cannot_help_where_amounts_are_compared() -> None:
    before, after = worths(row_of(honest)), worths(row_of(lambda truth: with_hedges(honest(truth))))
    for name in ("selection_accuracy", "comparability"):
        assert after[name] == before[name], name


def test_every_word_by_tiny_amounts_is_worth_less_than_a_fair_explanation() -> None:
    """Without a budget: the true amounts, and every other word."""
    rest = {word: 1e-3 for word in ASPECTS if word not in NAMES}

    def every_word(truth: tuple[int, ...]) -> Said:
        return claims(**dict(zip(NAMES, map(float, truth), strict=True)), **rest)

    row, fair = worths(row_of(every_word)), worths(row_of(honest))
    assert row["claim_f1"] < 0.15 < fair["claim_f1"]
    assert row["false_alarms"] == -1 < fair["false_alarms"] == 0


def test_the_same_amount_of_everything_reads_as_a_constant() -> None:
    """More than five equal claims are dropped together, so that the norm as the score of every aspect is silence."""
    ladder = tuple((level,) for level in range(1, 11))
    row = row_of(lambda truth: (), levels=ladder)
    assert row.value == pytest.approx(2.5)
    assert worths(row) == pytest.approx(
        {"rank_mae": -2.5, "claim_f1": 0.0, "top_naming": 0.0, "comparability": 0.5}
    )


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("vintage", "dreamy", "arcade", "newsprint", "etched"), (2.0, 0.6)),
        (SCORED_ASPECTS[:5], (1 + 2 / 3, 2 / 3)),
        ((), (2.5, 0.5)),
    ],
)
def test_the_same_words_for_every_model_rank_the_series_that_they_happen_to_name(
    words: tuple[str, ...], expected: tuple[float, float]
) -> None:
    """The amount is how far a model is from its base, which grows with its level whatever the aspect."""
    corpus, records = SyntheticCorpus(), []
    reader = LexiconReader(judged_names(corpus), parts=parts_of(corpus))
    for aspect in SCORED_ASPECTS:
        trials = []
        for level in range(1, 11):
            said = tuple(Claim(concept=word, amount=level + at * 1e-6) for at, word in enumerate(words))
            reading = reader.read_levels(
                ScoredExplanation(claims=said), (aspect,), corpus_aspects=corpus.aspects
            )
            trials.append(trial((level,), reading.values, read_claims=reading.claims))
        record = group_record("single_aspect", tuple(trials), group=aspect)
        records.append(record.model_copy(update={"aspects": (aspect,)}))
    (row,) = score_rows(records, scorings={"single_aspect": SCENARIOS["single_aspect"].scoring})
    shared = row.find("comparability")
    assert shared is not None
    assert (row.value, shared.value) == pytest.approx(expected)


def test_five_words_for_every_model_alarm_at_once_and_name_little() -> None:
    row = worths(row_of(lambda truth: claims(vivid=1.0, doubled=0.9, snowy=0.8, wavy=0.7, woven=0.6)))
    assert (row["false_alarms"], row["comparability"]) == (-1, 0.5)
    assert row["selection_accuracy"] == pytest.approx(1 / 6)
    assert row["claim_f1"] < 0.3
