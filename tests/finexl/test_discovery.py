"""What is asked, and how answers are united."""

import pytest

from finexl.discovery import discover, evenly_spread, interleaved
from finexl.errors import VLMError
from finexl.interfaces import NoReply, Reply, Task
from finexl.prompts import load
from finexl.settings import FineXLSettings
from finexl.toy import ToyWorld

WORLD = ToyWorld()
PAIRS = WORLD.pairs(levels={"vivid": 2, "dark": 1})


class ScriptedVLM:
    """Answers from a list, and keeps the questions."""

    id = "scripted"

    def __init__(self, *answers):
        self.answers = answers
        self.questions = []

    def ask(self, questions):
        self.questions.extend(questions)
        return tuple(self.answers)


def reply(text):
    return Reply(text=text)


def test_answers_are_united_in_first_seen_order():
    vlm = ScriptedVLM(reply("b, a"), reply("a, c"), reply("b"), reply("d, a"))
    assert discover(PAIRS, vlm=vlm, settings=FineXLSettings()).concepts == ("b", "a", "c", "d")


def test_every_question_has_a_typed_outcome():
    vlm = ScriptedVLM(
        reply("vivid"), NoReply(reason="timeout"), reply("I'm sorry, I can't help with that."), reply("None.")
    )
    found = discover(PAIRS, vlm=vlm, settings=FineXLSettings())
    assert found.outcomes == ("ok", "timeout", "refused", "none")
    assert (found.n_calls, found.counts["ok"]) == (4, 1)


def test_a_lost_answer_is_an_error():
    with pytest.raises(VLMError, match="asked 4 and returned 1"):
        discover(PAIRS, vlm=ScriptedVLM(reply("vivid")), settings=FineXLSettings())


def test_each_question_shows_base_then_personalized():
    vlm = ScriptedVLM(reply("a"), reply("a"))
    discover(PAIRS, vlm=vlm, settings=FineXLSettings(pairs_per_question=2))
    assert [len(question.images) for question in vlm.questions] == [4, 4]
    assert vlm.questions[1].images == (
        PAIRS.base[2],
        PAIRS.personalized[2],
        PAIRS.base[3],
        PAIRS.personalized[3],
    )


def test_every_question_is_about_differences():
    vlm = ScriptedVLM(reply("a"), reply("a"))
    discover(PAIRS, vlm=vlm, settings=FineXLSettings(n_vlm_pairs=2))
    assert {question.task for question in vlm.questions} == {Task.DIFFERENCES}


@pytest.mark.parametrize(
    ("answers", "failure"),
    [
        ((NoReply(reason="refused"), NoReply(reason="refused")), "refused"),
        ((NoReply(reason="refused"), reply("It is hard to say")), "empty"),
        ((reply(""), reply("")), "empty"),
        ((reply("no difference"), reply("no difference")), None),
        ((reply("no difference"), NoReply(reason="refused")), None),
        ((reply("vivid"), NoReply(reason="failed")), None),
    ],
)
def test_who_names_nothing_fails_unless_somebody_saw_no_difference(answers, failure):
    found = discover(PAIRS, vlm=ScriptedVLM(*answers), settings=FineXLSettings(n_vlm_pairs=2))
    assert found.failure == failure


def test_every_pair_is_shown_unless_a_shortcut_is_asked_for():
    every, some = ScriptedVLM(*[reply("a")] * 4), ScriptedVLM(reply("a"))
    discover(PAIRS, vlm=every, settings=FineXLSettings())
    discover(PAIRS, vlm=some, settings=FineXLSettings(n_vlm_pairs=1))
    assert (len(every.questions), len(some.questions)) == (len(PAIRS), 1)


def test_it_is_kept_how_many_answers_named_a_concept():
    vlm = ScriptedVLM(reply("b, a"), reply("a, c"), reply("a, a"), reply("d, b"))
    found = discover(PAIRS, vlm=vlm, settings=FineXLSettings())
    assert dict(zip(found.concepts, found.times_named, strict=True)) == {"b": 2, "a": 3, "c": 1, "d": 1}


@pytest.mark.parametrize("other", [NoReply(reason="refused"), reply("none"), NoReply(reason="timeout")])
def test_no_concept_after_an_outage_is_a_failure_and_not_an_answer(other):
    settings = FineXLSettings(n_vlm_pairs=2)
    found = discover(PAIRS, vlm=ScriptedVLM(other, NoReply(reason="failed")), settings=settings)
    assert found.failure == "failed"


@pytest.mark.parametrize("n", range(1, 40))
@pytest.mark.parametrize("n_shown", [1, 2, 8])
def test_shown_pairs_are_distinct_ascending_and_as_many_as_asked(n, n_shown):
    shown = evenly_spread(n, n_shown)
    assert len(shown) == min(n, n_shown)
    assert list(shown) == sorted(set(shown)) and shown[0] == 0 and shown[-1] < n


def test_shown_pairs_reach_both_ends():
    assert evenly_spread(100, 5) == (0, 25, 50, 74, 99)


def test_interleaved_images_keep_their_pairs():
    assert interleaved(PAIRS, (1,)) == (PAIRS.base[1], PAIRS.personalized[1])


@pytest.mark.parametrize("variant", ["condensed", "elaborated"])
def test_the_chosen_rewrite_is_what_is_asked(variant):
    vlm = ScriptedVLM(reply("a"))
    discover(PAIRS, vlm=vlm, settings=FineXLSettings(n_vlm_pairs=1, prompt=variant))
    assert [question.text for question in vlm.questions] == [load(Task.DIFFERENCES, variant=variant)]
