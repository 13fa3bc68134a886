"""A training's state has a folder of its own, named for what its weights depend on."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tiny_pairs import darker_pairs, tiny_pairs

from baselines.captioning.making import Request, state_folder, without_limits

PAIRS = tiny_pairs()
REQUEST = Request(
    size="miniature", pairs=PAIRS, source="tiny", folder=Path("to"), state=Path("states"), command="train"
)
BACKBONE = {"cnn.0.weight": torch.arange(3.0), "cnn.1.num_batches_tracked": torch.tensor(7)}


def of(request: Request, kind: str = "chg2cap", choice: object = None) -> Path:
    return state_folder(request, kind, choice)


@pytest.mark.parametrize(
    "other",
    [
        of(replace(REQUEST, pairs=darker_pairs())),
        of(replace(REQUEST, pairs=replace(PAIRS, captions=PAIRS.captions[::-1]))),
        of(replace(REQUEST, pairs=replace(PAIRS, personalized=PAIRS.base))),
        of(replace(REQUEST, size="small")),
        of(replace(REQUEST, backbone=BACKBONE)),
        of(REQUEST, kind="diff_caption"),
        of(REQUEST, choice="another architecture"),
    ],
)
def test_what_weights_depend_on_has_another_folder(other: Path) -> None:
    assert other != of(REQUEST) and other.parent == of(REQUEST).parent == Path("states")


def test_a_backbone_is_told_by_its_numbers() -> None:
    backbones = (BACKBONE, BACKBONE | {"cnn.0.weight": torch.arange(3.0) + 1})
    assert len({of(replace(REQUEST, backbone=backbone)) for backbone in backbones}) == 2


def test_how_long_and_where_a_training_runs_does_not_matter() -> None:
    other = replace(
        REQUEST, steps=9, minutes=1.0, device="cuda", folder=Path("other"), command="again", source="copy"
    )
    assert of(other) == of(REQUEST) and without_limits(other).steps is without_limits(other).minutes is None
