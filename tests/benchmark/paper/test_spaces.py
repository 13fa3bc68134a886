"""Linearity and alignment in spaces where they are known."""

from math import pi
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from benchmark.config.loading import load_settings
from benchmark.config.settings import Settings
from benchmark.paper.asking import read_words
from benchmark.paper.desk import Desk
from benchmark.paper.tables.naming import n_scenes, painted
from benchmark.paper.tables.spaces import chance_of_projection, cosine, linearity, qualities
from benchmark.run.workbench import SettingsWorkbench
from finexl.errors import InvalidInputError
from finexl.notices import collected


def test_a_weighted_sum_is_perfectly_linear() -> None:
    parts = torch.tensor([[1.0, 0.0, 0.0], [0.0, 2.0, 0.0]], dtype=torch.float64)
    assert linearity(0.3 * parts[0] - 4 * parts[1], parts) == pytest.approx(1.0)


def test_a_union_that_leaves_the_plane_of_its_parts_by_half_a_right_angle_is_linear_by_its_cosine() -> None:
    parts = torch.eye(3, dtype=torch.float64)[:2]
    assert linearity(torch.tensor([1.0, 0.0, 1.0], dtype=torch.float64), parts) == pytest.approx(2**-0.5)


def test_an_unseen_union_is_not_linear() -> None:
    assert linearity(torch.zeros(3, dtype=torch.float64), torch.eye(3, dtype=torch.float64)[:2]) == 0.0


def test_the_cosine_with_nothing_is_zero() -> None:
    assert cosine(torch.zeros(2), torch.ones(2)) == 0.0


def test_a_random_direction_in_the_plane_is_two_over_pi_along_an_axis() -> None:
    assert chance_of_projection(2, 1) == pytest.approx(2 / pi)


def test_chance_of_linearity_is_the_mean_over_random_vectors() -> None:
    rows = np.random.default_rng(0).normal(size=(20_000, 24))
    lengths = np.linalg.norm(rows[:, :2], axis=1) / np.linalg.norm(rows, axis=1)
    assert chance_of_projection(24, 2) == pytest.approx(lengths.mean(), rel=0.01)


def small(tmp_path: Path, *labels: str, n: int = 6) -> Settings:
    """A run on a folder that has fewer captions than the preset has prompts."""
    rng = np.random.default_rng(0)
    for label in labels:
        (tmp_path / "images" / label).mkdir(parents=True)
        for number in range(n):
            file = tmp_path / "images" / label / f"{number}.png"
            Image.fromarray(rng.integers(0, 255, (64, 64, 3), np.uint8)).save(file)
            file.with_suffix(".txt").write_text(f"a red house number {number}")
    words = ["preset=smoke", "scenario=single_aspect", "corpus=folder", "corpus.size=64", f"store={tmp_path}"]
    return load_settings([*words, f"corpus.folder={tmp_path / 'images'}"])


def test_a_space_is_measured_on_a_corpus_with_fewer_prompts_than_the_preset_and_that_is_told(
    tmp_path: Path,
) -> None:
    with collected() as told:
        found = qualities(small(tmp_path, "warm", "cold"))
    assert found["alignment"] == [] and found["linearity"]
    assert ["where 8 are asked for" in one.how for one in told.values()] == [True]


def test_what_was_told_of_a_measurement_is_told_again_by_whoever_reads_it(tmp_path: Path) -> None:
    settings, n_made = small(tmp_path, "warm", "cold"), 0
    desk = Desk(asked=read_words([f"output={tmp_path}", f"store={tmp_path}"]))

    def make() -> int:
        nonlocal n_made
        n_made += 1
        return n_scenes(SettingsWorkbench(settings).corpus, 8)

    lines = []
    for _ in range(2):
        with collected() as told:
            value = desk.kept("scenes", settings, make, code="benchmark.paper.tables.naming:n_scenes")
        lines.append([one.line for one in told.values()])
    assert n_made == 1 and value < 8 and lines[0] == lines[1] != []


def test_one_style_has_no_other_to_be_compared_with(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="are of two styles"):
        qualities(small(tmp_path, "warm"))


def test_scenes_of_a_folder_with_few_are_all_used(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    names = "abcdef"
    places = [
        *(f"content/{name}" for name in names),
        "style/oil",
        *(f"stylized/{name}_oil" for name in names),
    ]
    for place in places:
        file = tmp_path / "sets" / f"{place}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (64, 64, 3), np.uint8)).save(file)
        if "content" in place:
            file.with_suffix(".txt").write_text(f"a house named {file.stem}")
    words = ["preset=smoke", "scenario=single_aspect", "corpus=style_transfer", "corpus.size=64"]
    settings = load_settings([*words, f"store={tmp_path}", f"corpus.folder={tmp_path / 'sets'}"])
    bench = SettingsWorkbench(settings)
    with collected() as told:
        shown = painted(settings, bench, "oil")
    assert len(shown.prompts) == bench.corpus.n_images < 8
    assert [one.what for one in told.values()] == ["corpus"]
