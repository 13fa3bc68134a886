"""How well a captioner names the style of a scene, on renderings that no training has seen.

What it says of each image is what the suite hears: one caption without chance (`Task.DESCRIBE`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image
from scipy.stats import spearmanr

from finetune.miniature.examples import STYLES, plain_examples, restyle
from finetune.miniature.vocabulary import DEGREE_SCORES, synonyms
from finexl.interfaces import VLM, Question, Reply, Task
from finexl.vlms.miniature import load_miniature_vlm
from finexl.vlms.style_words import StyleWords

STRENGTHS = (0.3, 0.6, 0.9)
N_SCENES = 8
"""Of every style."""
SEED = 9041
"""Of scenes and styles; models are trained with seeds below 1000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionerQuality:
    """What a captioner says of scenes in one style each, at each of `STRENGTHS`, and of the same scenes in none."""

    n: int
    """Scenes."""
    named: tuple[float, ...]
    """Share of scenes whose style is named, by any of its words, at each strength."""
    chance: float
    """Share of scenes whose style were named, over all strengths, by the caption of another scene, drawn at random."""
    plain: float
    """Share of plain scenes of which no style is named."""
    correlation: float
    """Spearman's, of the degree that the style is named with (0 if it is not) and its strength; 0 if all are equal."""

    def told(self) -> str:
        """The figures in two sentences."""
        shares = ", ".join(f"{share:.0%}" for share in self.named)
        return (
            f"Of {self.n} held-out scenes in one style each it names the style in {shares} of all cases at strength "
            f"{', '.join(map(str, STRENGTHS))} (by chance {self.chance:.1%}), and none in {self.plain:.0%} of the same "
            f"scenes without a style. Spearman's correlation of named degree and strength is {self.correlation:.2f}."
        )


def measured(folder: Path) -> CaptionerQuality:
    """The quality of the captioner in `folder`."""
    return captioner_quality(load_miniature_vlm(folder))


def captioner_quality(vlm: VLM, *, n_scenes: int = N_SCENES, seed: int = SEED) -> CaptionerQuality:
    """Ask `vlm` to describe `n_scenes` scenes in every style of the world, at every strength, and in none."""
    styles = np.repeat(np.arange(len(STYLES)), n_scenes)
    scenes = plain_examples(len(styles), seed=seed).images
    looks = [restyle(scenes, styles, np.full(len(styles), s), seed=seed) for s in STRENGTHS]
    degrees = np.stack([_degrees(vlm, look) for look in looks])  # (strengths, scenes, styles)
    own = degrees[:, np.arange(len(styles)), styles]
    strengths = np.repeat(STRENGTHS, len(styles))
    return CaptionerQuality(
        n=len(styles),
        named=tuple((own > 0).mean(axis=1).tolist()),
        chance=float((degrees > 0).mean()),
        plain=float((_degrees(vlm, scenes) == 0).all(axis=1).mean()),
        correlation=_rank_correlation(own.ravel(), strengths),
    )


def _degrees(vlm: VLM, images: UInt8[np.ndarray, "n h w 3"]) -> Float[np.ndarray, "n styles"]:
    """The degree that each style is named with for each image, from 1 to 10; 0 where it is not named."""
    words = StyleWords(styles={style: synonyms(style) for style in STYLES}, degrees=DEGREE_SCORES)
    degrees = np.zeros((len(images), len(STYLES)))
    for row, caption in zip(degrees, _described(vlm, images), strict=True):
        for word, degree in words.mentions(caption):
            row[STYLES.index(words.style_of(word))] = degree
    return degrees


def _described(vlm: VLM, images: UInt8[np.ndarray, "n h w 3"]) -> Sequence[str]:
    """One caption per image; an image without a reply has an empty one."""
    asked = [Question(task=Task.DESCRIBE, text="", images=(Image.fromarray(image),)) for image in images]
    return [reply.text if isinstance(reply, Reply) else "" for reply in vlm.ask(asked)]


def _rank_correlation(a: Float[np.ndarray, " n"], b: Float[np.ndarray, " n"]) -> float:
    if not (np.ptp(a) and np.ptp(b)):
        return 0.0
    return float(np.asarray(spearmanr(a, b))[0])
