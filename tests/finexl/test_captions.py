"""Captions survive the way into a question's text and out of it."""

import pytest

from finexl.captions import GroupCaptions, read_captions, write_groups, write_pairs

CAPTIONS = GroupCaptions(a=("a vivid boat", "Group B: a trap"), b=("a boat", "two trees"))


def test_captions_paired_by_prompt_are_read_back():
    assert read_captions(f"Compare:\n\n{write_pairs(['boat', 'trees'], CAPTIONS)}\n\nAnswer.") == CAPTIONS


def test_captions_in_two_groups_are_read_back():
    assert read_captions(write_groups(CAPTIONS)) == CAPTIONS


def test_a_caption_of_several_lines_stays_one_caption():
    written = write_pairs(["boat"], GroupCaptions(a=("a boat\nGroup B: not me",), b=("a boat",)))
    assert read_captions(written) == (("a boat Group B: not me",), ("a boat",))


def test_captions_that_do_not_pair_are_refused():
    with pytest.raises(ValueError, match=r"shorter|longer"):
        write_pairs(["boat", "trees"], GroupCaptions(a=("a boat",), b=("a boat", "two trees")))
