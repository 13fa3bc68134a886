"""Corpora: where training images, captions and probe prompts come from, by kind."""

from collections.abc import Mapping
from dataclasses import MISSING, field, fields
from pathlib import Path
from typing import Literal

from benchmark.parts.keys import under
from benchmark.parts.strictness import Count, Place, settings
from benchmark.parts.table import Part
from finetune.corpora import Corpus
from finetune.miniature.render import SIZE
from finexl.errors import InvalidInputError


@settings
class CorpusSettings:
    """What the settings of every corpus have; see `finetune.corpora.kinds`."""

    name: str
    kind: str
    aspects: tuple[str, ...] = ()
    """The aspects to use, in this order; none given: all there are."""

    @property
    def side(self) -> int:
        """Pixels of the sides of its images."""
        return SIZE


@settings
class PortraitsSettings(CorpusSettings):
    """Faces that the miniature world draws."""

    kind: Literal["portraits"] = "portraits"


@settings
class PicturesSettings(CorpusSettings):
    """Pictures that lie in a folder, or in the miniature world where that has a corpus of the kind."""

    folder: Place | None = None
    """The data; None = rendered by the miniature world."""
    size: Count = 512
    """Pixels that images of a folder are cropped and resized to; to train on them, what the generator makes."""
    columns: dict[str, str] = field(default_factory=dict)
    """Role (image, text, label; prompts in the file of `prompts_from`) to the name of the column that plays it."""
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Aspect to the words that count as naming it; the label itself where an aspect is not given."""
    prompts_from: Place | None = None
    """A file of captions to probe with; None: the captions of held-out images."""
    device: str = "cpu"
    """Where the captioner, or the pipeline that draws images, runs."""

    @property
    def side(self) -> int:
        return SIZE if self.folder is None else self.size


@settings
class CaptionedSettings(PicturesSettings):
    """Pictures that a captioner can describe."""

    captioner: Place | None = None
    """A BLIP-2 folder that captions images without text."""


@settings
class SyntheticSettings(PicturesSettings):
    """Scenes painted by the renderer, or drawn by the Stable Diffusion 3 pipeline in `folder`."""

    kind: Literal["synthetic"] = "synthetic"
    n_drawn: Count = 50
    """Pictures of each style that a pipeline may come to draw."""

    def __post_init__(self) -> None:
        if self.folder is not None and self.prompts_from is None:
            raise InvalidInputError(
                "`prompts_from` must name a file of captions (COCO's .json, or Parquet) where `folder` is a pipeline "
                f"that draws the corpus. Got none for {str(self.folder)!r}. Add corpus.prompts_from=<file>."
            )


@settings
class StyleTransferSettings(CaptionedSettings):
    """Scenes in many styles."""

    kind: Literal["style_transfer"] = "style_transfer"


@settings
class WikiArtSettings(CaptionedSettings):
    """Paintings by artist."""

    kind: Literal["wikiart"] = "wikiart"


@settings
class _OwnSettings(CaptionedSettings):
    """Pictures of one's own."""

    def __post_init__(self) -> None:
        if self.folder is None:
            raise InvalidInputError(
                f"`folder` must say where the images of corpus={self.name} lie. Got none. Add corpus.folder=<path>."
            )


@settings
class FolderSettings(_OwnSettings):
    """A folder for each aspect."""

    kind: Literal["folder"] = "folder"


@settings
class TableSettings(_OwnSettings):
    """A table of pictures with their captions and labels."""

    kind: Literal["table"] = "table"


_OPEN = "finetune.corpora.opening:open_corpus"
CORPORA: Mapping[str, Part] = {
    "folder": Part(_OPEN, settings=FolderSettings),
    "portraits": Part(_OPEN, settings=PortraitsSettings),
    "style_transfer": Part(_OPEN, settings=StyleTransferSettings),
    "synthetic": Part(_OPEN, settings=SyntheticSettings),
    "table": Part(_OPEN, settings=TableSettings),
    "wikiart": Part(_OPEN, settings=WikiArtSettings),
}
"""Every kind of corpus; a function of a `CorpusSource` opens one."""


def open_corpus(given: CorpusSettings, *, store: Path) -> Corpus:
    """The corpus of settings; what is large is read when it is first needed."""
    from finetune.corpora.opening import corpus_settings, open_corpus

    usual = {each.name: each.default if each.default is not MISSING else None for each in fields(given)}
    values = {each.name: getattr(given, each.name) for each in fields(given) if each.name != "name"}
    said = {
        name: value for name, value in values.items() if name == "kind" or (value and value != usual[name])
    }
    with under("corpus", (*values, "store")):
        return open_corpus(corpus_settings(said), store=store)
