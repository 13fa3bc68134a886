"""The reading budget: the strongest claims, ties together or not at all."""

import pytest

from benchmark.read.budget import strongest, within_budget
from benchmark.record.records import ReadClaim


def claims(*amounts: float) -> list[ReadClaim]:
    return [ReadClaim(concept=f"word {place}", amount=amount) for place, amount in enumerate(amounts)]


def kept(*amounts: float, n: int | None = 5) -> list[float]:
    return [claim.amount for claim in strongest(claims(*amounts), n)]


def test_the_strongest_are_read_first_whatever_their_sign() -> None:
    assert kept(1, -7, 3, 5, 6, 2, 4) == [-7, 6, 5, 4, 3]


def test_equal_claims_keep_their_order() -> None:
    assert [claim.concept for claim in strongest(claims(1, 2, 1), 5)] == ["word 1", "word 0", "word 2"]


def test_equal_claims_on_the_edge_are_dropped_together() -> None:
    assert kept(9, 8, 7, 6, 5, 5) == [9, 8, 7, 6]
    assert kept(9, 1, 1, 1, 1, -1, 1) == [9]


def test_claims_that_are_all_equal_are_not_read_where_they_are_too_many() -> None:
    assert kept(*[1.0] * 6) == [] and kept(*[1.0] * 5) == [1.0] * 5


def test_what_differs_by_rounding_alone_is_equal() -> None:
    assert kept(0.1 + 0.2, 0.3, 0.3, 0.3, 0.3, 0.3) == []


def test_nothing_is_claimed_with_amount_zero() -> None:
    assert kept(0.0, -0.0, 2.0) == [2.0]


def test_without_a_budget_all_are_read() -> None:
    assert kept(*range(1, 9), n=None) == [8, 7, 6, 5, 4, 3, 2, 1]


def test_the_same_words_twice_are_the_stronger_claim() -> None:
    twice = [
        ReadClaim(concept=words, amount=amount) for words, amount in [("Film  grain", 1), ("film grain", 3)]
    ]
    assert [claim.amount for claim in strongest(twice, 5)] == [3]


def test_a_word_takes_a_place_for_every_aspect_that_it_names() -> None:
    parts = (("sepia", 0.4), ("grainy", 0.3), ("vignetted", 0.3))
    film, *others = claims(5, 4, 3, 2)
    vintage = film.model_copy(update={"aspects": parts})
    assert strongest([vintage, *others], 5) == (vintage, *others[:2])
    assert within_budget([vintage, vintage, *others], 5) == (vintage,)


def test_the_strongest_claim_is_read_whatever_places_it_takes() -> None:
    (claim,) = claims(1)
    wide = claim.model_copy(update={"aspects": tuple((name, 0.1) for name in "abcdefghij")})
    assert strongest([wide], 1) == (wide,)


@pytest.mark.parametrize("copy", ["vivid!", "Vivid.", " *vivid*", "viv\u200bid"])
def test_marks_make_no_other_words_of_the_same(copy: str) -> None:
    twice = [ReadClaim(concept=words, amount=1.0) for words in ("vivid", copy)]
    assert len(strongest(twice, 5)) == 1


def test_words_of_marks_alone_are_told_apart() -> None:
    marks = [ReadClaim(concept=words, amount=1.0) for words in ("!", "?")]
    assert len(strongest(marks, 5)) == 2


@pytest.mark.parametrize("n", [1, 3, 5])
def test_no_more_than_the_budget_is_read(n: int) -> None:
    assert len(kept(*range(1, 20), n=n)) == n
