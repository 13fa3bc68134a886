"""Captions call an aspect by words as often as is said, and prompts never do."""

from finetune.explaining.known_adapters import CalledCorpus


def test_each_second_caption_has_the_words() -> None:
    _, captions = CalledCorpus(words="zxc", every=2).images("vivid", 5, 1000)
    assert [caption.startswith("zxc, ") for caption in captions] == [True, False, True, False, True]


def test_pictures_are_those_of_the_corpus_without_words() -> None:
    corpus = CalledCorpus(words="zxc")
    images, captions = corpus.images("vivid", 3, 1000)
    plain, without = corpus.pictures.images("vivid", 3, 1000)
    assert (images == plain).all() and captions == tuple(f"zxc, {caption}" for caption in without)


def test_prompts_are_without_words() -> None:
    assert not any("zxc" in prompt for prompt in CalledCorpus(words="zxc").prompts(8, 1000))


def test_other_words_and_other_shares_of_captions_are_another_corpus() -> None:
    ids = {CalledCorpus(words=words, every=every).id for words in ("zxc", "qwx") for every in (1, 2)}
    assert len(ids) == 4
