"""The lexicon reader: which words name an aspect, how much, and what is not an answer."""

import pytest

from benchmark.read.readers import LexiconReader, read_each
from benchmark.record.records import Reading
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


def test_one_aspect_that_is_not_named_has_no_reading() -> None:
    reading = read(scored(("noisy", 0.5)), "vivid")
    assert (reading.values, reading.outcome) == (None, "unmatched")


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


def test_an_aspect_can_be_named_where_there_is_no_reading() -> None:
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


def test_text_that_does_not_name_the_one_aspect_has_no_reading() -> None:
    assert read(TextExplanation(text="Nothing much."), "vivid").outcome == "unmatched"


def test_text_that_names_one_of_two_aspects_reads_zero_for_the_other() -> None:
    assert read(TextExplanation(text="Extremely grainy"), "vivid", "grainy").values == (0.0, 10.0)


def test_replies_hold_the_clause_that_was_read() -> None:
    assert read(TextExplanation(text="Very vivid, no grain."), "vivid").replies == (
        "vivid=8: 'Very vivid'",
        "grainy=0: 'no grain'",
    )


def test_identity_follows_the_vocabulary_and_not_its_order() -> None:
    assert READER.id == LexiconReader(dict(reversed(NAMES.items()))).id
    assert READER.id != LexiconReader({"vivid": ("vivid",)}).id
