"""What the command line asks of a training and gets from it; pairs and backbones in the form that it takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from baselines.captioning.backbone import backbone_names
from baselines.captioning.model_folder import WEIGHTS
from baselines.captioning.pairs import DifferencePairs, FolderPairs
from baselines.captioning.preprocessing import Preprocessing
from baselines.captioning.training import Progressed, TrainingSettings
from baselines.captioning.vocabulary import Vocabulary
from finexl.errors import InvalidInputError
from finexl.values import ImageStack

_PREFIXES = ("encoder.cnn.", "regions.cnn.", "cnn.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A training as it was asked for."""

    size: str
    pairs: DifferencePairs
    source: str
    """Where the pairs are from, for the card."""
    folder: Path
    state: Path
    """Where the states of trainings are kept, each in a folder of its own."""
    command: str
    backbone: Mapping[str, Tensor] | None = None
    device: str = "cpu"
    steps: int | None = None
    """Training steps of all stages together; None = as many as are usual for the size."""
    minutes: float | None = None
    """Minutes after which all stages together end; None = those usual for the size."""
    seed: int | None = None
    """Seed of weights, batches and dropout; None = the usual one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A captioner that was trained, and what its card says of it."""

    network: nn.Module
    architecture: Any
    """The sizes of the network: a dataclass of its kind."""
    preprocessing: Preprocessing
    vocabulary: Vocabulary
    title: str
    summary: str
    seeds: tuple[int, ...]
    """Seeds of its stages, in the order in which they were trained."""
    stages: Sequence[Progressed]
    """How far each stage came."""


def overridden(settings: TrainingSettings, request: Request, *, share: float = 1.0) -> TrainingSettings:
    """The usual settings with what the request says otherwise; `share` of its steps and minutes."""
    steps = settings.steps if request.steps is None else max(1, round(share * request.steps))
    minutes = settings.max_minutes if request.minutes is None else share * request.minutes
    seed = settings.seed if request.seed is None else request.seed
    return replace(settings, steps=steps, max_minutes=minutes, seed=seed)


def without_limits(request: Request) -> Request:
    """A request that trains for as long as is usual."""
    return replace(request, steps=None, minutes=None)


def state_folder(request: Request, kind: str, *choices: object) -> Path:
    """Where the state of a training is: its folder is named for all that the weights of a step depend on.

    These are pairs, backbone, and `choices`: values that `repr` tells in full, seeds among them. So no training takes
    another's state for its own, and one that may run longer, or on another device, continues.
    """
    pairs = request.pairs
    said = (tuple(pairs.captions), tuple(pairs.changed), tuple(pairs.aspects), sorted(pairs.degrees.items()))
    content = sha256(repr((kind, request.size, choices, said, pairs.base.shape)).encode())
    for images in (pairs.base, pairs.personalized):
        content.update(images.tobytes())
    for name, tensor in sorted((request.backbone or {}).items()):
        content.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        content.update(tensor.cpu().contiguous().flatten().view(torch.uint8).numpy().tobytes())
    return request.state / f"{kind}-{request.size}-{content.hexdigest()[:12]}"


def fitted(pairs: DifferencePairs, size: int) -> DifferencePairs:
    """The same pairs with square images of `size` pixels."""
    if pairs.base.shape[1:3] == (size, size):
        return pairs
    base, personalized = (
        np.stack(
            [np.asarray(image.resize((size, size), Image.Resampling.BICUBIC)) for image in ImageStack(images)]
        )
        for images in (pairs.base, pairs.personalized)
    )
    return FolderPairs(
        base=base,
        personalized=personalized,
        captions=tuple(pairs.captions),
        changed=tuple(pairs.changed),
        aspects=tuple(pairs.aspects),
        degrees=pairs.degrees,
    )


def read_backbone(path: Path) -> dict[str, Tensor]:
    """A backbone's tensors: of a captioner's folder, or of a ResNet's safetensors file in torchvision's names.

    Raises:
        InvalidInputError: there is neither at the path.
    """
    file = path / WEIGHTS if path.is_dir() else path
    try:
        tensors = load_file(file)
    except (OSError, SafetensorError) as reason:
        raise InvalidInputError(
            f"`backbone` must be a captioner's folder or a safetensors file of a ResNet. {str(path)!r} is neither: "
            f"{reason}."
        ) from reason
    for prefix in _PREFIXES:
        found = {f"cnn.{n.removeprefix(prefix)}": t for n, t in tensors.items() if n.startswith(prefix)}
        if found:
            return found
    return backbone_names(tensors)
