"""The miniature's vision-language model: a small image captioner that names styles and features with their degree.

A transformers `VisionEncoderDecoderModel` (ViT encoder, GPT-2 decoder) trained on rendered scenes and faces. It shares
no weights with the encoder that explainers are judged with, and its errors are real errors.
"""

# pyright: reportArgumentType=false, reportOptionalCall=false
# The libraries' annotations are narrower than what their classes take and return.

import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from transformers import (
    CLIPTokenizer,
    GPT2Config,
    GPT2LMHeadModel,
    VisionEncoderDecoderModel,
    ViTConfig,
    ViTModel,
)

from finetune.miniature.captions import PLAIN_TEMPLATE, graded, styled_caption
from finetune.miniature.pretraining.encoder import PREPROCESSING, normalised
from finetune.miniature.pretraining.examples import STYLES
from finetune.miniature.pretraining.loop import LoopSettings, train
from finetune.miniature.pretraining.styled import WORDED, StyledPictures
from finetune.miniature.tokenizer import build_clip_tokenizer
from finetune.miniature.vocabulary import DEGREE_SCORES, StyledBy, synonyms

SETTINGS = LoopSettings(steps=12000, learning_rate=2e-3, average_decay=0.998, max_minutes=14.0, seed=41)
BATCH_SIZE = 64
N_SCENES, N_PORTRAITS = 20000, 5000
MAX_LENGTH = 36
WIDTH = 128
VOCABULARY = 960


def build_captioner(vocab_size: int, start: int, end: int) -> VisionEncoderDecoderModel:
    """A randomly initialised captioner of about 1.2 M parameters."""
    vision = ViTConfig(
        image_size=64, patch_size=8, hidden_size=WIDTH, num_hidden_layers=3, num_attention_heads=4,
        intermediate_size=2 * WIDTH, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    words = GPT2Config(
        vocab_size=vocab_size, n_positions=MAX_LENGTH, n_embd=WIDTH, n_layer=2, n_head=4, add_cross_attention=True,
        bos_token_id=start, eos_token_id=end, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0,
    )  # fmt: skip
    model = VisionEncoderDecoderModel(encoder=ViTModel(vision), decoder=GPT2LMHeadModel(words))
    model.config.decoder_start_token_id = start
    model.config.pad_token_id = end
    model.config.eos_token_id = end
    return model


def describe(caption: str, styles: tuple[StyledBy, ...], rng: np.random.Generator) -> str:
    """The sentence the captioner learns to say: every style with its true degree, by a random synonym."""
    if not styles:
        return PLAIN_TEMPLATE.format(caption=caption)
    words = [graded(synonyms(s.name)[rng.integers(len(synonyms(s.name)))], s.strength) for s in styles]
    return styled_caption(" and ".join(words), caption)


def pretrain_captioner(folder: Path, *, settings: LoopSettings = SETTINGS) -> VisionEncoderDecoderModel:
    """Train the captioner; keeps its state in `folder`, saves to `folder/model`."""
    pictures = StyledPictures(N_SCENES, n_portraits=N_PORTRAITS, seed=settings.seed)
    rng = np.random.default_rng(settings.seed)
    said = [
        describe(c, s, rng) for half in pictures.styles for c, s in zip(pictures.captions, half, strict=True)
    ]
    learned_from = rng.choice(len(said), 12000, replace=False)
    sentences = [said[index] for index in learned_from]
    tokenizer = build_clip_tokenizer(sentences, vocab_size=VOCABULARY, max_length=MAX_LENGTH)
    torch.manual_seed(settings.seed)
    model = build_captioner(len(tokenizer), tokenizer.bos_token_id, tokenizer.eos_token_id)
    facts = train_captioner(model, tokenizer, pictures, settings=settings, folder=folder)
    model.config.training = facts
    write_captioner(folder / "model", model, tokenizer)
    return model.float()


def train_captioner(
    model: VisionEncoderDecoderModel,
    tokenizer: CLIPTokenizer,
    pictures: StyledPictures,
    *,
    settings: LoopSettings,
    folder: Path,
) -> dict[str, float | int]:
    """Train `model` in place on `pictures`; keeps its state in `folder`, returns what the loop returns."""

    def loss_of_step(generator: torch.Generator, step: int) -> Tensor:
        rng = np.random.default_rng(settings.seed * 1_000_003 + step)
        images, said = _batch(pictures, rng)
        tokens = tokenizer(said, padding="longest", truncation=True, return_tensors="pt")
        inputs, labels = tokens.input_ids[:, :-1], tokens.input_ids[:, 1:].clone()
        labels[tokens.attention_mask[:, 1:] == 0] = -100
        seen = model.encoder(pixel_values=normalised(images)).last_hidden_state
        logits = model.decoder(input_ids=inputs, encoder_hidden_states=seen, use_cache=False).logits
        return torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=-100)

    return train(model, loss_of_step, settings=settings, folder=folder)


def write_captioner(target: Path, model: VisionEncoderDecoderModel, tokenizer: CLIPTokenizer) -> None:
    """Save in transformers' layout, half precision, with the vocabulary of `finexl.vlms.miniature`."""
    model.half().save_pretrained(target, safe_serialization=True)
    tokenizer.save_pretrained(target)
    (target / "vocabulary.json").write_text(json.dumps(_vocabulary(), indent=1))


def _vocabulary() -> dict[str, object]:
    """What the language layer of `finexl.vlms.miniature` has to know about the world."""
    return {
        "styles": {style: synonyms(style) for style in (*STYLES, *WORDED)},
        "degrees": DEGREE_SCORES,
        "size": PREPROCESSING["size"][0],
        "mean": PREPROCESSING["mean"][0],
        "std": PREPROCESSING["std"][0],
    }


def _batch(pictures: StyledPictures, rng: np.random.Generator) -> tuple[np.ndarray, list[str]]:
    chosen = rng.choice(len(pictures.captions), BATCH_SIZE, replace=False)
    halves = rng.integers(2, size=BATCH_SIZE)
    images = np.stack([pictures.images[half][i] for half, i in zip(halves, chosen, strict=True)])
    said = [
        describe(pictures.captions[i], pictures.styles[half][i], rng)
        for half, i in zip(halves, chosen, strict=True)
    ]
    return images, said
