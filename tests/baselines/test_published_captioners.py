"""Random weights in the published layouts load strictly, and become folders that caption."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from layouts import Shapes, attentive_encoder, chg2cap_decoder, idc_captioner, with_prefix
from PIL import Image
from tiny_pairs import CHG2CAP as TINY_CHG2CAP
from tiny_pairs import DIFF_CAPTION as TINY_DIFF_CAPTION
from tiny_pairs import SHAPE, tiny_pairs
from torch import Tensor

from baselines.captioners import load_captioner
from baselines.captioning.backbone import Backbone
from baselines.captioning.model_folder import read_model
from baselines.chg2cap.architecture import PUBLISHED as PUBLISHED_CHG2CAP
from baselines.chg2cap.stage import vocabulary_of as chg2cap_words
from baselines.convert import (
    PARTS,
    PublishedFileError,
    chg2cap_sizes,
    convert_chg2cap,
    convert_diff_caption,
    diff_caption_sizes,
)
from baselines.diff_caption.architecture import BIRDS, CLEVR
from baselines.diff_caption.stages import vocabulary_of as idc_words

PAIRS = tiny_pairs()
BACKBONE = replace(SHAPE, strides=(2, 4))  # 8 × 8 cells of the 256 pixels that the releases take
CHG2CAP = replace(TINY_CHG2CAP, backbone=BACKBONE, grid=8)
DIFF_CAPTION = replace(TINY_DIFF_CAPTION, backbone=BACKBONE)
WORDS = {"chg2cap": chg2cap_words(PAIRS), "diff_caption": idc_words(PAIRS)}


def random(shapes: Shapes) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(0)
    return {
        name: torch.tensor(7)
        if name.endswith("num_batches_tracked")
        else torch.rand(shape, generator=generator)
        for name, shape in shapes.items()
    }


def backbone() -> dict[str, Tensor]:
    return {name: torch.rand(t.shape) for name, t in Backbone(BACKBONE).state_dict().items()}


def resnet_names(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The same tensors under a ResNet's own names, with a classifier."""
    own = {"cnn.0": "conv1", "cnn.1": "bn1", "cnn.4": "layer1", "cnn.5": "layer2"}
    return {own[name[:5]] + name[5:]: t for name, t in tensors.items()} | {"fc.weight": torch.rand(2, 2)}


def chg2cap() -> dict[str, dict[str, Tensor]]:
    n_words = len(WORDS["chg2cap"])
    encoder = attentive_encoder(channels=8, grid=8, n_layers=1, attention=16, hidden=16)
    decoder = chg2cap_decoder(channels=8, width=16, n_words=n_words, n_layers=1, max_length=12)
    return dict(zip(PARTS, (backbone(), random(encoder), random(decoder)), strict=True))


def idc() -> dict[str, Tensor]:
    n_words = len(WORDS["diff_caption"])
    return random(idc_captioner(regions=8, width=16, hidden=32, n_blocks=1, n_words=n_words))


def files(folder: Path, kind: str) -> dict[str, Path]:
    words = folder / "vocabulary_of_the_release.json"
    words.write_text(json.dumps({word: number for number, word in enumerate(WORDS[kind].words)}))
    return {"vocabulary": words, "checkpoint": folder / "one.pth", "backbone": folder / "resnet.pth"}


def converted(kind: str, folder: Path) -> Path:
    made = folder / kind
    if kind == "chg2cap":
        convert_chg2cap(chg2cap(), files(folder, kind), made, architecture=CHG2CAP, data="levir")
    else:
        backbone_tensors = resnet_names(backbone())
        convert_diff_caption(idc(), backbone_tensors, files(folder, kind), made, architecture=DIFF_CAPTION)
    return made


@pytest.mark.parametrize("kind", WORDS)
def test_a_converted_release_captions_pairs_of_any_size(tmp_path: Path, kind: str) -> None:
    captioner = load_captioner(converted(kind, tmp_path))
    images = [Image.new("RGB", (20, 30), color) for color in ("red", "blue")]
    (said,) = captioner.caption(images[:1], images[1:])
    assert isinstance(said, str) and captioner.id.startswith(kind)


@pytest.mark.parametrize("kind", WORDS)
def test_weights_arrive_as_they_are(tmp_path: Path, kind: str) -> None:
    weights = read_model(converted(kind, tmp_path)).weights
    prefix = "decoder." if kind == "chg2cap" else "captioner."
    true = chg2cap()["decoder_dict"] if kind == "chg2cap" else idc()
    for name, tensor in with_prefix(prefix, true).items():
        torch.testing.assert_close(weights[name], tensor, check_dtype=False, rtol=0, atol=0)


@pytest.mark.parametrize(
    ("length", "data", "mean"),
    [
        (41, None, 100.679),
        (27, None, 156.0681),
        (12, "dubai", 156.0681),
        (12, "levir", 100.679),
        (41, "dubai", 156.0681),
    ],
)
def test_images_are_standardised_as_in_the_data_that_a_release_was_trained_on(
    tmp_path: Path, length: int, data: str | None, mean: float
) -> None:
    parts = chg2cap()
    n_words = len(WORDS["chg2cap"])
    decoder = chg2cap_decoder(channels=8, width=16, n_words=n_words, n_layers=1, max_length=length)
    parts["decoder_dict"] = random(decoder)
    sizes = replace(CHG2CAP, max_length=length)
    convert_chg2cap(parts, files(tmp_path, "chg2cap"), tmp_path / "made", architecture=sizes, data=data)
    assert read_model(tmp_path / "made").preprocessing.mean[0] == mean


def test_a_release_whose_data_nothing_tells_is_not_guessed(tmp_path: Path) -> None:
    with pytest.raises(PublishedFileError, match=r"captions of 12 words.*--data levir or dubai"):
        convert_chg2cap(chg2cap(), files(tmp_path, "chg2cap"), tmp_path / "made", architecture=CHG2CAP)


def test_a_checkpoint_without_one_of_its_parts_is_an_error(tmp_path: Path) -> None:
    parts = chg2cap()
    del parts["decoder_dict"]
    with pytest.raises(PublishedFileError, match="Missing: decoder_dict"):
        convert_chg2cap(parts, files(tmp_path, "chg2cap"), tmp_path / "made", architecture=CHG2CAP)


@pytest.mark.parametrize("length", [27, 41])
def test_the_length_of_captions_is_told_by_the_table_of_positions(length: int) -> None:
    decoder = chg2cap_decoder(channels=8, width=16, n_words=9, n_layers=1, max_length=length)
    assert chg2cap_sizes(random(decoder)) == replace(PUBLISHED_CHG2CAP, max_length=length)


def test_a_tensor_too_many_is_an_error(tmp_path: Path) -> None:
    parts = chg2cap()
    parts["decoder_dict"]["extra"] = torch.ones(1)
    with pytest.raises(PublishedFileError, match="extra"):
        convert_chg2cap(
            parts, files(tmp_path, "chg2cap"), tmp_path / "made", architecture=CHG2CAP, data="levir"
        )


def test_another_vocabulary_is_an_error(tmp_path: Path) -> None:
    named = files(tmp_path, "diff_caption")
    words = json.loads(named["vocabulary"].read_text())
    named["vocabulary"].write_text(json.dumps(words | {"more": len(words)}))
    with pytest.raises(PublishedFileError, match="vocabulary"):
        convert_diff_caption(idc(), backbone(), named, tmp_path / "made", architecture=DIFF_CAPTION)


def test_the_published_size_is_told_by_the_head_and_the_blocks() -> None:
    clevr = {"pooler.0.weight": torch.ones(1)} | {f"encoder.layers.{i}.x": torch.ones(1) for i in range(3)}
    assert diff_caption_sizes(clevr) == CLEVR
    assert diff_caption_sizes({f"encoder.layers.{i}.x": torch.ones(1) for i in range(2)}) == BIRDS
