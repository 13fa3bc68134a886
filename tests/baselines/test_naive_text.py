"""The naive method in words passes on what was said, and never a refusal."""

import pytest
from small_world import WORLD, Says, pairs

from baselines.naive import NaiveSettings
from baselines.naive_text import NaiveText, read_description
from finexl.interfaces import Explainer, Task
from finexl.values import NoExplanation, TextExplanation


def explained(vlm, **options):
    return NaiveText(vlm=vlm, settings=NaiveSettings(**options)).explain(pairs(vivid=3, dark=7))


def test_the_toy_vlm_tells_the_levels():
    assert explained(WORLD.vlm) == TextExplanation(text="dark 7/10, vivid 3/10")


def test_one_question_shows_several_pairs():
    vlm = Says("Very vivid.")
    explained(vlm, n_vlm_pairs=3)
    assert [(question.task, len(question.images)) for question in vlm.questions] == [(Task.COMPARE, 6)]


@pytest.mark.parametrize(
    ("vlm", "reason"),
    [(Says(), "refused"), (Says("I'm sorry, I can't help with that."), "refused"), (Says("  "), "empty")],
)
def test_what_explains_nothing_is_a_typed_outcome(vlm, reason):
    explanation = explained(vlm)
    assert isinstance(explanation, NoExplanation) and explanation.reason == reason


@pytest.mark.parametrize(
    "text",
    [
        "The image is so dark that you cannot see details.",
        "The second images are very vivid; subjects stand out against the background.",
        "The images are very dark. I cannot tell the time of day.",
    ],
)
def test_a_description_that_merely_has_words_of_a_refusal_is_an_explanation(text):
    assert explained(Says(text)) == TextExplanation(text=text)


def test_saying_that_nothing_differs_is_an_explanation():
    assert explained(Says("no difference")) == TextExplanation(text="no difference")


def test_it_plays_its_role():
    assert isinstance(NaiveText(vlm=WORLD.vlm), Explainer)


def test_a_gateways_words_describe_nothing() -> None:
    assert read_description("502 Bad Gateway") == NoExplanation(reason="unparsable", detail="502 Bad Gateway")
