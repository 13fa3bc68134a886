"""Strangers' files are read as images, or refused with a reason; nothing else happens."""

import os
import struct
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from finetune.corpora.reading import (
    SkippedFile,
    UnreadableImageError,
    digest_of,
    inside,
    read_image,
    report,
)
from finexl.pictures import FORMATS

RED, BLUE = (255, 0, 0), (0, 0, 255)


def encoded(image: Image.Image, format: str = "PNG", **options) -> bytes:
    stream = BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


def halves(left: tuple[int, ...], right: tuple[int, ...], mode: str = "RGB") -> Image.Image:
    """32 × 32 pixels: `left` and `right` halves."""
    image = Image.new(mode, (32, 32), left)
    image.paste(right, (16, 0, 32, 32))
    return image


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and has no pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize("format", FORMATS)
def test_every_allowed_format_is_read(format: str) -> None:
    pixels = read_image(encoded(Image.new("RGB", (32, 32), RED), format), 16)
    assert pixels.shape == (16, 16, 3) and np.abs(pixels.astype(int) - RED).max() <= 2


def test_the_middle_square_is_taken() -> None:
    image = Image.new("RGB", (96, 32), BLUE)
    image.paste(RED, (32, 0, 64, 32))
    assert (read_image(encoded(image), 32) == RED).all()


def test_exif_orientation_is_applied() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90° clockwise: what is left comes to the top
    pixels = read_image(encoded(halves(RED, BLUE), "JPEG", exif=exif, quality=95), 32)
    assert pixels[2].mean(axis=0)[0] > 240 and pixels[-2].mean(axis=0)[2] > 240


def test_transparent_pixels_show_white() -> None:
    pixels = read_image(encoded(halves((*RED, 255), (*RED, 0), "RGBA")), 32)
    assert (pixels[:, 2] == RED).all() and (pixels[:, -2] == 255).all()


def test_half_transparent_pixels_are_mixed_with_white() -> None:
    pixels = read_image(encoded(Image.new("RGBA", (32, 32), (0, 0, 0, 128))), 32)
    assert np.abs(pixels.astype(int) - 127).max() <= 1


def test_a_transparent_colour_of_a_palette_shows_white() -> None:
    image = halves(RED, BLUE).quantize(2)
    blue = image.getpixel((31, 0))
    pixels = read_image(encoded(image, transparency=blue), 32)
    assert (pixels[:, 2] == RED).all() and (pixels[:, -2] == 255).all()


def test_sixteen_bit_greys_keep_their_range() -> None:
    levels = np.full((32, 32), 32896, dtype=np.uint16)  # 128 · 257
    assert (read_image(encoded(Image.fromarray(levels)), 32) == 128).all()


@pytest.mark.parametrize(("mode", "color"), [("L", 128), ("1", 1), ("P", 7), ("LA", (128, 255))])
def test_grey_and_palette_images_become_rgb(mode: str, color) -> None:
    assert read_image(encoded(Image.new(mode, (32, 32), color)), 16).shape == (16, 16, 3)


def test_cmyk_becomes_rgb() -> None:
    pixels = read_image(encoded(Image.new("CMYK", (32, 32), (0, 255, 255, 0)), "JPEG", quality=95), 16)
    assert pixels[..., 0].min() > 240 and pixels[..., 1:].max() < 15


def test_of_several_frames_the_first_is_shown() -> None:
    frames = [Image.new("RGB", (32, 32), color) for color in (RED, BLUE)]
    animated = encoded(frames[0], "PNG", save_all=True, append_images=frames[1:])
    assert (read_image(animated, 16) == RED).all()


def test_an_animated_gif_is_refused() -> None:
    frames = [Image.new("RGB", (32, 32), color) for color in (RED, BLUE)]
    animated = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    with pytest.raises(UnreadableImageError, match="it is a GIF, which is not read"):
        read_image(animated, 16)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_a_truncated_file_is_refused(format: str) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))
    whole = encoded(noise, format)
    with pytest.raises(UnreadableImageError, match=r"damaged|not an image"):
        read_image(whole[: len(whole) // 2], 16)


@pytest.mark.parametrize("size", [(60_000, 60_000), (10_000, 10_000)])
def test_a_huge_image_is_refused_before_it_is_decoded(size: tuple[int, int]) -> None:
    with pytest.raises(UnreadableImageError, match="more than 80000000 pixels"):
        read_image(png_header(*size), 16)


@pytest.mark.parametrize("size", [(1, 1), (1, 20_000)])
def test_an_image_of_almost_nothing_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(UnreadableImageError, match="8 is the least"):
        read_image(encoded(Image.new("RGB", size)), 16)


def test_floating_point_pixels_are_refused() -> None:
    with pytest.raises(UnreadableImageError, match="floating-point"):
        read_image(encoded(Image.new("F", (32, 32)), "TIFF"), 16)


def test_a_compressed_text_bomb_is_left_out_and_its_picture_read() -> None:
    image = encoded(Image.new("RGB", (32, 32)))
    text = b"Comment\0\0" + zlib.compress(b"0" * 2**24)
    bomb = struct.pack(">I", len(text)) + b"zTXt" + text + struct.pack(">I", zlib.crc32(b"zTXt" + text))
    assert (read_image(image[:33] + bomb + image[33:], 16) == 0).all()


@pytest.mark.parametrize("content", [b"", b"a red house\n"])
def test_a_file_that_is_no_image_is_refused_whatever_its_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "text.png"
    path.write_bytes(content)
    with pytest.raises(UnreadableImageError, match=r"not an image|it is empty|page of text"):
        read_image(path, 16)


def test_folders_pipes_loops_and_missing_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.png").mkdir()
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")
    for name in ("folder.png", "pipe.png", "loop.png", "missing.png"):
        with pytest.raises(UnreadableImageError, match=r"not a file|cannot be opened"):
            read_image(tmp_path / name, 16)


@pytest.mark.parametrize("name", ["../a.png", "/etc/a.png", "a/../../b.png", "a\0.png"])
def test_a_path_may_not_lead_out_of_its_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnreadableImageError, match="out of the folder"):
        inside(tmp_path, name)


def test_random_damage_is_refused_or_read_and_never_anything_else() -> None:
    rng = np.random.default_rng(1)
    whole = encoded(halves(RED, BLUE), "JPEG")
    for _ in range(100):
        damaged = bytearray(whole)
        for place in rng.integers(0, len(whole), 4):
            damaged[place] = rng.integers(256)
        try:
            assert read_image(bytes(damaged), 16).shape == (16, 16, 3)
        except UnreadableImageError as reason:
            assert str(reason)


def test_a_report_counts_all_and_names_three() -> None:
    files = [SkippedFile(name=f"{number}.png", reason="it is damaged") for number in range(5)]
    assert report(files).startswith("5 images were left out ('0.png': it is damaged;")
    assert "'3.png'" not in report(files) and "and 2 more" in report(files)


def test_a_digest_changes_with_content_and_name_and_not_with_the_place(tmp_path: Path) -> None:
    digests = []
    for place, name, content in [("a", "x", b"1"), ("b", "x", b"1"), ("c", "y", b"1"), ("d", "x", b"2")]:
        (tmp_path / place).mkdir()
        (tmp_path / place / name).write_bytes(content)
        digests.append(digest_of(tmp_path / place, [tmp_path / place / name]))
    assert digests[0] == digests[1] and len(set(digests)) == 3
