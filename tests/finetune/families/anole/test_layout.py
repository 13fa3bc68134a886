import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from finetune.families.anole.config import AnoleConfig, read_config, write_config
from finetune.families.anole.layout import load_language_model, load_tokenizer, load_vq
from finetune.generator import GeneratorError

WEIGHTS = "vqgan/diffusion_pytorch_model.safetensors"


@pytest.fixture
def copied(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "copy"))


def load_all(folder: Path) -> None:
    read_config(folder)
    load_vq(folder)
    load_language_model(folder, dtype=torch.float32, device="cpu")
    load_tokenizer(folder)


def test_a_configuration_comes_back(tmp_path: Path) -> None:
    config = AnoleConfig(grid=(2, 3), prompt_length=9, temperature=0.5, top_p=0.8, image_guidance=1.0)
    write_config(tmp_path, config)
    assert read_config(tmp_path) == config


def test_defaults_are_the_release_s(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"family": "anole"}')
    config = read_config(tmp_path)
    assert (config.n_tokens, config.temperature, config.top_p, config.image_guidance) == (1024, 0.7, 0.9, 1.2)


@pytest.mark.parametrize("given", [{"family": "controlgan"}, {"family": "anole", "colour": 1}, ["anole"]])
def test_another_configuration_is_refused(tmp_path: Path, given: Any) -> None:
    (tmp_path / "config.json").write_text(json.dumps(given))
    with pytest.raises(GeneratorError, match="family anole"):
        read_config(tmp_path)


@pytest.mark.parametrize(
    "part", ["config.json", "vqgan/config.json", "language_model/config.json", "tokenizer/tokenizer.json"]
)
def test_a_missing_part_is_named(copied: Path, part: str) -> None:
    (copied / part).unlink()
    with pytest.raises(GeneratorError, match=part):
        load_all(copied)


@pytest.mark.parametrize("part", ["vqgan", "language_model"])
def test_missing_weights_are_told(copied: Path, part: str) -> None:
    for path in (copied / part).glob("*.safetensors"):
        path.unlink()
    with pytest.raises(GeneratorError, match=f"{part} must hold"):
        load_all(copied)


def _without(name: str) -> Callable[[dict[str, torch.Tensor]], dict[str, torch.Tensor]]:
    return lambda state: {key: tensor for key, tensor in state.items() if key != name}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_without("decoder.conv_in.bias"), r"Missing: 'decoder.conv_in.bias'"),
        (lambda state: state | {"extra.weight": torch.zeros(1)}, r"Unknown: 'extra.weight'"),
    ],
    ids=["missing", "unknown"],
)
def test_weights_that_do_not_fit_are_named(
    copied: Path, change: Callable[[dict[str, torch.Tensor]], dict[str, torch.Tensor]], told: str
) -> None:
    save_file(change(load_file(copied / WEIGHTS)), copied / WEIGHTS)
    with pytest.raises(GeneratorError, match=told):
        load_vq(copied)


def test_only_known_language_models_are_loaded(copied: Path) -> None:
    (copied / "language_model" / "config.json").write_text('{"model_type": "gpt2"}')
    with pytest.raises(GeneratorError, match="chameleon, llama"):
        load_language_model(copied, dtype=torch.float32, device="cpu")
