"""Images are described once; BLIP-2 is loaded from its published layout."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import (
    Blip2Config,
    Blip2ForConditionalGeneration,
    Blip2Processor,
    Blip2QFormerConfig,
    Blip2VisionConfig,
    BlipImageProcessor,
    GPT2Tokenizer,
    OPTConfig,
)

from finetune.corpora.captioning import Blip2Captioner, Captioner, CaptioningError, RememberedCaptions
from finetune.miniature.tokenizer import build_clip_tokenizer

IMAGES = np.random.default_rng(0).integers(0, 256, (5, 16, 16, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def blip2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random BLIP-2 with OPT, in the folder layout of Salesforce/blip2-opt-2.7b, with few weights."""
    folder = tmp_path_factory.mktemp("blip2")
    tokenizer = _tokenizer()
    processor = Blip2Processor(
        BlipImageProcessor(size={"height": 16, "width": 16}), tokenizer, num_query_tokens=4
    )
    narrow = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    text = OPTConfig(
        vocab_size=len(tokenizer), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, ffn_dim=16,
        word_embed_proj_dim=16, max_position_embeddings=64, bos_token_id=0, eos_token_id=1, pad_token_id=2,
    )  # fmt: skip
    config = Blip2Config(
        vision_config=Blip2VisionConfig(**narrow, image_size=16, patch_size=8).to_dict(),
        qformer_config=Blip2QFormerConfig(**narrow, encoder_hidden_size=16, vocab_size=8).to_dict(),
        text_config=text.to_dict(),
        num_query_tokens=4,
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        Blip2ForConditionalGeneration(config).save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def _tokenizer() -> GPT2Tokenizer:
    """OPT's kind of tokenizer: bytes, no merges."""
    letters = [token for token in build_clip_tokenizer(["a"], vocab_size=514).get_vocab() if len(token) == 1]
    vocabulary = {token: index for index, token in enumerate(["<s>", "</s>", "<pad>", *sorted(letters)])}
    return GPT2Tokenizer(
        vocab=vocabulary, merges=[], bos_token="<s>", eos_token="</s>", pad_token="<pad>", unk_token="</s>"
    )


def remembered(echo, tmp_path: Path) -> RememberedCaptions:
    return RememberedCaptions(id="echo", captioner=echo, file=tmp_path / "captions" / "echo.jsonl")


def test_blip_2_describes_images_the_same_every_time(blip2: Path) -> None:
    captioner = Blip2Captioner(blip2, max_tokens=5)
    said = captioner.caption(IMAGES)
    assert isinstance(captioner, Captioner) and len(said) == 5
    assert said == captioner.caption(IMAGES) == Blip2Captioner(blip2, max_tokens=5).caption(IMAGES)
    assert any(said) and not any("<image>" in text for text in said)


def test_the_identity_of_blip_2_is_its_weights_and_how_it_is_asked(blip2: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    ids = {Blip2Captioner(blip2).id, Blip2Captioner(blip2, max_tokens=5).id, Blip2Captioner(tmp_path).id}
    assert len(ids) == 3 and Blip2Captioner(blip2).id in ids


def test_a_folder_that_is_no_blip_2_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CaptioningError, match="local BLIP-2 folder"):
        Blip2Captioner(tmp_path).caption(IMAGES)


def test_a_folder_of_before_image_tokens_is_an_error(blip2: Path, tmp_path: Path) -> None:
    for path in blip2.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**config, "image_token_index": None}))
    with pytest.raises(CaptioningError, match="newest revision"):
        Blip2Captioner(tmp_path).caption(IMAGES)


def test_an_image_is_described_once(echo, tmp_path: Path) -> None:
    first = remembered(echo, tmp_path).caption(IMAGES[:3])
    assert remembered(echo, tmp_path).caption(IMAGES)[:3] == first and echo.n_described == 5


def test_captions_belong_to_pixels_and_not_to_places(echo, tmp_path: Path) -> None:
    captions = remembered(echo, tmp_path)
    assert captions.caption(IMAGES)[::-1] == captions.caption(IMAGES[::-1])


def test_a_torn_line_is_described_again_and_spoils_no_other(echo, tmp_path: Path) -> None:
    captions = remembered(echo, tmp_path)
    said = captions.caption(IMAGES[:2])
    captions.file.write_text(captions.file.read_text().rstrip()[:-5])
    assert captions.caption(IMAGES[:3])[:2] == said and echo.n_described == 4
    captions.caption(IMAGES[:3])
    assert echo.n_described == 4


def test_too_few_sentences_are_an_error(tmp_path: Path) -> None:
    class Taciturn:
        def caption(self, images: np.ndarray) -> list[str]:
            return ["a cat"]

    with pytest.raises(CaptioningError, match="Got 1 for 5"):
        remembered(Taciturn(), tmp_path).caption(IMAGES)
