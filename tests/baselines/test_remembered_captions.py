"""Models that are explained one by one share the captions of their base images, and answer as without memory."""

import pytest
from small_world import DICTIONARY, WORLD, Captioned, Says, pairs

from baselines.gsclip.explainers import GSCLIP
from baselines.remembered_captions import RemembersCaptions
from baselines.visdiff.explainers import VisDiff
from finexl.interfaces import Question, Reply, Task

MODELS = (pairs(vivid=1), pairs(dark=2), pairs(vivid=2, grainy=3))
N_PROMPTS = len(WORLD.prompts)


def explainer(kind, vlm):
    more = {"dictionary": DICTIONARY} if kind is GSCLIP else {}
    return kind(encoder=WORLD.encoder, vlm=vlm, **more)


def described(vlm):
    return [question for question in vlm.questions if question.task is Task.DESCRIBE]


@pytest.mark.parametrize("kind", [VisDiff, GSCLIP])
def test_base_images_of_several_models_are_captioned_once(kind):
    vlm = Captioned("- vivid\n- dark")
    one = explainer(kind, vlm)
    for model in MODELS:
        one.explain(model)
    assert len(described(vlm)) == (1 + len(MODELS)) * N_PROMPTS
    assert len(vlm.questions) - len(described(vlm)) == len(MODELS)


@pytest.mark.parametrize("kind", [VisDiff, GSCLIP])
def test_answers_are_those_without_memory(kind):
    remembering = explainer(kind, WORLD.vlm)
    assert [remembering.explain(one) for one in MODELS] == [
        explainer(kind, WORLD.vlm).explain(one) for one in MODELS
    ]


def test_what_is_asked_twice_at_once_is_asked_once():
    vlm = Says("a boat")
    question = Question(task=Task.DESCRIBE, text="What is this?", images=(MODELS[0].base[0],))
    assert RemembersCaptions(vlm).ask([question, question]) == (vlm.answer,) * 2
    assert len(vlm.questions) == 1


def test_what_got_no_answer_is_asked_again():
    vlm = Says(reason="timeout")
    remembering = RemembersCaptions(vlm)
    question = Question(task=Task.DESCRIBE, text="What is this?", images=(MODELS[0].base[0],))
    assert remembering.ask([question]) == (vlm.answer,)
    vlm.answer = Reply(text="a boat")
    assert remembering.ask([question]) == (vlm.answer,) and len(vlm.questions) == 2


def test_questions_that_ask_for_hypotheses_are_never_answered_from_memory():
    vlm = Captioned("- vivid")
    remembering = RemembersCaptions(vlm)
    for _ in range(2):
        remembering.ask([Question(task=Task.PROPOSE, text="What differs?")])
    assert len(vlm.questions) == 2


def test_it_is_the_vlm_that_it_remembers():
    assert RemembersCaptions(WORLD.vlm).id == WORLD.vlm.id
