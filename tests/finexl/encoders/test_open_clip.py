"""The open_clip adapter on a tiny model with random weights, saved in the real folder layout."""

import gzip
import json
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from open_clip.tokenizer import SimpleTokenizer
from open_clip.transform import PreprocessCfg, image_transform_v2
from PIL import Image
from safetensors.torch import load_file, save_file

from finexl.encoders.open_clip import check_quick_gelu, load_open_clip, load_pretrained
from finexl.encoders.preprocess import BatchPreprocess
from finexl.errors import EncoderError, InvalidInputError, UnknownNameError
from finexl.values import ImageStack

MERGES = ["p h", "o t", "v i"]
MEAN, STD = (0.5, 0.4, 0.3), (0.2, 0.3, 0.4)


def config(**model_settings):
    n_vocabulary = 2 * 256 + len(MERGES) + 2
    model = {
        "embed_dim": 16,
        "quick_gelu": True,
        "vision_cfg": {"image_size": 16, "layers": 1, "width": 64, "patch_size": 8},
        "text_cfg": {"context_length": 12, "vocab_size": n_vocabulary, "width": 32, "heads": 2, "layers": 1},
    }
    return {
        "model_cfg": {**model, **model_settings},
        "preprocess_cfg": {"size": 16, "mean": MEAN, "std": STD, "interpolation": "bicubic"},
        "tokenizer": "bpe.txt.gz",
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    settings = config()
    (tmp_path / "open_clip_config.json").write_text(json.dumps(settings))
    with gzip.open(tmp_path / "bpe.txt.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join(["#version: tiny", *MERGES]))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = open_clip.CLIP(**settings["model_cfg"])
    state = {name: tensor.half().contiguous() for name, tensor in model.state_dict().items()}
    save_file(state, tmp_path / "open_clip_model.safetensors")
    return tmp_path


def noise(n, size=16):
    pixels = np.random.default_rng(0).integers(0, 256, (n, size, size, 3), dtype=np.uint8)
    return ImageStack(pixels)


def edit_config(folder, **changes):
    path = folder / "open_clip_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_embeddings_are_those_of_the_model_itself(folder):
    encoder = load_open_clip(folder, device="cpu")
    model = open_clip.CLIP(**config()["model_cfg"]).eval()
    weights = load_file(folder / "open_clip_model.safetensors")
    model.load_state_dict({name: tensor.float() for name, tensor in weights.items()})
    tokenizer = SimpleTokenizer(bpe_path=str(folder / "bpe.txt.gz"), context_length=12)
    with torch.inference_mode():
        expected = model.encode_text(tokenizer(["a photo", "vivid"]), normalize=True)
    torch.testing.assert_close(encoder.embed_texts(["a photo", "vivid"]), expected)


def test_rows_are_float32_of_unit_length(folder):
    encoder = load_open_clip(folder, device="cpu")
    for rows in (encoder.embed_images(noise(3)), encoder.embed_texts(["a", "b"])):
        assert rows.dtype == torch.float32 and not rows.requires_grad
        torch.testing.assert_close(rows.norm(dim=1), torch.ones(len(rows)))


def test_batches_do_not_change_embeddings(folder):
    one, many = (load_open_clip(folder, device="cpu", batch_size=size) for size in (2, 64))
    torch.testing.assert_close(one.embed_images(noise(5)), many.embed_images(noise(5)))
    texts = ["a", "vivid photo", "b c", "d", "e"]
    torch.testing.assert_close(one.embed_texts(texts), many.embed_texts(texts))


def test_rows_can_be_changed_by_their_owner(folder):
    load_open_clip(folder, device="cpu").embed_texts(["a"]).add_(1.0)


def test_raw_rows_are_another_encoder(folder):
    unit, raw = (load_open_clip(folder, device="cpu", normalise=normalise) for normalise in (True, False))
    rows = raw.embed_texts(["a", "b"])
    torch.testing.assert_close(rows / rows.norm(dim=1, keepdim=True), unit.embed_texts(["a", "b"]))
    assert unit.id != raw.id


def test_the_fast_path_equals_the_transform():
    settings = PreprocessCfg(size=16, mean=MEAN, std=STD)
    transform = image_transform_v2(settings, is_train=False)
    expected = torch.stack([transform(image) for image in noise(3)])
    torch.testing.assert_close(BatchPreprocess(settings)(noise(3)), expected)


def test_other_sizes_and_modes_take_the_transform():
    preprocess = BatchPreprocess(PreprocessCfg(size=16, mean=MEAN, std=STD))
    images = [Image.new("RGB", (40, 20), "red"), Image.new("L", (16, 16), 128)]
    assert preprocess(images).shape == (2, 3, 16, 16)


def test_the_same_folder_has_the_same_id(folder):
    assert load_open_clip(folder, device="cpu").id == load_open_clip(folder, device="cpu").id


@pytest.mark.parametrize(
    "changes",
    [
        {"model_cfg": config(quick_gelu=False)["model_cfg"]},
        {"preprocess_cfg": {"size": 16, "mean": (0.1, 0.1, 0.1)}},
    ],
)
def test_the_id_names_activation_and_preprocessing(folder, changes):
    before = load_open_clip(folder, device="cpu").id
    edit_config(folder, **changes)
    assert load_open_clip(folder, device="cpu").id != before


def test_the_id_names_the_weights(folder):
    before = load_open_clip(folder, device="cpu").id
    path = folder / "open_clip_model.safetensors"
    save_file({**load_file(path), "logit_scale": torch.tensor(1.0)}, path)
    assert load_open_clip(folder, device="cpu").id != before


def test_long_texts_are_counted_and_warned_about_once(folder):
    encoder = load_open_clip(folder, device="cpu")
    with pytest.warns(UserWarning, match="at most 12 tokens"):
        encoder.embed_texts(["a b c d e f g h i j k", "a"])
    encoder.embed_texts(["a b c d e f g h i j k l"])
    assert encoder.n_truncated == 2


def test_a_text_that_just_fits_is_not_long(folder):
    encoder = load_open_clip(folder, device="cpu")
    encoder.embed_texts(["a b c d e f g h i j"])
    assert encoder.n_truncated == 0


def test_nothing_to_embed_is_refused(folder):
    with pytest.raises(InvalidInputError, match="at least one"):
        load_open_clip(folder, device="cpu").embed_texts([])


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(EncoderError, match="no_such"):
        load_open_clip(tmp_path / "no_such", device="cpu")


def test_damaged_weights_are_an_error(folder):
    path = folder / "open_clip_model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(EncoderError, match="must be complete"):
        load_open_clip(folder, device="cpu")


def test_missing_weights_are_an_error_and_not_left_random(folder):
    path = folder / "open_clip_model.safetensors"
    state = load_file(path)
    del state["ln_final.weight"]
    save_file(state, path)
    with pytest.raises(EncoderError, match=r"ln_final\.weight"):
        load_open_clip(folder, device="cpu")


def test_weights_that_are_not_finite_are_an_error(folder):
    path = folder / "open_clip_model.safetensors"
    save_file({**load_file(path), "logit_scale": torch.tensor(float("nan"))}, path)
    with pytest.raises(EncoderError, match="logit_scale"):
        load_open_clip(folder, device="cpu")


def test_a_vocabulary_larger_than_the_model_is_an_error(folder):
    edit_config(folder, tokenizer=None)  # open_clip's own vocabulary
    with pytest.raises(EncoderError, match="vocab_size"):
        load_open_clip(folder, device="cpu")


def test_a_missing_vocabulary_is_named(folder):
    edit_config(folder, tokenizer="gone.txt.gz")
    with pytest.raises(EncoderError, match=r"gone\.txt\.gz"):
        load_open_clip(folder, device="cpu")


def test_an_unknown_preprocessing_key_is_an_error(folder):
    edit_config(folder, preprocess_cfg={"size": 16, "means": MEAN})
    with pytest.raises(EncoderError, match="means"):
        load_open_clip(folder, device="cpu")


def test_a_device_that_does_not_exist_is_an_error(folder):
    with pytest.raises(EncoderError, match="no_such_device"):
        load_open_clip(folder, device="no_such_device")


@pytest.mark.parametrize("name", ["ViT-B-32", "ViT-L-14", "ViT-L-14-336", "RN50"])
def test_openai_weights_in_a_plain_gelu_model_are_an_error_that_names_the_right_model(name):
    with pytest.raises(EncoderError, match=f"{name}-quickgelu"):
        load_pretrained(name, "openai", device="cpu")


@pytest.mark.parametrize(
    "name, tag",
    [
        ("ViT-B-32-quickgelu", "openai"),
        ("ViT-L-14-quickgelu", "openai"),
        ("ViT-B-32", "laion2b_s34b_b79k"),
        ("EVA02-L-14", "merged2b_s4b_b131k"),
    ],
)
def test_matching_models_and_weights_pass(name, tag):
    check_quick_gelu(name, tag)


def test_an_unknown_model_names_the_nearest():
    with pytest.raises(UnknownNameError, match="Did you mean encoder=ViT-B-32"):
        load_pretrained("ViT-B-3", "openai", device="cpu")


def test_an_unknown_tag_names_those_that_exist():
    with pytest.raises(UnknownNameError, match="laion2b_s34b_b79k"):
        load_pretrained("ViT-B-32", "no_such_tag", device="cpu")
