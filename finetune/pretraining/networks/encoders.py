"""Three more encoders of the miniature, each of another kind, trained as its CLIP is: a ViT, an EVA tower, an ALIGN.

They are a fifth of its size, so that they can be shipped beside it, and see the same kind of pictures.
"""

import copy
import json
from pathlib import Path
from typing import Any

import torch
from tokenizers import BertWordPieceTokenizer
from torch import Tensor, nn
from transformers import (
    AlignConfig,
    AlignModel,
    AlignProcessor,
    AlignTextConfig,
    AlignVisionConfig,
    BertTokenizer,
    EfficientNetImageProcessor,
)

from finetune.pretraining.lookalikes import LookalikePictures
from finetune.pretraining.loop import LoopSettings
from finetune.pretraining.networks.encoder import (
    CONTEXT_LENGTH,
    PREPROCESSING,
    VOCABULARY,
    pretrain_open_clip,
    sentences_of,
    train_encoder,
)
from finexl.encoders.transformers import pooled

SETTINGS = LoopSettings(steps=5000, learning_rate=2e-3, average_decay=0.998, seed=22, weight_decay=0.1)
BATCH_SIZE = 128
PRECISION = torch.float32
"""Faster than bfloat16 on a CPU, at this size."""
N_SCENES = 12000
WIDTH = 96
TEXT = {
    "context_length": CONTEXT_LENGTH, "vocab_size": VOCABULARY,
    "width": WIDTH, "heads": 6, "layers": 2, "mlp_ratio": 2.0,
}  # fmt: skip
VIT = {
    "embed_dim": WIDTH,
    "vision_cfg": {
        "image_size": 64, "patch_size": 8, "width": WIDTH, "head_width": 16, "layers": 3, "mlp_ratio": 2.0,
    },
    "text_cfg": TEXT,
}  # fmt: skip
EVA = {
    "embed_dim": WIDTH,
    "custom_text": True,
    "vision_cfg": {
        "image_size": 64, "timm_model_name": "local-dir:trunk", "timm_pool": "token", "timm_proj": None,
    },
    "text_cfg": TEXT,
}  # fmt: skip
TRUNK = {
    "architecture": "eva02_base_patch16_clip_224",
    "num_classes": WIDTH,
    "model_args": {
        "img_size": 64, "patch_size": 8, "embed_dim": WIDTH, "depth": 3, "num_heads": 6,
        "mlp_ratio": 4 / 3, "ref_feat_shape": [8, 8], "head_init_scale": 1.0,
    },
    "pretrained_cfg": {},
}  # fmt: skip
"""EVA-CLIP's block in small: rotary positions, gated hidden layers, norms inside; timm's local layout."""
ALIGN_VOCABULARY, ALIGN_LENGTH, PAD = 512, 64, 0


def pretrain_vit(folder: Path, *, settings: LoopSettings = SETTINGS) -> nn.Module:
    """Train a CLIP with a vision transformer and plain GELU; saves open_clip's layout to `folder/model`."""
    return _pretrain(folder, VIT, settings)


def pretrain_eva(folder: Path, *, settings: LoopSettings = SETTINGS) -> nn.Module:
    """Train a CLIP with timm's EVA-02 tower; saves open_clip's layout, with the tower's shape in `trunk`."""
    trunk = folder / "model" / "trunk"
    trunk.mkdir(parents=True, exist_ok=True)
    (trunk / "config.json").write_text(json.dumps(TRUNK, indent=2))
    return _pretrain(folder, EVA, settings)


def _pretrain(folder: Path, model_cfg: dict[str, Any], settings: LoopSettings) -> nn.Module:
    return pretrain_open_clip(
        folder, model_cfg, _pictures(settings),
        settings=settings, batch_size=BATCH_SIZE, precision=PRECISION,
    )  # fmt: skip


def pretrain_align(folder: Path, *, settings: LoopSettings = SETTINGS) -> nn.Module:
    """Train an ALIGN (EfficientNet and BERT); saves transformers' layout, with its processor, to `folder/model`."""
    pictures = _pictures(settings)
    tokenizer = word_pieces(sentences_of(pictures))
    torch.manual_seed(settings.seed)
    model = _Contrasted(AlignModel(align_config(len(tokenizer))))

    def tokens(texts: list[str]) -> Tensor:
        return tokenizer(texts, padding=True, truncation=True, return_tensors="pt")["input_ids"]

    train_encoder(
        model, tokens, pictures,
        settings=settings, folder=folder, batch_size=BATCH_SIZE, precision=PRECISION,
    )  # fmt: skip
    with torch.no_grad():
        model.align.temperature.copy_((-model.logit_scale).exp())
    save_align(folder / "model", model.align, tokenizer)
    return model.align


class _Contrasted(nn.Module):
    """An ALIGN with the call and the scale of an open_clip model."""

    def __init__(self, align: AlignModel) -> None:
        super().__init__()
        self.align = align
        self.logit_scale = nn.Parameter(torch.tensor(1 / 0.07).log())

    def forward(self, pixels: Tensor, tokens: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        towers: Any = self.align  # transformers says that it may return tuples, which it is not asked for
        images = pooled(towers.get_image_features(pixel_values=pixels))
        texts = pooled(towers.get_text_features(input_ids=tokens, attention_mask=(tokens != PAD).long()))
        normalise = nn.functional.normalize
        return normalise(images, dim=1), normalise(texts, dim=1), self.logit_scale.exp()


def align_config(vocab_size: int) -> AlignConfig:
    """Seven small blocks of an EfficientNet to 8×8×96, and two layers of BERT."""
    vision = AlignVisionConfig(
        image_size=64, width_coefficient=1.0, depth_coefficient=1.0, kernel_sizes=[3, 3, 5, 3],
        in_channels=[32, 16, 24, 40], out_channels=[16, 24, 40, WIDTH], strides=[2, 1, 2, 1],
        num_block_repeats=[1, 2, 2, 2], expand_ratios=[1, 4, 4, 4], hidden_dim=WIDTH,
        batch_norm_momentum=0.1, drop_connect_rate=0.0,
    )  # fmt: skip
    text = AlignTextConfig(
        vocab_size=vocab_size, pad_token_id=PAD, hidden_size=WIDTH, num_hidden_layers=2, num_attention_heads=6,
        intermediate_size=2 * WIDTH, max_position_embeddings=ALIGN_LENGTH,
        hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    return AlignConfig(vision_config=vision, text_config=text, projection_dim=WIDTH)


def word_pieces(sentences: list[str]) -> BertTokenizer:
    """A BERT vocabulary of words and pieces learned from `sentences`."""
    learner = BertWordPieceTokenizer()
    learner.train_from_iterator(sentences, vocab_size=ALIGN_VOCABULARY, min_frequency=1, show_progress=False)
    return BertTokenizer(vocab=learner.get_vocab(), model_max_length=ALIGN_LENGTH)


def save_align(target: Path, model: AlignModel, tokenizer: BertTokenizer) -> None:
    """Save model, in half precision, and processor as transformers does."""
    copy.deepcopy(model).half().save_pretrained(target)
    images = EfficientNetImageProcessor(
        size={"height": 64, "width": 64},
        image_mean=PREPROCESSING["mean"],
        image_std=PREPROCESSING["std"],
        include_top=False,
    )
    AlignProcessor(images, tokenizer).save_pretrained(target)


def _pictures(settings: LoopSettings) -> LookalikePictures:
    return LookalikePictures(N_SCENES, seed=settings.seed)
