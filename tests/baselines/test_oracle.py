"""The ceilings: exact in the toy world, and the probe agrees with scikit-learn."""

from itertools import permutations
from typing import get_args

import numpy as np
import pytest
import torch
from pytest import approx
from sklearn.linear_model import Ridge

from baselines.oracle import OracleConcepts, OracleProbe, fit_probe
from finexl.divergence import divergence
from finexl.errors import InvalidInputError
from finexl.interfaces import Explainer
from finexl.settings import FineXLSettings, Order
from finexl.toy import ToyWorld

WORLD = ToyWorld()
PAIRS = WORLD.pairs(levels={"vivid": 3, "dark": 1})


def scores(explanation):
    return {claim.concept: claim.amount for claim in explanation.claims}


def toy_probe():
    levels = [
        dict(zip(WORLD.aspects, row, strict=True))
        for row in ([1, 0, 0, 0], [0, 2, 0, 1], [0, 1, 3, 0], [1, 1, 1, 1])
    ]
    shifts = torch.stack([divergence(WORLD.pairs(levels=each), encoder=WORLD.encoder) for each in levels])
    strengths = torch.tensor([list(each.values()) for each in levels], dtype=torch.float64)
    return fit_probe(shifts, strengths, ridge=1e-9)


def test_given_concepts_are_scored_by_their_levels():
    explainer = OracleConcepts(
        encoder=WORLD.encoder, concepts=WORLD.aspects, settings=FineXLSettings(e_decomp=1e-6)
    )
    assert {
        name: score for name, score in scores(explainer.explain(PAIRS)).items() if score > 1e-9
    } == approx({"vivid": 3.0, "dark": 1.0})


@pytest.mark.parametrize("order", get_args(Order))
def test_the_order_of_the_names_does_not_matter(order):
    names = ("vivid", "vibrant", "dark", "grainy")
    skewed = ToyWorld(aspects=names, directions=((5, 0, 0), (4, 3, 0), (0, 0, 5), (3, 0, 4)))
    shown, settings = skewed.pairs(levels={"vivid": 2, "dark": 1}), FineXLSettings(order=order, e_decomp=0.0)
    said = {
        repr(OracleConcepts(encoder=skewed.encoder, concepts=told, settings=settings).explain(shown))
        for told in permutations(names)
    }
    assert len(said) == 1


@pytest.mark.parametrize("ridge", [0.01, 1.0, 100.0])
def test_the_probe_is_the_ridge_regression_of_scikit_learn(ridge):
    rng = np.random.default_rng(0)
    shifts, strengths = rng.normal(size=(30, 8)), rng.normal(size=(30, 3))
    expected = Ridge(alpha=ridge, fit_intercept=False).fit(shifts, strengths).coef_.T
    fitted = fit_probe(torch.from_numpy(shifts), torch.from_numpy(strengths), ridge=ridge)
    assert fitted.numpy() == approx(expected)


def test_a_probe_fitted_to_levels_reads_levels():
    explainer = OracleProbe(encoder=WORLD.encoder, probe=toy_probe(), concepts=WORLD.aspects)
    assert scores(explainer.explain(PAIRS)) == approx({"vivid": 3, "dark": 1}, abs=1e-6)


def test_what_is_below_a_fifth_of_the_strongest_is_not_claimed():
    explainer = OracleProbe(encoder=WORLD.encoder, probe=toy_probe(), concepts=WORLD.aspects)
    assert scores(explainer.explain(WORLD.pairs(levels={"vivid": 6, "dark": 1}))) == approx({"vivid": 6})


def test_no_shift_means_no_claim():
    explainer = OracleProbe(encoder=WORLD.encoder, probe=toy_probe(), concepts=WORLD.aspects)
    assert scores(explainer.explain(WORLD.pairs(levels={}))) == {}


def test_a_probe_needs_a_column_per_concept():
    with pytest.raises(InvalidInputError, match="one column"):
        OracleProbe(encoder=WORLD.encoder, probe=toy_probe(), concepts=("vivid",))


def test_a_probe_of_another_encoder_is_refused():
    weights = torch.zeros(3, 1, dtype=torch.float64)
    with pytest.raises(InvalidInputError, match="Fit the probe with the encoder"):
        OracleProbe(encoder=WORLD.encoder, probe=weights, concepts=("vivid",)).explain(PAIRS)


def test_a_probe_without_ridge_is_refused():
    with pytest.raises(InvalidInputError, match="ridge"):
        fit_probe(torch.zeros(2, 3, dtype=torch.float64), torch.zeros(2, 1, dtype=torch.float64), ridge=0.0)


def test_the_ceilings_are_explainers():
    assert isinstance(OracleConcepts(encoder=WORLD.encoder, concepts=("vivid",)), Explainer)
    assert isinstance(
        OracleProbe(encoder=WORLD.encoder, probe=toy_probe(), concepts=WORLD.aspects), Explainer
    )
