"""The law of sample sizes, against drawn shifts of known spread."""

import numpy as np
import pyarrow
import pytest
import torch
from pyarrow import parquet

from benchmark.paper.asking import read_words
from benchmark.paper.tables.samples import (
    _real,
    kappa_of,
    law,
    middle_interval,
    needed,
    sample_error,
)
from finexl.errors import InvalidInputError

WIDTH, SPREAD = 50, 0.5


def shifts(n: int, seed: int = 0) -> torch.Tensor:
    """A shift of length 1 along the first axis, with independent noise: κ = (d - 1) σ² / 2."""
    rows = np.random.default_rng(seed).normal(scale=SPREAD, size=(n, WIDTH))
    rows[:, 0] += 1
    return torch.tensor(rows)


KAPPA = (WIDTH - 1) * SPREAD**2 / 2


def test_kappa_is_half_the_spread_across_over_the_squared_length() -> None:
    assert kappa_of(shifts(20_000)) == pytest.approx(KAPPA, rel=0.03)


def test_kappa_needs_no_large_sample() -> None:
    assert np.mean([kappa_of(shifts(200, seed)) for seed in range(30)]) == pytest.approx(KAPPA, rel=0.1)


@pytest.mark.parametrize("n", [10, 50, 200])
def test_the_law_foretells_the_error_of_drawn_samples(n: int) -> None:
    assert sample_error(shifts(20_000), n) == pytest.approx(law(KAPPA, n), rel=0.15)


def test_equal_shifts_need_one_prompt() -> None:
    assert sample_error(torch.ones(8, 3, dtype=torch.float64), 2) == pytest.approx(0.0)


def test_what_is_needed_gives_the_error_that_was_wanted() -> None:
    assert law(3.6, 1) > 0.05
    assert 1 - 1 / np.sqrt(1 + 2 * 3.6 / needed(3.6, 0.05)) == pytest.approx(0.05)


def test_the_interval_of_a_median_holds_it() -> None:
    low, high = middle_interval([float(value) for value in range(101)])
    assert low < 50 < high and (low, high) == (40.0, 60.0)


def test_real_loras_without_their_table_say_which_key_names_it() -> None:
    cells, remarks = _real([10, 25], None)
    assert all(cell.why.endswith("is not part of this project; lora_shifts=FILE names it") for cell in cells)
    assert remarks == []


@pytest.mark.parametrize(
    "columns",
    [
        {"similarity": [0.1, 0.2]},
        {"consistency": [0.1]},
        {"consistency": [0.1, 1.2]},
        {"consistency": ["a"] * 2},
    ],
)
def test_a_table_of_other_things_is_refused_before_anything_is_measured(columns, tmp_path) -> None:
    parquet.write_table(pyarrow.table(columns), tmp_path / "loras.parquet")
    with pytest.raises(InvalidInputError, match="`lora_shifts` must have a column 'consistency' of numbers"):
        read_words([f"lora_shifts={tmp_path / 'loras.parquet'}"])


def test_a_file_that_is_no_parquet_is_told_by_its_key(tmp_path) -> None:
    (tmp_path / "loras.parquet").write_text("consistency\n0.1\n")
    with pytest.raises(InvalidInputError, match="`lora_shifts` must be a Parquet file"):
        read_words([f"lora_shifts={tmp_path / 'loras.parquet'}"])


def test_a_lora_of_consistency_c_has_the_cosine_of_means_of_n(tmp_path) -> None:
    c, n = 0.2, 25
    parquet.write_table(pyarrow.table({"consistency": [c] * 5}), tmp_path / "loras.parquet")
    (cell,), (said,) = _real([n], tmp_path / "loras.parquet")
    assert cell.measured == pytest.approx(1 - np.sqrt(c / (c + (1 - c) / n)))
    assert cell.n == 5 and said.startswith("told from the mean cosine")
