"""A tiny Chg2Cap learns a handful of pairs by heart."""

from dataclasses import replace
from pathlib import Path

import torch
from tiny_pairs import CAPTIONS, CHG2CAP, PREPROCESSING, tiny_pairs

from baselines.captioning.rates import Cosine, Halved
from baselines.captioning.training import TrainingSettings
from baselines.chg2cap.model import FIRST, Chg2Cap
from baselines.chg2cap.stage import published_settings, train_chg2cap, vocabulary_of

PAIRS = tiny_pairs()
SETTINGS = TrainingSettings(
    steps=150, batch_size=16, learning_rate=1e-2, rate=Cosine(warmup_steps=10), gradient_clip=1.0
)


def trained(folder: Path, steps: int) -> Chg2Cap:
    torch.manual_seed(0)
    model = Chg2Cap(CHG2CAP, vocabulary_of(PAIRS))
    settings = replace(SETTINGS, steps=steps)
    train_chg2cap(model, PAIRS, preprocessing=PREPROCESSING, settings=settings, folder=folder)
    return model


def test_it_learns_a_handful_of_pairs_by_heart(tmp_path: Path) -> None:
    model = trained(tmp_path, SETTINGS.steps)
    images = (PREPROCESSING.standardised(torch.from_numpy(x)) for x in (PAIRS.base, PAIRS.personalized))
    said = model.caption(*images)
    assert sum(a == b for a, b in zip(said, CAPTIONS, strict=True)) >= 7


def test_words_that_are_rare_are_no_words_of_the_published_size() -> None:
    assert {"striped", "slightly"} <= set(vocabulary_of(PAIRS).words)
    assert vocabulary_of(PAIRS, size="published").words == (*FIRST, "image", "is", "second", "the")


def test_equal_seeds_give_equal_weights(tmp_path: Path) -> None:
    one, other = (trained(tmp_path / name, 3).state_dict() for name in ("one", "other"))
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_the_published_training_halves_its_rate_every_fifth_epoch() -> None:
    settings = published_settings(n_pairs=320)
    assert (settings.steps, settings.rate) == (500, Halved(every=50))
