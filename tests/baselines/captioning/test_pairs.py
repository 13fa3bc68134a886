"""Pairs come from a folder or a function, and what is wrong with a folder is said."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tiny_pairs import CAPTIONS

from baselines.captioning.making import fitted
from baselines.captioning.pairs import open_pairs, read_pairs
from finexl.errors import InvalidInputError


def written(folder: Path, lines: list[dict], sizes: tuple[int, ...] = (8, 8)) -> Path:
    for name, size in zip(("a.png", "b.png"), sizes, strict=True):
        Image.new("RGB", (size, size), (255, 0, 0)).save(folder / name)
    (folder / "pairs.jsonl").write_text("\n".join(json.dumps(line) for line in lines))
    return folder


LINE = {"base": "a.png", "personalized": "b.png", "caption": "redder"}


def test_a_folder_gives_images_captions_and_distractors(tmp_path: Path) -> None:
    pairs = open_pairs(str(written(tmp_path, [LINE, LINE | {"changed": False}])))
    assert (pairs.captions, pairs.changed) == (("redder", "redder"), (True, False))
    assert (pairs.base == np.array([255, 0, 0])).all() and pairs.base.shape == (2, 8, 8, 3)


def test_words_beside_the_list_name_aspects_and_degrees(tmp_path: Path) -> None:
    (tmp_path / "words.json").write_text('{"aspects": ["red"], "degrees": {"": 5}}')
    pairs = read_pairs(written(tmp_path, [LINE]))
    assert (pairs.aspects, pairs.degrees) == (("red",), {"": 5})


def test_a_function_is_called_by_its_path() -> None:
    assert open_pairs("tiny_pairs:tiny_pairs").captions == CAPTIONS


@pytest.mark.parametrize("source", ["no_such_module:pairs", "tiny_pairs:no_such_function"])
def test_a_path_that_leads_nowhere_is_an_error(source: str) -> None:
    with pytest.raises(InvalidInputError, match=r"package\.module:function"):
        open_pairs(source)


def test_a_folder_without_a_list_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"pairs\.jsonl"):
        open_pairs(str(tmp_path))


def test_a_line_without_a_caption_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="caption"):
        read_pairs(written(tmp_path, [{"base": "a.png", "personalized": "b.png"}]))


def test_images_of_two_sizes_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="one size"):
        read_pairs(written(tmp_path, [LINE], sizes=(8, 9)))


def test_pairs_are_resized_to_what_a_captioner_takes(tmp_path: Path) -> None:
    resized = fitted(read_pairs(written(tmp_path, [LINE])), 4)
    assert resized.base.shape == resized.personalized.shape == (1, 4, 4, 3)
