"""Two folders of pictures, base and tuned, as pairs: by name, every picture that is left out named with its reason.

This file does not need torch.
"""

import csv
import io
import json
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from finexl.errors import InvalidInputError
from finexl.explain.text_files import decoded, lines_of
from finexl.pictures import FORMATS, SUFFIXES, PictureFiles, UnreadableImageError, read_told
from finexl.pictures.finding import OTHER_PICTURES, files_below, is_litter
from finexl.values import ImagePairs

_NAME_COLUMNS = ("file_name", "file", "image", "name", "stem")
_PROMPT_COLUMNS = ("prompt", "text", "caption")
_SEPARATORS = (",", "\t", ";", "|")
_NO_LINES = (".yaml", ".yml", ".toml", ".xml", ".html")
"""Endings of files whose lines are no prompts."""
_REST = "\0"
_NAMED = 3
"""Names in a line for people."""

Tell = Callable[[int, int], None]
"""Is told how many of how many pictures have been read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A picture that is not explained."""

    name: str
    """With its folder."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """How a picture lies on the disk."""

    format: str
    size: tuple[int, int]
    has_alpha: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderPairs:
    """What two folders hold together."""

    base: PictureFiles
    tuned: PictureFiles
    names: tuple[str, ...]
    """Of each pair, without suffix; of unpaired pictures, those of the base."""
    prompts: tuple[str, ...] = ()
    """One per pair; empty where they are unknown."""
    paired: bool = True
    left_out: tuple[LeftOut, ...] = ()
    n_litter: int = 0
    """Hidden files, thumbnails of systems and the like."""
    warnings: tuple[str, ...] = ()
    """What differs between the folders beside what the models drew."""

    def __len__(self) -> int:
        return len(self.base)

    def as_pairs(self) -> ImagePairs:
        """What explainers are shown; prompts that are not known are empty."""
        prompts = self.prompts or ("",) * len(self)
        return ImagePairs(prompts=prompts, base=self.base, personalized=self.tuned, id="folders")

    def told(self) -> list[str]:
        """Lines for people: what was left out and what to beware of."""
        reasons: dict[str, list[str]] = {}
        for each in self.left_out:
            reasons.setdefault(each.reason, []).append(each.name)
        lines = [f"{len(names)} left out: {reason}: {_some(names)}." for reason, names in reasons.items()]
        if self.n_litter:
            lines.append(f"{self.n_litter} hidden files and files of the system were passed over.")
        return [*lines, *self.warnings]


@dataclass(slots=True)
class _Side:
    """One folder while it is read."""

    role: str
    folder: Path
    files: dict[str, Path] = field(default_factory=dict)
    """By their path in the folder without suffix."""
    left_out: list[LeftOut] = field(default_factory=list)
    n_litter: int = 0
    n_other: int = 0
    told: dict[str, None] = field(default_factory=dict)
    """What of files is not seen."""

    def leave_out(self, name: str, reason: str) -> None:
        self.left_out.append(LeftOut(name=f"{self.role}/{name}", reason=reason))


def read_folders(
    base: Path, tuned: Path, *, prompts: Path | None = None, paired: bool = True, tell: Tell = lambda *_: None
) -> FolderPairs:
    """Find, pair and check the pictures of two folders; every picture is decoded once, so that later nothing fails.

    Pictures are paired by their path within the folder without suffix. Unpaired, as many are taken of each side as
    the smaller one has, spread evenly over the names.

    Raises:
        InvalidInputError: A folder is not there, holds no picture, or none has a partner; or the prompts do not fit.
    """
    sides = [_listed("base", base, other=tuned), _listed("tuned", tuned, other=base)]
    if base.resolve() == tuned.resolve():
        raise InvalidInputError(f"BASE and TUNED must be two folders. Got {str(base)!r} twice.")
    matched = _partners(*sides) if paired else _spread(*sides)
    told = _PromptFile(prompts, [name for name, _ in matched]) if prompts is not None else None
    kept: list[tuple[str, Path, Path]] = []
    stored: list[tuple[Stored, Stored]] = []
    for place, (name, paths) in enumerate(matched):
        found = [_checked(side, path) for side, path in zip(sides, paths, strict=True)]
        tell(place + 1, len(matched))
        if found[0] is not None and found[1] is not None:
            kept.append((name, *paths))
            stored.append((found[0], found[1]))
    left_out = tuple(each for side in sides for each in side.left_out)
    if not kept:
        raise InvalidInputError(
            f"At least one pair of pictures must be readable. None of {len(matched)} is: "
            f"{_some([f'{each.name}: {each.reason}' for each in left_out])}."
        )
    names = tuple(name for name, _, _ in kept)
    files = [PictureFiles([path for _, path, _ in kept]), PictureFiles([path for _, _, path in kept])]
    said, doubts = _said(told, names, files)
    return FolderPairs(
        base=files[0],
        tuned=files[1],
        names=names,
        prompts=said,
        paired=paired,
        left_out=left_out,
        n_litter=sum(side.n_litter for side in sides),
        warnings=(*_confounds(stored, paired=paired), *doubts, *(sides[0].told | sides[1].told)),
    )


def _listed(role: str, folder: Path, *, other: Path) -> _Side:
    """The pictures below a folder, without those of the other where that lies within."""
    side = _Side(role, folder)
    if not folder.is_dir():
        raise InvalidInputError(
            f"{role.upper()} must be a folder of pictures. There is none at {str(folder)!r}."
        )
    several: set[str] = set()
    found = files_below(folder)
    for path, reason in found.closed:
        side.leave_out(_name(path, folder), reason)
    inside = other.resolve()
    is_around = folder.resolve() in inside.parents
    for path in found.files:
        if is_around and path.resolve().is_relative_to(inside):
            continue
        name = _name(path, folder)
        suffix = path.suffix.lower()
        if any(map(is_litter, path.relative_to(folder).parts)):
            side.n_litter += 1
        elif suffix in OTHER_PICTURES:
            side.leave_out(
                name, f"{suffix[1:].upper()} is not read; convert it to one of {', '.join(FORMATS)}"
            )
        elif suffix not in SUFFIXES:
            side.n_other += 1
        elif (stem := name[: -len(suffix)]) in side.files:
            several.add(stem)
            side.leave_out(name, "another picture has the same name with another suffix")
        else:
            side.files[stem] = path
    for stem in sorted(several):
        first = side.files.pop(stem)
        side.leave_out(f"{stem}{first.suffix}", "another picture has the same name with another suffix")
    if not side.files:
        raise InvalidInputError(
            f"{role.upper()} must hold pictures ({', '.join(FORMATS)}). {str(folder)!r} holds none that can be used: "
            f"{side.n_other} other files, {side.n_litter} hidden ones, {len(side.left_out)} pictures left out"
            f"{': ' + _some([f'{each.name}: {each.reason}' for each in side.left_out]) if side.left_out else ''}."
        )
    return side


def _name(path: Path, folder: Path) -> str:
    """A file's name in its folder, as text with accents in one form; systems store them in two."""
    name = os.fsencode(path.relative_to(folder).as_posix()).decode("utf-8", errors="replace")
    return unicodedata.normalize("NFC", name)


def _partners(base: _Side, tuned: _Side) -> list[tuple[str, tuple[Path, Path]]]:
    for side, other in ((base, tuned), (tuned, base)):
        for name in side.files.keys() - other.files.keys():
            side.leave_out(
                f"{name}{side.files[name].suffix}", "it has no partner of its name in the other folder"
            )
        side.left_out.sort(key=lambda each: each.name)
    shared = sorted(base.files.keys() & tuned.files.keys())
    if not shared:
        raise InvalidInputError(
            "Pictures of one prompt and noise must have the same name in both folders, whatever the suffix. No name is "
            f"in both: BASE has {_some(sorted(base.files))}; TUNED has {_some(sorted(tuned.files))}. Rename them, or "
            "compare the folders as a whole with --unpaired (from Python paired=False), which needs more pictures."
        )
    return [(name, (base.files[name], tuned.files[name])) for name in shared]


def _spread(base: _Side, tuned: _Side) -> list[tuple[str, tuple[Path, Path]]]:
    n = min(len(base.files), len(tuned.files))
    chosen: list[list[str]] = []
    for side in (base, tuned):
        names = sorted(side.files)
        kept = [names[int(i)] for i in np.floor(np.linspace(0, len(names) - 1, n) + 0.5)]
        for name in sorted(set(names) - set(kept)):
            side.leave_out(f"{name}{side.files[name].suffix}", "the other folder has fewer pictures")
        chosen.append(kept)
    return [(a, (base.files[a], tuned.files[b])) for a, b in zip(*chosen, strict=True)]


def _checked(side: _Side, path: Path) -> Stored | None:
    """How a picture is stored; None where it cannot be read, which is noted."""
    try:
        seen, told = read_told(path)
    except UnreadableImageError as reason:
        side.leave_out(path.relative_to(side.folder).as_posix(), str(reason))
        return None
    side.told.update(dict.fromkeys(told))
    try:
        with Image.open(path, formats=FORMATS) as image:
            return Stored(format=image.format or "", size=image.size, has_alpha=image.has_transparency_data)
    except (OSError, ValueError):  # a PNG that was read without its long texts
        return Stored(format="PNG", size=seen.size, has_alpha=False)


def _confounds(stored: Sequence[tuple[Stored, Stored]], *, paired: bool) -> Iterator[str]:
    """Differences of the files that an encoder may see and no model made."""
    for what, of in (
        ("format", lambda one: one.format),
        ("size", lambda one: f"{one.size[0]} × {one.size[1]}"),
        ("transparency", lambda one: "transparent" if one.has_alpha else "opaque"),
    ):
        sides = [Counter(of(pair[side]) for pair in stored) for side in range(2)]
        n = sum(of(a) != of(b) for a, b in stored)
        if n and (paired or sides[0] != sides[1]):
            told = "; ".join(
                f"{role}: {_counts(side)}" for role, side in zip(("base", "tuned"), sides, strict=True)
            )
            yield (
                f"Beware: {n} of {len(stored)} pictures differ in {what} between the folders ({told}). An encoder "
                "may see that, and no model made it. Save both sides alike."
            )


def _said(
    told: "_PromptFile | None", names: Sequence[str], files: Sequence[PictureFiles]
) -> tuple[tuple[str, ...], list[str]]:
    """The prompts of pairs from a file or from the captions beside them, and what is doubtful about them."""
    if told is not None:
        unused = f"{len(told.unused)} prompts are of no pair: {_some(told.unused)}."
        return tuple(told.prompts[name] for name in names), [unused] if told.unused else []
    base, tuned = ([_caption(path) for path in side.paths] for side in files)
    differ = [name for name, a, b in zip(names, base, tuned, strict=True) if a and b and a != b]
    doubts = []
    if differ:
        doubts.append(
            f"Beware: {len(differ)} captions differ between the folders: {_some(differ)}; the base's count."
        )
    said = [a or b for a, b in zip(base, tuned, strict=True)]
    if all(said):
        return tuple(said), doubts
    if any(said):
        missing = [name for name, caption in zip(names, said, strict=True) if not caption]
        doubts.append(f"{len(missing)} pictures have no caption, so none is used: {_some(missing)}.")
    return (), doubts


def _caption(path: Path) -> str:
    named = (path.with_suffix(suffix) for suffix in (".txt", ".TXT"))
    beside = next((file for file in named if file.is_file()), None)
    return " ".join(read_text(beside).split()) if beside is not None else ""


class _PromptFile:
    """The prompts that a file holds, by the names of pairs."""

    def __init__(self, path: Path, names: Sequence[str]) -> None:
        text = read_text(path)
        match path.suffix.lower():
            case ".csv" | ".tsv":
                found = _by_name(_rows(text, path), path)
            case ".jsonl" | ".json":
                found = _by_name(_entries(text, path), path)
            case suffix if suffix in _NO_LINES:
                raise InvalidInputError(
                    f"`--prompts` must be a file of lines, or a .csv, .tsv, .jsonl or .json. Got {str(path)!r}."
                )
            case _:
                lines = [" ".join(line.split()) for line in lines_of(text) if line.strip()]
                if len(lines) != len(names):
                    raise InvalidInputError(
                        f"{str(path)!r} must hold one prompt per line for each of {len(names)} pairs, in the order of "
                        f"their names ({_some(names)}). It holds {len(lines)}. Or name the pairs, in a .csv or .jsonl "
                        f"with the columns {_NAME_COLUMNS[0]} and {_PROMPT_COLUMNS[0]}."
                    )
                found = dict(zip(names, lines, strict=True))
        known = {*names}
        self.unused = [name for name in found if name not in known]
        if missing := [name for name in names if name not in found]:
            others = f" It has some of no pair: {_some(self.unused)}." if self.unused else ""
            raise InvalidInputError(
                f"{str(path)!r} must hold a prompt for every pair. {len(missing)} have none: {_some(missing)}.{others}"
            )
        self.prompts = found
        """Names of no pair."""


def _rows(text: str, path: Path) -> list[dict[str, str]]:
    """The lines of a table, separated by what its first line has most of, as spreadsheets write it."""
    first = re.split(r"[\r\n]", text, maxsplit=1)[0]
    told = re.fullmatch(r'"?sep=(.)"?', first.strip(), re.IGNORECASE)
    separator = told[1] if told else max(_SEPARATORS, key=re.sub(r'"[^"]*"', "", first).count)
    body = text[len(first) :].lstrip("\r\n") if told else text
    reader = csv.DictReader(
        io.StringIO(body, newline=""), restkey=_REST, delimiter=separator, skipinitialspace=True
    )
    reader.fieldnames = [name.strip() for name in reader.fieldnames or ()]
    try:
        rows = list(reader)
    except csv.Error as reason:
        raise InvalidInputError(
            f"{str(path)!r} must be a table of names and prompts: {reason}. Look for quotes that are not closed."
        ) from reason
    for number, row in enumerate(rows, start=1):
        if any(map(str.strip, row.pop(_REST, ()))):
            raise InvalidInputError(
                f"Each row of {str(path)!r} must have no more cells than there are columns. Row {number} has; put "
                "prompts with commas in quotes."
            )
    return rows


def _by_name(rows: Sequence[Mapping[str, object]], path: Path) -> dict[str, str]:
    found = {}
    for row in rows:
        cells = {column.lower(): cell for column, cell in row.items() if cell not in (None, "")}
        name = next((cells[column] for column in _NAME_COLUMNS if column in cells), None)
        prompt = next((cells[column] for column in _PROMPT_COLUMNS if column in cells), None)
        if not (isinstance(name, str) and isinstance(prompt, str) and _is_text(prompt)):
            raise InvalidInputError(
                f"Each row of {str(path)!r} must have one of {', '.join(_NAME_COLUMNS)} and one of "
                f"{', '.join(_PROMPT_COLUMNS)}, as texts. Got {str(dict(row))[:120]}."
            )
        stem, dot, suffix = unicodedata.normalize("NFC", name.strip()).rpartition(".")
        key = stem if dot and f".{suffix.lower()}" in SUFFIXES else f"{stem}{dot}{suffix}"
        said = " ".join(prompt.split())
        if found.setdefault(key, said) != said:
            raise InvalidInputError(
                f"{str(path)!r} must hold one prompt for each pair. It holds two for {name!r}: {found[key]!r} and "
                f"{said!r}."
            )
    return found


def _entries(text: str, path: Path) -> Sequence[Mapping[str, object]]:
    try:
        if path.suffix.lower() == ".jsonl":
            read = [_line_of_json(n, line) for n, line in enumerate(lines_of(text), start=1) if line.strip()]
        else:
            read = json.loads(text)
    except (ValueError, RecursionError) as reason:
        raise InvalidInputError(f"{str(path)!r} must be JSON: {reason}.") from reason
    if isinstance(read, dict):
        read = [{"name": name, "prompt": prompt} for name, prompt in read.items()]
    if not isinstance(read, list) or not all(isinstance(row, dict) for row in read):
        raise InvalidInputError(
            f"{str(path)!r} must hold objects with names and prompts, or one of names to prompts."
        )
    return read


def _line_of_json(number: int, line: str) -> Any:
    try:
        return json.loads(line)
    except json.JSONDecodeError as reason:
        raise ValueError(f"line {number}, column {reason.colno}: {reason.msg}") from reason


def _is_text(prompt: str) -> bool:
    """Whether it holds no half of a character, which JSON can and no file can."""
    try:
        prompt.encode()
    except UnicodeEncodeError:
        return False
    return True


def read_text(path: Path) -> str:
    """A text file in UTF-8, or in UTF-16 or UTF-32 with its mark."""
    try:
        return decoded(path.read_bytes())
    except OSError as reason:
        raise InvalidInputError(f"A text must be readable. Got {str(path)!r}: {reason.strerror}.") from reason
    except UnicodeError as reason:
        raise InvalidInputError(
            f"A text must be in UTF-8. {str(path)!r} is not: {reason}. Save it anew in UTF-8."
        ) from reason


def _counts(side: Counter[str]) -> str:
    return ", ".join(f"{n} {what}" for what, n in side.most_common(_NAMED)) + (
        ", ..." if len(side) > _NAMED else ""
    )


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
