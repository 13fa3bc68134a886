"""Labelled pictures that are not read yet, and which of them are held out from training."""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from finetune.corpora.captioning import Blip2Captioner, RememberedCaptions
from finetune.corpora.coco_prompts import CaptionPool, prompt_pool
from finetune.corpora.kinds import LabelledSettings
from finetune.corpora.reading import Encoded, SkippedFile, UnreadableImageError
from finexl.errors import InvalidInputError, unknown_name

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
    are_looked_at: bool = False
    """Whether those listed were looked at already, as far as few are."""


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


def treatment_of(settings: LabelledSettings, *, store: Path) -> Treatment:
    """What settings ask to be made of pictures; `store` keeps what the captioner says.

    Raises:
        InvalidInputError: There is no captioner where one is said to be, or no file of prompts.
    """
    captioner = None
    if settings.captioner is not None:
        if not (settings.captioner / "config.json").is_file():
            raise InvalidInputError(
                "`captioner` must be the folder of a BLIP-2 model, which holds config.json. "
                f"Got {str(settings.captioner)!r}, which does not. Give another, or leave it out."
            )
        described = Blip2Captioner(settings.captioner, device=settings.device)
        file = store / "captions" / f"{described.id}.jsonl"
        captioner = RememberedCaptions(id=described.id, captioner=described, file=file)
    return Treatment(
        size=settings.size,
        aspects=settings.aspects,
        names=settings.names,
        captioner=captioner,
        prompts=prompt_pool(settings.prompts_from, column=settings.columns.get("prompts")),
    )


def roles_of(
    columns: Mapping[str, str], *, usual: Mapping[str, str], known: Collection[str]
) -> dict[str, str]:
    """Role to column: the `usual` ones but for `columns`, all among the `known`; only the text may be missing.

    Raises:
        UnknownNameError: no such role, or no such column.
    """
    for role in columns:
        if role not in usual:
            raise unknown_name("columns", role, usual)
    roles = {**usual, **columns}
    for role, column in roles.items():
        if column not in known and (role != "text" or role in columns):
            raise unknown_name(f"columns.{role}", column, known)
    return roles


def places_of(listed: Sequence[Picture], aspects: Sequence[str]) -> dict[str, list[int]]:
    """Where in `listed` the pictures of each aspect are."""
    places: dict[str, list[int]] = {aspect: [] for aspect in aspects}
    for place, picture in enumerate(listed):
        if picture.aspect in places:
            places[picture.aspect].append(place)
    return places


def held_out(listed: Sequence[Picture], places: Mapping[str, Sequence[int]]) -> frozenset[int]:
    """Places whose group is among the first fifth of an aspect's groups, in the order of their hashes."""
    named = {place: listed[place] for mine in places.values() for place in mine}
    groups = {place: one.group or one.caption or one.name for place, one in named.items()}
    groups = {place: hashlib.sha256(group.encode()).hexdigest() for place, group in groups.items()}
    chosen: set[str] = set()
    for mine in places.values():
        ordered = sorted({groups[place] for place in mine})
        chosen.update(ordered[: int(len(ordered) * HELD_OUT)])
    return frozenset(place for place, group in groups.items() if group in chosen)
