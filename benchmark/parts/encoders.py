"""Image and text encoders: the libraries that load them, and what an encoder's embeddings depend on."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from benchmark.parts.identity import folder_digest
from benchmark.parts.strictness import Count, Place, settings
from benchmark.parts.table import Part, imported, row
from finetune.miniature.models import ENCODERS as MINIATURES
from finetune.miniature.models import encoder_folder
from finexl.code_version import code_version
from finexl.errors import EncoderError, InvalidInputError, unknown_name
from finexl.notices import Notice, notice

if TYPE_CHECKING:
    from finexl.interfaces import Encoder

_COMMIT = re.compile(r"[0-9a-f]{7,40}")


@settings
class EncoderSettings:
    """What the settings of every encoder have."""

    name: str
    kind: str
    """The library that it is loaded with."""
    device: str = "cpu"
    batch_size: Count = 64

    @property
    def identity(self) -> dict[str, Any]:
        """What embeddings depend on, without loading anything; a path is none of it."""
        return {
            "kind": self.kind,
            "device": self.device.partition(":")[0],
            "batch_size": self.batch_size,
            "code": code_version(*ENCODERS[self.kind].versioned, "finexl.encoders.cache:CachedEncoder"),
        }


@settings
class WeightsSettings(EncoderSettings):
    """An encoder that is published under a name, lies in a folder, or is one of the miniature's.

    Raises:
        InvalidInputError: What is given does not fit together: a key would go unread.
    """

    folder: Place | None = None
    """A local folder; it may stand in for a named architecture."""
    architecture: str | None = None
    """A name of open_clip's with a pretrained tag as `weights`; or an id of the hub with its commit as `weights`."""
    weights: str | None = None
    """The version of `architecture`: a pretrained tag of open_clip's, or a commit of the hub."""
    miniature: str = "encoder"
    """One of the miniature's encoders; read where neither folder nor architecture is given."""

    def __post_init__(self) -> None:
        if self.architecture is None and self.weights is not None:
            raise InvalidInputError(
                "`weights` must not be given for an encoder that is not chosen by architecture. "
                f"Got {self.weights!r}. Leave it out; it is read for: architecture."
            )
        if self.architecture is not None or self.folder is not None:
            # the default given on purpose cannot be told from one that is not given, and does no harm
            if self.miniature != "encoder":
                raise InvalidInputError(
                    "`miniature` must not be given for an encoder that is chosen by folder or architecture. "
                    f"Got {self.miniature!r}. Leave it out; it is read for: miniature."
                )
            return
        if self.miniature not in MINIATURES:
            raise unknown_name("miniature", self.miniature, MINIATURES)
        if (library := MINIATURES[self.miniature][0]) != self.kind:
            raise InvalidInputError(
                f"`miniature` must be an encoder of {self.kind}. Got {self.miniature!r}, which is one of {library}. "
                f"Choose encoder=miniature_{self.miniature.partition('_')[2] or 'clip'} instead."
            )

    @property
    def is_published(self) -> bool:
        """Whether it is loaded by name and version."""
        return self.architecture is not None and self.folder is None

    @property
    def place(self) -> Path:
        """The folder that it is loaded from, where it is not loaded by name."""
        return self.folder or encoder_folder(self.miniature)

    @property
    def identity(self) -> dict[str, Any]:
        facts = super().identity
        if self.is_published:
            return {**facts, "architecture": self.architecture, "weights": self.weights}
        return {**facts, "folder": folder_digest(self.place, "encoder.folder")}


@settings
class OpenCLIPSettings(WeightsSettings):
    """An encoder of open_clip: CLIP, OpenCLIP, EVA-CLIP."""

    kind: Literal["open_clip"] = "open_clip"


@settings
class TransformersEncoderSettings(WeightsSettings):
    """An encoder of transformers: CLIP, ALIGN."""

    kind: Literal["transformers"] = "transformers"


ENCODERS: dict[str, Part] = {
    "open_clip": Part("benchmark.parts.encoders:open_clip", settings=OpenCLIPSettings),
    "transformers": Part("benchmark.parts.encoders:transformers", settings=TransformersEncoderSettings),
}
"""Every library of encoders; a function of the settings loads one."""


def load_encoder(given: EncoderSettings) -> "Encoder":
    """The encoder of settings, by the library that they name.

    Raises:
        UnknownNameError: There is no such library in the table.
        EncoderError: It cannot be loaded, or would embed wrongly.
    """
    return imported(row("encoder.kind", given.kind, ENCODERS).target)(given)


def check_pinned(given: EncoderSettings) -> None:
    """See that an encoder of the hub is named with its commit, which its embeddings are kept under.

    Raises:
        InvalidInputError: It is not: what a branch holds changes, and what is kept would not.
    """
    if not isinstance(given, TransformersEncoderSettings) or not given.is_published:
        return
    if not _COMMIT.fullmatch(given.weights or ""):
        raise InvalidInputError(
            "An encoder of the hub must be pinned to a commit: what is newest changes, and what is kept would not. "
            f"{given.architecture!r} has {given.weights!r}. Give encoder.weights=<commit>, which its page on the hub "
            "shows, or encoder.folder=<path> of a downloaded copy."
        )


def check_encoder(given: EncoderSettings) -> None:
    """See that an encoder can be loaded as it is set, without fetching anything; the miniature's ship and can.

    One that is not on this machine is told of.

    Raises:
        UnknownNameError: Its library knows no such architecture, or no such weights of it.
        EncoderError: It is here and cannot be loaded, or would embed wrongly.
    """
    if not isinstance(given, WeightsSettings) or not given.is_published:
        if getattr(given, "folder", None) is not None:
            load_encoder(given)
        return
    if given.kind == "open_clip" and given.architecture is not None:
        from finexl.encoders.open_clip import check_quick_gelu, is_on_hub

        check_quick_gelu(given.architecture, given.weights or "")
        if not is_on_hub(given.architecture, given.weights or ""):
            return  # loading would fetch it from its own address, which no switch prevents
    try:
        load_encoder(given)
    except EncoderError as error:
        if not isinstance(error.__cause__, OSError):
            raise
        notice(Notice(what=f"encoder {given.name}", how="is not on this machine, and has to be fetched"))


def open_clip(given: OpenCLIPSettings) -> "Encoder":
    """An encoder of open_clip, from its folder or by architecture and pretrained tag."""
    from finexl.encoders.open_clip import load_open_clip, load_pretrained

    if given.is_published and given.architecture is not None:
        tag = given.weights or ""
        return load_pretrained(given.architecture, tag, device=given.device, batch_size=given.batch_size)
    return load_open_clip(given.place, device=given.device, batch_size=given.batch_size)


def transformers(given: TransformersEncoderSettings) -> "Encoder":
    """An encoder of transformers, from its folder or by the hub's id and commit."""
    from finexl.encoders.transformers import load_transformers_encoder

    return load_transformers_encoder(
        given.architecture if given.is_published and given.architecture else str(given.place),
        revision=given.weights if given.is_published and given.weights else "main",
        device=given.device,
        batch_size=given.batch_size,
    )
