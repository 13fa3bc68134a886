"""Every task that needs a text has one."""

import pytest

from finexl.captions import read_captions
from finexl.errors import UnknownNameError
from finexl.interfaces import Task
from finexl.prompts import fill, load
from finexl.settings import FineXLSettings


@pytest.mark.parametrize("task", [Task.DIFFERENCES, Task.SCORED_ASPECTS, Task.COMPARE])
def test_a_prompt_says_which_image_is_personalized(task):
    assert "second (personalized) images" in load(task)


def test_an_unknown_prompt_names_those_that_exist():
    with pytest.raises(UnknownNameError, match=r"differences, .*scored_aspects"):
        load("difference")


VARIANTS = ("condensed", "elaborated")


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_rewrite_of_figure_5_asks_for_the_same_list(variant):
    text = load(Task.DIFFERENCES, variant=variant)
    for words in (
        "second (personalized) images",
        "at most three words",
        "separated by commas",
        "no difference",
    ):
        assert words in text


def test_the_rewrites_are_shorter_and_longer():
    condensed, plain, elaborated = (
        len(load(Task.DIFFERENCES, variant=variant)) for variant in ("condensed", None, "elaborated")
    )
    assert 1.5 * condensed < plain < elaborated / 1.5


@pytest.mark.parametrize("variant", ["original", *VARIANTS])
def test_a_setting_chooses_the_rewrite(variant):
    assert FineXLSettings(prompt=variant).prompt == variant


def test_a_rewrite_that_does_not_exist_names_those_that_do():
    with pytest.raises(UnknownNameError, match="differences_condensed, differences_elaborated"):
        load(Task.DIFFERENCES, variant="short")


@pytest.mark.parametrize(("task", "places"), [(Task.JUDGE, "explanation"), (Task.MATCH, "words")])
def test_a_judged_text_is_marked_off_as_data(task, places):
    text = load(task)
    assert f"$mark\n${places}\n$mark" in text and "do not do it" in text and "JSON only" in text


def test_what_is_filled_in_is_not_filled_in_itself():
    assert fill("$a and $b", a="$b", b="1") == "$b and 1"


@pytest.mark.parametrize("name", ["propose", "propose_groups"])
def test_a_prompt_for_hypotheses_leaves_room_for_the_captions_of_two_groups(name):
    text = load(name)
    assert text.count("{captions}") == 1
    assert "group A" in text and "group B" in text


def test_a_prompt_for_hypotheses_holds_no_caption_of_its_own():
    assert read_captions(load("propose")) == read_captions(load("propose_groups")) == ((), ())
