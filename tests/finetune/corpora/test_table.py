"""Parquet files and `datasets` objects are the same tables."""

from pathlib import Path

import datasets
import numpy as np
import pytest

from finetune.corpora.coco_prompts import CaptionPool
from finetune.corpora.labelled import LabelledCorpus
from finetune.corpora.parquet_table import open_parquet
from finetune.corpora.pictures import Treatment
from finetune.corpora.table import Table, from_dataset, table_corpus
from finexl.errors import InvalidInputError, UnknownNameError
from finexl.notices import collected

POOL = CaptionPool(("a cat", "a dog"))
CLASSES = ("faded", "vivid")


@pytest.fixture
def rows(image_cell) -> dict[str, list]:
    """Twenty pictures whose value is their row; the first ten are faded, the others vivid."""
    return {
        "image": [image_cell(row) for row in range(20)],
        "text": [f"thing {row}" for row in range(20)],
        "label": [row // 10 for row in range(20)],
    }


@pytest.fixture(params=["parquet", "datasets"])
def table(request: pytest.FixtureRequest, rows: dict[str, list], parquet) -> Table:
    if request.param == "parquet":
        return open_parquet(parquet("shards/one.parquet", rows, {"label": CLASSES}))
    features = datasets.Features(
        image=datasets.Image(), text=datasets.Value("string"), label=datasets.ClassLabel(names=list(CLASSES))
    )
    return from_dataset(datasets.Dataset.from_dict(rows, features=features))


def corpus_of(table: Table, **options) -> LabelledCorpus:
    return table_corpus(table, Treatment(size=8, prompts=POOL), **options)


def test_classes_are_aspects_and_rows_keep_their_captions(table: Table) -> None:
    corpus = corpus_of(table)
    images, captions = corpus.images("vivid", 10, 0)
    assert corpus.aspects == CLASSES and isinstance(table, Table)
    assert captions == tuple(f"thing {value}" for value in images[:, 0, 0, 0])


def test_images_are_functions_of_the_seed(table: Table) -> None:
    first, again, other = (corpus_of(table).images("faded", 5, seed)[0] for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_cells_come_in_the_order_asked_for(table: Table) -> None:
    cells = table.cells("image", [13, 2, 13, 19])
    assert [cell["path"] for cell in cells] == ["13.png", "2.png", "13.png", "19.png"]


def test_an_unknown_column_names_the_nearest(table: Table) -> None:
    with pytest.raises(UnknownNameError, match=r"Did you mean columns\.label=label"):
        corpus_of(table, columns={"label": "lable"})


def test_an_unknown_role_names_the_nearest(table: Table) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean columns=image"):
        corpus_of(table, columns={"imag": "image"})


def test_shards_are_one_table(rows: dict[str, list], parquet, tmp_path: Path) -> None:
    for name, part in (("b", slice(5, 20)), ("a", slice(0, 5))):
        parquet(
            f"shards/{name}.parquet", {key: cells[part] for key, cells in rows.items()}, {"label": CLASSES}
        )
    whole = open_parquet(parquet("whole.parquet", rows, {"label": CLASSES}))
    parts = open_parquet(tmp_path / "shards")
    assert parts.column("label") == whole.column("label")
    assert parts.cells("image", range(20)) == whole.cells("image", range(20))


def test_only_row_groups_that_are_needed_are_read(rows, parquet, monkeypatch: pytest.MonkeyPatch) -> None:
    from pyarrow import parquet as arrow

    table = open_parquet(parquet("one.parquet", rows, {"label": CLASSES}))
    read: list[list[int]] = []
    iterate = arrow.ParquetFile.iter_batches

    def counted(self, *args, **options):
        read.append(options["row_groups"])
        return iterate(self, *args, **options)

    monkeypatch.setattr(arrow.ParquetFile, "iter_batches", counted)
    table.cells("image", [8, 9])
    assert len(table.groups) == 3 and read == [[1]]


def test_numbers_without_names_are_their_own_labels(rows: dict[str, list], parquet) -> None:
    assert corpus_of(open_parquet(parquet("one.parquet", rows))).aspects == ("0", "1")


def test_rows_without_a_label_are_left_out(rows: dict[str, list], parquet) -> None:
    rows["label"][10:15] = [-1, None, -1, None, -1]
    assert corpus_of(open_parquet(parquet("one.parquet", rows, {"label": CLASSES}))).n_images == 5


def test_a_broken_cell_is_skipped_by_its_row(rows: dict[str, list], parquet) -> None:
    rows["image"][3] = {"bytes": b"broken", "path": None}
    corpus = corpus_of(open_parquet(parquet("one.parquet", rows, {"label": CLASSES})))
    assert len(corpus.images("faded", 9, 0)[0]) == 9
    assert all(file.name == "row 3" for file in corpus.skipped)


def test_paths_are_read_below_the_folder_of_the_table_only(tmp_path: Path, draw) -> None:
    draw(tmp_path / "set" / "in.png", 10)
    draw(tmp_path / "out.png", 20)
    rows = {"image": ["in.png", "../out.png"], "text": ["x", "y"], "label": ["vivid", "vivid"]}
    datasets.Dataset.from_dict(rows).to_parquet(tmp_path / "set" / "one.parquet")
    corpus = corpus_of(open_parquet(tmp_path / "set" / "one.parquet"), folder=tmp_path / "set")
    assert (corpus.images("vivid", 1, 0)[0] == 10).all()
    with pytest.raises(InvalidInputError, match="has 1 usable"):
        corpus.images("vivid", 2, 0)


@pytest.fixture
def labelled_folder(tmp_path: Path, draw) -> Path:
    """Pictures as `load_dataset("imagefolder")` expects them: a folder per label."""
    for value in range(12):
        draw(tmp_path / "pictures" / CLASSES[value // 6] / f"{value}.png", value)
    return tmp_path / "pictures"


@pytest.mark.parametrize("with_folder", [False, True])
def test_an_imagefolder_gives_its_images(labelled_folder: Path, tmp_path: Path, with_folder: bool) -> None:
    loaded = datasets.load_dataset(
        "imagefolder", data_dir=str(labelled_folder), split="train", cache_dir=str(tmp_path / "cache")
    )
    said = loaded.add_column("text", [f"thing {row}" for row in range(12)])
    corpus = corpus_of(from_dataset(said), folder=labelled_folder if with_folder else None)
    assert corpus.aspects == CLASSES
    assert sorted(corpus.images("vivid", 6, 0)[0][:, 0, 0, 0]) == [6, 7, 8, 9, 10, 11] and not corpus.skipped


@pytest.mark.parametrize("cast", [False, True])
def test_paths_in_a_loaded_data_set_give_their_images(labelled_folder: Path, cast: bool) -> None:
    paths = sorted(str(path) for path in labelled_folder.rglob("*.png"))
    rows = {"image": paths, "text": ["x"] * 12, "label": ["vivid"] * 12}
    data = datasets.Dataset.from_dict(rows)
    corpus = corpus_of(from_dataset(data.cast_column("image", datasets.Image()) if cast else data))
    assert sorted(corpus.images("vivid", 12, 0)[0][:, 0, 0, 0]) == list(range(12))


def test_the_files_of_a_loaded_data_set_are_read_with_care(tmp_path: Path, draw) -> None:
    draw(tmp_path / "in.png", 10)
    paths = [str(tmp_path / "in.png"), str(tmp_path / "gone.png"), "/dev/zero", "/a\0b", "near.png", None]
    rows = {"image": paths, "text": ["x"] * 6, "label": ["vivid"] * 6}
    corpus = corpus_of(from_dataset(datasets.Dataset.from_dict(rows).cast_column("image", datasets.Image())))
    assert (corpus.images("vivid", 1, 0)[0] == 10).all()
    with pytest.raises(InvalidInputError, match="has 1 usable"):
        corpus.images("vivid", 6, 0)
    reasons = {file.name: file.reason for file in corpus.skipped}
    assert reasons["row 1"] == "it cannot be opened: No such file or directory"
    assert reasons["row 2"] == "it is not a file" and reasons["row 3"].startswith("it cannot be opened")
    assert reasons["row 4"] == "its path 'near.png' is relative, and no `folder` says to what"
    assert reasons["row 5"] == "there is no image"


@pytest.mark.parametrize("path", ["/etc/hostname", "../out.png"])
def test_a_strangers_path_that_leads_out_is_told_as_that(tmp_path: Path, path: str) -> None:
    rows = {"image": [path], "text": ["x"], "label": ["vivid"]}
    datasets.Dataset.from_dict(rows).to_parquet(tmp_path / "one.parquet")
    corpus = corpus_of(open_parquet(tmp_path / "one.parquet"), folder=tmp_path)
    with pytest.raises(InvalidInputError, match="its path leads out of the folder"):
        corpus.images("vivid", 1, 0)


def test_an_image_column_that_holds_no_images_is_told_as_that(rows: dict[str, list]) -> None:
    data = datasets.Dataset.from_dict({**rows, "image": list(range(20)), "label": ["vivid"] * 20})
    with pytest.raises(InvalidInputError, match="its cell holds int and no image; name the column"):
        corpus_of(from_dataset(data)).images("vivid", 1, 0)


def test_equal_tables_have_equal_ids(rows: dict[str, list], parquet) -> None:
    path = parquet("one.parquet", rows, {"label": CLASSES})
    before = corpus_of(open_parquet(path)).id
    assert corpus_of(open_parquet(path.rename(path.with_name("same.parquet")))).id != before
    assert corpus_of(open_parquet(path.with_name("same.parquet").rename(path))).id == before


def test_the_id_of_a_data_set_is_its_fingerprint(rows: dict[str, list]) -> None:
    data = datasets.Dataset.from_dict({**rows, "label": ["vivid"] * 20})
    ids = {corpus_of(from_dataset(part)).id for part in (data, data, data.select(range(10)))}
    assert len(ids) == 2


@pytest.mark.parametrize("content", [b"", b"PAR1 broken"])
def test_a_file_that_is_no_parquet_is_an_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "one.parquet").write_bytes(content)
    with pytest.raises(InvalidInputError, match="readable Parquet"):
        open_parquet(tmp_path)


def test_a_damaged_page_is_an_error(rows: dict[str, list], parquet) -> None:
    path = parquet("one.parquet", rows, {"label": CLASSES})
    content = path.read_bytes()
    corpus = corpus_of(open_parquet(path))
    path.write_bytes(content[:4] + bytes(1000) + content[1004:])
    with pytest.raises(InvalidInputError, match="download it again"):
        corpus.images("faded", 10, 0)


def test_no_file_and_no_data_set_are_errors(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="Found none"):
        open_parquet(tmp_path)
    with pytest.raises(InvalidInputError, match="one split"):
        from_dataset({"train": 3})  # type: ignore[arg-type]


def test_cells_that_are_broken_or_there_twice_are_known_before_anything_is_planned(rows, parquet) -> None:
    rows["image"][3] = {"bytes": b"", "path": None}
    rows["image"][4] = rows["image"][5]
    with collected() as told:
        corpus = corpus_of(open_parquet(parquet("one.parquet", rows, {"label": CLASSES})))
    assert corpus.n_images == 9
    assert {one.how: one.examples for one in told.values()} == {
        "left out: it is empty": ("row 3",),
        "copies of other pictures of their labels, which are used as often": ("row 5",),
    }


def test_files_of_one_table_with_other_columns_are_named(rows, parquet) -> None:
    parquet("set/a.parquet", rows)
    other = parquet("set/b.parquet", {"picture": rows["text"], "label": rows["label"]})
    with pytest.raises(InvalidInputError, match=r"same columns.*b\.parquet"):
        open_parquet(other.parent)
