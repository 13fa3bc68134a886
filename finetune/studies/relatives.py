"""Which styles look alike, by the renderer alone: `python -m finetune relatives`.

Every style is painted at full strength on the same plain scenes. Its effect is what changes in each scene's maps at
four scales: colours, and the steps of luminance to the right and down. Two styles are compared by the cosine of their
effects over all scenes. Scene by scene, not on average: a texture of mean zero changes every image, and next to nothing
of the mean image, so that means call grain dark and snow bright.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Float64
from PIL import Image, ImageDraw, ImageFont
from scipy.cluster.hierarchy import leaves_list, linkage

from finetune.miniature.aspects import apply_aspect
from finetune.miniature.examples import STYLES, plain_examples
from finetune.miniature.relatives import RELATED_FROM
from finetune.miniature.split import DEVELOPMENT_SEEDS

N_SCENES = 64
SEED = DEVELOPMENT_SEEDS[12]
N_SCALES = 4
_AT_ONCE = 8
"""Scenes whose maps are held at a time."""
_LUMINANCE = np.array([0.299, 0.587, 0.114], dtype=np.float32)
_CELL, _LEFT, _TOP = 17, 92, 104
_DECIMALS = 3

Cosines = Float64[np.ndarray, "n n"]


def effect_cosines(styles: Sequence[str] = STYLES, *, n_scenes: int = N_SCENES) -> Cosines:
    """Cosines between the effects of styles, in the order given; each style is painted with its own noise."""
    images = plain_examples(n_scenes, seed=SEED).images
    products = np.zeros((len(styles), len(styles)))
    for start in range(0, n_scenes, _AT_ONCE):
        block = images[start : start + _AT_ONCE]
        # a seed for each style and block, so that no two textures share their noise
        seeds = (n_scenes * STYLES.index(style) + start for style in styles)
        painted = (apply_aspect(block, style, 1.0, seed) for style, seed in zip(styles, seeds, strict=True))
        stacked = np.stack([_maps(one.astype(np.float32) - block) for one in painted])
        products += stacked @ stacked.T
    lengths = np.sqrt(np.diag(products))
    return products / np.outer(lengths, lengths)


def write_table(path: Path, cosines: Cosines, styles: Sequence[str] = STYLES) -> None:
    """Write cosines by style: a row holds those with the styles before it, and with itself."""
    rows = {
        style: [round(float(cosine), _DECIMALS) for cosine in cosines[number, : number + 1]]
        for number, style in enumerate(styles)
    }
    lines = ",\n".join(f"  {json.dumps(style)}: {json.dumps(row)}" for style, row in rows.items())
    path.write_text(f'{{"scenes": {N_SCENES}, "cosines": {{\n{lines}\n}}}}\n', encoding="utf-8")


def told(cosines: Cosines, styles: Sequence[str] = STYLES) -> str:
    """A line for each style: those that it is related to, the nearest first."""
    lines = []
    for style, row in zip(styles, cosines, strict=True):
        near = [
            f"{styles[other]} {row[other]:.2f}"
            for other in np.argsort(-row, kind="stable")
            if styles[other] != style and row[other] >= RELATED_FROM
        ]
        lines.append(f"{style:<12} {', '.join(near) or '–'}")
    return "\n".join(lines)


def picture(cosines: Cosines, styles: Sequence[str] = STYLES) -> Image.Image:
    """The cosines as a map, styles ordered so that those that look alike are neighbours; related ones have a dot."""
    order = _clustered(cosines)
    side = _CELL * len(styles)
    sheet = Image.new("RGB", (_LEFT + side + 12, _TOP + side + 12), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    pen.text(
        (8, 4), f"cosine of rendered effects: blue alike, red opposite; dot: related (from {RELATED_FROM:g})",
        fill="black", font=font,
    )  # fmt: skip
    for y, one in enumerate(order):
        pen.text((_LEFT - 6, _TOP + _CELL * y + 8), styles[one], fill="black", font=font, anchor="rm")
        _write_upwards(sheet, styles[one], (_LEFT + _CELL * y, _TOP - 6), font)
        for x, other in enumerate(order):
            corner = (_LEFT + _CELL * x, _TOP + _CELL * y)
            cosine = float(cosines[one, other])
            pen.rectangle((*corner, corner[0] + _CELL - 2, corner[1] + _CELL - 2), fill=_color(cosine))
            if cosine >= RELATED_FROM and x != y:
                middle = (corner[0] + _CELL // 2 - 1, corner[1] + _CELL // 2 - 1)
                pen.ellipse((middle[0] - 2, middle[1] - 2, middle[0] + 2, middle[1] + 2), fill="white")
    return sheet


def _maps(differences: Float32[np.ndarray, "n h w 3"]) -> Float32[np.ndarray, " d"]:
    """Maps of pixel differences at all scales: maps are linear, so these are the differences of maps.

    Per scale (full size, then halved by averaging 2 × 2 blocks) an image has five maps: red, green and blue and the
    horizontal and vertical steps of its luminance. Each scale is divided by the root of its number of places, so that
    scales have equal weight.
    """
    found = []
    for _ in range(N_SCALES):
        luminance = differences @ _LUMINANCE
        steps = (np.diff(luminance, axis=2).ravel(), np.diff(luminance, axis=1).ravel())
        maps = np.concatenate([differences.ravel(), *steps])
        found.append(maps / np.float32(np.sqrt(len(maps))))
        n, height, width, _ = differences.shape
        differences = differences.reshape(n, height // 2, 2, width // 2, 2, 3).mean(axis=(2, 4))
    return np.concatenate(found)


def _clustered(cosines: Cosines) -> list[int]:
    """Styles in an order in which neighbours look alike: the leaves of average linkage."""
    distances = 1 - cosines[np.triu_indices(len(cosines), k=1)]
    return leaves_list(linkage(distances, method="average", optimal_ordering=True)).tolist()


def _write_upwards(
    sheet: Image.Image, text: str, foot: tuple[int, int], font: ImageFont.FreeTypeFont | ImageFont.ImageFont
) -> None:
    label = Image.new("RGB", (_TOP - 30, _CELL), "white")
    ImageDraw.Draw(label).text((0, _CELL // 2), text, fill="black", font=font, anchor="lm")
    upright = label.rotate(90, expand=True)
    sheet.paste(upright, (foot[0], foot[1] - upright.height))


def _color(cosine: float) -> tuple[int, int, int]:
    """White at 0, dark blue at 1, red at -1."""
    end = np.array([24, 64, 140]) if cosine >= 0 else np.array([190, 50, 30])
    shade = 255 + (end - 255) * min(abs(cosine), 1.0)
    return (int(shade[0]), int(shade[1]), int(shade[2]))
