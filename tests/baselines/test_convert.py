"""The door for published captioner files lets tensors through and nothing else."""

from pathlib import Path

import pytest
import torch

from baselines.convert import CONVERSIONS, ConversionError, convert, read_parts, read_tensors
from finexl.errors import InvalidInputError


def saved(path: Path, held: object) -> Path:
    torch.save(held, path)
    return path


def test_a_file_of_other_objects_is_not_opened(tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match="weights_only"):
        read_tensors(saved(tmp_path / "bad.pt", {"a": Path("x")}))


@pytest.mark.parametrize("wrapping", ["model_state_dict", "state_dict"])
def test_a_wrapped_state_dict_is_opened(tmp_path: Path, wrapping: str) -> None:
    held = {wrapping: {"w": torch.ones(2)}, "global_step": 3}
    assert list(read_tensors(saved(tmp_path / "one.pt", held))) == ["w"]


def test_the_parts_of_a_checkpoint_are_told_apart(tmp_path: Path) -> None:
    held = {"encoder_dict": {"w": torch.ones(1)}, "decoder_dict": {"v": torch.zeros(1)}, "epoch": 3}
    parts = read_parts(saved(tmp_path / "one.pth", held))
    assert {name: list(part) for name, part in parts.items()} == {
        "encoder_dict": ["w"],
        "decoder_dict": ["v"],
    }


@pytest.mark.parametrize("wrapping", [None, "state_dict"])
def test_what_training_on_several_devices_puts_before_names_is_left_out(
    tmp_path: Path, wrapping: str | None
) -> None:
    held = {"module.layer.weight": torch.ones(2), "module.module.bias": torch.ones(1)}
    path = saved(tmp_path / "one.pt", {wrapping: held} if wrapping else held)
    assert list(read_tensors(path)) == ["layer.weight", "module.bias"]
    parts = read_parts(saved(tmp_path / "two.pth", {"encoder_dict": held}))
    assert list(parts["encoder_dict"]) == ["layer.weight", "module.bias"]


@pytest.mark.parametrize("before", ["_orig_mod.", "module._orig_mod.", "_orig_mod.module."])
def test_what_compiling_puts_before_names_is_left_out_too(tmp_path: Path, before: str) -> None:
    path = saved(tmp_path / "one.pt", {f"{before}layer.weight": torch.ones(2)})
    assert list(read_tensors(path)) == ["layer.weight"]


def test_a_module_that_is_called_module_keeps_its_name(tmp_path: Path) -> None:
    held = {"module.weight": torch.ones(2), "other.weight": torch.ones(2)}
    assert list(read_tensors(saved(tmp_path / "one.pt", held))) == list(held)


def test_data_are_those_of_chg2cap_alone(tmp_path: Path) -> None:
    files = {name: saved(tmp_path / name, {}) for name in ("checkpoint", "vocabulary", "backbone")}
    with pytest.raises(InvalidInputError, match="Leave out --data") as error:
        convert("diff_caption", files, folder=tmp_path / "made", data="levir")
    assert "Did you mean" not in str(error.value)


def test_other_data_are_told_by_the_option_that_takes_them(tmp_path: Path) -> None:
    files = {name: saved(tmp_path / name, {}) for name in ("checkpoint", "vocabulary")}
    with pytest.raises(InvalidInputError, match="Give --data levir or dubai"):
        convert("chg2cap", files, folder=tmp_path / "made", data="levire")


def test_tensors_keep_their_values(tmp_path: Path) -> None:
    path = saved(tmp_path / "one.pt", {"layer.weight": torch.arange(3.0)})
    assert torch.equal(read_tensors(path)["layer.weight"], torch.arange(3.0))


def test_a_list_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match="map names to tensors"):
        read_tensors(saved(tmp_path / "list.pt", [torch.ones(1)]))


def test_numbers_among_tensors_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match="other things"):
        read_tensors(saved(tmp_path / "mixed.pt", {"w": torch.ones(1), "step": 3}))


def test_a_torn_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "torn.pt").write_bytes(b"torn")
    with pytest.raises(ConversionError, match="weights_only"):
        read_tensors(tmp_path / "torn.pt")


def test_an_unknown_kind_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="Did you mean kind=chg2cap"):
        convert("chg2cat", {}, folder=tmp_path)


@pytest.mark.parametrize("kind", CONVERSIONS)
def test_what_is_needed_is_told(tmp_path: Path, kind: str) -> None:
    with pytest.raises(InvalidInputError, match="checkpoint, vocabulary"):
        convert(kind, {"checkpoint": tmp_path}, folder=tmp_path)


@pytest.mark.parametrize("kind", CONVERSIONS)
def test_a_file_that_is_not_there_is_an_error(tmp_path: Path, kind: str) -> None:
    files = dict.fromkeys(CONVERSIONS[kind].needed, tmp_path / "nothing.pth")
    with pytest.raises(ConversionError, match="None is at"):
        convert(kind, files, folder=tmp_path / "made")
