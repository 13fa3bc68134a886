"""Algorithm 1 in a linear world with a known answer, and its laws."""

import pytest
import torch
from pytest import approx

from finexl.explainer import PaperFineXL, admit_and_decompose, explain_with_concepts
from finexl.interfaces import Explainer, NoReply, Reply
from finexl.settings import FineXLSettings
from finexl.toy import ToyWorld
from finexl.values import NoExplanation, ScoredExplanation

WORLD = ToyWorld()
SKEWED = ToyWorld(
    aspects=("vivid", "vibrant", "dark"), directions=((5, 0, 0), (4, 3, 0), (0, 0, 5))
)  # cos(vivid, vibrant) = .8


class Says:
    """A VLM that answers every question with the same text."""

    id = "says"

    def __init__(self, text):
        self.text = text

    def ask(self, questions):
        return tuple(Reply(text=self.text) for _ in questions)


class Refuses:
    """A VLM that refuses."""

    id = "refuses"

    def ask(self, questions):
        return tuple(NoReply(reason="refused") for _ in questions)


def scores(explanation):
    assert isinstance(explanation, ScoredExplanation), explanation
    return {claim.concept: claim.amount for claim in explanation.claims}


def explain(world, pairs, *, vlm=None, **settings):
    explainer = PaperFineXL(encoder=world.encoder, vlm=vlm or world.vlm, settings=FineXLSettings(**settings))
    return explainer.explain(pairs)


def rows(*values):
    return torch.tensor(values, dtype=torch.float64)


def test_coefficients_are_the_levels_in_a_linear_world():
    explanation = explain(WORLD, WORLD.pairs(levels={"vivid": 3, "abstract": 1}))
    assert scores(explanation) == approx({"vivid": 3.0, "abstract": 1.0})
    assert explanation.residual == approx(0.0, abs=1e-9)


def test_coefficients_are_the_levels_where_directions_are_not_orthogonal():
    pairs = SKEWED.pairs(levels={"vivid": 2, "vibrant": 1})
    assert scores(explain(SKEWED, pairs, e_ortho=0.9, e_decomp=1e-6)) == approx({"vivid": 2, "vibrant": 1})


def test_sum_and_mean_give_the_same_coefficients():
    pairs = WORLD.pairs(levels={"vivid": 3, "abstract": 1})
    assert scores(explain(WORLD, pairs, reduction="sum")) == approx(scores(explain(WORLD, pairs)))


def test_claims_come_by_the_size_of_their_amounts():
    pairs = WORLD.pairs(levels={"vivid": 3, "abstract": 1}, base_levels={"dark": 2})
    explanation = explain(WORLD, pairs, vlm=Says("abstract, dark, vivid"), e_decomp=0.0)
    assert [(claim.concept, round(claim.amount)) for claim in explanation.claims] == [
        ("vivid", 3),
        ("dark", -2),
        ("abstract", 1),
    ]


def test_a_redundant_concept_is_left_out():
    pairs = SKEWED.pairs(levels={"vivid": 2, "dark": 1})
    explanation = explain(SKEWED, pairs, vlm=Says("vivid, vibrant, dark"), e_ortho=0.5, e_decomp=0.01)
    assert scores(explanation) == approx({"vivid": 2, "dark": 1})


def test_the_result_depends_on_the_order_of_trial():
    pairs = SKEWED.pairs(levels={"vivid": 2})
    first = scores(explain(SKEWED, pairs, vlm=Says("vivid, vibrant"), order="first_named"))
    second = scores(explain(SKEWED, pairs, vlm=Says("vibrant, vivid"), order="first_named"))
    assert first == approx({"vivid": 2.0})
    assert second == approx({"vibrant": 1.6})  # 2·5·(4, 3)·(1, 0) / 25: the true name is now redundant


@pytest.mark.parametrize("order", ["projection", "alphabetical"])
def test_an_order_that_asks_nobody_does_not_depend_on_who_was_named_first(order):
    pairs = SKEWED.pairs(levels={"vivid": 2, "dark": 1})
    said = [Says("vivid, vibrant, dark"), Says("dark, vibrant, vivid")]
    one, other = (explain(SKEWED, pairs, vlm=vlm, order=order) for vlm in said)
    assert one == other


def test_the_largest_projection_goes_first_where_the_order_is_by_projection():
    pairs = SKEWED.pairs(levels={"vivid": 2})
    assert scores(explain(SKEWED, pairs, vlm=Says("vibrant, vivid"), order="projection")) == approx(
        {"vivid": 2}
    )


def test_what_most_answers_named_goes_first_where_the_order_is_by_times_named():
    class Wavers:
        id = "wavers"

        def ask(self, questions):
            return tuple(Reply(text=text) for text in ("vibrant", "vivid", "vivid, dark", "dark"))

    pairs = SKEWED.pairs(levels={"vivid": 2})
    assert scores(explain(SKEWED, pairs, vlm=Wavers(), order="times_named", e_decomp=0.5)).keys() == {
        "dark",
        "vivid",
    }


def test_admission_stops_once_the_residual_is_below_the_threshold():
    pairs = WORLD.pairs(levels={"vivid": 10, "dark": 1})  # "dark" is 10% of the divergence
    explanation = explain(WORLD, pairs, e_decomp=0.2)
    assert scores(explanation) == approx({"vivid": 10.0})
    assert explanation.notes["stopped_by"] == "residual"
    assert scores(explain(WORLD, pairs, e_decomp=0.05)) == approx({"vivid": 10.0, "dark": 1.0})


def test_a_residual_equal_to_the_threshold_does_not_stop():
    v, vectors = rows(3.0, 4.0), rows([0.0, 1.0], [1.0, 0.0])
    stopped = admit_and_decompose(v, vectors, settings=FineXLSettings(e_decomp=0.6 + 1e-9))
    exact = admit_and_decompose(v, vectors, settings=FineXLSettings(e_decomp=0.6))
    assert (stopped.indices, exact.indices) == ((0,), (0, 1))


def test_an_absolute_threshold_does_not_scale_with_the_divergence():
    v, vectors = rows(3.0, 4.0), rows([0.0, 1.0], [1.0, 0.0])  # residual after one concept: 3, or 60%
    absolute = FineXLSettings(e_decomp=2.0, decomp_relative=False)
    relative = FineXLSettings(e_decomp=0.7)
    assert admit_and_decompose(v, vectors, settings=absolute).indices == (0, 1)
    assert admit_and_decompose(v, vectors, settings=relative).indices == (0,)


def test_algorithm_1_agrees_with_a_naive_transcription():
    generator = torch.Generator().manual_seed(3)
    v, vectors = (
        torch.randn(6, generator=generator).double(),
        torch.randn(12, 6, generator=generator).double(),
    )
    settings = FineXLSettings(e_ortho=0.4, e_decomp=0.3)
    kept = []
    for i, f in enumerate(vectors):
        orthogonality = sum(float(f @ vectors[j]) / float(f.norm() * vectors[j].norm()) for j in kept)
        if orthogonality < settings.e_ortho:
            kept.append(i)
            weights = torch.linalg.pinv(vectors[kept].T) @ v
            if float((v - vectors[kept].T @ weights).norm() / v.norm()) < settings.e_decomp:
                break
    admission = admit_and_decompose(v, vectors, settings=settings)
    assert admission.indices == tuple(kept)
    torch.testing.assert_close(admission.decomposition.weights, weights)


def test_swapping_base_and_personalized_negates_the_scores():
    levels = {"vivid": 3, "abstract": 1}
    forth, back = WORLD.pairs(levels=levels), WORLD.pairs(levels={}, base_levels=levels)
    settings = FineXLSettings()
    one = explain_with_concepts(forth, WORLD.aspects, encoder=WORLD.encoder, settings=settings)
    other = explain_with_concepts(back, WORLD.aspects, encoder=WORLD.encoder, settings=settings)
    assert scores(other) == approx({name: -score for name, score in scores(one).items()})


def test_no_divergence_is_explained_by_nothing():
    explanation = explain(WORLD, WORLD.pairs(levels={}))
    assert (scores(explanation), explanation.residual) == ({}, 0.0)


def test_no_divergence_asks_no_question():
    explanation = explain(WORLD, WORLD.pairs(levels={}), vlm=Refuses())
    assert scores(explanation) == {}


def test_a_vlm_that_sees_no_difference_is_an_answer_without_claims():
    explanation = explain(WORLD, WORLD.pairs(levels={"vivid": 1}), vlm=Says("no difference"))
    assert (scores(explanation), explanation.residual) == ({}, 1.0)


def test_a_vlm_that_says_nothing_is_a_typed_outcome():
    explanation = explain(WORLD, WORLD.pairs(levels={"vivid": 1}), vlm=Says(""))
    assert isinstance(explanation, NoExplanation) and explanation.reason == "empty"


def test_a_refusal_is_a_typed_outcome():
    explanation = explain(WORLD, WORLD.pairs(levels={"vivid": 1}), vlm=Refuses())
    assert isinstance(explanation, NoExplanation) and explanation.reason == "refused"


def test_a_concept_that_changes_no_embedding_is_not_admitted():
    class Deaf:
        id = "deaf"
        embed_images = staticmethod(WORLD.encoder.embed_images)

        def embed_texts(self, texts):
            return torch.ones(len(texts), 8)

    pairs = WORLD.pairs(levels={"vivid": 1})
    explanation = PaperFineXL(encoder=Deaf(), vlm=WORLD.vlm).explain(pairs)
    assert (scores(explanation), explanation.notes["n_blind"]) == ({}, 1)


def test_the_notes_say_how_the_explanation_came_about():
    notes = explain(WORLD, WORLD.pairs(levels={"vivid": 3}), vlm=Says("vivid, dark")).notes
    assert (notes["n_proposed"], notes["n_admitted"], notes["n_vlm_calls"]) == (2, 1, 4)
    assert notes["n_replies_ok"] == 4 and "n_words_left_out" not in notes


def test_words_beyond_the_sixty_of_a_reply_are_counted():
    said = ", ".join(f"style {n}" for n in range(100, 163))
    notes = explain(WORLD, WORLD.pairs(levels={"vivid": 3}), vlm=Says(said)).notes
    assert (notes["n_proposed"], notes["n_words_left_out"]) == (60, 4 * 3)


def test_unit_embeddings_are_scaled_before_differences_are_taken():
    class Doubling:
        id = "doubling"

        def embed_images(self, images):
            return 2 * torch.nn.functional.normalize(WORLD.encoder.embed_images(images), dim=1)

        def embed_texts(self, texts):
            return 5 * torch.nn.functional.normalize(WORLD.encoder.embed_texts(texts), dim=1)

    class Unit(Doubling):
        def embed_images(self, images):
            return super().embed_images(images) / 2

        def embed_texts(self, texts):
            return super().embed_texts(texts) / 5

    pairs, given = WORLD.pairs(levels={"vivid": 3, "dark": 1}), FineXLSettings()
    unit = FineXLSettings(embeddings="unit")
    scaled = explain_with_concepts(pairs, WORLD.aspects, encoder=Doubling(), settings=unit)
    expected = explain_with_concepts(pairs, WORLD.aspects, encoder=Unit(), settings=given)
    assert scores(scaled) == approx(scores(expected), abs=1e-4)


def test_the_same_pairs_give_the_same_explanation():
    pairs = SKEWED.pairs(levels={"vivid": 2, "vibrant": 1, "dark": 3})
    assert explain(SKEWED, pairs) == explain(SKEWED, pairs)


def test_finexl_is_an_explainer():
    assert isinstance(PaperFineXL(encoder=WORLD.encoder, vlm=WORLD.vlm), Explainer)


@pytest.mark.parametrize("level", [1, 2, 5, 10])
def test_scores_grow_with_the_level(level):
    pairs = WORLD.pairs(levels={"grainy": level, "dark": 5})
    assert scores(explain(WORLD, pairs, e_decomp=0.01))["grainy"] == approx(level)
