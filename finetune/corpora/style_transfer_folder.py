"""The Style Transfer data (App. D; Kitov et al., arXiv 2412.17139) in a folder of yours.

    content/<content>.*    style/<style>.*    stylized/<content>_<style>.*

Also understood: `contents`, `styles`, `stylised` (any case); `stylized/<style>/<content>.*`; between the names `-`,
a space, or `_stylized_` (as style transfer programs write it) for `_`; a number behind, as of a style's size. Of
several files for a pair the first by name is used. A caption is the .txt file beside a content, or the captioner's
words about the content: it says what is shown, never how.
"""

import re
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from finetune.corpora.folder import (
    UnreadableCaptionError,
    caption_beside,
    content_digest,
    image_files,
    shown,
)
from finetune.corpora.kinds import StyleTransferFolderSettings
from finetune.corpora.labelled import LabelledCorpus
from finetune.corpora.naming import one_line
from finetune.corpora.pictures import Picture, Pictures, Treatment, treatment_of
from finetune.corpora.reading import SkippedFile
from finexl.errors import InvalidInputError

FOLDERS = {
    "content": ("content", "contents"),
    "style": ("style", "styles"),
    "stylized": ("stylized", "stylised", "stylized_images", "stylised_images"),
}
_BETWEEN = r"[\s_-]+(?:stylized[\s_-]+|stylised[\s_-]+)?"
_BEHIND = r"(?:[\s_-]+\d+)?"


class StyleTransferFolder(LabelledCorpus):
    """Contents in styles, as a corpus that knows its contents."""

    def contents(self, aspect: str, n: int, seed: int) -> UInt8[np.ndarray, "n h w 3"]:
        """The contents of `images(aspect, n, seed)`, row by row."""
        return np.stack([one.layers[1] for one in self.pick(aspect, n, seed)])


def open_style_transfer_folder(settings: StyleTransferFolderSettings, *, store: Path) -> StyleTransferFolder:
    """The corpus of its settings."""
    return style_transfer_corpus(settings.folder, treatment_of(settings, store=store))


def style_transfer_corpus(folder: Path, treatment: Treatment) -> StyleTransferFolder:
    """The corpus in a folder with contents, styles and stylised images.

    Raises:
        InvalidInputError: one of the three folders is missing, or nothing in them fits together.
    """
    return StyleTransferFolder(_pictures(folder), treatment)


def _pictures(folder: Path) -> Pictures:
    contents = _by_name(_place(folder, "content"))
    styles = _by_name(_place(folder, "style"))
    found: dict[tuple[str, str], Path] = {}
    unusable: list[SkippedFile] = []
    for path in image_files(_place(folder, "stylized")):
        pair = _pair(path, contents, styles)
        if pair is not None and found.setdefault(pair, path) == path:
            continue
        same = pair and f"{shown(found[pair], folder)!r} shows the same pair"
        reason = same or "its name is no content and style"
        unusable.append(SkippedFile(name=shown(path, folder), reason=reason))
    captions: dict[str, str | None] = {}
    for content, path in contents.items():
        try:
            captions[content] = caption_beside(path)
        except UnreadableCaptionError as fault:
            captions[content] = None
            reason = f"the caption file of its content {fault}"
            unusable.append(SkippedFile(name=shown(path, folder), reason=reason))
    pairs = [(path, contents[content]) for (content, _), path in found.items()]
    listed = tuple(
        Picture(
            name=shown(path, folder),
            aspect=one_line(styles[style].stem),
            caption=captions[content],
            group=one_line(content),
        )
        for (content, style), path in found.items()
    )
    used = sorted({path for pair in pairs for path in pair})
    return Pictures(
        digest=lambda: content_digest(folder, used),
        listed=listed,
        fetch=lambda places: [pairs[place] for place in places],
        unusable=tuple(unusable),
    )


def _place(folder: Path, role: str) -> Path:
    for path in sorted(folder.glob("*")):
        if path.is_dir() and path.name.lower() in FOLDERS[role]:
            return path
    raise InvalidInputError(
        f"`folder` of a Style Transfer corpus must hold the folders content, style and stylized. {str(folder)!r} has "
        f"no {' or '.join(FOLDERS[role])}."
    )


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
