"""What the statistics promise holds in worlds with a known truth, and the documentation shows just these numbers."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmark import cli
from benchmark.simulate.simulations import Simulation, lines, simulations
from finexl.explain.progress import Progress

KEPT = Path(__file__).parents[3] / "docs" / "results" / "python-m-benchmark-simulate.txt"


@pytest.fixture(scope="module")
def stages() -> list[str]:
    return []


@pytest.fixture(scope="module")
def found(stages: list[str]) -> dict[str, Simulation]:
    @contextmanager
    def noted(stage: str):
        stages.append(stage)
        yield lambda done, total: stages.append(f"{done} of {total}")

    return {one.title: one for one in simulations(noted)}


def test_every_table_is_announced(found: dict[str, Simulation], stages: list[str]) -> None:
    assert stages[:2] == ["independent units", "0 of 9"] and stages[-2:] == ["same words", "8 of 9"]
    assert len(stages) == 2 * len(found) == 18


def test_what_is_under_way_goes_to_the_other_stream(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def one(progress: Progress) -> Iterator[Simulation]:
        with progress("worlds"):
            pass
        yield Simulation(title="worlds", columns=("n",), rows={"ours": (1.0,)})

    monkeypatch.setattr("benchmark.simulate.simulations.simulations", one)
    assert cli.main(["simulate"]) == 0
    assert capsys.readouterr() == ("worlds      n\nours    1.000\n\n", "loading ...\nworlds ...\n")


def column(simulation: Simulation, place: int) -> Iterator[float]:
    return (numbers[place] for numbers in simulation.rows.values())


def test_the_documentation_shows_what_the_command_prints(found: dict[str, Simulation]) -> None:
    told = "\n\n".join("\n".join(lines(one)) for one in found.values())
    told = "\n".join(line.rstrip() for line in told.splitlines())
    assert KEPT.read_text(encoding="utf-8") == f"python -m benchmark simulate\n{told}\n", (
        "Write it anew: python -m benchmark docs run='python -m benchmark simulate' && python -m benchmark docs"
    )


def test_the_page_on_scores_has_the_block() -> None:
    page = (KEPT.parents[1] / "scoring.md").read_text(encoding="utf-8")
    assert "<!-- output: python -m benchmark simulate -->" in page


def test_intervals_cover_what_they_say(found: dict[str, Simulation]) -> None:
    for place in (0, 1):
        covered = [*column(found["95% intervals cover"], place)]
        assert 0.93 <= min(covered) <= max(covered) <= 0.97


def test_near_the_ends_of_the_range_intervals_err_on_the_wide_side(found: dict[str, Simulation]) -> None:
    assert min(column(found["near the ends, 8 units"], 0)) >= 0.95


@pytest.mark.parametrize("place", range(4))
def test_units_that_are_right_or_wrong_are_covered_at_least_nine_times_in_ten(
    place: int, found: dict[str, Simulation]
) -> None:
    """Of so few steps no interval covers 95% everywhere; without Wilson's some cover 80%."""
    assert min(column(found["units that are right or wrong"], place)) >= 0.9


def test_units_that_share_aspects_are_covered_too(found: dict[str, Simulation]) -> None:
    """Where no aspect matters they err on the wide side: that cannot be told from fifteen units."""
    covered = [*column(found["units that share aspects"], 0)]
    assert 0.93 <= min(covered) <= max(covered) <= 0.985


def test_a_true_null_is_rejected_at_most_one_time_in_twenty(found: dict[str, Simulation]) -> None:
    assert max(column(found["true nulls are rejected at 5%"], 0)) <= 0.05


def test_without_design_effect_a_true_null_is_rejected_twice_as_often(found: dict[str, Simulation]) -> None:
    assert found["true nulls are rejected at 5%"].rows["scored pairs: aspects alone"][1] > 0.09


def test_tests_and_tiers_keep_their_promises(found: dict[str, Simulation]) -> None:
    family, best, split, detected, shift, plain = column(found["tests and tiers"], 0)
    assert family <= 0.05 and best <= 0.05 and split <= 0.1
    assert 0.7 <= detected <= 0.9 and 0.6 < shift < plain


def test_guesses_score_their_stated_chance(found: dict[str, Simulation]) -> None:
    for score, chance in found["random explainers"].rows.values():
        assert score == pytest.approx(chance, abs=0.01)


def test_silence_about_low_mixtures_is_as_good_as_a_guess(found: dict[str, Simulation]) -> None:
    for silent, guessed in found["SelectionAccuracy with low mixtures"].rows.values():
        assert silent >= guessed - 0.01


def test_the_same_words_for_all_models_are_worth_little(found: dict[str, Simulation]) -> None:
    rows = found["the same words for all models"].rows
    assert rows["nothing"] == pytest.approx((2.5, 0.5, 0.0))
    assert rows["five scored aspects"][:2] == pytest.approx((1 + 2 / 3, 2 / 3))
    assert rows["five composite words"][:2] == pytest.approx((2.0, 0.6))
    assert all(worth < 0.15 for *_, worth in rows.values())


def test_the_command_takes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["simulate", "n=3"]) == 2
    assert "`simulate` takes nothing" in capsys.readouterr().err
