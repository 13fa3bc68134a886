"""A tiny IDC-PCL is pre-trained, learns to caption, and resumes."""

from dataclasses import replace
from pathlib import Path

import torch
from tiny_pairs import CAPTIONS, DIFF_CAPTION, PREPROCESSING, SHAPE, tiny_pairs

from baselines.captioning.backbone import Backbone
from baselines.captioning.rates import Cosine
from baselines.captioning.training import TrainingSettings, progress_in
from baselines.diff_caption.model import Captioner, Pretraining, regions_of
from baselines.diff_caption.stages import (
    CaptioningLoss,
    RegionPairs,
    Stages,
    region_pairs,
    train_stages,
    vocabulary_of,
)

PAIRS = tiny_pairs()
VOCABULARY = vocabulary_of(PAIRS)
SETTINGS = TrainingSettings(
    steps=10, batch_size=16, learning_rate=1e-2, rate=Cosine(warmup_steps=2), gradient_clip=1.0
)
STAGES = Stages(pretraining=SETTINGS, captioning=replace(SETTINGS, steps=80), hidden_share=0.5)


def pool() -> tuple[Backbone, RegionPairs]:
    torch.manual_seed(0)
    backbone = Backbone(SHAPE).eval()
    standardised = PREPROCESSING.standardised
    return backbone, region_pairs(PAIRS, backbone, VOCABULARY, standardised=standardised, max_length=12)


def distinct() -> RegionPairs:
    """The same captions of a few regions that are easy to tell apart."""
    generator = torch.Generator().manual_seed(2)
    first, second = (3 * torch.randn(len(CAPTIONS), 4, 8, generator=generator) for _ in range(2))
    return replace(pool()[1], first=first, second=second)


def trained(folder: Path, stages: Stages) -> Captioner:
    torch.manual_seed(1)
    captioner, pretraining = Captioner(DIFF_CAPTION, VOCABULARY), Pretraining(DIFF_CAPTION, VOCABULARY)
    train_stages(captioner, pretraining, distinct(), stages=stages, folder=folder)
    return captioner


def test_training_halves_the_loss(tmp_path: Path) -> None:
    torch.manual_seed(1)
    regions = distinct()
    losses = [
        CaptioningLoss(model=model, pool=regions, batch_size=64, hidden_share=0.5)(
            torch.Generator().manual_seed(9)
        )
        for model in (Captioner(DIFF_CAPTION, VOCABULARY), trained(tmp_path, STAGES))
    ]
    assert losses[1].item() < losses[0].item() / 2


def test_regions_are_the_cells_of_the_backbones_map() -> None:
    backbone, regions = pool()
    map_ = backbone(PREPROCESSING.standardised(torch.from_numpy(PAIRS.base)))
    torch.testing.assert_close(regions.first[:, 5].float(), map_[:, :, 1, 1], atol=1e-2, rtol=1e-2)
    assert regions_of(backbone, torch.zeros(1, 3, 16, 16)).shape == (1, 16, 8)


def test_a_second_run_finds_both_stages_done(tmp_path: Path) -> None:
    short = replace(STAGES, captioning=replace(SETTINGS, steps=4), pretraining=replace(SETTINGS, steps=4))
    one, again = (trained(tmp_path, short).state_dict() for _ in range(2))
    assert all(torch.equal(one[name], again[name]) for name in one)
    assert {path.name for path in tmp_path.iterdir()} == {"pretraining", "captioning"}


def test_pretraining_is_over_once_captioning_has_begun(tmp_path: Path) -> None:
    short = replace(STAGES, captioning=replace(SETTINGS, steps=2), pretraining=replace(SETTINGS, steps=2))
    trained(tmp_path, short)
    longer = replace(STAGES, captioning=replace(SETTINGS, steps=3), pretraining=replace(SETTINGS, steps=3))
    trained(tmp_path, longer)
    assert [progress_in(tmp_path / stage).step for stage in ("pretraining", "captioning")] == [2, 3]


def test_captioning_starts_from_what_pretraining_learned(tmp_path: Path) -> None:
    still = replace(SETTINGS, steps=1, learning_rate=0.0)
    stages = replace(STAGES, pretraining=replace(SETTINGS, steps=4), captioning=still)
    torch.manual_seed(1)
    fresh = Captioner(DIFF_CAPTION, VOCABULARY).encoder.layers[0].attn.out.weight
    assert not torch.equal(trained(tmp_path, stages).encoder.layers[0].attn.out.weight, fresh)
