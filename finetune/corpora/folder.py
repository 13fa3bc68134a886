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
from finetune.corpora.naming import first_caption, one_line, repaired
from finetune.corpora.pictures import Picture, Pictures, Treatment, roles_of, treatment_of
from finetune.corpora.reading import (
    SUFFIXES,
    SkippedFile,
    UnreadableImageError,
    digest_of,
    header_fault,
    inside,
)
from finetune.store import manifest
from finexl.errors import InvalidInputError
from finexl.notices import MAX_EXAMPLES, Notice, notice
from finexl.pictures import read_picture

COLUMNS: Mapping[str, str] = {"image": "file_name", "text": "text", "label": "label"}
"""What columns are called unless you say otherwise."""
METADATA = ("metadata.jsonl", "metadata.csv")
_MAX_CAPTION_BYTES = 10_000
_FEW = 1000
"""Files up to which each is looked at when the corpus is opened, since each one counts."""
_FEWER = 200
"""Files up to which each is decoded then, so that all that cannot be used is known before anything is planned."""
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
    pictures = (
        _sorted_by_label(path) if metadata is None else listed_in(metadata, columns or {}, usual=COLUMNS)
    )
    return LabelledCorpus(pictures, treatment)


def listed_in(metadata: Path, columns: Mapping[str, str], *, usual: Mapping[str, str]) -> Pictures:
    """The images that a list names, which lie in its folder; `usual` says what its columns are usually called."""
    folder, rows = metadata.parent, rows_of(metadata)
    known = {name for row in rows for name in row} or {*usual.values(), *columns.values()}
    roles = roles_of(columns, usual=usual, known=known)
    listed: list[Picture] = []
    files: list[Path] = []
    unusable: list[SkippedFile] = []
    seen = _Seen(n_files=len(rows))
    for number, row in enumerate(rows, start=1):
        name = _image_of(row.get(roles["image"]))
        try:
            if not name:
                raise ValueError("its entry has no image")
            path, label = inside(folder, name), repaired(one_line(label_of(row.get(roles["label"]))))
            if not path.is_file():
                raise ValueError("its entry names a file that is not there")
            if fault := seen.fault(path, label):
                raise ValueError(fault)
        except (UnreadableImageError, ValueError) as reason:
            unusable.append(SkippedFile(name=name or f"entry {number}", reason=str(reason)))
            continue
        files.append(path)
        listed.append(Picture(name=name, aspect=label, caption=first_caption(row.get(roles["text"]))))
    seen.tell()
    unlisted = {*image_files(folder)} - {folder / _image_of(row.get(roles["image"])) for row in rows}
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
    seen = _Seen(n_files=len(every))
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
            label = shown(folder / path.relative_to(folder).parts[0], folder)
            if reason := seen.fault(path, label):
                unusable.append(SkippedFile(name=shown(path, folder), reason=reason))
                continue
            files.append(path)
            listed.append(Picture(name=shown(path, folder), aspect=label, caption=caption))
    seen.tell()
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


class _Seen:
    """What stands against a file beside those before it; of few files more is known than of many."""

    def __init__(self, *, n_files: int) -> None:
        self._looks, self._decodes = n_files <= _FEW, n_files <= _FEWER
        self._entries: set[tuple[Path, str]] = set()
        self._contents: set[tuple[str, str]] = set()
        self._copies: list[str] = []

    def fault(self, path: Path, label: str) -> str | None:
        """Why a file of a label is left out; None where nothing speaks against it."""
        if (path, label) in self._entries:
            return "its entry repeats an earlier one"
        self._entries.add((path, label))
        if not self._looks:
            return None
        if reason := header_fault(path):
            return reason
        if self._decodes:
            try:
                read_picture(path)
            except UnreadableImageError as error:
                return str(error)
        content = (manifest.file_digest(path), label)
        if content in self._contents:
            self._copies.append(path.name)
        self._contents.add(content)
        return None

    def tell(self) -> None:
        """Tell of pictures that are there more than once: they count as often, in training too."""
        if self._copies:
            how = "copies of other pictures of their labels, which are used as often"
            examples = tuple(self._copies[:MAX_EXAMPLES])
            notice(Notice(what="corpus", how=how, n=len(self._copies), examples=examples))


def _image_of(cell: object) -> str:
    """The name of the image of an entry, as text or in `datasets`' form; "" where it has none."""
    match cell:
        case {"path": str(name)} | str(name):
            return one_line(name)
        case _:
            return ""
