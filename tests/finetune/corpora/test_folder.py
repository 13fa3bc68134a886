"""Folders and lists of images are read as they are documented."""

import csv
import json
import unicodedata
import zlib
from pathlib import Path

import pytest
from PIL import Image

from finetune.corpora.coco_prompts import CaptionPool
from finetune.corpora.folder import folder_corpus
from finetune.corpora.kinds import TableSettings
from finetune.corpora.labelled import LabelledCorpus
from finetune.corpora.naming import pattern
from finetune.corpora.pictures import Treatment
from finetune.corpora.table import open_table
from finexl.errors import InvalidInputError, UnknownNameError
from finexl.notices import collected
from finexl.pictures import header_fault

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
        "corpus: copies of other pictures of their labels, which are used as often (vivid/copy.png)"
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


def test_a_path_from_the_root_into_the_folder_is_told_as_that(tmp_path: Path, rows: list[dict]) -> None:
    absolute = {"file_name": str(tmp_path / "a.png"), "text": "x", "label": "vivid"}
    (told,) = opened(as_jsonl(tmp_path / "list.jsonl", [*rows, absolute])).skipped
    assert "write it from the folder on" in told.reason


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


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_list_of_a_spreadsheet_is_read_with_its_own_separator(
    tmp_path: Path, rows: list[dict], separator: str
) -> None:
    lines = [[*rows[0]], *([*row.values()] for row in rows)]
    (tmp_path / "list.csv").write_text("".join(separator.join(line) + "\n" for line in lines))
    assert opened(tmp_path / "list.csv").aspects == ("faded", "vivid")


def test_a_comma_without_quotes_makes_no_other_label(tmp_path: Path, rows: list[dict]) -> None:
    lines = "file_name,text,label\na.png,a red house, old,vivid\nmore/b.jpg,a fish,faded\n"
    (tmp_path / "list.csv").write_text(lines)
    corpus = opened(tmp_path / "list.csv")
    assert corpus.aspects == ("faded",) and "more cells than there are columns" in corpus.skipped[0].reason


def test_a_column_that_stands_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("file_name,text,label,label\n")
    with pytest.raises(InvalidInputError, match=r"has 'label' twice"):
        opened(tmp_path / "list.csv")


@pytest.mark.parametrize("label", ["nan", "NaN", "None", "NULL", "N/A"])
def test_what_tables_write_for_nothing_is_no_label(tmp_path: Path, rows: list[dict], label: str) -> None:
    assert opened(as_jsonl(tmp_path / "l.jsonl", [*rows, {**rows[0], "label": label}])).aspects == (
        "faded",
        "vivid",
    )


def test_labels_that_no_reader_can_tell_apart_or_find_are_told(photos: Path, draw) -> None:
    for number, name in enumerate(("Vivid", "c", "c++", "+++")):
        draw(photos / name / "1.png", 50 + number)
        (photos / name / "1.txt").write_text("a thing")
    with collected() as told:
        opened(photos)
    assert [(one.n, one.examples) for one in told.values()] == [
        (2, ("Vivid and vivid", "c and c++")),
        (1, ("+++",)),
    ]


def told_of(path: Path, **options) -> dict[str, int]:
    with collected() as told:
        opened(path, **options)
    return {one.how: one.n for one in told.values()}


def test_a_label_that_is_a_link_to_a_folder_is_read(photos: Path, tmp_path: Path, draw) -> None:
    draw(tmp_path / "elsewhere" / "a.png", 7)
    (tmp_path / "elsewhere" / "a.txt").write_text("a boat")
    (photos / "third").symlink_to(tmp_path / "elsewhere")
    assert (opened(photos).images("third", 1, 0)[0] == 7).all()


def test_links_in_a_circle_are_told_and_end(photos: Path) -> None:
    (photos / "loop").symlink_to(photos)
    (photos / "vivid" / "deep").symlink_to(photos / "vivid")
    assert told_of(photos) == {"left out: its folder is a link to one that was read already": 2}
    assert opened(photos).aspects == ("faded", "vivid") and opened(photos).n_images == 10


def test_a_folder_that_cannot_be_opened_is_told(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    iterdir = Path.iterdir

    def closed(self: Path):
        if self.name == "vivid":
            raise PermissionError(13, "Permission denied")
        return iterdir(self)

    monkeypatch.setattr(Path, "iterdir", closed)
    assert told_of(photos) == {"left out: its folder cannot be opened": 1}


@pytest.mark.parametrize("name", ["#recycle", "System Volume Information", "THUMBS.DB", "@Recycle"])
def test_folders_of_storage_servers_are_no_labels_whatever_their_case(photos: Path, draw, name: str) -> None:
    draw(photos / name / "a.png", 1)
    assert opened(photos).aspects == ("faded", "vivid")


def test_a_name_with_an_at_sign_is_a_label(photos: Path, draw) -> None:
    draw(photos / "@janedoe" / "a.png", 1)
    (photos / "@janedoe" / "a.txt").write_text("a boat")
    assert opened(photos).aspects == ("@janedoe", "faded", "vivid")


def test_a_caption_file_in_capitals_is_read(photos: Path) -> None:
    (photos / "vivid" / "1.txt").rename(photos / "vivid" / "1.TXT")
    assert "thing 1" in opened(photos).images("vivid", 10, 0)[1]


def test_a_caption_of_no_picture_is_told(photos: Path) -> None:
    (photos / "vivid" / "1.txt").rename(photos / "vivid" / "1.png.txt")
    assert told_of(photos) == {
        "left out: it is a caption, and no picture beside it has its name": 1,
        "left out: it has no caption": 1,
    }


def test_a_long_caption_is_read_whole(photos: Path) -> None:
    (photos / "vivid" / "1.txt").write_text("ein Fluß " * 3000, encoding="utf-16")
    captions = opened(photos).images("vivid", 10, 0)[1]
    assert max(map(len, captions)) == len("ein Fluß " * 3000) - 1


def test_a_caption_of_megabytes_is_refused_by_name(photos: Path) -> None:
    (photos / "vivid" / "1.txt").write_text("x" * (2**20 + 1))
    (left,) = opened(photos).skipped
    assert (left.name, left.reason) == ("vivid/1.png", "its caption file is larger than 1 MiB")


def test_other_pictures_outside_of_labels_are_told(photos: Path) -> None:
    (photos / "moving.gif").write_bytes(b"GIF89a")
    assert told_of(photos) == {"left out: it lies in no sub-folder, so it has no label": 1}


def test_folders_within_folders_are_told(tmp_path: Path, draw) -> None:
    for number, place in enumerate(("train/cat", "train/dog", "test/cat")):
        draw(tmp_path / place / "a.png", number)
        (tmp_path / place / "a.txt").write_text("a thing")
    assert told_of(tmp_path) == {"pictures in folders within folders, whose label is the outermost folder": 3}
    assert opened(tmp_path).aspects == ("test", "train")


def test_pictures_without_caption_are_not_counted_before_anything_is_planned(photos: Path) -> None:
    for number in range(3):
        (photos / "vivid" / f"{number}.txt").unlink()
    assert opened(photos).n_images == 7
    assert told_of(photos) == {"left out: it has no caption": 3}


def test_captions_that_name_their_aspect_are_not_counted_before_anything_is_planned(photos: Path) -> None:
    for number in range(3):
        (photos / "vivid" / f"{number}.txt").write_text("a vivid thing")
    assert opened(photos).n_images == 7
    assert told_of(photos) == {"left out: its caption names the aspect": 3}


def test_labels_that_differ_in_how_accents_are_stored_are_one_and_that_is_told(photos: Path, draw) -> None:
    for number, form in enumerate(("NFC", "NFD")):
        folder = photos / unicodedata.normalize(form, "café")
        draw(folder / "a.png", 50 + number)
        (folder / "a.txt").write_text(f"a thing {number}")
    corpus = opened(photos)
    assert corpus.aspects == ("café", "faded", "vivid") and len(corpus.images("café", 2, 0)[1]) == 2
    assert told_of(photos) == {"labels that differ in invisible ways only, which are one here": 1}


def test_an_aspect_may_be_given_with_accents_of_either_kind(photos: Path, draw) -> None:
    draw(photos / unicodedata.normalize("NFD", "café") / "a.png", 3)
    (photos / unicodedata.normalize("NFD", "café") / "a.txt").write_text("a café at night")
    chosen = Treatment(size=8, prompts=POOL, aspects=(unicodedata.normalize("NFD", "café"), "faded"))
    corpus = folder_corpus(photos, chosen)
    assert corpus.aspects == ("café", "faded")
    with pytest.raises(InvalidInputError, match=r"'café' has none.*corpus\.aspects=faded.*names the aspect"):
        _ = corpus.n_images


@pytest.mark.parametrize("pair", [("Straße", "STRASSE"), ("ﬁlm noir", "Film-Noir"), ("Ａ", "a")])
def test_labels_of_letters_that_look_alike_are_told(photos: Path, draw, pair: tuple[str, str]) -> None:
    for number, name in enumerate(pair):
        draw(photos / name / "1.png", 70 + number)
        (photos / name / "1.txt").write_text("thing")
    assert told_of(photos) == {
        "labels with the same words, which no reader tells apart; give corpus.names": 1
    }


def test_one_picture_with_two_labels_is_told(tmp_path: Path, rows: list[dict]) -> None:
    path = as_jsonl(tmp_path / "l.jsonl", [*rows, {**rows[0], "label": "faded"}])
    assert told_of(path) == {"pictures with several labels, which are used for each of them": 1}


@pytest.mark.parametrize("name", ["metadata.csv", "metadata.jsonl"])
@pytest.mark.parametrize("content", ["", "\n"])
def test_an_empty_list_is_named_with_a_way_out(photos: Path, name: str, content: str) -> None:
    (photos / name).write_text(content)
    with pytest.raises(InvalidInputError, match=rf"{name}' names none.*remove it"):
        opened(photos)


LINES = "file_name,text,label\na.png,a red house,vivid\nmore/b.jpg,a blue fish,faded\n"


@pytest.mark.parametrize(
    "written",
    [
        LINES.replace(",", "|"),
        "sep=;\n" + LINES.replace(",", ";"),
        LINES.replace(",", ", "),
        LINES.replace("\n", "\r"),
        LINES.replace("label\n", "label,,\n").replace("vivid\n", "vivid,,\n"),
        LINES.replace("vivid\n", "vivid,,\n"),
        LINES.replace("label", '"label"').replace("a red house", '"a red house, old"'),
        LINES.replace("more/b", "more\\b"),
    ],
)
def test_a_list_is_read_as_programs_write_it(tmp_path: Path, rows: list[dict], written: str) -> None:
    (tmp_path / "list.csv").write_text(written, newline="")
    corpus = opened(tmp_path / "list.csv")
    assert corpus.aspects == ("faded", "vivid") and not corpus.skipped
    assert corpus.images("faded", 1, 0)[1] == ("a blue fish",)


def test_a_list_with_the_mark_of_utf_32_is_read(tmp_path: Path, rows: list[dict]) -> None:
    (tmp_path / "list.csv").write_text(LINES, encoding="utf-32")
    assert opened(tmp_path / "list.csv").aspects == ("faded", "vivid")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_told_as_that(tmp_path: Path, rows: list[dict], encoding: str) -> None:
    (tmp_path / "list.csv").write_text(LINES, encoding=encoding)
    with pytest.raises(InvalidInputError, match=r"UTF-16 without its mark.*Save it again in UTF-8"):
        opened(tmp_path / "list.csv")


def test_a_line_that_names_a_column_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "l.jsonl").write_text('{"file_name": "a.png", "label": "b", "label": "c"}\n')
    with pytest.raises(InvalidInputError, match=r"names nothing twice\. Line 1"):
        opened(tmp_path / "l.jsonl")


@pytest.mark.parametrize("label", ["#N/A", "#REF!", "NA", "#DIV/0!"])
def test_what_spreadsheets_write_for_nothing_is_no_label(tmp_path: Path, rows, label: str) -> None:
    path = as_jsonl(tmp_path / "l.jsonl", [*rows, {**rows[0], "label": label}])
    assert opened(path).aspects == ("faded", "vivid")


def test_control_characters_are_no_part_of_a_label(tmp_path: Path, rows: list[dict]) -> None:
    path = as_jsonl(tmp_path / "l.jsonl", [{**row, "label": "vi\x1b[31mvid\x07"} for row in rows])
    assert opened(path).aspects == ("vi [31mvid",)


@pytest.mark.parametrize("name", ["list.tsv", "list.xlsx", "list.json"])
def test_a_table_that_is_no_parquet_says_what_is_read(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(LINES)
    with pytest.raises(InvalidInputError, match=r"\.jsonl or \.csv.*save it as Parquet, JSON lines or CSV"):
        open_table(TableSettings(folder=tmp_path / name, size=8), store=tmp_path)


def test_a_table_that_is_a_pointer_says_how_to_get_it(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_text("version https://git-lfs.github.com/spec/v1\n")
    with pytest.raises(InvalidInputError, match="git lfs pull"):
        open_table(TableSettings(folder=tmp_path / "a.parquet", size=8), store=tmp_path)


def test_a_folder_with_a_list_says_which_file_to_give(tmp_path: Path) -> None:
    (tmp_path / "metadata.csv").write_text(LINES)
    with pytest.raises(InvalidInputError, match=r"metadata\.csv' itself"):
        open_table(TableSettings(folder=tmp_path, size=8), store=tmp_path)


def test_captions_of_held_out_pictures_that_name_an_aspect_are_counted_where_prompts_lack(
    photos: Path,
) -> None:
    for path in photos.rglob("*.txt"):
        path.write_text(f"a vivid thing {path.parent.name} {path.stem}")
    with pytest.raises(InvalidInputError, match=r"there are 0, and \d that name an aspect"):
        folder_corpus(photos, Treatment(size=8)).prompts(1, 0)


def test_a_picture_of_more_pixels_than_are_read_is_known_by_its_header(photos: Path, draw) -> None:
    huge = photos / "vivid" / "1.png"
    content = bytearray(huge.read_bytes())
    content[16:24] = (20_000).to_bytes(4, "big") * 2
    content[29:33] = zlib.crc32(bytes(content[12:29])).to_bytes(4, "big")
    huge.write_bytes(content)
    assert header_fault(huge) == "it has more than 80000000 pixels"


def test_what_of_pictures_is_not_seen_is_told(photos: Path) -> None:
    frames = [Image.new("RGB", (16, 16), (grey,) * 3) for grey in (60, 200)]
    frames[0].save(photos / "vivid" / "1.png", save_all=True, append_images=frames[1:])
    assert told_of(photos) == {"Pictures of several frames are seen by their first.": 1}


def test_a_pointer_in_the_place_of_a_picture_is_told(photos: Path) -> None:
    (photos / "vivid" / "1.png").write_text("version https://git-lfs.github.com/spec/v1\n")
    (left,) = opened(photos).skipped
    assert "git lfs pull" in left.reason


def test_an_empty_folder_of_a_label_does_not_vanish_without_a_word(photos: Path) -> None:
    (photos / "third").mkdir()
    assert told_of(photos) == {"left out: its folder holds no file": 1}


@pytest.mark.parametrize("name", ["metadata.json", "METADATA.CSV", "captions.csv", "list.tsv", "vivid.zip"])
def test_tables_and_archives_that_are_not_read_are_told(photos: Path, name: str) -> None:
    (photos / name).write_text("x")
    (left,) = opened(photos).skipped
    assert left.name == name and ("of tables only" in left.reason or "unpack it" in left.reason)


def test_an_aspect_that_is_given_twice_is_refused(photos: Path) -> None:
    with pytest.raises(InvalidInputError, match="'vivid' twice"):
        folder_corpus(photos, Treatment(size=8, prompts=POOL, aspects=("vivid", "vivid")))
