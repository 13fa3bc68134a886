"""The toy world is what it says: painted levels, a linear encoder, a VLM that names what it sees."""

import json

import numpy as np
import pytest
import torch

from finexl.captions import GroupCaptions, write_groups
from finexl.errors import InvalidInputError
from finexl.interfaces import NoReply, Question, Task
from finexl.toy import ToyWorld
from finexl.values import ImageStack

WORLD = ToyWorld()


def ask(task, **levels):
    pairs = WORLD.pairs(levels=levels)
    images = (pairs.base[0], pairs.personalized[0])
    (answer,) = WORLD.vlm.ask([Question(task=task, text="", images=images)])
    return answer.text


def test_the_same_prompt_and_seed_give_the_same_image_in_any_batch():
    generator = WORLD.generator({"vivid": 1})
    both = generator.sample(["a boat", "a tree"], [1, 2])
    assert np.array_equal(both[1], generator.sample(["a tree"], [2])[0])


def test_the_encoder_is_linear_in_the_levels():
    def embed(**levels):
        return WORLD.encoder.embed_images(ImageStack(WORLD.generator(levels).sample(["a boat"], [0])))

    plain = embed()
    both = embed(vivid=2, dark=3) - plain
    torch.testing.assert_close(both, 2 * (embed(vivid=1) - plain) + (embed(dark=3) - plain))


def test_the_vlm_names_the_strongest_first():
    assert ask(Task.DIFFERENCES, vivid=1, dark=3) == "dark, vivid"


def test_the_vlm_sees_no_difference_where_there_is_none():
    assert ask(Task.DIFFERENCES) == "no difference"


def test_the_vlm_scores_what_it_sees():
    assert json.loads(ask(Task.SCORED_ASPECTS, dark=3.2)) == [{"aspect": "dark", "score": 3}]


def test_the_vlm_describes_one_image():
    image = ImageStack(WORLD.generator({"dark": 1}).sample(["a boat"], [0]))[0]
    (answer,) = WORLD.vlm.ask([Question(task=Task.DESCRIBE, text="", images=(image,))])
    assert answer.text == "dark"


def test_the_vlm_compares_in_words_with_levels():
    assert ask(Task.COMPARE, vivid=1, dark=3.2) == "dark 3/10, vivid 1/10"


def test_the_vlm_compares_nothing_where_nothing_differs():
    assert ask(Task.COMPARE) == "no difference"


def test_the_vlm_proposes_what_captions_of_the_first_group_name_more_often():
    captions = GroupCaptions(a=("vivid, dark", "vivid, dark"), b=("dark", "dark"))
    (answer,) = WORLD.vlm.ask([Question(task=Task.PROPOSE, text=write_groups(captions))])
    assert answer.text == "- vivid"


def test_the_vlm_says_nothing_about_nothing():
    (answer,) = WORLD.vlm.ask([Question(task=Task.DIFFERENCES, text="")])
    assert isinstance(answer, NoReply)


def test_phrases_are_read_before_their_words():
    world = ToyWorld(aspects=("blur", "motion blur"))
    rows = world.encoder.embed_texts(["motion blur", "blur"])
    assert rows[:, -2:].tolist() == [[0, 1], [1, 0]]


@pytest.mark.parametrize("levels", [{"no such": 1}, {"vivid": -1}, {"vivid": 13}])
def test_levels_that_cannot_be_painted_are_refused(levels):
    with pytest.raises(InvalidInputError, match="Levels of a toy generator"):
        WORLD.generator(levels)
