"""The door for published files lets tensors through and nothing else."""

from pathlib import Path

import pytest
import torch

from finetune.cli import main
from finetune.families.convert import CONVERSIONS, ConversionError, convert, read_published
from finexl.errors import InvalidInputError


def test_a_file_of_other_objects_is_not_opened(tmp_path: Path) -> None:
    torch.save({"a": Path("x")}, tmp_path / "bad.pth")
    with pytest.raises(ConversionError, match="weights_only"):
        read_published(tmp_path / "bad.pth")


def test_a_wrapping_state_dict_is_opened(tmp_path: Path) -> None:
    torch.save({"state_dict": {"w": torch.ones(2)}, "epoch": 3}, tmp_path / "one.ckpt")
    assert list(read_published(tmp_path / "one.ckpt")) == ["w"]


def test_what_training_on_several_devices_puts_before_names_is_left_out(tmp_path: Path) -> None:
    torch.save({"module.w": torch.ones(2), "module.b": torch.ones(1)}, tmp_path / "one.pth")
    assert list(read_published(tmp_path / "one.pth")) == ["w", "b"]


def test_an_unknown_kind_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="controlgan"):
        convert("controlgun", {}, folder=tmp_path)


def test_an_unknown_file_is_named(tmp_path: Path) -> None:
    for kind, conversion in CONVERSIONS.items():
        files = dict.fromkeys([*conversion.needed, "what"], tmp_path)
        with pytest.raises(InvalidInputError, match="unknown: what"):
            convert(kind, files, folder=tmp_path)


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    for kind, conversion in CONVERSIONS.items():
        files = dict.fromkeys(conversion.needed, tmp_path / "nothing.pth")
        with pytest.raises(ConversionError, match="None is at"):
            convert(kind, files, folder=tmp_path)


def test_tensors_keep_their_names_and_values(tmp_path: Path) -> None:
    torch.save({"layer.weight": torch.arange(3.0)}, tmp_path / "one.pth")
    assert torch.equal(read_published(tmp_path / "one.pth")["layer.weight"], torch.arange(3.0))


def test_a_file_that_is_no_dictionary_is_an_error(tmp_path: Path) -> None:
    torch.save([torch.ones(1)], tmp_path / "list.pth")
    with pytest.raises(ConversionError, match="map names to tensors"):
        read_published(tmp_path / "list.pth")


def test_a_torn_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "torn.pth").write_bytes(b"torn")
    with pytest.raises(ConversionError, match="weights_only"):
        read_published(tmp_path / "torn.pth")


def test_the_help_of_convert_names_every_file_of_every_kind(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["convert", "--help"])
    told = capsys.readouterr().out
    for conversion in CONVERSIONS.values():
        assert all(name in told for name in (*conversion.needed, *conversion.optional))
        assert conversion.summary in told
