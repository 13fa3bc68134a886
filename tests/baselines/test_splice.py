"""SpLiCE's weights are scikit-learn's, its dictionary is centred, and levels survive."""

import numpy as np
import pytest
import torch
from rival_world import DICTIONARY, WORLD, BareWords, CountingEncoder, pairs, scores
from sklearn.linear_model import Lasso

from baselines.nonnegative_lasso import nonnegative_lasso
from baselines.settings import SpLiCESettings
from baselines.splice import SpLiCE, centred_dictionary
from finexl.errors import InvalidInputError
from finexl.interfaces import JointExplainer

EXPLAINER = SpLiCE(encoder=BareWords(), dictionary=DICTIONARY)


@pytest.mark.parametrize("n_words", [12, 60], ids=["fewer words than numbers", "more words than numbers"])
@pytest.mark.parametrize("penalty", [0.02, 0.2])
def test_weights_are_those_of_scikit_learn_on_the_same_problem(n_words, penalty):
    rng = np.random.default_rng(n_words)
    rows = rng.normal(size=(n_words, 24))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    target = np.abs(rng.normal(size=n_words)) @ rows
    target /= np.linalg.norm(target)
    lasso = Lasso(alpha=penalty / 24, positive=True, fit_intercept=False, tol=1e-12, max_iter=100_000)
    expected = lasso.fit(rows.T, target).coef_
    assert nonnegative_lasso(rows, target, penalty=penalty) == pytest.approx(expected, abs=1e-6)


def test_the_explainer_poses_the_published_problem_for_the_direction_of_the_shift():
    shown = pairs(vivid=3, dark=2)
    words = centred_dictionary(DICTIONARY, encoder=BareWords()).numpy()
    shift = (BareWords().embed_images(shown.personalized) - BareWords().embed_images(shown.base)).double()
    shift = shift.mean(dim=0).numpy()
    length = np.linalg.norm(shift)
    alpha = SpLiCESettings().penalty / (2 * words.shape[1])  # as the authors hand it to scikit-learn
    lasso = Lasso(alpha=alpha, positive=True, fit_intercept=False, tol=1e-12, max_iter=100_000)
    expected = dict(zip(DICTIONARY, lasso.fit(words.T, shift / length).coef_ * length, strict=True))
    found = scores(EXPLAINER.explain(shown))
    assert found == pytest.approx({word: expected[word] for word in found}, abs=1e-6)
    assert sorted(found) == sorted(word for word in DICTIONARY if expected[word] > 1e-9)


def test_the_dictionary_is_centred_and_of_unit_length():
    words = centred_dictionary(DICTIONARY, encoder=BareWords())
    raw = torch.nn.functional.normalize(BareWords().embed_texts(DICTIONARY).double(), dim=1)
    expected = torch.nn.functional.normalize(raw - raw.mean(dim=0), dim=1)
    torch.testing.assert_close(words, expected)


def test_what_was_painted_has_all_the_weight():
    found = scores(EXPLAINER.explain(pairs(vivid=3, dark=1)))
    assert list(found) == ["vivid", "dark"]
    assert found["vivid"] > found["dark"] > 0


def test_twice_the_shift_has_twice_the_weights():
    once, twice = EXPLAINER.explain_jointly([pairs(vivid=2, dark=1), pairs(vivid=4, dark=2)])
    assert scores(twice) == pytest.approx({word: 2 * weight for word, weight in scores(once).items()})


def test_a_word_of_one_model_is_scored_for_all():
    first, second = EXPLAINER.explain_jointly([pairs(vivid=2), pairs(grainy=2)])
    assert scores(first)["grainy"] == scores(second)["vivid"] == 0.0


def test_where_nothing_changed_there_is_no_weight():
    assert EXPLAINER.explain(pairs()).concepts == ()


def test_a_large_penalty_leaves_fewer_words():
    strict = SpLiCE(encoder=BareWords(), dictionary=DICTIONARY, settings=SpLiCESettings(penalty=1.0))
    assert list(scores(strict.explain(pairs(vivid=3, dark=1)))) == ["vivid"]


def test_no_image_and_no_text_is_embedded_twice():
    encoder = CountingEncoder()
    explainer = SpLiCE(encoder=encoder, dictionary=DICTIONARY)
    explainer.explain_jointly([pairs(vivid=1), pairs(dark=2)])
    assert len(encoder.images) == len(set(encoder.images)) == 3 * len(WORLD.prompts)
    assert len(encoder.texts) == len(set(encoder.texts))


def test_it_plays_its_role():
    assert isinstance(EXPLAINER, JointExplainer)


@pytest.mark.parametrize("penalty", [0.0, -1.0, float("nan")])
def test_a_penalty_that_is_none_is_refused(penalty):
    with pytest.raises(InvalidInputError, match="penalty"):
        SpLiCESettings(penalty=penalty)
    with pytest.raises(InvalidInputError, match="penalty"):
        nonnegative_lasso(np.eye(2), np.ones(2), penalty=penalty)
