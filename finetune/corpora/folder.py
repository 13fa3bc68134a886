"""Images in a folder of yours: a sub-folder per label, or a .jsonl or .csv file that names files, texts and labels.

photos/vivid/a.png  photos/vivid/a.txt  photos/faded/b.jpg ...   the sub-folder is the label, .txt the caption
photos/metadata.jsonl   {"file_name": "a.png", "text": "a red house", "label": "vivid"} per line
photos/metadata.csv     file_name,text,label
"""

import os
from collections.abc import Mapping, Sequence, Set
from pathlib import Path

from finetune.corpora.kinds import FolderSettings
from finetune.corpora.labelled import LabelledCorpus
from finetune.corpora.listed_rows import Labels, has_too_many_cells, label_of, rows_of
from finetune.corpora.looking import Looks
from finetune.corpora.naming import first_caption, one_line, repaired
from finetune.corpora.pictures import Picture, Pictures, Treatment, roles_of, treatment_of
from finetune.corpora.reading import (
    SUFFIXES,
    SkippedFile,
    UnreadableImageError,
    digest_of,
    inside,
)
from finexl.errors import FinexlError, InvalidInputError
from finexl.explain.text_files import decoded
from finexl.notices import MAX_EXAMPLES, Notice, notice
from finexl.pictures.finding import OTHER_PICTURES, Found, files_below, is_litter

COLUMNS: Mapping[str, str] = {"image": "file_name", "text": "text", "label": "label"}
"""What columns are called unless you say otherwise."""
METADATA = ("metadata.jsonl", "metadata.csv")
_MAX_CAPTION_BYTES = 2**20


_UNREAD = (
    (
        {".csv", ".json", ".jsonl", ".ndjson", ".parquet", ".tsv", ".xls", ".xlsx"},
        f"it is a table, and of tables only {' and '.join(METADATA)} are read here; give it itself",
    ),
    ({".7z", ".gz", ".rar", ".tar", ".tgz", ".zip"}, "archives are not opened; unpack it"),
)
"""What beside folders of labels is told not to be read, and what to do."""


class UnreadableCaptionError(FinexlError):
    """A caption file cannot be used; the message is the rest of a sentence about it."""


def open_folder(settings: FolderSettings, *, store: Path) -> LabelledCorpus:
    """The corpus of its settings.

    Raises:
        InvalidInputError: A column is named and there is no list that could have it, or see `folder_corpus`.
    """
    _check_list(settings)
    treatment = treatment_of(settings, store=store)
    return folder_corpus(settings.folder, treatment, columns=settings.image_columns)


def _check_list(settings: FolderSettings) -> None:
    folder, columns = settings.folder, settings.image_columns
    if not columns or not folder.is_dir() or any((folder / name).is_file() for name in METADATA):
        return
    role, column = next(iter(columns.items()))
    raise InvalidInputError(
        f"`columns.{role}` must name a column of {' or '.join(METADATA)} in the corpus' folder. Got {column!r}, and "
        f"{str(folder)!r} holds neither: its sub-folders are labels, and .txt files captions. Leave it out."
    )


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
    named: set[Path] = set()
    if not rows:
        instead = " Or remove it: without it sub-folders are labels." if metadata.name in METADATA else ""
        raise InvalidInputError(
            f"`folder` of a corpus must be or hold a list that names images. {str(metadata)!r} names none. Fill "
            f"it.{instead}"
        )
    looks, labels = Looks(n_files=len(rows)), Labels()
    entries: set[tuple[Path, str]] = set()
    for number, row in enumerate(rows, start=1):
        name = _image_of(row.get(roles["image"]))
        named.add(folder / name)
        try:
            if not name:
                raise ValueError("its entry has no image")
            if has_too_many_cells(row):
                raise ValueError(
                    "its line has more cells than there are columns; put texts with commas in quotes"
                )
            path, label = _file_of(folder, name), labels.read(repaired(label_of(row.get(roles["label"]))))
            if not path.is_file():
                raise ValueError("its entry names a file that is not there")
            if (path, label) in entries:
                raise ValueError("its entry repeats an earlier one")
            entries.add((path, label))
            named.add(path)
            if fault := looks.fault(path, name=name, label=label):
                raise ValueError(fault)
        except (UnreadableImageError, ValueError) as reason:
            unusable.append(SkippedFile(name=name or f"entry {number}", reason=str(reason)))
            continue
        files.append(path)
        listed.append(Picture(name=name, aspect=label, caption=first_caption(row.get(roles["text"]))))
    looks.tell()
    labels.tell()
    unusable += _beside_list(metadata, named)
    return Pictures(
        digest=lambda: f"{content_digest(folder, files, metadata)}-{sorted(roles.items())}",
        listed=tuple(listed),
        fetch=lambda places: [(files[place],) for place in places],
        unusable=tuple(unusable),
        are_looked_at=True,
    )


def _beside_list(metadata: Path, named: Set[Path]) -> list[SkippedFile]:
    """The images in a list's folder that it does not name, and the list in the other format."""
    folder = metadata.parent
    reason = f"{metadata.name} does not list it"
    unlisted = [
        SkippedFile(name=shown(path, folder), reason=reason)
        for path in image_files(folder)
        if path not in named
    ]
    others = [folder / name for name in METADATA if metadata.name in METADATA and name != metadata.name]
    reason = f"{metadata.name} beside it is read in its place"
    return [*unlisted, *(SkippedFile(name=one.name, reason=reason) for one in others if one.is_file())]


def image_files(folder: Path) -> tuple[Path, ...]:
    """Everything below a folder that is named like an image, in the order of names; hidden files are left out."""
    found = (path for path in files_below(folder).files if path.suffix.lower() in SUFFIXES)
    return tuple(path for path in found if not is_hidden(path, folder))


def is_hidden(path: Path, folder: Path) -> bool:
    """Whether a file belongs to a system or an editor: it, or a folder that it lies in, is named as theirs are."""
    return any(map(is_litter, path.relative_to(folder).parts))


def caption_beside(image: Path) -> str | None:
    """The text of the .txt file of the same name.

    Raises:
        UnreadableCaptionError: It is in an encoding that nothing tells, or very long.
    """
    file = _caption_file(image)
    if file is None:
        return None
    try:
        if file.stat().st_size > _MAX_CAPTION_BYTES:
            raise UnreadableCaptionError(f"is larger than {_MAX_CAPTION_BYTES // 2**20} MiB")
        return first_caption(decoded(file.read_bytes()))
    except UnicodeError as reason:
        raise UnreadableCaptionError("is in an encoding that nothing tells; save it in UTF-8") from reason
    except OSError as reason:
        raise UnreadableCaptionError(f"cannot be opened: {reason.strerror}") from reason


def shown(path: Path, folder: Path) -> str:
    """A file's name in reports; file names need not be text."""
    return os.fsencode(path.relative_to(folder)).decode("utf-8", errors="replace")


def content_digest(folder: Path, images: Sequence[Path], *further: Path) -> str:
    """A hash of images, the captions beside them, and further files."""
    texts = filter(None, map(_caption_file, images))
    return digest_of(folder, sorted({path for path in (*images, *texts, *further) if path.is_file()}))


def _caption_file(image: Path) -> Path | None:
    named = (image.with_suffix(suffix) for suffix in (".txt", ".TXT"))
    return next((path for path in named if path.is_file()), None)


def _sorted_by_label(folder: Path) -> Pictures:
    files: list[Path] = []
    listed: list[Picture] = []
    found = files_below(folder)
    unusable = [SkippedFile(name=shown(path, folder), reason=reason) for path, reason in found.closed]
    looks = Looks(n_files=len(found.files))
    labels = Labels()
    taken: set[Path] = set()
    for path in found.files:
        name = shown(path, folder)
        if reason := _reason_against(path, folder):
            unusable.append(SkippedFile(name=name, reason=reason))
        elif path.suffix.lower() in SUFFIXES:
            label = labels.read(shown(folder / path.relative_to(folder).parts[0], folder))
            try:
                caption = caption_beside(path)
            except UnreadableCaptionError as reason:
                unusable.append(SkippedFile(name=name, reason=f"its caption file {reason}"))
                continue
            finally:
                taken.add(path.with_suffix(""))
            if reason := looks.fault(path, name=name, label=label):
                unusable.append(SkippedFile(name=name, reason=reason))
                continue
            files.append(path)
            listed.append(Picture(name=name, aspect=label, caption=caption))
    unusable += [*_captions_of_nothing(found.files, taken, folder), *_empty_labels(found, folder)]
    looks.tell()
    labels.tell()
    _tell_of_depth(listed)
    return Pictures(
        digest=lambda: content_digest(folder, files),
        listed=tuple(listed),
        fetch=lambda places: [(files[place],) for place in places],
        unusable=tuple(unusable),
        are_looked_at=True,
    )


def _reason_against(path: Path, folder: Path) -> str | None:
    """Why a file is no image of a label; None where it is, or where it is a caption or a system's own."""
    suffix = path.suffix.lower()
    is_image = suffix in SUFFIXES
    if is_hidden(path, folder):
        return "it is hidden, or lies in a folder of a system or an editor" if is_image else None
    if path.parent == folder:
        if is_image or suffix in OTHER_PICTURES:
            return "it lies in no sub-folder, so it has no label"
        return next((told for suffixes, told in _UNREAD if suffix in suffixes), None)
    if is_image or suffix == ".txt":
        return None
    return f"files named {suffix or 'without an ending'} are not read as images"


def _captions_of_nothing(files: Sequence[Path], taken: Set[Path], folder: Path) -> list[SkippedFile]:
    """The .txt files in folders of labels that no picture has the name of."""
    texts = (path for path in files if path.suffix.lower() == ".txt" and path.parent != folder)
    return [
        SkippedFile(name=shown(path, folder), reason="it is a caption, and no picture beside it has its name")
        for path in texts
        if path.with_suffix("") not in taken and not is_hidden(path, folder)
    ]


def _empty_labels(found: Found, folder: Path) -> list[SkippedFile]:
    """The sub-folders in which there is no file at all, but for those that were not entered."""
    paths = (*found.files, *(path for path, _ in found.closed))
    held = {path.relative_to(folder).parts[0] for path in paths}
    places = (path for path in sorted(folder.iterdir()) if path.is_dir() and not is_litter(path.name))
    return [
        SkippedFile(name=shown(path, folder), reason="its folder holds no file")
        for path in places
        if path.name not in held
    ]


def _tell_of_depth(listed: Sequence[Picture]) -> None:
    """Tell of pictures in folders within folders: train/cat and test/cat have the labels "train" and "test"."""
    deep = [picture.name for picture in listed if picture.name.count("/") > 1]
    if deep:
        how = "pictures in folders within folders, whose label is the outermost folder"
        notice(Notice(what="corpus", how=how, n=len(deep), examples=tuple(deep[:MAX_EXAMPLES])))


def _file_of(folder: Path, name: str) -> Path:
    """The file that a list names; one that was written on Windows has backslashes between folders."""
    path = inside(folder, name)
    if "\\" in name and not path.exists():
        path = inside(folder, name.replace("\\", "/"))
    return path


def _image_of(cell: object) -> str:
    """The name of the image of an entry, as text or in `datasets`' form; "" where it has none."""
    match cell:
        case {"path": str(name)} | str(name):
            return one_line(name)
        case _:
            return ""
