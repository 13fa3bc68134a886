"""The probe learns the corpus' own labels from development data only."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from planning import CORPORA

from benchmark.run.probing import (
    N_IMAGES,
    STRENGTHS,
    development_probe,
    embedding,
    is_painted,
    labelled_shifts,
    other_noise,
    painted_shifts,
    paintings,
    probe_weights,
    taught_shifts,
)
from finetune.miniature import split
from finetune.miniature.aspects import apply_aspect
from finexl.values import ImageStack

ASPECTS = ("dark", "warm", "monochrome")


@dataclass(frozen=True, slots=True, kw_only=True)
class ColourEncoder:
    """Mean and spread of each colour of an image."""

    id: str = "colours"

    def embed_images(self, images: Sequence[Image.Image]) -> torch.Tensor:
        pixels = torch.stack([torch.from_numpy(np.array(image)).float() / 255 for image in images])
        saturation = pixels.amax(dim=3) - pixels.amin(dim=3)
        means, spreads = pixels.mean(dim=(1, 2)), pixels.std(dim=(1, 2))
        return torch.cat([means, spreads, saturation.mean(dim=(1, 2))[:, None]], dim=1)

    def embed_texts(self, texts: Sequence[str]) -> torch.Tensor:
        return torch.zeros(len(texts), 7)


LOOK = embedding(ColourEncoder())


def images(seed: int, n: int = 8) -> np.ndarray:
    small = np.random.default_rng(seed).integers(60, 200, (n, 4, 4, 3), dtype=np.uint8)
    return small.repeat(16, axis=1).repeat(16, axis=2)


def shift(base: np.ndarray, aspect: str, strength: float) -> torch.Tensor:
    encoder = ColourEncoder()
    painted = apply_aspect(base, aspect, strength, seed=9)
    return (
        (encoder.embed_images(ImageStack(painted)) - encoder.embed_images(ImageStack(base)))
        .double()
        .mean(dim=0)
    )


def test_on_new_images_the_probe_finds_the_aspect_and_grows_with_its_strength() -> None:
    weights = probe_weights(painted_shifts(images(0), ASPECTS, LOOK), ASPECTS)
    for column, aspect in enumerate(ASPECTS):
        scores = [shift(images(1), aspect, strength) @ weights for strength in (0.3, 0.9)]
        assert int(scores[1].argmax()) == column
        assert scores[1][column] > scores[0][column]


def test_every_aspect_is_painted_alone_at_every_strength_and_with_two_others() -> None:
    every = [dict(painting.strengths) for painting in paintings(ASPECTS)]
    alone = [painting for painting in every if len(painting) == 1]
    assert len(alone) == len(ASPECTS) * len(STRENGTHS)
    assert all(sum(aspect in painting for painting in every if len(painting) == 2) == 2 for aspect in ASPECTS)


def test_a_single_aspect_is_not_paired_with_itself() -> None:
    assert all(len(dict(painting.strengths)) == 1 for painting in paintings(("dark",)))


def test_the_probe_is_trained_on_development_seeds() -> None:
    asked: list[int] = []
    probe = development_probe(lambda n, seed: asked.append(seed) or ("a",) * n)
    assert asked[0] in split.DEVELOPMENT_SEEDS
    assert len(probe.prompts) == len(probe.seeds) == N_IMAGES
    assert {seed // 10_000 for seed in probe.seeds} == set(asked)
    assert not set(asked) & set(split.SCORED_SEEDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaintedPairs:
    """A corpus of labelled images, with what they show without their aspect; labels are names of artists."""

    id: str = "pairs"
    aspects: tuple[str, ...] = ("Ann", "Bob", "Cyd")

    def images(self, aspect: str, n: int, seed: int) -> tuple[np.ndarray, tuple[str, ...]]:
        style = dict(zip(self.aspects, ASPECTS, strict=True))[aspect]
        return apply_aspect(self.contents(aspect, n, seed), style, 1.0, seed=3), ("x",) * n

    def contents(self, aspect: str, n: int, seed: int) -> np.ndarray:
        return images(seed + len(aspect), n)

    def prompts(self, n: int, seed: int) -> tuple[str, ...]:
        return ("x",) * n


class Unpaired:
    """The same without contents, and with few images."""

    id, aspects, n_images = "unpaired", PaintedPairs().aspects, 5

    def images(self, aspect: str, n: int, seed: int) -> tuple[np.ndarray, tuple[str, ...]]:
        assert n <= self.n_images
        return PaintedPairs().images(aspect, n, seed)

    def prompts(self, n: int, seed: int) -> tuple[str, ...]:
        return ("x",) * n


def test_labels_of_another_world_are_learned_from_its_own_images() -> None:
    for corpus in (PaintedPairs(), Unpaired()):
        weights = probe_weights(labelled_shifts(images(0), corpus, LOOK), corpus.aspects)
        for column, style in enumerate(ASPECTS):
            scores = [shift(images(1), style, strength) @ weights for strength in (0.3, 0.9)]
            assert int(scores[1].argmax()) == column
            assert scores[1][column] > scores[0][column]


def test_a_shift_is_as_large_as_the_share_of_images_with_the_aspect() -> None:
    found = list(labelled_shifts(images(0), PaintedPairs(), LOOK))
    shares = [shift.strengths["Ann"] for shift in found if "Ann" in shift.strengths]
    assert shares == [0.25, 0.5, 1.0] * 2


def test_aspects_of_the_world_are_painted_and_others_are_not() -> None:
    painted = {kind: is_painted(corpus) for kind, corpus in CORPORA.items()}
    assert painted == {"synthetic": True, "style_transfer": True, "wikiart": False, "portraits": False}


def test_a_fine_tuned_model_teaches_what_it_was_trained_on() -> None:
    base, strengths = images(0), {"dark": 0.5}
    model = apply_aspect(base, "dark", 0.5, seed=1)
    found = list(taught_shifts(base, [(model, strengths)], LOOK))
    assert [shift.strengths for shift in found] == [strengths] * 2
    mean = np.mean([shift.vector for shift in found], axis=0)
    np.testing.assert_allclose(mean, (LOOK(model) - LOOK(base)).mean(axis=0))


def test_other_noise_is_of_the_same_prompts_and_no_scored_run() -> None:
    probe = development_probe(lambda n, seed: ("a",) * n, 4)
    other = other_noise(probe)
    assert other.prompts == probe.prompts and not set(other.seeds) & set(probe.seeds)
    assert all(seed // 10_000 in split.DEVELOPMENT_SEEDS for seed in other.seeds)
