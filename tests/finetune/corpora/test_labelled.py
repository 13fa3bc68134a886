"""What every corpus of labelled pictures does, over a small folder."""

import logging
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from finetune.corpora import Corpus, LimitedCorpus, NamedCorpus
from finetune.corpora.captioning import RememberedCaptions
from finetune.corpora.coco_prompts import CaptionPool
from finetune.corpora.few_prompts import enough_prompts
from finetune.corpora.folder import folder_corpus
from finetune.corpora.labelled import LabelledCorpus
from finetune.corpora.pictures import Treatment
from finexl.errors import InvalidInputError, UnknownNameError
from finexl.notices import collected

POOL = CaptionPool(tuple(f"a cat number {number}" for number in range(20)))


def opened(path: Path, **treatment) -> LabelledCorpus:
    return folder_corpus(path, Treatment(size=8, **treatment))


def values(images: np.ndarray) -> list[int]:
    return images[:, 0, 0, 0].tolist()


def test_it_is_a_corpus_with_words_and_a_limit(photos: Path) -> None:
    corpus = opened(photos)
    assert isinstance(corpus, Corpus) and isinstance(corpus, NamedCorpus)
    assert isinstance(corpus, LimitedCorpus) and corpus.n_images == 8


def test_images_come_with_their_captions(photos: Path) -> None:
    images, captions = opened(photos).images("faded", 5, 0)
    assert images.shape == (5, 8, 8, 3) and images.dtype == np.uint8
    assert captions == tuple(f"thing {value}" for value in values(images))


def test_images_and_prompts_are_functions_of_the_seed(photos: Path) -> None:
    corpus, again = opened(photos), opened(photos)
    assert values(corpus.images("vivid", 6, 1)[0]) == values(again.images("vivid", 6, 1)[0])
    assert values(corpus.images("vivid", 6, 1)[0]) != values(corpus.images("vivid", 6, 2)[0])
    assert corpus.prompts(3, 1) == again.prompts(3, 1)


def test_fewer_images_are_the_first_of_more(photos: Path) -> None:
    corpus = opened(photos)
    assert values(corpus.images("vivid", 3, 1)[0]) == values(corpus.images("vivid", 6, 1)[0])[:3]


def test_no_caption_is_both_prompt_and_training_caption(photos: Path) -> None:
    corpus = opened(photos)
    trained = {caption for aspect in corpus.aspects for caption in corpus.images(aspect, 8, 0)[1]}
    assert len(trained) == 16 and set(corpus.prompts(4, 0)).isdisjoint(trained)


def test_pictures_with_one_caption_are_held_out_together(photos: Path) -> None:
    for path in sorted(photos.rglob("*.txt")):
        path.write_text(f"thing {int(path.stem) // 2}")
    corpus = opened(photos)
    trained = {caption for aspect in corpus.aspects for caption in corpus.images(aspect, 8, 0)[1]}
    assert set(corpus.prompts(1, 0)).isdisjoint(trained)


def test_given_prompts_leave_all_pictures_to_training(photos: Path) -> None:
    corpus = opened(photos, prompts=POOL)
    assert sorted(values(corpus.images("vivid", 10, 0)[0])) == list(range(10))
    assert set(corpus.prompts(5, 0)) <= set(POOL.captions)


def test_given_prompts_are_never_captions_of_pictures(photos: Path) -> None:
    corpus = opened(photos, prompts=CaptionPool(("thing 3", "a cat")))
    assert corpus.prompts(1, 0) == ("a cat",)


def test_more_images_than_there_are_is_an_error_that_says_what_to_do(photos: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"8 usable.*asked for 9.*2 more are held out.*prompts_from"):
        opened(photos).images("vivid", 9, 0)


def test_more_prompts_than_there_are_is_an_error_that_says_what_to_do(photos: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"Asked for 5; there are 4\. Give corpus\.prompts_from="):
        opened(photos).prompts(5, 0)


def test_broken_files_are_replaced_reported_and_logged(
    photos: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(4):
        (photos / "vivid" / f"{number}.png").write_bytes(b"broken")
    corpus = opened(photos, prompts=POOL)
    with caplog.at_level(logging.WARNING):
        assert sorted(values(corpus.images("vivid", 6, 0)[0])) == [4, 5, 6, 7, 8, 9]
    assert {file.name for file in corpus.skipped} == {f"vivid/{number}.png" for number in range(4)}
    assert len(caplog.records) == 1 and "4 images were left out" in caplog.text


def test_a_file_is_reported_once(photos: Path, caplog: pytest.LogCaptureFixture) -> None:
    (photos / "vivid" / "0.png").write_bytes(b"broken")
    corpus = opened(photos, prompts=POOL)
    for seed in range(3):
        corpus.images("vivid", 9, seed)
    assert len(corpus.skipped) == len(caplog.records) == 1


def test_a_picture_whose_caption_names_its_aspect_is_left_out(photos: Path) -> None:
    (photos / "vivid" / "3.txt").write_text("a Vivid thing")
    corpus = opened(photos, prompts=POOL)
    assert 3 not in values(corpus.images("vivid", 9, 0)[0])
    assert "names the aspect" in corpus.skipped[0].reason


def test_prompts_name_no_aspect(photos: Path) -> None:
    for path in sorted(photos.rglob("*.txt")):
        path.write_text(f"a washed out {path.stem}")
    corpus = opened(photos, names={"faded": ("washed-out",)})
    with pytest.raises(InvalidInputError, match="there are 0"):
        corpus.prompts(1, 0)


def test_pictures_without_caption_are_described(photos: Path, echo, tmp_path: Path) -> None:
    for path in photos.rglob("*.txt"):
        path.unlink()
    captioner = RememberedCaptions(id="echo", captioner=echo, file=tmp_path / "said.jsonl")
    corpus = opened(photos, captioner=captioner)
    images, captions = corpus.images("vivid", 4, 0)
    assert captions == tuple(f"a thing of value {value}" for value in values(images))
    assert set(corpus.prompts(4, 0)).isdisjoint(captions)


def test_a_corpus_without_captions_says_how_to_get_them(photos: Path) -> None:
    for path in photos.rglob("*.txt"):
        path.unlink()
    with pytest.raises(InvalidInputError, match=r"columns\.text.*\.txt.*BLIP-2"):
        opened(photos)


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="Found none"):
        opened(tmp_path)


def test_aspects_can_be_chosen_and_must_exist(photos: Path) -> None:
    assert opened(photos, aspects=("vivid",)).aspects == ("vivid",)
    with pytest.raises(UnknownNameError, match="Did you mean aspects=vivid"):
        opened(photos, aspects=("vived",))


def test_the_id_is_that_of_the_content(photos: Path) -> None:
    before = opened(photos).id
    moved = photos.rename(photos.parent / "elsewhere")
    assert opened(moved).id == before
    (moved / "vivid" / "0.txt").write_text("another thing")
    assert opened(moved).id != before


@pytest.mark.parametrize(
    "change", [{"prompts": POOL}, {"names": {"vivid": ("bright",)}}, {"aspects": ("vivid",)}]
)
def test_the_id_changes_with_the_treatment(photos: Path, change: dict) -> None:
    assert opened(photos, **change).id != opened(photos).id


def test_the_id_changes_with_the_size(photos: Path) -> None:
    assert folder_corpus(photos, Treatment(size=16)).id != opened(photos).id


def test_a_corpus_with_few_prompts_is_asked_with_each_several_times_and_that_is_told(photos: Path) -> None:
    corpus = opened(photos)
    with collected() as told:
        prompts = enough_prompts(corpus, 10, 3)
    assert set(prompts) == set(corpus.prompts(4, 3))
    assert sorted(Counter(prompts).values()) == [2, 2, 3, 3]
    assert [one.line for one in told.values()] == [
        "corpus: 4 different prompts where 10 are asked for: each is used several times, from other noise"
    ]


def test_halves_of_few_prompts_have_none_in_common(photos: Path) -> None:
    prompts = enough_prompts(opened(photos), 10, 3, in_halves=True)
    assert not set(prompts[:5]) & set(prompts[5:]) and len(set(prompts)) == 4


def test_enough_prompts_are_those_of_the_corpus_and_nothing_is_told(photos: Path) -> None:
    corpus = opened(photos)
    with collected() as told:
        assert enough_prompts(corpus, 4, 3) == corpus.prompts(4, 3)
    assert not told


def test_without_any_prompt_there_is_nothing_to_repeat(photos: Path) -> None:
    with pytest.raises(InvalidInputError, match="there are 0"):
        enough_prompts(opened(photos, names={"vivid": ("thing",)}), 10, 3)


def test_captions_are_those_of_training_images_that_can_be_used(photos: Path) -> None:
    (photos / "vivid" / "3.txt").write_text("a vivid thing")
    (photos / "vivid" / "4.txt").unlink()
    corpus = opened(photos, prompts=POOL)
    assert len(corpus.captions) == 18 and "thing 100" in corpus.captions
    assert "a vivid thing" not in corpus.captions


def test_an_aspect_without_a_usable_picture_is_named_with_the_others(photos: Path) -> None:
    for path in (photos / "vivid").glob("*.txt"):
        path.unlink()
    with pytest.raises(
        InvalidInputError, match=r"'vivid' has none.*corpus\.aspects=faded.*it has no caption"
    ):
        _ = opened(photos, prompts=POOL).n_images
