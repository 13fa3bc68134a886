"""Where personalized models and their images come from: everything is looked up first and made at most once.

A key is the version of a stage's code, its settings and the identity of what goes in; never a name or a path.
The generator is loaded when something has to be made, so a run in which all is stored needs no torch.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from jaxtyping import UInt8

from finetune.corpora import Corpus, PairedCorpus
from finetune.corpora.few_prompts import enough_prompts
from finetune.generator import GeneratorSettings, generator_id
from finetune.identity import composing_code, editing_code, sampling_identity, training_identity
from finetune.mixing import TrainingImages, n_base_images, training_images
from finetune.pairs import read_images, write_images
from finetune.recipe import Composed, Edited, Recipe, Released, Reseeded, Trained, Triggered, Variant
from finetune.store import manifest
from finetune.store.progress import Progress, Silent
from finetune.store.store import Store
from finexl.errors import InvalidInputError, unknown_name
from finexl.notices import Notice, collected, notice

if TYPE_CHECKING:
    from finetune.families.opening import Family
    from finexl.interfaces import ImageGenerator

Images = UInt8[np.ndarray, "n h w 3"]
Known = TypeVar("Known")

MIXING_SEED = 20_001
"""First seed of the prompts and noise of base-model images for mixtures, apart from those of probes."""

_TOLD = "notices.json"
"""The file of an entry that holds what was told while it was made."""

_BLOCK = 16
"""Base-model images for mixtures are stored in blocks, so that a small share needs few of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """What a base generator is compared with beside the models that are trained from it."""

    directions: Mapping[str, Path] = field(default_factory=dict)
    """Edit directions by name (§6.3)."""
    versions: Mapping[str, GeneratorSettings] = field(default_factory=dict)
    """Other released checkpoints by name (§6.4)."""


class Workshop:
    """Makes, keeps and finds the personalized models of one base generator, and images of both."""

    def __init__(
        self,
        *,
        store: Store,
        generator: GeneratorSettings,
        corpus: Corpus,
        neighbours: Neighbours | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._store = store
        self._generator = generator
        self._corpus = corpus
        self._neighbours = neighbours or Neighbours()
        self._progress: Progress = progress or Silent()
        self._versions: dict[str, Family] = {}

    @cached_property
    def generator_id(self) -> str:
        """A hash of the base generator's weights and configuration."""
        return generator_id(self._generator)

    def renew(self, since: float) -> None:
        """From now on, make again what was stored before `since` (seconds since 1970)."""
        self._store.since = since

    def train(self, recipe: Recipe) -> Path:
        """The folder of a recipe's trajectory, trained now if it is not stored.

        Raises:
            InvalidInputError: The recipe is for another generator, or its images have another size.
            GeneratorError: The generator cannot be loaded.
            TrainingError: The loss is no longer finite.
        """
        self._check(recipe.generator)
        key = self._trajectory_key(recipe)

        def make(folder: Path) -> None:
            from finetune.training import trajectory  # brings torch

            # An interrupted run continues in the workspace, which outlives it.
            workspace = self._store.workspace("trajectory", key)
            run = trajectory.Run(folder=workspace, settings=trajectory.training_settings(self._generator))
            stream = self._family.stream(self.training_images(recipe), recipe)
            personalizer = self._family.personalizer(recipe)
            trajectory.train_trajectory(recipe, personalizer, stream, run=run, progress=self._progress)
            for path in trajectory.kept_files(workspace):
                path.replace(folder / path.name)

        return self._stored("trajectory", key, make, describe=self._trajectory_identity(recipe))

    def is_trained(self, recipe: Recipe) -> bool:
        """The recipe's trajectory is stored."""
        return self._store.has("trajectory", self._trajectory_key(recipe))

    def images(self, variant: Variant | None, prompts: Sequence[str], seeds: Sequence[int]) -> Images:
        """Images of a model, None being the base generator; all start from the noise that the seeds give.

        Raises:
            InvalidInputError: The model is of another generator, or names a direction or version that is not known.
            GeneratorError: The generator cannot be loaded, or its images are not finite.
        """
        # composed of what is stored for others, so that a share costs no images of its own
        if isinstance(variant, Triggered):
            images, places = self.images(None, prompts, seeds).copy(), list(variant.places(prompts))
            images[places] = self.images(variant.model, prompts, seeds)[places]
            return images
        if isinstance(variant, Reseeded):
            self._check(variant.generator)
            return self.images(None, prompts, _shifted(seeds, variant))

        def make(folder: Path) -> None:
            write_images(folder, self._sampler(variant).sample(prompts, seeds))

        if variant is not None:
            self._check(_base_of(variant))
        identity = self._images_identity(variant, prompts, seeds)
        key = self._store.key_of(identity)
        return read_images(self._stored("images", key, make, describe=identity))

    def images_key(self, variant: Variant | None, prompts: Sequence[str], seeds: Sequence[int]) -> str:
        """The key of images; step 0 of a run and scale 0 of an edit are the base generator.

        Images of a triggered model are not stored as such: their key names those that they are composed of.
        """
        match variant:
            case Triggered(model=model):
                places, own = variant.places(prompts), self.images_key(model, prompts, seeds)
                if len(places) == len(prompts):
                    return own
                base = self.images_key(None, prompts, seeds)
                return self._store.key_of({"base": base, "triggered": own, "places": list(places)})
            case Reseeded():
                return self.images_key(None, prompts, _shifted(seeds, variant))
            case _:
                return self._store.key_of(self._images_identity(variant, prompts, seeds))

    def has_images(self, variant: Variant | None, prompts: Sequence[str], seeds: Sequence[int]) -> bool:
        """These images are stored, or all that they are composed of."""
        if isinstance(variant, Triggered):
            return all(self.has_images(part, prompts, seeds) for part in (None, variant.model))
        return self._store.has("images", self.images_key(variant, prompts, seeds))

    def training_images(self, recipe: Recipe) -> TrainingImages:
        """The recipe's training list, with the base generator's own images as the mixture asks."""
        self.tell_of_contents()
        prompts, images = self._base_share(n_base_images(recipe))
        return training_images(
            recipe,
            corpus=self._corpus,
            base_images=images,
            base_captions=prompts,
            with_contents=self._generator.facts.wants_contents,  # drawn for nothing where nobody reads them
        )

    def tell_of_contents(self) -> None:
        """Tell where training reads what images show without their aspect, and the corpus does not know it.

        Images are then rebuilt from what they already are, which the base generator can do.
        """
        if self._generator.facts.wants_contents and not isinstance(self._corpus, PairedCorpus):
            how = (
                "learns to rebuild images from their own tokens, since the corpus does not know what they show without "
                "their aspect: expect hardly any change (corpora with contents: synthetic, style_transfer, drawn)"
            )
            notice(Notice(what=f"generator {self._generator.family}", how=how))

    def _stored(
        self, kind: str, key: str, make: Callable[[Path], None], *, describe: Mapping[str, Any]
    ) -> Path:
        """An entry of the store; what was told while it was made lies in it, and is told again by whoever uses it."""

        def fill(folder: Path) -> None:
            with collected() as told:
                make(folder)
            if told:
                text = json.dumps([asdict(one) for one in told.values()])
                (folder / _TOLD).write_text(text, encoding="utf-8")

        entry = self._store.get_or_make(kind, key, fill, describe=describe)
        if (told := entry / _TOLD).is_file():
            for one in json.loads(told.read_bytes()):
                notice(Notice(**{**one, "examples": tuple(one["examples"])}), is_logged=True)
        return entry

    def _sampler(self, variant: Variant | None) -> "ImageGenerator":
        match _simplest(variant):
            case Trained(step=step, scale=scale, recipe=recipe) if step and scale:
                from finetune.training.trajectory import load_step  # brings torch

                return self._family.generator(load_step(self.train(recipe), step), scale=scale)
            case Composed() as several:
                return self._composed(several)
            case Edited(scale=scale) as edit if scale:
                return self._edited(edit)
            case Released(version=version):
                if version not in self._versions:
                    self._versions[version] = self._opened(self._version(version))
                return self._versions[version].generator()
            case _:
                return self._family.generator()

    def _base_share(self, n: int) -> tuple[tuple[str, ...], Images]:
        """The first `n` base-model images for mixtures, and their captions."""
        n_blocks = -(-n // _BLOCK)
        blocks = [np.empty((0, 1, 1, 3), np.uint8)] if n == 0 else []
        captions: list[str] = []
        for block in range(n_blocks):
            self._progress.step(block, n_blocks, "base images")
            prompts = enough_prompts(self._corpus, _BLOCK, MIXING_SEED + block)
            first = MIXING_SEED + block * _BLOCK
            blocks.append(self.images(None, prompts, range(first, first + _BLOCK)))
            captions.extend(prompts)
        return tuple(captions[:n]), np.concatenate(blocks)[:n]

    def _composed(self, variant: Composed) -> "ImageGenerator":
        from finetune.families.opening import ComposableFamily
        from finetune.training.trajectory import load_step  # brings torch

        if not isinstance(self._family, ComposableFamily):
            raise InvalidInputError(
                "A composed model needs a generator with adapters. "
                f"Got the family {self._generator.family!r}. Choose one of diffusion, with generator.method=lora."
            )
        # in the order of keys: the last bit of a sum must not depend on who is named first
        parts = sorted(variant.adapters, key=lambda part: (self._trajectory_key(part.recipe), part.step))
        return self._family.composed(
            [(load_step(self.train(part.recipe), part.step), part.scale) for part in parts]
        )

    def _edited(self, variant: Edited) -> "ImageGenerator":
        from finetune.families.opening import EditableFamily

        if not isinstance(self._family, EditableFamily):
            raise InvalidInputError(
                "Latent editing needs a diffusion generator. "
                f"Got the family {self._generator.family!r}. Choose generator=miniature_portraits."
            )
        direction = self._direction(variant)
        return self._family.edited(direction, scale=variant.scale, generator=self.generator_id)

    @cached_property
    def _family(self) -> "Family":
        return self._opened(self._generator)

    def _opened(self, settings: GeneratorSettings) -> "Family":
        from finetune.families.opening import open_family

        return open_family(settings, store=self._store)

    def _direction(self, variant: Edited) -> Path:
        return known("direction", variant.direction, self._neighbours.directions)

    def _version(self, version: str) -> GeneratorSettings:
        return known("version", version, self._neighbours.versions)

    def _check(self, generator: str) -> None:
        if generator != self.generator_id:
            raise InvalidInputError(
                f"`generator` of a model must be the id of the workshop's generator, {self.generator_id!r}. "
                f"Got {generator!r}."
            )

    def _trajectory_key(self, recipe: Recipe) -> str:
        return self._store.key_of(self._trajectory_identity(recipe))

    def _trajectory_identity(self, recipe: Recipe) -> dict[str, Any]:
        identity = {
            "stage": "trajectory",
            "generator": self.generator_id,
            "corpus": self._corpus.id,
            **training_identity(recipe, self._generator),
        }
        if recipe.mixture.base_parts:
            identity["base_images"] = sampling_identity(self._generator, self.generator_id)
        return identity

    def _kept_identity(self, model: Trained) -> dict[str, Any]:
        facts = {"trajectory": self._trajectory_key(model.recipe), "step": model.step}
        return facts if model.scale == 1 else facts | {"scale": model.scale}

    def _images_identity(
        self, variant: Variant | None, prompts: Sequence[str], seeds: Sequence[int]
    ) -> dict[str, Any]:
        settings, generator = self._generator, self.generator_id
        facts: dict[str, Any] = {"trajectory": None, "step": 0}
        match _simplest(variant):
            case Trained() as model if model.step and model.scale:
                facts = self._kept_identity(model)
            case Composed(adapters=adapters):
                parts = sorted(map(self._kept_identity, adapters), key=lambda part: tuple(part.values()))
                facts = {"adapters": parts, "composing": composing_code(self._generator.family)}
            case Edited(scale=scale) as edit if scale:
                direction = manifest.file_digest(self._direction(edit))
                facts |= {
                    "direction": direction,
                    "scale": scale,
                    "editing": editing_code(self._generator.family),
                }
            case Released(version=version):
                settings = self._version(version)
                generator = generator_id(settings)
        return {
            "stage": "images",
            "sampling": sampling_identity(settings, generator),
            **facts,
            "prompts": list(prompts),
            "seeds": list(seeds),
        }


def _simplest(variant: Variant | None) -> Variant | None:
    """A composition without what changes nothing: a single adapter is itself, and none is the base generator."""
    if not isinstance(variant, Composed):
        return variant
    match variant.effective:
        case ():
            return None
        case (single,):
            return single
        case several:
            return Composed(adapters=several)


def known(role: str, name: str, table: Mapping[str, Known]) -> Known:
    """The entry of a table; a name that is not there is an error that says what exists."""
    if name not in table:
        raise unknown_name(role, name, table)
    return table[name]


def _base_of(variant: Variant) -> str:
    return variant.recipe.generator if isinstance(variant, Trained) else variant.generator


def _shifted(seeds: Sequence[int], variant: Reseeded) -> list[int]:
    return [seed + variant.shift for seed in seeds]
