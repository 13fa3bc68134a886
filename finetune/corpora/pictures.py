"""Labelled pictures that are not read yet, and which of them are held out from training."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from finetune.corpora.captioning import RememberedCaptions
from finetune.corpora.coco_prompts import CaptionPool
from finetune.corpora.reading import Encoded, SkippedFile, UnreadableImageError
from finexl.errors import InvalidInputError

HELD_OUT = 0.2
"""Share of each aspect's pictures whose captions are prompts and never training captions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One labelled picture that is not read yet."""

    name: str
    """What reports call it."""
    aspect: str
    caption: str | None = None
    group: str = ""
    """Pictures of one group show one scene; they are held out together. Empty: the caption, or the name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """What a folder or table holds."""

    digest: Callable[[], str]
    """A hash of all content that matters; asked for late, since it may read everything."""
    listed: tuple[Picture, ...]
    fetch: Callable[[Sequence[int]], Sequence[tuple[Encoded | UnreadableImageError, ...]]]
    """Places in `listed` to files: (image,) or (image, the same scene without its aspect); or why there is none."""
    unusable: tuple[SkippedFile, ...] = ()
    """Files that are known not to fit before any is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """What is made of pictures."""

    size: int
    aspects: Sequence[str] = ()
    """None given: all labels, in alphabetical order."""
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    captioner: RememberedCaptions | None = None
    """For pictures without a caption."""
    prompts: CaptionPool | None = None
    """None: the captions of held-out pictures."""

    def __post_init__(self) -> None:
        if self.size < 8:
            raise InvalidInputError(f"`size` of a corpus must be at least 8 pixels. Got {self.size}.")


def places_of(listed: Sequence[Picture], aspects: Sequence[str]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {aspect: [] for aspect in aspects}
    for place, picture in enumerate(listed):
        if picture.aspect in places:
            places[picture.aspect].append(place)
    return places


def held_out(listed: Sequence[Picture], places: Mapping[str, Sequence[int]]) -> frozenset[int]:
    """Places whose group is among the first fifth of an aspect's groups, in the order of their hashes."""
    groups = {place: _group(listed[place]) for mine in places.values() for place in mine}
    chosen: set[str] = set()
    for mine in places.values():
        ordered = sorted({groups[place] for place in mine})
        chosen.update(ordered[: int(len(ordered) * HELD_OUT)])
    return frozenset(place for place, group in groups.items() if group in chosen)


def _group(picture: Picture) -> str:
    group = picture.group or picture.caption or picture.name
    return hashlib.sha256(group.encode()).hexdigest()
