"""Images in a table by its columns: Parquet files, JSON lines, CSV, or a `datasets.Dataset` that you loaded.

Labels and captions are read whole; of the images only the rows that are asked for, a few at a time. Scripts that
come with a data set are never run.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finetune.corpora.folder import listed_in
from finetune.corpora.kinds import TableSettings
from finetune.corpora.labelled import LabelledCorpus
from finetune.corpora.listed_rows import LISTS, Labels, label_of
from finetune.corpora.naming import first_caption, repaired
from finetune.corpora.parquet_table import ParquetTable, named, open_parquet
from finetune.corpora.pictures import Picture, Pictures, Treatment, roles_of, treatment_of
from finetune.corpora.reading import Encoded, SkippedFile, UnreadableImageError, inside
from finexl.errors import InvalidInputError

if TYPE_CHECKING:
    import datasets

COLUMNS: Mapping[str, str] = {"image": "image", "text": "text", "label": "label"}
"""What columns are called unless you say otherwise; `text` may be missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetTable:
    """A `datasets.Dataset`; an image column gives its files undecoded.

    You loaded it, so the files that it names are trusted to be meant, as those that a strange table names are not.
    """

    dataset: "datasets.Dataset"

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(self.dataset.column_names)

    def column(self, name: str) -> list[Any]:
        """All cells of a column; classes by their names."""
        from datasets import ClassLabel

        feature = self.dataset.features[name]
        classes = tuple(feature.names) if isinstance(feature, ClassLabel) else None
        return named(list(self.dataset.with_format(None)[name]), classes)

    def cells(self, name: str, rows: Sequence[int]) -> list[Any]:
        """Some cells of a column; absolute paths as the files they name, wherever those lie."""
        from datasets import Image

        chosen = self.dataset.with_format(None).select_columns(name).select(rows)
        if isinstance(self.dataset.features[name], Image):
            chosen = chosen.cast_column(name, Image(decode=False))
        return [_local(cell) for cell in chosen[name]]

    def digest(self) -> str:
        """The fingerprint that `datasets` keeps: of where the data came from and what was done to them."""
        return self.dataset._fingerprint


Table = ParquetTable | DatasetTable
"""Rows with named columns; the cells of a column of images come encoded as they are stored."""


def from_dataset(dataset: "datasets.Dataset") -> DatasetTable:
    """The table of a loaded data set of one split.

    Raises:
        InvalidInputError: it has several splits, or is streamed.
    """
    from datasets import Dataset

    if not isinstance(dataset, Dataset):
        raise InvalidInputError(
            f"A table must be a `datasets.Dataset`. Got a {type(dataset).__name__}. "
            "Choose one split, and load it without streaming."
        )
    return DatasetTable(dataset=dataset)


def open_table(settings: TableSettings, *, store: Path) -> LabelledCorpus:
    """The corpus of its settings."""
    path, treatment = settings.folder, treatment_of(settings, store=store)
    if path.suffix.lower() in LISTS:
        if not path.is_file():
            raise InvalidInputError(f"`corpus.folder` must be there. There is no list at {str(path)!r}.")
        return LabelledCorpus(listed_in(path, settings.image_columns, usual=COLUMNS), treatment)
    table = open_parquet(path)
    return table_corpus(table, treatment, columns=settings.image_columns, folder=table.folder)


def table_corpus(
    table: Table,
    treatment: Treatment,
    *,
    columns: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> LabelledCorpus:
    """The images of a table; `columns` maps image, text and label to columns, `folder` is where paths begin."""
    return LabelledCorpus(pictures_in(table, columns=columns or {}, folder=folder), treatment)


def pictures_in(
    table: Table, *, columns: Mapping[str, str], folder: Path | None = None, without: Container[str] = ()
) -> Pictures:
    """What a table holds, images unread. Rows without a label, or with one of `without`, are left out."""
    roles = roles_of(columns, usual=COLUMNS, known=table.columns)
    if roles["text"] not in table.columns:
        del roles["text"]
    labels = table.column(roles["label"])
    texts = table.column(roles["text"]) if "text" in roles else [None] * len(labels)
    rows: list[int] = []
    listed: list[Picture] = []
    unusable: list[SkippedFile] = []
    known = Labels()
    for row, cell in enumerate(labels):
        try:
            label = known.read(repaired(label_of(cell)))
        except ValueError as reason:
            unusable.append(SkippedFile(name=f"row {row}", reason=str(reason)))
            continue
        if cell in without:
            unusable.append(SkippedFile(name=f"row {row}", reason=f"its label {label!r} stands for none"))
            continue
        rows.append(row)
        listed.append(Picture(name=f"row {row}", aspect=label, caption=first_caption(texts[row])))
    known.tell()

    def fetch(places: Sequence[int]) -> list[tuple[Encoded | UnreadableImageError, ...]]:
        cells = table.cells(roles["image"], [rows[place] for place in places])
        return [(_encoded(cell, folder),) for cell in cells]

    return Pictures(
        digest=lambda: f"{table.digest()}-{sorted(roles.items())}",
        listed=tuple(listed),
        fetch=fetch,
        unusable=tuple(unusable),
    )


def _local(cell: Any) -> Any:
    """`datasets` keeps an image that lies in a file of its own as {"bytes": None, "path": its place}."""
    match cell:
        case {"bytes": None, "path": str(name)} | str(name) if Path(name).is_absolute():
            return Path(name)
    return cell


def _encoded(cell: Any, folder: Path | None) -> Encoded | UnreadableImageError:
    """An image cell: {"bytes", "path"} as `datasets` stores it, bytes, a file, or a path below `folder`."""
    match cell:
        case {"bytes": bytes(content)} | (bytes() | Path() as content):
            return content
        case {"path": str(name)} | str(name) if folder is not None:
            try:
                return inside(folder, name)
            except UnreadableImageError as reason:
                return reason
        case {"path": str(name)} | str(name):
            return UnreadableImageError(f"its path {name!r} is relative, and no `folder` says to what")
        case None | {"bytes": None, "path": None}:
            return UnreadableImageError("there is no image")
    return UnreadableImageError(
        f"its cell holds {type(cell).__name__} and no image; name the column of images"
    )
