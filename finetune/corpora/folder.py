"""Images in a folder of yours: a sub-folder per label, or a .jsonl or .csv file that names files, texts and labels.

photos/vivid/a.png  photos/vivid/a.txt  photos/faded/b.jpg ...   the sub-folder is the label, .txt the caption
photos/metadata.jsonl   {"file_name": "a.png", "text": "a red house", "label": "vivid"} per line
photos/metadata.csv     file_name,text,label
"""

import csv
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from finetune.corpora.kinds import FolderSettings
from finetune.corpora.labelled import LabelledCorpus
from finetune.corpora.naming import first_caption, one_line
from finetune.corpora.pictures import Picture, Pictures, Treatment, roles_of, treatment_of
from finetune.corpora.reading import SUFFIXES, SkippedFile, UnreadableImageError, digest_of, inside
from finexl.errors import InvalidInputError

COLUMNS: Mapping[str, str] = {"image": "file_name", "text": "text", "label": "label"}
"""What columns are called unless you say otherwise."""
METADATA = ("metadata.jsonl", "metadata.csv")
_MAX_CAPTION_BYTES = 10_000


def open_folder(settings: FolderSettings, *, store: Path) -> LabelledCorpus:
    """The corpus of its settings."""
    treatment = treatment_of(settings, store=store)
    return folder_corpus(settings.folder, treatment, columns=settings.image_columns)


def folder_corpus(
    path: Path, treatment: Treatment, *, columns: Mapping[str, str] | None = None
) -> LabelledCorpus:
    """The images of a folder or of a metadata file.

    Raises:
        InvalidInputError: there is no such folder, its list cannot be read, or it holds nothing that is labelled.
    """
    if not path.exists():
        raise InvalidInputError(f"`folder` of a corpus must exist. Got {str(path)!r}.")
    lists = [path] if path.is_file() else [path / name for name in METADATA]
    metadata = next((file for file in lists if file.is_file()), None)
    pictures = _sorted_by_label(path) if metadata is None else _listed_in(metadata, columns or {})
    return LabelledCorpus(pictures, treatment)


def image_files(folder: Path) -> tuple[Path, ...]:
    """Everything below a folder that is named like an image, in the order of names; hidden files are left out."""
    found = (path for path in sorted(folder.rglob("*")) if path.suffix.lower() in SUFFIXES)
    return tuple(path for path in found if not path.name.startswith("."))


def caption_beside(image: Path) -> str | None:
    """The text of the .txt file of the same name."""
    try:
        with image.with_suffix(".txt").open("rb") as stream:
            return first_caption(stream.read(_MAX_CAPTION_BYTES).decode("utf-8", errors="replace"))
    except OSError:
        return None


def shown(path: Path, folder: Path) -> str:
    """A file's name in reports; file names need not be text."""
    return os.fsencode(path.relative_to(folder)).decode("utf-8", errors="replace")


def content_digest(folder: Path, images: Sequence[Path], *further: Path) -> str:
    """A hash of images, the captions beside them, and further files."""
    texts = (image.with_suffix(".txt") for image in images)
    files = [*images, *texts, *further]
    return digest_of(folder, sorted({path for path in files if path.is_file()}))


def _sorted_by_label(folder: Path) -> Pictures:
    found = image_files(folder)
    files = [path for path in found if path.parent != folder]
    unusable = tuple(
        SkippedFile(name=shown(path, folder), reason="it lies in no sub-folder, so it has no label")
        for path in found
        if path.parent == folder
    )
    listed = tuple(
        Picture(
            name=shown(path, folder),
            aspect=shown(folder / path.relative_to(folder).parts[0], folder),
            caption=caption_beside(path),
        )
        for path in files
    )
    return Pictures(
        digest=lambda: content_digest(folder, files),
        listed=listed,
        fetch=lambda places: [(files[place],) for place in places],
        unusable=unusable,
    )


def _listed_in(metadata: Path, columns: Mapping[str, str]) -> Pictures:
    folder, rows = metadata.parent, list(_rows(metadata))
    known = {name for row in rows for name in row} or {*COLUMNS.values(), *columns.values()}
    roles = roles_of(columns, usual=COLUMNS, known=known)
    listed, files, unusable = [], [], []
    for number, row in enumerate(rows, start=1):
        name, label = (one_line(str(row.get(roles[role]) or "")) for role in ("image", "label"))
        try:
            path = inside(folder, name)
        except UnreadableImageError as reason:
            unusable.append(SkippedFile(name=name, reason=str(reason)))
            continue
        if name and label:
            files.append(path)
            listed.append(Picture(name=name, aspect=label, caption=first_caption(row.get(roles["text"]))))
        else:
            reason = "its entry has no image or label"
            unusable.append(SkippedFile(name=name or f"entry {number}", reason=reason))
    return Pictures(
        digest=lambda: f"{content_digest(folder, files, metadata)}-{sorted(roles.items())}",
        listed=tuple(listed),
        fetch=lambda places: [(files[place],) for place in places],
        unusable=tuple(unusable),
    )


def _rows(metadata: Path) -> Iterator[dict[str, Any]]:
    """The entries of a .jsonl or .csv file."""
    try:
        with metadata.open(encoding="utf-8-sig", newline="") as stream:
            match metadata.suffix.lower():
                case ".jsonl":
                    for number, line in enumerate(filter(str.strip, stream), start=1):
                        yield _entry(line, number)
                case ".csv":
                    yield from csv.DictReader(stream, restkey="")
                case other:
                    raise InvalidInputError(
                        "A list of images must be a .jsonl or .csv file; use kind `table` for Parquet. "
                        f"Got {other!r}: {str(metadata)!r}."
                    )
    except (OSError, UnicodeError, csv.Error) as reason:
        raise InvalidInputError(
            f"A list of images must be readable text in UTF-8. Got {str(metadata)!r}: {reason}."
        ) from reason


def _entry(line: str, number: int) -> dict[str, Any]:
    with suppress(ValueError, RecursionError):
        if isinstance(entry := json.loads(line), dict):
            return entry
    raise InvalidInputError(
        f"Each line of a .jsonl file must be a JSON object. Line {number}: {line.strip()[:200]!r}."
    )
