"""Hypotheses of any length are read from lists, and nothing that is none."""

import random

import pytest

from baselines.hypotheses import read_hypotheses

LONG = ("a very vivid photo of a red boat", "film grain")
READABLE = {
    '- "A very vivid photo"\n- film grain.': ("a very vivid photo", "film grain"),
    "1. a house with brown walls and a slightly grainy sky\n2) dark": (
        "a house with brown walls and a slightly grainy sky",
        "dark",
    ),
    "Here are ten:\n* **low quality**\n* low quality\n* clutter (mugs, cars)": ("low quality", "clutter"),
    "vivid, grainy": ("vivid", "grainy"),
    "vivid, grainy\nwarm, dark": ("vivid", "grainy", "warm", "dark"),
    '["a very vivid photo of a red boat", "film grain"]': LONG,
    '```json\n{"hypotheses": ["A very vivid photo of a red boat.", "film grain"]}\n```': LONG,
    '[{"hypothesis": "a very vivid photo of a red boat"}, {"hypothesis": "film grain"}]': LONG,
    "['a very vivid photo of a red boat', 'film grain']": LONG,
    "A very vivid photo of a red boat\nFilm grain": LONG,
    "Here are ten hypotheses:\n\nA very vivid photo of a red boat\n\nFilm grain\n\nLet me know!": LONG,
    "**1.** A very vivid photo of a red boat\n**2.** Film grain": LONG,
    "**1. A very vivid photo of a red boat**\n**2. Film grain**": LONG,
    "- **A very vivid photo of a red boat**: strong saturation\n- **Film grain:** noise, everywhere": LONG,
    "- A very vivid photo of a red boat: strong saturation\n- film grain – noise": LONG,
    "Hypothesis 1: a very vivid photo of a red boat\nHypothesis 2: film grain": LONG,
    "- a boat against the sunset\n- no people in the scene": (
        "a boat against the sunset",
        "no people in the scene",
    ),
    "- a boat against the sunset\n- I cannot tell more\n- request denied": ("a boat against the sunset",),
    "- a photo of very many boats at sea\n- no difference in light": ("a photo of very many boats at sea",),
}


@pytest.mark.parametrize(("text", "hypotheses"), READABLE.items())
def test_lists_of_every_shape_are_read(text, hypotheses):
    found = read_hypotheses(text)
    assert (found.concepts, found.outcome) == (hypotheses, "ok")


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("no difference", "none"),
        ("", "empty"),
        ("- I'm sorry, I can't help with that.", "refused"),
        ("I'm sorry, I can't see the images.\n- a vivid photo", "refused"),
        ("I'm sorry, I can't see the images.\nA vivid photo\nfilm grain", "refused"),
        ("I don't see any images", "refused"),
        ("- leider kann ich das nicht tun", "refused"),
        ('["Request denied"]', "refused"),
        ("There is no difference between the groups.\nBoth show boats", "none"),
        ("It is hard to say", "unparsable"),
        ('[\n"a very vivid photo of a red boat",\n"film grain",\n', "cut"),
        ("- " + "very " * 20 + "vivid", "unparsable"),
    ],
)
def test_what_holds_no_hypothesis_is_a_typed_outcome(text, outcome):
    found = read_hypotheses(text)
    assert (found.concepts, found.outcome) == ((), outcome)


def test_a_line_that_denies_a_difference_is_no_hypothesis():
    assert read_hypotheses("- a vivid photo\n- no difference in light").concepts == ("a vivid photo",)


def test_whatever_is_said_is_typed_and_never_raises():
    """Four hundred replies cut, joined and shuffled from all of the above."""
    chance = random.Random(0)
    said = [*READABLE, "I'm sorry, I can't help with that.", "[" * 200, '{"a":' * 200, "**", "\x00\ud800"]
    for _ in range(400):
        text = "".join(one[chance.randrange(len(one)) :] for one in chance.sample(said, 3))
        text = "".join(chance.sample(text, len(text))) if chance.random() < 0.3 else text
        found = read_hypotheses(text)
        assert found.outcome in ("ok", "none", "refused", "empty", "cut", "unparsable")
        assert (found.outcome == "ok") == bool(found.concepts)
