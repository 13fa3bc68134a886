"""The files of a bundle: a manifest that strangers explain by, and truth that only scoring opens.

    manifest.json             groups of trials in a fixed order: opaque ids, prompts, hashes of images
    images/<sha256>.png       every image once, under the hash of its file
    truth-<part>.json         what is true of the trials of a part; the private part's stays with the organiser
    labels-public.json        levels of the public part to be passed round, some of them wrong on purpose
    planted.json              those wrong levels, by trial; found again from labels and truth where it is lost

The manifest holds the hash of each, so that it can be shown later and not be changed meanwhile.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from benchmark.bundle.files import check_names, content_of, image_content
from benchmark.record.files import strict_json
from benchmark.record.records import Finite, Strict
from finexl.errors import InvalidInputError

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import UInt8

Part = Literal["development", "public", "private"]
"""Whose truth is known: with truth, to tune on; scored in the open; scored by the organiser alone."""
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
OpaqueId = Annotated[str, Field(pattern="^[0-9a-f]{16}$")]
"""A hash of what is shown, so that it tells nothing else."""

T = TypeVar("T", bound=Strict)
MANIFEST, LABELS, PLANTED = "manifest.json", "labels-public.json", "planted.json"
_LABELS = TypeAdapter(dict[str, tuple[int, ...]])
LARGEST_SIDE = 4096
"""Pixels of an image's height or width."""


class FrozenTrial(Strict, frozen=True):
    """One personalized model."""

    id: OpaqueId
    images: tuple[Sha256, ...]
    """Files of the personalized model's images, in the order of the group's prompts."""


class FrozenGroup(Strict, frozen=True):
    """Models that are explained and compared together, in the order in which they are shown."""

    id: OpaqueId
    part: Part
    prompts: tuple[str, ...] = Field(min_length=1)
    base: tuple[Sha256, ...]
    """Files of the base model's images, in the order of the prompts."""
    trials: tuple[FrozenTrial, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_image_per_prompt(self) -> "FrozenGroup":
        counts = {len(self.base), *(len(trial.images) for trial in self.trials)}
        if counts != {len(self.prompts)}:
            raise ValueError(
                f"every model of group {self.id} must have one image for each of {len(self.prompts)} prompts"
            )
        return self


class Manifest(Strict, frozen=True):
    """What a bundle holds, without a word on what is true."""

    schema_version: Literal[1] = 1
    name: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9._-]{0,39}$")]
    benchmark: str
    """Version of the benchmark that made the trials."""
    truths: dict[Part, Sha256]
    """Hashes of the files of truth."""
    labels: Sha256 | None = None
    """Hash of the labels that are passed round, of which some are wrong on purpose."""
    planted: Sha256 | None = None
    """Hash of the file that says which labels are wrong: who agrees with those has seen labels."""
    vocabulary: tuple[str, ...] = ()
    """The corpus' own names of aspects, for explainers of the track `told`."""
    groups: tuple[FrozenGroup, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _ids_are_unique(self) -> "Manifest":
        ids = Counter(one.id for group in self.groups for one in (group, *group.trials))
        if repeated := [id for id, count in ids.items() if count > 1]:
            raise ValueError(
                f"every group and trial must have an id of its own; {repeated[0]} is there twice"
            )
        if missing := {group.part for group in self.groups} - self.truths.keys():
            raise ValueError(f"every part must have the hash of its truth; {sorted(missing)} have none")
        return self

    def trials(self, *parts: Part) -> dict[str, FrozenGroup]:
        """The group of every trial of some parts, of all without any, in the order of the bundle."""
        wanted = parts or ("development", "public", "private")
        return {trial.id: group for group in self.groups if group.part in wanted for trial in group.trials}


class TrialTruth(Strict, frozen=True):
    """What is true of one model."""

    trial: OpaqueId
    levels: tuple[int, ...]
    """Level of each of the group's aspects."""
    unasked: dict[str, int] = Field(default_factory=dict)
    """Levels of aspects that nobody asks about and that are part of the truth all the same."""
    divergence: Finite | None = None
    """How far the model is from its base, by a measure that no explainer uses."""


class GroupTruth(Strict, frozen=True):
    """What is true of a group's models, in the order of the manifest."""

    group: OpaqueId
    scenario: str
    aspects: tuple[str, ...] = Field(min_length=1)
    certified_aspects: tuple[bool, ...]
    """Whether what is measured of each of the group's aspects grows with its level."""
    certified_unasked: dict[str, bool] = Field(default_factory=dict)
    """The same of aspects that nobody asks about."""
    trials: tuple[TrialTruth, ...]

    @property
    def certified(self) -> bool:
        """Whether every aspect is certified, those that nobody asks about too."""
        return all((*self.certified_aspects, *self.certified_unasked.values()))

    @model_validator(mode="after")
    def _one_level_per_aspect(self) -> "GroupTruth":
        if {len(trial.levels) for trial in self.trials} != {len(self.aspects)}:
            raise ValueError(
                f"every model of group {self.group} must have a level for each of {self.aspects}"
            )
        return self


class Truth(Strict, frozen=True):
    """What is true of a part, and the vocabulary by which words are read."""

    schema_version: Literal[1] = 1
    part: Part
    names: dict[str, tuple[str, ...]]
    """Every aspect that words may name, with its synonyms."""
    parts: dict[str, tuple[tuple[str, Finite], ...]] = Field(default_factory=dict)
    """The aspects, with their shares, that a composite style is made of."""
    groups: tuple[GroupTruth, ...]


@dataclass(frozen=True)
class Bundle:
    """A folder of frozen trials."""

    folder: Path

    @cached_property
    def manifest(self) -> Manifest:
        """What the bundle holds.

        Raises:
            InvalidInputError: There is no manifest, or it is none.
        """
        return _parsed(self._content(MANIFEST), Manifest, self.folder / MANIFEST)

    @cached_property
    def sha256(self) -> str:
        """The hash of the manifest, and with it of every image and truth."""
        return sha256(self._content(MANIFEST)).hexdigest()

    def check(self) -> None:
        """See that the folder holds what its manifest names, every image under its hash, and nothing else.

        Raises:
            InvalidInputError: Something is missing, was changed, is a link, or is not named.
        """
        manifest = self.manifest
        digests = dict.fromkeys(
            digest
            for group in manifest.groups
            for images in (group.base, *(trial.images for trial in group.trials))
            for digest in images
        )
        known = [MANIFEST, LABELS, PLANTED, *map(truth_file, manifest.truths)]
        check_names(self.folder, known, images=digests)
        for digest in digests:
            image_content(self.folder / "images", digest)
        if (self.folder / LABELS).exists():
            content = self._content(LABELS)
            if sha256(content).hexdigest() != manifest.labels:
                raise InvalidInputError(
                    f"Labels of a bundle must be those that its manifest was made with. {str(self.folder / LABELS)!r} "
                    "has another hash. Take both files from the same bundle."
                )
        for part in self.known_parts:
            self.truth(part)
        self.planted()

    def pixels(self, digests: Sequence[str]) -> "UInt8[np.ndarray, 'n h w 3']":
        """Images as an array, each checked against its hash.

        Raises:
            InvalidInputError: One is missing, was changed, is no PNG in RGB, or has another size than the first.
        """
        import numpy as np

        found = [_decoded(image_content(self.folder / "images", digest), digest) for digest in digests]
        sizes = {image.shape for image in found}
        if len(sizes) > 1:
            raise InvalidInputError(
                f"The images of a model must have one size. Those of a model in {str(self.folder)!r} have "
                f"{len(sizes)}. Take the bundle as it was published."
            )
        return np.stack(found)

    @property
    def known_parts(self) -> tuple[Part, ...]:
        """The parts whose truth is here."""
        return tuple(part for part in self.manifest.truths if (self.folder / truth_file(part)).is_file())

    def truth(self, part: Part) -> Truth:
        """What is true of a part.

        Raises:
            InvalidInputError: It is not here, is not the one that the manifest was made with, or fits no manifest.
        """
        path = self.folder / truth_file(part)
        content = self._content(path.name)
        if sha256(content).hexdigest() != self.manifest.truths.get(part):
            raise InvalidInputError(
                f"The truth of a bundle must be the one that its manifest was made with. {str(path)!r} has another "
                "hash. Take both files from the same bundle."
            )
        truth = _parsed(content, Truth, path)
        groups: Mapping[str, list[str]] = {
            one.group: [each.trial for each in one.trials] for one in truth.groups
        }
        shown = {one.id: [each.id for each in one.trials] for one in self.manifest.groups if one.part == part}
        if truth.part != part or groups != shown:
            raise InvalidInputError(
                f"The truth of part {part!r} must tell of its groups and trials in the order of the manifest. "
                f"{str(path)!r} does not. Take both files from the same bundle."
            )
        return truth

    def planted(self) -> dict[str, tuple[int, ...]]:
        """Wrong levels that were published on purpose, by trial; none where they cannot be known here.

        Without their file they are the labels that are not the truth.

        Raises:
            InvalidInputError: They are not those that the manifest was made with.
        """
        path = self.folder / PLANTED
        if path.is_file():
            content = self._content(PLANTED)
        elif self.manifest.planted and (self.folder / LABELS).is_file() and "public" in self.known_parts:
            path, content = self.folder / LABELS, self._labels_that_are_wrong()
        else:
            return {}
        if sha256(content).hexdigest() != self.manifest.planted:
            raise InvalidInputError(
                f"Planted labels must be those that the manifest was made with. {str(path)!r} has others, with "
                "another hash. Take both files from the same bundle."
            )
        return _LABELS.validate_json(content)

    def _labels_that_are_wrong(self) -> bytes:
        truth = {trial.trial: trial.levels for group in self.truth("public").groups for trial in group.trials}
        labels = _LABELS.validate_json(self._content(LABELS))
        return (
            f"{strict_json({one: told for one, told in labels.items() if told != truth.get(one)})}\n".encode()
        )

    def image(self, digest: str) -> Path:
        """The file of an image."""
        return self.folder / "images" / f"{digest}.png"

    def _content(self, name: str) -> bytes:
        return content_of(self.folder, name)


def truth_file(part: Part) -> str:
    """The file of a part's truth."""
    return f"truth-{part}.json"


def _decoded(content: bytes, digest: str) -> "UInt8[np.ndarray, 'h w 3']":
    from io import BytesIO

    import numpy as np
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(BytesIO(content), formats=("PNG",)) as image:
            # the size is known before anything is unpacked
            if image.mode == "RGB" and max(image.size) <= LARGEST_SIDE:
                return np.asarray(image)
            what = f"{image.mode}, {image.width} x {image.height}"
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        what = str(error)
    raise InvalidInputError(
        f"An image of a bundle must be a PNG in RGB of at most {LARGEST_SIDE} pixels a side. {digest[:12]}… is not: "
        f"{what}. Take the bundle as it was published."
    )


def _parsed(content: bytes, kind: type[T], path: Path) -> T:
    try:
        return kind.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidInputError(
            f"{str(path)!r} must be of the form of schema version 1. At {'.'.join(map(str, first['loc']))!r}: "
            f"{first['msg']}. Take the file from the bundle as it was published."
        ) from error
