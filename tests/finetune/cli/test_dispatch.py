"""From words to a command: each in a file of its own, and none heavy before it is asked for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from finetune import cli
from finetune.cli.pretrain import MODELS
from finetune.miniature.models import CAPTIONERS
from finetune.pretraining.pretrainings import PRETRAININGS

ROOT = Path(__file__).parents[3]
ABOUT_ALL = {"__init__", "command", "opening", "dispatch", "parsing", "places", "printing"}
HEAVY = {"PIL", "diffusers", "lightning", "numpy", "pydantic", "rich", "torch", "transformers"}
LISTS_HEAVY = (
    "import atexit, sys; from finetune.cli import main; "
    f"atexit.register(lambda: print('heavy:', sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)); "
    "sys.exit(main(sys.argv[1:]))"
)


@pytest.mark.parametrize("words", [["--help"], ["pretrain", "--help"], ["explain", "--help"]])
def test_looking_around_imports_nothing_heavy(words: list[str]) -> None:
    command = [sys.executable, "-c", LISTS_HEAVY, *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.strip()) == (0, "heavy: []")


def test_every_command_has_a_file_of_its_name() -> None:
    files = {path.stem for path in Path(cli.__file__).parent.glob("*.py")}
    assert files - ABOUT_ALL == {name.replace("-", "_") for name in cli.COMMANDS}


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_has_a_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match=r"^0$"):
        cli.main([name, "--help"])
    assert capsys.readouterr().out.startswith(f"usage: python -m finetune {name} ")


def test_without_a_word_there_is_the_same_help(capsys: pytest.CaptureFixture[str]) -> None:
    shown = []
    for words in ([], ["--help"]):
        with pytest.raises(SystemExit, match=r"^0$"):
            cli.main(words)
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1]


def test_every_model_that_can_be_pretrained_is_a_choice_of_the_command() -> None:
    assert set(MODELS) == set(PRETRAININGS) and set(CAPTIONERS) <= set(MODELS)


def test_a_word_that_is_no_command_is_the_command_lines_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match=r"^2$"):
        cli.main(["explian"])
    assert "invalid choice: 'explian'" in capsys.readouterr().err


def test_what_is_wrong_is_said_without_what_could_hide_in_a_path(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["inspect", "no\u202ewhere.safetensors"]) == 1
    assert "no\\u202ewhere.safetensors" in capsys.readouterr().err
