"""Published files become a folder that holds the same tensors."""

import json
from pathlib import Path

import pytest
import torch

from finetune.families.controlgan.architecture import Architecture
from finetune.families.controlgan.layout import load_networks
from finetune.families.controlgan.networks import Networks
from finetune.families.controlgan.published import architecture_of
from finetune.families.controlgan.words import Vocabulary
from finetune.families.convert import ConversionError, convert
from finexl.errors import InvalidInputError


@pytest.fixture
def files(tmp_path: Path, networks: Networks, vocabulary: Vocabulary) -> dict[str, Path]:
    files = {name: tmp_path / f"{name}.pth" for name in ("generator", "text_encoder")}
    torch.save(networks.generator.state_dict(), files["generator"])
    torch.save(networks.text_encoder.state_dict(), files["text_encoder"])
    files["vocabulary"] = tmp_path / "words.json"
    files["vocabulary"].write_text(json.dumps(dict(vocabulary.index)))
    return files


def test_a_converted_generator_has_the_same_weights(
    files: dict[str, Path], tmp_path: Path, networks: Networks
) -> None:
    convert("controlgan", files, folder=tmp_path / "made")
    loaded = load_networks(tmp_path / "made").networks
    expected = networks.generator.state_dict()
    assert all(torch.equal(value, expected[name]) for name, value in loaded.generator.state_dict().items())


def test_the_birds_architecture_is_read_from_the_tensors(published_birds: dict[str, tuple[int, ...]]) -> None:
    with torch.device("meta"):
        generator = {key: torch.empty(shape) for key, shape in published_birds.items()}
        text = {"encoder.weight": torch.empty(5450, 300)}
    assert architecture_of({"generator": generator, "text_encoder": text}) == Architecture(n_words=5450)


def test_a_generator_without_the_published_keys_is_an_error(files: dict[str, Path], tmp_path: Path) -> None:
    torch.save({"w": torch.ones(2)}, files["generator"])
    with pytest.raises(ConversionError, match="published keys"):
        convert("controlgan", files, folder=tmp_path / "made")


def test_missing_files_are_named(files: dict[str, Path], tmp_path: Path) -> None:
    del files["vocabulary"]
    with pytest.raises(InvalidInputError, match="Missing: vocabulary"):
        convert("controlgan", files, folder=tmp_path / "made")


def test_discriminators_need_each_other(files: dict[str, Path], tmp_path: Path) -> None:
    torch.save({"w": torch.ones(2)}, tmp_path / "netD0.pth")
    with pytest.raises(ConversionError, match="all 3 stages"):
        convert("controlgan", files | {"discriminator0": tmp_path / "netD0.pth"}, folder=tmp_path / "made")
