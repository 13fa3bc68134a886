"""One picture of the whole miniature world, for people: scenes, aspects by strength, styles and portraits."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw
from PIL.ImageFont import load_default

from finetune.miniature.aspects import ASPECTS, COMPOSITES, apply_aspect
from finetune.miniature.captions import caption
from finetune.miniature.portraits import (
    FEATURES,
    Portrait,
    portrait_caption,
    render_portraits,
    sample_portraits,
)
from finetune.miniature.render import SIZE, render
from finetune.miniature.scenes import Scene, sample_scenes

STRENGTHS: tuple[float, ...] = (0.0, 0.25, 0.5, 0.75, 1.0)

_MARGIN = 24
_GAP = 4
_LABEL = 96
_LADDERS_ABREAST = 3
_PICTURES_ABREAST = 10
_PICTURE = 2 * SIZE
_WIDTH = 2 * _MARGIN + _PICTURES_ABREAST * _PICTURE + (_PICTURES_ABREAST - 1) * 8
_INK, _SOFT_INK = (30, 30, 34), (110, 110, 118)
_SUBJECTS_OF_LADDERS = (("house", "red", "field"), ("boat", "orange", "sea"), ("cat", "white", "night"))

Pictures = UInt8[np.ndarray, "n h w 3"]


def contact_sheet(*, seed: int = 0) -> Image.Image:
    """Scenes and portraits with their captions, and every aspect, style and facial feature as a ladder."""
    rng = np.random.default_rng(seed)
    scenes, portraits = sample_scenes(20, rng), sample_portraits(10, rng)
    sections = (
        ("Scenes", captioned(render(scenes), [*map(caption, scenes)])),
        (
            "Aspects, strength 0 to 1",
            _ladders({name: _styled(name, index) for index, name in enumerate(ASPECTS)}),
        ),
        (
            "Styles of several aspects",
            _ladders({name: _styled(name, index) for index, name in enumerate(COMPOSITES)}),
        ),
        ("Portraits", captioned(render_portraits(portraits), [*map(portrait_caption, portraits)])),
        ("Facial features, amount 0 to 1", _ladders({feature: _faces(feature) for feature in FEATURES})),
    )
    parts = [part for title, body in sections for part in (_heading(title), body)]
    sheet, _ = _blank(sum(part.height for part in parts) + _MARGIN)
    top = 0
    for part in parts:
        sheet.paste(part, (0, top))
        top += part.height
    return sheet


def captioned(images: Pictures, captions: Sequence[str]) -> Image.Image:
    """Images at twice their size in rows, each over its caption in up to four lines."""
    font, cell = load_default(size=10), (_PICTURE + 8, _PICTURE + 62)
    n_rows = -(-len(images) // _PICTURES_ABREAST)
    sheet, draw = _blank(n_rows * cell[1])
    for index, (image, words) in enumerate(zip(images, captions, strict=True)):
        row, column = divmod(index, _PICTURES_ABREAST)
        left, top = _MARGIN + column * cell[0], row * cell[1]
        picture = Image.fromarray(image).resize((_PICTURE, _PICTURE), Image.Resampling.NEAREST)
        sheet.paste(picture, (left, top))
        lines = [""]
        for word in words.split():
            longer = f"{lines[-1]} {word}".strip()
            lines = [*lines[:-1], longer] if font.getlength(longer) <= _PICTURE else [*lines, word]
        draw.multiline_text((left, top + _PICTURE + 4), "\n".join(lines), fill=_INK, font=font, spacing=2)
    return sheet


def _styled(name: str, index: int) -> Pictures:
    subject, color, setting = _SUBJECTS_OF_LADDERS[index % len(_SUBJECTS_OF_LADDERS)]
    scene = Scene(
        subjects=(subject,), colors=(color,), setting=setting, positions=((0.5, 0.55),), scale=(36.0,)
    )
    images = np.repeat(render([scene]), len(STRENGTHS), axis=0)
    # one call per strength: the same seed then draws the same grain on every rung
    rungs = zip(images, STRENGTHS, strict=True)
    return np.concatenate([apply_aspect(image[None], name, strength, seed=0) for image, strength in rungs])


def _faces(feature: str) -> Pictures:
    return render_portraits([replace(Portrait(), **{feature: amount}) for amount in STRENGTHS])


def _ladders(ladders: dict[str, Pictures]) -> Image.Image:
    """Named rows of images of growing strength, three rows abreast, read down the columns."""
    step, font = SIZE + _GAP, load_default(size=12)
    n_rows = -(-len(ladders) // _LADDERS_ABREAST)
    sheet, draw = _blank(n_rows * step)
    width = (_WIDTH - 2 * _MARGIN + 8) // _LADDERS_ABREAST
    for index, (name, images) in enumerate(ladders.items()):
        column, row = divmod(index, n_rows)
        left, top = _MARGIN + column * width, row * step
        draw.text((left + _LABEL - 12, top + SIZE // 2), name, fill=_INK, font=font, anchor="rm")
        for rung, image in enumerate(images):
            sheet.paste(Image.fromarray(image), (left + _LABEL + rung * (SIZE + _GAP), top))
    return sheet


def _heading(title: str) -> Image.Image:
    sheet, draw = _blank(58)
    draw.text((_MARGIN, 38), title, fill=_SOFT_INK, font=load_default(size=20), anchor="lm")
    return sheet


def _blank(height: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    sheet = Image.new("RGB", (_WIDTH, height), "white")
    return sheet, ImageDraw.Draw(sheet)
