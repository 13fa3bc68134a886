"""Files that were given for safetensors are told by what they are."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from finetune.store.other_files import refuse_other_files
from finetune.store.tensor_headers import TensorFileError


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"Not found, sorry", "It is text.*'Not found, sorry'"),
        (b"Access to model x is restricted" * 9, "It is text.*Access to model x"),
        (b"<Error><Code>AccessDenied</Code></Error>", "It is text.*AccessDenied"),
        (b"\x80\x03}q\x00." + bytes(9), "a pickle"),
        (b"\x80\x05\x95" + bytes(9), "a pickle"),
        (bytes(600), "begins with zeros alone"),
        (b"RIFF\x00\x00\x00\x00WEBP" + bytes(9), "WebP picture"),
        (b"GIF89a" + bytes(60), "GIF picture"),
        (b"\x93NUMPY\x01\x00" + bytes(60), "array of NumPy"),
        (b"\x89HDF\r\n\x1a\n" + bytes(60), "HDF5"),
        (b"a" * 257 + b"ustar" + bytes(250), "tar archive"),
        (b"\x28\xb5\x2f\xfd" + bytes(60), "Zstandard"),
    ],
)
def test_what_a_file_is_in_place_of_safetensors_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "f").write_bytes(content)
    with pytest.raises(TensorFileError, match=told):
        refuse_other_files(tmp_path / "f")


@pytest.mark.parametrize("n_tensors", [0, 1, 100])
def test_safetensors_are_let_through(tmp_path: Path, n_tensors: int) -> None:
    save_file({f"{i}": torch.zeros(3) for i in range(n_tensors)}, tmp_path / "f")
    refuse_other_files(tmp_path / "f")


@pytest.mark.parametrize("length", [0x5A42, 0x38464947, 0x46464952])
def test_a_header_whose_length_spells_another_kind_is_let_through(tmp_path: Path, length: int) -> None:
    (tmp_path / "f").write_bytes(length.to_bytes(8, "little") + b"{" + b" " * 600)
    if length < 2**30:
        refuse_other_files(tmp_path / "f")
    else:
        with pytest.raises(TensorFileError):
            refuse_other_files(tmp_path / "f")


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(TensorFileError, match="can be read"):
        refuse_other_files(tmp_path)
