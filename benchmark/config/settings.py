"""Settings of a run, as frozen values; `configs/` says only where a named choice differs from these defaults."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

from annotated_types import Ge, Le

from benchmark.parts.corpora import CORPORA, CorpusSettings
from benchmark.parts.devices import check_devices
from benchmark.parts.encoders import ENCODERS, EncoderSettings, check_pinned
from benchmark.parts.executors import EXECUTORS, ExecutorSettings
from benchmark.parts.explainers import ENCODER, MODEL, ExplainerConfig, uses_of
from benchmark.parts.generator_settings import GeneratorConfig
from benchmark.parts.readers import READERS, ReaderSettings, judge_of
from benchmark.parts.strictness import Count, Place, Positive, Seconds, settings
from benchmark.parts.table import OneOf
from benchmark.parts.vlms import AnyVLM, check_vlm
from benchmark.plan.preset import PresetConfig
from benchmark.plan.scenario import ScenarioConfig
from finetune.family_facts import FAMILIES
from finexl.errors import InvalidInputError

_PRIVATE = ("output", "store", "workers", "executor", "wandb", "quiet", "redo", "secret")
"""Where and how fast a run is done, never what comes of it; and where the secret lies, of which a hash is shown."""


@settings
class Settings:
    """Everything that determines a run, and where it happens.

    Raises:
        InvalidInputError: A scenario cannot cut the preset's images into whole parts.
    """

    scenarios: tuple[ScenarioConfig, ...]
    preset: PresetConfig
    explainers: tuple[ExplainerConfig, ...]
    generator: GeneratorConfig
    corpus: Annotated[CorpusSettings, OneOf(CORPORA)]
    encoder: Annotated[EncoderSettings, OneOf(ENCODERS)]
    vlm: AnyVLM
    reader: Annotated[ReaderSettings, OneOf(READERS)]
    executor: Annotated[ExecutorSettings, OneOf(EXECUTORS)]
    output: Place
    """Folder of records, results, report and grids."""
    store: Place
    """Folder of trained models and images, shared by all runs."""
    workers: Count
    """Units of work at a time."""
    n_shown: Count | None = None
    """Image pairs that explainers are shown of every model: the first so many of the preset's; None = all."""
    paired: bool = True
    """Whether the two images of a pair are of one prompt and noise; else the personalized ones are of other prompts."""
    seed: Annotated[int, Ge(0)] = 0
    """Position in the list of training seeds that are scored (`finetune.miniature.split`)."""
    secret: str | None = None
    """Where the organiser's secret is: `env:NAME` or a file. Prompts, seeds and order then follow from it."""
    explainer_seconds: Seconds = 600.0
    """What an explainer may take for one model, in seconds of its own; also written explainer.seconds=."""
    explainer_memory_gb: Positive = 8.0
    """What an explainer from elsewhere may hold in memory, in GiB."""
    wandb: Literal["auto", "offline", "off"] = "auto"
    """Weights & Biases; `auto` = online when there is a key, else offline."""
    quiet: bool = False
    """Print nothing but errors."""
    redo: Literal["no", "explanations", "all"] = "no"
    """What is made again on purpose: every explanation of the run, or also its models, images and certificates."""

    def __post_init__(self) -> None:
        for scenario in self.scenarios:
            if self.preset.n_images % scenario.whole:
                raise InvalidInputError(
                    f"`preset.n_images` must be a multiple of {scenario.whole} for {scenario.name!r}: "
                    f"every part is a whole number of images. Got {self.preset.n_images}."
                )
        most = most_shown(self.preset, paired=self.paired)
        if self.n_pairs > most:
            apart = (
                ""
                if self.paired
                else " for paired=false, whose personalized images are of prompts of their own"
            )
            needed, limit = self.n_pairs * (1 if self.paired else 2), _most_prompts()
            more = (
                f"Add preset.n_prompts={needed}."
                if needed <= limit
                else f"That takes preset.n_prompts={needed}, and the most is {limit}. Give fewer."
            )
            raise InvalidInputError(
                f"`n_shown` must be at most {most} of preset.n_prompts={self.preset.n_prompts}{apart}. "
                f"Got {self.n_pairs}. {more}"
            )

    @property
    def n_pairs(self) -> int:
        """Image pairs that explainers are shown of every model."""
        return self.n_shown or max(1, most_shown(self.preset, paired=self.paired))


def most_shown(preset: PresetConfig, *, paired: bool) -> int:
    """The most pairs that a preset has images for: two folders without a prompt in common need twice the prompts."""
    return preset.n_prompts if paired else preset.n_prompts // 2


def _most_prompts() -> int:
    """The bound of `preset.n_prompts`, which stands with the field alone."""
    hint = get_type_hints(PresetConfig, include_extras=True)["n_prompts"]
    bounds = (bound.le for bound in hint.__metadata__ if isinstance(bound, Le))
    return next(most for most in bounds if isinstance(most, int))


def check_models(given: Settings) -> None:
    """Stop before any work is done if a model that the run will ask could not be asked.

    Raises:
        VLMUnusableError: There is no key.
        InvalidInputError: A price or a commit is missing.
    """
    if any(MODEL in uses_of(explainer) for explainer in given.explainers):
        check_vlm(given.vlm)
    if (judge := judge_of(given.reader)) is not None:
        check_vlm(judge)


def check_parts(given: Settings) -> None:
    """Stop before any work is done if an encoder is not pinned, a generator not there, or a device not on this machine.

    Devices are those of other machines where the work is to be done there.

    Raises:
        InvalidInputError: That is so.
    """
    uses = {use for explainer in given.explainers for use in uses_of(explainer)}
    if ENCODER in uses:
        check_pinned(given.encoder)
    _check_generators(given.generator)
    if given.executor.kind not in ("inline", "local"):
        return
    asked: dict[str, Any] = {"generator": given.generator, "corpus": given.corpus}
    asked |= {"encoder": given.encoder} if ENCODER in uses else {}
    asked |= {"vlm": given.vlm} if MODEL in uses and not given.vlm.replay else {}
    if (judge := judge_of(given.reader)) is not None:
        asked["reader.vlm"] = judge
    check_devices(
        {f"{key}.device": device for key, part in asked.items() if (device := plain(part).get("device"))}
    )


def _check_generators(given: GeneratorConfig) -> None:
    marker = FAMILIES[given.family].marker
    others = {f"generator.versions.{name}.folder": one.folder for name, one in given.versions.items()}
    for key, folder in {"generator.folder": given.folder, **others}.items():
        if folder is not None and not (folder / marker).is_file():
            raise InvalidInputError(
                f"`{key}` must be the folder of a downloaded model, which holds {marker}. Got {str(folder)!r}, which "
                "does not. Give another, or leave it out."
            )


def public_settings(given: Settings) -> dict[str, Any]:
    """The settings that results depend on: not where they are written, nor how fast."""
    shown = {name: value for name, value in plain(given).items() if name not in _PRIVATE}
    # a recording holds what the model says, and a ledger what it costs: neither changes an answer
    for model in (shown["vlm"], shown["reader"].get("vlm", {})):
        for place in ("record", "ledger"):
            model.pop(place, None)
    return shown


def plain(given: Any, *, absolute: bool = False) -> dict[str, Any]:
    """Settings as values of JSON, with paths as they were given or made absolute."""
    return _plain(asdict(given), absolute=absolute)


def _plain(value: Any, *, absolute: bool) -> Any:
    match value:
        case dict():
            return {name: _plain(each, absolute=absolute) for name, each in value.items()}
        case tuple() | list():
            return [_plain(each, absolute=absolute) for each in value]
        case Path():
            return str(value.absolute() if absolute else value)
        case _:
            return value
