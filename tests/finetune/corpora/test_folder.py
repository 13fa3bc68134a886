"""Folders and lists of images are read as they are documented."""

import csv
import json
from pathlib import Path

import pytest

from finetune.corpora.coco_prompts import CaptionPool
from finetune.corpora.folder import folder_corpus
from finetune.corpora.kinds import TableSettings
from finetune.corpora.labelled import LabelledCorpus
from finetune.corpora.naming import pattern
from finetune.corpora.pictures import Treatment
from finetune.corpora.table import open_table
from finexl.errors import InvalidInputError, UnknownNameError
from finexl.notices import collected

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
    assert [file.name for file in corpus.skipped] == ["loose.png", "vivid/.hidden.png"]
    assert corpus.n_images == 10


@pytest.mark.parametrize("name", [".ipynb_checkpoints", "__MACOSX", ".thumbnails", "@eaDir"])
def test_folders_of_systems_and_editors_are_no_labels_and_are_told(photos: Path, draw, name: str) -> None:
    draw(photos / name / "a.png", 1)
    draw(photos / "vivid" / name / "b.png", 2)
    with collected() as told:
        corpus = opened(photos)
    assert corpus.aspects == ("faded", "vivid") and corpus.n_images == 10
    assert [(one.n, "hidden" in one.how) for one in told.values()] == [(2, True)]


@pytest.mark.parametrize("name", ["a.jfif", "a.jpe", "a.JFIF", "a.pjpeg"])
def test_every_name_of_a_jpeg_is_read(photos: Path, draw, name: str) -> None:
    draw(photos / "third" / "a.jpg", 3)
    (photos / "third" / "a.jpg").rename(photos / "third" / name)
    (photos / "third" / name).with_suffix(".txt").write_text("a boat")
    assert "third" in opened(photos).aspects


@pytest.mark.parametrize("name", ["a.gif", "a.heic", "a.avif", "a.psd", "a"])
def test_a_label_of_other_files_alone_does_not_vanish_without_a_word(photos: Path, name: str) -> None:
    (photos / "third").mkdir()
    (photos / "third" / name).write_bytes(b"x")
    with collected() as told:
        opened(photos)
    assert [one.examples for one in told.values()] == [(f"third/{name}",)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_captions_are_read_in_every_encoding_that_tells_itself(photos: Path, draw, encoding: str) -> None:
    draw(photos / "vivid" / "new.png", 50)
    (photos / "vivid" / "new.txt").write_bytes("ein Fluß".encode(encoding))
    assert "ein Fluß" in opened(photos).images("vivid", 11, 0)[1]


def test_a_caption_in_another_encoding_is_refused_by_name(photos: Path, draw) -> None:
    draw(photos / "vivid" / "new.png", 50)
    (photos / "vivid" / "new.txt").write_bytes("ein Fluß".encode("latin-1"))
    (left,) = opened(photos).skipped
    assert left.name == "vivid/new.png" and "encoding" in left.reason


def test_what_a_list_lacks_repeats_or_only_names_is_told(tmp_path: Path, rows: list[dict], draw) -> None:
    draw(tmp_path / "unlisted.png", 3)
    (tmp_path / "metadata.csv").write_text("file_name,text,label\n")
    gone = {"file_name": "gone.png", "text": "x", "label": "vivid"}
    as_jsonl(tmp_path / "metadata.jsonl", [*rows, rows[0], gone])
    with collected() as told:
        assert opened(tmp_path).aspects == ("faded", "vivid")
    assert sorted(one.how for one in told.values()) == [
        "left out: its entry names a file that is not there",
        "left out: its entry repeats an earlier one",
        "left out: metadata.jsonl beside it is read in its place",
        "left out: metadata.jsonl does not list it",
    ]


@pytest.mark.parametrize("label", ["", " ", None, float("nan"), ["vivid"], {"a": 1}, True, 1.5])
def test_what_is_no_label_is_left_out(tmp_path: Path, rows: list[dict], label: object) -> None:
    path = as_jsonl(tmp_path / "list.jsonl", [*rows, {**rows[0], "label": label}])
    corpus = opened(path)
    assert corpus.aspects == ("faded", "vivid") and "label" in corpus.skipped[0].reason


def test_a_whole_number_is_a_label_as_it_is_written(tmp_path: Path, rows: list[dict]) -> None:
    assert opened(as_jsonl(tmp_path / "l.jsonl", [{**row, "label": 7} for row in rows])).aspects == ("7",)


def test_a_list_with_the_mark_of_utf_16_is_read(tmp_path: Path, rows: list[dict]) -> None:
    text = as_jsonl(tmp_path / "list.jsonl", rows).read_text()
    (tmp_path / "list.jsonl").write_text(text, encoding="utf-16")
    assert opened(tmp_path / "list.jsonl").aspects == ("faded", "vivid")


@pytest.mark.parametrize("suffix", ["jsonl", "csv"])
def test_a_table_is_read_from_lists_too(tmp_path: Path, rows: list[dict], suffix: str) -> None:
    path = tmp_path / f"list.{suffix}"
    renamed = [{"image": row["file_name"], "text": row["text"], "label": row["label"]} for row in rows]
    if suffix == "jsonl":
        as_jsonl(path, renamed)
    else:
        with path.open("w", newline="") as stream:
            writer = csv.DictWriter(stream, fieldnames=list(renamed[0]))
            writer.writeheader()
            writer.writerows(renamed)
    corpus = open_table(TableSettings(folder=path, size=8), store=tmp_path)
    images, captions = corpus.images("vivid", 1, 0)
    assert captions == ("a red house",) and (images == 10).all() and corpus.id


def test_what_a_table_of_lines_lacks_or_repeats_is_told_as_of_a_list(
    tmp_path: Path, rows: list[dict]
) -> None:
    renamed = [
        {"image": {"path": row["file_name"]}, "text": row["text"], "label": row["label"]} for row in rows
    ]
    odd = [renamed[0], {"label": "vivid"}, {"image": "gone.png", "label": "vivid"}]
    path = as_jsonl(tmp_path / "list.jsonl", [*renamed, *odd])
    corpus = open_table(TableSettings(folder=path, size=8), store=tmp_path)
    assert [file.reason for file in corpus.skipped] == [
        "its entry repeats an earlier one",
        "its entry has no image",
        "its entry names a file that is not there",
    ]


def test_copies_of_a_picture_are_told_and_kept(photos: Path) -> None:
    (photos / "vivid" / "copy.png").write_bytes((photos / "vivid" / "1.png").read_bytes())
    (photos / "vivid" / "copy.txt").write_text("thing 1")
    with collected() as told:
        assert opened(photos).n_images == 10
    assert [one.line for one in told.values()] == [
        "corpus: copies of other pictures of their labels, which are used as often (copy.png)"
    ]


def test_a_picture_that_ends_early_is_known_before_anything_is_planned(photos: Path) -> None:
    whole = (photos / "vivid" / "1.png").read_bytes()
    (photos / "vivid" / "1.png").write_bytes(whole[: len(whole) // 2])
    assert opened(photos).n_images == 9 and [one.name for one in opened(photos).skipped] == ["vivid/1.png"]


def test_a_label_of_another_script_is_found_in_a_caption_without_spaces() -> None:
    assert pattern(["猫"]).search("一只猫在桌上") and not pattern(["cat"]).search("a concatenation")
    assert pattern(["Дом"]).search("старый дом у реки") and pattern(["-"]).search("a - b")


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
