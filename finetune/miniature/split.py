"""What is development data and what is scored: the only place where that is decided.

Learning rates were chosen on the development aspects and seeds; thresholds and prompts were set once and not
tuned. Whatever is tuned later is tuned there too.
"""

DEVELOPMENT_ASPECTS: tuple[str, ...] = ("warm", "dark", "posterised", "striped", "embossed", "foggy")
"""Aspects for calibration."""

SCORED_ASPECTS: tuple[str, ...] = (
    "vivid", "sepia", "grainy", "sketched", "blurry", "monochrome", "outlined", "vignetted", "pixelated",
    "cool", "bright", "hatched", "dotted", "glowing", "faded",
)  # fmt: skip
"""Aspects of scored series, in the order in which presets take them."""

SCORED_PAIRS: tuple[tuple[str, str], ...] = (
    ("vivid", "outlined"),
    ("sepia", "grainy"),
    ("monochrome", "vignetted"),
    ("vivid", "blurry"),
    ("cool", "pixelated"),
    ("sketched", "sepia"),
    ("faded", "grainy"),
    ("bright", "hatched"),
    ("dotted", "cool"),
    ("glowing", "outlined"),
    ("blurry", "monochrome"),
    ("vignetted", "faded"),
    ("pixelated", "bright"),
    ("hatched", "vivid"),
    ("glowing", "sketched"),
)
"""Pairs of aspects of scored lattices, in the order in which presets take them."""

DEVELOPMENT_SEEDS: range = range(0, 1000)
SCORED_SEEDS: range = range(1000, 2000)
"""Seeds of training runs, training scenes and probe prompts."""
