"""Random auto-regressive generators in the real layouts, with few weights."""

import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers.models.autoencoders.vq_model import VQModel
from transformers import (
    ChameleonConfig,
    ChameleonForConditionalGeneration,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

from finetune.families.anole.config import VQGAN, AnoleConfig, write_config
from finetune.families.anole.family import AnoleFamily
from finetune.families.anole.layout import LANGUAGE_MODEL, TOKENIZER
from finetune.generator import GeneratorSettings
from finetune.pretraining.networks.anole import build_tokenizer

sys.path.insert(0, str(Path(__file__).parent))

from anole_sizes import GRID, N_CODES, PROMPT_LENGTH, PROMPTS, Save

SIZES: dict[str, Any] = {
    "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
    "num_key_value_heads": 2, "max_position_embeddings": 64,
}  # fmt: skip


@pytest.fixture(scope="session")
def tokenizer() -> PreTrainedTokenizerFast:
    return build_tokenizer(PROMPTS, n_codes=N_CODES)


@pytest.fixture(scope="session")
def vq() -> VQModel:
    """8 px to 4×4 codes."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return VQModel(
            down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2,
            block_out_channels=(8, 8), latent_channels=4, vq_embed_dim=4, num_vq_embeddings=N_CODES,
            norm_num_groups=4, lookup_from_codebook=True,
        ).eval()  # fmt: skip


@pytest.fixture(scope="session")
def llama(tokenizer: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return LlamaForCausalLM(LlamaConfig(vocab_size=len(tokenizer), initializer_range=0.3, **SIZES)).eval()


@pytest.fixture(scope="session")
def chameleon(tokenizer: PreTrainedTokenizerFast) -> ChameleonForConditionalGeneration:
    """As published: the vocabulary is in the configuration, the image encoder in the model."""
    vq_config = {
        "embed_dim": 8, "num_embeddings": N_CODES, "latent_channels": 8, "resolution": 8, "base_channels": 32,
        "channel_multiplier": [1, 1], "num_res_blocks": 1,
    }  # fmt: skip
    ids = {**tokenizer.get_vocab(), "<image>": len(tokenizer)}
    config = ChameleonConfig(
        vocab_size=len(ids), vocabulary_map=ids, vq_config=vq_config, initializer_range=0.3, **SIZES
    )
    with torch.random.fork_rng():
        torch.manual_seed(2)
        return ChameleonForConditionalGeneration(config).eval()


@pytest.fixture(scope="session")
def save(vq: VQModel, tokenizer: PreTrainedTokenizerFast) -> Save:
    """Writes a generator's folder around a language model."""

    def write(folder: Path, language_model: PreTrainedModel) -> Path:
        write_config(folder, AnoleConfig(grid=GRID, prompt_length=PROMPT_LENGTH))
        vq.save_pretrained(folder / VQGAN)
        language_model.save_pretrained(folder / LANGUAGE_MODEL)
        tokenizer.save_pretrained(folder / TOKENIZER)
        return folder

    return write


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory, save: Save, llama: LlamaForCausalLM) -> Path:
    return save(tmp_path_factory.mktemp("anole"), llama)


@pytest.fixture(scope="session")
def settings(folder: Path) -> GeneratorSettings:
    return GeneratorSettings(folder=folder, family="anole", batch_size=2)


@pytest.fixture
def family(settings: GeneratorSettings) -> AnoleFamily:
    return AnoleFamily(settings)
