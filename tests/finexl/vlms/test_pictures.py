"""What is sent shows exactly the image's pixels, and says truly what it is."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from finexl.vlms.pictures import MIME_TYPES, encoded

NOISE = Image.fromarray(np.random.default_rng(0).integers(0, 256, (24, 16, 3), dtype=np.uint8))


def read(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


@pytest.mark.parametrize("format", MIME_TYPES)
def test_a_file_is_sent_as_it_is(format: str, tmp_path: Path) -> None:
    path = tmp_path / "picture"
    NOISE.save(path, format=format)
    with Image.open(path) as image:
        sent = encoded(image)
    assert sent.content == path.read_bytes() and sent.mime == MIME_TYPES[format]


def test_an_image_without_a_file_is_sent_without_loss() -> None:
    sent = encoded(NOISE)
    assert sent.mime == "image/png" and read(sent.content).tobytes() == NOISE.tobytes()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "HSV", "YCbCr", "I;16"])
def test_every_mode_is_sent_as_what_it_says_it_is(mode: str) -> None:
    sent = encoded(Image.new(mode, (4, 4)))
    assert MIME_TYPES[read(sent.content).format or ""] == sent.mime


def test_an_image_that_was_changed_after_opening_is_not_sent_as_its_file(tmp_path: Path) -> None:
    NOISE.save(tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        image.load()
        image.paste((255, 0, 0), (0, 0, 8, 8))
        sent = encoded(image)
    assert read(sent.content).tobytes() == image.tobytes() != NOISE.tobytes()


@pytest.mark.parametrize("change", [lambda path: path.unlink(), lambda path: path.write_bytes(b"gone")])
def test_an_image_whose_file_has_gone_is_sent_all_the_same(change, tmp_path: Path) -> None:
    NOISE.save(tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        image.load()
        change(tmp_path / "a.png")
        assert read(encoded(image).content).tobytes() == NOISE.tobytes()


def test_a_turned_photograph_is_sent_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    NOISE.save(tmp_path / "a.jpg", exif=exif)
    with Image.open(tmp_path / "a.jpg") as image:
        sent = encoded(image)
        upright = image.transpose(Image.Transpose.ROTATE_270)
        assert sent.mime == "image/png" and read(sent.content).tobytes() == upright.tobytes()


def test_of_an_animation_the_shown_frame_is_sent(tmp_path: Path) -> None:
    NOISE.save(tmp_path / "a.png", save_all=True, append_images=[NOISE.transpose(Image.Transpose.ROTATE_180)])
    with Image.open(tmp_path / "a.png") as image:
        sent = encoded(image)
    assert getattr(read(sent.content), "n_frames", 1) == 1


def test_the_data_url_holds_the_very_bytes() -> None:
    import base64

    sent = encoded(NOISE)
    head, _, body = sent.data_url.partition(",")
    assert head == "data:image/png;base64" and base64.b64decode(body) == sent.content
