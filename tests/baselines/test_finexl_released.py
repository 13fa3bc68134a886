"""Every departure of the released script from the paper shows beside FineXL with the paper's settings."""

import pytest
import torch
from small_world import CountingEncoder, Says, scores

from baselines.finexl_released import ReleasedFineXL, filter_and_project, released_residual, split_answer
from baselines.settings import ReleasedSettings
from finexl.explainer import PaperFineXL
from finexl.interfaces import Explainer, Reply
from finexl.settings import FineXLSettings
from finexl.template import ConceptTemplate
from finexl.toy import ToyWorld
from finexl.values import NoExplanation

SPACED = ReleasedSettings(template=ConceptTemplate())
"""The released arithmetic on texts that the toy encoder can read."""
FOUR = ToyWorld()
EIGHT = ToyWorld(prompts=FOUR.prompts + tuple(f"{prompt} again" for prompt in FOUR.prompts))
SLANTED = ToyWorld(aspects=("vivid", "dark"), directions=((1, 0), (1, 1)))


def released(world, vlm=None, settings=SPACED, levels=None):
    explainer = ReleasedFineXL(encoder=world.encoder, vlm=vlm or world.vlm, settings=settings)
    return explainer.explain(world.pairs(levels=levels or {"vivid": 3, "dark": 1}))


def paper(world, vlm=None, levels=None, **options):
    explainer = PaperFineXL(encoder=world.encoder, vlm=vlm or world.vlm, settings=FineXLSettings(**options))
    return explainer.explain(world.pairs(levels=levels or {"vivid": 3, "dark": 1}))


def test_with_orthogonal_concepts_its_scores_are_the_levels_times_the_prompts():
    assert scores(released(FOUR)) == pytest.approx({"vivid": 12.0, "dark": 4.0})


def test_its_scores_grow_with_the_number_of_prompts_and_the_papers_do_not():
    assert scores(released(EIGHT))["vivid"] == pytest.approx(2 * scores(released(FOUR))["vivid"])
    assert scores(paper(EIGHT))["vivid"] == pytest.approx(scores(paper(FOUR))["vivid"])


def test_its_scores_are_projections_and_the_papers_a_joint_fit():
    v = torch.tensor([4.0, 1.0], dtype=torch.float64)  # 3 vivid + 1 dark
    found = scores(released(SLANTED))
    projected = {"vivid": float(v[0]), "dark": float(v.sum()) / 2**0.5}
    assert found == pytest.approx({word: 4 * length for word, length in projected.items()})
    assert scores(paper(SLANTED, e_ortho=2.0)) == pytest.approx({"vivid": 3.0, "dark": 1.0})


def test_its_residual_never_stops_and_the_papers_does():
    vlm = Says("vivid, grainy")  # vivid explains everything, so that the paper stops there
    assert list(scores(paper(FOUR, vlm, levels={"vivid": 3}))) == ["vivid"]
    assert set(scores(released(FOUR, vlm, levels={"vivid": 3}))) == {"vivid", "grainy"}


def test_its_residual_takes_one_number_from_every_component():
    v, vectors = torch.tensor([1.0, 2.0]).double(), torch.tensor([[1.0, 0.5]]).double()
    assert released_residual(v, vectors, [2.0]) == pytest.approx(((1 - 3) ** 2 + (2 - 3) ** 2) ** 0.5)


def test_its_residual_is_checked_after_a_rejected_concept_too():
    v, vectors = torch.ones(2).double(), torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]).double()
    patient, hasty = (ReleasedSettings(e_ortho=0.5, e_decomp=limit) for limit in (0.0, 9.0))
    assert [index for index, _ in filter_and_project(v, vectors, settings=patient)] == [0, 2]
    assert [index for index, _ in filter_and_project(v, vectors, settings=hasty)] == [0]


def test_its_texts_have_no_space_before_the_concept():
    encoder = CountingEncoder(FOUR)
    ReleasedFineXL(encoder=encoder, vlm=FOUR.vlm).explain(FOUR.pairs(levels={"vivid": 3}))
    assert "avivid photo of a boat" in encoder.texts
    assert "a photo of a boat" in encoder.texts


def test_its_order_is_alphabetical_whatever_was_said_first():
    there, back = (Says(text) for text in ("vivid, dark, grainy", "grainy, dark, vivid"))
    assert released(FOUR, there) == released(FOUR, back)
    assert list(scores(released(FOUR, there))) == ["dark", "grainy", "vivid"]
    assert list(scores(paper(FOUR, there, e_decomp=0.0))) == ["vivid", "dark", "grainy"]


def test_its_concepts_are_what_was_said_letter_for_letter():
    assert split_answer(Reply(text="Vivid, film grain.")) == ("Vivid", "film grain.")


def test_a_denial_is_an_answer_without_claims():
    assert released(FOUR, Says("no noticeable difference")).claims == ()


@pytest.mark.parametrize("text", ["I'm sorry, I can't help with that.", "  "])
def test_a_refusal_or_a_blank_never_becomes_a_concept(text):
    explanation = released(FOUR, Says(text))
    assert isinstance(explanation, NoExplanation)


def test_every_pair_is_shown_one_at_a_time():
    vlm = Says("vivid")
    released(EIGHT, vlm)
    assert [len(question.images) for question in vlm.questions] == [2] * 8


def test_no_image_and_no_text_is_embedded_twice():
    encoder = CountingEncoder(FOUR)
    ReleasedFineXL(encoder=encoder, vlm=FOUR.vlm).explain(FOUR.pairs(levels={"vivid": 3, "dark": 1}))
    assert len(encoder.images) == len(set(encoder.images))
    assert len(encoder.texts) == len(set(encoder.texts))


def test_it_plays_its_role():
    assert isinstance(ReleasedFineXL(encoder=FOUR.encoder, vlm=FOUR.vlm), Explainer)


def test_its_question_is_that_of_the_paper_and_not_the_scripts():
    asked, papers = Says("vivid"), Says("vivid")
    released(FOUR, asked)
    paper(FOUR, papers)
    assert {question.text for question in asked.questions} == {question.text for question in papers.questions}


def test_thoughts_before_an_answer_are_no_concepts() -> None:
    assert split_answer(Reply(text="<think>blue, dark</think>vivid, grainy")) == ("vivid", "grainy")
