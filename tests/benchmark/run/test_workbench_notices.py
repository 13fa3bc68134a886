"""What a generator cannot read is told in few words."""

from pathlib import Path

import pytest
from PIL import Image

from benchmark import cli
from benchmark.run.workbench import _tell
from finexl.notices import collected


def test_examples_of_long_prompts_are_short_and_different() -> None:
    long = "a red house " * 50
    with collected() as told:
        _tell([long, long, "猫" * 300], "prompts cut")
    (one,) = told.values()
    assert one.n == 3 and len(one.examples) == 2 and max(map(len, one.examples)) == 83


def test_a_dry_run_tells_of_prompts_that_the_generator_cuts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The miniature reads 24 tokens; captions of a folder are its prompts."""
    for place in range(40):
        (tmp_path / "pictures" / "vivid").mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (64, 64), (place * 6, 90, 200)).save(tmp_path / f"pictures/vivid/{place}.png")
        text = f"a very long prompt about boat number {place} " + "and a red house " * 12
        (tmp_path / f"pictures/vivid/{place}.txt").write_text(text)
    pictures = f"corpus.folder={tmp_path / 'pictures'}"
    words = ["run", "--dry-run", "preset=smoke", "corpus=folder", "corpus.size=64", pictures]
    given = [*words, f"output={tmp_path / 'o'}", f"store={tmp_path / 's'}", "scenario=single_aspect"]
    assert cli.main(given) == cli.OK
    assert "prompts cut at the 24 tokens of the generator's context" in capsys.readouterr().out


def test_a_name_of_two_lines_is_told_in_one_and_steers_no_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for label in ("vivid", "dull"):
        (tmp_path / label).mkdir()
        for place in range(12):
            Image.new("RGB", (64, 64), (place * 6, 90, 200)).save(tmp_path / label / f"{place}.png")
            (tmp_path / label / f"{place}.txt").write_text(f"boat number {place} by the {label[0]} quay")
    (tmp_path / "vivid" / "two\nlines\x1b[31m.bmp").write_bytes(b"no picture")
    words = [
        "run",
        "--dry-run",
        "preset=smoke",
        "corpus=folder",
        "corpus.size=64",
        f"corpus.folder={tmp_path}",
    ]
    assert cli.main([*words, f"store={tmp_path / 's'}", "scenario=single_aspect"]) == cli.OK
    said = capsys.readouterr().out
    (line,) = [one for one in said.splitlines() if "bmp" in one]
    assert line.startswith("not as given: corpus: left out: ") and "two lines\\u001b[31m.bmp" in line
    assert "\x1b" not in said
