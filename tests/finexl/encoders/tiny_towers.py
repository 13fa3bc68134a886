"""Dual towers of a few thousand random weights, saved as transformers saves the published ones."""

from pathlib import Path
from string import ascii_lowercase

import torch
from transformers import (
    AlignConfig,
    AlignModel,
    AlignProcessor,
    BertTokenizer,
    CLIPConfig,
    CLIPImageProcessor,
    CLIPModel,
    CLIPProcessor,
    CLIPTokenizer,
    EfficientNetImageProcessor,
)

MEAN, STD = [0.5, 0.4, 0.3], [0.2, 0.3, 0.4]
SIDE = 16
CLIP_LENGTH = 12
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "vivid", "photo", "of", "fish", ":"]


def save_clip(folder: Path, **towers: object) -> CLIPModel:
    """A tiny CLIP in `folder`, with letters as its vocabulary; returns the model that was saved."""
    letters = [*ascii_lowercase, *(letter + "</w>" for letter in ascii_lowercase)]
    vocabulary = {
        token: number for number, token in enumerate([*letters, "<|startoftext|>", "<|endoftext|>"])
    }
    tokenizer = CLIPTokenizer(vocab=vocabulary, merges=[], model_max_length=CLIP_LENGTH)
    layers = {"hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 1, "num_attention_heads": 2}
    marks = {"bos_token_id": 52, "eos_token_id": 53, "pad_token_id": 53}
    config = CLIPConfig(
        text_config={**layers, **marks, "vocab_size": 54, "max_position_embeddings": CLIP_LENGTH},
        vision_config={**layers, "image_size": SIDE, "patch_size": 8},
        projection_dim=8,
    )
    images = CLIPImageProcessor(
        size={"shortest_edge": SIDE},
        crop_size={"height": SIDE, "width": SIDE},
        image_mean=MEAN,
        image_std=STD,
    )
    model = _seeded(lambda: CLIPModel(config))
    _save(folder, model, CLIPProcessor(images, tokenizer))
    return model


def save_align(folder: Path) -> AlignModel:
    """A tiny ALIGN in `folder`, with a few whole words as its vocabulary; returns the model that was saved."""
    tokenizer = BertTokenizer(vocab={word: number for number, word in enumerate(WORDS)}, model_max_length=64)
    config = AlignConfig(
        text_config={
            "vocab_size": len(WORDS), "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
            "intermediate_size": 24, "max_position_embeddings": 80,
        },
        vision_config={
            "image_size": SIDE, "width_coefficient": 1.0, "depth_coefficient": 1.0, "kernel_sizes": [3],
            "in_channels": [32], "out_channels": [8], "strides": [2], "num_block_repeats": [1],
            "expand_ratios": [1], "hidden_dim": 8,
        },
        projection_dim=8,
    )  # fmt: skip
    images = EfficientNetImageProcessor(
        size={"height": SIDE, "width": SIDE}, image_mean=MEAN, image_std=STD, include_top=False
    )
    model = _seeded(lambda: AlignModel(config))
    _save(folder, model, AlignProcessor(images, tokenizer))
    return model


def _seeded(build):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return build().eval()


def _save(folder: Path, model, processor) -> None:
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
