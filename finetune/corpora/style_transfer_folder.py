"""The Style Transfer data (App. D; Kitov et al., arXiv 2412.17139) in a folder of yours.

    content/<content>.*    style/<style>.*    stylized/<content>_<style>.*

Also understood: `contents`, `styles`, `stylised` (any case); `stylized/<style>/<content>.*`; between the names `-`,
a space, or `_stylized_` (as style transfer programs write it) for `_`; a number behind, as of a style's size. Of
several files for a pair the first by name is used. A caption is the .txt file beside a content, or the captioner's
words about the content: it says what is shown, never how.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from finetune.corpora.folder import caption_beside, content_digest, image_files, shown
from finetune.corpora.labelled import LabelledCorpus
from finetune.corpora.naming import one_line
from finetune.corpora.pictures import Picture, Pictures, Treatment
from finetune.corpora.reading import Encoded, SkippedFile
from finexl.errors import InvalidInputError

FOLDERS = {
    "content": ("content", "contents"),
    "style": ("style", "styles"),
    "stylized": ("stylized", "stylised", "stylized_images", "stylised_images"),
}
_BETWEEN = r"[\s_-]+(?:stylized[\s_-]+|stylised[\s_-]+)?"
_BEHIND = r"(?:[\s_-]+\d+)?"


class StyleTransferFolder:
    """Contents in styles, as a corpus that knows its contents."""

    def __init__(self, labelled: LabelledCorpus) -> None:
        self._labelled = labelled

    @property
    def id(self) -> str:
        """A hash of the files and of what is made of them."""
        return self._labelled.id

    @property
    def aspects(self) -> tuple[str, ...]:
        """The styles."""
        return self._labelled.aspects

    @property
    def names(self) -> dict[str, tuple[str, ...]]:
        """The words that count as naming each style."""
        return self._labelled.names

    @property
    def skipped(self) -> tuple[SkippedFile, ...]:
        """The files that were left out so far, with reasons."""
        return self._labelled.skipped

    @property
    def n_images(self) -> int:
        """Training images of the style with the fewest."""
        return self._labelled.n_images

    def images(self, aspect: str, n: int, seed: int) -> tuple[UInt8[np.ndarray, "n h w 3"], tuple[str, ...]]:
        """`n` contents in one style, with the captions of the contents."""
        return self._labelled.images(aspect, n, seed)

    def contents(self, aspect: str, n: int, seed: int) -> UInt8[np.ndarray, "n h w 3"]:
        """The contents of `images(aspect, n, seed)`, row by row."""
        return self._labelled.pick(aspect, n, seed).layers[1]

    def prompts(self, n: int, seed: int) -> tuple[str, ...]:
        """`n` captions of contents that are held out in every style."""
        return self._labelled.prompts(n, seed)


def style_transfer_corpus(folder: Path, treatment: Treatment) -> StyleTransferFolder:
    """The corpus in a folder with contents, styles and stylised images."""
    return StyleTransferFolder(LabelledCorpus(_pictures(folder), treatment))


def _pictures(folder: Path) -> Pictures:
    contents = _by_name(_place(folder, "content"))
    styles = _by_name(_place(folder, "style"))
    found: dict[tuple[str, str], Path] = {}
    unusable: list[SkippedFile] = []
    for path in image_files(_place(folder, "stylized")):
        pair = _pair(path, contents, styles)
        if pair is None:
            unusable.append(SkippedFile(name=shown(path, folder), reason="its name is no content and style"))
        elif pair in found:
            reason = f"{shown(found[pair], folder)!r} shows the same pair"
            unusable.append(SkippedFile(name=shown(path, folder), reason=reason))
        else:
            found[pair] = path
    pairs = [(path, contents[content]) for (content, _), path in found.items()]
    listed = tuple(
        Picture(
            name=shown(path, folder),
            aspect=one_line(styles[style].stem),
            caption=caption_beside(contents[content]),
            group=one_line(content),
        )
        for (content, style), path in found.items()
    )

    def fetch(places: Sequence[int]) -> list[tuple[Encoded, ...]]:
        return [pairs[place] for place in places]

    used = sorted({path for pair in pairs for path in pair})
    return Pictures(
        digest=lambda: content_digest(folder, used), listed=listed, fetch=fetch, unusable=tuple(unusable)
    )


def _place(folder: Path, role: str) -> Path:
    known = [
        path for path in sorted(folder.glob("*")) if path.is_dir() and path.name.lower() in FOLDERS[role]
    ]
    if not known:
        raise InvalidInputError(
            f"A Style Transfer folder must hold the folders content, style and stylized. {str(folder)!r} has no "
            f"{' or '.join(FOLDERS[role])}."
        )
    return known[0]


def _by_name(folder: Path) -> dict[str, Path]:
    """Files by their names without ending, in lower case; the first of equal ones."""
    named: dict[str, Path] = {}
    for path in image_files(folder):
        named.setdefault(path.stem.lower(), path)
    return named


def _pair(path: Path, contents: dict[str, Path], styles: dict[str, Path]) -> tuple[str, str] | None:
    """Which content and style a file shows, by its name; the longest content that fits."""
    name, above = path.stem.lower(), path.parent.name.lower()
    if above in styles and name in contents:
        return name, above
    for content in sorted(contents, key=len, reverse=True):
        if name.startswith(content):
            for style in sorted(styles, key=len, reverse=True):
                if re.fullmatch(_BETWEEN + re.escape(style) + _BEHIND, name[len(content) :]):
                    return content, style
    return None
