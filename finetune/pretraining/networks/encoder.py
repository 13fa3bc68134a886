"""The miniature's CLIP: an open_clip model (ResNet + text transformer, QuickGELU) on rendered scenes and faces.

Every scene of a batch comes in four looks, half of the time in styles that look alike, and every face with four
sets of features (`lookalikes.py`), so that style and features have to be told apart. Towers keep float32 weights and
compute in `precision`: bfloat16, which small towers are slower in.
"""

import gzip
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, cast, runtime_checkable

import numpy as np
import open_clip
import torch
from jaxtyping import UInt8
from open_clip.loss import ClipLoss
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional as F

from finetune.miniature.tokenizer import build_clip_tokenizer
from finetune.pretraining.lookalikes import LookalikePictures
from finetune.pretraining.loop import LoopSettings, train
from finexl.encoders.open_clip import build_model

SETTINGS = LoopSettings(
    steps=5000, learning_rate=2e-3, average_decay=0.998, seed=21, weight_decay=0.1, keep_every=500
)
BATCH_SIZE = 192
N_SCENES = 24000
CONTEXT_LENGTH = 32
LARGEST_LOGIT_SCALE = 4.6
"""Its logarithm, CLIP's own: images that look alike need a sharp contrast."""
VOCABULARY = 1024
MODEL = {
    "embed_dim": 192,
    "quick_gelu": True,
    "vision_cfg": {"image_size": 64, "layers": [1, 1, 2, 1], "width": 20, "patch_size": None},
    "text_cfg": {
        "context_length": CONTEXT_LENGTH, "vocab_size": VOCABULARY, "width": 128, "heads": 4, "layers": 3,
    },
}  # fmt: skip
PREPROCESSING = {
    "size": [64, 64],
    "mean": [0.5, 0.5, 0.5],
    "std": [0.25, 0.25, 0.25],
    "interpolation": "bicubic",
}


@runtime_checkable
class Pictures(Protocol):
    """Images with the sentences that are true of them."""

    def batch(self, size: int, seed: int) -> tuple[UInt8[np.ndarray, "n 64 64 3"], list[str]]: ...


def write_tokenizer(path: Path, sentences: list[str]) -> None:
    """Save merges learned from `sentences` in the format of open_clip's `SimpleTokenizer`."""
    tokenizer = build_clip_tokenizer(sentences, vocab_size=VOCABULARY)
    merges = json.loads(tokenizer.backend_tokenizer.to_str())["model"]["merges"]
    lines = ["#version: miniature", *(" ".join(pair) for pair in merges)]
    path.write_bytes(gzip.compress("\n".join(lines).encode(), mtime=0))


def pretrain_encoder(folder: Path, *, settings: LoopSettings = SETTINGS) -> nn.Module:
    """Train the encoder; keeps its state in `folder`, saves open_clip's local layout to `folder/model`."""
    pictures = LookalikePictures(N_SCENES, seed=settings.seed)
    return pretrain_open_clip(folder, MODEL, pictures, settings=settings)


def pretrain_open_clip(
    folder: Path,
    model_cfg: Mapping[str, Any],
    pictures: Pictures,
    *,
    settings: LoopSettings,
    batch_size: int = BATCH_SIZE,
    precision: torch.dtype = torch.bfloat16,
) -> nn.Module:
    """Train an open_clip model of the shape `model_cfg`, with a vocabulary learned from the pictures' sentences."""
    target = folder / "model"
    target.mkdir(parents=True, exist_ok=True)
    write_tokenizer(target / "bpe.txt.gz", sentences_of(pictures))
    tokenizer = open_clip.SimpleTokenizer(str(target / "bpe.txt.gz"), context_length=CONTEXT_LENGTH)
    config = {**model_cfg, "text_cfg": model_cfg["text_cfg"] | {"vocab_size": tokenizer.vocab_size}}
    torch.manual_seed(settings.seed)
    model = build_model(config, folder=target).to(memory_format=torch.channels_last)
    facts = train_encoder(
        model, tokenizer, pictures,
        settings=settings, folder=folder, batch_size=batch_size, precision=precision,
    )  # fmt: skip
    write_model(target, model, config, facts)
    return model


def sentences_of(pictures: Pictures) -> list[str]:
    """Enough of what is said of the pictures to learn a vocabulary from."""
    return [text for i in range(40) for text in pictures.batch(200, seed=i)[1]]


def train_encoder(
    model: nn.Module,
    tokenizer: Callable[[list[str]], Tensor],
    pictures: Pictures,
    *,
    settings: LoopSettings,
    folder: Path,
    batch_size: int = BATCH_SIZE,
    precision: torch.dtype = torch.bfloat16,
) -> dict[str, float | int]:
    """Train `model` in place on `pictures`; keeps its state in `folder`, returns what the loop returns.

    `model` maps pixels and tokens to unit rows of both and their scale, and has a `logit_scale`, as in open_clip.
    """
    contrast = ClipLoss()

    def loss_of_step(generator: torch.Generator, step: int) -> Tensor:
        images, said = pictures.batch(batch_size, seed=settings.seed * 1_000_003 + step)
        with torch.no_grad():
            cast(Tensor, model.logit_scale).clamp_(max=LARGEST_LOGIT_SCALE)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == torch.bfloat16):
            seen, named, scale = model(normalised(images), tokenizer(said))[:3]
        return contrast(F.normalize(seen.float(), dim=-1), F.normalize(named.float(), dim=-1), scale.float())

    return train(model, loss_of_step, settings=settings, folder=folder)


def normalised(images: np.ndarray) -> Tensor:
    """uint8 (n, h, w, 3) → the encoder's input."""
    pixels = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255
    return (pixels - PREPROCESSING["mean"][0]) / PREPROCESSING["std"][0]


def write_model(
    target: Path, model: nn.Module, model_cfg: dict[str, Any], facts: dict[str, float | int]
) -> None:
    """Save in open_clip's local layout, half precision."""
    described = {
        "model_cfg": model_cfg,
        "preprocess_cfg": PREPROCESSING,
        "tokenizer": "bpe.txt.gz",
        "training": facts,
    }
    (target / "open_clip_config.json").write_text(json.dumps(described, indent=2))
    halves = {n: v.half() if v.is_floating_point() else v for n, v in model.state_dict().items()}
    save_file(
        {name: value.contiguous() for name, value in halves.items()}, target / "open_clip_model.safetensors"
    )
