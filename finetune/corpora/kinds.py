"""One row per kind of corpus: its settings, what opens it, and what it is in a line.

To add a kind: a file of its own with the function that opens it, and here its settings and its row. What a kind is
made of is imported when it is opened, so that reading this table costs nothing.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, ClassVar, Literal, NamedTuple

from annotated_types import Ge
from pydantic import AfterValidator

from finetune.miniature.render import SIZE
from finexl.errors import InvalidInputError, unknown_name

Place = Annotated[Path, AfterValidator(Path.expanduser)]
"""A file or folder; `~` is the home folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusSettings:
    """What every kind reads. Pydantic checks the values, and refuses a key that the chosen kind does not have."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    kind: str
    """Which corpus it is: the name of its row in `CORPORA`."""
    name: str = ""
    """What a configuration calls it."""
    aspects: tuple[str, ...] = ()
    """The aspects to use, in this order; none given: all that the corpus has (of WikiArt the 15 largest)."""

    def __post_init__(self) -> None:
        if len(set(self.aspects)) < len(self.aspects):
            raise InvalidInputError(f"`corpus.aspects` must be different. Got {self.aspects!r}.")

    @property
    def side(self) -> int:
        """Pixels of a side of its images."""
        return SIZE


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticSettings(CorpusSettings):
    """Rendered scenes, each aspect painted at a known strength (§5)."""

    kind: Literal["synthetic"] = "synthetic"


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleTransferSettings(CorpusSettings):
    """Fifty rendered scenes, each in fifty styles."""

    kind: Literal["style_transfer"] = "style_transfer"


@dataclass(frozen=True, slots=True, kw_only=True)
class WikiArtSettings(CorpusSettings):
    """Rendered scenes by fifteen artists, each a spread of styles."""

    kind: Literal["wikiart"] = "wikiart"


@dataclass(frozen=True, slots=True, kw_only=True)
class PortraitSettings(CorpusSettings):
    """Rendered faces with features at known amounts (§6.3)."""

    kind: Literal["portraits"] = "portraits"


@dataclass(frozen=True, slots=True, kw_only=True)
class RealSettings(CorpusSettings):
    """What the kinds read that are not rendered by the miniature world."""

    ROLES: ClassVar[tuple[str, ...]] = ("prompts",)
    """What a column may be named for."""

    folder: Place
    """Where the data lie: a folder; or a .jsonl, .csv or .parquet file, where the kind reads one."""
    size: Annotated[int, Ge(8)] = 512
    """Pixels of a side: images are cropped to the middle square and resized to this."""
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Aspect to the English words that count as naming it; the label itself where an aspect is not given."""
    columns: dict[str, str] = field(default_factory=dict)
    """Role to the name of the column that plays it; `prompts` is a column of the file in `prompts_from`."""
    device: str = "cpu"
    """Where the captioner, or the pipeline that draws, runs."""

    def __post_init__(self) -> None:
        for role in self.columns:
            if role not in self.ROLES:
                raise unknown_name("corpus.columns", role, self.ROLES)
        CorpusSettings.__post_init__(self)

    @property
    def side(self) -> int:
        return self.size


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnSettings(RealSettings):
    """COCO's captions drawn in one style at a time by Stable Diffusion 3, which lies in `folder`."""

    kind: Literal["drawn"] = "drawn"
    prompts_from: Place
    """COCO captions (.json, or Parquet) to draw, and others of them to probe with."""
    n_drawn: Annotated[int, Ge(1)] = 50
    """Pictures of each style that may come to be drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledSettings(RealSettings):
    """What the kinds read whose pictures lie in files."""

    prompts_from: Place | None = None
    """COCO captions (.json, or Parquet) to probe with; None: the captions of held-out images."""
    captioner: Place | None = None
    """A BLIP-2 folder that captions images without text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleTransferFolderSettings(LabelledSettings):
    """The Style Transfer data: a folder of contents, styles, and contents in styles."""

    kind: Literal["style_transfer_folder"] = "style_transfer_folder"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedSettings(LabelledSettings):
    """What the kinds read whose images are listed in a table with columns."""

    ROLES: ClassVar[tuple[str, ...]] = ("image", "text", "label", "prompts")

    @property
    def image_columns(self) -> dict[str, str]:
        """The columns of the images' own table."""
        return {role: column for role, column in self.columns.items() if role != "prompts"}


@dataclass(frozen=True, slots=True, kw_only=True)
class WikiArtTableSettings(ListedSettings):
    """WikiArt from its Parquet files, an aspect per artist."""

    kind: Literal["wikiart_table"] = "wikiart_table"


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderSettings(ListedSettings):
    """Pictures of yours: a folder per aspect, or a .jsonl or .csv list."""

    kind: Literal["folder"] = "folder"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSettings(ListedSettings):
    """A table of yours in Parquet, JSON lines or CSV, by its columns."""

    kind: Literal["table"] = "table"


class CorpusKind(NamedTuple):
    """A row of the table."""

    settings: type[CorpusSettings]
    """What it reads; the class's `kind` is the name of the row."""
    opened_by: str
    """`module:function`, called with the settings and a `store` folder for what is costly to make."""
    with_folder: str | None = None
    """The kind that is meant where a `folder` is given: the real data that this one stands in for."""

    @property
    def about(self) -> str:
        """What it is, in a line."""
        return str(self.settings.__doc__)


CORPORA: dict[str, CorpusKind] = {
    "synthetic": CorpusKind(SyntheticSettings, "finetune.corpora.synthetic:open_synthetic", "drawn"),
    "style_transfer": CorpusKind(
        StyleTransferSettings, "finetune.corpora.style_transfer:open_style_transfer", "style_transfer_folder"
    ),
    "wikiart": CorpusKind(WikiArtSettings, "finetune.corpora.wikiart:open_wikiart", "wikiart_table"),
    "portraits": CorpusKind(PortraitSettings, "finetune.corpora.portraits:open_portraits"),
    "drawn": CorpusKind(DrawnSettings, "finetune.corpora.drawn:open_drawn"),
    "style_transfer_folder": CorpusKind(
        StyleTransferFolderSettings, "finetune.corpora.style_transfer_folder:open_style_transfer_folder"
    ),
    "wikiart_table": CorpusKind(WikiArtTableSettings, "finetune.corpora.wikiart_table:open_wikiart_table"),
    "folder": CorpusKind(FolderSettings, "finetune.corpora.folder:open_folder"),
    "table": CorpusKind(TableSettings, "finetune.corpora.table:open_table"),
}
