"""A folder gives back what was saved to it, or says what is wrong with it."""

import json
import logging
from pathlib import Path

import pytest
import torch

from finetune.families.controlgan.layout import load_networks, read_architecture, require
from finetune.families.controlgan.networks import Networks
from finetune.generator import GeneratorError
from finetune.store.tensors import read_tensors, write_tensors


def test_networks_survive_the_disk_in_half_precision(folder: Path, networks: Networks) -> None:
    loaded = load_networks(folder).networks
    for name, saved in networks.generator.state_dict().items():
        torch.testing.assert_close(loaded.generator.state_dict()[name], saved, atol=1e-3, rtol=1e-3)


def test_the_architecture_survives_the_disk(folder: Path, networks: Networks) -> None:
    assert read_architecture(folder) == networks.architecture


def test_loaded_networks_are_frozen(folder: Path) -> None:
    loaded = load_networks(folder).networks
    parts = (loaded.generator, loaded.discriminators, loaded.text_encoder, loaded.image_encoder)
    assert not any(one.requires_grad for part in parts for one in part.parameters())


def test_foreign_keys_are_an_error_that_names_them(folder: Path) -> None:
    path = folder / "generator.safetensors"
    tensors = read_tensors(path)
    tensors["img_net4.img.0.weight"] = tensors.pop("img_net3.img.0.weight")
    write_tensors(path, tensors)
    with pytest.raises(GeneratorError, match=r"img_net3\.img\.0\.weight.*img_net4"):
        load_networks(folder)


def test_a_wrong_shape_is_an_error(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text()) | {"generator_width": 6}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(GeneratorError, match="Of another shape: '"):
        load_networks(folder)


def test_another_models_configuration_is_an_error(folder: Path) -> None:
    (folder / "config.json").write_text(json.dumps({"_class_name": "VQModel"}))
    with pytest.raises(GeneratorError, match="_class_name"):
        load_networks(folder)


def test_a_folder_without_a_generator_is_an_error(folder: Path) -> None:
    (folder / "generator.safetensors").unlink()
    with pytest.raises(GeneratorError, match=r"generator\.safetensors"):
        load_networks(folder)


def test_personalizing_without_the_image_encoder_is_an_error(folder: Path) -> None:
    (folder / "image_encoder.safetensors").unlink()
    with pytest.raises(GeneratorError, match="image_encoder"):
        require(load_networks(folder), folder)


def test_missing_discriminators_are_random_and_told(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    (folder / "discriminators.safetensors").unlink()
    with caplog.at_level(logging.WARNING):
        require(load_networks(folder), folder)
    assert "random" in caplog.text


def test_missing_discriminators_are_the_same_each_time(folder: Path) -> None:
    (folder / "discriminators.safetensors").unlink()
    first, second = (load_networks(folder).networks.discriminators.state_dict() for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_a_vocabulary_of_another_size_is_an_error(folder: Path) -> None:
    (folder / "vocabulary.json").write_text('["<end>", "a"]')
    with pytest.raises(GeneratorError, match="n_words"):
        load_networks(folder)
