from pathlib import Path
from typing import Any

import pytest
import torch
from anole_sizes import N_CODES, PROMPT_LENGTH, PROMPTS, SEEDS, Save
from torch import Tensor
from transformers import (
    ChameleonForConditionalGeneration,
    LlamaForCausalLM,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

from finetune.families.anole.language_model import TokenWriter, Writing, drawn, guided, nucleus
from finetune.families.anole.layout import load_language_model
from finetune.families.anole.tokens import image_vocabulary
from finexl.errors import InvalidInputError

N_TOKENS = 6


@pytest.fixture(params=["llama", "chameleon"])
def model(request: pytest.FixtureRequest) -> PreTrainedModel:
    return request.getfixturevalue(request.param)


def writer(model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, **changes: Any) -> TokenWriter:
    values: dict[str, Any] = {"n_tokens": N_TOKENS, "prompt_length": PROMPT_LENGTH, "batch_size": 2} | changes
    vocabulary = image_vocabulary(tokenizer.get_vocab(), n_codes=N_CODES)
    return TokenWriter(model, tokenizer, vocabulary=vocabulary, writing=Writing(**values))


def written_plainly(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, prompt: str, seed: int
) -> list[int]:
    """Codes of one image without padding, batches or a cache: the whole sequence is read again for every token."""
    ids = tokenizer.get_vocab()
    vocabulary = image_vocabulary(ids, n_codes=N_CODES)
    text = tokenizer.encode(prompt, add_special_tokens=False)
    with_text = [ids["<s>"], *text, ids["<reserved08706>"], ids["<racm3:break>"]]
    without = [ids["<s>"], ids["<racm3:break>"]]
    chance = torch.rand(N_TOKENS, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    codes = []
    for number in chance.tolist():
        full, empty = (logits(model, row)[list(vocabulary.images)] for row in (with_text, without))
        probabilities = ((empty + 3.0 * (full - empty)) / 0.7).softmax(dim=0)
        order = sorted(range(N_CODES), key=lambda code: -float(probabilities[code]))
        kept, total = [], 0.0
        for code in order:
            kept.append(code)
            total += float(probabilities[code])
            if total >= 0.9:
                break
        reached, code = 0.0, kept[0]
        for code in sorted(kept):
            reached += float(probabilities[code]) / total
            if number < reached:
                break
        codes.append(code)
        for row in (with_text, without):
            row.append(vocabulary.images[code])
    return codes


@torch.no_grad()
def logits(model: PreTrainedModel, row: list[int]) -> Tensor:
    states = model.model(input_ids=torch.tensor([row])).last_hidden_state
    return model.lm_head(states)[0, -1].double()


def test_tokens_are_those_of_a_plain_loop(model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast) -> None:
    codes = writer(model, tokenizer).write(PROMPTS, SEEDS)
    assert codes.tolist() == [
        written_plainly(model, tokenizer, *pair) for pair in zip(PROMPTS, SEEDS, strict=True)
    ]


def test_tokens_depend_on_prompt_and_seed_alone(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast
) -> None:
    together = writer(model, tokenizer).write(PROMPTS, SEEDS)
    backwards = writer(model, tokenizer).write(PROMPTS[::-1], SEEDS[::-1])
    alone = writer(model, tokenizer).write(PROMPTS[1:2], SEEDS[1:2])
    assert torch.equal(together, backwards.flip(0))
    assert torch.equal(together[1:2], alone)


def test_another_seed_gives_other_tokens(llama: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast) -> None:
    one, other = writer(llama, tokenizer).write(PROMPTS[:1] * 2, (1, 2))
    assert not torch.equal(one, other)


def test_chameleon_of_the_published_format_writes_image_tokens(
    chameleon: ChameleonForConditionalGeneration,
    tokenizer: PreTrainedTokenizerFast,
    save: Save,
    tmp_path: Path,
) -> None:
    """Its own forward masks them all; the loop reaches many of them."""
    loaded = load_language_model(save(tmp_path, chameleon), dtype=torch.float32, device="cpu")
    images = list(image_vocabulary(tokenizer.get_vocab(), n_codes=N_CODES).images)
    masked = loaded(input_ids=torch.tensor([[0, 5]])).logits[..., images]
    assert (masked == torch.finfo(masked.dtype).min).all()
    codes = writer(loaded, tokenizer, guidance=1.0, temperature=5.0, top_p=1.0).write(PROMPTS * 4, range(12))
    assert len(codes.unique()) == N_CODES


def test_without_guidance_prompts_are_read_once(
    llama: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast
) -> None:
    rows: list[int] = []
    hook = llama.model.register_forward_hook(
        lambda module, args, kwargs, out: rows.append(len(kwargs["input_ids"])), with_kwargs=True
    )
    writer(llama, tokenizer, guidance=1.0).write(PROMPTS[:1], SEEDS[:1])
    writer(llama, tokenizer, guidance=3.0).write(PROMPTS[:1], SEEDS[:1])
    hook.remove()
    assert rows == [2] * N_TOKENS + [4] * N_TOKENS


def test_guidance_goes_from_nothing_to_images_to_text() -> None:
    full, image_only, nothing = (torch.tensor([[value]]) for value in (5.0, 2.0, 1.0))
    assert guided(full, image_only, nothing, text=3.0, image=1.2).item() == pytest.approx(1 + 1.2 * 1 + 3 * 3)


def test_a_nucleus_holds_the_fewest_that_reach_its_share() -> None:
    logits = torch.tensor([[0.5, 0.1, 0.3, 0.1]], dtype=torch.float64).log()
    assert nucleus(logits, 0.75)[0].tolist() == pytest.approx([0.625, 0, 0.375, 0])
    assert nucleus(logits, 1.0)[0].tolist() == pytest.approx([0.5, 0.1, 0.3, 0.1])


@pytest.mark.parametrize(("chance", "index"), [(0.0, 1), (0.24, 1), (0.26, 3), (0.999999, 3)])
def test_a_number_is_drawn_by_the_inverse_of_the_distribution(chance: float, index: int) -> None:
    probabilities = torch.tensor([[0.0, 0.25, 0.0, 0.75, 0.0]], dtype=torch.float64)
    assert drawn(probabilities, torch.tensor([chance], dtype=torch.float64)).tolist() == [index]


@pytest.mark.parametrize(
    "wrong", [{"temperature": 0.0}, {"top_p": 0.0}, {"n_tokens": 0}, {"prompt_length": 3}]
)
def test_impossible_ways_of_drawing_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError, match="Got"):
        Writing(**{"n_tokens": 1, "prompt_length": 8} | wrong)


def test_every_prompt_needs_a_seed(llama: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast) -> None:
    with pytest.raises(InvalidInputError, match="3 prompts and 1 seeds"):
        writer(llama, tokenizer).write(PROMPTS, (1,))
