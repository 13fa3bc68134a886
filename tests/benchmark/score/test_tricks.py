"""Tricks with words, signs, orders and amounts, read and scored as in a run: none raises a score or beats chance.

A fair explainer names seven true aspects of ten, with amounts that are about right, and one false word in two
explanations. Tricks change what it says, or say something without looking at what changed.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from statistics import fmean

import pytest
from record_makers import group_record, trial

from benchmark.parts.wording import WORLD, judged_names, parts_of
from benchmark.plan.scenarios import SCENARIOS
from benchmark.read.readers import LexiconReader
from benchmark.score.scores import ScoreRow, score_rows
from finetune.corpora.synthetic import SyntheticCorpus
from finetune.miniature.aspects import ASPECTS
from finetune.miniature.split import SCORED_ASPECTS, SCORED_PAIRS
from finexl.values import Claim, ScoredExplanation, TextExplanation

CORPUS = SyntheticCorpus()
READER = LexiconReader(judged_names(CORPUS), parts=parts_of(CORPUS))
PAIRS = SCORED_PAIRS[:6]
LATTICE = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (2, 0))
UNSCORED = tuple(name for name in ASPECTS if name not in SCORED_ASPECTS)
Said = dict[str, float]
"""Words with their amounts."""
WHAT = ("claim_f1", "top_naming", "false_alarms")
"""Scores that ask what was said."""
HOW_MUCH = ("selection_accuracy", "comparability")


@dataclass(frozen=True)
class Model:
    """All that an explainer could make use of."""

    levels: Mapping[str, int]
    """What is true; only a fair explainer may look at it."""
    id: str

    @property
    def distance(self) -> float:
        """How far it moved from its base, which everybody can see."""
        return sum(self.levels.values()) / 2

    def luck(self, seed: int = 0) -> random.Random:
        return random.Random(f"{self.id}/{seed}")


def fair(model: Model, seed: int = 0) -> Said:
    rng = model.luck(seed)
    said = {
        name: level + rng.gauss(0, 0.3)
        for name, level in model.levels.items()
        if level and rng.random() < 0.7
    }
    return said | ({rng.choice(UNSCORED): 0.5 + rng.random()} if rng.random() < 0.5 else {})


def row_of(say: Callable[[Model], Said | str]) -> ScoreRow:
    records = []
    for number, pair in enumerate(PAIRS):
        trials = []
        for truth in LATTICE:
            told = say(
                Model(dict(zip(pair, truth, strict=True)), sha256(f"{pair}{truth}".encode()).hexdigest())
            )
            explained = (
                TextExplanation(text=told)
                if isinstance(told, str)
                else ScoredExplanation(claims=tuple(Claim(concept=w, amount=a) for w, a in told.items()))
            )
            reading = READER.read_levels(explained, pair, corpus_aspects=CORPUS.aspects)
            trials.append(trial(truth, reading.values, read_claims=reading.claims))
        record = group_record("multi_aspect", tuple(trials), group=f"g{number}")
        records.append(record.model_copy(update={"aspects": pair, "certified_aspects": (True, True)}))
    (row,) = score_rows(records, scorings={"multi_aspect": SCENARIOS["multi_aspect"].scoring})
    return row


def worths(row: ScoreRow) -> dict[str, float]:
    """Scores, larger = better."""
    return {score.name: score.value * (1 if score.direction == "higher" else -1) for score in row.scores}


def with_synonyms(said: Said, model: Model) -> Said:
    return said | {word: amount for name, amount in said.items() for word in WORLD[name][:3]}


def with_disguises(said: Said, model: Model) -> Said:
    """The same words with marks that nobody sees, in wide letters, and with a letter of another script."""
    disguised = {}
    for word, amount in said.items():
        wide = "".join(chr(ord(letter) + 0xFEE0) for letter in word)
        disguised |= dict.fromkeys(
            [f"{word[0]}\u200b{word[1:]}", wide, f"{word}\ufe0f", word.replace("i", "і")], amount
        )
    return said | disguised


def with_both_signs(said: Said, model: Model) -> Said:
    return said | {f"less {word}": 0.9 * amount for word, amount in said.items()}


def with_complements(said: Said, model: Model) -> Said:
    """What it is not, in words that name nothing: "less plain" for everything."""
    return said | {"less plain": 0.4, "not ordinary": 0.3}


def with_hedges(said: Said, model: Model) -> Said:
    hedges = {word: 1e-6 * (1 + place) for place, word in enumerate(UNSCORED[:5]) if word not in said}
    return said | hedges


def with_every_word(said: Said, model: Model) -> Said:
    rest = [word for words in WORLD.values() for word in words if word not in said]
    return said | {word: 1e-6 * (1 + place / 1000) for place, word in enumerate(rest)}


def enormous(said: Said, model: Model) -> Said:
    return {word: amount * 1e300 for word, amount in said.items()}


def pairs_in_words(said: Said, model: Model) -> Said:
    """Each word beside another one, so that one of both is right."""
    return {f"{word} and {UNSCORED[place]}": amount for place, (word, amount) in enumerate(said.items())}


TRICKS = [
    with_disguises, with_both_signs, with_complements, with_hedges, with_every_word, enormous, pairs_in_words,
]  # fmt: skip
SEEDS = range(2)


@pytest.fixture(scope="module")
def before() -> dict[str, float]:
    return mean_of(fair)


def mean_of(say: Callable[[Model, int], Said]) -> dict[str, float]:
    rows = [worths(row_of(lambda model, seed=seed: say(model, seed))) for seed in SEEDS]
    return {name: fmean(row[name] for row in rows) for name in (*WHAT, *HOW_MUCH)}


@pytest.mark.parametrize("trick", TRICKS)
def test_a_trick_raises_no_score_of_a_fair_explainer(
    trick: Callable[[Said, Model], Said], before: dict[str, float]
) -> None:
    after = mean_of(lambda model, seed: trick(fair(model, seed), model))
    assert {name: after[name] for name in after if after[name] > before[name] + 1e-9} == {}


def without_what_synonyms_displace(said: Said, model: Model) -> Said:
    """The words that are still read when each has its synonyms beside it."""
    padded = [Claim(concept=word, amount=amount) for word, amount in with_synonyms(said, model).items()]
    read = READER.read_levels(ScoredExplanation(claims=tuple(padded)), (), corpus_aspects=CORPUS.aspects)
    kept = {aspect for claim in read.claims for aspect, _ in claim.aspects}
    return {word: amount for word, amount in said.items() if word in kept}


def test_synonyms_are_worth_no_more_than_leaving_away_what_they_displace(before: dict[str, float]) -> None:
    """They take the places of weaker claims, true and false: whoever does not trust these need not make them."""
    after = mean_of(lambda model, seed: with_synonyms(fair(model, seed), model))
    shorter = mean_of(lambda model, seed: without_what_synonyms_displace(fair(model, seed), model))
    assert {name: after[name] for name in WHAT if after[name] > shorter[name] + 1e-9} == {}
    assert {name: after[name] for name in HOW_MUCH if after[name] > before[name] + 1e-9} == {}


def test_everything_as_strong_as_the_strongest_claim_is_silence() -> None:
    """Equal claims are read together or not at all."""
    tied = row_of(lambda model: dict.fromkeys(ASPECTS, model.distance or 1.0))
    assert worths(tied) == worths(row_of(lambda model: {}))


def with_distance(said: Said, model: Model) -> Said:
    """The scored aspects, which are public, by tiny amounts that grow with the distance from the base."""
    hedges = {word: 1e-6 * model.distance * (1 - place / 100) for place, word in enumerate(SCORED_ASPECTS)}
    return hedges | said


def test_hedges_that_carry_the_distance_cost_more_of_what_than_they_win_of_how_much(
    before: dict[str, float],
) -> None:
    """How far a model moved is something to know; it is no knowledge of what changed."""
    after = mean_of(lambda model, seed: with_distance(fair(model, seed), model))
    lost = before["claim_f1"] - after["claim_f1"]
    assert lost > 0.2
    assert max(after[name] - before[name] for name in (*HOW_MUCH, "top_naming")) < lost / 3


def by_hash(model: Model, seed: int = 0) -> Said:
    """Amounts that are a hash of the images."""
    rng = model.luck(seed)
    return {word: rng.random() for word in rng.sample(sorted(ASPECTS), 5)}


def test_amounts_that_are_a_hash_of_the_images_score_chance() -> None:
    rows = [row_of(lambda model, seed=seed: by_hash(model, seed)) for seed in range(8)]
    for name in (*HOW_MUCH, "claim_f1", "top_naming"):
        scores = [score for row in rows if (score := row.find(name)) is not None]
        assert fmean(one.value for one in scores) == pytest.approx(scores[0].chance, abs=0.05), name


LONG = "The picture shows a house by the sea. " * 600
"""More characters than are read."""


@pytest.mark.parametrize(
    "say",
    [
        lambda model: LONG + ", ".join(name for name, level in model.levels.items() if level),
        lambda model: {"less plain": model.distance, "not ordinary": model.distance / 2},
        lambda model: dict.fromkeys(ASPECTS, model.distance * 1e300),
        lambda model: {word: model.distance * (1 + place * 1e-12) for place, word in enumerate(ASPECTS)},
        lambda model: {"v\u0456vid": model.distance, "s\u0435pia": model.distance / 2},
    ],
    ids=["beyond what is read", "complements", "enormous ties", "almost ties", "letters of another script"],
)
def test_what_says_nothing_of_the_change_beats_no_chance(say: Callable[[Model], Said | str]) -> None:
    """Of changed models nothing true is claimed; of the model that nothing was done to silence is right."""
    row = row_of(say)
    for name in HOW_MUCH:
        score = row.find(name)
        assert score is not None and score.value <= score.chance + 1e-9, name
    for name in ("claim_f1", "top_naming"):
        score = row.find(name)
        assert score is not None and score.value == pytest.approx(1 / len(LATTICE)), name
