"""Words for one thing become one aspect, by their vectors alone."""

import numpy as np

from finexl.robust.aspects import aspects_of

E = np.eye(4)
NEAR = 0.98 * E[0] + 0.2 * E[1]


def names(words, vectors, cosine=0.94):
    return [aspect.names for aspect in aspects_of(words, np.array(vectors), cosine=cosine)]


def test_words_of_one_direction_are_one_aspect_with_the_most_central_name_first():
    assert names(["a", "b", "c"], [E[0], NEAR, 0.9 * E[0] + 0.9 * E[3]]) == [("a", "b"), ("c",)]


def test_every_two_words_of_an_aspect_are_alike():
    """A chain whose neighbours are alike and whose ends are not is cut."""
    angles = np.array([0.0, 0.3, 0.6])  # cosines .955 and .825
    chain = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    assert sorted(map(len, names(["a", "b", "c"], chain))) == [1, 2]


def test_the_order_of_words_changes_nothing():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(30, 4))
    words = [f"w{i:02d}" for i in range(30)]
    shuffled = rng.permutation(30)
    assert names(words, vectors) == names([words[i] for i in shuffled], vectors[shuffled])


def test_opposite_words_are_two_aspects():
    assert names(["a", "b"], [E[0], -E[0]]) == [("a",), ("b",)]


def test_a_word_that_the_encoder_does_not_see_names_nothing():
    assert names(["a", "b"], [E[0], 0 * E[0]]) == [("a",)]


def test_sets_of_words_that_are_far_from_each_other_do_not_change_each_others_groups():
    rng = np.random.default_rng(0)
    near, other = rng.normal(size=(2, 40, 3))
    apart = np.block([[near, 0 * near], [0 * other, other]])
    words = [f"{where}{i:02d}" for where in "ab" for i in range(40)]
    together = names(words, apart, cosine=0.8)
    assert together == sorted(names(words[:40], near, cosine=0.8) + names(words[40:], other, cosine=0.8))
