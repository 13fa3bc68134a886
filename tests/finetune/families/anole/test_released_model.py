"""The released language model says the same in transformers' layout as in its own."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from anole_sizes import N_CODES
from taming_reference import random_checkpoint
from torch import Tensor
from torch.nn.functional import layer_norm, rms_norm, silu
from transformers import PreTrainedTokenizerFast

from finetune.families.anole.layout import load_language_model, load_tokenizer, load_vq
from finetune.families.convert import ConversionError, convert
from finetune.generator import GeneratorError

WIDTH, HEAD, INNER, N_LAYERS = 16, 8, 24, 2
PARAMS = {
    "n_layers": N_LAYERS,
    "norm_eps": 1e-5,
    "rope_theta": 500.0,
    "swin_norm": False,
    "n_heads": WIDTH // HEAD,
}
State = dict[str, Tensor]


def released(n_words: int, *, n_kv_heads: int) -> State:
    """Every tensor of `consolidated.pth`, at another width."""
    chance = torch.Generator().manual_seed(0)
    shapes = {
        "tok_embeddings.weight": (n_words, WIDTH),
        "norm.weight": (WIDTH,),
        "output.weight": (n_words, WIDTH),
    }
    for layer in range(N_LAYERS):
        of_layer = {
            "attention.wq.weight": (WIDTH, WIDTH), "attention.wk.weight": (n_kv_heads * HEAD, WIDTH),
            "attention.wv.weight": (n_kv_heads * HEAD, WIDTH), "attention.wo.weight": (WIDTH, WIDTH),
            "attention.q_normalization.weight": (HEAD,), "attention.q_normalization.bias": (HEAD,),
            "attention.k_normalization.weight": (HEAD,), "attention.k_normalization.bias": (HEAD,),
            "feed_forward.w1.weight": (INNER, WIDTH), "feed_forward.w2.weight": (WIDTH, INNER),
            "feed_forward.w3.weight": (INNER, WIDTH), "attention_norm.weight": (WIDTH,), "ffn_norm.weight": (WIDTH,),
        }  # fmt: skip
        shapes |= {f"layers.{layer}.{name}": shape for name, shape in of_layer.items()}
    return {name: torch.empty(shape).normal_(0, 0.5, generator=chance) for name, shape in shapes.items()}


def turned(heads: Tensor) -> Tensor:
    """Neighbouring entries of a head as complex numbers, turned by their position."""
    angles = torch.arange(len(heads))[:, None] * PARAMS["rope_theta"] ** (-torch.arange(0, HEAD, 2) / HEAD)
    turn = torch.polar(torch.ones_like(angles), angles)[:, None]
    return torch.view_as_real(torch.view_as_complex(heads.unflatten(-1, (-1, 2))) * turn).flatten(-2)


def logits(state: Mapping[str, Tensor], words: list[int]) -> Tensor:
    """The released model in its own layout: rotated, normalised queries and keys; gated feed-forward."""
    hidden = state["tok_embeddings.weight"][words]
    future = torch.full((len(words), len(words)), -torch.inf).triu(1)
    for layer in range(N_LAYERS):
        own = {
            k.removeprefix(f"layers.{layer}."): v
            for k, v in state.items()
            if k.startswith(f"layers.{layer}.")
        }
        seen = rms_norm(hidden, (WIDTH,), own["attention_norm.weight"], PARAMS["norm_eps"])
        q, k, v = ((seen @ own[f"attention.w{part}.weight"].T).unflatten(1, (-1, HEAD)) for part in "qkv")
        q, k = (
            turned(layer_norm(x, (HEAD,), own[f"attention.{name}_normalization.weight"],
                              own[f"attention.{name}_normalization.bias"]))
            for name, x in (("q", q), ("k", k))
        )  # fmt: skip
        k, v = (x.repeat_interleave(q.shape[1] // x.shape[1], dim=1) for x in (k, v))
        weights = (torch.einsum("ihd,jhd->hij", q, k) / HEAD**0.5 + future).softmax(dim=-1)
        hidden = hidden + torch.einsum("hij,jhd->ihd", weights, v).flatten(1) @ own["attention.wo.weight"].T
        seen = rms_norm(hidden, (WIDTH,), own["ffn_norm.weight"], PARAMS["norm_eps"])
        gate, up = (seen @ own[f"feed_forward.{name}.weight"].T for name in ("w1", "w3"))
        hidden = hidden + (silu(gate) * up) @ own["feed_forward.w2.weight"].T
    return rms_norm(hidden, (WIDTH,), state["norm.weight"], PARAMS["norm_eps"]) @ state["output.weight"].T


@pytest.fixture
def release(tmp_path: Path, tokenizer: PreTrainedTokenizerFast) -> dict[str, Path]:
    """The four files; the tokenizer reserves the word that transformers uses for images."""
    words = json.loads(tokenizer.backend_tokenizer.to_str())
    words["model"]["vocab"]["<reserved08707>"] = len(tokenizer)
    files = {
        "vqgan": tmp_path / "vqgan.ckpt", "text_tokenizer": tmp_path / "text_tokenizer.json",
        "language_model": tmp_path / "consolidated.pth", "params": tmp_path / "params.json",
    }  # fmt: skip
    torch.save({"state_dict": random_checkpoint((32, 32), codes=(N_CODES, 8))}, files["vqgan"])
    files["text_tokenizer"].write_text(json.dumps(words))
    files["params"].write_text(json.dumps({"model": PARAMS}))
    torch.save(released(len(tokenizer) + 1, n_kv_heads=2), files["language_model"])
    return files


@pytest.mark.parametrize("n_kv_heads", [2, 1])
def test_the_converted_model_says_what_the_released_one_says(
    release: dict[str, Path], tokenizer: PreTrainedTokenizerFast, tmp_path: Path, n_kv_heads: int
) -> None:
    state = released(len(tokenizer) + 1, n_kv_heads=n_kv_heads)
    torch.save(state, release["language_model"])
    convert("anole", release, folder=tmp_path / "made")
    model = load_language_model(tmp_path / "made", dtype=torch.float32, device="cpu")
    words = [3, 20, 5, 9, 30, 12, 7]
    with torch.no_grad():
        hidden = model.model(input_ids=torch.tensor([words])).last_hidden_state[0]
    assert torch.allclose(hidden @ model.lm_head.weight.T, logits(state, words), atol=1e-4)


def test_a_converted_folder_is_whole(release: dict[str, Path], tmp_path: Path) -> None:
    convert("anole", release, folder=tmp_path / "made")
    vq, model = (
        load_vq(tmp_path / "made"),
        load_language_model(tmp_path / "made", dtype=torch.float32, device="cpu"),
    )
    assert torch.equal(model.model.vqmodel.quantize.embedding.weight, vq.quantize.embedding.weight)
    assert len(load_tokenizer(tmp_path / "made")) == model.config.vocab_size
    assert not {path.suffix for path in (tmp_path / "made").rglob("*") if path.is_file()} - {
        ".json",
        ".safetensors",
    }


@pytest.mark.parametrize("missing", ["params", "text_tokenizer", "language_model"])
def test_a_language_model_needs_its_other_files(
    release: dict[str, Path], tmp_path: Path, missing: str
) -> None:
    del release[missing]
    with pytest.raises(ConversionError, match=r"must come with"):
        convert("anole", release, folder=tmp_path / "made")


def test_a_file_that_lacks_a_layer_is_refused(release: dict[str, Path], tmp_path: Path) -> None:
    state = torch.load(release["language_model"])
    del state["layers.1.attention.wv.weight"]
    torch.save(state, release["language_model"])
    with pytest.raises(ConversionError, match=r"layers\.1\.attention\.wv\.weight.*consolidated\.pth"):
        convert("anole", release, folder=tmp_path / "made")


def test_a_tensor_of_another_size_is_refused(release: dict[str, Path], tmp_path: Path) -> None:
    state = torch.load(release["language_model"])
    state["output.weight"] = state["output.weight"][:-1]
    torch.save(state, release["language_model"])
    with pytest.raises(ConversionError, match=r"must fit each other.*lm_head"):
        convert("anole", release, folder=tmp_path / "made")


@pytest.mark.parametrize("content", ["{", "[]", '{"model": {"vocab": {}}}'])
@pytest.mark.parametrize("file", ["params", "text_tokenizer"])
def test_other_json_is_refused(release: dict[str, Path], tmp_path: Path, file: str, content: str) -> None:
    release[file].write_text(content)
    with pytest.raises(ConversionError):
        convert("anole", release, folder=tmp_path / "made")


def test_converting_tells_what_the_folder_lacks(
    release: dict[str, Path], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    convert("anole", {"vqgan": release["vqgan"]}, folder=tmp_path / "made")
    told = [record.getMessage() for record in caplog.records]
    assert ["tokenizer/ yet" in told[0], "language_model/ yet" in told[1]] == [True, True]
    caplog.clear()
    convert("anole", release, folder=tmp_path / "whole")
    assert not caplog.records


def test_without_a_language_model_the_error_says_how_to_make_it(
    release: dict[str, Path], tmp_path: Path
) -> None:
    convert("anole", {"vqgan": release["vqgan"]}, folder=tmp_path / "made")
    with pytest.raises(
        GeneratorError, match=r"finetune convert anole.*language_model=consolidated\.pth params="
    ):
        load_language_model(tmp_path / "made", dtype=torch.float32, device="cpu")
