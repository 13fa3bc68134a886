"""What survives of each style on its way from the renderer to the encoder: `python -m finetune survival`.

A score says how right an explainer is; this says how right it could be. At five stations a style is put in, at three
strengths, and the shift of embeddings that comes out is compared with the shift of every style's name: at which rank
and at which cosine is its own? What is lost at a station no explainer can find.

This is quality control of the world over all of its styles, scored ones included. No explainer takes part, and training
settings are chosen elsewhere, on development aspects (`calibration.py`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from jaxtyping import Float, UInt8
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from finetune.corpora.synthetic import SyntheticCorpus
from finetune.generator import GeneratorSettings
from finetune.miniature.aspects import ASPECTS
from finetune.miniature.captions import graded, plain_caption, styled_caption
from finetune.miniature.examples import STYLES, plain_examples, restyle
from finetune.miniature.split import DEVELOPMENT_SEEDS
from finetune.recipe import Mixture, Recipe, Trained
from finetune.store.store import Store
from finetune.workshop import Workshop
from finexl.concepts import concept_vectors
from finexl.errors import unknown_name
from finexl.interfaces import Encoder
from finexl.template import ConceptTemplate
from finexl.values import ImageStack

Station = Literal["rendered", "autoencoded", "named", "trained", "half"]
STATIONS: dict[Station, str] = {
    "rendered": "the style painted on rendered scenes",
    "autoencoded": "the same, through the generator's autoencoder",
    "named": "the base generator asked for the style by name",
    "trained": "a model fine-tuned on images of the style alone",
    "half": "a model fine-tuned on as many images, half of them of the style",
}
"""Where a style is looked for, in the order in which more of it can be lost."""
STRENGTHS = (0.25, 0.5, 1.0)
N_SCENES = 32
SEED = DEVELOPMENT_SEEDS[78]

Images = UInt8[np.ndarray, "n 64 64 3"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """How models of the last two stations are trained: as mixtures of the benchmark are."""

    learning_rate: float = 8e-5
    n_steps: int = 120
    n_images: int = 128
    batch_size: int = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Survival:
    """What came out of one station for one style at one strength."""

    station: Station
    style: str
    strength: float
    rank: int
    """Rank of the style's own name among all styles' names, by cosine; 1 is best."""
    cosine: float
    """Cosine between the shift of images and that of the own name."""
    nearest: str
    """The name at rank 1."""
    length: float
    """Length of the shift of images, ‖V_div‖."""
    projection: float
    """Projection of the images' shift on the unit shift of the own name: half shares are compared by it."""


class SurvivalStudy:
    """Puts styles in at stations and looks at what comes out; models and images are kept in `store`."""

    def __init__(
        self,
        *,
        generator: GeneratorSettings,
        encoder: Encoder,
        store: Path,
        training: Training | None = None,
        n_scenes: int = N_SCENES,
    ) -> None:
        self._generator, self._encoder, self._store = generator, encoder, Store(store)
        self._training = training or Training()
        self._scenes = plain_examples(n_scenes, seed=SEED)
        self._seeds = tuple(SEED * 10_000 + index for index in range(n_scenes))

    def findings(
        self, stations: Sequence[str], styles: Sequence[str], strengths: Sequence[float] = STRENGTHS
    ) -> Iterator[Survival]:
        """Every finding as it is made, station by station; raises UnknownNameError for what does not exist."""
        for what, given, known in (("stations", stations, STATIONS), ("styles", styles, STYLES)):
            for name in given:
                if name not in known:
                    raise unknown_name(what, name, known)
        for station in filter(stations.__contains__, STATIONS):
            for style in styles:
                for strength in strengths:
                    yield self._finding(station, style, strength)

    def _finding(self, station: Station, style: str, strength: float) -> Survival:
        match station:
            case "rendered":
                shift = self._shift(self._scenes.images, self._painted(style, strength))
            case "autoencoded":
                seen = self._through(self._painted(style, strength))
                shift = self._shift(self._through(self._scenes.images), seen)
            case "named":
                shift = self._shift(*self._asked(style, strength))
            case "trained":
                shift = self._shift(*self._fine_tuned(style, strength, parts=2))
            case "half":
                shift = self._shift(*self._fine_tuned(style, strength, parts=1))
        cosines = self._names @ shift / shift.norm()
        own = STYLES.index(style)
        return Survival(
            station=station,
            style=style,
            strength=strength,
            rank=1 + int((cosines > cosines[own]).sum()),
            cosine=float(cosines[own]),
            nearest=STYLES[int(cosines.argmax())],
            length=float(shift.norm()),
            projection=float(self._names[own] @ shift),
        )

    @cached_property
    def _names(self) -> Float[Tensor, "styles d"]:
        """Unit shifts of texts when a style is named."""
        found = concept_vectors(
            STYLES, self._scenes.captions, encoder=self._encoder, template=ConceptTemplate()
        ).double()
        return found / found.norm(dim=1, keepdim=True)

    def _shift(self, base: Images, changed: Images) -> Float[Tensor, " d"]:
        before, after = (
            self._encoder.embed_images(ImageStack(images)).double() for images in (base, changed)
        )
        return (after - before).mean(dim=0)

    def _painted(self, style: str, strength: float) -> Images:
        n = len(self._scenes.images)
        return restyle(self._scenes.images, np.full(n, STYLES.index(style)), np.full(n, strength), seed=SEED)

    @cached_property
    def _autoencoder(self) -> Any:  # the library's annotations are narrower than what it returns
        return (
            AutoencoderKL.from_pretrained(self._generator.folder / "vae", local_files_only=True)
            .float()
            .eval()
        )

    @torch.no_grad()
    def _through(self, images: Images) -> Images:
        pixels = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 127.5 - 1
        decoded = self._autoencoder.decode(self._autoencoder.encode(pixels).latent_dist.mean).sample
        return ((decoded.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy()

    def _asked(self, style: str, strength: float) -> tuple[Images, Images]:
        word = graded(style, strength)
        asked = [styled_caption(word, caption) for caption in self._scenes.captions]
        plain = [plain_caption(caption) for caption in self._scenes.captions]
        workshop = self._workshop(style, 1.0)
        return workshop.images(None, plain, self._seeds), workshop.images(None, asked, self._seeds)

    def _fine_tuned(self, style: str, strength: float, *, parts: int) -> tuple[Images, Images]:
        workshop = self._workshop(style, strength)
        given = self._training
        recipe = Recipe(
            generator=workshop.generator_id,
            corpus="",
            aspects=(style,),
            mixture=Mixture(parts=(parts,), whole=2),
            n_images=given.n_images,
            learning_rate=given.learning_rate,
            batch_size=given.batch_size,
            steps=(given.n_steps,),
            seed=SEED,
            method=self._generator.method,
        )
        model = Trained(recipe=recipe, step=given.n_steps)
        prompts = self._scenes.captions
        return workshop.images(None, prompts, self._seeds), workshop.images(model, prompts, self._seeds)

    def _workshop(self, style: str, strength: float) -> Workshop:
        corpus = SyntheticCorpus(aspects=(style,), strengths=(strength, strength))
        return Workshop(store=self._store, generator=self._generator, corpus=corpus)


def told(findings: Sequence[Survival]) -> str:
    """Counts by station and strength, half shares, and every confusion, in plain text."""
    lines = ["station      strength  own name first  first three  composites first or second"]
    for station in dict.fromkeys(finding.station for finding in findings):
        for strength in sorted({finding.strength for finding in findings}, reverse=True):
            own = [f for f in findings if (f.station, f.strength) == (station, strength)]
            aspects = [f for f in own if f.style in ASPECTS]
            composites = [f for f in own if f.style not in ASPECTS]
            lines.append(
                f"{station:<12} {strength:>8g}  {_share(aspects, 1):>14}  {_share(aspects, 3):>11}  "
                f"{_share(composites, 2):>26}"
            )
    if halves := half_shares(findings):
        shown = ", ".join(f"{style} {share:.2f}" for style, share in halves.items())
        lines += ["", f"half a share shows, of the whole: {shown}"]
    confused = [f for f in findings if f.rank > 1]
    lines += ["", "confusions (own name's rank and cosine; the nearest name):"]
    lines += [
        f"  {f.station:<12} {f.strength:<5g} {f.style:<12} {f.rank:>3}  {f.cosine:.2f}  {f.nearest}  "
        f"(shift {f.length:.2f})"
        for f in confused
    ]
    return "\n".join(lines)


def half_shares(findings: Sequence[Survival], strength: float = 1.0) -> dict[str, float]:
    """By style, the projection on its own name at half a share as a part of that at the whole."""
    size = {(f.station, f.style): f.projection for f in findings if f.strength == strength}
    styles = [style for station, style in size if station == "half" and size.get(("trained", style))]
    return {style: size["half", style] / size["trained", style] for style in styles}


_CELL, _ROW, _LEFT, _TOP = 46, 17, 96, 74
_COLORS = ((46, 139, 87), (240, 200, 80), (205, 92, 80))
"""Of own names at the first place, at the second or third, and below."""


def picture(findings: Sequence[Survival]) -> Image.Image:
    """A row for each style, a column for each station and strength: the cosine, coloured by the rank."""
    styles = list(dict.fromkeys(f.style for f in findings))
    columns = sorted({(list(STATIONS).index(f.station), f.strength) for f in findings})
    stations = list(STATIONS)
    size = (_LEFT + _CELL * len(columns) + 12, _TOP + _ROW * len(styles) + 12)
    sheet = Image.new("RGB", size, "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(11)
    pen.text(
        (8, 6), "cosine with the own name: green 1st, yellow 2nd or 3rd, red below", fill="black", font=font
    )
    for x, (station, strength) in enumerate(columns):
        at = _LEFT + x * _CELL
        pen.text((at + 2, 34), stations[station][:7], fill="black", font=font)
        pen.text((at + 2, 52), f"{strength:g}", fill="black", font=font)
    for y, style in enumerate(styles):
        pen.text((8, _TOP + y * _ROW + 1), style, fill="black", font=font)
    for f in findings:
        x, y = columns.index((stations.index(f.station), f.strength)), styles.index(f.style)
        corner = (_LEFT + x * _CELL, _TOP + y * _ROW)
        color = _COLORS[0 if f.rank == 1 else 1 if f.rank <= 3 else 2]
        pen.rectangle((*corner, corner[0] + _CELL - 3, corner[1] + _ROW - 3), fill=color)
        pen.text(
            (corner[0] + 8, corner[1]), f"{f.cosine:.2f}", fill="white" if f.rank != 2 else "black", font=font
        )
    return sheet


def _share(findings: Sequence[Survival], best: int) -> str:
    return f"{sum(f.rank <= best for f in findings)}/{len(findings)}" if findings else "–"
