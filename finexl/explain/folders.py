"""Two folders of pictures, base and tuned, as pairs: by name, every picture that is left out named with its reason.

This file does not need torch.
"""

import os
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from finexl.errors import InvalidInputError
from finexl.explain.text_files import PromptFile, read_text, some_of, unreadable
from finexl.pictures import FORMATS, SUFFIXES, PictureFiles, UnreadableImageError, picture_key, read_told
from finexl.pictures.finding import OTHER_PICTURES, files_below, is_litter
from finexl.values import ImagePairs

_NAMED = 3
"""Kinds in a line for people."""
_CAPTION = "A caption"
_COPY = "the same picture is in its folder under another name, and counts once"
_COPIES = "it and its partner are the pictures of another pair, which counts once"

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

    name: str
    """In its folder, without suffix."""
    path: Path
    key: str
    """Of what is seen."""
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
        lines = [f"{len(names)} left out: {reason}: {some_of(names)}." for reason, names in reasons.items()]
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

    def leave_out(self, path: Path, reason: str) -> None:
        self.left_out.append(LeftOut(name=f"{self.role}/{_name(path, self.folder)}", reason=reason))


def read_folders(
    base: Path, tuned: Path, *, prompts: Path | None = None, paired: bool = True, tell: Tell = lambda *_: None
) -> FolderPairs:
    """Find, pair and check the pictures of two folders; every picture is decoded once, so that later nothing fails.

    Pictures are paired by their path within the folder without suffix. Unpaired, as many are taken of each side as
    the smaller one has, spread evenly over the names. Copies of a pair, unpaired of a picture, are no evidence of
    their own: the first counts.

    Raises:
        InvalidInputError: A folder is not there, holds no picture, or none has a partner; or the prompts do not fit.
    """
    for role, folder in (("BASE", base), ("TUNED", tuned)):
        _check_folder(role, folder)
    if _itself(base) == _itself(tuned):
        raise InvalidInputError(f"BASE and TUNED must be two folders. Got {str(base)!r} twice.")
    sides = (_listed("base", base, other=tuned), _listed("tuned", tuned, other=base))
    matched = _partners(*sides) if paired else _spread(sides, [sorted(side.files) for side in sides])
    told = PromptFile(prompts, [name for name, _ in matched]) if prompts is not None else None
    found: list[tuple[Stored | None, Stored | None]] = []
    for place, (of_base, of_tuned) in enumerate(matched):
        found.append((_checked(sides[0], of_base), _checked(sides[1], of_tuned)))
        tell(place + 1, len(matched))
    kept = _pairs_once(sides[0], found) if paired else _pictures_once(sides, found)
    left_out = tuple(each for side in sides for each in side.left_out)
    if not kept:
        raise InvalidInputError(
            f"At least one pair of pictures must be readable. None of {len(matched)} is: "
            f"{some_of([f'{each.name}: {each.reason}' for each in left_out])}."
        )
    names = tuple(one.name for one, _ in kept)
    files = [PictureFiles([pair[side].path for pair in kept]) for side in range(2)]
    said, doubts = _said(told, names, files, paired=paired)
    return FolderPairs(
        base=files[0],
        tuned=files[1],
        names=names,
        prompts=said,
        paired=paired,
        left_out=left_out,
        n_litter=sum(side.n_litter for side in sides),
        warnings=(*_confounds(kept, paired=paired), *doubts, *(sides[0].told | sides[1].told)),
    )


def _check_folder(role: str, folder: Path) -> None:
    try:
        is_there = folder.is_dir()
    except OSError as reason:  # such as a name that is too long
        raise InvalidInputError(
            f"{role} must be a folder that can be opened. {str(folder)!r} cannot be: {reason.strerror}. Give it a "
            "shorter name or the right to be read, or name another."
        ) from reason
    if not is_there:
        raise InvalidInputError(f"{role} must be a folder of pictures. There is none at {str(folder)!r}.")


def _itself(path: Path) -> Path:
    """The place that links lead to; circles of links lead nowhere."""
    return Path(os.path.realpath(path))


def _listed(role: str, folder: Path, *, other: Path) -> _Side:
    """The pictures below a folder, without those of the other where that lies within."""
    side = _Side(role, folder)
    found = files_below(folder)
    for path, reason in found.closed:
        side.leave_out(path, reason)
    inside = _itself(other)
    is_around = _itself(folder) in inside.parents
    named: dict[str, list[Path]] = {}
    for path in found.files:
        if is_around and _itself(path).is_relative_to(inside):
            continue
        suffix = path.suffix.lower()
        if any(map(is_litter, path.relative_to(folder).parts)):
            side.n_litter += 1
        elif suffix in OTHER_PICTURES:
            side.leave_out(
                path, f"{suffix[1:].upper()} is not read; convert it to one of {', '.join(FORMATS)}"
            )
        elif suffix not in SUFFIXES:
            side.n_other += 1
        else:
            named.setdefault(_name(path, folder)[: -len(suffix)], []).append(path)
    for stem, paths in named.items():
        if len(paths) == 1:
            side.files[stem] = paths[0]
            continue
        for path in paths:
            side.leave_out(path, _same_name(path, paths, folder))
    if not side.files:
        raise InvalidInputError(
            f"{role.upper()} must hold pictures ({', '.join(FORMATS)}). {str(folder)!r} holds none that can be used: "
            f"{side.n_other} other files, {side.n_litter} hidden ones, {len(side.left_out)} pictures left out"
            f"{': ' + some_of([f'{each.name}: {each.reason}' for each in side.left_out]) if side.left_out else ''}."
        )
    return side


def _same_name(path: Path, paths: Sequence[Path], folder: Path) -> str:
    """Why a picture's name is another's too."""
    name = _name(path, folder)
    if sum(_name(other, folder) == name for other in paths) == 1:
        return "another picture has the same name with another suffix"
    if "\N{REPLACEMENT CHARACTER}" in name:
        return "its name is not in UTF-8, and another picture's differs in nothing else; rename them"
    return "another picture has the same name with its accents stored in another way; rename one"


def _name(path: Path, folder: Path) -> str:
    """A file's name in its folder, as text with accents in one form; systems store them in two."""
    name = os.fsencode(path.relative_to(folder).as_posix()).decode("utf-8", errors="replace")
    return unicodedata.normalize("NFC", name)


def _partners(base: _Side, tuned: _Side) -> list[tuple[str, str]]:
    for side, other in ((base, tuned), (tuned, base)):
        for name in side.files.keys() - other.files.keys():
            side.leave_out(side.files[name], "it has no partner of its name in the other folder")
        side.left_out.sort(key=lambda each: each.name)
    shared = sorted(base.files.keys() & tuned.files.keys())
    if not shared:
        raise InvalidInputError(
            "Pictures of one prompt and noise must have the same name in both folders, whatever the suffix. No name is "
            f"in both: BASE has {some_of(sorted(base.files))}; TUNED has {some_of(sorted(tuned.files))}. Rename them, "
            "or compare the folders as a whole with --unpaired (from Python paired=False), which needs more pictures."
        )
    return [(name, name) for name in shared]


def _spread(sides: tuple[_Side, _Side], names: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """As many names of each side as the smaller has, evenly."""
    n = min(map(len, names))
    chosen: list[list[str]] = []
    for side, of_side in zip(sides, names, strict=True):
        kept = [of_side[int(i)] for i in np.floor(np.linspace(0, len(of_side) - 1, n) + 0.5)]
        for name in sorted(set(of_side) - set(kept)) if n else ():
            side.leave_out(side.files[name], "the other folder has fewer pictures")
        chosen.append(kept)
    return list(zip(*chosen, strict=True))


def _checked(side: _Side, name: str) -> Stored | None:
    """How a picture is stored; None where it cannot be read, which is noted."""
    path = side.files[name]
    try:
        seen, told = read_told(path)
    except UnreadableImageError as reason:
        side.leave_out(path, str(reason))
        return None
    side.told.update(dict.fromkeys(told))
    format, size, has_alpha = "PNG", seen.size, False
    # a PNG that was read without its long texts
    with suppress(OSError, ValueError), Image.open(path, formats=FORMATS) as image:
        format, size, has_alpha = image.format or "", image.size, image.has_transparency_data
    return Stored(name=name, path=path, key=picture_key(seen), format=format, size=size, has_alpha=has_alpha)


def _pairs_once(
    base: _Side, found: Sequence[tuple[Stored | None, Stored | None]]
) -> list[tuple[Stored, Stored]]:
    """The pairs that can be read, of those that are alike on both sides the first."""
    kept: dict[tuple[str, str], tuple[Stored, Stored]] = {}
    for one, other in found:
        if one is None or other is None:
            continue
        if (keys := (one.key, other.key)) in kept:
            base.leave_out(one.path, _COPIES)
        else:
            kept[keys] = (one, other)
    return list(kept.values())


def _pictures_once(
    sides: tuple[_Side, _Side], found: Sequence[tuple[Stored | None, Stored | None]]
) -> list[tuple[Stored, Stored]]:
    """As many pictures of each side as can be read of both, of those that are alike the first."""
    kept: tuple[dict[str, Stored], dict[str, Stored]] = ({}, {})
    for side, of_side, pictures in zip(sides, kept, zip(*found, strict=True), strict=True):
        keys = set[str]()
        for one in filter(None, pictures):
            if one.key in keys:
                side.leave_out(one.path, _COPY)
            else:
                keys.add(one.key)
                of_side[one.name] = one
    return [(kept[0][a], kept[1][b]) for a, b in _spread(sides, [list(of_side) for of_side in kept])]


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
    told: PromptFile | None, names: Sequence[str], files: Sequence[PictureFiles], *, paired: bool
) -> tuple[tuple[str, ...], list[str]]:
    """The prompts of pairs from a file or from the captions beside them, and what is doubtful about them."""
    if told is not None:
        unused = f"{len(told.unused)} prompts are of no pair: {some_of(told.unused)}."
        return tuple(told.prompts[name] for name in names), [unused] if told.unused else []
    base, tuned = ([_caption(path) for path in side.paths] for side in files)
    if not paired:  # captions of the one side say nothing of the other's pictures
        base, tuned = (base, base) if any(base) else (tuned, tuned)
    differ = [name for name, a, b in zip(names, base, tuned, strict=True) if a and b and a != b]
    doubts = []
    if differ:
        doubts.append(
            f"Beware: {len(differ)} captions differ between the folders: {some_of(differ)}; the base's count."
        )
    said = [a or b for a, b in zip(base, tuned, strict=True)]
    if all(said):
        return tuple(said), doubts
    if any(said):
        missing = [name for name, caption in zip(names, said, strict=True) if not caption]
        doubts.append(f"{len(missing)} pictures have no caption, so none is used: {some_of(missing)}.")
    return (), doubts


def _caption(path: Path) -> str:
    for beside in (path.with_suffix(".txt"), path.with_suffix(".TXT")):
        try:
            is_there = beside.is_file()
        except OSError as reason:  # a link to where none may look
            raise unreadable(beside, reason, what=_CAPTION) from reason
        if is_there:
            return " ".join(read_text(beside, what=_CAPTION).split())
    return ""


def _counts(side: Counter[str]) -> str:
    return ", ".join(f"{n} {what}" for what, n in side.most_common(_NAMED)) + (
        ", ..." if len(side) > _NAMED else ""
    )
