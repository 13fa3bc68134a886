"""The naive method reads every JSON shape and invents nothing."""

import random

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
    "repeated": '[{"aspect": "vivid", "score": 8}, {"aspect": "grainy", "score": 2.5}, {"vivid": 1}]',
    "other key": '[{"concept": "vivid", "score": 8}, {"name": "grainy", "score": 2.5}]',
    "capital keys": '[{"Aspect": "vivid", "Score": 8}, {"ASPECT": "grainy", " rating ": 2.5}]',
    "an object for each": '{"vivid": {"score": 8}, "grainy": {"Score": "2.5 out of 10", "why": "noise"}}',
    "in an object by name": '{"scores": {"vivid": 8, "grainy": 2.5}, "overall": 5}',
    "numbered objects": '{"1": {"aspect": "vivid", "score": 8}, "2": {"aspect": "grainy", "score": 2.5}}',
    "with objects inside": '[{"aspect": "vivid", "score": 8, "why": {"a": 1}}, {"aspect": "grainy", "score": 2.5}]',
    "pairs": '[["vivid", 8], ["grainy", 2.5]]',
    "Python": "[{'aspect': 'vivid', 'score': 8}, {'aspect': 'grainy', 'score': 2.5}]",
    "typeset quotes": "[{“aspect”: “vivid”, “score”: 8}, {“aspect”: “grainy”, “score”: 2.5}]",
    "lines": "vivid: 8 out of 10\ngrainy: 2.5",
    "numbered lines": "1. vivid: 8/10\n2. **Grainy**: 2.5/10 - noise, in the dark\nOverall: 9/10",
    "bold lines": "- **Vivid:** 8\n- **Grainy** (2.5/10): noise",
    "one line": "vivid: 8, grainy: 2.5/10",
    "without colons": "Vivid 8/10\nGrainy – 2.5/10",
    "table": "| Aspect | Score |\n|---|---|\n| Vivid | 8 |\n| grainy | 2.5/10 |",
    "numbered table": "| # | aspect | score | why |\n|:-|:-|:-|:-|\n| 1 | vivid | 8 | x |\n| 2 | grainy | 2.5 | y |",
    "lines with bad numbers": "vivid: 8\ndark: 6-8\nwarm: 1e9\ncold: -5\nharsh: 4 to 6\nred: nan\ngrainy: 2.5",
    "partly broken": (
        '[{"aspect": "vivid", "score": 8}, {"aspect": "dark", "score": 85},'
        ' {"aspect": "grainy", "score": 2.5}, {"aspect": "warm", "score": NaN},'
        ' {"aspect": "odd", "score": true}, {"aspect": "", "score": 3}]'
    ),
}
UNREADABLE = {
    "": "empty",
    "I'm sorry, I can't help with that.": "refused",
    "vivid 8, grainy 2": "unparsable",
    '[{"aspect": "vivid"}]': "unparsable",
    '[{"aspect": "vivid", "score": 8}, {"aspect": "da': "cut",
    '[{"aspect": "vivid", "score": 85}]': "unparsable",
    '[{"aspect": "vivid", "score": "6-8"}]': "unparsable",
    '{"aspect": "vivid", "score": ' + "9" * 400 + "}": "unparsable",
    '{"score": 7}': "unparsable",
    '{"Overall": 7, "pair 3": 4, "style score": 2}': "unparsable",
    '{\n"vivid": {\n"a": 1\n}\n}': "unparsable",
    '{"vivid": [{"a": 1}]}': "unparsable",
    "Score: 7/10": "unparsable",
    "| aspect | base | personalized |\n| vivid | 3 | 8 |": "unparsable",
    "The image is rated 8/10": "unparsable",
    "I cannot rate these.\nvivid: 3": "refused",
    "Request denied: 8": "refused",
}


@pytest.mark.parametrize("text", READABLE.values(), ids=READABLE.keys())
def test_scored_aspects_of_every_shape_are_read(text):
    explanation = read_scored_aspects(text)
    assert isinstance(explanation, ScoredExplanation)
    assert [(claim.concept, claim.amount) for claim in explanation.claims] == [
        ("vivid", 8),
        ("grainy", 2.5),
    ]


@pytest.mark.parametrize("text", ["[]", "No difference.", '{"aspects": []}'])
def test_no_difference_is_an_answer_without_claims(text):
    explanation = read_scored_aspects(text)
    assert isinstance(explanation, ScoredExplanation) and explanation.claims == ()


@pytest.mark.parametrize("text, reason", UNREADABLE.items())
def test_what_cannot_be_read_is_a_typed_outcome(text, reason):
    explanation = read_scored_aspects(text)
    assert isinstance(explanation, NoExplanation) and explanation.reason == reason


def test_whatever_is_said_is_typed_and_never_raises():
    """Six hundred replies cut, joined and shuffled from all of the above."""
    chance = random.Random(0)
    said = [
        *READABLE.values(),
        *UNREADABLE,
        "[" * 200,
        '{"a":' * 200,
        "NaN, -1e999, Infinity",
        "||",
        "\x00\ud800",
    ]
    for _ in range(600):
        text = "".join(one[chance.randrange(len(one) + 1) :] for one in chance.sample(said, 3))
        text = "".join(chance.sample(text, len(text))) if chance.random() < 0.3 else text
        explanation = read_scored_aspects(text)
        if isinstance(explanation, ScoredExplanation):
            assert all(0 <= claim.amount <= 10 and claim.concept for claim in explanation.claims)
            assert not {"score", "aspect", "name"} & {claim.concept for claim in explanation.claims}
        else:
            assert explanation.reason in ("refused", "empty", "cut", "unparsable")


def test_one_question_shows_several_pairs():
    vlm = Recorder(Reply(text="[]"))
    NaiveVLM(vlm=vlm, settings=NaiveSettings(n_vlm_pairs=3)).explain(WORLD.pairs(levels={"vivid": 1}))
    assert [(question.task, len(question.images)) for question in vlm.questions] == [(Task.SCORED_ASPECTS, 6)]


def test_no_reply_keeps_its_reason():
    explanation = NaiveVLM(vlm=Recorder(NoReply(reason="timeout"))).explain(WORLD.pairs(levels={"vivid": 1}))
    assert explanation == NoExplanation(reason="timeout")


def test_the_toy_vlm_states_the_levels():
    explanation = NaiveVLM(vlm=WORLD.vlm).explain(WORLD.pairs(levels={"vivid": 3, "dark": 7}))
    assert {claim.concept: claim.amount for claim in explanation.claims} == {"vivid": 3, "dark": 7}


def test_the_naive_method_is_an_explainer():
    assert isinstance(NaiveVLM(vlm=WORLD.vlm), Explainer)


@pytest.mark.parametrize(
    "text",
    [
        '{"thoughts": [{"aspect": "blue", "score": 9}], "aspects": [{"aspect": "vivid", "score": 8}]}',
        '<|START_THINKING|>{"aspect": "blue", "score": 9}<|END_THINKING|>[{"aspect": "vivid", "score": 8}]',
        '[{"aspect": "vivid", "score": 8,},]',
        "[{aspect: 'vivid', score: 8}]  // all",
        '"[{\\"aspect\\": \\"vivid\\", \\"score\\": 8}]"',
    ],
)
def test_json_is_read_as_models_write_it_and_never_their_thoughts(text: str) -> None:
    found = read_scored_aspects(text)
    assert isinstance(found, ScoredExplanation)
    assert [(one.concept, one.amount) for one in found.claims] == [("vivid", 8.0)]


@pytest.mark.parametrize("text", ["502 Bad Gateway", '{"code": 5, "status": 3}'])
def test_an_error_has_no_scores(text: str) -> None:
    assert read_scored_aspects(text) == NoExplanation(reason="unparsable", detail=text)
