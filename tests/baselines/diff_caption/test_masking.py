"""Words and regions are hidden in the published shares."""

import pytest
import torch
from tiny_pairs import tiny_pairs

from baselines.diff_caption.masking import hide_regions, hide_words
from baselines.diff_caption.model import MASK
from baselines.diff_caption.stages import vocabulary_of

VOCABULARY = vocabulary_of(tiny_pairs())
CAPTION = "the second image is red and very dark"
WORDS = torch.tensor([VOCABULARY.encode(CAPTION, length=12)]).repeat(4000, 1)
HIDDEN = hide_words(WORDS, VOCABULARY, generator=torch.Generator().manual_seed(0))
END = 9


def test_fifteen_percent_of_the_words_are_asked_for() -> None:
    share = (HIDDEN.labels[:, 1:END] >= 0).float().mean()
    nothing = 0.85**8  # sentences in which chance hides none get their first word hidden
    assert float(share) == pytest.approx(0.15 + nothing / 8, abs=0.01)


def test_fifteen_percent_of_the_ends_are_masked() -> None:
    asked = HIDDEN.labels[:, END] >= 0
    assert float(asked.float().mean()) == pytest.approx(0.15, abs=0.02)
    assert (HIDDEN.words[asked, END] == VOCABULARY.id(MASK)).all()


def test_four_hidden_words_of_five_are_masked_and_one_of_ten_stays() -> None:
    asked = HIDDEN.labels[:, 2:END] >= 0
    shown, true = HIDDEN.words[:, 2:END][asked], WORDS[:, 2:END][asked]
    assert float((shown == VOCABULARY.id(MASK)).float().mean()) == pytest.approx(0.8, abs=0.03)
    assert float((shown == true).float().mean()) == pytest.approx(0.1 + 0.1 / len(VOCABULARY), abs=0.02)


def test_every_sentence_has_a_hidden_word() -> None:
    assert (HIDDEN.labels[:, 1:END] >= 0).any(dim=1).all()


def test_what_is_asked_for_is_the_true_word() -> None:
    asked = HIDDEN.labels >= 0
    assert torch.equal(HIDDEN.labels[asked], WORDS[asked])


def test_start_and_padding_are_never_touched() -> None:
    assert torch.equal(HIDDEN.words[:, 0], WORDS[:, 0]) and torch.equal(
        HIDDEN.words[:, END + 1 :], WORDS[:, END + 1 :]
    )
    assert (HIDDEN.labels[:, 0] < 0).all() and (HIDDEN.labels[:, END + 1 :] < 0).all()


def test_words_that_are_not_hidden_stay() -> None:
    kept = HIDDEN.labels < 0
    assert torch.equal(HIDDEN.words[kept], WORDS[kept])


def test_regions_of_one_image_are_hidden_and_at_least_one() -> None:
    hidden = hide_regions(2000, 9, generator=torch.Generator().manual_seed(1))
    first, second = hidden[:, :9].any(dim=1), hidden[:, 9:].any(dim=1)
    assert (first ^ second).all()
    assert float(first.float().mean()) == pytest.approx(0.5, abs=0.05)
    assert float(hidden.float().sum(dim=1).mean()) == pytest.approx(9 * 0.15 + 0.85**9, abs=0.1)
