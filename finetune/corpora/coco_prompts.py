"""Captions to probe with: COCO's, from Parquet or JSON, or any list of sentences. One caption per image, the first.

Known layouts: Parquet with `sentences` (yerevann/coco-karpathy) or `answer` (lmms-lab/COCO-Caption2017); JSON with
`annotations` (COCO's own captions_*.json) or `images[].sentences` (Karpathy's dataset_coco.json); a JSON list of texts.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from finetune.corpora.few_prompts import TooFewPromptsError
from finetune.corpora.naming import first_caption, pattern
from finetune.corpora.parquet_table import LFS, PARQUET, first_bytes, open_parquet
from finetune.store import manifest
from finexl.errors import InvalidInputError

COLUMNS = ("sentences", "answer", "caption", "captions", "text", "sentence")
"""Where captions are looked for, in this order, unless a column is named."""

_POOL = 8
"""Seed namespace."""


@dataclass(frozen=True)
class CaptionPool:
    """Different captions, in a fixed order."""

    captions: tuple[str, ...]

    @cached_property
    def id(self) -> str:
        """A hash of all captions."""
        return manifest.digest({"captions": list(self.captions)})[:32]

    def prompts(self, n: int, seed: int, *, without: Iterable[str] = ()) -> tuple[str, ...]:
        """`n` captions drawn by `seed` that contain none of the words `without`."""
        rng = np.random.default_rng(np.random.SeedSequence((_POOL, seed)))
        naming = pattern(without)
        drawn = (self.captions[index] for index in rng.permutation(len(self.captions)))
        found = list(islice((caption for caption in drawn if not naming.search(caption)), n))
        if len(found) < n:
            raise TooFewPromptsError(
                f"Prompts must be different captions. Asked for {n}; the pool has {len(found)} that name no aspect. "
                "Give a larger caption file, or ask for fewer.",
                len(found),
            )
        return tuple(found)

    def split(self, share: float) -> "tuple[CaptionPool, CaptionPool]":
        """Two pools without a caption in common; the first has about `share` of them."""
        ordered = sorted(self.captions, key=lambda caption: manifest.digest({"caption": caption}))
        count = round(len(ordered) * share)
        return CaptionPool(tuple(ordered[:count])), CaptionPool(tuple(ordered[count:]))


def prompt_pool(path: Path | None, *, column: str | None) -> CaptionPool | None:
    """The captions to probe with, or None where no file has them.

    Raises:
        InvalidInputError: the file cannot be read, or a column is named and no file.
    """
    if path is not None:
        return read_captions(path, column=column)
    if column is not None:
        raise InvalidInputError(
            f"`columns.prompts` must name a column of the file in `prompts_from`. Got {column!r} and no file."
        )
    return None


def read_captions(
    path: Path, *, column: str | None = None, option: str = "corpus.prompts_from"
) -> CaptionPool:
    """The captions of a .json file, a Parquet file or a folder of the latter; errors call the path by its option.

    Raises:
        InvalidInputError: the file cannot be read, has no such column, or no caption.
    """
    _check_kind(path, option)
    cells = _json_cells(path) if path.suffix == ".json" else _parquet_cells(path, column)
    captions = tuple(dict.fromkeys(filter(None, map(first_caption, cells))))
    if not captions:
        raise InvalidInputError(
            f"A caption file must hold captions. Found none in {str(path)!r}. "
            "Name their column (`columns.prompts`, of Parquet), or give another file."
        )
    return CaptionPool(captions)


def _check_kind(path: Path, option: str) -> None:
    """See that a path leads to what captions are read from, by the first bytes of its files."""
    if path.is_dir():
        files = sorted(path.rglob("*.parquet"))
        fault = "" if files else "which has no .parquet"
    else:
        files = [path] if path.is_file() and path.suffix != ".json" else []
        fault = "" if path.is_file() else "where no file is"
    for file in files:
        first = first_bytes(file)
        if first == LFS:
            fault = f"where {file.name} is a git-lfs pointer (run `git lfs pull` there)"
        elif not first.startswith(PARQUET):
            fault = f"where {file.name} is no Parquet"
    if fault:
        raise InvalidInputError(
            f"`{option}` must be captions: COCO's .json, a list of texts in a .json file, a Parquet file, or a folder "
            f"of .parquet files. Got {str(path)!r}, {fault}. Give one of these."
        )


def _parquet_cells(path: Path, column: str | None) -> Sequence[Any]:
    table = open_parquet(path)
    known = [name for name in ([column] if column else COLUMNS) if name in table.columns]
    if not known:
        raise InvalidInputError(
            f"A table of captions must have {f'the column {column!r}' if column else f'one of {COLUMNS!r}'}. "
            f"{str(path)!r} has {table.columns!r}. Name the column (`columns.prompts`)."
        )
    return table.column(known[0])


def _json_cells(path: Path) -> Sequence[Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as reason:
        raise InvalidInputError(
            f"A caption file must be readable JSON. Got {str(path)!r}: {reason}."
        ) from reason
    match content:
        case {"annotations": [*annotations]}:
            first: dict[Any, Any] = {}
            for annotation in annotations:
                if isinstance(annotation, dict):
                    first.setdefault(annotation.get("image_id"), annotation.get("caption"))
            return list(first.values())
        case {"images": [*images]}:
            return [image.get("sentences") for image in images if isinstance(image, dict)]
        case [*texts]:
            return texts
    raise InvalidInputError(
        "A caption file must be COCO's (`annotations`), Karpathy's (`images`) or a list of texts. "
        f"Got something else in {str(path)!r}."
    )
