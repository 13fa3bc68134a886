"""Words mean what a base generator shows when it is asked for them, mixed with what a text encoder makes of them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from known_mixtures import VECTORS, WORDS, evidence
from pytest import approx

from finexl.concepts import concept_vectors
from finexl.errors import EncoderError, InvalidInputError
from finexl.robust import FineXL, RobustSettings
from finexl.robust.explaining import Embedded, explain_embedded
from finexl.robust.grounding import Grounding, Views, ground, grounding_in, read_grounding
from finexl.template import ConceptTemplate
from finexl.toy import ToyWorld

WORLD = ToyWorld(prompts=tuple(f"a boat number {number}" for number in range(6)))
VIEWS = Views(prompts=WORLD.prompts, seeds=range(6), per_word=4)
TEXTS = np.array([[2.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 2.0]])
TURNED = [1.8, 0.0, 2.4]
"""Cosine .6 with the first text, length 3."""


def grounding(*vectors: Sequence[float], words: tuple[str, ...] = ("a", "b")) -> Grounding:
    return Grounding(encoder="e", generator="g", words=words, vectors=np.array(vectors, np.float64))


class Obeys:
    """A base generator that shows an aspect at level 2 where a prompt names it, and counts what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []

    def sample(self, prompts, seeds):
        self.asked += zip(prompts, seeds, strict=True)
        shown = []
        for prompt, seed in zip(prompts, seeds, strict=True):
            levels = {word: 2 for word in WORLD.aspects if f"a {word} photo" in prompt}
            shown.append(WORLD.generator(levels).sample([prompt.partition(": ")[2]], [seed])[0])
        return np.stack(shown)


def test_a_generator_that_obeys_gives_vectors_along_what_it_shows():
    found = ground(WORLD.aspects, VIEWS, generator=Obeys(), name="g", encoder=WORLD.encoder)
    named = concept_vectors(
        WORLD.aspects, WORLD.prompts, encoder=WORLD.encoder, template=ConceptTemplate()
    ).numpy()
    assert found.vectors == approx(2 * named, abs=1e-6)
    assert (found.encoder, found.words) == (WORLD.encoder.id, WORLD.aspects)


def test_every_word_is_shown_in_as_many_prompts_with_the_noise_of_the_plain_picture():
    generator = Obeys()
    ground(WORLD.aspects, VIEWS, generator=generator, name="g", encoder=WORLD.encoder)
    plain = {
        prompt.partition(": ")[2]: seed for prompt, seed in generator.asked if prompt.startswith("a photo")
    }
    named = [(prompt, seed) for prompt, seed in generator.asked if not prompt.startswith("a photo")]
    assert len(named) == 4 * len(WORLD.aspects)
    assert all(plain[prompt.partition(": ")[2]] == seed for prompt, seed in named)


def test_neighbouring_words_see_prompts_of_their_own_until_all_were_used():
    views = Views(prompts=[f"prompt {place}" for place in range(8)], seeds=range(8), per_word=2)
    assert [views.of(place) for place in range(5)] == [[0, 1], [2, 3], [4, 5], [6, 7], [0, 1]]


def test_half_and_half_is_the_middle_direction_as_long_as_the_pictures_vector():
    joined = grounding(TURNED, [0, 5, 0]).joined(("a", "b"), TEXTS[:2], share=0.5)
    middle = np.array([1.6, 0, 0.8])
    assert joined[0] == approx(middle / np.linalg.norm(middle) * 3)
    assert joined[1] == approx(np.array([0, 5, 0]))


def test_no_share_leaves_texts_and_all_of_it_leaves_pictures():
    given = grounding(TURNED, [0, 5, 0])
    assert given.joined(("a", "b"), TEXTS[:2], share=0.0) == approx(TEXTS[:2])
    assert given.joined(("b", "a"), TEXTS[[1, 0]], share=1.0) == approx(np.array([[0, 5, 0], TURNED]))


def test_words_that_were_not_shown_keep_their_direction_at_the_usual_ratio_of_lengths():
    joined = grounding(TURNED, [0, 5, 0]).joined(("a", "b", "c"), TEXTS, share=0.5)
    assert joined[2] == approx(TEXTS[2] * (3 / 2 + 5 / 2) / 2)


def test_a_generator_that_shows_something_else_is_not_believed():
    """Nor are lengths taken of it."""
    joined = grounding([0, 0, 7], [0, 5, 0]).joined(("a", "b"), TEXTS[:2], share=0.5)
    assert joined == approx(np.array([[5, 0, 0], [0, 5, 0]]))


def test_pictures_tell_apart_what_texts_hardly_do():
    """To the text encoder the change is nearer to the next word; the generator shows its own."""
    turned = 0.65 * VECTORS + 0.76 * np.roll(VECTORS, 1, axis=0)
    given = evidence({"word03": 0.8}, noise=0.05)

    def strongest(share: float) -> str:
        shown = Grounding(encoder="synthetic", generator="g", words=WORDS, vectors=VECTORS)
        embedded = Embedded(evidence=given, words=WORDS, vectors=turned, encoder="synthetic", grounding=shown)
        settings = RobustSettings(grounded_share=share, least_explained=0.0, explained_per_claim=0.0)
        return explain_embedded(embedded, settings).changes[0].concept

    assert (strongest(1.0), strongest(0.0)) == ("word03", "word04")


def test_what_was_written_is_read_again_and_found_by_its_encoder(tmp_path: Path):
    given = grounding([0, 0.25, 3], [1, 5, 0])
    given.write(tmp_path / "one.safetensors")
    found = grounding_in(tmp_path, "e")
    assert found is not None and found.vectors == approx(given.vectors)
    assert (found.words, found.generator) == (given.words, given.generator)
    assert grounding_in(tmp_path, "another") is None


def test_the_same_vectors_are_the_same_bytes(tmp_path: Path):
    for name in ("one", "two"):
        grounding([0, 0.25, 3], [1, 5, 0]).write(tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize("content", [b"", b"nothing", b"\x10\0\0\0\0\0\0\0{}"])
def test_a_broken_file_is_an_error_that_says_how_to_make_it_again(tmp_path: Path, content: bytes):
    (tmp_path / "broken").write_bytes(content)
    with pytest.raises(EncoderError, match="finetune ground"):
        read_grounding(tmp_path / "broken")


def test_vectors_of_another_encoder_are_refused():
    with pytest.raises(InvalidInputError, match="made with the explainer's encoder"):
        FineXL(encoder=WORLD.encoder, grounding=grounding(TURNED, [0, 5, 0]))


def test_the_explanation_says_how_many_words_pictures_were_seen_of():
    shown = ground(WORLD.aspects[:2], VIEWS, generator=Obeys(), name="f00dcafe11", encoder=WORLD.encoder)
    explainer = FineXL(encoder=WORLD.encoder, dictionary=WORLD.aspects, grounding=shown)
    told = explainer.explanation(WORLD.pairs(levels={"vivid": 3})).vocabulary
    assert told == "4 words of a dictionary; 2 of them as base generator f00dcafe shows them"
