"""The generator that comes with the package."""

import numpy as np

from finetune.families.anole.images import decoded, encoded
from finetune.families.anole.layout import load_vq
from finetune.miniature.examples import plain_examples
from finetune.miniature.models import anole_folder


def test_it_is_small() -> None:
    assert sum(path.stat().st_size for path in anole_folder().rglob("*") if path.is_file()) <= 4.6e6


def test_scenes_survive_their_tokens() -> None:
    """The mean error per channel is below 3 %."""
    images = plain_examples(8, seed=500).images
    vq = load_vq(anole_folder())
    seen = decoded(vq, encoded(vq, images), batch_size=8).astype(float)
    assert np.abs(seen - images).mean() < 0.03 * 255
