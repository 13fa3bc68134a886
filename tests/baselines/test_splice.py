"""SpLiCE's weights are those of a naive solver, its dictionary is centred, and levels survive."""

import numpy as np
import pytest
import torch
from small_world import DICTIONARY, WORLD, BareWords, CountingEncoder, pairs, scores

from baselines.settings import SpLiCESettings
from baselines.splice import SpLiCE, centred_dictionary
from finexl.errors import InvalidInputError
from finexl.interfaces import Explainer, JointExplainer

EXPLAINER = SpLiCE(encoder=BareWords(), dictionary=DICTIONARY)


def coordinate_descent(rows, target, *, penalty, sweeps=2000):
    """The w >= 0 of least |target - sum w_i row_i|^2 + penalty * sum w_i, one weight after the other."""
    weights = np.zeros(len(rows))
    for _ in range(sweeps):
        for i, row in enumerate(rows):
            pull = row @ (target - weights @ rows) - penalty / 2
            weights[i] = max(0.0, weights[i] + pull / (row @ row))
    return weights


@pytest.mark.parametrize("penalty", [0.04, 0.25, 0.4])
def test_weights_solve_the_published_problem_for_the_direction_of_the_shift(penalty):
    shown = pairs(vivid=3, dark=2)
    words = centred_dictionary(DICTIONARY, encoder=BareWords()).numpy()
    shift = (BareWords().embed_images(shown.personalized) - BareWords().embed_images(shown.base)).double()
    shift = shift.mean(dim=0).numpy()
    length = np.linalg.norm(shift)
    weights = coordinate_descent(words, shift / length, penalty=penalty) * length
    expected = dict(zip(DICTIONARY, weights, strict=True))
    explainer = SpLiCE(encoder=BareWords(), dictionary=DICTIONARY, settings=SpLiCESettings(penalty=penalty))
    found = scores(explainer.explain(shown))
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
    once, twice = (EXPLAINER.explain(shown) for shown in (pairs(vivid=2, dark=1), pairs(vivid=4, dark=2)))
    assert scores(twice) == pytest.approx({word: 2 * weight for word, weight in scores(once).items()})


def test_where_nothing_changed_there_is_no_weight():
    assert EXPLAINER.explain(pairs()).claims == ()


def test_a_large_penalty_leaves_fewer_words():
    strict = SpLiCE(encoder=BareWords(), dictionary=DICTIONARY, settings=SpLiCESettings(penalty=1.0))
    assert list(scores(strict.explain(pairs(vivid=3, dark=1)))) == ["vivid"]


def test_no_image_and_no_text_is_embedded_twice():
    encoder = CountingEncoder()
    explainer = SpLiCE(encoder=encoder, dictionary=DICTIONARY)
    explainer.explain(pairs(vivid=1))
    assert len(encoder.images) == len(set(encoder.images)) == 2 * len(WORLD.prompts)
    assert len(encoder.texts) == len(set(encoder.texts))


def test_it_plays_its_role():
    assert isinstance(EXPLAINER, Explainer) and not isinstance(EXPLAINER, JointExplainer)


@pytest.mark.parametrize("penalty", [0.0, -1.0, float("nan")])
def test_a_penalty_that_is_none_is_refused(penalty):
    with pytest.raises(InvalidInputError, match="penalty"):
        SpLiCESettings(penalty=penalty)
