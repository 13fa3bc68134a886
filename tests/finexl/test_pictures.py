"""Whatever file or image comes in, everyone sees the same upright sRGB picture on white."""

import struct
import tracemalloc
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from finexl.encoders.cache import image_key
from finexl.encoders.preprocess import BatchPreprocess, read_preprocess_config
from finexl.errors import InvalidInputError
from finexl.interfaces import Question, Task
from finexl.pictures import (
    PictureFiles,
    UnreadableImageError,
    as_seen,
    header_fault,
    picture_key,
    read_picture,
    read_told,
)
from finexl.values import ImagePairs, ImageStack
from finexl.vlms.pictures import encoded as sent
from finexl.vlms.recorded import question_digest

RED, BLUE = (255, 0, 0), (0, 0, 255)
RAMP = np.linspace(0, 65535, 1024).astype(np.uint16).reshape(32, 32)


def plain(color=RED, size=(16, 16)) -> Image.Image:
    return Image.new("RGB", size, color)


def encoded(image: Image.Image, format: str = "PNG", **options) -> bytes:
    stream = BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


def opened(image: Image.Image, format: str = "PNG", **options) -> Image.Image:
    return Image.open(BytesIO(encoded(image, format, **options)))


def with_chunk(kind: bytes, content: bytes, image: Image.Image) -> bytes:
    """A sound PNG with one more chunk behind its header."""
    whole = encoded(image)
    crc = struct.pack(">I", zlib.crc32(kind + content))
    return whole[:33] + struct.pack(">I", len(content)) + kind + content + crc + whole[33:]


def turned(orientation: int) -> Image.Image:
    """Red above blue, once it is turned upright from a JPEG that lies in another way."""
    upright = np.zeros((32, 48, 3), np.uint8)
    upright[:16], upright[16:] = RED, BLUE
    lying = {1: upright, 3: upright[::-1, ::-1], 6: np.rot90(upright), 8: np.rot90(upright, -1)}[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    return opened(Image.fromarray(np.ascontiguousarray(lying)), "JPEG", exif=exif, quality=95)


def test_an_upright_rgb_image_is_given_back_itself() -> None:
    assert as_seen(image := plain()) is image


@pytest.mark.parametrize("mode", ["I;16", "I"])
def test_a_16_bit_ramp_is_scaled_and_not_clipped(mode: str) -> None:
    ramp = Image.fromarray(RAMP if mode == "I;16" else RAMP.astype(np.int32))
    assert ramp.mode == mode and np.asarray(as_seen(ramp)).mean() == pytest.approx(127.5, abs=0.5)


def test_an_8_bit_grey_in_a_wide_mode_keeps_its_levels() -> None:
    assert as_seen(Image.new("L", (8, 8), 200).convert("I")).getpixel((0, 0)) == (200, 200, 200)


@pytest.mark.parametrize(
    "image",
    [
        Image.new("RGBA", (8, 8), (*RED, 0)),
        Image.new("LA", (8, 8), (90, 0)),
        Image.new("PA", (8, 8), (0, 0)),
        Image.new("RGBA", (8, 8), (*RED, 0)).convert("RGBa"),
        Image.new("LA", (8, 8), (90, 0)).convert("La"),
    ],
    ids=lambda image: image.mode,
)
def test_what_is_transparent_shows_white(image: Image.Image) -> None:
    assert as_seen(image).getpixel((0, 0)) == (255, 255, 255)


def test_the_transparent_colour_of_a_16_bit_grey_shows_white() -> None:
    image = opened(Image.fromarray(np.full((8, 8), 1000, np.uint16)), transparency=1000)
    assert as_seen(image).getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_turned_photograph_is_seen_upright(orientation: int) -> None:
    pixels = np.asarray(as_seen(turned(orientation)))
    assert pixels.shape == (32, 48, 3) and pixels[4, 4, 0] > 240 and pixels[-4, -4, 2] > 240


def test_what_was_turned_once_is_not_turned_again() -> None:
    once = as_seen(turned(6))
    assert as_seen(once) is once


def test_palettes_are_resolved() -> None:
    image = plain().quantize(4)
    assert as_seen(image).getpixel((0, 0)) == RED


def test_equal_indices_with_different_palettes_are_different_pictures() -> None:
    red, blue = (Image.new("P", (8, 8), 0) for _ in range(2))
    red.putpalette(RED)
    blue.putpalette(BLUE)
    assert red.tobytes() == blue.tobytes() and image_key(red) != image_key(blue)


def test_what_looks_alike_shares_a_key_whatever_its_mode() -> None:
    variants = [plain(), plain().convert("RGBA"), plain().quantize(2), opened(plain(), "BMP")]
    assert len({picture_key(image) for image in variants}) == 1


def test_a_colour_profile_is_applied() -> None:
    swapped = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # the tags of the red and blue primaries change places, so that red means blue
    swapped = swapped.replace(b"rXYZ", b"tmpX").replace(b"bXYZ", b"rXYZ").replace(b"tmpX", b"bXYZ")
    image = opened(plain(RED), icc_profile=swapped)
    assert as_seen(image).getpixel((0, 0))[2] > 250 > 5 > as_seen(image).getpixel((0, 0))[0]


def test_the_profile_of_srgb_itself_changes_nothing() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = opened(plain((200, 30, 77)), icc_profile=profile)
    assert as_seen(image) is image


def test_a_grey_picture_with_a_profile_of_colours_keeps_its_greys() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = opened(Image.new("L", (8, 8), 90), "JPEG", icc_profile=profile, quality=95)
    assert np.abs(np.asarray(as_seen(image)).astype(int) - 90).max() <= 1


def test_a_broken_profile_is_told() -> None:
    with pytest.warns(UserWarning, match="taken as sRGB"):
        assert as_seen(opened(plain(), icc_profile=b"broken " * 30)).getpixel((0, 0)) == RED


@pytest.mark.parametrize("kind", [b"zTXt", b"iTXt", b"tEXt"])
def test_a_long_text_in_a_sound_png_does_no_harm(kind: bytes) -> None:
    packed = zlib.compress(bytes(2**21))
    texts = {b"zTXt": b"a\0\0" + packed, b"iTXt": b"a\0\1\0\0\0" + packed, b"tEXt": b"a\0" + b"0" * 2**21}
    assert read_picture(with_chunk(kind, texts[kind], plain())).getpixel((0, 0)) == RED


def test_a_profile_of_two_megabytes_is_applied() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    profile = struct.pack(">I", 2**21) + profile[4:] + bytes(2**21 - len(profile))
    image = read_picture(with_chunk(b"iCCP", b"wide\0\0" + zlib.compress(profile), plain()))
    assert image.getpixel((0, 0)) == RED


def test_a_profile_that_unpacks_without_end_is_told_and_costs_no_memory() -> None:
    file = with_chunk(b"iCCP", b"bomb\0\0" + zlib.compress(bytes(2**28)), plain())
    tracemalloc.start()
    with pytest.warns(UserWarning, match="at most 16 MiB"):
        read_picture(file)
    assert tracemalloc.get_traced_memory()[1] < 2**26
    tracemalloc.stop()


def test_the_limits_of_the_process_stay_as_they_are() -> None:
    from PIL import PngImagePlugin

    before = PngImagePlugin.MAX_TEXT_CHUNK, Image.MAX_IMAGE_PIXELS
    read_picture(with_chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(2**21)), plain()))
    assert before == (PngImagePlugin.MAX_TEXT_CHUNK, Image.MAX_IMAGE_PIXELS)


def test_floating_point_pixels_are_refused() -> None:
    with pytest.raises(UnreadableImageError, match="floating-point"):
        as_seen(Image.new("F", (8, 8)))


@pytest.mark.parametrize(
    "image", [turned(6), plain().convert("RGBA"), Image.fromarray(RAMP), plain().quantize(2)]
)
def test_model_and_encoder_see_the_same_picture(image: Image.Image) -> None:
    size = as_seen(image).size[::-1]
    preprocess = BatchPreprocess(
        read_preprocess_config({"mean": [0, 0, 0], "std": [1, 1, 1]}, image_size=size)
    )
    encoder = (preprocess([image])[0].permute(1, 2, 0) * 255).round().numpy().astype(np.uint8)
    model = np.asarray(Image.open(BytesIO(sent(image).content)).convert("RGB"))
    assert np.array_equal(encoder, model) and np.array_equal(model, np.asarray(as_seen(image)))


def test_questions_about_what_looks_alike_are_the_same_question() -> None:
    asked = [
        Question(task=Task.DESCRIBE, text="?", images=(image,)) for image in (plain(), plain().quantize(2))
    ]
    assert question_digest(asked[0]) == question_digest(asked[1])


def test_pairs_show_explainers_pictures_as_they_are_seen() -> None:
    pairs = ImagePairs(prompts=("a",), base=[Image.fromarray(RAMP)], personalized=[plain().convert("RGBA")])
    assert [image.mode for image in (*pairs.base, *pairs.personalized)] == ["RGB", "RGB"]


def test_pairs_read_paths_when_they_are_looked_at(tmp_path: Path) -> None:
    plain().save(tmp_path / "a.png")
    pairs = ImagePairs(prompts=("a",), base=[str(tmp_path / "a.png")], personalized=[tmp_path / "a.png"])
    assert isinstance(pairs.base, PictureFiles) and pairs.base[0].getpixel((0, 0)) == RED


def test_a_missing_file_is_named_when_it_is_looked_at(tmp_path: Path) -> None:
    with pytest.raises(UnreadableImageError, match=r"gone\.png.*cannot be opened"):
        PictureFiles([tmp_path / "gone.png"])[0]


def test_pairs_take_arrays() -> None:
    stack = np.zeros((2, 8, 8, 3), np.uint8)
    pairs = ImagePairs(prompts=("a", "b"), base=stack, personalized=[stack[0], stack[1]])
    assert len(pairs.base) == len(pairs.personalized) == 2 and pairs.base[0].size == (8, 8)


def test_a_stack_stays_a_stack() -> None:
    stack = ImageStack(np.zeros((1, 8, 8, 3), np.uint8))
    assert ImagePairs(prompts=("a",), base=stack, personalized=stack).base is stack


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("folder", "explain_folders"),
        (Path("folder"), "explain_folders"),
        (plain(), "sequence of pictures"),
        ([np.zeros((8, 8, 3))], "uint8 array"),
        ([np.zeros((3, 8, 8), np.uint8)], "channels last"),
        ([Image.new("F", (8, 8))], "floating-point"),
        ([None], "Got NoneType"),
        (None, "Got one NoneType"),
    ],
)
def test_what_is_no_sequence_of_pictures_is_refused_with_what_is_expected(given, expected: str) -> None:
    with pytest.raises(InvalidInputError, match=expected):
        ImagePairs(prompts=("a",), base=given, personalized=[plain()])


def test_one_string_for_prompts_is_refused_with_what_is_expected() -> None:
    with pytest.raises(InvalidInputError, match=r"one per pair.*repeat it"):
        ImagePairs(prompts="a boat", base=[plain()], personalized=[plain()])


def test_a_prompt_that_is_no_text_is_named() -> None:
    with pytest.raises(InvalidInputError, match=r"prompts\[1\].*None"):
        ImagePairs(prompts=["a", None], base=[plain()] * 2, personalized=[plain()] * 2)


def tiff_of_16_bit_greys(photometric: int) -> bytes:
    """A ramp in a TIFF whose greys count from black (1) or from white (0)."""
    data = RAMP.astype("<u2").tobytes()
    tags = {256: 32, 257: 32, 258: 16, 259: 1, 262: photometric, 273: 8, 277: 1, 278: 32, 279: len(data)}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    head = b"II*\0" + struct.pack("<I", 8 + len(data))
    return head + data + struct.pack("<H", len(tags)) + entries + bytes(4)


def test_16_bit_greys_that_count_from_white_are_refused_and_not_shown_as_a_negative() -> None:
    assert header_fault(tiff_of_16_bit_greys(1)) is None
    assert "count from white" in (header_fault(tiff_of_16_bit_greys(0)) or "")
    with pytest.raises(UnreadableImageError, match="count from white"):
        read_told(tiff_of_16_bit_greys(0))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "it is empty"),
        (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
        (b"\n<!DOCTYPE html><html>log in</html>", "page of text"),
        (b"GIF89a" + bytes(20), "GIF, which is not read"),
        (b"\x00\x00\x00\x20ftypavif" + bytes(20), "AVIF"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(20), "HEIC"),
        (b"8BPS\x00\x01", "Photoshop"),
        (bytes(40), "it is not an image in PNG"),
    ],
)
def test_what_a_file_is_in_the_place_of_a_picture_is_told(content: bytes, told: str, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(content)
    for given in (content, tmp_path / "a.png"):
        assert told in (header_fault(given) or "")


@pytest.mark.parametrize(
    ("format", "n", "told"), [("WEBP", 2, 1), ("TIFF", 3, 1), ("PNG", 2, 1), ("PNG", 1, 0), ("MPO", 2, 0)]
)
def test_further_frames_are_told(format: str, n: int, told: int) -> None:
    frames = [plain((grey,) * 3) for grey in range(10, 10 + 80 * n, 80)]
    picture, said = read_told(encoded(frames[0], format, save_all=True, append_images=frames[1:]))
    assert picture.size == (16, 16) and len(said) == told


def test_a_profile_that_is_left_out_is_told_with_the_picture() -> None:
    _, said = read_told(encoded(plain(), "PNG", icc_profile=b"no profile at all" * 10))
    assert len(said) == 1 and "colour profile" in said[0]


@pytest.mark.parametrize("given", [None, 5, {"a", "b"}, {"a": 1, "b": 2}, b"ab"])
def test_prompts_that_are_no_sequence_are_refused_with_what_is_expected(given: object) -> None:
    with pytest.raises(InvalidInputError, match=r"`prompts` must be a sequence of texts.*Give a list"):
        ImagePairs(prompts=given, base=[plain()] * 2, personalized=[plain()] * 2)


def test_a_prompt_that_is_no_unicode_is_named() -> None:
    with pytest.raises(InvalidInputError, match=r"prompts\[1\]` must be valid Unicode"):
        ImagePairs(prompts=["a", "\ud800"], base=[plain()] * 2, personalized=[plain()] * 2)


@pytest.mark.parametrize("empty", [Image.new("RGB", (0, 0)), np.zeros((0, 0, 3), np.uint8)])
def test_a_picture_without_pixels_is_refused_by_its_place(empty: object) -> None:
    with pytest.raises(InvalidInputError, match=r"`base\[1\]`"):
        ImagePairs(prompts=["a", "b"], base=[plain(), empty], personalized=[plain()] * 2)


def test_a_missing_file_among_pictures_is_named_by_its_place(tmp_path: Path) -> None:
    with pytest.raises(UnreadableImageError, match=r"`base\[1\]`.*gone\.png.*No such file"):
        ImagePairs(prompts=["a", "b"], base=[plain(), tmp_path / "gone.png"], personalized=[plain()] * 2)


def test_greys_that_count_from_white_are_refused_by_whoever_reads_the_file() -> None:
    with pytest.raises(UnreadableImageError, match="count from white"):
        read_picture(tiff_of_16_bit_greys(0))
