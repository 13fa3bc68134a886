"""What is development data and what is scored: the only place where that is decided.

Learning rates were chosen on the development aspects and seeds; thresholds and prompts were set once and not
tuned. Whatever is tuned later is tuned there too.
"""

from collections.abc import Sequence

DEVELOPMENT_ASPECTS: tuple[str, ...] = ("warm", "dark", "posterised", "striped", "embossed", "foggy")
"""Aspects for calibration."""

SCORED_ASPECTS: tuple[str, ...] = (
    "vivid", "sepia", "grainy", "sketched", "blurry", "monochrome", "outlined", "vignetted", "pixelated",
    "cool", "bright", "hatched", "dotted", "glowing", "faded",
)  # fmt: skip
"""Aspects of scored series, in the order in which presets take them."""

SCORED_PAIRS: tuple[tuple[str, str], ...] = (
    ("vivid", "outlined"),
    ("blurry", "pixelated"),
    ("sepia", "grainy"),
    ("sketched", "faded"),
    ("monochrome", "vignetted"),
    ("bright", "glowing"),
    ("vivid", "blurry"),
    ("sepia", "monochrome"),
    ("cool", "pixelated"),
    ("vignetted", "hatched"),
    ("faded", "grainy"),
    ("sketched", "bright"),
    ("dotted", "cool"),
    ("sepia", "vignetted"),
    ("glowing", "outlined"),
)
"""Pairs of aspects of scored lattices, in the order in which presets take them.

Every second one is correlated: painting either changes the pixels of a scene much as the other does (cosines of .48 to
.86; those of the others are at most .17). Composite styles are in none: where one aspect is a part of the other, a
lattice of the two has no truth.
"""

STYLE_TRANSFER_ASPECTS: tuple[str, ...] = (
    "vivid", "grainy", "outlined", "blurry", "vintage", "monochrome", "hatched", "sketched", "streaked", "comic",
    "sepia", "pixelated", "neon", "vignetted", "dreamy", "cool", "dotted", "glowing", "noir", "bright",
    "woven", "contrasty", "harsh", "fringed", "scratched", "wavy", "wintry", "faded", "snowy", "doubled",
    "autumnal", "rosy", "manga", "thermal", "gloomy", "arcade", "newsprint", "eerie", "televised", "etched",
    "pastel", "psychedelic", "antique", "romantic",
)  # fmt: skip
"""The styles of the Style Transfer corpus without the development aspects: colour, texture, line, optics and
composite styles in turn, so that neighbours differ in kind and share no elementary aspect."""

WIKIART_ASPECTS: tuple[str, ...] = (
    "Aldova", "Brennick", "Castellan", "Dorivel", "Eskerud", "Faldini", "Grevenstein", "Halloway", "Ivarsen",
    "Jorvath", "Kessling", "Lorimond", "Marchetti", "Norrvik", "Ostrander",
)  # fmt: skip
"""The fifteen artists with the most images, the most productive first."""


def consecutive(aspects: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Neighbours in a list, each aspect in one pair; the last of an odd number is left out."""
    return tuple(zip(aspects[::2], aspects[1::2], strict=False))


def in_threes(aspects: Sequence[str]) -> tuple[tuple[str, str, str], ...]:
    """Neighbours in a list, each aspect in one triple; what is left over is left out."""
    return tuple(zip(aspects[::3], aspects[1::3], aspects[2::3], strict=False))


SCORED: dict[str, tuple[tuple[str, ...], tuple[tuple[str, str], ...]]] = {
    "synthetic": (SCORED_ASPECTS, SCORED_PAIRS),
    "style_transfer": (STYLE_TRANSFER_ASPECTS, consecutive(STYLE_TRANSFER_ASPECTS)),
    "wikiart": (WIKIART_ASPECTS, consecutive(WIKIART_ASPECTS)),
}
"""Scored aspects and pairs of every corpus of the miniature."""

DEVELOPMENT_SEEDS: range = range(0, 1000)
SCORED_SEEDS: range = range(1000, 2000)
"""Seeds of training runs, training scenes and probe prompts."""

_FIRST_FREE = 500
"""Development seeds before it are those of probes, calibration, studies and tuning."""


def training_seeds_of(aspects: Sequence[str]) -> range:
    """Seeds of runs about some aspects of the corpus: development seeds where every one is a development aspect."""
    is_development = bool(aspects) and set(aspects) <= set(DEVELOPMENT_ASPECTS)
    return DEVELOPMENT_SEEDS[_FIRST_FREE:] if is_development else SCORED_SEEDS
