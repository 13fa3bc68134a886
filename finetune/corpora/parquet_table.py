"""Local Parquet files as one table: labels are read whole, images only in the rows that are asked for."""

import bisect
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from finetune.corpora.listed_rows import LISTS
from finetune.corpora.reading import digest_of
from finexl.errors import InvalidInputError

LFS, PARQUET = b"version https://git-lfs", b"PAR1"
"""What the files begin with that git-lfs leaves in place of others, and those of Parquet."""
_AT_ONCE = 16
"""Rows decoded together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParquetTable:
    """Parquet files with the same columns, one after the other."""

    folder: Path
    files: tuple[Path, ...]
    columns: tuple[str, ...]
    classes: Mapping[str, tuple[str, ...]]
    """Column to names of its classes, as `datasets` writes them into the files."""
    groups: tuple[tuple[int, int, int], ...]
    """(file, row group within it, first row), in the order of rows."""

    def column(self, name: str) -> list[Any]:
        """All cells of a column; classes by their names."""
        cells: list[Any] = []
        for file in self.files:
            with _reading(file) as parquet:
                cells += parquet.read_table(file, columns=[name]).column(0).to_pylist()
        return named(cells, self.classes.get(name))

    def cells(self, name: str, rows: Sequence[int]) -> list[Any]:
        """Some cells of a column; only the row groups that hold them are read, a few rows at a time."""
        firsts = [first for _, _, first in self.groups]
        wanted: dict[int, list[int]] = {}
        for row in sorted(set(rows)):
            wanted.setdefault(bisect.bisect_right(firsts, row) - 1, []).append(row)
        found: dict[int, Any] = {}
        for group, here in wanted.items():
            found |= self._in_group(name, group, here)
        return [found[row] for row in rows]

    def digest(self) -> str:
        """A hash of all files; reads them in full."""
        return digest_of(self.folder, self.files)

    def _in_group(self, name: str, group: int, rows: Sequence[int]) -> dict[int, Any]:
        file, number, start = self.groups[group]
        found: dict[int, Any] = {}
        with _reading(self.files[file]) as parquet, parquet.ParquetFile(self.files[file]) as opened:
            for batch in opened.iter_batches(batch_size=_AT_ONCE, row_groups=[number], columns=[name]):
                here = [row for row in rows if start <= row < start + len(batch)]
                found |= {row: batch.column(0)[row - start].as_py() for row in here}
                start += len(batch)
                if len(found) == len(rows):
                    break
        return found


def open_parquet(path: Path) -> ParquetTable:
    """The table in a Parquet file, or in all those below a folder in the order of their names."""
    files = tuple(sorted(path.rglob("*.parquet"))) if path.is_dir() else (path,)
    if not files or not all(file.is_file() for file in files):
        lists = sorted(file.name for suffix in LISTS for file in path.glob(f"*{suffix}"))
        instead = f" For the list in it give {str(path / lists[0])!r} itself." if lists else ""
        raise InvalidInputError(
            f"`folder` of a table must be a Parquet file or a folder with some. Found none at {str(path)!r}.{instead}"
        )
    groups: list[tuple[int, int, int]] = []
    n_rows = 0
    with _reading(path) as parquet:
        schema = parquet.read_schema(files[0])
        for number, file in enumerate(files):
            facts = parquet.read_metadata(file)
            if {*(own := facts.schema.to_arrow_schema().names)} != {*schema.names}:
                raise InvalidInputError(
                    f"All files of a table must have the same columns. {str(files[0])!r} has {schema.names!r}, and "
                    f"{str(file)!r} has {own!r}. Give one of them, or a folder of its own."
                )
            for group in range(facts.num_row_groups):
                groups.append((number, group, n_rows))
                n_rows += facts.row_group(group).num_rows
    return ParquetTable(
        folder=path if path.is_dir() else path.parent,
        files=files,
        columns=tuple(schema.names),
        classes=_classes((schema.metadata or {}).get(b"huggingface")),
        groups=tuple(groups),
    )


def named(cells: list[Any], classes: Sequence[str] | None) -> list[Any]:
    """Numbers of classes as names; -1 is `datasets`' number for no class."""
    if classes is None:
        return cells
    return [classes[cell] if cell is not None and 0 <= cell < len(classes) else None for cell in cells]


def first_bytes(path: Path) -> bytes:
    """The beginning of a file, by which `LFS` and `PARQUET` are told apart."""
    with path.open("rb") as file:
        return file.read(len(LFS))


def _classes(metadata: bytes | None) -> dict[str, tuple[str, ...]]:
    """Names of classes from what `datasets` writes into a Parquet file."""
    try:
        features = json.loads(metadata or b"{}")["info"]["features"]
    except (ValueError, KeyError, TypeError):
        return {}
    return {
        name: tuple(feature["names"])
        for name, feature in features.items()
        if isinstance(feature, dict) and feature.get("_type") == "ClassLabel"
    }


@contextmanager
def _reading(path: Path) -> Iterator[ModuleType]:
    """pyarrow's reader of Parquet; what it cannot read is an error for people."""
    try:
        from pyarrow import ArrowException, parquet
    except ModuleNotFoundError as reason:
        raise InvalidInputError(
            "Reading Parquet needs pyarrow. It is not installed. Install it: pip install 'finexl[corpora]'."
        ) from reason
    try:
        yield parquet
    except (ArrowException, OSError) as reason:
        raise InvalidInputError(
            f"A table must be readable Parquet, or a list whose name ends with {' or '.join(LISTS)}. "
            f"Got {str(path)!r}: {str(reason).rstrip('.')}. {_advice(path)}"
        ) from reason


def _advice(path: Path) -> str:
    with suppress(OSError):
        first = first_bytes(path)
        if first == LFS:
            return "It is a git-lfs pointer, not the file that it points to: run `git lfs pull` there."
        if not first.startswith(PARQUET):
            return "It is no Parquet: save it as Parquet, JSON lines or CSV, and name it so."
    return "Copy or download it again."
