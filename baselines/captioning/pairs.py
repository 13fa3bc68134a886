"""Image pairs with captions of their differences: what captioners are trained and measured on, and where it comes from.

A source is a folder, or a function written `package.module:function`. The second keeps this package free of the one
that renders the miniature's pairs, without files in between.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import UInt8

from finexl.errors import InvalidInputError
from finexl.pictures import read_picture

LIST, WORDS = "pairs.jsonl", "words.json"


@runtime_checkable
class DifferencePairs(Protocol):
    """n pairs of equally sized images, each with a sentence on how the second differs from the first."""

    @property
    def base(self) -> UInt8[np.ndarray, "n h w 3"]: ...

    @property
    def personalized(self) -> UInt8[np.ndarray, "n h w 3"]: ...

    @property
    def captions(self) -> Sequence[str]: ...

    @property
    def changed(self) -> Sequence[bool]:
        """False for distractors: pairs that differ in nothing worth saying."""
        ...

    @property
    def aspects(self) -> Sequence[str]:
        """The words of the captions that name an aspect."""
        ...

    @property
    def degrees(self) -> Mapping[str, float]:
        """The captions' adverbs of degree with what they are worth from 0 to 10; "" is none."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderPairs:
    """Pairs that were read from a folder."""

    base: UInt8[np.ndarray, "n h w 3"]
    personalized: UInt8[np.ndarray, "n h w 3"]
    captions: tuple[str, ...]
    changed: tuple[bool, ...]
    aspects: tuple[str, ...] = ()
    degrees: Mapping[str, float] = field(default_factory=dict)


def open_pairs(source: str) -> DifferencePairs:
    """The pairs of a folder, or of a function `package.module:function` without arguments."""
    if ":" in source and not Path(source).exists():
        return _called(source)
    return read_pairs(Path(source))


def read_pairs(folder: Path) -> FolderPairs:
    """The pairs of a folder: `pairs.jsonl` has a line for each, with the files `base` and `personalized`, a `caption`,
    and `"changed": false` for a distractor; `words.json` may list `aspects` and `degrees`."""
    listed = folder / LIST
    if not listed.is_file():
        raise InvalidInputError(
            f"`pairs` must be a folder with {LIST}, or a function written package.module:function. "
            f"Got {str(folder)!r}."
        )
    try:
        entries = [
            json.loads(line) for line in listed.read_text(encoding="utf-8").splitlines() if line.strip()
        ]
        captions = tuple(str(entry["caption"]) for entry in entries)
        images = {
            role: _images(folder, [entry[role] for entry in entries]) for role in ("base", "personalized")
        }
    except (ValueError, KeyError, TypeError, OSError) as reason:
        raise InvalidInputError(
            f'Every line of {listed} must be {{"base": file, "personalized": file, "caption": text}}, with images '
            f"of one size. Got {type(reason).__name__}: {reason}."
        ) from reason
    if images["base"].shape != images["personalized"].shape:
        raise InvalidInputError(
            f"The images of {listed} must have one size. Got {images['base'].shape[1:3]} for base and "
            f"{images['personalized'].shape[1:3]} for personalized images."
        )
    words = json.loads((folder / WORDS).read_text(encoding="utf-8")) if (folder / WORDS).is_file() else {}
    return FolderPairs(
        **images,
        captions=captions,
        changed=tuple(bool(entry.get("changed", True)) for entry in entries),
        aspects=tuple(words.get("aspects", ())),
        degrees={word: float(worth) for word, worth in words.get("degrees", {}).items()},
    )


def _images(folder: Path, files: list[str]) -> UInt8[np.ndarray, "n h w 3"]:
    return np.stack([np.asarray(read_picture(folder / file)) for file in files])


def _called(source: str) -> DifferencePairs:
    module, _, name = source.partition(":")
    try:
        function = getattr(import_module(module), name)
    except (ImportError, AttributeError) as reason:
        raise InvalidInputError(
            "`pairs` from a function must be written package.module:function and be importable. "
            f"Got {source!r}: {reason}."
        ) from reason
    return function()
