"""Captions come from drawn images, each once; answers become hypotheses, failures typed outcomes."""

import pytest
from rival_world import WORLD, Captioned, Says, pairs

from baselines.proposing import propose
from baselines.settings import ProposerSettings
from finexl.captions import read_captions
from finexl.errors import InvalidInputError
from finexl.interfaces import Task

MANY = pairs(vivid=3)


def asked(settings=None, group=(MANY,)):
    vlm = Captioned("- vivid")
    propose(group, vlm=vlm, settings=settings or ProposerSettings())
    return vlm.questions


def test_the_language_model_is_shown_both_captions_of_a_prompt_and_the_prompt():
    (question,) = [one for one in asked() if one.task is Task.PROPOSE]
    assert read_captions(question.text) == (("vivid",) * 6, ("plain",) * 6)
    assert all(f"Prompt: {prompt}" in question.text for prompt in WORLD.prompts)


def test_rounds_draw_other_images_and_no_more_than_asked():
    questions = [q for q in asked(ProposerSettings(n_rounds=3, n_samples=2)) if q.task is Task.PROPOSE]
    assert len({q.text for q in questions}) == len(questions) > 1
    assert {len(read_captions(q.text).a) for q in questions} == {2}


def test_only_drawn_images_are_captioned_and_base_images_of_two_models_once():
    questions = asked(ProposerSettings(n_rounds=1, n_samples=2), group=(MANY, pairs(dark=2)))
    assert len([q for q in questions if q.task is Task.DESCRIBE]) == 2 + 2 + 2


def test_without_pairing_groups_are_drawn_by_themselves_and_no_prompt_is_told():
    (question,) = [q for q in asked(ProposerSettings(pairing="none")) if q.task is Task.PROPOSE]
    assert "Prompt:" not in question.text
    assert len(read_captions(question.text).b) == 6


def test_hypotheses_are_united_over_rounds_without_repeats():
    vlm = Captioned("- Vivid\n- the house\n- house\n- vivid")
    (proposal,) = propose([MANY], vlm=vlm, settings=ProposerSettings(n_samples=2))
    assert proposal.hypotheses == ("vivid", "house")


def test_no_more_hypotheses_of_a_round_than_asked_for():
    vlm = Captioned("\n".join(f"- word{i}" for i in range(30)))
    (proposal,) = propose([MANY], vlm=vlm, settings=ProposerSettings(n_hypotheses=10))
    assert len(proposal.hypotheses) == 10


@pytest.mark.parametrize("captioner", [Says(), Says("I'm sorry, I cannot describe this image.")])
def test_captions_that_were_refused_leave_nothing_to_ask(captioner):
    (proposal,) = propose([MANY], vlm=captioner, settings=ProposerSettings())
    assert (proposal.hypotheses, proposal.failure) == ((), "refused")


def test_one_odd_hypothesis_does_not_empty_a_round():
    vlm = Captioned("- a boat against the sunset\n- I cannot tell more\n- vivid")
    (proposal,) = propose([MANY], vlm=vlm, settings=ProposerSettings(n_samples=2))
    assert (proposal.hypotheses, proposal.failure) == (("a boat against the sunset", "vivid"), None)


def test_a_caption_of_what_cannot_be_seen_is_a_caption():
    captioner = Says("A white boat against the blue sea, so dark that you cannot see details.")
    (proposal,) = propose([MANY], vlm=captioner, settings=ProposerSettings())
    assert proposal.failure != "refused"


def test_no_difference_is_an_answer_and_no_failure():
    (proposal,) = propose([MANY], vlm=Captioned("no difference"), settings=ProposerSettings())
    assert (proposal.hypotheses, proposal.failure) == ((), None)


def test_a_refusal_is_a_failure_and_no_hypothesis():
    (proposal,) = propose([MANY], vlm=Captioned("I cannot help with that."), settings=ProposerSettings())
    assert (proposal.hypotheses, proposal.failure) == ((), "refused")


def test_no_rounds_are_refused():
    with pytest.raises(InvalidInputError, match="n_rounds"):
        ProposerSettings(n_rounds=0)
