"""The paired margin counts prompts, and equal counts fall to the mean margin."""

import pytest
import torch
from small_world import DICTIONARY, BareWords, CountingEncoder, pairs, scores

from baselines.compcon import CompCon, paired_shares, scored
from baselines.settings import CompConSettings
from finexl.interfaces import Explainer, JointExplainer

BASE = torch.tensor([[0.1], [0.2], [0.3], [0.4]], dtype=torch.float64)
EXPLAINER = CompCon(encoder=BareWords(), dictionary=DICTIONARY)


@pytest.mark.parametrize(
    ("gains", "threshold", "share"),
    [
        ([0.3, 0.3, 0.3, 0.3], 0.0, 1.0),
        ([0.3, 0.3, 0.01, -0.3], 0.0, 0.5),  # below the margin, or less similar
        ([0.3, 0.3, 0.3, 0.3], 0.45, 0.75),  # the first image does not show it: .1 + .3 < .45
        ([0.1, 0.1, 0.1, 0.1], None, 0.75),  # the mean of the base images is .25
    ],
)
def test_a_prompt_counts_if_its_image_shows_the_word_and_more_of_it(gains, threshold, share):
    settings = CompConSettings(margin=0.05, threshold=threshold)
    personalized = BASE + torch.tensor(gains, dtype=torch.float64)[:, None]
    assert paired_shares(personalized, BASE, settings).tolist() == [share]


def test_equal_shares_fall_to_the_mean_margin_and_no_margin_outweighs_a_prompt():
    margins = torch.tensor([[0.1, 0.2, 9.0]] * 4, dtype=torch.float64)
    shares = torch.tensor([0.75, 0.75, 0.5], dtype=torch.float64)
    low, high, fewer = scored(shares, margins).tolist()
    assert high > low > fewer


def test_what_was_painted_is_named_strongest_first():
    assert list(scores(EXPLAINER.explain(pairs(vivid=3, dark=2)))) == ["vivid", "dark"]


def test_scores_follow_the_levels():
    weak, strong = (EXPLAINER.explain(shown) for shown in (pairs(vivid=1), pairs(vivid=3, dark=3)))
    assert scores(strong)["vivid"] > scores(weak)["vivid"]


def test_where_nothing_changed_nothing_is_named():
    assert EXPLAINER.explain(pairs()).claims == ()


def test_no_image_and_no_text_is_embedded_twice():
    encoder = CountingEncoder()
    CompCon(encoder=encoder, dictionary=DICTIONARY).explain(pairs(vivid=1))
    assert len(encoder.images) == len(set(encoder.images))
    assert len(encoder.texts) == len(set(encoder.texts))


def test_it_plays_its_role():
    assert isinstance(EXPLAINER, Explainer) and not isinstance(EXPLAINER, JointExplainer)
