"""From settings to a corpus: the miniature's, or the real data that lie in a folder of yours."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from finetune.corpora import Corpus
from finetune.corpora.captioning import Blip2Captioner, RememberedCaptions
from finetune.corpora.coco_prompts import CaptionPool, read_captions
from finetune.corpora.drawn import STYLES, Drawing, DrawnCorpus
from finetune.corpora.folder import folder_corpus
from finetune.corpora.parquet_table import open_parquet
from finetune.corpora.pictures import Treatment
from finetune.corpora.portraits import PortraitCorpus
from finetune.corpora.stable_diffusion_3 import StableDiffusion3Painter
from finetune.corpora.style_transfer import StyleTransferCorpus
from finetune.corpora.style_transfer_folder import style_transfer_corpus
from finetune.corpora.synthetic import SyntheticCorpus
from finetune.corpora.table import table_corpus
from finetune.corpora.wikiart import WikiArtCorpus
from finetune.corpora.wikiart_table import wikiart_corpus
from finetune.store.store import Store
from finexl.errors import InvalidInputError, unknown_name

_PROMPTS = "prompts"
"""The role of a column that is not the images': the captions to probe with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusSource:
    """Which corpus, where its data lie, and what is made of them."""

    kind: str
    """A name in `CORPORA`."""
    folder: Path | None = None
    """The data; None opens the miniature's corpus of that kind (synthetic, style_transfer, wikiart).
    `synthetic`: a Stable Diffusion 3 pipeline. Others: a folder, or a .jsonl/.csv/.parquet file."""
    size: int = 512
    """Pixels: images are cropped to the middle square and resized to this. The miniature's are 64 px always."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Role to the name of the column that plays it: image, text, label, and prompts in the file of `prompts_from`."""
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Aspect to the English words that count as naming it; the label itself where an aspect is not given."""
    aspects: Sequence[str] = ()
    """The aspects to use, in this order; none given: all there are (WikiArt: the 15 largest)."""
    prompts_from: Path | None = None
    """COCO captions (.json, or Parquet) to probe with; None: the captions of held-out images."""
    captioner: Path | None = None
    """A BLIP-2 folder that captions images without text."""
    store: Path | None = None
    """A store folder for what is costly: captions and drawn images."""
    n_drawn: int = 50
    """Pictures of each style that may come to be drawn (`synthetic` from a pipeline)."""
    device: str = "cpu"
    """Where the captioner or the drawing pipeline runs."""


def open_corpus(source: CorpusSource) -> Corpus:
    """The corpus of a source; what is large (images, weights) is read when it is first needed."""
    if source.kind not in CORPORA:
        raise unknown_name("corpus", source.kind, CORPORA)
    return CORPORA[source.kind](source)


def _synthetic(source: CorpusSource) -> Corpus:
    if source.folder is None:
        _check_miniature(source)
        return SyntheticCorpus(aspects=tuple(source.aspects)) if source.aspects else SyntheticCorpus()
    pool = _pool(source)
    if pool is None or source.store is None:
        raise InvalidInputError(
            "To draw the synthetic corpus, `prompts_from` (COCO captions) and `store` (where its images are kept) "
            f"must be given. Got {source.prompts_from!r} and {source.store!r}."
        )
    painter = StableDiffusion3Painter(source.folder, device=source.device)
    drawing = Drawing(
        size=source.size,
        styles=tuple(source.aspects) or tuple(STYLES),
        names=source.names,
        n_per_style=source.n_drawn,
    )
    return DrawnCorpus(
        painter, painter_id=painter.id, captions=pool, store=Store(source.store), drawing=drawing
    )


def _style_transfer(source: CorpusSource) -> Corpus:
    if source.folder is None:
        _check_miniature(source)
        return StyleTransferCorpus(aspects=tuple(source.aspects)) if source.aspects else StyleTransferCorpus()
    return style_transfer_corpus(source.folder, _treatment(source))


def _wikiart(source: CorpusSource) -> Corpus:
    if source.folder is None:
        _check_miniature(source)
        return WikiArtCorpus(aspects=tuple(source.aspects)) if source.aspects else WikiArtCorpus()
    table = open_parquet(source.folder)
    return wikiart_corpus(table, _treatment(source), columns=_of_images(source), folder=table.folder)


def _portraits(source: CorpusSource) -> Corpus:
    if source.folder is not None:
        raise InvalidInputError(
            f"`folder` must not be given for the miniature's portraits. Got {str(source.folder)!r}. "
            "Choose corpus=folder for faces of your own."
        )
    _check_miniature(source)
    return PortraitCorpus(aspects=tuple(source.aspects)) if source.aspects else PortraitCorpus()


def _own_folder(source: CorpusSource) -> Corpus:
    return folder_corpus(_folder(source), _treatment(source), columns=_of_images(source))


def _own_table(source: CorpusSource) -> Corpus:
    table = open_parquet(_folder(source))
    return table_corpus(table, _treatment(source), columns=_of_images(source), folder=table.folder)


CORPORA: dict[str, Callable[[CorpusSource], Corpus]] = {
    "folder": _own_folder,
    "portraits": _portraits,
    "style_transfer": _style_transfer,
    "synthetic": _synthetic,
    "table": _own_table,
    "wikiart": _wikiart,
}


def _treatment(source: CorpusSource) -> Treatment:
    return Treatment(
        size=source.size,
        aspects=tuple(source.aspects),
        names=source.names,
        captioner=_captioner(source),
        prompts=_pool(source),
    )


def _captioner(source: CorpusSource) -> RememberedCaptions | None:
    if source.captioner is None:
        return None
    if source.store is None:
        raise InvalidInputError("A captioner must have a `store` to keep its captions in. Got None.")
    captioner = Blip2Captioner(source.captioner, device=source.device)
    file = source.store / "captions" / f"{captioner.id}.jsonl"
    return RememberedCaptions(id=captioner.id, captioner=captioner, file=file)


def _pool(source: CorpusSource) -> CaptionPool | None:
    column = source.columns.get(_PROMPTS)
    if source.prompts_from is not None:
        return read_captions(source.prompts_from, column=column)
    if column is not None:
        raise InvalidInputError(
            f"`columns.{_PROMPTS}` must name a column of the file in `prompts_from`. Got {column!r} and no file."
        )
    return None


def _of_images(source: CorpusSource) -> dict[str, str]:
    """The columns of the images' own table."""
    return {role: column for role, column in source.columns.items() if role != _PROMPTS}


def _folder(source: CorpusSource) -> Path:
    if source.folder is None:
        raise InvalidInputError(
            f"`folder` must say where the images of the corpus {source.kind!r} lie. Got None."
        )
    return source.folder


def _check_miniature(source: CorpusSource) -> None:
    """The miniature's models know only its own words, so nothing real goes with its corpora."""
    real = {"columns": source.columns, "names": source.names}
    real |= {"prompts_from": source.prompts_from, "captioner": source.captioner}
    given = sorted(name for name, value in real.items() if value)
    if given:
        raise InvalidInputError(
            f"{', '.join(f'`{name}`' for name in given)} must not be given for the miniature's corpora. "
            "Give the `folder` of the real data too."
        )
