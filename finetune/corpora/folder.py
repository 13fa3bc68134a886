"""Images in a folder of yours: a sub-folder per label, or a .jsonl or .csv file that names files, texts and labels.

photos/vivid/a.png  photos/vivid/a.txt  photos/faded/b.jpg ...   the sub-folder is the label, .txt the caption
photos/metadata.jsonl   {"file_name": "a.png", "text": "a red house", "label": "vivid"} per line
photos/metadata.csv     file_name,text,label
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from finetune.corpora.kinds import FolderSettings
from finetune.corpora.labelled import LabelledCorpus
from finetune.corpora.listed_rows import decoded, label_of, rows_of
from finetune.corpora.naming import first_caption, one_line
from finetune.corpora.pictures import Picture, Pictures, Treatment, roles_of, treatment_of
from finetune.corpora.reading import (
    SUFFIXES,
    SkippedFile,
    UnreadableImageError,
    digest_of,
    header_fault,
    inside,
)
from finexl.errors import InvalidInputError

COLUMNS: Mapping[str, str] = {"image": "file_name", "text": "text", "label": "label"}
"""What columns are called unless you say otherwise."""
METADATA = ("metadata.jsonl", "metadata.csv")
_MAX_CAPTION_BYTES = 10_000
_FEW = 1000
"""Files up to which each is looked at when the corpus is opened, since each one counts."""
_SYSTEM = {"__MACOSX", "__pycache__", "Thumbs.db", "desktop.ini", "lost+found", "$RECYCLE.BIN"}
"""Files and folders that systems and editors leave beside images; theirs else begin with a dot."""


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
    return tuple(path for path in found if not is_hidden(path, folder))


def is_hidden(path: Path, folder: Path) -> bool:
    """Whether a file belongs to a system or an editor: it, or a folder that it lies in, is named as theirs are."""
    return any(part.startswith((".", "@")) or part in _SYSTEM for part in path.relative_to(folder).parts)


def caption_beside(image: Path) -> str | None:
    """The text of the .txt file of the same name.

    Raises:
        UnicodeError: It is neither UTF-8 nor marked as UTF-16.
    """
    try:
        with image.with_suffix(".txt").open("rb") as stream:
            content = stream.read(_MAX_CAPTION_BYTES)
    except OSError:
        return None
    whole = len(content) < _MAX_CAPTION_BYTES
    return first_caption(decoded(content) if whole else content.decode("utf-8", errors="replace"))


def shown(path: Path, folder: Path) -> str:
    """A file's name in reports; file names need not be text."""
    return os.fsencode(path.relative_to(folder)).decode("utf-8", errors="replace")


def content_digest(folder: Path, images: Sequence[Path], *further: Path) -> str:
    """A hash of images, the captions beside them, and further files."""
    texts = (image.with_suffix(".txt") for image in images)
    files = [*images, *texts, *further]
    return digest_of(folder, sorted({path for path in files if path.is_file()}))


def _sorted_by_label(folder: Path) -> Pictures:
    files: list[Path] = []
    listed: list[Picture] = []
    unusable: list[SkippedFile] = []
    every = sorted(path for path in folder.rglob("*") if path.is_file() or path.suffix.lower() in SUFFIXES)
    looks = len(every) <= _FEW
    for path in every:
        if reason := _reason_against(path, folder):
            unusable.append(SkippedFile(name=shown(path, folder), reason=reason))
        elif path.suffix.lower() in SUFFIXES:
            try:
                caption = caption_beside(path)
            except UnicodeError:
                reason = "its caption file is in an encoding that nothing tells; save it in UTF-8"
                unusable.append(SkippedFile(name=shown(path, folder), reason=reason))
                continue
            if looks and (reason := header_fault(path)):
                unusable.append(SkippedFile(name=shown(path, folder), reason=reason))
                continue
            files.append(path)
            label = shown(folder / path.relative_to(folder).parts[0], folder)
            listed.append(Picture(name=shown(path, folder), aspect=label, caption=caption))
    return Pictures(
        digest=lambda: content_digest(folder, files),
        listed=tuple(listed),
        fetch=lambda places: [(files[place],) for place in places],
        unusable=tuple(unusable),
    )


def _reason_against(path: Path, folder: Path) -> str | None:
    """Why a file is no image of a label; None where it is, or where it is a caption or a system's own."""
    is_image = path.suffix.lower() in SUFFIXES
    if is_hidden(path, folder):
        return "it is hidden, or lies in a folder of a system or an editor" if is_image else None
    if is_image:
        return "it lies in no sub-folder, so it has no label" if path.parent == folder else None
    if path.suffix.lower() == ".txt" or path.name in _SYSTEM or path.parent == folder:
        return None
    return f"files named {path.suffix.lower() or 'without an ending'} are not read as images"


def _listed_in(metadata: Path, columns: Mapping[str, str]) -> Pictures:
    folder, rows = metadata.parent, rows_of(metadata)
    known = {name for row in rows for name in row} or {*COLUMNS.values(), *columns.values()}
    roles = roles_of(columns, usual=COLUMNS, known=known)
    listed: list[Picture] = []
    files: list[Path] = []
    unusable: list[SkippedFile] = []
    seen: dict[tuple[Path, str], int] = {}
    for number, row in enumerate(rows, start=1):
        name = one_line(str(row.get(roles["image"]) or ""))
        try:
            if not name:
                raise ValueError("its entry has no image")
            path, label = inside(folder, name), one_line(label_of(row.get(roles["label"])))
            if not path.is_file():
                raise ValueError("its entry names a file that is not there")
            if len(rows) <= _FEW and (fault := header_fault(path)):
                raise ValueError(fault)
            if seen.setdefault((path, label), number) != number:
                raise ValueError("its entry repeats an earlier one")
        except (UnreadableImageError, ValueError) as reason:
            unusable.append(SkippedFile(name=name or f"entry {number}", reason=str(reason)))
            continue
        files.append(path)
        listed.append(Picture(name=name, aspect=label, caption=first_caption(row.get(roles["text"]))))
    unlisted = {*image_files(folder)} - {
        folder / one_line(str(row.get(roles["image"]) or "")) for row in rows
    }
    reason = f"{metadata.name} does not list it"
    unusable += [SkippedFile(name=shown(path, folder), reason=reason) for path in sorted(unlisted)]
    others = [folder / name for name in METADATA if metadata.name in METADATA and name != metadata.name]
    reason = f"{metadata.name} beside it is read in its place"
    unusable += [SkippedFile(name=other.name, reason=reason) for other in others if other.is_file()]
    return Pictures(
        digest=lambda: f"{content_digest(folder, files, metadata)}-{sorted(roles.items())}",
        listed=tuple(listed),
        fetch=lambda places: [(files[place],) for place in places],
        unusable=tuple(unusable),
    )
