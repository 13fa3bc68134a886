"""The naive method reads every JSON shape and invents nothing."""

import pytest

from baselines.naive import NaiveSettings, NaiveVLM, read_scored_aspects
from finexl.interfaces import Explainer, NoReply, Reply, Task
from finexl.toy import ToyWorld
from finexl.values import NoExplanation, ScoredExplanation

WORLD = ToyWorld()


class Recorder:
    """Keeps the questions and gives one answer."""

    id = "recorder"

    def __init__(self, answer):
        self.answer = answer
        self.questions = []

    def ask(self, questions):
        self.questions.extend(questions)
        return (self.answer,) * len(questions)


READABLE = {
    "as asked": '[{"aspect": "Vivid", "score": 8}, {"aspect": "grainy", "score": 2.5}]',
    "fenced": '```json\n[{"aspect": "vivid", "score": 8},\n {"aspect": "grainy", "score": 2.5}]\n```',
    "with text around": 'Here: [{"aspect": "vivid", "score": 8}, {"aspect": "grainy", "score": 2.5}]. Bye',
    "in an object": '{"aspects": [{"aspect": "vivid", "score": 8}, {"aspect": "grainy", "score": 2.5}]}',
    "one object": '{"vivid": 8, "grainy": 2.5}',
    "as text": '[{"aspect": "vivid", "score": "8/10"}, {"aspect": "grainy", "score": "2.5"}]',
    "cut off": '[{"aspect": "vivid", "score": 8}, {"aspect": "grainy", "score": 2.5}, {"aspect": "da',
    "repeated": '[{"aspect": "vivid", "score": 8}, {"aspect": "grainy", "score": 2.5}, {"vivid": 1}]',
    "other key": '[{"concept": "vivid", "score": 8}, {"name": "grainy", "score": 2.5}]',
    "partly broken": (
        '[{"aspect": "vivid", "score": 8}, {"aspect": "dark", "score": 85},'
        ' {"aspect": "grainy", "score": 2.5}, {"aspect": "warm", "score": NaN},'
        ' {"aspect": "odd", "score": true}, {"aspect": "", "score": 3}]'
    ),
}
UNREADABLE = {
    "[]": "empty",
    "": "empty",
    "No difference.": "empty",
    "I'm sorry, I can't help with that.": "refused",
    "vivid 8, grainy 2": "unparsable",
    '[{"aspect": "vivid"}]': "unparsable",
    '[{"aspect": "vivid", "score": 85}]': "unparsable",
}


@pytest.mark.parametrize("text", READABLE.values(), ids=READABLE.keys())
def test_scored_aspects_of_every_shape_are_read(text):
    explanation = read_scored_aspects(text)
    assert isinstance(explanation, ScoredExplanation)
    assert [(scored.concept, scored.score) for scored in explanation.concepts] == [
        ("vivid", 8),
        ("grainy", 2.5),
    ]


@pytest.mark.parametrize("text, reason", UNREADABLE.items())
def test_what_cannot_be_read_is_a_typed_outcome(text, reason):
    explanation = read_scored_aspects(text)
    assert isinstance(explanation, NoExplanation) and explanation.reason == reason


def test_one_question_shows_several_pairs():
    vlm = Recorder(Reply(text="[]"))
    NaiveVLM(vlm=vlm, settings=NaiveSettings(n_vlm_pairs=3)).explain(WORLD.pairs(levels={"vivid": 1}))
    assert [(question.task, len(question.images)) for question in vlm.questions] == [(Task.SCORED_ASPECTS, 6)]


def test_no_reply_keeps_its_reason():
    explanation = NaiveVLM(vlm=Recorder(NoReply(reason="timeout"))).explain(WORLD.pairs(levels={"vivid": 1}))
    assert explanation == NoExplanation(reason="timeout")


def test_the_toy_vlm_states_the_levels():
    explanation = NaiveVLM(vlm=WORLD.vlm).explain(WORLD.pairs(levels={"vivid": 3, "dark": 7}))
    assert {scored.concept: scored.score for scored in explanation.concepts} == {"vivid": 3, "dark": 7}


def test_the_naive_method_is_an_explainer():
    assert isinstance(NaiveVLM(vlm=WORLD.vlm), Explainer)
