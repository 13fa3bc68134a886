"""An adapter that a base cannot take is told what it is, for which base, how much of it fits, and what to do."""

import re
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from finetune.families.diffusion.adapter_facts import AdapterError
from finetune.families.diffusion.adapter_fits import base_family, check_adapter, stated_base

BLOCK = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_"
KEY, VALUE, QUERY = (f"{BLOCK}to_{name}" for name in "kvq")
ENCODER = "lora_te_text_model_encoder_layers_0_self_attn_q_proj"
LAYERS = {
    "unet": {
        f"down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_{name}": (8, width)
        for name, width in {"k": 32, "v": 32, "q": 8}.items()
    },
    "text_encoder": {"text_model.encoder.layers.0.self_attn.q_proj": (8, 8)},
}


def as_wide(width: int) -> dict[str, dict[str, tuple[int, ...]]]:
    unet = {name: (8, 8 if name.endswith("to_q") else width) for name in LAYERS["unet"]}
    return LAYERS | {"unet": unet}


def written(
    tmp_path: Path, widths: dict[str, int], *keys: str, metadata: dict[str, str] | None = None
) -> Path:
    tensors = {key: torch.ones(1) for key in keys}
    for layer, width in widths.items():
        tensors[f"{layer}.lora_down.weight"] = torch.ones(2, width)
        tensors[f"{layer}.lora_up.weight"] = torch.ones(8, 2)
    save_file(tensors, tmp_path / "a.safetensors", metadata=metadata)
    return tmp_path / "a.safetensors"


def told(file: Path, base: dict[str, dict[str, tuple[int, ...]]] = LAYERS) -> str:
    with pytest.raises(AdapterError) as caught:
        check_adapter(file, base)
    return str(caught.value)


def test_an_adapter_that_fits_is_what_its_file_says(tmp_path: Path) -> None:
    file = written(tmp_path, {KEY: 32, QUERY: 8, ENCODER: 8})
    assert len(check_adapter(file, LAYERS).layers) == 3


@pytest.mark.parametrize(("width", "own"), [(768, "SD 1.x"), (1024, "SD 2.x")])
def test_what_shapes_tell_of_its_base_is_said_with_what_fits_and_what_to_do(
    tmp_path: Path, width: int, own: str
) -> None:
    text = told(written(tmp_path, {KEY: width, VALUE: width, QUERY: 8, ENCODER: 8}))
    assert f"a LoRA with 4 layers (3 of the U-Net, 1 of the text encoder), for {own} by its shapes" in text
    assert "2 of 4 fit this base, whose shapes tell no family." in text
    assert "A of (rank, 32)" in text and "1 more differ in size." in text
    assert f"Give a base model of {own}, or an adapter that was trained on this base." in text


def test_of_a_base_that_shapes_tell_the_family_is_said(tmp_path: Path) -> None:
    assert "which is SD 1.x by its shapes" in told(written(tmp_path, {KEY: 1024}), as_wide(768))


def test_nothing_is_said_of_a_base_that_is_not_known(tmp_path: Path) -> None:
    text = told(written(tmp_path, {KEY: 48}))
    assert "(1 of the U-Net), and its shapes do not tell for which base. " in text and "0 of 1 fit" in text
    assert "another base" not in text and "made for" not in text
    assert "Give the model that it was trained on, as whoever published it says" in text


def test_a_layer_that_the_same_family_lacks_is_not_blamed_on_another_family(tmp_path: Path) -> None:
    text = told(written(tmp_path, {KEY: 768, QUERY.replace("blocks_0_att", "blocks_7_att"): 8}), as_wide(768))
    assert "1 of 2 fit this base, which is SD 1.x" in text
    assert "1 keys are of layers that it does not have: 'lora_unet_down_blocks_7" in text
    assert "Give a base model of" not in text


@pytest.mark.parametrize(
    ("key", "family"),
    [
        ("lora_te2_text_model_encoder_layers_0_mlp_fc1.alpha", "SDXL"),
        ("lora_unet_double_blocks_0_a.alpha", "Flux"),
    ],
)
def test_models_that_are_not_run_here_are_called_so(tmp_path: Path, key: str, family: str) -> None:
    layer = key.removesuffix(".alpha")
    text = told(written(tmp_path, {KEY if family == "SDXL" else layer: 2048, layer: 8}))
    assert f"for {family} by its shapes" in text
    assert f"Models of {family} are not run here: give an adapter that was trained on this base." in text


def test_the_base_that_its_maker_names_is_passed_on(tmp_path: Path) -> None:
    file = written(
        tmp_path, {KEY: 48}, metadata={"ss_base_model_version": "sd_v1", "ss_sd_model_name": "x.ckpt"}
    )
    assert "its maker names 'sd_v1'" in told(file)
    assert stated_base({"ss_sd_model_name": " "}) is None
    assert stated_base({"modelspec.architecture": "stable-diffusion-v1", "ss_base_model_version": "x"}) == (
        "stable-diffusion-v1"
    )


def test_the_advice_is_a_command_that_takes_the_file(tmp_path: Path) -> None:
    from finetune.cli import main

    file = written(tmp_path, {KEY: 48})
    command = re.search(r"`python -m finetune (inspect) '?([^`']*?)'? --base FOLDER`", told(file))
    assert command is not None and command[2] == str(file)
    assert main(["inspect", command[2]]) == 0


@pytest.mark.parametrize(
    ("width", "family"), [(768, "SD 1.x"), (1024, "SD 2.x"), (2048, "SDXL"), (64, "unknown")]
)
def test_a_base_is_known_by_the_text_that_its_cross_attention_reads(width: int, family: str) -> None:
    assert base_family(as_wide(width)) == family
    assert base_family({"unet": {}, "text_encoder": {}}) == "unknown"
