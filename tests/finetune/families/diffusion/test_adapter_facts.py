"""What a stranger's file is, is known from its header."""

import json
from pathlib import Path

import pytest
import torch
from adapter_tensors import FLAT, LAYER, lora
from safetensors.torch import save_file

from finetune.families.diffusion.adapter_facts import (
    DIFFUSERS_FILE,
    PEFT_CONFIG,
    PEFT_FILE,
    AdapterError,
    AdapterFacts,
    base_layers,
    fit,
    identify,
)
from finetune.families.diffusion.adapter_fits import check_adapter


def identified(tmp_path: Path, tensors: dict[str, torch.Tensor], **metadata: str) -> AdapterFacts:
    save_file(tensors, tmp_path / "a.safetensors", metadata=metadata or None)
    return identify(tmp_path / "a.safetensors")


OTHER_KINDS = {
    "DoRA": (f"{FLAT}.dora_scale", f"unet.{LAYER}.lora_magnitude_vector"),
    "LoHa": (f"{FLAT}.hada_w1_a",),
    "LoKr": (f"{FLAT}.lokr_w1", f"{FLAT}.lokr_w2_b"),
    "LoRA with a Tucker core": (f"{FLAT}.lora_mid.weight",),
    "OFT": (f"{FLAT}.oft_blocks", f"{FLAT}.oft_diag", f"base_model.model.{LAYER}.oft_R.weight"),
    "IA3": (f"{FLAT}.on_input", f"base_model.model.{LAYER}.ia3_l"),
    "VeRA": (f"base_model.model.{LAYER}.vera_lambda_b",),
    "GLoRA": (f"{FLAT}.a1.weight",),
    "full differences (.diff)": (f"{FLAT}.diff", f"{FLAT}.diff_b", f"{FLAT}.w_norm"),
    "textual inversion": ("emb_params", "bundle_emb.word.string_to_param.*"),
    "a whole checkpoint": ("model.diffusion_model.input_blocks.0.0.weight",),
}


@pytest.mark.parametrize(("kind", "key"), [(kind, key) for kind, keys in OTHER_KINDS.items() for key in keys])
def test_other_kinds_are_called_by_their_names(tmp_path: Path, kind: str, key: str) -> None:
    assert identified(tmp_path, lora() | {key: torch.ones(1)}).kind == kind
    with pytest.raises(AdapterError, match=r"must be a( plain)? LoRA.*is " + kind.split("(")[0]):
        check_adapter(tmp_path / "a.safetensors", {})


@pytest.mark.parametrize("told", [{"use_dora": True}, {"unet.use_dora": True}])
def test_a_dora_that_only_its_configuration_tells_is_one(tmp_path: Path, told: dict[str, bool]) -> None:
    assert identified(tmp_path, lora(), lora_adapter_metadata=json.dumps(told)).kind == "DoRA"


def test_another_method_of_peft_is_named(tmp_path: Path) -> None:
    tensors = {f"base_model.model.{LAYER}.lora_{side}.weight": torch.ones(2, 2) for side in "AB"}
    save_file(tensors, tmp_path / PEFT_FILE)
    (tmp_path / PEFT_CONFIG).write_text('{"peft_type": "ADALORA"}')
    with pytest.raises(AdapterError, match="describes 'ADALORA'"):
        identify(tmp_path)


@pytest.mark.parametrize(
    ("width", "base"), [(768, "SD 1.x"), (1024, "SD 2.x"), (2048, "SDXL"), (32, "unknown")]
)
@pytest.mark.parametrize("layer", [FLAT, f"unet.{LAYER}"])
def test_the_base_is_told_by_the_width_of_the_text(tmp_path: Path, layer: str, width: int, base: str) -> None:
    assert identified(tmp_path, lora(layer, n_in=width)).base == base


@pytest.mark.parametrize(
    ("layer", "base"),
    [
        ("lora_unet_double_blocks_0_img_attn_proj", "Flux"),
        ("transformer.single_transformer_blocks.0.attn.to_q", "Flux"),
        ("lora_te2_text_model_encoder_layers_0_self_attn_q_proj", "SDXL"),
        ("lora_unet_input_blocks_4_1_proj_in", "SDXL"),
    ],
)
def test_the_base_is_told_by_names_that_only_it_has(tmp_path: Path, layer: str, base: str) -> None:
    assert identified(tmp_path, lora(layer, n_in=768)).base == base


@pytest.mark.parametrize(("width", "base"), [(768, "SD 1.x"), (1024, "SD 2.x")])
def test_the_base_of_a_text_encoders_adapter_is_told_by_its_width(
    tmp_path: Path, width: int, base: str
) -> None:
    layer = "lora_te_text_model_encoder_layers_0_self_attn_q_proj"
    assert identified(tmp_path, lora(layer, n_in=width)).base == base


def test_a_width_of_another_projection_says_nothing_of_the_base(tmp_path: Path) -> None:
    layer = "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn2.processor.to_q_lora"
    tensors = {f"{layer}.down.weight": torch.ones(2, 1024), f"{layer}.up.weight": torch.ones(1024, 2)}
    assert identified(tmp_path, tensors).base == "unknown"


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.int64])
def test_alpha_over_rank_is_the_factor(tmp_path: Path, dtype: torch.dtype) -> None:
    tensors = lora(rank=8) | {f"{FLAT}.alpha": torch.tensor(2, dtype=dtype)}
    (layer,) = identified(tmp_path, tensors).layers
    assert (layer.rank, layer.factor) == (8, 0.25)


@pytest.mark.parametrize("alpha", [torch.tensor(float("nan")), torch.tensor(float("inf")), torch.ones(2)])
def test_an_alpha_that_is_no_number_is_refused(tmp_path: Path, alpha: torch.Tensor) -> None:
    with pytest.raises(AdapterError, match=r"alpha"):
        identified(tmp_path, lora() | {f"{FLAT}.alpha": alpha})


@pytest.mark.parametrize(
    "shapes", [((0, 32), (8, 0)), ((2, 32), (8, 3)), ((), ()), ((2,), (8, 2)), ((2, 32), (8,))]
)
def test_a_rank_that_cannot_be_is_refused(tmp_path: Path, shapes: tuple[tuple[int, ...], ...]) -> None:
    down, up = map(torch.ones, shapes)
    with pytest.raises(AdapterError, match="rank of at least 1"):
        identified(tmp_path, {f"{FLAT}.lora_down.weight": down, f"{FLAT}.lora_up.weight": up})


@pytest.mark.parametrize(
    "config",
    [
        {"r": None},
        {"r": "2"},
        {"r": 0},
        {"r": 2.5},
        {"r": True},
        {"r": [2]},
        {"r": 2, "lora_alpha": None},
        {"r": 2, "lora_alpha": "x"},
        {"r": 2, "lora_alpha": float("nan")},
        {"r": 2, "lora_alpha": {}},
        {"r": 2, "alpha_pattern": ["to_k"]},
        {"r": 2, "alpha_pattern": {"(": 3}},
        {"r": 2, "alpha_pattern": {"to_k": None}},
        {"r": 2, "alpha_pattern": {"((a+)+)+b": 3}},
        {"r": 2, "alpha_pattern": {"x" * 600: 3}},
        {"r": 2, "rank_pattern": "to_k"},
        {"r": 2, "rank_pattern": {"to_k": "two"}},
        {"r": 3, "rank_pattern": {"[": 2}},
        {"r": 3, "rank_pattern": {"to_k": float("inf")}},
    ],
)
def test_a_configuration_that_cannot_be_is_refused_by_its_key(
    tmp_path: Path, config: dict[str, object]
) -> None:
    save_file(
        {
            f"base_model.model.{LAYER}.lora_A.weight": torch.ones(2, 32),
            f"base_model.model.{LAYER}.lora_B.weight": torch.ones(8, 2),
        },
        tmp_path / PEFT_FILE,
    )
    (tmp_path / PEFT_CONFIG).write_text(json.dumps(config))
    key = next(key for key in reversed(config))
    with pytest.raises(AdapterError, match=rf"`{key}` in the configuration.*({PEFT_CONFIG}|has 2)"):
        identify(tmp_path)


def test_layers_that_a_base_has_are_counted_without_loading_it(tmp_path: Path, folder: Path) -> None:
    other = FLAT.replace("blocks_0_att", "blocks_7_att")
    facts = identified(tmp_path, lora() | lora(other) | lora(FLAT.replace("to_k", "to_v"), n_in=768))
    found = fit(facts, base_layers(folder))
    assert list(found.matched) == [("unet", LAYER)]
    assert found.unmatched == (f"{other}.lora_down.weight",) and len(found.misshapen) == 1
    assert found.n_total == 3


def test_a_broken_number_is_found_before_a_base_is_loaded(tmp_path: Path, folder: Path) -> None:
    tensors = lora()
    tensors[f"{FLAT}.lora_up.weight"][3, 1] = float("nan")
    save_file(tensors, tmp_path / "a.safetensors")
    with pytest.raises(AdapterError, match="NaN or infinity in 'lora_unet"):
        check_adapter(tmp_path / "a.safetensors", base_layers(folder))


def test_a_folder_with_one_file_means_that_file(tmp_path: Path) -> None:
    identified(tmp_path, lora())
    assert identify(tmp_path).path.name == "a.safetensors"


def test_a_folder_with_several_files_means_that_of_diffusers(tmp_path: Path) -> None:
    for name in ("a.safetensors", DIFFUSERS_FILE):
        save_file(lora(), tmp_path / name)
    assert identify(tmp_path).path.name == DIFFUSERS_FILE


def test_a_file_without_tensors_is_called_empty(tmp_path: Path) -> None:
    save_file({}, tmp_path / "a.safetensors")
    with pytest.raises(AdapterError, match="it is empty"):
        check_adapter(tmp_path / "a.safetensors", {})
