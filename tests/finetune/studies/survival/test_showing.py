"""What the survival study shows: counts, what must hold, half shares, confusions; and a picture."""

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import ImageOps

from finetune.miniature.aspects import ASPECTS
from finetune.miniature.split import SCORED_ASPECTS
from finetune.studies.survival.showing import half_shares, page, picture
from finetune.studies.survival.study import Survival

WHOLE = Survival(
    station="trained",
    style="sepia",
    strength=1.0,
    rank=1,
    cosine=0.9,
    nearest="sepia",
    length=0.5,
    projection=0.4,
)
HALF = replace(WHOLE, station="half", rank=3, cosine=0.6, nearest="warm", projection=0.1)
RENDERED = [replace(WHOLE, station="rendered", strength=0.5, style=style) for style in ASPECTS]
BAR = "| rendered at 0.5: aspects, own name first | 32 | 30 |"


def apart(one: str, other: str) -> float:
    return float(one == other)


def lines_of(*findings: Survival, names=apart) -> list[str]:
    return page(findings, names).splitlines()


def line_of(beginning: str, *findings: Survival, names=apart) -> str:
    (line,) = [line for line in lines_of(*findings, names=names) if line.startswith(beginning)]
    return line


def missing(n: int) -> list[Survival]:
    return [*(replace(one, rank=2, nearest="snowy") for one in RENDERED[:n]), *RENDERED[n:]]


def test_half_a_share_is_compared_with_the_whole_by_projection() -> None:
    assert half_shares([WHOLE, HALF]) == {"sepia": pytest.approx(0.25)}
    assert "Half a share shows, of the whole: sepia 0.25." in lines_of(WHOLE, HALF)


def test_own_names_are_counted_by_station_and_strength() -> None:
    mixed = [replace(WHOLE, style="noir", rank=2), replace(WHOLE, style="eerie", rank=3)]
    found = [WHOLE, replace(WHOLE, style="vivid", rank=3, cosine=0.5), *mixed, HALF]
    assert lines_of(*found)[2:4] == [
        "| trained | 1 | 1 of 2 | 2 of 2 | 0.70 (0.50) | 1 of 2 |",
        "| half | 1 | 0 of 1 | 1 of 1 | 0.60 (0.60) | – |",
    ]


@pytest.mark.parametrize(
    ("n_missed", "end"), [(0, "32 | holds |"), (2, "30 | holds |"), (3, "29 | missed |")]
)
def test_a_bar_holds_from_its_least_number_on(n_missed: int, end: str) -> None:
    assert line_of(BAR, *missing(n_missed)) == f"{BAR} {end}"


@pytest.mark.parametrize(("n_missed", "end"), [(2, "3 of 5 | open |"), (3, "2 of 5 | missed |")])
def test_a_bar_is_open_while_what_was_not_looked_at_can_decide_it(n_missed: int, end: str) -> None:
    assert line_of(BAR, *missing(n_missed)[:5]) == f"{BAR} {end}"


def test_a_bar_of_which_nothing_was_looked_at_is_not_told() -> None:
    assert not [line for line in lines_of(WHOLE) if line.startswith(BAR)]


def test_halves_are_held_to_a_third_to_two_thirds() -> None:
    halves = [0.34] * 4 + [0.35, 0.65] + [0.5] * 9
    found = [replace(WHOLE, style=style, projection=1.0) for style in SCORED_ASPECTS]
    found += [
        replace(HALF, style=style, projection=half)
        for style, half in zip(SCORED_ASPECTS, halves, strict=True)
    ]
    assert line_of("| half at 1: scored aspects", *found).endswith("| 15 | 12 | 11 | missed |")


def test_names_that_are_too_near_are_told_with_how_alike_they_look() -> None:
    def near(one: str, other: str) -> float:
        return 0.85 if {one, other} == {"blurry", "pixelated"} else 0.1

    assert line_of("| names of blurry", WHOLE, names=near).endswith("| 6 | 6 | 5 | missed |")
    assert line_of("| pixelated, blurry |", WHOLE, names=near) == "| pixelated, blurry | 0.85 | 0.80 |"
    assert line_of("| names of blurry", WHOLE).endswith("| 6 | 6 | 6 | holds |")


def test_confusions_name_what_a_style_is_taken_for_and_whether_it_looks_like_that() -> None:
    alike, other = replace(HALF, cosine=0.61), replace(HALF, style="vivid", rank=9, nearest="snowy")
    assert line_of("- ", other, alike, WHOLE) == "- half, 1: vivid 9 (snowy 0.60), sepia 3 (*warm* 0.61)"


def test_the_picture_has_a_row_for_each_style_and_a_column_for_each_station() -> None:
    more = replace(WHOLE, style="vivid")
    wide = picture([replace(WHOLE, strength=n / 12) for n in range(1, 13)])
    tall = picture([WHOLE, more])
    assert wide.width > tall.width and tall.height > wide.height


def test_a_picture_of_few_columns_is_as_wide_as_its_heading() -> None:
    many = [replace(WHOLE, strength=n / 12) for n in range(1, 13)]
    few, wide = (
        ImageOps.invert(shown.crop((0, 0, shown.width, 24)).convert("L")).getbbox()
        for shown in (picture([WHOLE]), picture(many))
    )
    assert few is not None and few == wide


def test_the_command_writes_picture_and_page_and_says_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from finetune.cli import main

    (tmp_path / "page.md").write_text(
        "# The world\n\nBefore.\n\n<!-- survival: begin -->\nold\n<!-- survival: end -->\n\nAfter.\n"
    )
    words = ["survival", f"{tmp_path}/s.png", "--page", f"{tmp_path}/page.md", "--store", f"{tmp_path}/kept"]
    asked = ["--stations", "rendered", "--styles", "vivid", "sepia", "noir", "--strengths", "1"]
    assert main([*words, *asked]) == 0
    said = capsys.readouterr().out
    written = (tmp_path / "page.md").read_text()
    assert (tmp_path / "s.png").is_file() and "| rendered | 1 | 2 of 2 | 2 of 2 |" in written
    assert "| rendered at 1: aspects, own name first | 32 | 32 | 2 of 2 | open |" in written
    before, rest = written.split("<!-- survival: begin -->\n")
    table, after = rest.split("\n<!-- survival: end -->")
    assert before.endswith("Before.\n\n") and after.strip() == "After." and said.startswith(table)
    assert main([*words, "--kept"]) == 0 and capsys.readouterr().out == said  # of all that could be asked for


def test_an_interrupted_command_leaves_what_it_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from finetune.cli.dispatch import INTERRUPTED, main
    from finetune.studies.survival.study import SurvivalStudy

    def finding(_, case):
        if case.style == "sepia":
            raise KeyboardInterrupt
        return replace(WHOLE, style=case.style)

    monkeypatch.setattr(SurvivalStudy, "finding", finding)
    words = ["survival", f"{tmp_path}/s.png", "--page", f"{tmp_path}/page.md", "--store", f"{tmp_path}/kept"]
    assert main([*words, "--stations", "trained", "--styles", "vivid", "sepia"]) == INTERRUPTED
    assert "| trained | 1 | 1 of 1 |" in (tmp_path / "page.md").read_text() and (tmp_path / "s.png").is_file()


def test_what_is_kept_cannot_be_shown_of_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from finetune.cli import main

    assert main(["survival", f"{tmp_path}/s.png", "--kept", "--store", f"{tmp_path}/kept"]) == 1
    assert "holds nothing. Leave out --kept" in capsys.readouterr().err and not (tmp_path / "s.png").exists()


def test_a_base_that_draws_other_sizes_is_refused_before_anything_is_made(
    sd15: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from finetune.cli import main

    words = ["survival", f"{tmp_path}/s.png", "--base", str(sd15), "--store", f"{tmp_path}/kept"]
    assert main(words) != 0
    assert "must draw the miniature's world, in 64×64 pixels" in capsys.readouterr().err and not [
        *tmp_path.iterdir()
    ]
