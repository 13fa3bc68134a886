"""The shipped captioner and its language layer, on rendered images."""

import json

import numpy as np
import pytest
from PIL import Image

from benchmark.read.lexicon import Lexicon
from benchmark.read.statements import statements
from finetune.miniature import ASPECTS, apply_aspect
from finetune.miniature.examples import plain_examples
from finetune.miniature.models import captioner_folder
from finexl.captions import GroupCaptions, write_groups
from finexl.errors import VLMError
from finexl.interfaces import NoReply, Question, Reply, Task
from finexl.prompts import load
from finexl.vlms.miniature import NOTHING, MiniatureVLM, load_miniature_vlm

N_PAIRS = 6


@pytest.fixture(scope="module")
def vlm() -> MiniatureVLM:
    return load_miniature_vlm(captioner_folder())


@pytest.fixture(scope="module")
def scenes() -> np.ndarray:
    return plain_examples(N_PAIRS, seed=4).images


def question(task: Task, base: np.ndarray, personalized: np.ndarray) -> Question:
    images = tuple(Image.fromarray(x) for pair in zip(base, personalized, strict=True) for x in pair)
    return Question(task=task, text="", images=images)


def said(vlm: MiniatureVLM, asked: Question) -> str:
    reply = vlm.ask([asked])[0]
    assert isinstance(reply, Reply)
    return reply.text


@pytest.mark.parametrize("aspect", ["vivid", "sepia", "monochrome", "sketched"])
def test_it_scores_an_unmistakable_aspect_highest(vlm: MiniatureVLM, scenes: np.ndarray, aspect: str) -> None:
    styled = apply_aspect(scenes, aspect, 0.9, seed=0)
    aspects = json.loads(said(vlm, question(Task.SCORED_ASPECTS, scenes, styled)))
    assert max(aspects, key=lambda item: item["score"])["aspect"] == aspect


def test_identical_images_do_not_differ(vlm: MiniatureVLM, scenes: np.ndarray) -> None:
    assert said(vlm, question(Task.DIFFERENCES, scenes, scenes)) == NOTHING


def test_an_answer_does_not_depend_on_the_other_questions(vlm: MiniatureVLM, scenes: np.ndarray) -> None:
    styled = apply_aspect(scenes, "sepia", 0.9, seed=0)
    asked = [question(Task.DIFFERENCES, scenes[i : i + 1], styled[i : i + 1]) for i in range(N_PAIRS)]
    together = load_miniature_vlm(captioner_folder()).ask(asked)
    assert [reply.text for reply in together if isinstance(reply, Reply)] == [said(vlm, one) for one in asked]


def test_a_description_names_what_is_there(vlm: MiniatureVLM) -> None:
    examples = plain_examples(8, seed=9)
    texts = [
        said(vlm, Question(task=Task.DESCRIBE, text="", images=(Image.fromarray(image),)))
        for image in examples.images
    ]
    shared = [
        set(text.split()) & set(caption.split()) - {"a", "an", "and"}
        for text, caption in zip(texts, examples.captions, strict=True)
    ]
    assert np.mean([len(words) > 0 for words in shared]) >= 0.75


def test_a_question_without_images_is_a_typed_failure(vlm: MiniatureVLM) -> None:
    reply = vlm.ask([Question(task=Task.DIFFERENCES, text="")])[0]
    assert isinstance(reply, NoReply) and reply.reason == "failed"


def test_a_description_names_an_unmistakable_style(vlm: MiniatureVLM, scenes: np.ndarray) -> None:
    styled = apply_aspect(scenes, "sepia", 0.9, seed=0)
    texts = [said(vlm, Question(task=Task.DESCRIBE, text="", images=(Image.fromarray(x),))) for x in styled]
    assert (
        sum("sepia" in text or "brownish" in text or "tea-stained" in text for text in texts) >= N_PAIRS / 2
    )


def test_it_proposes_what_captions_of_the_first_group_say_more_often(vlm: MiniatureVLM) -> None:
    captions = GroupCaptions(
        a=("a very sepia photo: a brown house", "a sepia photo: a boat"), b=("a photo: a red house",) * 2
    )
    text = load("propose").replace("{captions}", write_groups(captions))
    proposed = said(vlm, Question(task=Task.PROPOSE, text=text)).splitlines()
    assert proposed[0] in ("- a sepia photo", "- a very sepia photo")
    assert "- brown" in proposed


def test_it_compares_in_words_of_degree(vlm: MiniatureVLM, scenes: np.ndarray) -> None:
    levels = []
    for strength in (0.25, 0.9):
        styled = apply_aspect(scenes, "sepia", strength, seed=0)
        text = said(vlm, question(Task.COMPARE, scenes, styled))
        stated = statements(text, Lexicon({"sepia": ASPECTS["sepia"].synonyms}))
        levels.append(max(one.amount for one in stated))
    assert levels[0] < levels[1]


def test_captions_that_are_missing_are_a_typed_failure(vlm: MiniatureVLM) -> None:
    reply = vlm.ask([Question(task=Task.PROPOSE, text="nothing")])[0]
    assert isinstance(reply, NoReply) and reply.reason == "failed"


def test_a_folder_without_a_captioner_says_how_to_make_one(tmp_path) -> None:
    with pytest.raises(VLMError, match="pretrain captioner"):
        load_miniature_vlm(tmp_path)
