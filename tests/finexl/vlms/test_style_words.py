"""The language layer says what captions say: more often, by which words, how strongly."""

from finexl.captions import GroupCaptions
from finexl.vlms.style_words import NOTHING, StyleWords

WORDS = StyleWords(
    styles={"vivid": ("vivid", "colorful"), "grainy": ("grainy", "film-grain"), "sepia": ("sepia",)},
    degrees={"slightly": 3.0, "": 6.0, "very": 9.0},
)
PLAIN = ("a photo: a red house",) * 4


def proposed(*a, b=PLAIN):
    return WORDS.propose(GroupCaptions(a=a, b=b)).splitlines()


def test_style_words_are_found_with_their_degree():
    assert WORDS.mentions("a very colorful and film-grain photo: a boat") == [
        ("colorful", 9.0),
        ("film-grain", 6.0),
    ]


def test_synonyms_are_one_hypothesis_in_the_words_said_most_often():
    captions = (
        "a very vivid photo: a red house",
        "a very vivid photo: a red house",
        "a colorful photo: a red house",
    )
    assert proposed(*captions) == ["- a very vivid photo"]


def test_what_more_captions_say_comes_first():
    said = proposed("a sepia photo: a brown house", "a sepia photo: a red house")
    assert said == ["- a sepia photo", "- brown"]


def test_what_both_groups_say_as_often_is_no_hypothesis():
    same = ("a vivid photo: a boat",)
    assert proposed(*same, b=same) == [NOTHING]


def test_what_the_base_images_show_more_is_no_hypothesis_about_the_personalized():
    assert proposed("a photo: a boat", b=("a vivid photo: a boat",)) == [NOTHING]


def test_no_more_hypotheses_than_asked_for():
    captions = GroupCaptions(a=("a vivid and grainy and sepia photo: a boat",), b=("a photo: a boat",))
    assert len(WORDS.propose(captions, n=2).splitlines()) == 2


def test_strengths_are_said_by_words_of_degree():
    said = WORDS.compare([("vivid", 8.0), ("grainy", 2.0), ("sepia", 6.0)])
    assert said == "The personalized images are very vivid, slightly grainy and sepia."


def test_stronger_is_never_said_more_weakly():
    words = [WORDS.compare([("vivid", level / 2)]) for level in range(21)]
    assert list(dict.fromkeys(words)) == [words[i] for i in range(21) if words[i] not in words[:i]]
    assert words.index("The personalized images are very vivid.") > words.index(
        "The personalized images are slightly vivid."
    )


def test_nothing_to_say_is_said():
    assert NOTHING in WORDS.compare([])
