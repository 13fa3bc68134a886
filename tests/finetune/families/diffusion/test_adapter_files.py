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

from finetune.families.diffusion import adapter_files
from finetune.families.diffusion.adapter_facts import DIFFUSERS_FILE, PEFT_CONFIG, PEFT_FILE, AdapterError
from finetune.families.diffusion.adapter_files import (
    AdapterWithoutEffectWarning,
    load_adapter,
    networks_of,
    write_adapter,
)
from finetune.families.diffusion.adapters import LowRank
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


def read_adapter(unet: torch.nn.Module, file: Path) -> dict[str, LowRank]:
    """What a file adapts of a U-Net."""
    return adapter_files.read_adapter({"unet": unet}, file)["unet"]


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
    load_adapter({"unet": unet}, tmp_path)
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
    keys = {f"unet.down_blocks.9.{i}.lora_{side}.weight": torch.ones(1, 1) for i in range(7) for side in "AB"}
    a, b = pair(LAYER)
    keys |= {f"unet.{LAYER}.lora_A.weight": a, f"unet.{LAYER}.lora_B.weight": b}
    with pytest.raises(
        AdapterError,
        match=r"7 keys are of layers that it does not have: 'unet\.down_blocks\.9\.0\.lora_A\.weight'.*, \.\.\.",
    ):
        read_adapter(unet, saved(tmp_path / "a.safetensors", keys))


TEXT = "encoder.layers.1.self_attn.q_proj"
TEXT_SPELLINGS = {
    "flat": (f"lora_te_text_model_{TEXT.replace('.', '_')}.lora_down.weight", "lora_up"),
    "diffusers": (f"text_encoder.text_model.{TEXT}.lora_A.weight", "lora_B"),
    "linear-layer": (f"text_encoder.text_model.{TEXT}.lora_linear_layer.down.weight", "up"),
    "older": (f"text_encoder.text_model.{TEXT[:-7]}.to_q_lora.down.weight", "up"),
    "unwrapped": (f"text_encoder.{TEXT}.lora_A.weight", "lora_B"),
    "peft": (f"base_model.model.text_model.{TEXT}.lora_A.weight", "lora_B"),
    "peft-unwrapped": (f"base_model.model.{TEXT}.lora_A.weight", "lora_B"),
}


@pytest.mark.parametrize("spelling", TEXT_SPELLINGS)
def test_the_text_encoders_part_is_merged_into_it(folder: Path, tmp_path: Path, spelling: str) -> None:
    pipeline, (down, side) = load_pipeline(folder), TEXT_SPELLINGS[spelling]
    before = {name: tensor.clone() for name, tensor in pipeline.text_encoder.state_dict().items()}
    chance = torch.Generator().manual_seed(0)
    a, b = torch.randn(2, 32, generator=chance), torch.randn(32, 2, generator=chance)
    up = down.replace("lora_down", side).replace("lora_A", side).replace(".down.", f".{side}.")
    (tmp_path / PEFT_CONFIG).write_text('{"r": 2, "lora_alpha": 2}')
    load_adapter(networks_of(pipeline), saved(tmp_path / "a.safetensors", {down: a, up: b}))
    changed = {
        name: tensor - before[name]
        for name, tensor in pipeline.text_encoder.state_dict().items()
        if not torch.equal(tensor, before[name])
    }
    (name,) = changed
    assert name.endswith(f"{TEXT}.weight")
    torch.testing.assert_close(changed[name], b @ a, rtol=1e-4, atol=1e-5)


def test_both_parts_through_diffusers_are_those_through_ours(folder: Path, tmp_path: Path) -> None:
    ours, theirs = load_pipeline(folder), load_pipeline(folder)
    chance = torch.Generator().manual_seed(0)
    tensors = {}
    for prefix, network, ends in (
        ("lora_unet_", ours.unet, ("to_q", "to_v")),
        ("lora_te_text_model_", ours.text_encoder, ("q_proj", "fc1", "out_proj")),
    ):
        for name, layer in network.named_modules():
            if name.endswith(ends):
                flat = prefix + name.removeprefix("text_model.").replace(".", "_")
                tensors[f"{flat}.lora_down.weight"] = torch.randn(2, layer.weight.shape[1], generator=chance)
                tensors[f"{flat}.lora_up.weight"] = torch.randn(layer.weight.shape[0], 2, generator=chance)
                tensors[f"{flat}.alpha"] = torch.tensor(1.0)
    file = saved(tmp_path / "flat.safetensors", tensors)
    load_adapter(networks_of(ours), file)
    theirs.load_lora_weights(tmp_path, weight_name=file.name)
    theirs.fuse_lora()
    theirs.unload_lora_weights()
    for part in ("unet", "text_encoder"):
        expected = getattr(theirs, part).state_dict()
        for name, tensor in getattr(ours, part).state_dict().items():
            torch.testing.assert_close(tensor, expected[name], rtol=1e-4, atol=1e-5)


def test_another_factorisation_of_the_same_product_gives_the_same_network(sd15: Path, tmp_path: Path) -> None:
    a, b = pair(LAYER)
    turn = torch.tensor([[2.0, 1.0], [0.0, -0.5]])
    networks = []
    for name, down, up in (("one", a, b), ("other", turn.inverse() @ a, b @ turn)):
        unet = load_pipeline(sd15).unet
        file = tmp_path / f"{name}.safetensors"
        load_adapter(
            {"unet": unet}, saved(file, {f"{LAYER}.lora.down.weight": down, f"{LAYER}.lora.up.weight": up})
        )
        networks.append(unet.get_submodule(LAYER).weight)
    torch.testing.assert_close(*networks, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_numbers_that_are_not_finite_are_blamed_on_the_file(
    unet: torch.nn.Module, tmp_path: Path, bad: float
) -> None:
    a, b = pair(LAYER)
    a[0, 0] = bad
    tensors = {f"unet.{LAYER}.lora_A.weight": a.half(), f"unet.{LAYER}.lora_B.weight": b}
    with pytest.raises(AdapterError, match=rf"finite.*a\.safetensors has NaN or infinity in 'unet\.{LAYER}"):
        read_adapter(unet, saved(tmp_path / "a.safetensors", tensors))


@pytest.mark.parametrize("name", ["mine.safetensors", DIFFUSERS_FILE])
def test_the_configuration_of_another_adapter_in_the_folder_is_not_taken(
    unet: torch.nn.Module, tmp_path: Path, name: str
) -> None:
    a, b = pair(LAYER)
    (tmp_path / PEFT_CONFIG).write_text('{"r": 2, "lora_alpha": 9, "use_rslora": true}')
    file = saved(tmp_path / name, {f"unet.{LAYER}.lora_A.weight": a, f"unet.{LAYER}.lora_B.weight": b})
    assert read_adapter(unet, file)[LAYER].factor == 1


def test_a_second_file_of_peft_does_not_take_the_configuration_of_the_first(
    unet: torch.nn.Module, tmp_path: Path
) -> None:
    a, b = pair(LAYER)
    tensors = {
        f"base_model.model.{LAYER}.lora_A.weight": a,
        f"base_model.model.{LAYER}.lora_B.weight": b,
    }
    saved(tmp_path / PEFT_FILE, tensors)
    (tmp_path / PEFT_CONFIG).write_text('{"r": 2, "lora_alpha": 8}')
    with pytest.raises(AdapterError, match=f"has that of {PEFT_FILE} only"):
        read_adapter(unet, saved(tmp_path / "other.safetensors", tensors))


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
        load_adapter({"unet": unet}, tmp_path / "a.safetensors", scale=scale)
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
    load_adapter(networks_of(ours), tmp_path)
    images = DiffusionGenerator(ours, Sampling(n_steps=2, batch_size=1)).sample(["a red house"], [3])
    theirs.load_lora_weights(tmp_path, weight_name=DIFFUSERS_FILE)
    theirs.scheduler = DDIMScheduler.from_config(theirs.scheduler.config)
    noise = torch.randn(4, 4, 4, generator=torch.Generator().manual_seed(3))[None]
    drawn = theirs(
        prompt="a red house", latents=noise, num_inference_steps=2, guidance_scale=3.0, output_type="np"
    )
    assert np.abs(images / 255 - drawn.images).max() <= 1 / 255  # pyright: ignore  # an untyped output
    assert not np.array_equal(images, base)
