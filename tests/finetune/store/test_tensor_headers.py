"""A header is believed as far as its file bears it out, and other files are told by what they are."""

import hashlib
import json
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from finetune.store.tensor_headers import TensorFileError, digests, not_finite, read_header, read_numbers

ENTRY = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}


def file_with(path: Path, header: object, n_bytes: int = 8) -> Path:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(n_bytes))
    return path


def test_names_kinds_shapes_and_metadata_are_those_that_were_saved(tmp_path: Path) -> None:
    tensors = {"a": torch.zeros(2, 3), "b": torch.zeros(4, dtype=torch.bfloat16), "none": torch.zeros(0, 3)}
    save_file(tensors, tmp_path / "f", metadata={"ss_tag": "ü"})
    header = read_header(tmp_path / "f")
    assert {name: (held.dtype, held.shape) for name, held in header.tensors.items()} == {
        "a": ("F32", (2, 3)), "b": ("BF16", (4,)), "none": ("F32", (0, 3)),
    }  # fmt: skip
    assert header.metadata == {"ss_tag": "ü"}


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.int32])
def test_numbers_of_every_kind_are_those_that_were_saved(tmp_path: Path, dtype: torch.dtype) -> None:
    save_file({"x": torch.zeros(3), "a": torch.tensor([1.5, -2.0, 8.0]).to(dtype)}, tmp_path / "f")
    held = read_numbers(tmp_path / "f", read_header(tmp_path / "f").tensors["a"])
    assert held.tolist() == torch.tensor([1.5, -2.0, 8.0]).to(dtype).tolist()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "It is empty"),
        (b"<!DOCTYPE html><html>log in</html>" * 9, "It is an HTML page"),
        (b"\n  <HTML>", "It is an HTML page"),
        (b"\xef\xbb\xbf<html>", "It is an HTML page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "git-lfs pull|git lfs pull"),
        (b"PK\x03\x04" + bytes(60), "zip archive"),
        (b"\x80\x02}q\x00.", "a pickle"),
        (b'{"error": "not found"}', "JSON text"),
        (b"\x89PNG\r\n\x1a\n" + bytes(60), "PNG picture"),
        (b"\x1f\x8b\x08" + bytes(60), "gzip"),
        (b"abc", "cut: it has 3 bytes"),
        (b"\xff" * 64, "begins with ff ff"),
        (b"Not found, sorry", "begins with 4e 6f"),
    ],
)
def test_what_a_file_is_in_place_of_safetensors_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "f").write_bytes(content)
    with pytest.raises(TensorFileError, match=told):
        read_header(tmp_path / "f")


@pytest.mark.parametrize("n_left", [8, 9, 40, 127, 400, 1000, 2000])
def test_a_file_that_was_cut_anywhere_is_told_to_be_cut(tmp_path: Path, n_left: int) -> None:
    save_file({f"{i}": torch.ones(16) for i in range(30)}, tmp_path / "f")
    (tmp_path / "g").write_bytes((tmp_path / "f").read_bytes()[:n_left])
    with pytest.raises(TensorFileError, match=r"cut: .* bytes"):
        read_header(tmp_path / "g")


@pytest.mark.parametrize(
    "header",
    [
        b"{" + b"[" * 100_000,
        b'{"a": 1, "a": 2}',
        b"{\xff}",
        {"a": None},
        {"a": ENTRY | {"dtype": "Q7"}},
        {"a": ENTRY | {"shape": [-2]}},
        {"a": ENTRY | {"shape": [True, 2]}},
        {"a": ENTRY | {"shape": [2.0]}},
        {"a": ENTRY | {"shape": [3]}},
        {"a": ENTRY | {"shape": "ab"}},
        {"a": ENTRY | {"data_offsets": [8, 0]}},
        {"a": ENTRY | {"data_offsets": [0, 1 << 70]}},
        {"a": ENTRY, "b": ENTRY},
        {"a": ENTRY | {"shape": [1], "data_offsets": [0, 4]}},
        {"a": ENTRY, "__metadata__": {"x": 1}},
        {"a": ENTRY, "__metadata__": [1]},
    ],
)
def test_a_header_that_its_file_denies_is_refused(tmp_path: Path, header: object) -> None:
    with pytest.raises(TensorFileError, match="sound header"):
        read_header(file_with(tmp_path / "f", header))


def test_a_huge_stated_length_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(struct.pack("<Q", 1 << 62) + b"{}" + bytes(8))
    with pytest.raises(TensorFileError, match="length of its header"):
        read_header(tmp_path / "f")


def test_ten_megabytes_of_metadata_are_read(tmp_path: Path) -> None:
    file = file_with(tmp_path / "f", {"a": ENTRY, "__metadata__": {"ss_x": "y" * 10_000_000}})
    assert len(read_header(file).metadata["ss_x"]) == 10_000_000


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_tensors_with_a_nan_or_an_infinity_are_named(tmp_path: Path, dtype: torch.dtype) -> None:
    tensors = {"a": torch.ones(2), "b": torch.tensor([1.0, np.nan]), "c": torch.tensor([np.inf])}
    save_file({name: tensor.to(dtype) for name, tensor in tensors.items()}, tmp_path / "f")
    assert sorted(not_finite(tmp_path / "f", read_header(tmp_path / "f"))) == ["b", "c"]


def test_the_hash_of_the_tensors_outlives_a_change_of_metadata(tmp_path: Path) -> None:
    for name, said in (("f", "x"), ("g", "yy")):
        save_file({"a": torch.arange(5.0)}, tmp_path / name, metadata={"title": said})
    one, other = (digests(tmp_path / name, read_header(tmp_path / name)) for name in "fg")
    assert one.tensors == other.tensors == hashlib.sha256(np.arange(5, dtype="<f4").tobytes()).hexdigest()
    assert one.file == hashlib.sha256((tmp_path / "f").read_bytes()).hexdigest() != other.file


@pytest.mark.parametrize("dtype", [torch.float8_e4m3fn, torch.float8_e5m2])
def test_of_numbers_of_eight_bits_those_that_are_not_finite_are_named(
    tmp_path: Path, dtype: torch.dtype
) -> None:
    every = torch.arange(256, dtype=torch.uint8).view(dtype)
    finite = torch.isfinite(every.float())
    tensors = {"all": every, **{f"{i}": every[i : i + 1].clone() for i in range(256)}}
    save_file(tensors, tmp_path / "f")
    bad = {f"{i}" for i in range(256) if not finite[i]}
    assert {*not_finite(tmp_path / "f", read_header(tmp_path / "f"))} == {"all", *bad}
