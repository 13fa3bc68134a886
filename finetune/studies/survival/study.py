"""What survives of each style on its way from the renderer to the encoder: `python -m finetune survival`.

A score says how right an explainer is; this says how right it could be. At five stations a style is put in, at three
strengths, and the shift of embeddings that comes out is compared with the shift of every style's name: at which rank
and at which cosine is its own? What is lost at a station no explainer can find.

This is quality control of the world over all of its styles, scored ones included. No explainer takes part, and training
settings are chosen elsewhere, on development aspects (`calibration.py`).
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from jaxtyping import Float, UInt8
from torch import Tensor

from finetune.corpora.synthetic import SyntheticCorpus
from finetune.generator import GeneratorSettings, generator_id
from finetune.identity import sampling_identity
from finetune.miniature.captions import graded, plain_caption, styled_caption
from finetune.miniature.examples import STYLES, plain_examples, restyle
from finetune.miniature.split import DEVELOPMENT_SEEDS, SCORED_ASPECTS
from finetune.recipe import Mixture, Recipe, Trained
from finetune.store.store import Store
from finetune.workshop import Workshop
from finexl.code_version import code_version
from finexl.concepts import concept_vectors
from finexl.errors import InvalidInputError, unknown_name
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
FINE_TUNED: tuple[Station, ...] = ("trained", "half")
"""Stations that train a model for each style and strength, which takes half a minute."""
STRENGTHS = (1.0, 0.5, 0.25)
STYLES_IN_TURN = (*SCORED_ASPECTS, *(style for style in STYLES if style not in SCORED_ASPECTS))
"""Scored aspects first, then the other aspects, then composite styles: what is asked most is known first."""
N_SCENES = 32
SEED = DEVELOPMENT_SEEDS[78]
_FINDING = "finding.json"

Images = UInt8[np.ndarray, "n 64 64 3"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """How models of the last two stations are trained: as mixtures of the benchmark are (a test holds them alike)."""

    learning_rate: float = 1.2e-4
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


class Case(NamedTuple):
    """Where a style is looked for, and how much of it is put in."""

    station: Station
    style: str
    strength: float


def cases(
    stations: Sequence[str] = (), styles: Sequence[str] = (), strengths: Sequence[float] = ()
) -> list[Case]:
    """What to look at, in turn: quick stations one by one, then those that train models, style by style.

    Nothing means every station, every style, and `STRENGTHS`, of which models are trained at the whole one alone.

    Raises:
        UnknownNameError: A station or style does not exist.
        InvalidInputError: A strength is not in (0, 1].
    """
    for what, given, known in (("stations", stations, STATIONS), ("styles", styles, STYLES)):
        for name in given:
            if name not in known:
                raise unknown_name(what, name, known)
    for strength in strengths:
        if not 0 < strength <= 1:
            raise InvalidInputError(f"`strengths` must be above 0 and at most 1. Got {strength:g}.")
    asked: list[Station] = [station for station in STATIONS if not stations or station in stations]
    quick: list[Station] = [station for station in asked if station not in FINE_TUNED]
    turns: list[tuple[Station, str]] = [
        (station, style) for station in quick for style in styles or STYLES_IN_TURN
    ]
    slow: list[Station] = [station for station in asked if station in FINE_TUNED]
    turns.extend((station, style) for style in styles or STYLES_IN_TURN for station in slow)
    return [
        Case(station, style, strength)
        for station, style in turns
        for strength in strengths or (STRENGTHS if station in quick else STRENGTHS[:1])
    ]


class SurvivalStudy:
    """Puts styles in at stations and looks at what comes out; models, images and findings are kept in `store`."""

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

    def finding(self, case: Case) -> Survival:
        """What comes out of a case; it is made once and kept, as models and their images are."""

        def make(folder: Path) -> None:
            (folder / _FINDING).write_text(json.dumps(asdict(self._looked_at(case))), encoding="utf-8")

        facts = self._facts(case)
        entry = self._store.get_or_make("finding", self._store.key_of(facts), make, describe=facts)
        return Survival(**json.loads((entry / _FINDING).read_bytes()))

    def is_kept(self, case: Case) -> bool:
        """The finding of a case is stored."""
        return self._store.has("finding", self._store.key_of(self._facts(case)))

    def name_cosine(self, one: str, other: str) -> float:
        """Cosine between the shifts of two styles' names."""
        return float(self._names[STYLES.index(one)] @ self._names[STYLES.index(other)])

    def _facts(self, case: Case) -> dict[str, Any]:
        return {**self._identity, "case": case._asdict()}

    @cached_property
    def _identity(self) -> dict[str, Any]:
        """What findings depend on beside their case."""
        return {
            "code": code_version(f"{__name__}:SurvivalStudy._looked_at"),
            "encoder": self._encoder.id,
            "sampling": sampling_identity(self._generator, generator_id(self._generator)),
            "ema_decay": self._generator.ema_decay,
            "method": self._generator.method,
            "training": asdict(self._training),
            "scenes": len(self._scenes.captions),
        }

    def _looked_at(self, case: Case) -> Survival:
        station, style, strength = case
        match station:
            case "rendered":
                shift = self._shift(self._scenes.images, self._painted(style, strength))
            case "autoencoded":
                shift = self._shift(self._plain_through, self._through(self._painted(style, strength)))
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

    @cached_property
    def _plain_through(self) -> Images:
        return self._through(self._scenes.images)

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
