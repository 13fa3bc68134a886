"""Folders and lists of images are read as they are documented."""

import csv
import json
from pathlib import Path

import pytest

from finetune.corpora.coco_prompts import CaptionPool
from finetune.corpora.folder import folder_corpus
from finetune.corpora.labelled import LabelledCorpus
from finetune.corpora.pictures import Treatment
from finexl.errors import InvalidInputError, UnknownNameError

POOL = CaptionPool(("a cat", "a dog"))


def opened(path: Path, **options) -> LabelledCorpus:
    return folder_corpus(path, Treatment(size=8, prompts=POOL), **options)


@pytest.fixture
def rows(tmp_path: Path, draw) -> list[dict]:
    draw(tmp_path / "a.png", 10)
    draw(tmp_path / "more" / "b.jpg", 20)
    return [
        {"file_name": "a.png", "text": "a red house", "label": "vivid"},
        {"file_name": "more/b.jpg", "text": "a blue fish", "label": "faded"},
    ]


def as_jsonl(path: Path, rows: list[dict]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_sub_folders_are_labels(photos: Path) -> None:
    assert opened(photos).aspects == ("faded", "vivid")


def test_loose_and_hidden_files_are_no_images_of_a_label(photos: Path, draw) -> None:
    draw(photos / "loose.png", 1)
    draw(photos / "vivid" / ".hidden.png", 2)
    (photos / "vivid" / "Thumbs.db").write_bytes(b"x")
    corpus = opened(photos)
    assert [file.name for file in corpus.skipped] == ["loose.png"]
    assert corpus.n_images == 10


def test_names_that_are_not_text_are_read(photos: Path, draw) -> None:
    strange = (b'\xff\xfe new\nline "quoted" \xf0\x9f\x8e\xa8.png').decode("utf-8", "surrogateescape")
    draw(photos / "vivid" / strange, 50)
    (photos / "vivid" / strange).with_suffix(".txt").write_text("strange")
    corpus = opened(photos)
    assert "strange" in corpus.images("vivid", 11, 0)[1] and corpus.id


def test_metadata_jsonl_names_images_texts_and_labels(tmp_path: Path, rows: list[dict]) -> None:
    as_jsonl(tmp_path / "metadata.jsonl", rows)
    images, captions = opened(tmp_path).images("vivid", 1, 0)
    assert captions == ("a red house",) and (images == 10).all()


def test_a_csv_file_is_read_too(tmp_path: Path, rows: list[dict]) -> None:
    with (tmp_path / "list.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    assert opened(tmp_path / "list.csv").images("faded", 1, 0)[1] == ("a blue fish",)


def test_columns_are_mapped(tmp_path: Path, rows: list[dict]) -> None:
    renamed = [{"path": r["file_name"], "caption": [r["text"], "x"], "style": r["label"]} for r in rows]
    path = as_jsonl(tmp_path / "list.jsonl", renamed)
    corpus = opened(path, columns={"image": "path", "text": "caption", "label": "style"})
    assert corpus.images("vivid", 1, 0)[1] == ("a red house",)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"image": "file_nam"}, "columns.image=file_name"),
        ({"imag": "x"}, "columns=image"),
        ({"text": "txt"}, "text"),
    ],
)
def test_a_mistyped_column_or_role_names_the_nearest(tmp_path: Path, rows, columns, said: str) -> None:
    path = as_jsonl(tmp_path / "list.jsonl", rows)
    with pytest.raises(UnknownNameError, match=f"Did you mean .*{said}"):
        opened(path, columns=columns)


def test_entries_outside_the_folder_or_without_label_are_left_out(tmp_path: Path, rows: list[dict]) -> None:
    outside = {"file_name": "../a.png", "text": "x", "label": "vivid"}
    path = as_jsonl(tmp_path / "list.jsonl", [*rows, outside, {"file_name": "a.png", "label": None}])
    assert [file.reason[:10] for file in opened(path).skipped] == ["its path l", "its entry "]


@pytest.mark.parametrize("text", ["{", "3", '{"a":' * 100_000])
def test_a_line_that_is_no_object_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "list.jsonl").write_text(f"{text}\n")
    with pytest.raises(InvalidInputError, match="Line 1"):
        opened(tmp_path / "list.jsonl")


def test_a_list_that_is_not_text_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidInputError, match="UTF-8"):
        opened(tmp_path / "list.csv")


def test_other_lists_and_missing_folders_are_errors(tmp_path: Path) -> None:
    (tmp_path / "list.xlsx").write_bytes(b"x")
    with pytest.raises(InvalidInputError, match=r"\.jsonl or \.csv"):
        opened(tmp_path / "list.xlsx")
    with pytest.raises(InvalidInputError, match="must exist"):
        opened(tmp_path / "nowhere")


def test_the_id_covers_the_columns_and_the_images(tmp_path: Path, rows: list[dict], draw) -> None:
    path = as_jsonl(tmp_path / "list.jsonl", [{**row, "other": "x"} for row in rows])
    ids = [opened(path).id, opened(path, columns={"text": "other"}).id]
    draw(tmp_path / "a.png", 11)
    assert len({*ids, opened(path).id}) == 3
