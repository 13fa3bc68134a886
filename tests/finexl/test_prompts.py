"""Every task that needs a text has one."""

import pytest

from finexl.errors import UnknownNameError
from finexl.interfaces import Task
from finexl.prompts import load


@pytest.mark.parametrize("task", [Task.DIFFERENCES, Task.SCORED_ASPECTS])
def test_a_prompt_says_which_image_is_personalized(task):
    assert "second (personalized) images" in load(task)


def test_an_unknown_prompt_names_those_that_exist():
    with pytest.raises(UnknownNameError, match="differences, scored_aspects"):
        load("difference")
