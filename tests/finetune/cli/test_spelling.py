"""What errors advise by the settings of benchmarks is understood by this program's commands."""

from pathlib import Path

import pytest

from finetune.cli import main
from finetune.cli.dispatch import _parser
from finetune.cli.parsing import OPTIONS
from finexl.explain.spelling import parsed


def test_settings_as_errors_call_them_are_options() -> None:
    words = ["explain", "a.safetensors", "generator.folder=models/sd15", "--to", "card", "vlm.probe=false"]
    given = parsed(_parser(), [*words, "vlm=m@http://localhost/v1", "encoder=clip"], options=OPTIONS)
    assert (given.base, given.encoder) == ("models/sd15", "clip")
    assert given.vlm == "m@http://localhost/v1 probe=false"


def test_files_to_convert_are_no_settings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["convert", "nothing", "encoder=x", f"--to={tmp_path}"]) == 1
    assert "'nothing'" in capsys.readouterr().err
