import json
from pathlib import Path

import pytest
import torch
from taming_reference import random_checkpoint
from transformers import PreTrainedTokenizerFast

from finetune.families.anole.config import read_config
from finetune.families.anole.layout import load_tokenizer, load_vq
from finetune.families.anole.tokens import image_vocabulary
from finetune.families.anole.vqgan import to_released
from finetune.families.convert import convert
from finetune.generator import GeneratorError

CHECKPOINT = random_checkpoint((32, 32), codes=(16, 8))


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """As the release: a training checkpoint with its weights under `state_dict`."""
    torch.save({"state_dict": CHECKPOINT, "epoch": 3}, tmp_path / "vqgan.ckpt")
    return tmp_path / "vqgan.ckpt"


def test_a_published_checkpoint_becomes_a_folder(published: Path, tmp_path: Path) -> None:
    convert("anole", {"vqgan": published}, folder=tmp_path / "made")
    tensors = to_released(load_vq(tmp_path / "made"))
    assert read_config(tmp_path / "made").grid == (32, 32)
    assert tensors.keys() == CHECKPOINT.keys()
    assert all(torch.equal(tensors[name], tensor) for name, tensor in CHECKPOINT.items())


def test_the_published_tokenizer_is_read(
    published: Path, tokenizer: PreTrainedTokenizerFast, tmp_path: Path
) -> None:
    file = tmp_path / "text_tokenizer.json"
    file.write_text(tokenizer.backend_tokenizer.to_str())
    convert("anole", {"vqgan": published, "text_tokenizer": file}, folder=tmp_path / "made")
    loaded = load_tokenizer(tmp_path / "made")
    assert image_vocabulary(loaded.get_vocab(), n_codes=12).images == tuple(range(4, 16))
    assert json.loads(file.read_text())["model"]["type"] == "BPE"


def test_another_checkpoint_is_refused(tmp_path: Path) -> None:
    torch.save({"unet.weight": torch.zeros(1)}, tmp_path / "other.ckpt")
    with pytest.raises(GeneratorError, match=r"vqgan\.ckpt"):
        convert("anole", {"vqgan": tmp_path / "other.ckpt"}, folder=tmp_path / "made")
