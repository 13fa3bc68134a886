"""The explainer around the arithmetic: words from a dictionary and a model that is asked no more than needed."""

import math

import pytest
from pytest import approx

from finexl.errors import InvalidInputError
from finexl.explanation import Verdict
from finexl.interfaces import Explainer, NoReply, Reply
from finexl.robust import FineXL, RobustSettings, look_words
from finexl.toy import ToyWorld
from finexl.values import ImagePairs, NoExplanation, ScoredExplanation

WORLD = ToyWorld(prompts=tuple(f"a boat number {number}" for number in range(24)))
CHANGED = WORLD.pairs(levels={"vivid": 3, "abstract": 1.5})


class Says:
    """A model that gives one answer to every question, and counts them."""

    id = "says"

    def __init__(self, answer):
        self.answer, self.n_asked = answer, 0

    def ask(self, questions):
        self.n_asked += len(questions)
        return tuple(self.answer for _ in questions)


def scores(explanation):
    assert isinstance(explanation, ScoredExplanation)
    return {claim.concept: claim.amount for claim in explanation.claims}


def test_words_of_the_dictionary_and_of_the_model_explain_together():
    explainer = FineXL(encoder=WORLD.encoder, vlm=WORLD.vlm, dictionary=("vivid", "dark"))
    assert scores(explainer.explain(CHANGED)) == approx({"vivid": 3.0, "abstract": 1.5})


def test_a_dictionary_alone_is_enough():
    explainer = FineXL(encoder=WORLD.encoder, dictionary=WORLD.aspects)
    assert scores(explainer.explain(CHANGED)) == approx({"vivid": 3.0, "abstract": 1.5})


def test_a_model_that_adds_no_new_word_is_asked_in_one_more_round_and_no_further():
    vlm = Says(Reply(text="vivid, abstract"))
    FineXL(encoder=WORLD.encoder, vlm=vlm, settings=RobustSettings(pairs_per_round=4)).explain(CHANGED)
    assert vlm.n_asked == 8


def test_a_model_is_never_asked_about_more_pairs_than_the_settings_say():
    class Inventive(Says):
        def ask(self, questions):
            self.n_asked += len(questions)
            return tuple(Reply(text=f"hue{self.n_asked}{i}") for i in range(len(questions)))

    vlm = Inventive(None)
    FineXL(encoder=WORLD.encoder, vlm=vlm, settings=RobustSettings(n_vlm_pairs=10)).explain(CHANGED)
    assert vlm.n_asked == 10


def test_nobody_is_asked_about_images_that_are_the_same():
    vlm = Says(Reply(text="vivid"))
    found = FineXL(encoder=WORLD.encoder, vlm=vlm).explanation(WORLD.pairs(levels={}))
    assert vlm.n_asked == 0 and found.verdict is Verdict.UNCHANGED and found.claims == ()


def test_a_model_that_refuses_costs_only_its_words():
    refuses = Says(NoReply(reason="refused"))
    explainer = FineXL(encoder=WORLD.encoder, vlm=refuses, dictionary=("vivid", "abstract"))
    assert scores(explainer.explain(CHANGED)) == approx({"vivid": 3.0, "abstract": 1.5})


def test_without_dictionary_a_model_that_refuses_is_a_typed_failure():
    explainer = FineXL(encoder=WORLD.encoder, vlm=Says(NoReply(reason="refused")), dictionary=())
    found = explainer.explain(CHANGED)
    assert isinstance(found, NoExplanation) and found.reason == "refused"


def test_shuffled_pairs_get_the_same_answer():
    order = [7, 3, 11, *range(3), *range(4, 7), *range(8, 11), *range(12, 24)]
    shuffled = ImagePairs(
        prompts=tuple(CHANGED.prompts[i] for i in order),
        base=[CHANGED.base[i] for i in order],
        personalized=[CHANGED.personalized[i] for i in order],
    )
    explainer = FineXL(encoder=WORLD.encoder, vlm=WORLD.vlm, dictionary=("vivid", "dark"))
    assert scores(explainer.explain(shuffled)) == approx(scores(explainer.explain(CHANGED)))


def test_it_is_an_explainer():
    assert isinstance(FineXL(encoder=WORLD.encoder), Explainer)


def test_the_shipped_words_are_different_and_many():
    assert len(look_words()) >= 300 and len(set(look_words())) == len(look_words())


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("dictionary", ["vivid", None, (1, 2), ("vivid", ""), (word for word in ("vivid",))])
def test_a_dictionary_that_is_no_list_of_words_is_refused(dictionary):
    with pytest.raises(InvalidInputError, match="`dictionary` must"):
        FineXL(encoder=WORLD.encoder, dictionary=dictionary)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"false_discovery_rate": 1e-15}, "`false_discovery_rate` must be at least 1e-06. Got 1e-15"),
        ({"relevant_amount": 0.004}, "`relevant_amount` must be larger than `least_visible`"),
        ({"least_visible": 0.5}, "Got 0.1 and 0.5"),
        ({"emphasis": math.nan}, "`emphasis` must be a finite number of at least 0. Got nan"),
        ({"unseen_cost": math.inf}, "`unseen_cost` must be a finite number of at least 1. Got inf"),
        ({"n_flips": 1.5}, "`n_flips` must be a whole number of at least 1. Got 1.5"),
        ({"n_vlm_pairs": -1}, "`n_vlm_pairs` must be a whole number of at least 0. Got -1"),
    ],
)
def test_settings_that_nothing_could_meet_are_refused(settings: dict[str, float], complaint: str):
    with pytest.raises(InvalidInputError, match=complaint):
        RobustSettings(**settings)  # type: ignore[arg-type]  # numbers by name
