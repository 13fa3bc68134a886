"""What is told of an adapter by its file, whoever merged it before."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from finetune.families.diffusion.adapter_effects import adapter_notices
from finetune.families.diffusion.adapter_facts import identify

LAYER = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"


def lines(tmp_path: Path, *, up: float = 1.0, alpha: float | None = 2.0, scale: float = 1.0) -> list[str]:
    tensors = {
        f"{LAYER}.lora_down.weight": torch.ones(2, 32),
        f"{LAYER}.lora_up.weight": torch.full((8, 2), up),
    }
    if alpha is not None:
        tensors[f"{LAYER}.alpha"] = torch.tensor(alpha)
    save_file(tensors, tmp_path / "a.safetensors")
    return [one.line for one in adapter_notices(identify(tmp_path / "a.safetensors"), scale=scale)]


def test_of_an_adapter_that_is_as_its_maker_meant_it_nothing_is_told(tmp_path: Path) -> None:
    assert lines(tmp_path) == []


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"scale": 0.0}, "its scale is 0"),
        ({"up": 0.0}, "products are zero"),
        ({"alpha": 0.0}, "products are zero"),
    ],
)
def test_an_adapter_without_effect_is_told(tmp_path: Path, given: dict[str, float], reason: str) -> None:
    (line,) = lines(tmp_path, **given)
    assert line.startswith("adapter a.safetensors: leaves the base generator as it is") and reason in line


def test_layers_whose_alpha_nothing_says_are_counted(tmp_path: Path) -> None:
    (line,) = lines(tmp_path, alpha=None)
    assert "alpha is taken to be their rank" in line


def test_an_alpha_of_the_metadata_is_one(tmp_path: Path) -> None:
    told = {"r": 2, "lora_alpha": 4}
    tensors = {f"{LAYER}.lora_down.weight": torch.ones(2, 32), f"{LAYER}.lora_up.weight": torch.ones(8, 2)}
    save_file(tensors, tmp_path / "a.safetensors", metadata={"lora_adapter_metadata": json.dumps(told)})
    assert adapter_notices(identify(tmp_path / "a.safetensors"), scale=1.0) == []
