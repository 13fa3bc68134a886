"""Pictures whose colour says which they are, and tables of them."""

import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


def square(value: int) -> Image.Image:
    """A grey picture of one value, 16 px."""
    return Image.new("RGB", (16, 16), (value,) * 3)


def png(value: int) -> bytes:
    """The PNG file of `square`."""
    stream = io.BytesIO()
    square(value).save(stream, "PNG")
    return stream.getvalue()


class Echo:
    """A captioner that says the value of each picture, and counts how often it was asked."""

    def __init__(self) -> None:
        self.n_described = 0

    def caption(self, images: np.ndarray) -> Sequence[str]:
        self.n_described += len(images)
        return [f"a thing of value {int(image[0, 0, 0])}" for image in images]


@pytest.fixture
def draw() -> Callable[[Path, int], None]:
    """Writes a grey picture of one value, in any format."""

    def write(path: Path, value: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        square(value).save(path)

    return write


@pytest.fixture
def photos(tmp_path: Path, draw: Callable[[Path, int], None]) -> Path:
    """Ten pictures with captions of each of two labels; values tell them apart."""
    for start, label in ((0, "vivid"), (100, "faded")):
        for number in range(10):
            path = tmp_path / "photos" / label / f"{number}.png"
            draw(path, start + number)
            path.with_suffix(".txt").write_text(f"thing {start + number}\n")
    return tmp_path / "photos"


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def parquet(tmp_path: Path) -> Callable[..., Path]:
    """Writes a Parquet file as `datasets` does: images as structs, classes as numbers with names beside."""

    def write(
        name: str, rows: Mapping[str, list], classes: Mapping[str, Sequence[str]] | None = None
    ) -> Path:
        datasets = pytest.importorskip("datasets")
        features = {
            column: datasets.ClassLabel(names=list(names)) for column, names in (classes or {}).items()
        }
        if "image" in rows:
            features["image"] = datasets.Image()
        table = datasets.Dataset.from_dict(dict(rows))
        table = table.cast(datasets.Features({**table.features, **features}))
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        table.to_parquet(path, batch_size=7)  # several row groups
        return path

    return write


@pytest.fixture
def image_cell() -> Callable[[int], dict]:
    """A cell of an image column."""
    return lambda value: {"bytes": png(value), "path": f"{value}.png"}
