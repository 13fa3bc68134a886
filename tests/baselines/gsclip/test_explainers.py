"""GSCLIP's selector is a SciPy test on the projections, and its lists name what was painted."""

import numpy as np
import pytest
import torch
from scipy import stats
from small_world import DICTIONARY, TRUTH, WORLD, BareWords, Captioned, CountingEncoder, Says, pairs, scores

from baselines.gsclip.explainers import GSCLIP, GSCLIPScores, GSCLIPWords, in_words
from baselines.gsclip.generators import from_language_model, rule_based
from baselines.gsclip.selector import Selected, directions, select
from baselines.paired_rows import PairedRows
from baselines.settings import GSCLIPSettings, SelectorSettings
from baselines.visdiff.explainers import NO_DIFFERENCE
from finexl.errors import InvalidInputError
from finexl.interfaces import Explainer, JointExplainer
from finexl.values import NoExplanation

RNG = np.random.default_rng(2)
ROWS = PairedRows(
    base=torch.from_numpy(RNG.normal(size=(12, 6))), personalized=torch.from_numpy(RNG.normal(size=(12, 6)))
)
TOWARDS = torch.nn.functional.normalize(torch.from_numpy(RNG.normal(size=(5, 6))), dim=1)
FIVE = rule_based(DICTIONARY[:5], GSCLIPSettings())


def explainer(kind=GSCLIP, encoder=None, vlm=WORLD.vlm, **options):
    settings = GSCLIPSettings(**{"generator": "rule", **options})
    return kind(encoder=encoder or BareWords(), vlm=vlm, dictionary=DICTIONARY, settings=settings)


def named(explanation):
    return [line.removeprefix("- ").removeprefix("extremely ") for line in explanation.text.splitlines()[1:]]


@pytest.mark.parametrize("test", ["paired", "welch"])
def test_the_selector_is_a_test_of_scipy_on_the_same_projections(test):
    a, b = ((rows @ TOWARDS.T).numpy() for rows in (ROWS.personalized, ROWS.base))
    expected = (
        stats.ttest_rel(a, b, alternative="greater")
        if test == "paired"
        else stats.ttest_ind(a, b, equal_var=False, alternative="greater")
    ).pvalue
    found = select(FIVE, ROWS, TOWARDS, settings=GSCLIPSettings(test=test, ranking="p_value"))
    by_concept = {one.candidate.concept: one.p_value for one in found}
    assert [by_concept[word] for word in DICTIONARY[:5]] == pytest.approx(list(expected))
    assert [one.p_value for one in found] == sorted(one.p_value for one in found)


def test_an_effect_is_the_mean_difference_of_the_projections():
    found = {
        one.candidate.concept: one.effect for one in select(FIVE, ROWS, TOWARDS, settings=GSCLIPSettings())
    }
    expected = ((ROWS.personalized - ROWS.base).mean(dim=0) @ TOWARDS.T).tolist()
    assert [found[word] for word in DICTIONARY[:5]] == pytest.approx(expected)


@pytest.mark.parametrize("ranking", ["effect", "p_value"])
def test_a_strong_shift_to_the_opposite_is_not_selected_first(ranking):
    rows = PairedRows(base=ROWS.base, personalized=ROWS.base - 9 * TOWARDS[0] + 0.1 * TOWARDS[1])
    settings = GSCLIPSettings(ranking=ranking)
    found = select(FIVE[:2], rows, TOWARDS[:2], settings=settings)
    assert found[-1].candidate.concept == DICTIONARY[0]


def test_neutral_directions_are_unit_vectors_from_the_mean_of_all_candidates():
    found = directions(FIVE, encoder=BareWords(), contrast="neutral")
    texts = BareWords().embed_texts([one.sentences[0] for one in FIVE]).double()
    expected = torch.nn.functional.normalize(texts - texts.mean(dim=0), dim=1)
    torch.testing.assert_close(found, expected)


def test_an_encoder_that_counts_words_cannot_see_a_negation():
    assert not directions(FIVE[:4], encoder=BareWords(), contrast="negation").any()
    assert explainer(contrast="negation").explain(pairs(**TRUTH)).text == NO_DIFFERENCE


def test_the_text_names_what_was_painted_strongest_first():
    assert named(explainer().explain(pairs(**TRUTH))) == ["vivid", "dark"]


@pytest.mark.parametrize(
    ("d", "said"),
    [
        (0.1, "barely vivid"),
        (0.6, "moderately vivid"),
        (1.9, "very vivid"),
        (float("inf"), "extremely vivid"),
    ],
)
def test_the_size_of_an_effect_is_said_by_the_usual_words(d, said):
    one = Selected(candidate=FIVE[0], effect=0.1, cohens_d=d, p_value=0.0, q_value=0.0)
    assert in_words(one, graded=True) == said
    assert in_words(one, graded=False) == "vivid"


def test_a_hypothesis_is_told_as_it_was_proposed():
    (candidate,) = from_language_model(["a very vivid photo"])
    one = Selected(candidate=candidate, effect=0.1, cohens_d=0.1, p_value=0.0, q_value=0.0)
    assert in_words(one, graded=True) == "a very vivid photo"


def test_cohens_d_is_the_effect_in_pooled_standard_deviations():
    a, b = ((rows @ TOWARDS.T).numpy() for rows in ROWS[::-1])
    expected = (a.mean(axis=0) - b.mean(axis=0)) / np.sqrt((a.var(axis=0) + b.var(axis=0)) / 2)
    found = {
        one.candidate.concept: one.cohens_d for one in select(FIVE, ROWS, TOWARDS, settings=GSCLIPSettings())
    }
    assert [found[word] for word in DICTIONARY[:5]] == pytest.approx(list(expected))


def test_a_sentence_of_both_generators_is_one_candidate():
    rules = rule_based(("vivid",), GSCLIPSettings())
    more = from_language_model(["a vivid photo", "vivid", "clutter"], besides=rules)
    assert [one.concept for one in more] == ["clutter"]


def test_the_language_model_alone_may_generate():
    guesses = Captioned("- a vivid scene\n- a grainy scene\n- a boat")
    found = explainer(vlm=guesses, generator="language_model").explain(pairs(**TRUTH))
    assert named(found) == ["a vivid scene"]


def test_a_language_model_that_sees_no_difference_is_an_answer():
    silent = Captioned("no difference")
    assert explainer(vlm=silent, generator="language_model").explain(pairs(**TRUTH)).text == NO_DIFFERENCE
    assert (
        explainer(GSCLIPScores, vlm=silent, generator="language_model").explain(pairs(**TRUTH)).claims == ()
    )


def words(**options):
    return GSCLIPWords(encoder=BareWords(), dictionary=DICTIONARY, settings=SelectorSettings(**options))


def test_words_alone_are_scored_as_the_rules_candidates_of_a_shared_list_of_one_model():
    shown = pairs(**TRUTH)
    assert scores(words().explain(shown)) == scores(explainer(GSCLIPScores).explain(shown))


def test_words_alone_follow_the_levels_and_say_nothing_where_nothing_changed():
    weak, strong = (scores(words().explain(pairs(vivid=level))) for level in (1, 3))
    assert strong["vivid"] > weak["vivid"] > 0
    assert words().explain(pairs()).claims == ()


def test_no_more_words_are_scored_than_asked_for():
    assert list(scores(words(n_top=1).explain(pairs(**TRUTH)))) == ["vivid"]


@pytest.mark.parametrize("kind", [GSCLIP, GSCLIPScores])
def test_a_language_model_that_refuses_is_a_typed_outcome_and_no_silent_fallback(kind):
    found = explainer(kind, vlm=Says(), generator="hybrid").explain(pairs(**TRUTH))
    assert isinstance(found, NoExplanation) and found.reason == "refused"


def test_scores_of_a_shared_list_follow_the_levels():
    weak, strong = explainer(GSCLIPScores).explain_jointly([pairs(vivid=1), pairs(vivid=3, dark=2)])
    assert scores(strong)["vivid"] > scores(weak)["vivid"] > 0
    assert set(scores(weak)) == set(scores(strong)) == {"vivid", "dark"}


def test_where_nothing_changed_nothing_is_named():
    assert explainer(GSCLIPScores).explain(pairs()).claims == ()


def test_no_image_and_no_text_is_embedded_twice():
    encoder = CountingEncoder()
    explainer(GSCLIPScores, encoder=encoder).explain_jointly([pairs(vivid=1), pairs(dark=2)])
    assert len(encoder.images) == len(set(encoder.images))
    assert len(encoder.texts) == len(set(encoder.texts))


def test_every_row_plays_its_role():
    assert isinstance(explainer(), Explainer)
    assert isinstance(words(), Explainer) and not isinstance(words(), JointExplainer)
    assert isinstance(explainer(GSCLIPScores), JointExplainer)


@pytest.mark.parametrize("wrong", [{"templates": ("a photo",)}, {"negations": ()}, {"n_top": 0}])
def test_settings_that_make_no_sentence_are_refused(wrong):
    with pytest.raises(InvalidInputError):
        GSCLIPSettings(**wrong)
