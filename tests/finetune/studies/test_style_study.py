"""The study compares methods on the same references and prompts."""

from pathlib import Path

import numpy as np
import pytest
import torch

from finetune.families.diffusion.finestyle import phrases
from finetune.miniature import caption, render
from finetune.store.store import Store
from finetune.studies.style_study import BASE, StudySettings, _Scoring, reference, run_style_study, styled
from finexl.errors import InvalidInputError

SETTINGS = StudySettings(
    aspects=("striped",), rates={"finestyle": 1e-3}, steps=(1,), n_prompts=2, n_sampling_steps=1
)


class Colours:
    """Embeds an image by its mean colour, and every text as grey."""

    id = "colours"

    def embed_images(self, images) -> torch.Tensor:
        rows = torch.tensor(np.stack([np.asarray(image).mean(axis=(0, 1)) for image in images]))
        return torch.nn.functional.normalize(rows.float(), dim=1)

    def embed_texts(self, texts) -> torch.Tensor:
        return torch.full((len(texts), 3), 3**-0.5)


def test_prompts_share_no_word_with_the_reference() -> None:
    source = reference("warm", settings=StudySettings(n_prompts=8))
    mine = {text for phrase in phrases(caption(source.scene)) for text in phrase.text.split()} - {
        "a",
        "an",
        "the",
    }
    for prompt in source.prompts(8, 0):
        assert not mine & set(prompt.replace(",", "").split())


def test_a_reference_is_one_image_of_one_style() -> None:
    source = reference("warm", settings=SETTINGS)
    images, captions = source.images("warm", 1, 0)
    assert np.array_equal(images, styled([source.scene], "warm")) and captions == (caption(source.scene),)
    with pytest.raises(InvalidInputError, match="one image of 'warm'"):
        source.images("warm", 2, 0)


def test_the_shift_of_the_truth_is_one_and_that_of_the_base_zero() -> None:
    source = reference("warm", settings=SETTINGS)
    scoring = _Scoring(source, source.prompts(2, 0), Colours())
    base, truth = scoring.embedded(render(source.scenes)), scoring.embedded(styled(source.scenes, "warm"))
    assert scoring.scores(base, base).shift == 0
    assert scoring.scores(truth, base).shift == pytest.approx(1.0)


def test_texts_that_all_gain_alike_are_no_leakage() -> None:
    source = reference("warm", settings=SETTINGS)
    scoring = _Scoring(source, source.prompts(2, 0), Colours())
    base, truth = scoring.embedded(render(source.scenes)), scoring.embedded(styled(source.scenes, "warm"))
    assert scoring.scores(truth, base).leakage == pytest.approx(0.0, abs=1e-9)


@pytest.mark.slow
def test_rows_are_the_base_each_level_and_the_means(tmp_path: Path) -> None:
    rows = run_style_study(SETTINGS, store=Store(tmp_path))
    assert [(row.aspect, row.method, row.step) for row in rows] == [
        (aspect, method, step)
        for aspect in ("striped", "mean")
        for method, step in ((BASE, 0), ("finestyle", 1))
    ]
    assert rows[0].scores.shift == 0 and rows[0].scores.leakage == 0
