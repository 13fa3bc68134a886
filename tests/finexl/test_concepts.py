"""Eq. 6 against a naive loop over prompts and concepts."""

import pytest
import torch

from finexl.concepts import ConceptTemplate, concept_vectors
from finexl.errors import InvalidInputError
from finexl.toy import ToyWorld

PROMPTS = ("a boat", "two trees")


class CountingEncoder:
    """Letter counts of a text, with a log of the calls."""

    id = "letters"

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    def embed_texts(self, texts):
        self.calls.append(list(texts))
        return torch.tensor([[float(text.count(c)) for c in "abcdefgh"] for text in texts])

    def embed_images(self, images):
        raise NotImplementedError


def test_a_concept_vector_is_the_mean_shift_of_a_naive_loop():
    encoder, template = CountingEncoder(), ConceptTemplate()
    vectors = concept_vectors(["bad", "faded"], PROMPTS, encoder=encoder, template=template)
    for vector, concept in zip(vectors, ["bad", "faded"], strict=True):
        shifts = [
            encoder.embed_texts([f"a {concept} photo: {prompt}"])[0]
            - encoder.embed_texts([f"a photo: {prompt}"])[0]
            for prompt in PROMPTS
        ]
        torch.testing.assert_close(vector, (sum(shifts) / len(shifts)).double())


def test_the_sum_of_equation_6_is_n_times_the_mean():
    world, template = ToyWorld(), ConceptTemplate()
    mean = concept_vectors(["vivid"], PROMPTS, encoder=world.encoder, template=template)
    summed = concept_vectors(["vivid"], PROMPTS, encoder=world.encoder, template=template, reduction="sum")
    torch.testing.assert_close(summed, 2 * mean)


def test_all_texts_go_to_the_encoder_in_one_call_and_those_without_concept_once():
    encoder = CountingEncoder()
    concept_vectors(["bad", "faded", "deaf"], PROMPTS, encoder=encoder, template=ConceptTemplate())
    assert [len(call) for call in encoder.calls] == [2 + 3 * 2]


def test_a_concept_of_the_toy_world_is_its_direction():
    world = ToyWorld(aspects=("vivid", "dark"), directions=((3, 4), (0, 5)))
    vectors = concept_vectors(["dark", "vivid"], PROMPTS, encoder=world.encoder, template=ConceptTemplate())
    assert vectors[:, -2:].tolist() == [[0, 5], [3, 4]]


def test_braces_in_a_prompt_or_concept_are_only_text():
    assert ConceptTemplate().join("{prompt}", "a {concept}") == "a {prompt} photo: a {concept}"


@pytest.mark.parametrize("text", ["a photo: {prompt}", "{concept} {prompt} {x}", "{concept", "{} {prompt}"])
def test_a_template_without_its_placeholders_is_refused(text):
    with pytest.raises(InvalidInputError, match="with_concept"):
        ConceptTemplate(with_concept=text)
