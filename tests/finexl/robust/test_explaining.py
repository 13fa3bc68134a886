"""Known mixtures are found with honest intervals, and nothing is found where nothing is."""

from dataclasses import replace

import numpy as np
import pytest
from known_mixtures import VECTORS, WIDTH, WORDS, amounts, evidence, explained
from pytest import approx

from finexl.errors import InvalidInputError
from finexl.explanation import Verdict
from finexl.robust.evidence import Evidence, finite_rows

MIXTURE = {"word03": 0.8, "word11": 0.4}


def test_a_mixture_of_orthogonal_words_is_found_exactly():
    found = explained(evidence(MIXTURE))
    assert amounts(found) == approx(MIXTURE)
    assert found.verdict is Verdict.CHANGED and found.explained == approx(1.0)


def test_the_strongest_claim_comes_first():
    assert [claim.concept for claim in explained(evidence(MIXTURE)).claims] == ["word03", "word11"]


def test_less_of_something_is_a_claim_below_zero():
    found = amounts(explained(evidence({"word03": 0.8, "word11": -0.7})))
    assert found == approx({"word03": 0.8, "word11": -0.7})


def test_base_and_tuned_exchanged_negate_every_amount_and_change_nothing_else():
    given = evidence({"word03": 0.8, "word11": 0.4, "word15": -0.5}, noise=0.3)
    there = explained(given)
    back = explained(Evidence(base=given.tuned, tuned=given.base))
    assert amounts(back) == approx({name: -amount for name, amount in amounts(there).items()})
    assert [claim.p_value for claim in back.claims] == approx([claim.p_value for claim in there.claims])
    assert (back.verdict, back.explained) == (there.verdict, approx(there.explained))


def test_the_order_of_words_and_of_prompts_changes_nothing_but_the_numbers_of_pairs():
    given, rng = evidence(MIXTURE, noise=0.4), np.random.default_rng(1)
    words, pairs = rng.permutation(len(WORDS)), rng.permutation(given.n)
    there = explained(given)
    back = explained(
        Evidence(base=given.base[pairs], tuned=given.tuned[pairs]),
        words=[WORDS[i] for i in words],
        vectors=VECTORS[words],
    )
    assert amounts(back) == approx(amounts(there))
    assert back.notes["p_value"] == there.notes["p_value"]
    moved = [tuple(pairs[i] for i in claim.most_moved) for claim in back.claims]
    assert moved == [claim.most_moved for claim in there.claims]


def test_intervals_cover_the_true_amount_in_92_to_97_percent_of_draws_of_prompts():
    hits = []
    for seed in range(300):
        for claim in explained(evidence(MIXTURE, n=24, noise=0.2, seed=seed), n_flips=99).claims:
            low, high = claim.interval
            hits.append(low <= MIXTURE.get(claim.concept, 0.0) <= high)
    assert 0.92 <= np.mean(hits) <= 0.97


@pytest.mark.parametrize("paired", [True, False])
def test_where_nothing_changed_something_is_claimed_in_at_most_5_percent_of_200_draws(paired: bool):
    claimed = 0
    for seed in range(200):
        chance = np.random.default_rng(seed)
        base, tuned = chance.normal(size=(2, 24, WIDTH))
        claimed += bool(explained(Evidence(base=base, tuned=tuned, paired=paired), n_flips=199).changes)
    assert claimed <= 10


def test_few_noisy_pairs_are_not_enough_data_and_more_noise_needs_more_pairs():
    found = [explained(evidence({}, n=12, noise=noise, seed=3)) for noise in (0.5, 1.0, 2.0)]
    assert {one.verdict for one in found} == {Verdict.NOT_ENOUGH_DATA}
    needed = [one.pairs_needed for one in found]
    assert needed == sorted(needed) and needed[0] > 12
    assert needed[2] == approx(4 * needed[1], rel=0.05)


@pytest.mark.parametrize("n", [3, 6, 12])
def test_who_makes_as_many_pairs_as_are_needed_seldom_wants_more_and_who_makes_half_of_them_does(n: int):
    wanting = {1.0: 0, 0.5: 0}
    for seed in range(40):
        needed = explained(evidence({}, n=n, noise=0.3, seed=seed), n_flips=99).pairs_needed
        assert needed is not None
        for share in wanting:
            again = evidence({}, n=int(share * needed), noise=0.3, seed=1000 + seed)
            wanting[share] += explained(again, n_flips=99).verdict is Verdict.NOT_ENOUGH_DATA
    assert wanting[1.0] <= 10 and wanting[0.5] >= 35


def test_without_words_nothing_says_how_many_pairs_more():
    chance = np.random.default_rng(1)
    for n, needed in ((3, 7), (9, None)):
        base, tuned = chance.normal(size=(2, n, WIDTH))
        found = explained(Evidence(base=base, tuned=tuned), words=(), vectors=np.empty((0, 1)))
        assert (found.verdict, found.pairs_needed) == (Verdict.NOT_ENOUGH_DATA, needed)


def test_unpaired_pictures_that_are_all_the_same_have_no_numbers_that_are_none():
    base, tuned = np.zeros((5, WIDTH)), np.tile(VECTORS[3], (5, 1))
    found = explained(Evidence(base=base, tuned=tuned, paired=False))
    assert all(np.isfinite([*claim.interval, claim.p_value]).all() for claim in found.claims) and found.claims
    found.to_json()


def test_a_claim_that_does_not_hold_by_itself_is_told_with_its_amount_where_the_whole_change_holds():
    given = evidence({"word03": 0.8, "word11": 0.4}, n=12, noise=0.35, seed=5)
    found = explained(given, penalty=0.05)
    unsure = {claim.concept for claim in found.claims} - {claim.concept for claim in found.changes}
    assert found.verdict is Verdict.CHANGED and unsure
    told = {claim.concept: claim.amount for claim in found.scored().claims}
    assert told == {claim.concept: claim.amount for claim in found.claims}


def test_what_is_told_comes_by_falling_amount_sure_or_not():
    sure, unsure = Verdict.CHANGED, Verdict.NOT_ENOUGH_DATA
    (one, *_) = (found := explained(evidence(MIXTURE))).claims
    claims = [replace(one, concept=f"{amount}", amount=amount, verdict=verdict) for amount, verdict in
              ((0.2, sure), (-0.1, sure), (0.7, unsure), (-0.4, unsure))]  # fmt: skip
    told = replace(found, claims=tuple(claims)).told
    assert [claim.amount for claim in told] == [0.7, -0.4, 0.2, -0.1]


def test_a_change_no_longer_than_training_makes_it_tells_nothing():
    found = explained(evidence({"word03": 0.2}, n=40, noise=0.01), least_shift=0.5)
    assert (found.verdict, found.told, found.scored().claims) == (Verdict.CHANGED, (), ())
    assert [claim.verdict for claim in found.claims] == [Verdict.UNCHANGED]


@pytest.mark.parametrize(
    ("n", "noise", "verdict"), [(8, 0.5, "not enough data"), (200, 0.2, "no detectable change")]
)
def test_where_nothing_moved_for_sure_claims_say_so_and_nothing_is_told(n: int, noise: float, verdict: str):
    found = explained(evidence({}, n=n, noise=noise, seed=2), least_explained=0.0, explained_per_claim=0.0)
    assert found.verdict == verdict and found.claims and found.scored().claims == ()
    assert {claim.verdict for claim in found.claims} == {found.verdict}


def test_no_p_value_is_zero():
    assert all(claim.p_value > 0 for claim in explained(evidence(MIXTURE)).claims)


def test_pairs_that_would_have_shown_a_change_say_that_there_is_none():
    found = explained(evidence({}, n=60, noise=0.02))
    assert found.verdict is Verdict.UNCHANGED and found.smallest_change < 0.1
    assert found.claims == () or not found.changes


def test_what_rounding_does_to_every_pair_alike_is_no_change_whatever_its_p():
    found = explained(evidence({"word03": 0.003}, n=24, noise=0.001))
    assert found.notes["p_value"] <= 0.02
    assert (found.verdict, found.changes, found.smallest_change) == (Verdict.UNCHANGED, (), 0.005)


def test_a_change_of_a_hundredth_that_all_pairs_show_is_one():
    assert explained(evidence({"word03": 0.01}, n=24, noise=0.001)).verdict is Verdict.CHANGED


def test_too_few_pairs_for_signs_to_say_anything_never_change():
    assert explained(evidence({"word03": 1.0}, n=3, noise=0.1)).verdict is not Verdict.CHANGED


def test_the_same_images_have_not_changed():
    rows = np.random.default_rng(0).normal(size=(8, WIDTH))
    found = explained(Evidence(base=rows, tuned=rows))
    assert (found.verdict, found.claims, found.smallest_change) == (Verdict.UNCHANGED, (), 0.0)


def test_two_words_of_one_direction_are_one_claim_under_both_names():
    found = explained(evidence(MIXTURE), words=(*WORDS, "same"), vectors=[*VECTORS, VECTORS[3]])
    (claim,) = [claim for claim in found.claims if "same" in (claim.concept, *claim.other_names)]
    assert {claim.concept, *claim.other_names} == {"word03", "same"} and claim.amount == approx(0.8)


def test_aspects_that_noise_hides_the_difference_of_are_an_inseparable_set():
    """The second direction is .9 like the first: apart without noise, and not with much of it."""
    twin = 0.9 * VECTORS[3] + np.sqrt(1 - 0.9**2) * np.linalg.norm(VECTORS[3]) * np.eye(WIDTH)[30]
    given = {"words": (*WORDS, "twin"), "vectors": [*VECTORS, twin]}
    (clear,) = explained(evidence({"word03": 0.8}, noise=0.01), **given).changes
    assert clear.inseparable == ()
    sets = []
    for seed in range(40):
        noisy = evidence({"word03": 0.8}, n=12, noise=0.4, seed=seed)
        (first, *_) = explained(
            noisy,
            **given,
            penalty=0.2,
            least_share=0.2,
            emphasis=1.0,
            least_explained=0.0,
            explained_per_claim=0.0,
            n_flips=99,
        ).claims
        sets.append({first.concept, *first.inseparable})
    assert (
        np.mean(["word03" in each for each in sets]) >= 0.9
    )  # five in a hundred of a one-sided error, and a draw
    assert np.mean([each >= {"word03", "twin"} for each in sets]) > 0.5


def test_a_change_that_no_word_names_is_unexplained_and_not_spread_over_words():
    chance = np.random.default_rng(5)
    base = chance.normal(size=(40, WIDTH))
    nameless = np.zeros(WIDTH)
    nameless[25:] = 0.3  # beside all words
    nameless[:20] = 0.08  # and a little along each
    found = explained(Evidence(base=base, tuned=base + nameless + 0.05 * chance.normal(size=base.shape)))
    assert found.verdict is Verdict.CHANGED and found.changes == () and found.explained == 0.0


@pytest.mark.parametrize(("emphasis", "named"), [(0.0, "word04"), (2.0, "word03")])
def test_with_emphasis_words_are_found_in_the_pairs_that_moved_most(emphasis: float, named: str):
    """All pairs moved a little by one word, and one in eight a whole length by another."""
    given = evidence({"word04": 0.25}, n=40)
    few = (np.arange(40) % 8 == 0)[:, None] * VECTORS[3]
    claims = explained(
        Evidence(base=given.base, tuned=given.tuned + few),
        emphasis=emphasis,
        least_share=0.6,
        least_explained=0.0,
    ).claims
    assert [claim.concept for claim in claims] == [named]


def test_emphasis_changes_which_words_are_found_and_not_how_much_of_them_there_is():
    given = evidence(MIXTURE, noise=0.1)
    there, back = (amounts(explained(given, emphasis=emphasis)) for emphasis in (0.0, 3.0))
    assert back == approx(there)


def test_unpaired_sets_have_wider_intervals():
    given = evidence({"word03": 0.9}, n=40, noise=0.1)
    (paired,) = explained(given).changes
    (unpaired,) = explained(
        Evidence(base=given.base * 0.3, tuned=given.tuned - 0.7 * given.base, paired=False)
    ).changes
    width = [high - low for low, high in (paired.interval, unpaired.interval)]
    assert unpaired.amount == approx(paired.amount) and width[1] > width[0]


def test_the_pairs_that_moved_most_along_a_claim_are_named():
    given = evidence({"word03": 0.5}, n=20)
    tuned = given.tuned.copy()
    tuned[7] += VECTORS[3]
    tuned[4] -= 0.3 * VECTORS[3]
    (claim,) = explained(Evidence(base=given.base, tuned=tuned)).changes
    assert claim.most_moved[0] == 7 and claim.least_moved[0] == 4


LOOKALIKES = np.vstack([VECTORS, VECTORS[3] + 0.5 * VECTORS[4]])
"""Of the last word the vector is near that of word03 (cosine .9 or so)."""


def test_of_two_words_that_explain_a_shift_alike_the_one_that_was_seen_is_claimed():
    given = evidence({"word03": 0.8, "word04": 0.2})
    both = {"words": (*WORDS, "twin"), "vectors": LOOKALIKES, "unseen_cost": 2.0, "seen_share": 0.25}
    claimed = {
        seen: explained(given, answers=[frozenset({seen}), frozenset()], **both).changes[0].concept
        for seen in ("word03", "twin")
    }
    assert claimed == {"word03": "word03", "twin": "twin"}


def test_what_nobody_saw_is_still_claimed_where_nothing_else_explains_the_shift():
    found = explained(evidence(MIXTURE), answers=[frozenset({"word07"})], unseen_cost=2.0, penalty=0.1)
    assert set(amounts(found)) == set(MIXTURE)


def test_without_a_model_that_was_asked_nothing_costs_more():
    given = evidence(MIXTURE, noise=0.4)
    assert amounts(explained(given, unseen_cost=3.0)) == amounts(explained(given, unseen_cost=1.0))


def test_at_a_cost_of_one_what_was_seen_does_not_matter():
    given = evidence(MIXTURE, noise=0.4)
    seen = explained(given, answers=[frozenset({"word03"}), frozenset({"word03", "word07"})], unseen_cost=1.0)
    assert amounts(seen) == amounts(explained(given))


def test_answers_that_name_an_aspect_count_once_whichever_of_its_words_they_use():
    synonym = np.vstack([VECTORS, VECTORS[3]])
    given = evidence({"word03": 0.8, "word04": 0.2})
    both = {"words": (*WORDS, "same"), "vectors": synonym, "unseen_cost": 2.0, "seen_share": 1.0}
    split = explained(given, answers=[frozenset({"word03"}), frozenset({"same"})], **both)
    whole = explained(given, answers=[frozenset({"word03", "same"})] * 2, **both)
    assert amounts(split) == amounts(whole)


@pytest.mark.parametrize("kind", [np.uint8, np.int64, np.float16, np.float32])
def test_rows_of_any_type_of_number_say_the_same(kind: type):
    chance = np.random.default_rng(0)
    base = chance.integers(100, 150, (12, 16))
    tuned = base - np.repeat([[1, 0]], 8, axis=1) * chance.integers(25, 35, (12, 16))
    vectors = 60 * np.repeat(np.eye(2), 8, axis=1)
    there, here = (
        explained(Evidence(base=base.astype(one), tuned=tuned.astype(one)), words=("a", "b"), vectors=vectors)
        for one in (np.float64, kind)
    )
    assert amounts(here) == approx(amounts(there)) and amounts(here)["a"] == approx(-0.5, abs=0.05)


@pytest.mark.parametrize(
    "rows", [np.ones((3, 2)) * 1e200, np.array([["a", "b"]]), np.ones((3, 2)) * 1j, np.ones(3)]
)
def test_rows_that_are_no_real_numbers_of_finite_length_are_refused(rows):
    with pytest.raises(InvalidInputError, match="`tuned` must hold rows"):
        finite_rows("tuned", rows)


@pytest.mark.parametrize(
    ("words", "vectors", "complaint"),
    [
        ("ab", VECTORS[:2], r"`words` must be a tuple or a list of words. Got 'ab'. Write \('ab',\)"),
        (("a", " "), VECTORS[:2], "none of them empty. Got ' '"),
        (("a", "b"), VECTORS[:1], r"as wide as the images' rows \(2, 40\). Got shape \(1, 40\)"),
        (("a",), VECTORS[:1, :3], r"Got shape \(1, 3\)"),
        (("a",), VECTORS[:1] * np.nan, "`vectors` must hold rows whose lengths are finite"),
    ],
)
def test_vectors_that_are_not_of_the_words_are_refused(words, vectors, complaint: str):
    with pytest.raises(InvalidInputError, match=complaint):
        explained(evidence(MIXTURE), words=words, vectors=vectors)


def test_two_sets_of_unequal_size_are_as_sure_when_base_and_tuned_are_exchanged():
    for seed in range(20):
        chance = np.random.default_rng(seed)
        base, tuned = chance.normal(size=(30, 6)), chance.normal(size=(9, 6)) + 0.3
        there = Evidence(base=base, tuned=tuned, paired=False)
        assert Evidence(base=tuned, tuned=base, paired=False).p_value(199) == there.p_value(199)
