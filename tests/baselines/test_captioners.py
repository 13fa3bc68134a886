"""Captioners come from folders, and what is wrong with a folder is said."""

import json
import shlex
import shutil
from pathlib import Path

import pytest
import torch
from tiny_pairs import CHG2CAP, PREPROCESSING, tiny_pairs

from baselines import shipped
from baselines.__main__ import _parser
from baselines.captioners import KINDS, load_captioner
from baselines.captioning.model_folder import ModelFolderError, write_model
from baselines.chg2cap.model import Chg2Cap
from baselines.chg2cap.stage import vocabulary_of
from baselines.shipped import KINDS as SHIPPED
from baselines.shipped import PAIRS as SOURCE
from baselines.shipped import MissingCaptionerError, shipped_folder
from finexl.errors import UnknownNameError
from finexl.values import ImageStack

PAIRS = tiny_pairs()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    model = Chg2Cap(CHG2CAP, vocabulary_of(PAIRS))
    write_model(
        tmp_path, "chg2cap", sizes=CHG2CAP, preprocessing=PREPROCESSING, vocabulary=model.vocabulary,
        weights=model.state_dict(),
    )  # fmt: skip
    return tmp_path


def test_a_folder_gives_back_words_and_preprocessing(folder: Path) -> None:
    captioner = load_captioner(folder)
    assert captioner.vocabulary == vocabulary_of(PAIRS)
    assert captioner.preprocessing == PREPROCESSING


def test_a_captioner_is_named_by_its_weights(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    moved = tmp_path_factory.mktemp("moved") / "elsewhere"
    shutil.copytree(folder, moved)
    assert load_captioner(folder).id == load_captioner(moved).id


def test_more_pairs_than_fit_at_once_are_captioned_alike(folder: Path) -> None:
    captioner = load_captioner(folder)
    base, personalized = ImageStack(PAIRS.base), ImageStack(PAIRS.personalized)
    few = captioner.caption(base, personalized)
    assert captioner.caption([*base] * 5, [*personalized] * 5) == few * 5


@pytest.mark.parametrize("name", ["config.json", "vocabulary.json", "model.safetensors"])
def test_a_folder_without_one_of_its_files_is_an_error(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelFolderError, match="must hold"):
        load_captioner(folder)


def test_weights_of_another_size_are_an_error(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    config["architecture"]["feature_width"] = 32
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelFolderError, match="fit"):
        load_captioner(folder)


def test_a_kind_that_is_not_known_is_an_error(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text()) | {"kind": "chg3cap"}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(UnknownNameError, match="chg2cap"):
        load_captioner(folder)


def test_every_kind_is_to_be_shipped() -> None:
    assert set(SHIPPED) == set(KINDS)


@pytest.mark.parametrize("kind", SHIPPED)
def test_what_makes_a_captioner_that_is_not_there_is_a_command_that_can_be_run(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipped, "WEIGHTS", tmp_path / "no weights")
    with pytest.raises(MissingCaptionerError) as missing:
        shipped_folder(kind)
    command = shlex.split(str(missing.value).split("`")[1])
    given = _parser().parse_args(command[3:])
    assert (given.kind, given.pairs, given.to) == (kind, f"{SOURCE}:rendered", tmp_path / "no weights" / kind)
    assert given.backbone == (tmp_path / "no weights" / "chg2cap" if kind == "diff_caption" else None)


def test_only_known_kinds_are_shipped() -> None:
    with pytest.raises(UnknownNameError, match="chg2cap, diff_caption"):
        shipped_folder("oracle")
