"""`python -m baselines`: a captioner is trained, resumed, measured and asked."""

import shlex
from io import BytesIO
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from baselines.__main__ import main

_FILE = BytesIO()
Image.effect_noise((64, 64), 50).save(_FILE, "PNG")
PNG = _FILE.getvalue()
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


def trained(root: Path, name: str, *options: str, kind: str = "chg2cap") -> bytes:
    """The weights of a training whose state is kept with those of the others."""
    where = ["--to", str(root / name), "--state", str(root / "states"), "--threads", "1"]
    assert main(["train", kind, *where, *options]) == 0
    return (root / name / "model.safetensors").read_bytes()


def test_a_training_on_other_pairs_or_with_another_seed_is_another(tmp_path: Path) -> None:
    first = trained(tmp_path, "first", "--pairs", "tiny_pairs:tiny_pairs", "--steps", "2")
    other = trained(tmp_path, "pairs", "--pairs", "tiny_pairs:darker_pairs", "--steps", "2")
    seeded = trained(tmp_path, "seed", "--pairs", "tiny_pairs:tiny_pairs", "--steps", "2", "--seed", "99")
    assert len({first, other, seeded}) == 3


def test_regions_of_another_backbone_are_captioned_by_another_captioner(made: Path, tmp_path: Path) -> None:
    trained(tmp_path, "backbone", "--pairs", "tiny_pairs:darker_pairs", "--steps", "2")
    for root in (made, tmp_path):
        backbone = str(root / ("chg2cap" if root == made else "backbone"))
        trained(tmp_path, root.name, *TRAIN, "--backbone", backbone, kind="diff_caption")
    weights = [load_file(tmp_path / root.name / "model.safetensors") for root in (made, tmp_path)]
    name = "captioner.word_embedding.weight"
    assert not torch.equal(weights[0][name], weights[1][name])


def test_a_training_with_more_steps_continues_in_its_state(tmp_path: Path) -> None:
    trained(tmp_path, "made", "--pairs", "tiny_pairs:tiny_pairs", "--steps", "2")
    (state,) = (tmp_path / "states").iterdir()
    before = load_file(state / "state.safetensors")
    trained(tmp_path, "made", "--pairs", "tiny_pairs:tiny_pairs", "--steps", "3")
    assert list((tmp_path / "states").iterdir()) == [state]
    after = load_file(state / "state.safetensors")
    (moment,) = (name for name in after if name.startswith("adam/step/") and name.endswith("wdc.bias"))
    assert (before[moment].item(), after[moment].item()) == (2, 3)


def test_the_command_of_a_card_repeats_the_training(tmp_path: Path) -> None:
    options = ["--pairs", "tiny_pairs:tiny_pairs", "--steps", "2", "--minutes", "5", "--seed", "7"]
    once = trained(tmp_path, "a folder", *options)
    card = (tmp_path / "a folder" / "CARD.md").read_text()
    command = shlex.split(card.partition("| command | `")[2].partition("`")[0])
    assert command[:3] == ["python", "-m", "baselines"] and "--state" not in command
    assert main([*command[3:], "--to", str(tmp_path / "again"), "--state", str(tmp_path / "empty")]) == 0
    assert (tmp_path / "again" / "model.safetensors").read_bytes() == once
    assert {"--steps", "--minutes", "--seed", "--size", "--device", "--threads"} <= set(command)


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


@pytest.mark.parametrize("content", [b"no image", PNG[: len(PNG) // 2]])
def test_a_file_that_is_no_whole_image_is_told(
    made: Path, tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "good.png").write_bytes(PNG)
    (tmp_path / "bad.png").write_bytes(content)
    assert (
        main(["caption", str(made / "chg2cap"), str(tmp_path / "good.png"), str(tmp_path / "bad.png")]) == 1
    )
    assert "bad.png" in capsys.readouterr().err


def test_a_conversion_without_files_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["convert", "chg2cap", "checkpoint=x.pth", "--to", str(tmp_path)]) == 1
    assert "checkpoint, vocabulary" in capsys.readouterr().err


def test_birds_are_no_size_of_chg2cap(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "chg2cap", *TRAIN, "--size", "birds", "--to", str(tmp_path)]) == 1
    assert "birds" in capsys.readouterr().err
