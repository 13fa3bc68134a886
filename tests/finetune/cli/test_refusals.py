"""What cannot be done is refused by the name of its option, before anything is written."""

from pathlib import Path

import pytest

from finetune.cli import main
from finetune.miniature.models import version_adapter

V21 = str(version_adapter("v21"))
OF_MODELS = {
    "images": (V21,),
    "explain": (V21,),
    "sweep": (V21,),
    "compare": (V21, V21),
    "advise": (V21, "--want", "vivid 1, grainy 1", "--shares", "vivid 1, grainy 1"),
}
"""Every command that draws pictures of a model, with what it cannot do without."""


@pytest.fixture
def refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """What a command says that must end without a file or folder of its own."""

    def run(command: str, *more: str) -> str:
        words = [command, *OF_MODELS.get(command, ()), *more]
        assert main(words if "--to" in more else [*words, "--to", str(tmp_path / "out")]) == 1
        assert not (tmp_path / "out").exists()
        return capsys.readouterr().err

    return run


@pytest.mark.parametrize("command", OF_MODELS)
@pytest.mark.parametrize(
    ("option", "given", "must"),
    [
        ("--steps", "0", "at least 1"),
        ("--steps", "1001", "at most 1000"),
        ("--batch", "-1", "at least 1"),
        ("--guidance", "nan", "a finite number"),
        ("--device", "foo", "computes on this machine"),
        ("--device", "meta", "computes on this machine"),
        ("--seed", "-1", "in 0.."),
    ],
)
def test_what_no_picture_can_be_drawn_with_is_refused_by_its_option(
    refused, command: str, option: str, given: str, must: str
) -> None:
    said = refused(command, option, given)
    assert f"`{option}` must be " in said and must in said and given in said


@pytest.mark.parametrize("command", ["images", "compare", "advise"])
def test_no_pair_is_refused_by_its_option(refused, command: str) -> None:
    assert "`--pairs` must be at least 1. Got 0." in refused(command, "--pairs", "0")


@pytest.mark.parametrize(
    "words",
    [("--want", "vivid 1, grainy 1", "--rounds", "-1"), ("--want", "vivid 1, grainy 1", "--steps", "0")],
)
def test_trainings_for_a_wish_refuse_the_same(tmp_path: Path, words, capsys) -> None:
    assert main(["advise", *words, "--to", str(tmp_path / "out")]) == 1
    assert f"`{words[2]}` must be at least" in capsys.readouterr().err and not (tmp_path / "out").exists()
