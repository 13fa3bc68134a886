"""`python -m baselines`: a captioner is trained, resumed, measured and asked."""

from pathlib import Path

import pytest
from PIL import Image

from baselines.__main__ import main

TRAIN = ["--pairs", "tiny_pairs:tiny_pairs", "--threads", "1", "--steps", "3"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Chg2Cap and a Diff Caption that was given its backbone, each after three steps."""
    root = tmp_path_factory.mktemp("made")
    for kind, more in (("chg2cap", []), ("diff_caption", ["--backbone", str(root / "chg2cap")])):
        where = ["--to", str(root / kind), "--state", str(root / "state" / kind)]
        assert main(["train", kind, *TRAIN, *where, *more]) == 0
    return root


@pytest.mark.parametrize("kind", ["chg2cap", "diff_caption"])
def test_a_training_leaves_a_captioner_with_its_card(made: Path, kind: str) -> None:
    names = {path.name for path in (made / kind).iterdir()}
    assert {"config.json", "vocabulary.json", "model.safetensors", "CARD.md"} <= names
    assert f"python -m baselines train {kind}" in (made / kind / "CARD.md").read_text()


def test_a_captioner_can_be_asked(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, color in (("a.png", "red"), ("b.png", "blue")):
        Image.new("RGB", (64, 64), color).save(tmp_path / name)
    assert (
        main(["caption", str(made / "diff_caption"), str(tmp_path / "a.png"), str(tmp_path / "b.png")]) == 0
    )
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_measures_are_added_to_the_card_once(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert (
            main(["evaluate", str(made / "chg2cap"), "--pairs", "tiny_pairs:tiny_pairs", "--show", "2"]) == 0
        )
    card = (made / "chg2cap" / "CARD.md").read_text()
    assert card.count("Measured on 8 held-out pairs") == 1 and "# Chg2Cap" in card
    assert capsys.readouterr().out.count("very red  |") == 2


def test_diff_caption_needs_a_backbone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "diff_caption", *TRAIN, "--to", str(tmp_path), "--state", str(tmp_path)]) == 1
    assert "--backbone" in capsys.readouterr().err


def test_a_missing_image_is_told(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["caption", str(made / "chg2cap"), "no.png", "nope.png"]) == 1
    assert "no.png, nope.png" in capsys.readouterr().err


def test_a_conversion_without_files_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["convert", "chg2cap", "checkpoint=x.pth", "--to", str(tmp_path)]) == 1
    assert "checkpoint, vocabulary" in capsys.readouterr().err


def test_birds_are_no_size_of_chg2cap(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "chg2cap", *TRAIN, "--size", "birds", "--to", str(tmp_path)]) == 1
    assert "birds" in capsys.readouterr().err
