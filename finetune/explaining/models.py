"""Any model that the project can load, by one word: a base, an adapter at a weight, a checkpoint, an edit, a version.

| word | model |
|---|---|
| `miniature`, `sd15`, a diffusers folder | a generator by itself |
| `lora.safetensors`, `lora.safetensors@-0.5` | an adapter at a weight (1 without one), on the base |
| `step_000120.safetensors` of a training | what that level keeps, on the base |
| `mustache.safetensors@2` of edit directions | the base with an edit direction at a scale |
"""

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finetune.families.diffusion.adapter_facts import DIFFUSERS_FILE, PEFT_FILE, base_layers
from finetune.families.diffusion.adapter_fits import check_adapter
from finetune.families.diffusion.adapter_screening import meant_file
from finetune.families.hub import SOURCES, resolve
from finetune.family_facts import FAMILIES
from finetune.generator import GeneratorSettings, generator_id
from finetune.miniature.models import WEIGHTS
from finetune.store import manifest
from finetune.store.store import Store
from finetune.store.tensor_headers import TensorHeader, read_header
from finexl.errors import InvalidInputError

if TYPE_CHECKING:
    from finetune.families.opening import Family
    from finexl.interfaces import ImageGenerator

MINIATURE = "miniature"
_USUAL_STEPS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How images are drawn; None = as the base is usually sampled."""

    steps: int | None = None
    guidance: float | None = None
    batch_size: int | None = None
    device: str = "cpu"

    def __post_init__(self) -> None:
        for option, count in (("--steps", self.steps), ("--batch", self.batch_size)):
            if count is not None and count < 1:
                raise InvalidInputError(f"`{option}` must be at least 1. Got {count}.")
        if self.guidance is not None and not math.isfinite(self.guidance):
            raise InvalidInputError(f"`--guidance` must be a finite number. Got {self.guidance}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """A generator by itself."""

    settings: GeneratorSettings

    @property
    def identity(self) -> dict[str, Any]:
        """What its weights are, wherever they lie."""
        return {"base": generator_id(self.settings)}

    @property
    def is_shipped(self) -> bool:
        """Whether it is one of the miniature's, which draw its world."""
        return self.settings.folder.resolve().is_relative_to(WEIGHTS.resolve())


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapted:
    """A base with an adapter's file merged into it at a weight."""

    settings: GeneratorSettings
    """Of the base, without the adapter."""
    file: Path
    weight: float = 1.0

    @property
    def adapted(self) -> GeneratorSettings:
        """The base with the adapter; at weight 0 the base itself."""
        if self.weight == 0:
            return self.settings
        return replace(self.settings, adapter=self.file, adapter_scale=self.weight)

    @property
    def identity(self) -> dict[str, Any]:
        return {"base": generator_id(self.adapted)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A base with what a level of a training keeps: all weights of its U-Net, or an adapter as trained."""

    settings: GeneratorSettings
    file: Path

    @property
    def identity(self) -> dict[str, Any]:
        return {"base": generator_id(self.settings), "level": manifest.file_digest(self.file)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Directed:
    """A base whose sampling is pushed along an edit direction."""

    settings: GeneratorSettings
    file: Path
    scale: float = 1.0

    @property
    def identity(self) -> dict[str, Any]:
        facts = {"base": generator_id(self.settings)}
        return facts if self.scale == 0 else facts | {
            "direction": manifest.file_digest(self.file), "scale": self.scale
        }  # fmt: skip


Model = Base | Adapted | Level | Directed


def read_base(word: str, sampling: Sampling) -> Base:
    """The generator that a word means.

    Raises:
        InvalidInputError: It means none.
        HubError: It is a published one that is not on this disk and cannot be fetched.
    """
    if word == MINIATURE:
        folder = WEIGHTS / "diffusion"
        usual = GeneratorSettings(folder=folder, **FAMILIES["diffusion"].miniature_settings)
    else:
        is_published = word in SOURCES and not Path(word).exists()
        folder = resolve(word, option="--base PATH") if is_published else Path(word).expanduser()
        if not (folder / "model_index.json").is_file():
            raise InvalidInputError(
                f"A base must be {MINIATURE!r}, one of {', '.join(SOURCES)}, or a diffusers folder (with "
                f"model_index.json). Got {word!r}."
            )
        is_shipped = folder.resolve().is_relative_to(WEIGHTS.resolve())
        usual = GeneratorSettings(folder=folder, **FAMILIES["diffusion"].miniature_settings)
        if not is_shipped:  # as published models are usually sampled
            usual = replace(usual, n_sampling_steps=50, guidance=7.5, batch_size=4)
    if sampling.steps is not None and sampling.steps > (most := _most_steps(folder)):
        raise InvalidInputError(
            f"`--steps` must be at most {most}, as many as the base was trained with. Got {sampling.steps}."
        )
    return Base(
        settings=replace(
            usual,
            folder=folder,
            device=sampling.device,
            n_sampling_steps=usual.n_sampling_steps if sampling.steps is None else sampling.steps,
            guidance=usual.guidance if sampling.guidance is None else sampling.guidance,
            batch_size=usual.batch_size if sampling.batch_size is None else sampling.batch_size,
        )
    )


def read_model(word: str, base: Base) -> Model:
    """The model that a word means beside a base; files are checked as far as their headers tell, and none is loaded.

    Raises:
        InvalidInputError: It means none.
        AdapterError, TensorFileError: It is a file that cannot be loaded into this base.
    """
    if word == MINIATURE or word in SOURCES or (Path(word).expanduser() / "model_index.json").is_file():
        settings = base.settings
        found = read_base(word, Sampling()).settings
        return Base(settings=replace(settings, folder=found.folder))
    place, weight = _weighted(word)
    file = meant_file(place)
    header = read_header(file)
    if _is_direction(header):
        return Directed(settings=base.settings, file=file, scale=weight)
    if _is_level(header):
        if weight != 1:
            raise InvalidInputError(
                f"A level of a training has no weight, since all weights were trained. Got {word!r}."
            )
        return Level(settings=base.settings, file=file)
    check_adapter(file, base_layers(base.settings.folder))
    return Adapted(settings=base.settings, file=file, weight=weight)


def with_weight(model: Model, weight: float) -> Model:
    """The same adapter or edit direction at another weight; anything else raises `InvalidInputError`."""
    match model:
        case Adapted():
            return replace(model, weight=weight)
        case Directed():
            return replace(model, scale=weight)
        case _:
            raise InvalidInputError(
                "Only adapters and edit directions have a strength. Got a whole model. Give a LoRA file, or the folder "
                "of a training to compare its checkpoints."
            )


def names_of(model: Model) -> str:
    """A model in a word, for people."""
    match model:
        case Base(settings=settings):
            return settings.folder.name
        case Adapted(file=file, weight=weight):
            is_alike = file.name in (DIFFUSERS_FILE, PEFT_FILE)  # as all of their trainers' are called
            return f"{file.absolute().parent.name if is_alike else file.stem}@{weight:g}"
        case Level(file=file):
            return file.stem
        case Directed(file=file, scale=scale):
            return f"{file.stem}@{scale:g}"


@contextmanager
def opened(model: Model, store: Path) -> Iterator["ImageGenerator"]:
    """The model, loaded; what a family makes once is kept in `store`."""
    from finetune.store.tensors import read_tensors

    match model:
        case Base(settings=settings):
            yield _family(settings, store).generator()
        case Adapted():
            yield _family(model.adapted, store).generator()
        case Level(settings=settings, file=file):
            tensors = read_tensors(file)
            try:
                yield _family(settings, store).generator(tensors)
            except RuntimeError as reason:
                if "state_dict" not in str(reason):
                    raise
                raise InvalidInputError(
                    f"A level must hold exactly the weights of the base's U-Net. {file} does not: "
                    f"{' '.join(str(reason).split())[:300]}."
                ) from reason
        case Directed(settings=settings, file=file, scale=scale):
            from finetune.families.opening import EditableFamily

            family = _family(settings, store)
            if not isinstance(family, EditableFamily):
                raise InvalidInputError("Edit directions need a diffusion generator.")
            yield family.edited(file, scale=scale, generator=generator_id(settings))


def _family(settings: GeneratorSettings, store: Path) -> "Family":
    from finetune.families.opening import open_family

    return open_family(settings, store=Store(store))


def _most_steps(folder: Path) -> int:
    """Steps that a diffusers folder can be sampled in, by its scheduler's file; `diffusers`' own number without one."""
    try:
        found = json.loads((folder / "scheduler" / "scheduler_config.json").read_bytes())[
            "num_train_timesteps"
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return _USUAL_STEPS
    return found if isinstance(found, int) else _USUAL_STEPS


def _weighted(word: str) -> tuple[Path, float]:
    """A path and the number behind its last @; a path that exists as it stands has none."""
    whole = Path(word).expanduser()
    place, at, number = word.rpartition("@")
    if whole.exists() or not at:
        return whole, 1.0
    try:
        weight = float(number)
    except ValueError:
        return whole, 1.0
    if not math.isfinite(weight):
        raise InvalidInputError(
            f"The weight of an adapter must be a finite number. Got {number!r} in {word!r}."
        )
    return Path(place).expanduser(), weight


def _is_direction(header: TensorHeader) -> bool:
    return set(header.tensors) == {"states"}


def _is_level(header: TensorHeader) -> bool:
    """A whole U-Net, as full trainings keep it; levels of adapters are read as the adapters that they are."""
    return "conv_in.weight" in header.tensors and "conv_out.weight" in header.tensors
