"""Grids show the base and every model at readable size, and sheets give the cells back unchanged."""

import base64
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from benchmark.show.images import MAX_COLUMNS, Grid, draw_grid, is_drawn, sheet_path, strips


def images(n: int, size: int = 64, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, (n, size, size, 3), dtype=np.uint8)


def drawn(tmp_path: Path, n: int = 3, size: int = 64) -> Path:
    path = tmp_path / "grid.png"
    rows = [("base", images(n, size)), ("vivid 3", images(n, size, seed=1))]
    grid = Grid(path=path, title="single_aspect/vivid", key="key")
    draw_grid(grid, prompts=["a boat\x00\n"] * n, rows=rows)
    return path


def opened(uri: str) -> np.ndarray:
    content = base64.b64decode(uri.removeprefix("data:image/webp;base64,"))
    return np.asarray(Image.open(BytesIO(content)))


def test_cells_of_a_grid_are_three_times_as_large_as_small_images(tmp_path: Path) -> None:
    with Image.open(drawn(tmp_path)) as grid:
        assert grid.width > 3 * 192
        assert grid.height > 2 * 192


def test_no_more_columns_are_drawn_than_people_can_take_in(tmp_path: Path) -> None:
    with Image.open(sheet_path(drawn(tmp_path, n=20))) as sheet:
        assert sheet.width == 64 * MAX_COLUMNS


def test_strips_are_the_rows_of_small_images_nearly_unchanged(tmp_path: Path) -> None:
    smooth = np.linspace(0, 255, 64).astype(np.uint8)
    pictures = np.broadcast_to(smooth[None, None, :, None], (3, 64, 64, 3)).copy()
    path = tmp_path / "grid.png"
    rows = [("base", pictures), ("vivid 3", 255 - pictures)]
    draw_grid(Grid(path=path, title="single_aspect/vivid", key="key"), prompts=["a boat"] * 3, rows=rows)
    for strip, (_, shown) in zip(strips(sheet_path(path), 2), rows, strict=True):
        gap = opened(strip).astype(int) - np.concatenate(shown, axis=1)
        assert np.abs(gap).mean() < 6


def test_large_images_make_small_strips(tmp_path: Path) -> None:
    (base, _) = strips(sheet_path(drawn(tmp_path, size=512)), 2)
    assert opened(base).shape == (96, 3 * 96, 3)


def test_grids_carry_no_metadata_and_repeat_byte_for_byte(tmp_path: Path) -> None:
    first = drawn(tmp_path).read_bytes()
    assert drawn(tmp_path).read_bytes() == first
    with Image.open(tmp_path / "grid.png") as grid:
        assert grid.info == {}


def test_a_grid_of_other_images_or_half_a_grid_is_not_drawn(tmp_path: Path) -> None:
    path = tmp_path / "grid.png"
    assert not is_drawn(path, "key")
    drawn(tmp_path)
    assert is_drawn(path, "key")
    assert not is_drawn(path, "another key")
    path.unlink()
    assert not is_drawn(path, "key")


def test_a_damaged_sheet_is_drawn_again(tmp_path: Path) -> None:
    path = drawn(tmp_path)
    sheet_path(path).write_bytes(b"not an image")
    assert not is_drawn(path, "key")
