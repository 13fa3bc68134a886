"""The transformers adapter on tiny dual towers with random weights, saved in the published layouts."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from tiny_towers import CLIP_LENGTH, MEAN, SIDE, STD, WORDS, save_align, save_clip
from transformers import BertConfig, BertModel
from transformers.modeling_outputs import BaseModelOutputWithPooling

from finexl.encoders.transformers import load_transformers_encoder, pooled
from finexl.errors import EncoderError, InvalidInputError
from finexl.interfaces import Encoder
from finexl.values import ImageStack

SAVERS = {"clip": save_clip, "align": save_align}
PIXELS = np.random.default_rng(0).integers(0, 256, (5, SIDE, SIDE, 3), dtype=np.uint8)


@pytest.fixture(params=SAVERS)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    SAVERS[request.param](tmp_path)
    return tmp_path


def load(folder: Path, **settings: object):
    return load_transformers_encoder(str(folder), device="cpu", **settings)


def unit(rows: torch.Tensor) -> torch.Tensor:
    return rows / rows.norm(dim=1, keepdim=True)


def normalised(pixels: np.ndarray) -> torch.Tensor:
    return torch.from_numpy((pixels / 255 - MEAN) / STD).permute(0, 3, 1, 2).float()


def change_weights(folder: Path, change) -> None:
    path = folder / "model.safetensors"
    save_file(change(load_file(path)), path, {"format": "pt"})


def test_clip_rows_are_the_projected_states_of_end_and_class(tmp_path: Path) -> None:
    model = save_clip(tmp_path)
    encoder = load(tmp_path)
    tokens = torch.tensor([[52, 0, 26 + 1, 53]])  # <start> a b</w> <end>
    with torch.inference_mode():
        end = model.text_model(input_ids=tokens).last_hidden_state[:, 3] @ model.text_projection.weight.T
        seen = model.vision_model(pixel_values=normalised(PIXELS)).last_hidden_state[:, 0]
        images = model.vision_model.post_layernorm(seen) @ model.visual_projection.weight.T
    torch.testing.assert_close(encoder.embed_texts(["ab"]), unit(end))
    torch.testing.assert_close(encoder.embed_images(ImageStack(PIXELS)), unit(images))


def test_align_rows_are_the_projected_class_state_and_the_mean_of_the_map(tmp_path: Path) -> None:
    model = save_align(tmp_path)
    encoder = load(tmp_path)
    tokens = torch.tensor([[2, 5, 6, 7, 3]])  # [CLS] a vivid photo [SEP], not padded
    with torch.inference_mode():
        first = model.text_model(input_ids=tokens).last_hidden_state[:, 0]
        texts = first @ model.text_projection.weight.T + model.text_projection.bias
        seen = model.vision_model(pixel_values=normalised(PIXELS)).last_hidden_state
    torch.testing.assert_close(encoder.embed_texts(["a vivid photo"]), unit(texts))
    torch.testing.assert_close(encoder.embed_images(ImageStack(PIXELS)), unit(seen.mean(dim=(2, 3))))


def test_it_is_an_encoder(folder: Path) -> None:
    assert isinstance(load(folder), Encoder)


def test_half_precision_on_disk_is_float32_in_use(tmp_path: Path) -> None:
    save_clip(tmp_path).half().save_pretrained(tmp_path)
    encoder = load(tmp_path)
    assert {tensor.dtype for tensor in encoder.model.parameters()} == {torch.float32}
    assert encoder.embed_texts(["a"]).dtype == torch.float32


def test_texts_of_align_have_64_tokens_whatever_its_positions(tmp_path: Path) -> None:
    save_align(tmp_path)
    encoder = load(tmp_path)
    assert encoder._tokens(["a"])["input_ids"].shape == (1, 64)


@pytest.mark.parametrize("fits, too_long", [("abcdefghij", "abcdefghijk")])
def test_long_texts_are_counted_and_warned_about_once(tmp_path: Path, fits: str, too_long: str) -> None:
    save_clip(tmp_path)
    encoder = load(tmp_path)
    encoder.embed_texts([fits])
    assert encoder.n_truncated == 0
    with pytest.warns(UserWarning, match=f"at most {CLIP_LENGTH} tokens.*'{too_long}'"):
        encoder.embed_texts([fits, too_long])
    encoder.embed_texts([too_long + "z"])
    assert encoder.n_truncated == 2


def test_a_cut_text_is_its_beginning(tmp_path: Path) -> None:
    save_align(tmp_path)
    encoder = load(tmp_path)
    with pytest.warns(UserWarning, match="at most 64 tokens"):
        cut = encoder.embed_texts(["vivid " * 70])
    torch.testing.assert_close(cut, encoder.embed_texts(["vivid " * 62]))


def test_rows_may_come_as_a_tensor_or_as_an_output() -> None:
    rows = torch.arange(6.0).reshape(2, 3)
    assert pooled(rows) is rows
    assert pooled(BaseModelOutputWithPooling(pooler_output=rows)) is rows
    with pytest.raises(EncoderError, match="pooler_output"):
        pooled(BaseModelOutputWithPooling(last_hidden_state=rows))


def test_other_sizes_and_modes_are_taken(folder: Path) -> None:
    images = [Image.new("RGB", (40, 20), "red"), Image.new("L", (SIDE, SIDE), 128), Image.new("RGBA", (9, 9))]
    assert load(folder).embed_images(images).shape == (3, 8)


def test_batches_do_not_change_embeddings(folder: Path) -> None:
    one, many = load(folder, batch_size=2), load(folder)
    torch.testing.assert_close(one.embed_images(ImageStack(PIXELS)), many.embed_images(ImageStack(PIXELS)))
    texts = ["a", "vivid photo", "a fish", ":", "of a"]
    torch.testing.assert_close(one.embed_texts(texts), many.embed_texts(texts))


def test_the_id_is_that_of_what_is_in_the_folder_and_not_of_its_place(folder: Path, tmp_path: Path) -> None:
    before = load(folder).id
    moved = folder.rename(tmp_path.parent / f"{tmp_path.name}-moved")
    after = load(moved).id
    moved.rename(folder)
    assert before == after and before.startswith("transformers:")


@pytest.mark.parametrize("name", ["logit_scale", "text_projection.weight"])
def test_the_id_names_the_weights(tmp_path: Path, name: str) -> None:
    save_clip(tmp_path)
    before = load(tmp_path).id
    change_weights(tmp_path, lambda state: {**state, name: state[name] + 1})
    assert load(tmp_path).id != before


def test_the_id_names_preprocessing_and_vocabulary(tmp_path: Path) -> None:
    ids = set()
    for place, edit in enumerate(
        (None, ("processor_config.json", "0.5", "0.6"), ("tokenizer.json", "fish", "bird"))
    ):
        folder = tmp_path / str(place)
        save_align(folder)
        if edit is not None:
            path = folder / edit[0]
            path.write_text(path.read_text().replace(edit[1], edit[2]))
        ids.add(load(folder).id)
    assert "fish" in WORDS and len(ids) == 3


def test_nothing_to_embed_and_empty_batches_are_refused(folder: Path) -> None:
    with pytest.raises(InvalidInputError, match="at least one"):
        load(folder).embed_texts([])
    with pytest.raises(InvalidInputError, match="batch_size"):
        load(folder, batch_size=0)


def test_a_missing_folder_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match=r"no_such.*encoder\.folder="):
        load(tmp_path / "no_such")


def test_a_hub_id_without_network_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EncoderError, match=r"hub id 'finexl-tests/no-such-towers' is not.*connection"):
        load_transformers_encoder("finexl-tests/no-such-towers", device="cpu")


def test_an_unknown_kind_of_model_is_an_error(folder: Path) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "model_type": "no_such_kind"}))
    with pytest.raises(EncoderError, match="no_such_kind"):
        load(folder)


def test_code_that_comes_with_a_model_is_not_run(tmp_path: Path) -> None:
    save_clip(tmp_path)
    (tmp_path / "own.py").write_text("raise SystemExit('this ran')")
    path = tmp_path / "config.json"
    own = {"model_type": "own", "auto_map": {"AutoConfig": "own.Config", "AutoModel": "own.Model"}}
    path.write_text(json.dumps({**json.loads(path.read_text()), **own}))
    with pytest.raises(EncoderError):
        load(tmp_path)


def test_weights_that_are_not_safetensors_are_an_error(folder: Path) -> None:
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    with pytest.raises(EncoderError, match="safetensors"):
        load(folder)


def test_missing_weights_are_an_error_and_not_left_random(folder: Path) -> None:
    change_weights(folder, lambda state: {n: v for n, v in state.items() if n != "text_projection.weight"})
    with pytest.raises(EncoderError, match=r"text_projection\.weight"):
        load(folder)


def test_weights_of_another_shape_are_an_error(folder: Path) -> None:
    name = "text_projection.weight"
    change_weights(folder, lambda state: {**state, name: state[name][:4].contiguous()})
    with pytest.raises(EncoderError, match=r"text_projection\.weight"):
        load(folder)


def test_damaged_weights_are_an_error(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(EncoderError):
        load(folder)


def test_weights_that_are_not_finite_are_an_error(folder: Path) -> None:
    change_weights(
        folder, lambda state: {**state, "text_projection.weight": state["text_projection.weight"] * torch.nan}
    )
    with pytest.raises(EncoderError, match=r"NaN.*text_projection\.weight"):
        load(folder)


def test_a_model_with_one_tower_is_refused(tmp_path: Path) -> None:
    layers = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    BertModel(BertConfig(vocab_size=9, **layers)).save_pretrained(tmp_path)
    with pytest.raises(EncoderError, match=r"BertModel.*get_image_features"):
        load(tmp_path)


def test_a_model_without_its_processor_is_an_error(folder: Path) -> None:
    for path in folder.glob("*"):
        if path.name not in ("config.json", "model.safetensors"):
            path.unlink()
    with pytest.raises(EncoderError):
        load(folder)


def test_a_device_that_does_not_exist_is_an_error(folder: Path) -> None:
    with pytest.raises(EncoderError, match="no_such_device"):
        load_transformers_encoder(str(folder), device="no_such_device")
