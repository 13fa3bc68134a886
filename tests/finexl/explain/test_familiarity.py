"""Pictures of the miniature's world are told from all others."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from finetune.explaining.shipped.world import foreign
from finetune.miniature.aspects import ASPECTS, apply_aspect
from finetune.miniature.portraits import render_portraits, sample_portraits
from finetune.miniature.render import render
from finetune.miniature.scenes import sample_scenes
from finexl.errors import EncoderError
from finexl.explain.familiarity import familiarity_of, read_familiarity, statistics
from finexl.explain.models import shipped_familiarity

WORLD = shipped_familiarity()
SCENES = render(sample_scenes(24, np.random.default_rng(5)))


def opened(pixels: np.ndarray) -> list[Image.Image]:
    return [Image.fromarray(each) for each in pixels]


def photograph() -> Image.Image:
    from sklearn.datasets import load_sample_image

    return Image.fromarray(load_sample_image("china.jpg"))


def crops(picture: Image.Image, n: int = 24) -> list[Image.Image]:
    rng = np.random.default_rng(0)
    found = []
    for _ in range(n):
        side = int(rng.integers(64, min(picture.size)))
        x, y = (int(rng.integers(0, length - side)) for length in picture.size)
        found.append(picture.crop((x, y, x + side, y + side)))
    return found


def test_rendered_scenes_are_of_the_world() -> None:
    assert WORLD.knows(opened(SCENES))


def test_rendered_faces_are_of_the_world() -> None:
    assert WORLD.knows(opened(render_portraits(sample_portraits(24, np.random.default_rng(5)))))


def test_scenes_in_most_styles_at_half_strength_are_of_the_world() -> None:
    styled = [apply_aspect(SCENES, aspect, np.full(24, 0.5), seed=0) for aspect in ASPECTS]
    assert sum(WORLD.knows(opened(pixels)) for pixels in styled) >= len(ASPECTS) - 1


def test_scenes_that_were_enlarged_are_of_the_world() -> None:
    assert WORLD.knows([image.resize((128, 128), Image.Resampling.BICUBIC) for image in opened(SCENES)])


@pytest.mark.parametrize("name", foreign(seed=3, n=2))
def test_pictures_that_nobody_rendered_are_not_of_the_world(name: str) -> None:
    assert not WORLD.knows(opened(foreign(seed=3)[name]))


def test_a_photograph_is_not_of_the_world() -> None:
    assert not WORLD.knows(crops(photograph()))


def test_pages_of_text_are_not_of_the_world() -> None:
    page = Image.new("RGB", (256, 256), (250, 250, 240))
    for row in range(20):
        ImageDraw.Draw(page).text(
            (6, 4 + 12 * row), "words of a page that nobody drew in the world", fill=(20, 20, 20)
        )
    assert not WORLD.knows(crops(page))


def test_statistics_come_back_from_their_file(tmp_path: Path) -> None:
    world = familiarity_of(SCENES, limit=0.5)
    world.write(tmp_path / "world.safetensors")
    again = read_familiarity(tmp_path / "world.safetensors")
    assert np.allclose(world.distances(opened(SCENES)), again.distances(opened(SCENES)), rtol=1e-3)
    assert again.limit == 0.5


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="Install finexl again"):
        read_familiarity(tmp_path / "gone.safetensors")


def test_statistics_of_a_picture_do_not_depend_on_its_company() -> None:
    assert np.allclose(statistics(SCENES)[:3], statistics(SCENES[:3]), rtol=1e-5)


def test_the_shipped_example_is_what_the_command_makes() -> None:
    import io
    import zipfile

    from finetune.explaining.shipped.world import example
    from finexl.explain.examples import ARCHIVE

    made, shipped = (zipfile.ZipFile(io.BytesIO(content)) for content in (example(), ARCHIVE.read_bytes()))
    assert made.namelist() == shipped.namelist()
    for name in made.namelist()[:9]:
        if name.endswith(".png"):
            pixels = [np.asarray(Image.open(io.BytesIO(archive.read(name)))) for archive in (made, shipped)]
            assert np.array_equal(*pixels)
