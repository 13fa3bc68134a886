from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from torch import Tensor

from finetune.families.anole.prompt_codes import CachedCodes
from finetune.store.store import Store


class CountingWriter:
    """Writes the seed into every token, and counts what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def write(self, prompts: Sequence[str], seeds: Sequence[int]) -> Tensor:
        self.asked += prompts
        return torch.tensor([[seed] * 4 for seed in seeds])


def refused() -> CountingWriter:
    raise AssertionError("the language model was loaded")


@pytest.fixture
def writer() -> CountingWriter:
    return CountingWriter()


def test_codes_stand_in_rows_and_columns(writer: CountingWriter) -> None:
    codes = CachedCodes(lambda: writer, grid=(1, 4)).of(["a", "b"], [5, 6])
    assert codes.tolist() == [[[5, 5, 5, 5]], [[6, 6, 6, 6]]]


def test_a_prompt_is_written_once(writer: CountingWriter) -> None:
    codes = CachedCodes(lambda: writer, grid=(2, 2))
    codes.of(["a", "b"], [5, 6])
    assert codes.of(["b"], [6]).unique().tolist() == [6]
    assert writer.asked == ["a", "b"]


def test_the_same_prompt_with_another_seed_is_another(writer: CountingWriter) -> None:
    codes = CachedCodes(lambda: writer, grid=(2, 2))
    codes.of(["a"], [5])
    assert codes.of(["a"], [6]).unique().tolist() == [6]


def test_a_later_process_finds_the_tokens_in_the_store(writer: CountingWriter, tmp_path: Path) -> None:
    first = CachedCodes(lambda: writer, grid=(2, 2), store=Store(tmp_path)).of(["a"], [5])
    later = CachedCodes(refused, grid=(2, 2), store=Store(tmp_path)).of(["a"], [5])
    assert torch.equal(first, later)


def test_tokens_of_another_generator_are_not_taken(writer: CountingWriter, tmp_path: Path) -> None:
    for name in ("one", "other"):
        CachedCodes(
            lambda: writer, grid=(2, 2), store=Store(tmp_path), identity=lambda name=name: {"generator": name}
        ).of(["a"], [5])
    assert writer.asked == ["a", "a"]
