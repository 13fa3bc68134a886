"""Claims are true, related, false or said before."""

import pytest
from record_makers import claims

from benchmark.record.records import ReadClaim
from benchmark.score.claims import Judged, amounts_of, elements, judged, true_and_related, vocabulary
from finetune.miniature.aspects import ASPECTS, COMPOSITES

VINTAGE = ReadClaim(concept="retro", amount=2.0, aspects=COMPOSITES["vintage"].parts)


def word(text: str, amount: float = 1.0) -> ReadClaim:
    return ReadClaim(concept=text, amount=amount)


def test_a_claim_of_what_was_done_is_true() -> None:
    assert judged(claims(vivid=1.0), {"vivid": 2, "grainy": 0}) == Judged(1.0, 0.0, 1.0, 1)


def test_a_claim_of_what_was_not_done_is_false() -> None:
    assert judged(claims(grainy=0.01), {"vivid": 2, "grainy": 0}) == Judged(0.0, 1.0, 0.0, 1)


def test_less_of_a_true_aspect_is_false_and_finds_nothing() -> None:
    assert judged(claims(vivid=-1.0), {"vivid": 2}) == Judged(0.0, 1.0, 0.0, 1)


def test_less_of_an_aspect_is_true_where_its_level_is_below_zero() -> None:
    assert judged(claims(vivid=-1.0), {"vivid": -2}) == Judged(1.0, 0.0, 1.0, 1)


def test_what_looks_like_a_true_aspect_counts_neither_way() -> None:
    assert judged(claims(pixelated=1.0), {"blurry": 1}) == Judged(0.0, 0.0, 0.0, 1)
    assert judged(claims(bright=-1.0), {"dark": 1}) == Judged(0.0, 0.0, 0.0, 1)


def test_words_that_name_no_aspect_are_false() -> None:
    assert judged([word("joyful"), word("calm")], {"vivid": 1}).false == 2


def test_an_unasked_aspect_is_as_true_as_an_asked_one() -> None:
    assert judged(claims(vivid=2.0, snowy=1.0), {"vivid": 1, "snowy": 2}) == Judged(2.0, 0.0, 2.0, 2)


@pytest.mark.parametrize(("aspect", "share"), [("sepia", 0.375), ("grainy", 0.25), ("vignetted", 0.375)])
def test_a_composite_word_is_judged_by_its_parts(aspect: str, share: float) -> None:
    true, _, found, _ = judged([VINTAGE], {aspect: 1})
    assert (true, found) == (pytest.approx(share), pytest.approx(share))


def test_parts_of_a_composite_are_true_false_and_related_by_themselves() -> None:
    """Of "vintage", sepia is true of a model that is both sepia and doubled; grain and dark corners are not."""
    assert judged([VINTAGE], {"sepia": 1, "doubled": 1}) == Judged(0.375, 0.625, 0.375, 2)


def test_of_a_composite_truth_the_name_and_its_parts_are_true() -> None:
    assert judged([VINTAGE], {"vintage": 1}) == Judged(1.0, 0.0, 1.0, 1)
    assert judged(claims(vintage=1.0), {"vintage": 1}) == Judged(1.0, 0.0, 1.0, 1)
    assert judged(claims(sepia=1.0), {"vintage": 1}) == Judged(1.0, 0.0, 0.375, 1)


def test_what_was_claimed_before_counts_no_second_time() -> None:
    synonym = ReadClaim(concept="vibrant", amount=0.5, aspects=(("vivid", 1.0),))
    first = (*claims(vivid=1.0, doubled=0.7), word("joyful"))
    assert judged([*first, synonym, *first], {"vivid": 1}) == judged(first, {"vivid": 1})


def test_a_part_that_is_claimed_by_its_own_name_too_counts_whole_in_either_order() -> None:
    both = [VINTAGE, *claims(sepia=1.0)]
    assert judged(both, {"sepia": 1}) == judged(both[::-1], {"sepia": 1}) == Judged(1.0, 0.625, 1.0, 1)


def test_the_opposite_of_a_claim_is_another_claim() -> None:
    both = (*claims(vivid=1.0), *claims(vivid=-1.0))
    assert judged(both, {"vivid": 1}) == Judged(1.0, 1.0, 1.0, 1)


def test_parts_have_shares_that_sum_to_one() -> None:
    for name in (*ASPECTS, *COMPOSITES, "Halloway"):
        assert sum(share for _, share in elements(name)) == pytest.approx(1.0)


def test_amounts_of_an_aspect_add_up_over_claims() -> None:
    half = ReadClaim(concept="sepia print", amount=4.0, aspects=(("sepia", 0.5), ("grainy", 0.5)))
    assert amounts_of([half, *claims(sepia=1.0)], ["sepia", "grainy", "vivid"]) == [3.0, 2.0, 0.0]


def test_a_guess_may_name_every_elementary_aspect_of_the_world() -> None:
    assert vocabulary({"vivid", "vintage"}) == frozenset(ASPECTS)
    assert vocabulary({"Halloway", "vivid"}) == {"Halloway", "vivid"}


def test_words_are_counted_by_what_claiming_them_would_be() -> None:
    hits = true_and_related({"blurry": 1, "vivid": 0}, tuple(ASPECTS))
    assert (hits.n_true, hits.n_related) == (1, 3)
