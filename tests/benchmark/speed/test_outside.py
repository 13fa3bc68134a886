"""What a process of its own costs can be measured by anybody, for any explainer from elsewhere."""

from pathlib import Path

import pytest

from benchmark import cli
from benchmark.speed.outside import USUAL, OutsideCost, lines, outside_cost, read_words

FILE = Path(__file__).parents[1] / "outsiders.py"


def cost(**changed: float) -> OutsideCost:
    facts = {"look_s": 0.5, "build_s": 0.75, "inside_s": 2.0, "outside_s": 2.1} | changed
    return OutsideCost(kind="mine.py:Mine", is_same=True, **facts)


def test_the_surplus_is_the_share_of_the_time_in_the_process_of_a_run() -> None:
    assert cost().surplus == pytest.approx(0.05) and cost().startup_s == 1.25


def test_the_lines_say_seconds_and_percent() -> None:
    text = "\n".join(lines(cost()))
    assert "1.250 s  once: 0.500 s to start and look at its class, 0.750 s to rehearse and build" in text
    assert "+0.100 s, +5.0%; both say the same" in text


def test_one_of_a_file_is_measured_here_and_in_its_own_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmark.speed.outside.REPEATS", 1)
    found = outside_cost(read_words([f"explainer={FILE}:Tells"]))
    assert found.is_same and min(found.look_s, found.build_s, found.inside_s, found.outside_s) > 0


def test_algorithm_1_is_measured_unless_another_is_named() -> None:
    assert [each.name for each in read_words([]).explainers] == [USUAL]


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["explainer=constant"], "`bench outside` measures one explainer from elsewhere"),
        (["scenario=subject"], "`bench outside` takes"),
    ],
)
def test_a_wrong_command_line_ends_with_code_2(
    words: list[str], fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["bench", "outside", *words]) == 2
    assert fault in capsys.readouterr().err
