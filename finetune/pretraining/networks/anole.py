"""The miniature's Anole: a small Llama that writes 64 image tokens after a caption, in the release's vocabulary.

The image tokenizer is trained before (`vq.py`). Only image tokens are learned to be predicted; some captions are
dropped so that guidance has something to lead away from.
"""

# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportPrivateImportUsage=false
# The libraries' annotations are narrower than what their classes take and return.

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import torch
from diffusers import VQModel
from tokenizers import Tokenizer, decoders, normalizers, pre_tokenizers
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer
from torch import Tensor
from torch.nn import functional as F
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from finetune.families.anole.config import VQGAN, AnoleConfig, write_config
from finetune.families.anole.layout import LANGUAGE_MODEL, TOKENIZER
from finetune.families.anole.tokens import (
    BEGIN_IMAGE,
    END,
    END_IMAGE,
    END_TURN,
    PAD,
    START,
    UNKNOWN,
    ImageVocabulary,
    image_token,
    image_vocabulary,
)
from finetune.miniature.examples import plain_examples
from finetune.pretraining.loop import LoopSettings, train
from finetune.pretraining.networks.vq import N_CODES, encode

SETTINGS = LoopSettings(
    steps=9000, learning_rate=2e-3, average_decay=0.998, max_minutes=35.0, seed=71, weight_decay=0.05
)
BATCH_SIZE = 32
N_SCENES = 24000
GRID = 8
PROMPT_LENGTH = 18
WIDTH = 160
TEXT_VOCABULARY = 440
CAPTION_DROPOUT = 0.1


def build_language_model(vocab_size: int) -> LlamaForCausalLM:
    """A randomly initialised transformer of about 1.4 M parameters."""
    config = LlamaConfig(
        vocab_size=vocab_size, hidden_size=WIDTH, intermediate_size=384, num_hidden_layers=4,
        num_attention_heads=5, max_position_embeddings=PROMPT_LENGTH + GRID * GRID, tie_word_embeddings=True,
        bos_token_id=0, pad_token_id=1, eos_token_id=2,
    )  # fmt: skip
    model = LlamaForCausalLM(config)
    model.set_attn_implementation("eager")  # twice as fast in training as the fused one, in bf16 on a CPU
    return model


def build_tokenizer(captions: Iterable[str], *, n_codes: int = N_CODES) -> PreTrainedTokenizerFast:
    """A byte-level BPE over lower-case text, with the release's marks and image tokens at the ids of the release."""
    learner = Tokenizer(BPE())
    learner.pre_tokenizer = pre_tokenizers.ByteLevel()
    trainer = BpeTrainer(
        vocab_size=TEXT_VOCABULARY,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    learner.train_from_iterator(captions, trainer)
    learned = json.loads(learner.to_str())["model"]
    words = sorted(learned["vocab"], key=learned["vocab"].__getitem__)
    images = [image_token(code) for code in range(n_codes)]
    names = [START, PAD, END, UNKNOWN, *images, END_IMAGE, BEGIN_IMAGE, END_TURN, *words]
    vocabulary = {name: index for index, name in enumerate(names)}
    tokenizer = Tokenizer(BPE(vocabulary, [(left, right) for left, right in learned["merges"]]))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel()
    tokenizer.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token=START, eos_token=END, pad_token=PAD, unk_token=UNKNOWN
    )


def pretrain_language_model(
    folder: Path, *, vq_folder: Path, settings: LoopSettings = SETTINGS
) -> LlamaForCausalLM:
    """Train on captions and image tokens of plain renderings; keeps its state in `folder`, saves to `folder/model`."""
    vq = VQModel.from_pretrained(vq_folder, local_files_only=True).eval()
    examples = plain_examples(N_SCENES, seed=settings.seed)
    tokenizer = build_tokenizer(examples.captions[:4000])
    vocabulary = image_vocabulary(tokenizer.get_vocab(), n_codes=N_CODES)
    codes = encode(vq, examples.images).flatten(1)
    prompts = prompt_rows(["", *examples.captions], tokenizer, vocabulary)
    torch.manual_seed(settings.seed)
    model = build_language_model(len(tokenizer))
    train(model, _loss(model, codes, prompts, vocabulary), settings=settings, folder=folder)
    save(folder / "model", vq=vq, model=model, tokenizer=tokenizer)
    return model


def save(folder: Path, *, vq: VQModel, model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast) -> None:
    """Write a generator's folder in half precision."""
    write_config(folder, AnoleConfig(grid=(GRID, GRID), prompt_length=PROMPT_LENGTH))
    vq.half().save_pretrained(folder / VQGAN)
    model.half().save_pretrained(folder / LANGUAGE_MODEL)
    tokenizer.save_pretrained(folder / TOKENIZER)
    vq.float()
    model.float()


def prompt_rows(
    captions: Sequence[str], tokenizer: PreTrainedTokenizerFast, vocabulary: ImageVocabulary
) -> Tensor:
    """Tokens (n, PROMPT_LENGTH) that end where the image begins, padded on the left; an empty caption has no turn."""
    rows = []
    for caption in captions:
        text = tuple(tokenizer.encode(caption, add_special_tokens=False))
        row = vocabulary.prompt(text, PROMPT_LENGTH) if caption else vocabulary.unconditional
        rows.append((vocabulary.pad,) * (PROMPT_LENGTH - len(row)) + row)
    return torch.tensor(rows)


def _loss(model: LlamaForCausalLM, codes: Tensor, prompts: Tensor, vocabulary: ImageVocabulary):
    """Cross-entropy over image codes; row 0 of `prompts` is the empty caption, row i + 1 belongs to image i."""
    image_ids = torch.tensor(vocabulary.images)

    def loss_of_step(generator: torch.Generator, step: int) -> Tensor:
        del step
        chosen = torch.randint(len(codes), (BATCH_SIZE,), generator=generator)
        kept = torch.rand(BATCH_SIZE, generator=generator) >= CAPTION_DROPOUT
        prompt, target = prompts[(chosen + 1) * kept], codes[chosen]
        inputs = torch.cat([prompt, image_ids[target[:, :-1]]], dim=1)
        seen = inputs != vocabulary.pad
        with torch.autocast("cpu", dtype=torch.bfloat16):
            states = model.model(
                input_ids=inputs, attention_mask=seen.long(), position_ids=seen.cumsum(1).sub(1).clamp(min=0),
                use_cache=False,
            ).last_hidden_state[:, PROMPT_LENGTH - 1 :]  # fmt: skip
            logits = states @ model.lm_head.weight[image_ids].T
        return F.cross_entropy(logits.float().flatten(0, 1), target.flatten())

    return loss_of_step
