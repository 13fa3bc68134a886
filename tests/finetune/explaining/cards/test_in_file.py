"""A card goes into a copy of a file, whose tensors stay the same bytes, and its maker's own words stay too."""

import hashlib
import json
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from finetune.explaining.cards.in_file import BLOCK, DESCRIPTION, write_with_card
from finetune.store.tensor_headers import TensorFileError, digests, read_header
from finexl.errors import InvalidInputError


def saved(path: Path, **metadata: str) -> Path:
    chance = torch.Generator().manual_seed(0)
    tensors = {
        "b.lora_A.weight": torch.randn(3, 5, generator=chance),
        "a.alpha": torch.tensor(2.0, dtype=torch.float16),
        "e": torch.empty(0, 4),
        "z.lora_B.weight": torch.randn(7, 3, generator=chance).bfloat16(),
    }
    save_file(tensors, path, metadata or None)
    return path


def metadata(path: Path) -> dict[str, str]:
    return dict(read_header(path).metadata)


def test_tensors_are_the_same_bytes(tmp_path: Path) -> None:
    source, target = saved(tmp_path / "a.safetensors"), tmp_path / "b.safetensors"
    write_with_card(source, target, text="more vivid", block="{}")
    with safe_open(source, "pt") as old, safe_open(target, "pt") as new:
        assert sorted(old.keys()) == sorted(new.keys())
        for key in old.keys():  # noqa: SIM118  # no mapping
            mine, its = old.get_tensor(key), new.get_tensor(key)
            assert mine.dtype == its.dtype and torch.equal(mine, its)
    assert digests(source, read_header(source)).tensors == digests(target, read_header(target)).tensors


def test_the_file_itself_is_left_alone(tmp_path: Path) -> None:
    source = saved(tmp_path / "a.safetensors", author="me")
    before = hashlib.sha256(source.read_bytes()).digest()
    write_with_card(source, tmp_path / "b.safetensors", text="t", block="{}")
    assert hashlib.sha256(source.read_bytes()).digest() == before


def test_a_second_card_takes_the_place_of_the_first_and_nothing_else(tmp_path: Path) -> None:
    source = saved(tmp_path / "a.safetensors", **{DESCRIPTION: "My words.", "ss_x": "1"})
    once, twice = tmp_path / "b.safetensors", tmp_path / "c.safetensors"
    write_with_card(source, once, text="more vivid", block='{"a": 1}')
    write_with_card(once, twice, text="more grainy", block='{"a": 2}')
    text = metadata(twice)[DESCRIPTION]
    assert text.startswith("My words.") and "grainy" in text and "vivid" not in text
    assert metadata(twice)["ss_x"] == "1" and json.loads(metadata(twice)[BLOCK]) == {"a": 2}


def test_the_same_card_gives_the_same_bytes(tmp_path: Path) -> None:
    source = saved(tmp_path / "a.safetensors", **{DESCRIPTION: "My words."})
    once, twice = tmp_path / "b.safetensors", tmp_path / "c.safetensors"
    write_with_card(source, once, text="more vivid", block="{}")
    write_with_card(once, twice, text="more vivid", block="{}")
    assert once.read_bytes() == twice.read_bytes()


def test_megabytes_of_hostile_metadata_go_through_unchanged(tmp_path: Path) -> None:
    text = "\x1b[2J\u202e<b>" * 1_500_000
    source, target = saved(tmp_path / "a.safetensors", ss_tag_frequency=text), tmp_path / "b.safetensors"
    write_with_card(source, target, text="t", block="{}")
    assert metadata(target)["ss_tag_frequency"] == text


def test_a_file_is_never_written_over_itself(tmp_path: Path) -> None:
    source = saved(tmp_path / "a.safetensors")
    (tmp_path / "link.safetensors").symlink_to(source)
    for target in (source, tmp_path / "link.safetensors"):
        with pytest.raises(InvalidInputError, match="copy"):
            write_with_card(source, target, text="t", block="{}")


def test_what_is_no_tensor_file_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "a.safetensors").write_bytes(b"<html>")
    with pytest.raises(TensorFileError):
        write_with_card(tmp_path / "a.safetensors", tmp_path / "b.safetensors", text="t", block="{}")
    assert [path.name for path in tmp_path.iterdir()] == ["a.safetensors"]
