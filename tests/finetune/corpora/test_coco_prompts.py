"""Captions are found in every layout that COCO is known in."""

import json
from pathlib import Path

import datasets
import pytest

from finetune.corpora.coco_prompts import CaptionPool, read_captions
from finexl.errors import InvalidInputError

CAPTIONS = tuple(f"a cat number {number}" for number in range(30))


@pytest.mark.parametrize(
    "content",
    [
        {
            "annotations": [
                {"image_id": n // 2, "caption": f"{'no ' * (n % 2)}cat {n // 2}"} for n in range(4)
            ]
        },
        {"images": [{"sentences": [{"raw": f"cat {n}", "tokens": []}, {"raw": "no"}]} for n in range(2)]},
        ["cat 0", "cat 1", "cat 0", ""],
    ],
)
def test_json_layouts_give_the_first_caption_of_each_image(tmp_path: Path, content: object) -> None:
    (tmp_path / "captions.json").write_text(json.dumps(content))
    assert read_captions(tmp_path / "captions.json").captions == ("cat 0", "cat 1")


@pytest.mark.parametrize(
    ("rows", "column"),
    [
        ({"sentences": [["cat 0", "no"], ["cat 1"]], "cocoid": [1, 2]}, None),
        ({"answer": [["cat 0"], ["cat 1"]], "question": ["?", "?"]}, None),
        ({"mine": ["cat 0", "cat 1"], "text": ["x", "y"]}, "mine"),
    ],
)
def test_parquet_layouts_give_the_first_caption_of_each_row(tmp_path: Path, rows: dict, column) -> None:
    datasets.Dataset.from_dict(rows).to_parquet(tmp_path / "test.parquet")
    assert read_captions(tmp_path, column=column).captions == ("cat 0", "cat 1")


def test_prompts_are_different_and_functions_of_the_seed() -> None:
    pool = CaptionPool(CAPTIONS)
    assert len(set(pool.prompts(30, 0))) == 30
    assert pool.prompts(10, 1) == pool.prompts(10, 1) != pool.prompts(10, 2)


def test_words_that_must_not_occur_do_not() -> None:
    pool = CaptionPool(("a vivid cat", "a dog"))
    assert pool.prompts(1, 0, without=("Vivid",)) == ("a dog",)


def test_a_split_is_without_overlap_and_by_content() -> None:
    few, many = CaptionPool(CAPTIONS).split(0.2)
    assert len(few.captions) == 6 and set(few.captions) | set(many.captions) == set(CAPTIONS)
    assert set(CaptionPool(CAPTIONS[::-1]).split(0.2)[0].captions) == set(few.captions)


def test_too_many_prompts_are_an_error() -> None:
    with pytest.raises(InvalidInputError, match="Asked for 3; the pool has 1"):
        CaptionPool(("a cat",)).prompts(3, 0)


@pytest.mark.parametrize("content", ["{", '{"other": 1}', "[]", '{"annotations": [3]}', '{"images": [3]}'])
def test_files_without_captions_are_errors(tmp_path: Path, content: str) -> None:
    (tmp_path / "captions.json").write_text(content)
    with pytest.raises(InvalidInputError, match="caption file must"):
        read_captions(tmp_path / "captions.json")


def test_a_table_without_a_caption_column_says_what_it_has(tmp_path: Path) -> None:
    datasets.Dataset.from_dict({"url": ["x"]}).to_parquet(tmp_path / "one.parquet")
    with pytest.raises(InvalidInputError, match=r"has \('url',\)"):
        read_captions(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("nowhere", None, "where no file is"),
        ("nowhere.json", None, "where no file is"),
        ("p.csv", b"text\na cat\n", "where p.csv is no Parquet"),
        ("p.jsonl", b'"a cat"\n', "where p.jsonl is no Parquet"),
        ("p.parquet", b"version https://git-lfs.github.com/spec/v1\n", r"git-lfs pointer \(run"),
    ],
)
def test_what_holds_no_captions_is_refused_by_the_key_that_names_it(
    tmp_path: Path, name: str, content: bytes | None, fault: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    told = rf"^`corpus\.prompts_from` must be captions: .*{name}', .*{fault}"
    with pytest.raises(InvalidInputError, match=told):
        read_captions(tmp_path / name)


def test_a_folder_without_parquet_is_refused_by_the_option_of_a_command(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"^`--prompts` must be captions: .* which has no \.parquet"):
        read_captions(tmp_path, option="--prompts")
