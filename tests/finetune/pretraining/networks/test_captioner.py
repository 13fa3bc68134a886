"""Captioners of any size come from one training, and what it saves can be asked."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from finetune.miniature.models import CAPTIONERS, captioner_folder
from finetune.pretraining.loop import LoopSettings
from finetune.pretraining.networks import captioner
from finetune.pretraining.networks.captioner import CaptionerSize, pretrain_captioner
from finexl.interfaces import Question, Reply, Task
from finexl.vlms.miniature import load_miniature_vlm

TINY = {"width": 8, "n_image_layers": 1, "n_text_layers": 1, "image_hidden": 8, "text_hidden": 8}
SIZES = {
    "captioner": captioner.LARGE,
    "captioner_medium": captioner.MEDIUM,
    "captioner_small": captioner.SMALL,
}
BYTES = {"captioner": 2.3e6, "captioner_medium": 0.40e6, "captioner_small": 0.25e6}


@pytest.mark.parametrize(("n_portraits", "knows_faces"), [(0, False), (20, True)])
def test_a_training_saves_a_captioner_that_can_be_asked(
    n_portraits: int, knows_faces: bool, tmp_path: Path
) -> None:
    size = CaptionerSize(**TINY, patch_size=32, n_scenes=60 + 20 * (not knows_faces), n_portraits=n_portraits)
    pretrain_captioner(tmp_path, size=size, settings=LoopSettings(steps=2, learning_rate=1e-3, seed=3))
    image = Image.fromarray(np.zeros((64, 64, 3), np.uint8))
    reply = load_miniature_vlm(tmp_path / "model").ask(
        [Question(task=Task.DESCRIBE, text="", images=(image,))]
    )
    assert isinstance(reply[0], Reply)
    styles = json.loads((tmp_path / "model" / "vocabulary.json").read_text())["styles"]
    assert "vivid" in styles and ("mustache" in styles) is knows_faces


@pytest.mark.parametrize("name", CAPTIONERS)
def test_a_shipped_captioner_has_its_size_and_stays_within_its_budget(name: str) -> None:
    folder, size = captioner_folder(name), SIZES[name]
    config = json.loads((folder / "config.json").read_text())
    image, text = config["encoder"], config["decoder"]
    assert (image["hidden_size"], text["n_embd"], image["patch_size"]) == (
        size.width,
        size.width,
        size.patch_size,
    )
    assert (image["num_hidden_layers"], text["n_layer"]) == (size.n_image_layers, size.n_text_layers)
    assert sum(path.stat().st_size for path in folder.iterdir()) <= BYTES[name]


def test_the_shipped_captioners_speak_of_the_same_styles() -> None:
    vocabularies = {(captioner_folder(name) / "vocabulary.json").read_bytes() for name in CAPTIONERS}
    assert len(vocabularies) == 1
