"""The lexicon reader: which words name an aspect, how much, and what is not an answer."""

import pytest

from benchmark.read.readers import LexiconReader, read_each
from benchmark.record.records import ReadClaim, Reading
from finexl.values import Claim, NoExplanation, ScoredExplanation, TextExplanation

NAMES = {
    "vivid": ("vivid", "vibrant", "saturated"),
    "grainy": ("grainy", "noisy"),
    "blurry": ("blurry", "blurred"),
    "streaked": ("streaked", "motion-blurred"),
}
READER = LexiconReader(NAMES)


def scored(*concepts: tuple[str, float]) -> ScoredExplanation:
    return ScoredExplanation(claims=tuple(Claim(concept=words, amount=score) for words, score in concepts))


def read(explanation, *aspects: str) -> Reading:
    return READER.read_levels(explanation, aspects, corpus_aspects=tuple(NAMES))


def test_the_score_of_the_concept_that_names_the_aspect_is_its_value() -> None:
    assert read(scored(("noisy", 0.1), ("vivid", 0.7)), "vivid").values == (0.7,)


def test_synonyms_add_up() -> None:
    assert read(scored(("vivid", 0.5), ("vibrant", 0.25)), "vivid").values == (0.75,)


def test_a_concept_counts_once_however_often_it_names_the_aspect() -> None:
    assert read(scored(("vivid, vibrant colors", 0.5)), "vivid").values == (0.5,)


def test_a_concept_that_names_the_absence_counts_negatively() -> None:
    assert read(scored(("less vivid", 0.5)), "vivid").values == (-0.5,)


def test_silence_about_the_one_aspect_says_zero() -> None:
    reading = read(scored(("noisy", 0.5)), "vivid")
    assert (reading.values, reading.outcome) == ((0.0,), "ok")


def test_an_empty_explanation_is_an_answer() -> None:
    reading = read(scored(), "vivid", "grainy")
    assert (reading.values, reading.outcome, reading.claims, reading.named) == ((0.0, 0.0), "ok", (), None)


def test_claims_say_what_their_words_name_and_which_way() -> None:
    assert read(scored(("noisy", 0.2), ("less vivid", 0.5), ("tall", 0.1)), "vivid").claims == (
        ReadClaim(concept="less vivid", amount=-0.5, aspects=(("vivid", 1.0),)),
        ReadClaim(concept="noisy", amount=0.2, aspects=(("grainy", 1.0),)),
        ReadClaim(concept="tall", amount=0.1),
    )


def test_less_of_less_is_more() -> None:
    assert read(scored(("less vivid", -0.5)), "vivid").values == (0.5,)


def test_a_concept_that_names_two_aspects_is_two_claims() -> None:
    reading = read(scored(("vivid and grainy", 0.5)), "vivid", "grainy")
    assert reading.values == (0.5, 0.5)
    assert [claim.concept for claim in reading.claims] == ["vivid", "grainy"]


PARTS = {"gritty": (("vivid", 0.25), ("grainy", 0.75))}


def composite(*asked: str, explanation, corpus_aspects: tuple[str, ...] = tuple(NAMES)) -> Reading:
    reader = LexiconReader(NAMES | {"gritty": ("gritty",)}, parts=PARTS)
    return reader.read_levels(explanation, asked, corpus_aspects=corpus_aspects)


def test_a_composite_word_counts_for_its_parts_in_their_proportion() -> None:
    reading = composite("vivid", "grainy", explanation=scored(("gritty", 4.0)))
    assert reading.values == (1.0, 3.0)
    assert reading.claims == (
        ReadClaim(concept="gritty", amount=4.0, aspects=(("vivid", 0.25), ("grainy", 0.75))),
    )


def test_a_composite_word_of_the_corpus_is_itself_and_says_something_of_its_parts() -> None:
    reading = composite(
        "gritty", "grainy", explanation=scored(("gritty", 4.0)), corpus_aspects=("gritty", "vivid")
    )
    assert reading.values == (4.0, 3.0) and reading.named == "gritty"
    assert reading.claims[0].aspects == (("gritty", 1.0),)


def test_in_a_text_an_aspect_is_as_strong_as_its_strongest_claim() -> None:
    assert composite("grainy", explanation=TextExplanation(text="gritty 8/10, grainy 2/10")).values == (6.0,)


def test_words_of_two_labels_count_for_both_in_equal_parts() -> None:
    reader = LexiconReader({"a": ("dutch",), "b": ("dutch",)})
    (claim,) = reader.read_levels(scored(("dutch", 1.0)), ("a",), corpus_aspects=("a", "b")).claims
    assert claim.aspects == (("a", 0.5), ("b", 0.5))


def test_the_budget_decides_what_is_read() -> None:
    few, all_of_them = LexiconReader(NAMES, n_claims=1), LexiconReader(NAMES, n_claims=None)
    said = scored(("vivid", 2.0), ("grainy", 1.0))
    assert few.read_levels(said, ("grainy",), corpus_aspects=tuple(NAMES)).values == (0.0,)
    assert all_of_them.read_levels(said, ("grainy",), corpus_aspects=tuple(NAMES)).values == (1.0,)


def test_of_several_aspects_the_unnamed_read_zero() -> None:
    reading = read(scored(("noisy", 0.5)), "vivid", "grainy")
    assert (reading.values, reading.outcome) == ((0.0, 0.5), "ok")


def test_of_several_aspects_none_named_reads_zero_for_all() -> None:
    assert read(scored(("purple", 0.5)), "vivid", "grainy").values == (0.0, 0.0)


def test_where_nothing_was_said_nothing_is_read() -> None:
    said = (scored(("vivid", 0.5)), NoExplanation(reason="refused"), TextExplanation(text="very vivid"))
    readings = read_each(READER, said, ("vivid",), corpus_aspects=("vivid",))
    assert [reading and reading.values for reading in readings] == [(0.5,), None, (8.0,)]


def test_what_a_reader_returns_is_text_that_files_can_hold() -> None:
    class Odd:
        id = "odd"

        def read_levels(self, explanation, aspects, *, corpus_aspects):
            return Reading(values=None, outcome="unparsable", detail="x" * 900, replies=("?\ud800",))

    (reading,) = read_each(Odd(), (scored(),), (), corpus_aspects=())
    assert reading is not None and (len(reading.detail), reading.replies) == (500, ("??",))


def test_the_aspect_of_the_largest_magnitude_is_named() -> None:
    assert read(scored(("vivid", 0.4), ("noisy", -0.6)), "vivid").named == "grainy"


def test_an_aspect_can_be_named_that_is_not_asked_about() -> None:
    assert read(scored(("noisy", 0.4)), "vivid").named == "grainy"


def test_equal_scores_for_all_name_none() -> None:
    assert read(scored(("vivid", 1.0), ("grainy", 1.0), ("blurry", 1.0)), "vivid").named is None


def test_only_aspects_of_the_corpus_are_named() -> None:
    reading = READER.read_levels(
        scored(("vivid", 9.0), ("noisy", 1.0)), ("grainy",), corpus_aspects=("grainy", "blurry")
    )
    assert reading.named == "grainy"


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("The images are vivid.", 6),
        ("They are very vivid and slightly grainy.", 8),
        ("Slightly more vibrant colours; extremely noisy.", 2),
        ("vivid: 7/10, grainy: 2/10", 7),
        ("Vivid: 9. Grainy: 1.", 9),
        ("not vivid at all", 0),
        ("slightly vivid, then very vivid", 8),
    ],
)
def test_text_is_read_by_its_digits_or_degrees(text: str, level: int) -> None:
    assert read(TextExplanation(text=text), "vivid").values == (level,)


def test_text_that_does_not_name_the_one_aspect_says_zero() -> None:
    assert read(TextExplanation(text="Nothing much."), "vivid").values == (0.0,)


def test_text_that_names_one_of_two_aspects_reads_zero_for_the_other() -> None:
    assert read(TextExplanation(text="Extremely grainy"), "vivid", "grainy").values == (0.0, 10.0)


def test_replies_hold_the_sentence_that_was_read() -> None:
    assert read(TextExplanation(text="Very vivid, no grain."), "vivid").replies == (
        "vivid=8: 'very vivid , no grain'",
        "grain=0: 'very vivid , no grain'",
    )


def test_identity_follows_vocabulary_and_budget_and_no_order() -> None:
    assert READER.id == LexiconReader(dict(reversed(NAMES.items()))).id
    others = [
        LexiconReader({"vivid": ("vivid",)}),
        LexiconReader(NAMES, n_claims=4),
        LexiconReader(NAMES, n_claims=None),
        LexiconReader(NAMES, parts=PARTS),
    ]
    assert len({READER.id, *(other.id for other in others)}) == 5
