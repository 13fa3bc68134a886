"""The three shipped captioners, on rendered scenes: each answers every question, and sees what is plainly there."""

import json

import numpy as np
import pytest
from PIL import Image

from finetune.miniature.examples import STYLES, plain_examples, restyle
from finetune.miniature.models import CAPTIONERS, captioner_folder
from finetune.miniature.split import SCORED_ASPECTS
from finetune.miniature.vocabulary import DEGREE_SCORES, synonyms
from finexl.captions import GroupCaptions, write_groups
from finexl.interfaces import NoReply, Question, Reply, Task
from finexl.vlms.miniature import MiniatureVLM, load_miniature_vlm
from finexl.vlms.style_words import StyleWords

WORDS = StyleWords(styles={style: synonyms(style) for style in STYLES}, degrees=DEGREE_SCORES)
AT_LEAST = 0.4
"""Share of unmistakable styles to name; chance is below .05."""


@pytest.fixture(scope="module", params=CAPTIONERS)
def vlm(request: pytest.FixtureRequest) -> MiniatureVLM:
    return load_miniature_vlm(captioner_folder(request.param))


@pytest.fixture(scope="module")
def scenes() -> np.ndarray:
    return plain_examples(2 * len(SCORED_ASPECTS), seed=17).images


@pytest.fixture(scope="module")
def styled(scenes: np.ndarray) -> np.ndarray:
    styles = np.array([STYLES.index(aspect) for aspect in SCORED_ASPECTS] * 2)
    return restyle(scenes, styles, np.full(len(styles), 0.9), seed=17)


def described(vlm: MiniatureVLM, images: np.ndarray) -> list[set[str]]:
    """The styles that are named of each image."""
    asked = [Question(task=Task.DESCRIBE, text="", images=(Image.fromarray(image),)) for image in images]
    texts = [reply.text for reply in vlm.ask(asked) if isinstance(reply, Reply)]
    return [{WORDS.style_of(word) for word, _ in WORDS.mentions(text)} for text in texts]


def test_it_names_what_is_plainly_there_far_more_often_than_chance(
    vlm: MiniatureVLM, styled: np.ndarray
) -> None:
    named = described(vlm, styled)
    assert len(named) == len(styled)
    right = np.mean([aspect in said for aspect, said in zip(SCORED_ASPECTS * 2, named, strict=True)])
    chance = np.mean([len(said & set(SCORED_ASPECTS)) for said in named]) / len(SCORED_ASPECTS)
    assert right >= AT_LEAST > 3 * chance


def test_it_names_no_style_of_most_plain_scenes(vlm: MiniatureVLM, scenes: np.ndarray) -> None:
    assert np.mean([not said for said in described(vlm, scenes)]) >= 0.8


def test_it_answers_every_question_about_images(
    vlm: MiniatureVLM, scenes: np.ndarray, styled: np.ndarray
) -> None:
    shown = tuple(Image.fromarray(x) for pair in zip(scenes[:4], styled[:4], strict=True) for x in pair)
    replies = {
        task: vlm.ask([Question(task=task, text="", images=shown)])[0]
        for task in (Task.DIFFERENCES, Task.SCORED_ASPECTS, Task.COMPARE)
    }
    assert all(isinstance(reply, Reply) and reply.text for reply in replies.values()), replies
    scored = replies[Task.SCORED_ASPECTS]
    assert isinstance(scored, Reply) and isinstance(json.loads(scored.text), list)


def test_it_proposes_from_captions(vlm: MiniatureVLM) -> None:
    text = write_groups(GroupCaptions(a=("a sepia photo: a boat",), b=("a photo: a boat",)))
    reply = vlm.ask([Question(task=Task.PROPOSE, text=text)])[0]
    assert isinstance(reply, Reply) and reply.text.startswith("- a sepia photo")


def test_it_refuses_to_judge_texts(vlm: MiniatureVLM) -> None:
    replies = vlm.ask([Question(task=task, text="very vivid") for task in (Task.JUDGE, Task.MATCH)])
    assert all(isinstance(reply, NoReply) and reply.reason == "failed" for reply in replies)


def test_the_three_are_told_apart_by_id() -> None:
    assert len({load_miniature_vlm(captioner_folder(name)).id for name in CAPTIONERS}) == 3
