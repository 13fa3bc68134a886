"""Every task that needs a text has one."""

import pytest

from finexl.captions import read_captions
from finexl.errors import UnknownNameError
from finexl.interfaces import Task
from finexl.prompts import load


@pytest.mark.parametrize("task", [Task.DIFFERENCES, Task.SCORED_ASPECTS, Task.COMPARE])
def test_a_prompt_says_which_image_is_personalized(task):
    assert "second (personalized) images" in load(task)


def test_an_unknown_prompt_names_those_that_exist():
    with pytest.raises(UnknownNameError, match=r"differences, .*scored_aspects"):
        load("difference")


@pytest.mark.parametrize("name", ["propose", "propose_groups"])
def test_a_prompt_for_hypotheses_leaves_room_for_the_captions_of_two_groups(name):
    text = load(name)
    assert text.count("{captions}") == 1
    assert "group A" in text and "group B" in text


def test_a_prompt_for_hypotheses_holds_no_caption_of_its_own():
    assert read_captions(load("propose")) == read_captions(load("propose_groups")) == ((), ())
