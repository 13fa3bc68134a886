"""VisDiff's ranking is scikit-learn's AUROC, and ties fall to the paired mean difference."""

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score
from small_world import DICTIONARY, WORLD, pairs

from baselines.paired_rows import paired_rows
from baselines.visdiff.ranking import auroc, rank

RNG = np.random.default_rng(1)


@pytest.mark.parametrize("decimals", [1, 8], ids=["with ties", "without ties"])
def test_the_area_is_that_of_scikit_learn(decimals):
    positive, negative = (RNG.normal(shift, 1.0, (9, 5)).round(decimals) for shift in (0.4, 0.0))
    expected = [
        roc_auc_score([1] * 9 + [0] * 9, np.concatenate([positive[:, i], negative[:, i]])) for i in range(5)
    ]
    assert auroc(positive, negative) == pytest.approx(expected)


def test_the_ranking_of_hypotheses_is_that_of_scikit_learn_on_the_same_embeddings():
    rows = paired_rows(pairs(vivid=3, dark=1), encoder=WORLD.encoder)
    texts = WORLD.encoder.embed_texts(DICTIONARY).double()
    personalized, base = ((images @ texts.T).numpy() for images in (rows.personalized, rows.base))
    ranked = rank(DICTIONARY, personalized, base)
    labels = [1] * len(personalized) + [0] * len(base)
    expected = {
        word: roc_auc_score(labels, np.concatenate([personalized[:, i], base[:, i]]))
        for i, word in enumerate(DICTIONARY)
    }
    assert {one.hypothesis: one.auroc for one in ranked} == pytest.approx(expected)
    assert [one.auroc for one in ranked] == sorted(expected.values(), reverse=True)


def test_where_areas_tie_the_larger_paired_difference_comes_first():
    base = np.zeros((4, 2))
    ranked = rank(["weak", "strong"], base + np.array([1.0, 2.0]), base)
    assert [one.hypothesis for one in ranked] == ["strong", "weak"]
    assert ranked[0].auroc == ranked[1].auroc == 1.0
    assert ranked[0].score > ranked[1].score


def test_a_mean_difference_never_outweighs_a_step_of_the_area():
    base = np.linspace(0.0, 1.0, 6)[:, None]
    lower, higher = base.copy(), base.copy()
    lower[0] += 1e6  # a huge mean difference
    lower[1:] -= 1e-9
    higher += 1e-9  # every image above its own base image by a hair
    (one,), (other,) = rank(["h"], lower, base), rank(["h"], higher, base)
    assert (one.auroc < other.auroc) == (one.score < other.score)
    assert one.mean_difference > other.mean_difference


def test_opposite_evidence_has_the_opposite_score():
    a, b = RNG.normal(size=(5, 1)), RNG.normal(size=(5, 1))
    (one,), (other,) = rank(["h"], a, b), rank(["h"], b, a)
    assert one.score == pytest.approx(-other.score)


def test_rows_of_pairs_are_base_and_personalized():
    rows = paired_rows(pairs(vivid=3), encoder=WORLD.encoder)
    assert torch.equal(rows.shifts.mean(dim=0)[4:], torch.tensor([3.0, 0, 0, 0], dtype=torch.float64))
