"""An IDC-PCL has exactly the parameters of the published ones, in both stages and for both data sets."""

import torch
from layouts import Shapes, idc_captioner, idc_pretraining, idc_shared

from baselines.captioning.vocabulary import learned_vocabulary
from baselines.diff_caption.architecture import BIRDS, CLEVR
from baselines.diff_caption.model import FIRST, MARKS, Captioner, Pretraining

VOCABULARY = learned_vocabulary(["the cube moved"], FIRST, marks=MARKS)
SIZES = {"regions": 2048, "width": 512, "hidden": 2048, "n_words": len(VOCABULARY)}


def shapes(kind: type[torch.nn.Module], architecture) -> Shapes:
    with torch.device("meta"):
        module = kind(architecture, VOCABULARY)
    return {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}


def test_the_captioner_of_clevr_has_the_published_names_and_shapes() -> None:
    assert shapes(Captioner, CLEVR) == idc_captioner(n_blocks=3, **SIZES)


def test_the_captioner_of_birds_has_no_head_for_distractors() -> None:
    assert shapes(Captioner, BIRDS) == idc_shared(n_blocks=2, **SIZES)


def test_the_pretraining_network_has_the_published_names_and_shapes() -> None:
    assert shapes(Pretraining, CLEVR) == idc_pretraining(n_blocks=3, **SIZES)


def test_the_published_ids_of_start_and_mask_are_one_and_five() -> None:
    assert (VOCABULARY.id("<BOS>"), VOCABULARY.id("<MASK>"), VOCABULARY.id("<PAD>")) == (1, 5, 0)
