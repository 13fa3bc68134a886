"""Adapters of other programs load into the base they were made for, and ours load elsewhere."""

import copy
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers.schedulers.scheduling_ddim import DDIMScheduler
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from torch import Tensor

from finetune.families.diffusion.adapter_files import (
    DIFFUSERS_FILE,
    PEFT_CONFIG,
    PEFT_FILE,
    AdapterWithoutEffectWarning,
    load_adapter,
    read_adapter,
    write_adapter,
)
from finetune.families.diffusion.adapters import AdapterError, LowRank
from finetune.families.diffusion.personalizer import load_pipeline
from finetune.families.diffusion.sampling import DiffusionGenerator, Sampling

LAYER = "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k"
OUT = "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_out.0"
FLAT = OUT.replace(".", "_")


@pytest.fixture
def unet(sd21: Path) -> torch.nn.Module:
    return load_pipeline(sd21).unet


def pair(layer: str) -> tuple[Tensor, Tensor]:
    """A and B of rank 2 that fit `layer`, which maps the text's 32 values or the network's own 8."""
    n_inputs = 32 if layer == LAYER else 8
    chance = torch.Generator().manual_seed(0)
    return torch.randn(2, n_inputs, generator=chance), torch.randn(8, 2, generator=chance)


def saved(path: Path, tensors: Mapping[str, Tensor], **metadata: str) -> Path:
    save_file(dict(tensors), path, metadata=metadata or None)
    return path


@pytest.mark.parametrize(
    ("layer", "down", "up"),
    [
        (LAYER, f"unet.{LAYER}.lora_A.weight", f"unet.{LAYER}.lora_B.weight"),
        (LAYER, f"unet.{LAYER}.lora.down.weight", f"unet.{LAYER}.lora.up.weight"),
        (LAYER, f"{LAYER}.lora_linear_layer.down.weight", f"{LAYER}.lora_linear_layer.up.weight"),
        (
            OUT,
            f"unet.{OUT[: -len('.to_out.0')]}.processor.to_out_lora.down.weight",
            f"unet.{OUT[: -len('.to_out.0')]}.processor.to_out_lora.up.weight",
        ),
        (OUT, f"lora_unet_{FLAT}.lora_down.weight", f"lora_unet_{FLAT}.lora_up.weight"),
    ],
    ids=["diffusers", "down-up", "linear-layer", "processor", "flat"],
)
def test_every_spelling_finds_its_layer(
    unet: torch.nn.Module, tmp_path: Path, layer: str, down: str, up: str
) -> None:
    a, b = pair(layer)
    adapter = read_adapter(unet, saved(tmp_path / "a.safetensors", {down: a, up: b}))
    assert list(adapter) == [layer] and adapter[layer].factor == 1
    assert torch.equal(adapter[layer].down, a) and torch.equal(adapter[layer].up, b)


def test_alpha_of_a_layer_is_divided_by_its_rank(unet: torch.nn.Module, tmp_path: Path) -> None:
    a, b = pair(OUT)
    keys = {f"lora_unet_{FLAT}.lora_down.weight": a, f"lora_unet_{FLAT}.lora_up.weight": b}
    file = saved(tmp_path / "a.safetensors", keys | {f"lora_unet_{FLAT}.alpha": torch.tensor(1.0)})
    assert read_adapter(unet, file)[OUT].factor == 0.5


def test_alpha_in_the_metadata_is_respected(unet: torch.nn.Module, tmp_path: Path) -> None:
    a, b = pair(LAYER)
    entries = {"unet.r": 2, "unet.lora_alpha": 6, "unet.alpha_pattern": {"attn1.to_q": 9}}
    file = saved(
        tmp_path / "a.safetensors",
        {f"unet.{LAYER}.lora_A.weight": a, f"unet.{LAYER}.lora_B.weight": b},
        lora_adapter_metadata=json.dumps(entries),
    )
    assert read_adapter(unet, file)[LAYER].factor == 3


def test_a_folder_that_peft_wrote_gives_the_same_network(unet: torch.nn.Module, tmp_path: Path) -> None:
    config = LoraConfig(r=2, lora_alpha=5, target_modules=["to_q", "to_out.0"], init_lora_weights=False)
    theirs = get_peft_model(copy.deepcopy(unet), config)  # pyright: ignore[reportArgumentType]  # any module
    theirs.save_pretrained(str(tmp_path))
    load_adapter(unet, tmp_path)
    expected = theirs.merge_and_unload().state_dict()  # pyright: ignore[reportCallIssue]  # a module's method
    for name, tensor in unet.state_dict().items():
        torch.testing.assert_close(tensor, expected[name])


def test_a_file_of_peft_without_its_configuration_is_refused(unet: torch.nn.Module, tmp_path: Path) -> None:
    a, b = pair(LAYER)
    prefix = f"base_model.model.{LAYER}"
    saved(tmp_path / PEFT_FILE, {f"{prefix}.lora_A.weight": a, f"{prefix}.lora_B.weight": b})
    with pytest.raises(AdapterError, match=PEFT_CONFIG):
        read_adapter(unet, tmp_path)


def test_a_rank_that_the_configuration_denies_is_refused(unet: torch.nn.Module, tmp_path: Path) -> None:
    a, b = pair(LAYER)
    prefix = f"base_model.model.{LAYER}"
    saved(tmp_path / PEFT_FILE, {f"{prefix}.lora_A.weight": a, f"{prefix}.lora_B.weight": b})
    (tmp_path / PEFT_CONFIG).write_text(json.dumps({"r": 4, "lora_alpha": 4}))
    with pytest.raises(AdapterError, match="configuration says, 4"):
        read_adapter(unet, tmp_path)


def test_keys_that_the_base_has_no_layer_for_are_named_and_counted(
    unet: torch.nn.Module, tmp_path: Path
) -> None:
    keys = {f"unet.down_blocks.9.{i}.lora_A.weight": torch.ones(1, 1) for i in range(7)}
    a, b = pair(LAYER)
    keys |= {f"unet.{LAYER}.lora_A.weight": a, f"unet.{LAYER}.lora_B.weight": b}
    with pytest.raises(
        AdapterError, match=r"7 that do not: 'unet\.down_blocks\.9\.0\.lora_A\.weight'.*, \.\.\."
    ):
        read_adapter(unet, saved(tmp_path / "a.safetensors", keys))


def test_text_encoder_keys_are_not_passed_over(unet: torch.nn.Module, tmp_path: Path) -> None:
    key = "text_encoder.text_model.encoder.layers.0.self_attn.q_proj.lora_A.weight"
    with pytest.raises(AdapterError, match=r"1 that do not: 'text_encoder.*not supported.*fuse_lora"):
        read_adapter(unet, saved(tmp_path / "a.safetensors", {key: torch.ones(1, 1)}))


def test_two_spellings_of_one_layer_are_refused(unet: torch.nn.Module, tmp_path: Path) -> None:
    a, b = pair(LAYER)
    keys = {f"unet.{LAYER}.lora_A.weight": a, f"unet.{LAYER}.lora_B.weight": b}
    keys[f"unet.{LAYER}.lora.down.weight"] = a + 1
    with pytest.raises(AdapterError, match=rf"'{LAYER}' \(down\) in two spellings"):
        read_adapter(unet, saved(tmp_path / "a.safetensors", keys))


@pytest.mark.parametrize("text", ["{", "[1]", "\udcff"])
def test_a_broken_configuration_is_refused(unet: torch.nn.Module, tmp_path: Path, text: str) -> None:
    a, b = pair(LAYER)
    prefix = f"base_model.model.{LAYER}"
    saved(tmp_path / PEFT_FILE, {f"{prefix}.lora_A.weight": a, f"{prefix}.lora_B.weight": b})
    (tmp_path / PEFT_CONFIG).write_text(text, errors="surrogateescape")
    with pytest.raises(AdapterError, match=f"must be( a)? JSON.*{PEFT_CONFIG}"):
        read_adapter(unet, tmp_path)


def test_broken_metadata_is_refused(unet: torch.nn.Module, tmp_path: Path) -> None:
    a, b = pair(LAYER)
    keys = {f"unet.{LAYER}.lora_A.weight": a, f"unet.{LAYER}.lora_B.weight": b}
    file = saved(tmp_path / "a.safetensors", keys, lora_adapter_metadata="{")
    with pytest.raises(AdapterError, match="must be JSON"):
        read_adapter(unet, file)


def test_a_shape_that_does_not_fit_names_the_layer(unet: torch.nn.Module, tmp_path: Path) -> None:
    tensors = {
        f"unet.{LAYER}.lora_A.weight": torch.ones(2, 768),
        f"unet.{LAYER}.lora_B.weight": torch.ones(8, 2),
    }
    with pytest.raises(
        AdapterError, match=rf"'{LAYER}' must have B of shape \(8, rank\) and A of \(rank, 32\)"
    ):
        read_adapter(unet, saved(tmp_path / "a.safetensors", tensors))


def test_half_an_adapter_is_refused(unet: torch.nn.Module, tmp_path: Path) -> None:
    file = saved(tmp_path / "a.safetensors", {f"unet.{LAYER}.lora_A.weight": pair(LAYER)[0]})
    with pytest.raises(AdapterError, match="has only down"):
        read_adapter(unet, file)


def test_a_pickled_adapter_is_refused(unet: torch.nn.Module, tmp_path: Path) -> None:
    (tmp_path / "pytorch_lora_weights.bin").write_bytes(b"")
    with pytest.raises(AdapterError, match="safetensors"):
        read_adapter(unet, tmp_path / "pytorch_lora_weights.bin")


@pytest.mark.parametrize(
    ("factor", "scale", "reason"), [(0.0, 1.0, "products are zero"), (1.0, 0.0, "scale is 0")]
)
def test_an_adapter_without_effect_is_reported(
    unet: torch.nn.Module, tmp_path: Path, factor: float, scale: float, reason: str
) -> None:
    a, b = pair(LAYER)
    write_adapter(tmp_path / "a.safetensors", {LAYER: LowRank(a, b * factor, 1.0)})
    before = unet.get_submodule(LAYER).weight.clone()
    with pytest.warns(AdapterWithoutEffectWarning, match=reason):
        load_adapter(unet, tmp_path / "a.safetensors", scale=scale)
    assert torch.equal(unet.get_submodule(LAYER).weight, before)


def test_what_is_written_reads_back_with_its_factor(unet: torch.nn.Module, tmp_path: Path) -> None:
    a, b = pair(LAYER)
    write_adapter(tmp_path / "a.safetensors", {LAYER: LowRank(a, b, 2.0)})
    (found,) = read_adapter(unet, tmp_path / "a.safetensors").values()
    torch.testing.assert_close(found.factor * found.up @ found.down, 2.0 * b @ a)


def test_images_through_diffusers_are_those_through_ours(folder: Path, tmp_path: Path) -> None:
    ours, theirs = load_pipeline(folder), load_pipeline(folder)
    chance = torch.Generator().manual_seed(0)
    adapter = {
        name: LowRank(
            torch.randn(2, layer.weight.shape[1], generator=chance),
            torch.randn(layer.weight.shape[0], 2, generator=chance),
            0.5,
        )
        for name, layer in ours.unet.named_modules()
        if name.endswith(("to_q", "to_v", "to_out.0"))
    }
    write_adapter(tmp_path / DIFFUSERS_FILE, adapter)
    base = DiffusionGenerator(ours, Sampling(n_steps=2, batch_size=1)).sample(["a red house"], [3])
    load_adapter(ours.unet, tmp_path)
    images = DiffusionGenerator(ours, Sampling(n_steps=2, batch_size=1)).sample(["a red house"], [3])
    theirs.load_lora_weights(tmp_path, weight_name=DIFFUSERS_FILE)
    theirs.scheduler = DDIMScheduler.from_config(theirs.scheduler.config)
    noise = torch.randn(4, 4, 4, generator=torch.Generator().manual_seed(3))[None]
    drawn = theirs(
        prompt="a red house", latents=noise, num_inference_steps=2, guidance_scale=3.0, output_type="np"
    )
    assert np.abs(images / 255 - drawn.images).max() <= 1 / 255  # pyright: ignore  # an untyped output
    assert not np.array_equal(images, base)
