"""Control rows know nothing, and know it the same way every time."""

import pytest
from scipy import stats

from baselines.controls import ConstantScores, DivergenceNorm, EveryWord, RandomScores
from finexl.errors import InvalidInputError
from finexl.interfaces import Explainer
from finexl.toy import ToyWorld
from finexl.values import ImagePairs

WORLD = ToyWorld()
CONCEPTS = ("vivid", "dark")


def scores(explainer, pairs):
    return {claim.concept: claim.amount for claim in explainer.explain(pairs).claims}


def pairs(id="toy", **levels):
    return WORLD.pairs(levels=levels, id=id)


def test_random_scores_depend_on_the_id_and_not_on_the_images():
    explainer = RandomScores(concepts=CONCEPTS, seed=0)
    assert scores(explainer, pairs("a", vivid=1)) == scores(explainer, pairs("a", dark=9))
    assert scores(explainer, pairs("a")) != scores(explainer, pairs("b"))


def test_random_scores_depend_on_the_seed():
    one, other = (RandomScores(concepts=CONCEPTS, seed=seed) for seed in (0, 1))
    assert scores(one, pairs()) != scores(other, pairs())


def test_random_scores_do_not_depend_on_the_order_of_concepts():
    there, back = RandomScores(concepts=CONCEPTS, seed=0), RandomScores(concepts=CONCEPTS[::-1], seed=0)
    assert scores(there, pairs()) == scores(back, pairs())


def test_random_scores_are_uniform():
    explainer, shown = RandomScores(concepts=("vivid",), seed=0), pairs()
    drawn = [
        scores(
            explainer, ImagePairs(prompts=shown.prompts, base=shown.base, personalized=shown.base, id=f"{i}")
        )["vivid"]
        for i in range(1000)
    ]
    assert stats.kstest(drawn, "uniform").pvalue > 0.01


def test_constant_scores_are_the_same_for_every_model():
    explainer = ConstantScores(concepts=CONCEPTS)
    assert (
        scores(explainer, pairs("a", vivid=1)) == scores(explainer, pairs("b")) == {"vivid": 1.0, "dark": 1.0}
    )


def test_the_divergence_norm_is_the_length_of_the_divergence():
    explainer = DivergenceNorm(encoder=WORLD.encoder, concepts=CONCEPTS)
    assert scores(explainer, pairs(vivid=3, dark=4)) == pytest.approx({"vivid": 5.0, "dark": 5.0})


def test_every_word_is_claimed_by_its_projection():
    explainer = EveryWord(encoder=WORLD.encoder, dictionary=("grainy", "boat", *CONCEPTS))
    found = scores(explainer, pairs(vivid=3, dark=4))
    assert list(found)[:2] == ["dark", "vivid"]
    assert found == pytest.approx({"vivid": 3.0, "dark": 4.0, "grainy": 0.0, "boat": 0.0}, abs=1e-9)


def test_every_word_claims_less_of_what_was_taken_away():
    shown = WORLD.pairs(levels={}, base_levels={"vivid": 2})
    assert scores(EveryWord(encoder=WORLD.encoder, dictionary=CONCEPTS), shown)["vivid"] == pytest.approx(-2)


def test_every_word_claims_nothing_where_nothing_changed():
    assert EveryWord(encoder=WORLD.encoder, dictionary=CONCEPTS).explain(pairs()).claims == ()


@pytest.mark.parametrize("concepts", [(), ("vivid", "vivid")])
def test_a_vocabulary_without_names_or_with_repeats_is_refused(concepts):
    with pytest.raises(InvalidInputError, match="concepts"):
        ConstantScores(concepts=concepts)


@pytest.mark.parametrize(
    "explainer",
    [
        RandomScores(concepts=CONCEPTS, seed=0),
        ConstantScores(concepts=CONCEPTS),
        DivergenceNorm(encoder=WORLD.encoder, concepts=CONCEPTS),
        EveryWord(encoder=WORLD.encoder, dictionary=CONCEPTS),
    ],
)
def test_a_control_is_an_explainer(explainer):
    assert isinstance(explainer, Explainer)
