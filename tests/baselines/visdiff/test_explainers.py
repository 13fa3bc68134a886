"""VisDiff finds what was painted, says it in words, and scores it on a list shared by the models."""

import pytest
from small_world import DICTIONARY, WORLD, Captioned, CountingEncoder, Says, pairs, scores

from baselines.settings import VisDiffSettings
from baselines.visdiff.explainers import NO_DIFFERENCE, VisDiff, VisDiffAUROC, VisDiffWords
from finexl.errors import InvalidInputError
from finexl.interfaces import Explainer, JointExplainer
from finexl.values import NoExplanation, TextExplanation

GUESSES = Captioned("- grainy\n- dark\n- vivid\n- a boat")


def text(vlm=WORLD.vlm, shown=None, **options):
    settings = VisDiffSettings(**options)
    explainer = VisDiff(encoder=WORLD.encoder, vlm=vlm, settings=settings)
    explanation = explainer.explain(shown or pairs(vivid=3, dark=1))
    assert isinstance(explanation, TextExplanation)
    return explanation.text


def joint(*group, vlm=WORLD.vlm, encoder=WORLD.encoder):
    return VisDiffAUROC(encoder=encoder, vlm=vlm).explain_jointly(group)


def test_the_text_names_what_was_painted_strongest_first():
    assert text().splitlines()[1:] == ["- vivid", "- dark"]


def test_hypotheses_that_no_image_supports_are_left_out():
    assert set(text(GUESSES).splitlines()[1:]) == {"- vivid", "- dark"}


def test_without_control_of_false_discoveries_only_those_that_are_truer_remain():
    assert "grainy" not in text(GUESSES, false_discovery_rate=1.0)


def test_no_more_hypotheses_are_named_than_asked_for():
    assert text(n_top=1).splitlines()[1:] == ["- vivid"]


def test_where_nothing_changed_the_text_says_so():
    assert text(GUESSES, pairs()) == NO_DIFFERENCE


def test_scores_of_a_shared_list_follow_the_levels():
    weak, strong = joint(pairs(vivid=1), pairs(vivid=9, dark=2))
    assert scores(strong)["vivid"] > scores(weak)["vivid"] > 0
    assert scores(strong)["dark"] > scores(weak)["dark"]


def test_every_model_is_scored_on_the_same_list():
    first, second = joint(pairs(vivid=1), pairs(dark=2))
    assert set(scores(first)) == set(scores(second)) == {"vivid", "dark"}


def test_the_order_of_the_models_does_not_matter():
    group = (pairs(vivid=1), pairs(dark=2), pairs(vivid=2, grainy=3))
    assert joint(*group[::-1]) == joint(*group)[::-1]


def test_no_image_and_no_text_is_embedded_twice():
    encoder = CountingEncoder()
    joint(pairs(vivid=1), pairs(dark=2), encoder=encoder)
    assert len(encoder.images) == len(set(encoder.images))
    assert len(encoder.texts) == len(set(encoder.texts))


@pytest.mark.parametrize("explainer", [VisDiff, VisDiffAUROC])
def test_a_vlm_that_sees_no_difference_is_an_answer(explainer):
    silent = explainer(encoder=WORLD.encoder, vlm=Captioned("no difference"))
    explanation = silent.explain(pairs(vivid=1))
    assert not isinstance(explanation, NoExplanation)
    assert not explanation.claims if explainer is VisDiffAUROC else explanation.text == NO_DIFFERENCE


def words(shown):
    return scores(VisDiffWords(encoder=WORLD.encoder, dictionary=DICTIONARY).explain(shown))


def test_words_alone_get_the_auroc_that_a_hypothesis_gets():
    shown = pairs(vivid=3, dark=1)
    (guessed,) = joint(shown, vlm=Captioned("- vivid\n- dark"))
    assert words(shown) == pytest.approx(scores(guessed))


def test_words_alone_say_nothing_where_nothing_changed():
    assert words(pairs()) == {}


@pytest.mark.parametrize("explainer", [VisDiff, VisDiffAUROC])
def test_a_vlm_that_refuses_is_a_typed_outcome(explainer):
    explanation = explainer(encoder=WORLD.encoder, vlm=Says()).explain(pairs(vivid=1))
    assert isinstance(explanation, NoExplanation) and explanation.reason == "refused"


def test_every_row_plays_its_role():
    alone = VisDiffWords(encoder=WORLD.encoder, dictionary=DICTIONARY)
    assert isinstance(alone, Explainer) and not isinstance(alone, JointExplainer)
    assert isinstance(VisDiff(encoder=WORLD.encoder, vlm=WORLD.vlm), Explainer)
    assert isinstance(VisDiffAUROC(encoder=WORLD.encoder, vlm=WORLD.vlm), JointExplainer)


def test_a_rate_of_false_discoveries_beyond_one_is_refused():
    with pytest.raises(InvalidInputError, match="false_discovery_rate"):
        VisDiffSettings(false_discovery_rate=1.5)
