"""The miniature's vision-language models: small image captioners that name styles and features with their degree.

Transformers `VisionEncoderDecoderModel`s (ViT encoder, GPT-2 decoder) trained on rendered scenes and faces, in three
sizes where the paper has three models (Table 7). They share no weights with the encoder that explainers are judged
with, and their errors are real errors.
"""

# pyright: reportArgumentType=false, reportOptionalCall=false
# The libraries' annotations are narrower than what their classes take and return.

import json
from dataclasses import dataclass, replace
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
from finetune.miniature.examples import STYLES
from finetune.miniature.tokenizer import build_clip_tokenizer
from finetune.miniature.vocabulary import DEGREE_SCORES, StyledBy, synonyms
from finetune.pretraining.loop import LoopSettings, train
from finetune.pretraining.networks.encoder import PREPROCESSING, normalised
from finetune.pretraining.styled import WORDED, StyledPictures


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionerSize:
    """How wide and deep a captioner is, and how many pictures it learns from."""

    width: int
    """Numbers that stand for a token; a multiple of the four heads."""
    n_image_layers: int
    n_text_layers: int
    image_hidden: int
    """Hidden units of each feed-forward layer of the image tower."""
    text_hidden: int
    patch_size: int = 8
    """Side of the squares that the image is cut into, in pixels."""
    n_scenes: int = 20000
    n_portraits: int
    """Faces; features are in the vocabulary of a captioner that has seen some."""


LARGE = CaptionerSize(
    width=128, n_image_layers=3, n_text_layers=2, image_hidden=256, text_hidden=512, n_portraits=5000
)
MEDIUM = CaptionerSize(
    width=48,
    n_image_layers=3,
    n_text_layers=1,
    image_hidden=96,
    text_hidden=144,
    patch_size=16,
    n_portraits=5000,
)
SMALL = CaptionerSize(
    width=32,
    n_image_layers=2,
    n_text_layers=1,
    image_hidden=64,
    text_hidden=128,
    patch_size=16,
    n_portraits=5000,
)
SETTINGS = LoopSettings(steps=6000, learning_rate=2e-3, average_decay=0.998, seed=41)
MEDIUM_SETTINGS = replace(SETTINGS, steps=5000, learning_rate=3e-3)
SMALL_SETTINGS = replace(SETTINGS, steps=4226, learning_rate=3e-3)
"""As few steps as it had when time was short: it is to be the weak one of three."""
BATCH_SIZE = 64
MAX_LENGTH = 36
VOCABULARY = 960


def build_captioner(size: CaptionerSize, vocab_size: int, start: int, end: int) -> VisionEncoderDecoderModel:
    """A randomly initialised captioner; the large one has about 1.1 M parameters."""
    vision = ViTConfig(
        image_size=64, patch_size=size.patch_size, hidden_size=size.width, num_hidden_layers=size.n_image_layers,
        num_attention_heads=4, intermediate_size=size.image_hidden, hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    words = GPT2Config(
        vocab_size=vocab_size, n_positions=MAX_LENGTH, n_embd=size.width, n_layer=size.n_text_layers, n_head=4,
        n_inner=size.text_hidden, add_cross_attention=True, bos_token_id=start, eos_token_id=end, resid_pdrop=0.0,
        embd_pdrop=0.0, attn_pdrop=0.0,
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


def pretrain_captioner(
    folder: Path, *, size: CaptionerSize = LARGE, settings: LoopSettings = SETTINGS
) -> VisionEncoderDecoderModel:
    """Train a captioner of any size; keeps its state in `folder`, saves to `folder/model`."""
    pictures = StyledPictures(size.n_scenes, n_portraits=size.n_portraits, seed=settings.seed)
    rng = np.random.default_rng(settings.seed)
    said = [
        describe(c, s, rng) for half in pictures.styles for c, s in zip(pictures.captions, half, strict=True)
    ]
    learned_from = rng.choice(len(said), min(12000, len(said)), replace=False)
    sentences = [said[index] for index in learned_from]
    tokenizer = build_clip_tokenizer(sentences, vocab_size=VOCABULARY, max_length=MAX_LENGTH)
    torch.manual_seed(settings.seed)
    model = build_captioner(size, len(tokenizer), tokenizer.bos_token_id, tokenizer.eos_token_id)
    facts = train_captioner(model, tokenizer, pictures, settings=settings, folder=folder)
    model.config.training = facts
    write_captioner(folder / "model", model, tokenizer, knows_faces=size.n_portraits > 0)
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


def write_captioner(
    target: Path, model: VisionEncoderDecoderModel, tokenizer: CLIPTokenizer, *, knows_faces: bool
) -> None:
    """Save in transformers' layout, half precision, with the vocabulary of `finexl.vlms.miniature`."""
    model.half().save_pretrained(target, safe_serialization=True)
    tokenizer.save_pretrained(target)
    words = target / "tokenizer.json"  # half of the file is indentation
    words.write_text(json.dumps(json.loads(words.read_text(encoding="utf-8")), separators=(",", ":")))
    (target / "vocabulary.json").write_text(json.dumps(_vocabulary(knows_faces=knows_faces), indent=1))


def _vocabulary(*, knows_faces: bool) -> dict[str, object]:
    """What the language layer of `finexl.vlms.miniature` has to know about the world."""
    return {
        "styles": {style: synonyms(style) for style in (*STYLES, *(WORDED if knows_faces else ()))},
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
