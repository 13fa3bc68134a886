"""The style aspects of the miniature world: names, operators of known strength, and composite styles."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, UInt8

from finetune.miniature import lenses, strokes, textures, tints
from finetune.miniature.blending import Operator
from finexl.errors import InvalidInputError, unknown_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Aspect:
    """An elementary way in which an image can differ, at a known strength."""

    synonyms: tuple[str, ...]
    """English words for it, its name first; no word means two aspects."""
    kind: str
    """colour, texture, line or optics."""
    apply: Operator


@dataclass(frozen=True, slots=True, kw_only=True)
class Composite:
    """A named style that is several aspects at once."""

    synonyms: tuple[str, ...]
    """English words for the style, its name first."""
    parts: tuple[tuple[str, float], ...]
    """(aspect, its strength when the style's strength is 1), in order of application."""


_OPERATORS: dict[str, dict[str, Operator]] = {
    "colour": {
        "vivid, vibrant, saturated, colorful": tints.vivid,
        "monochrome, grayscale, colorless, achromatic": tints.monochrome,
        "sepia, brownish, sepia-toned, tea-stained": tints.sepia,
        "warm, golden, amber, warm-toned": tints.warm,
        "cool, bluish, cold, icy": tints.cool,
        "dark, dim, underexposed, shadowy": tints.dark,
        "bright, light, overexposed, lightened": tints.bright,
        "contrasty, high-contrast, punchy, stark": tints.contrasty,
        "faded, pale, washed-out, muted": tints.faded,
        "rosy, pinkish, rose-tinted, blushing": tints.rosy,
        "thermal, infrared, heat-mapped, false-color": tints.thermal,
    },
    "texture": {
        "grainy, noisy, speckled, gritty": textures.grainy,
        "striped, banded, lined, barred": textures.striped,
        "hatched, cross-hatched, scribbled, engraved": textures.hatched,
        "posterised, posterized, flat-colored, quantized": textures.posterised,
        "pixelated, blocky, pixelized, low-resolution": textures.pixelated,
        "dotted, halftone, stippled, screen-printed": textures.dotted,
        "woven, knitted, textile, canvas-like": textures.woven,
        "scratched, scraped, scuffed, damaged": textures.scratched,
        "snowy, snowing, flaky, snow-covered": textures.snowy,
    },
    "line": {
        "outlined, contoured, inked, edged": strokes.outlined,
        "sketched, penciled, drawn, sketchy": strokes.sketched,
        "embossed, chiseled, carved, relief-like": strokes.embossed,
        "neon, fluorescent, electric, neon-lit": strokes.neon,
    },
    "optics": {
        "blurry, blurred, unfocused, out-of-focus": lenses.blurry,
        "streaked, motion-blurred, smeared, dragged": lenses.streaked,
        "vignetted, dark-cornered, spotlit, vignette-framed": lenses.vignetted,
        "foggy, misty, hazy, smoky": lenses.foggy,
        "glowing, blooming, radiant, haloed": lenses.glowing,
        "fringed, chromatic, color-shifted, anaglyph": lenses.fringed,
        "wavy, rippled, warped, undulating": lenses.wavy,
        "doubled, ghosted, double-exposed, duplicated": lenses.doubled,
    },
}
"""Kind to the words for each aspect and what it does to images."""

ASPECTS: dict[str, Aspect] = {
    words.partition(",")[0]: Aspect(synonyms=tuple(words.split(", ")), kind=kind, apply=apply)
    for kind, operators in _OPERATORS.items()
    for words, apply in operators.items()
}

_PARTS: dict[str, tuple[tuple[str, float], ...]] = {
    "vintage, retro, nostalgic": (("sepia", 0.75), ("grainy", 0.50), ("vignetted", 0.75)),
    "comic, cartoonish, comic-book": (("outlined", 1.0), ("posterised", 0.60), ("vivid", 0.70)),
    "dreamy, ethereal, soft": (("blurry", 0.45), ("bright", 0.35), ("glowing", 0.50)),
    "noir, film-noir, hard-boiled": (("monochrome", 1.0), ("contrasty", 0.70), ("vignetted", 0.80)),
    "harsh, rough, brutal": (("contrasty", 0.70), ("dark", 0.35), ("grainy", 0.70)),
    "wintry, frosty, arctic": (("cool", 0.70), ("bright", 0.25), ("snowy", 0.80)),
    "autumnal, autumn-like, fall-colored": (("warm", 0.80), ("vivid", 0.40), ("dark", 0.30)),
    "manga, anime-like, graphic-novel": (("outlined", 0.90), ("monochrome", 1.0), ("dotted", 0.70)),
    "gloomy, dreary, somber": (("foggy", 0.50), ("cool", 0.50), ("dark", 0.55)),
    "arcade, video-game, eight-bit": (("vivid", 0.60), ("posterised", 0.60), ("pixelated", 0.75)),
    "newsprint, newspaper, tabloid": (("monochrome", 0.90), ("dotted", 0.80), ("faded", 0.35)),
    "eerie, spooky, haunted": (("wavy", 0.70), ("cool", 0.50), ("dark", 0.50)),
    "televised, broadcast, on-screen": (("fringed", 0.80), ("striped", 0.55), ("cool", 0.25)),
    "etched, copperplate, intaglio": (("monochrome", 0.90), ("outlined", 0.60), ("hatched", 0.80)),
    "pastel, chalky, powdery": (("faded", 0.55), ("bright", 0.40), ("rosy", 0.25)),
    "psychedelic, hallucinatory, trippy": (("wavy", 0.80), ("thermal", 0.50), ("vivid", 0.80)),
    "antique, aged, archival": (("sepia", 0.65), ("faded", 0.40), ("scratched", 0.80)),
    "romantic, tender, loving": (("rosy", 0.70), ("glowing", 0.45), ("vignetted", 0.40)),
    "cinematic, filmic, movie-like": (("contrasty", 0.45), ("cool", 0.35), ("vignetted", 0.60)),
    "kinetic, speedy, dynamic": (("streaked", 0.80), ("contrasty", 0.40), ("vivid", 0.30)),
}
"""The words for each composite style, and the aspects that it is made of."""

COMPOSITES: dict[str, Composite] = {
    words.partition(",")[0]: Composite(synonyms=tuple(words.split(", ")), parts=parts)
    for words, parts in _PARTS.items()
}

_AT_ONCE = 64
"""Images held as floats at a time."""


def apply_aspect(
    images: UInt8[np.ndarray, "n h w 3"], name: str, strength: float | Float[np.ndarray, " m"], seed: int
) -> UInt8[np.ndarray, "n h w 3"]:
    """`images` with the aspect or composite style `name` at `strength` in 0..1, one for all or one each.

    Raises:
        UnknownNameError: no such aspect or style.
        InvalidInputError: a strength outside 0..1, or not one for each image.
    """
    if name in ASPECTS:
        parts = ((name, 1.0),)
    elif name in COMPOSITES:
        parts = COMPOSITES[name].parts
    else:
        raise unknown_name("aspect", name, (*ASPECTS, *COMPOSITES))
    given = np.asarray(strength, dtype=np.float32)
    if given.shape not in ((), (len(images),)) or not ((given >= 0) & (given <= 1)).all():
        raise InvalidInputError(
            f"`strength` of an aspect must be one number in [0, 1], or one for each of the {len(images)} images. "
            f"Got {strength!r}."
        )
    strengths = np.broadcast_to(given, (len(images),))
    rng = np.random.default_rng(seed)
    styled = np.empty_like(images)
    for start in range(0, len(images), _AT_ONCE):
        block = slice(start, start + _AT_ONCE)
        pixels = images[block].astype(np.float32) / np.float32(255)
        for aspect, share in parts:
            pixels = ASPECTS[aspect].apply(pixels, strengths[block] * np.float32(share), rng)
        styled[block] = np.rint(np.clip(pixels, 0, 1) * 255)
    return styled
