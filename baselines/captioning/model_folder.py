"""A captioner on disk: `config.json`, `vocabulary.json` and `model.safetensors`, read and written in one form."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from baselines.captioning.backbone import BackboneShape
from baselines.captioning.preprocessing import Preprocessing
from baselines.captioning.vocabulary import Marks, Vocabulary
from finexl.errors import FinexlError

CONFIG, VOCABULARY, WEIGHTS = "config.json", "vocabulary.json", "model.safetensors"


class ModelFolderError(FinexlError):
    """A folder does not hold the captioner that it should."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFolder:
    """What a folder holds."""

    kind: str
    architecture: dict[str, Any]
    preprocessing: Preprocessing
    words: tuple[str, ...]
    aspects: tuple[str, ...]
    degrees: Mapping[str, float]
    weights: dict[str, Tensor]
    """Weights by name, in fp32 whatever they are stored in."""
    id: str
    """Names kind and weights."""

    def vocabulary(self, marks: Marks) -> Vocabulary:
        """The words with the marks of the captioner's kind."""
        return Vocabulary(words=self.words, marks=marks, aspects=self.aspects, degrees=self.degrees)

    def sizes(self) -> dict[str, Any]:
        """The fields of an architecture, with the backbone's shape as such."""
        return self.architecture | {"backbone": BackboneShape(**_with_tuples(self.architecture["backbone"]))}


def write_model(
    folder: Path,
    kind: str,
    *,
    sizes: Any,
    preprocessing: Preprocessing,
    vocabulary: Vocabulary,
    weights: Mapping[str, Tensor],
    in_half: bool = True,
) -> None:
    """Write a captioner, its floats in half precision unless that is denied; `sizes` is its architecture."""
    folder.mkdir(parents=True, exist_ok=True)
    config = {"kind": kind, "architecture": asdict(sizes), "preprocessing": asdict(preprocessing)}
    said = {
        "words": {word: number for number, word in enumerate(vocabulary.words)},
        "aspects": list(vocabulary.aspects),
        "degrees": dict(vocabulary.degrees),
    }
    for name, content in ((CONFIG, config), (VOCABULARY, said)):
        (folder / name).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    stored = {name: _stored(tensor, torch.float16 if in_half else None) for name, tensor in weights.items()}
    save_file(stored, folder / WEIGHTS)


def read_model(folder: Path) -> ModelFolder:
    """Read what `write_model` wrote.

    Raises:
        ModelFolderError: a file is missing or does not hold what it should.
    """
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        said = json.loads((folder / VOCABULARY).read_text(encoding="utf-8"))
        weights = load_file(folder / WEIGHTS)
        digest = hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest()[:12]
        return ModelFolder(
            kind=config["kind"],
            architecture=config["architecture"],
            preprocessing=Preprocessing(**_with_tuples(config["preprocessing"])),
            words=tuple(sorted(said["words"], key=said["words"].__getitem__)),
            aspects=tuple(said["aspects"]),
            degrees={word: float(worth) for word, worth in said["degrees"].items()},
            weights={name: t.float() if t.is_floating_point() else t for name, t in weights.items()},
            id=f"{config['kind']}/{digest}",
        )
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as reason:
        raise ModelFolderError(
            f"A captioner's folder must hold {CONFIG}, {VOCABULARY} and {WEIGHTS}. {str(folder)!r} does not: "
            f"{type(reason).__name__} {reason}. `python -m baselines train` and `convert` make such folders."
        ) from reason


def _with_tuples(raw: Mapping[str, Any]) -> dict[str, Any]:
    """JSON has lists where dataclasses have tuples."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in raw.items()}


def _stored(tensor: Tensor, floats: torch.dtype | None) -> Tensor:
    copied = tensor.detach().cpu().contiguous().clone()
    return copied.to(floats) if copied.is_floating_point() else copied.to(torch.int32)
