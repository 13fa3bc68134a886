"""What stands against a picture before it is used, and which pictures a corpus has more than once.

Of few pictures more is known than of many: each one counts, and looking at all of them is cheap.
"""

import hashlib
from pathlib import Path

from finetune.corpora.reading import Encoded, UnreadableImageError, header_fault, open_picture
from finetune.store import manifest
from finexl.notices import MAX_EXAMPLES, Notice, notice

_FEW = 1000
"""Files up to which each is looked at when the corpus is opened."""
_FEWER = 200
"""Files up to which each is decoded then, so that all that cannot be used is known before anything is planned."""


class Looks:
    """What was seen of the pictures of a corpus."""

    def __init__(self, *, n_files: int) -> None:
        self.are_taken = n_files <= _FEW
        """Whether there are so few that each is looked at."""
        self._decodes = n_files <= _FEWER
        self._contents: dict[str, dict[str, str]] = {}
        """Label to the name of its first picture, by content."""
        self._copies: list[str] = []

    def fault(self, encoded: Encoded, *, name: str, label: str) -> str | None:
        """Why a picture of a label cannot be used; None where nothing is known against it."""
        if not self.are_taken:
            return None
        if reason := self.broken(encoded):
            return reason
        is_file = isinstance(encoded, Path)
        content = manifest.file_digest(encoded) if is_file else hashlib.sha256(encoded).hexdigest()
        labels = self._contents.setdefault(content, {})
        if label in labels:
            self._copies.append(name)
        labels.setdefault(label, name)
        return None

    def broken(self, encoded: Encoded) -> str | None:
        """Why a file cannot be read, by its header, or by decoding it where there are few."""
        if reason := header_fault(encoded):
            return reason
        if self._decodes:
            try:
                open_picture(encoded)
            except UnreadableImageError as error:
                return str(error)
        return None

    def tell(self) -> None:
        """Tell of pictures that are there more than once: they count as often, in training too."""
        shared = [
            f"{next(iter(labels.values()))}: {' and '.join(labels)}"
            for labels in self._contents.values()
            if len(labels) > 1
        ]
        for found, how in (
            (self._copies, "copies of other pictures of their labels, which are used as often"),
            (shared, "pictures with several labels, which are used for each of them"),
        ):
            if found:
                notice(Notice(what="corpus", how=how, n=len(found), examples=tuple(found[:MAX_EXAMPLES])))
