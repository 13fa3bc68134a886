"""A Chg2Cap has exactly the parameters of the published one, and loads them strictly."""

import torch
from layouts import Shapes, attentive_encoder, chg2cap_decoder

from baselines.captioning.vocabulary import learned_vocabulary
from baselines.chg2cap.architecture import PUBLISHED
from baselines.chg2cap.model import FIRST, MARKS, Chg2Cap

VOCABULARY = learned_vocabulary(["a road is built"], FIRST, marks=MARKS)
WIDTH = 2048


def shapes(module: torch.nn.Module) -> Shapes:
    return {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}


def published() -> Chg2Cap:
    with torch.device("meta"):
        return Chg2Cap(PUBLISHED, VOCABULARY)


def test_the_attentive_encoder_has_the_published_names_and_shapes() -> None:
    listed = attentive_encoder(channels=WIDTH, grid=16, n_layers=3, attention=WIDTH, hidden=512)
    assert shapes(published().encoder_trans) == listed


def test_the_decoder_has_the_published_names_and_shapes() -> None:
    listed = chg2cap_decoder(channels=WIDTH, width=WIDTH, n_words=len(VOCABULARY), n_layers=1, max_length=41)
    assert shapes(published().decoder) == listed


def test_the_published_model_sees_eight_by_eight_cells_of_256_pixels() -> None:
    images = torch.empty(1, 3, 256, 256, device="meta")
    assert published().compare(images, images).shape == (64, 1, WIDTH)
