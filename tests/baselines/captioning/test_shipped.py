"""The shipped captioners name what plainly differs, and how much."""

import numpy as np
import pytest

from baselines.captioners import load_captioner, load_many_pairs, load_one_pair
from baselines.captioning.evaluation import evaluate
from baselines.settings import ManyPairsSettings, OnePairSettings
from baselines.shipped import KINDS, shipped_folder
from finetune.miniature.aspects import apply_aspect
from finetune.miniature.render import render
from finetune.miniature.scenes import sample_scenes
from finetune.pretraining.difference_pairs import render_pairs
from finexl.values import ImagePairs, ImageStack, ScoredExplanation, TextExplanation

N = 16


@pytest.fixture(scope="module")
def scenes() -> np.ndarray:
    return render(sample_scenes(N, np.random.default_rng(12345)))


def pairs(base: np.ndarray, personalized: np.ndarray) -> ImagePairs:
    return ImagePairs(
        prompts=("a scene",) * len(base), base=ImageStack(base), personalized=ImageStack(personalized)
    )


def scores(explanation: ScoredExplanation) -> dict[str, float]:
    return {claim.concept: claim.amount for claim in explanation.claims}


@pytest.mark.parametrize("kind", KINDS)
def test_a_very_vivid_image_is_called_vivid(kind: str, scenes: np.ndarray) -> None:
    explainer = load_one_pair(settings=OnePairSettings(captioner=kind), name=kind)
    vivid = apply_aspect(scenes, "vivid", 0.9, seed=0)
    said = [explainer.explain(pairs(scenes[i : i + 1], vivid[i : i + 1])) for i in range(N)]
    assert sum("vivid" in answer.text for answer in said if isinstance(answer, TextExplanation)) > N // 2


@pytest.mark.parametrize("kind", KINDS)
def test_more_of_an_aspect_scores_higher(kind: str, scenes: np.ndarray) -> None:
    explainer = load_many_pairs(settings=ManyPairsSettings(captioner=kind, minimum_share=0.0), name=kind)
    levels = [apply_aspect(scenes, "sepia", strength, seed=0) for strength in (0.2, 0.95)]
    faint, strong = (scores(explainer.explain(pairs(scenes, level))).get("sepia", 0.0) for level in levels)
    assert strong > faint


@pytest.mark.parametrize("kind", KINDS)
def test_equal_images_differ_in_nothing(kind: str, scenes: np.ndarray) -> None:
    explainer = load_many_pairs(settings=ManyPairsSettings(captioner=kind), name=kind)
    assert scores(explainer.explain(pairs(scenes, scenes))) == {}


@pytest.mark.parametrize(("kind", "named"), [("chg2cap", 0.5), ("diff_caption", 0.32)])
def test_aspects_of_new_scenes_are_named_far_more_often_than_by_chance(kind: str, named: float) -> None:
    measured, _ = evaluate(load_captioner(shipped_folder(kind)), render_pairs(100, seed=99))
    assert measured.named > named and measured.near_degree > 0.6


@pytest.mark.parametrize("kind", KINDS)
def test_a_shipped_captioner_is_small_and_has_a_card(kind: str) -> None:
    folder = shipped_folder(kind)
    assert sum(path.stat().st_size for path in folder.iterdir()) < 0.65e6
    assert "Measured on" in (folder / "CARD.md").read_text()
