"""What survives of a style: ranks by cosine, shares of the whole, and a picture of both."""

from dataclasses import replace
from pathlib import Path

import pytest

from finetune.studies.loading import encoder, generator_settings
from finetune.studies.survival import Survival, SurvivalStudy, half_shares, picture, told
from finexl.errors import UnknownNameError

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


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> SurvivalStudy:
    store = tmp_path_factory.mktemp("survival")
    return SurvivalStudy(generator=generator_settings(), encoder=encoder(), store=store, n_scenes=4)


def test_a_style_that_is_painted_in_full_is_nearest_to_its_own_name(study: SurvivalStudy) -> None:
    (found,) = study.findings(("rendered",), ("monochrome",), (1.0,))
    assert (found.rank, found.nearest) == (1, "monochrome")


def test_the_projection_is_the_length_times_the_cosine(study: SurvivalStudy) -> None:
    (found,) = study.findings(("autoencoded",), ("vivid",), (0.5,))
    assert found.projection == pytest.approx(found.length * found.cosine)


@pytest.mark.parametrize(("stations", "styles"), [(("painted",), ("vivid",)), (("rendered",), ("vived",))])
def test_what_does_not_exist_is_named(study: SurvivalStudy, stations, styles) -> None:
    with pytest.raises(UnknownNameError, match=r"painted|vived"):
        list(study.findings(stations, styles))


def test_half_a_share_is_compared_with_the_whole_by_projection() -> None:
    assert half_shares([WHOLE, HALF]) == {"sepia": pytest.approx(0.25)}


def test_confusions_name_what_a_style_is_taken_for() -> None:
    (confusion,) = [line for line in told([WHOLE, HALF]).splitlines() if "warm" in line]
    assert confusion.split() == ["half", "1", "sepia", "3", "0.60", "warm", "(shift", "0.50)"]


def test_the_picture_has_a_row_for_each_style_and_a_column_for_each_station() -> None:
    more = replace(WHOLE, style="vivid")
    wide, tall = picture([WHOLE, HALF]), picture([WHOLE, more])
    assert wide.width > tall.width and tall.height > wide.height


def test_the_command_writes_the_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from finetune.cli import main

    words = ["survival", str(tmp_path / "s.png"), "--stations", "rendered", "--styles", "vivid"]
    assert main([*words, "--strengths", "1", "--store", str(tmp_path)]) == 0
    assert (tmp_path / "s.png").is_file() and "1/1" in capsys.readouterr().out
