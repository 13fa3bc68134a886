"""TextSpan's deflation agrees with one in plain NumPy, and takes out what it found."""

import numpy as np
import pytest
import torch
from small_world import DICTIONARY, WORLD, BareWords, CountingEncoder, pairs, scores

from baselines.settings import TextSpanSettings
from baselines.textspan import TextSpan, deflate
from finexl.interfaces import Explainer
from finexl.values import ImagePairs

RNG = np.random.default_rng(3)
DATA, TEXTS = RNG.normal(0.3, 1.0, (20, 12)), RNG.normal(size=(15, 12))
EXPLAINER = TextSpan(encoder=BareWords(), dictionary=DICTIONARY)


def deflated_in_numpy(data, texts, *, rank, n, centre):
    """Texts by the spread of their projections, each projected out by an explicit matrix."""
    _, _, v = np.linalg.svd(data)
    texts = texts @ (v[:rank].T @ v[:rank])
    data = data - data.mean(axis=0) if centre else data
    order = []
    for _ in range(n):
        spreads = np.sqrt(np.mean((data @ texts.T) ** 2, axis=0))
        best = int(np.argmax(spreads))
        order.append(best)
        u = texts[best] / np.linalg.norm(texts[best])
        without = np.eye(len(u)) - np.outer(u, u)
        data, texts = data @ without, texts @ without
    return order


@pytest.mark.parametrize("centre", [True, False])
@pytest.mark.parametrize("rank", [6, 80])
def test_texts_are_found_in_the_order_of_plain_numpy(rank, centre):
    settings = TextSpanSettings(n_texts=5, rank=rank, centre_data=centre, signed=False)
    found = deflate(torch.from_numpy(DATA), torch.from_numpy(TEXTS), settings=settings)
    expected = deflated_in_numpy(DATA, TEXTS, rank=min(rank, 12), n=5, centre=centre)
    assert [one.index for one in found] == expected


def test_no_more_texts_are_found_than_the_data_have_directions():
    settings = TextSpanSettings(n_texts=15, rank=4, signed=False)
    assert len(deflate(torch.from_numpy(DATA), torch.from_numpy(TEXTS), settings=settings)) == 4


@pytest.mark.parametrize("rank", [2, 80])
def test_directions_in_which_no_image_differs_are_left_out_whatever_the_rank(rank):
    rows = torch.tensor([[3.0, 0.0, 0, 0], [0.0, 1.0, 0, 0], [0.0, 1.0, 0, 0]], dtype=torch.float64)
    text = torch.tensor([[0.6, 0.0, 0.48, 0.64]], dtype=torch.float64)  # most of it where no image differs
    (found,) = deflate(rows, text, settings=TextSpanSettings(n_texts=1, rank=rank))
    assert found.shift == pytest.approx(1.0)  # along what is left of it, the first direction


def test_directions_of_what_was_found_explain_all_of_the_span():
    settings = TextSpanSettings(n_texts=12, signed=False)
    found = deflate(torch.from_numpy(DATA), torch.from_numpy(TEXTS), settings=settings)
    assert sum(one.spread**2 for one in found) * len(DATA) == pytest.approx((DATA**2).sum())


def test_a_text_that_the_shift_points_away_from_is_found_only_without_sign():
    rows = torch.tensor([[-2.0, 1.0], [-2.0, 1.1]], dtype=torch.float64)
    texts = torch.eye(2, dtype=torch.float64)
    signed = deflate(rows, texts, settings=TextSpanSettings(n_texts=1))
    unsigned = deflate(rows, texts, settings=TextSpanSettings(n_texts=1, signed=False))
    assert ([one.index for one in signed], [one.index for one in unsigned]) == ([1], [0])
    assert unsigned[0].shift == pytest.approx(-2.0)


def test_what_was_painted_for_different_prompts_is_found_strongest_first():
    vivid, dark = pairs(vivid=3), pairs(dark=1)
    both = ImagePairs(
        prompts=vivid.prompts + dark.prompts,
        base=[*vivid.base, *dark.base],
        personalized=[*vivid.personalized, *dark.personalized],
    )
    found = scores(EXPLAINER.explain(both))
    assert list(found) == ["vivid", "dark"]
    assert found["vivid"] > found["dark"] > 0


def test_scores_follow_the_level():
    found = [scores(EXPLAINER.explain(pairs(vivid=level)))["vivid"] for level in (1, 2, 4)]
    assert found == pytest.approx([found[0], 2 * found[0], 4 * found[0]])


def test_where_nothing_changed_nothing_is_found():
    explanation = EXPLAINER.explain(pairs())
    assert (explanation.claims, explanation.residual) == ((), 0.0)


def test_no_image_and_no_text_is_embedded_twice():
    encoder = CountingEncoder()
    TextSpan(encoder=encoder, dictionary=DICTIONARY).explain(pairs(vivid=1))
    assert len(encoder.images) == len(set(encoder.images)) == 2 * len(WORLD.prompts)
    assert len(encoder.texts) == len(set(encoder.texts))


def test_it_plays_its_role():
    assert isinstance(EXPLAINER, Explainer)
