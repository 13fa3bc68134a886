"""Tensors are kept as safetensors, and trouble with them is told."""

from pathlib import Path

import pytest
import torch

from finetune.store.tensors import TensorFileError, read_tensors, write_tensors


def test_tensors_come_back_as_they_were(tmp_path: Path) -> None:
    tensors = {"a": torch.arange(6.0).reshape(2, 3).T, "b": torch.tensor(3, dtype=torch.int64)}
    write_tensors(tmp_path / "file", tensors)
    again = read_tensors(tmp_path / "file")
    assert all(torch.equal(again[name], tensor) for name, tensor in tensors.items())


def test_trouble_with_the_disk_is_an_operating_system_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_tensors(tmp_path / "nowhere/file", {"a": torch.zeros(1)})


@pytest.mark.parametrize("content", [b"", b"torn", b"\xff" * 64, b"\x80\x04K\x01."])
def test_anything_but_safetensors_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(TensorFileError, match="safetensors"):
        read_tensors(tmp_path / "file")
