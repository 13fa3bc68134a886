"""A corpus of labelled pictures that lie somewhere: read when they are asked for, those that fail left out.

Every real corpus is one of these; they differ in where pictures, labels and captions come from. Plain prompts are
captions of pictures that are held out from training for good, or those of a pool (`coco_prompts`).
"""

import logging
import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from jaxtyping import UInt8

from finetune.corpora.coco_prompts import CaptionPool
from finetune.corpora.few_prompts import TooFewPromptsError
from finetune.corpora.looking import Looks
from finetune.corpora.naming import cut, names_of, one_line, pattern, unclear_names
from finetune.corpora.pictures import HELD_OUT, Pictures, Treatment, held_out, places_of
from finetune.corpora.reading import (
    Encoded,
    SkippedFile,
    UnreadableImageError,
    left_out,
    read_image,
    report,
)
from finetune.store import manifest
from finexl.code_version import code_version
from finexl.errors import InvalidInputError, unknown_name
from finexl.notices import notice

_CODE = (
    f"{__name__}:LabelledCorpus",
    "finetune.corpora.folder:folder_corpus",
    "finetune.corpora.style_transfer_folder:style_transfer_corpus",
    "finetune.corpora.table:table_corpus",
    "finetune.corpora.wikiart_table:wikiart_corpus",
)
"""What decides which images and prompts the same files give."""

_IMAGES, _PROMPTS = 6, 7
"""Seed namespaces, apart from those of the miniature's corpora."""
_AT_ONCE = 16
"""Pictures read together for prompts."""
_SILENT = "it has no caption"
_LONGEST = 120
"""Characters of a caption that are shown."""

Layer = UInt8[np.ndarray, "n h w 3"]


class Read(NamedTuple):
    """A picture that was read: the image; where it is known, the same scene without its aspect; its caption."""

    layers: tuple[np.ndarray, ...]
    caption: str


def _naming_it(caption: str) -> str:
    return f"its caption names the aspect: {cut(caption, longest=_LONGEST)!r}"


class LabelledCorpus:
    """Labelled pictures as a `Corpus`."""

    def __init__(self, pictures: Pictures, treatment: Treatment) -> None:
        labels = {picture.aspect for picture in pictures.listed}
        chosen = tuple(map(one_line, treatment.aspects))
        for aspect in chosen:
            if aspect not in labels:
                raise unknown_name("aspects", aspect, labels)
            if chosen.count(aspect) > 1:
                raise InvalidInputError(f"`aspects` must name each aspect once. Got {aspect!r} twice.")
        if not labels:
            left_out = f" {report(pictures.unusable)}" if pictures.unusable else ""
            raise InvalidInputError(
                f"A corpus must hold labelled images. Found none. Check `corpus.folder` and `corpus.columns`.{left_out}"
            )
        self._pictures = pictures
        self._treatment = treatment
        self._pool = None
        if treatment.prompts is not None:  # a prompt is never the caption of a training image
            shown = {picture.caption for picture in pictures.listed}
            captions = treatment.prompts.captions
            self._pool = CaptionPool(tuple(caption for caption in captions if caption not in shown))
        self.aspects = chosen or tuple(sorted(labels))
        """The labels that are used."""
        self.names = names_of(self.aspects, {one_line(key): words for key, words in treatment.names.items()})
        """The words that count as naming each aspect."""
        for one in unclear_names(self.names):
            notice(one, is_logged=True)
        self._skipped = {file.name: file for file in pictures.unusable}
        self._n_reported = 0
        self._places = places_of(pictures.listed, self.aspects)
        self._held_out = frozenset() if treatment.prompts else held_out(pictures.listed, self._places)
        # Without any caption nothing can be trained; that is said before the first image is read.
        if treatment.captioner is None and not any(picture.caption for picture in pictures.listed):
            raise InvalidInputError(
                "Images of a corpus must have captions. None of these has one. Name the column that holds them "
                "(`columns.text`), put a .txt file beside each image, or give a BLIP-2 folder (`captioner`)."
            )
        self._look()
        self._report()

    @property
    def id(self) -> str:
        """A hash of the pictures and of what is made of them."""
        return self._id

    @cached_property
    def _id(self) -> str:
        treatment = self._treatment
        made_of = {
            "code": code_version(*_CODE),
            "pictures": self._pictures.digest(),
            "size": treatment.size,
            "names": {aspect: list(words) for aspect, words in self.names.items()},
            "captioner": treatment.captioner.id if treatment.captioner else None,
            "prompts": treatment.prompts.id if treatment.prompts else HELD_OUT,
        }
        return f"labelled-{manifest.digest(made_of)[:32]}"

    @property
    def skipped(self) -> tuple[SkippedFile, ...]:
        """The files that were left out so far, with reasons."""
        return tuple(self._skipped.values())

    @property
    def n_images(self) -> int:
        """Training images of the aspect with the fewest, without those that were found unusable so far.

        Raises:
            InvalidInputError: An aspect has none; the message names it.
        """
        gone = {place for place, one in enumerate(self._pictures.listed) if one.name in self._skipped}
        counts = {aspect: len(set(places) - self._held_out - gone) for aspect, places in self._places.items()}
        if bare := [aspect for aspect, count in counts.items() if not count]:
            others = ",".join(aspect for aspect in self.aspects if counts[aspect])
            instead = f"Leave it out with corpus.aspects={others}, or give" if others else "Give"
            raise InvalidInputError(
                f"Every aspect of a corpus must have usable training images. {bare[0]!r} has none. {instead} it images "
                f"with captions that do not name it. {report(self.skipped) if self.skipped else ''}".rstrip()
            )
        return min(counts.values())

    @property
    def captions(self) -> tuple[str, ...]:
        """What is known of the captions of training images before any is described."""
        places = {place for mine in self._places.values() for place in mine} - self._held_out
        found = (self._pictures.listed[place] for place in sorted(places))
        return tuple(one.caption for one in found if one.caption and one.name not in self._skipped)

    def images(self, aspect: str, n: int, seed: int) -> tuple[Layer, tuple[str, ...]]:
        """`n` training images of one aspect, drawn by `seed`, with captions that do not name it."""
        picked = self.pick(aspect, n, seed)
        return np.stack([one.layers[0] for one in picked]), tuple(one.caption for one in picked)

    def pick(self, aspect: str, n: int, seed: int) -> list[Read]:
        """What `images` gives, picture by picture with all layers."""
        if aspect not in self.aspects:
            raise unknown_name("aspect", aspect, self.aspects)
        mine = [place for place in self._places[aspect] if place not in self._held_out]
        rng = np.random.default_rng(np.random.SeedSequence((_IMAGES, seed, zlib.crc32(aspect.encode()))))
        waiting = [mine[index] for index in rng.permutation(len(mine))]
        kept: list[Read] = []
        while waiting and len(kept) < n:
            missing = n - len(kept)
            kept.extend(self._read(waiting[:missing], unnamed=aspect))
            waiting = waiting[missing:]
        self._report()
        if len(kept) < n or n < 1:
            raise self._too_few(aspect, n, have=len(kept))
        return kept

    def prompts(self, n: int, seed: int) -> tuple[str, ...]:
        """`n` different captions that name no aspect: of held-out pictures, or from the pool."""
        if self._pool is not None:
            return self._pool.prompts(n, seed, without=self._all_names)
        rng = np.random.default_rng(np.random.SeedSequence((_PROMPTS, seed)))
        places = [int(place) for place in rng.permutation(sorted(self._held_out))]
        found: dict[str, None] = {}
        for caption in self._captions(places):
            found.setdefault(caption)
            if len(found) == n:
                break
        self._report()
        if len(found) == n:
            return tuple(found)
        raise TooFewPromptsError(
            f"Prompts are the captions of held-out pictures ({HELD_OUT:.0%} of each aspect's). Asked for {n}; "
            f"there are {len(found)}{self._naming(places)}. Give corpus.prompts_from=<path> (COCO captions), or add "
            "pictures with captions.",
            len(found),
        )

    @cached_property
    def _all_names(self) -> tuple[str, ...]:
        return tuple(word for words in self.names.values() for word in words)

    def _look(self) -> None:
        """Leave out what is known to be unusable before anything is planned: by captions, and of few by every file."""
        for aspect, places in self._places.items():
            naming = pattern(self.names[aspect])
            for place in set(places) - self._held_out:
                caption = self._pictures.listed[place].caption
                if caption is None and self._treatment.captioner is None:
                    self._leave_out(place, _SILENT)
                elif caption is not None and naming.search(caption):
                    self._leave_out(place, _naming_it(caption))
        looks = Looks(n_files=len(self._pictures.listed))
        if self._pictures.are_looked_at or not looks.are_taken:
            return
        every = range(len(self._pictures.listed))
        for start in every[::_AT_ONCE]:
            places = every[start : start + _AT_ONCE]
            for place, files in zip(places, self._pictures.fetch(places), strict=True):
                if reason := self._fault(looks, place, files):
                    self._leave_out(place, reason)
        looks.tell()

    def _fault(self, looks: Looks, place: int, files: Sequence[Encoded | UnreadableImageError]) -> str | None:
        one = self._pictures.listed[place]
        for number, file in enumerate(files):
            if isinstance(file, UnreadableImageError):
                return str(file)
            # what follows the picture is its scene without the aspect, which several pictures share
            fault = looks.broken(file) if number else looks.fault(file, name=one.name, label=one.aspect)
            if fault:
                return fault
        return None

    def _naming(self, places: Sequence[int]) -> str:
        """How many captions of held-out pictures cannot be prompts since they name an aspect."""
        naming = pattern(self._all_names)
        n = sum(bool(naming.search(self._pictures.listed[place].caption or "")) for place in places)
        return f", and {n} that name an aspect" if n else ""

    def _read(self, places: Sequence[int], *, unnamed: str | None = None) -> list[Read]:
        """The pictures at `places` that can be used; captions must not name `unnamed` (None: any aspect)."""
        pixels: dict[int, tuple[np.ndarray, ...]] = {}
        for place, files in zip(places, self._pictures.fetch(places), strict=True):
            try:
                pixels[place] = tuple(read_image(file, self._treatment.size) for file in files)
            except UnreadableImageError as reason:
                self._leave_out(place, str(reason))
        words = self._all_names if unnamed is None else self.names[unnamed]
        naming, read = pattern(words), []
        for place, caption in self._captioned(pixels).items():
            if naming.search(caption):
                self._leave_out(place, _naming_it(caption))
            else:
                read.append(Read(pixels[place], caption))
        return read

    def _captioned(self, pixels: Mapping[int, tuple[np.ndarray, ...]]) -> dict[int, str]:
        """Captions in the order of `pixels`; the last layer is described, which shows no aspect if there are two."""
        known = {place: self._pictures.listed[place].caption for place in pixels}
        silent = [place for place, caption in known.items() if caption is None]
        if silent and self._treatment.captioner is not None:
            said = self._treatment.captioner.caption(np.stack([pixels[place][-1] for place in silent]))
            known |= dict(zip(silent, (text or None for text in said), strict=True))
        for place in (place for place, caption in known.items() if caption is None):
            self._leave_out(place, _SILENT)
        return {place: caption for place, caption in known.items() if caption is not None}

    def _captions(self, places: Sequence[int]) -> Iterator[str]:
        """Captions that name no aspect; pictures are opened only where one has to be made."""
        naming = pattern(self._all_names)
        silent = [place for place in places if self._pictures.listed[place].caption is None]
        for place in places:
            caption = self._pictures.listed[place].caption
            if caption is not None and not naming.search(caption):
                yield caption
        if self._treatment.captioner is not None:
            for start in range(0, len(silent), _AT_ONCE):
                yield from (one.caption for one in self._read(silent[start : start + _AT_ONCE]))

    def _leave_out(self, place: int, reason: str) -> None:
        name = self._pictures.listed[place].name
        self._skipped.setdefault(name, SkippedFile(name=name, reason=reason))

    def _report(self) -> None:
        """Log the files that were left out since the last report."""
        new = self.skipped[self._n_reported :]
        self._n_reported += len(new)
        if new:
            logging.getLogger(__name__).warning(report(new))
        for one in left_out(self.skipped):
            notice(one, is_logged=True)

    def _too_few(self, aspect: str, n: int, *, have: int) -> InvalidInputError:
        held = sum(place in self._held_out for place in self._places[aspect])
        advice = (
            f" {held} more are held out for prompts: give corpus.prompts_from=<path> to use them."
            if held
            else ""
        )
        left_out = f" {report(self.skipped)}" if self.skipped else ""
        return InvalidInputError(
            f"`preset.n_images` must be from 1 to what an aspect has. {aspect!r} has {have} usable training images; "
            f"asked for {n}. Lower preset.n_images or add images.{advice}{left_out}"
        )
