"""A corpus of reply shapes that vision-language models really produce."""

import pytest

from finexl.replies import parse_concepts, read_concepts

LISTS = {
    "plain": ("vivid, grainy, film noise", ("vivid", "grainy", "film noise")),
    "spaces and case": ("  Vivid ,GRAINY ,  Film   Noise. ", ("vivid", "grainy", "film noise")),
    "lines": ("vivid\ngrainy\n\ndark\n", ("vivid", "grainy", "dark")),
    "windows lines": ("vivid\r\ngrainy\r\n", ("vivid", "grainy")),
    "numbered": ("1. Vivid\n2. Grainy\n10. Dark", ("vivid", "grainy", "dark")),
    "numbered with parentheses": ("1) vivid\n(2) grainy", ("vivid", "grainy")),
    "numbered in one line": ("1. vivid 2. grainy 3. dark", ("vivid", "grainy", "dark")),
    "dashes": ("- vivid\n- grainy", ("vivid", "grainy")),
    "asterisks and bold": ("* **Vivid**\n* **Grainy**", ("vivid", "grainy")),
    "dots": ("• vivid\n•grainy", ("vivid", "grainy")),
    "bullets with reasons": (
        "- **Vivid**: the colours are strong, and warm\n- Grainy – visible film noise, everywhere",
        ("vivid", "grainy"),
    ),
    "reasons without bullets": ("vivid: strong colours, grainy - film noise", ("vivid", "grainy")),
    "fenced": ("```\nvivid, grainy\n```", ("vivid", "grainy")),
    "fenced json": ('```json\n["vivid", "grainy"]\n```', ("vivid", "grainy")),
    "json object": ('{"concepts": ["Vivid", "grainy"]}', ("vivid", "grainy")),
    "json objects": ('[{"concept": "vivid", "why": "strong colours"}]', ("vivid",)),
    "python list": ("['vivid', 'grainy']", ("vivid", "grainy")),
    "quotes": ("\"vivid\", 'grainy', “dark”, «warm»", ("vivid", "grainy", "dark", "warm")),
    "backticks": ("`vivid`, `grainy`", ("vivid", "grainy")),
    "semicolons": ("vivid; grainy | dark", ("vivid", "grainy", "dark")),
    "slashes": ("vivid / grainy", ("vivid", "grainy")),
    "zero-width": ("vi\u200bvid,\ufeff grainy\u200d", ("vivid", "grainy")),
    "non-breaking space": ("film\u00a0grain", ("film grain",)),
    "ideographic commas": ("vivid，grainy、dark", ("vivid", "grainy", "dark")),
    "and": ("vivid, grainy, and dark", ("vivid", "grainy", "dark")),
    "black and white": ("black and white, high-contrast", ("black and white", "high-contrast")),
    "repeats": ("vivid, Vivid, VIVID., grainy", ("vivid", "grainy")),
    "preamble": ("Here are the style differences: vivid, grainy", ("vivid", "grainy")),
    "preamble line": ("Sure! Here is the list:\n\n- vivid\n- grainy", ("vivid", "grainy")),
    "label": ("Answer: vivid, grainy", ("vivid", "grainy")),
    "parentheses": ("vivid (bright, saturated), grainy (8/10)", ("vivid", "grainy")),
    "reasoning tags": ("<think>The second is no different? no, vivid.</think>vivid", ("vivid",)),
    "too long an item": ("vivid, " + "very " * 5 + "dark, " + "x" * 41, ("vivid",)),
    "four words": ("soft warm evening light", ("soft warm evening light",)),
    "sentence beside items": ("vivid, grainy\nThis gives a dreamy look.", ("vivid", "grainy")),
    "no difference beside items": ("no difference, vivid", ("vivid",)),
    "other scripts": ("яркий, 鮮やか, éclatant", ("яркий", "鮮やか", "éclatant")),
    "numbers alone": ("7, 8, vivid, --", ("vivid",)),
}
EMPTY = ["", "   \n\u200b", ".."]
NONE = [
    "[]",
    "No difference",
    "no difference.",
    "There are no noticeable differences.",
    "There is no visible style difference between the two, both look alike",
    "The images are identical.",
    "They look the same",
    "None",
    "N/A",
    "Nothing changed.",
]
REFUSED = [
    "I'm sorry, but I can't help with that.",
    "I’m sorry, I can’t assist with this request.",
    "Sorry, I cannot compare these images.",
    "As an AI, I don't see images.",
    "I cannot see any images",
    "I apologize, this is against our policy.",
    "I am unable to view images, vivid",
    "Sorry.",
]
UNPARSABLE = [
    "The second image seems to have been made with a rather different and much stronger palette of colours",
    "12 34 56",
    "It is hard to say",
]


@pytest.mark.parametrize("text, concepts", LISTS.values(), ids=LISTS.keys())
def test_lists_of_every_shape_are_read(text, concepts):
    assert parse_concepts(text) == concepts


@pytest.mark.parametrize(
    "text, outcome",
    [
        (text, name)
        for name, texts in (
            ("empty", EMPTY),
            ("none", NONE),
            ("refused", REFUSED),
            ("unparsable", UNPARSABLE),
        )
        for text in texts
    ],
)
def test_what_is_not_a_list_yields_no_concept_and_says_why(text, outcome):
    found = read_concepts(text)
    assert (found.concepts, found.outcome) == ((), outcome)


def test_reading_what_was_read_changes_nothing():
    for text, concepts in LISTS.values():
        assert parse_concepts(", ".join(parse_concepts(text))) == concepts
