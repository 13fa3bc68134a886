import pytest
from transformers import PreTrainedTokenizerFast

from finetune.families.anole.tokens import BEGIN_IMAGE, END_TURN, START, image_token, image_vocabulary
from finetune.generator import GeneratorError
from finetune.pretraining.networks.anole import build_tokenizer


@pytest.mark.parametrize(("code", "name"), [(0, "IMGIMGAZ"), (53, "IMGIMGFDZ"), (8191, "IMGIMGIBJBZ")])
def test_codes_have_the_names_of_the_release(code: int, name: str) -> None:
    assert image_token(code) == name


def test_names_are_what_transformers_reads_as_codes() -> None:
    from transformers.models.chameleon.modeling_chameleon import ChameleonImageVocabularyMapping

    ids = {image_token(code): 4 + code for code in range(8192)}
    assert ChameleonImageVocabularyMapping(ids).bpe2img == {4 + code: code for code in range(8192)}


def test_ids_are_in_the_order_of_the_codes() -> None:
    ids = {START: 0, END_TURN: 1, BEGIN_IMAGE: 2, image_token(0): 9, image_token(1): 7, image_token(10): 8}
    assert image_vocabulary(ids, n_codes=2).images == (9, 7)


def test_image_tokens_have_the_ids_of_the_release() -> None:
    ids = build_tokenizer(["a red house"], n_codes=8192).get_vocab()
    assert image_vocabulary(ids, n_codes=8192).images == tuple(range(4, 8196))


def test_a_missing_code_is_named(tokenizer: PreTrainedTokenizerFast) -> None:
    with pytest.raises(GeneratorError, match="1 are missing, first IMGIMGBCZ"):
        image_vocabulary(tokenizer.get_vocab(), n_codes=13)


def test_a_prompt_ends_its_turn_and_begins_the_image(tokenizer: PreTrainedTokenizerFast) -> None:
    vocabulary = image_vocabulary(tokenizer.get_vocab(), n_codes=12)
    assert vocabulary.prompt((40, 41), 8) == (
        vocabulary.start, 40, 41, vocabulary.end_turn, vocabulary.begin_image,
    )  # fmt: skip


def test_a_long_text_loses_its_end(tokenizer: PreTrainedTokenizerFast) -> None:
    vocabulary = image_vocabulary(tokenizer.get_vocab(), n_codes=12)
    prompt = vocabulary.prompt(tuple(range(20, 40)), 8)
    assert len(prompt) == 8
    assert prompt[1:6] == (20, 21, 22, 23, 24)


def test_words_never_become_image_tokens(tokenizer: PreTrainedTokenizerFast) -> None:
    vocabulary = image_vocabulary(tokenizer.get_vocab(), n_codes=12)
    written = tokenizer.encode("IMGIMGAZ <racm3:break>", add_special_tokens=False)
    assert not {*vocabulary.images, vocabulary.begin_image} & set(written)
