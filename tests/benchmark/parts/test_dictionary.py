"""The dictionary of the rivals is public: more than any corpus asks about, and the same for all."""

import pytest

from benchmark.parts.dictionary import public_dictionary
from benchmark.parts.wording import WORLD
from finetune.miniature.scenes import COLORS, SUBJECTS
from finetune.miniature.split import DEVELOPMENT_ASPECTS, SCORED

WORDS = public_dictionary()


def test_no_word_is_there_twice():
    assert len(set(WORDS)) == len(WORDS)


def test_it_holds_every_word_of_every_style_and_what_images_depict():
    assert {word for words in WORLD.values() for word in words} | set(SUBJECTS) | set(COLORS) <= set(WORDS)


@pytest.mark.parametrize("corpus", SCORED)
def test_most_of_it_names_nothing_that_a_corpus_asks_about(corpus):
    aspects, _ = SCORED[corpus]
    asked = {word for aspect in aspects for word in WORLD.get(aspect, ())}
    others = set(WORDS) - asked
    assert len(others) > len(WORDS) / 4
    assert set(DEVELOPMENT_ASPECTS) <= others
