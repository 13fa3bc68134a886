"""From a run's settings to what finetune knows: generators, their neighbours, corpora."""

from dataclasses import asdict, replace
from pathlib import Path

from benchmark.config.settings import CorpusConfig, PresetConfig, Settings
from benchmark.parts.generator_settings import GeneratorConfig, VersionConfig
from finetune.corpora import Corpus
from finetune.families.hub import resolve
from finetune.families.image_sizes import check_size
from finetune.generator import GeneratorSettings
from finetune.miniature.models import WEIGHTS, direction_file, version_adapter
from finetune.miniature.render import SIZE
from finetune.workshop import Neighbours
from finexl.errors import InvalidInputError


def generator_settings(config: GeneratorConfig) -> GeneratorSettings:
    """The base generator, as finetune knows it."""
    return GeneratorSettings(
        folder=weights_folder(config),
        family=config.family,
        adapter=_path(config.adapter),
        method=config.method,
        rank=config.rank or config.rates.rank,
        n_sampling_steps=config.n_sampling_steps,
        guidance=config.guidance,
        device=config.device,
        devices=config.devices,
        strategy=config.strategy,
        precision=config.precision,
        training_precision=config.training_precision,
        batch_size=config.sampling_batch_size,
        caption_dropout=config.caption_dropout,
        accumulate=config.accumulate,
        gradient_checkpointing=config.gradient_checkpointing,
        ema_decay=config.rates.ema_decay,
    )


def sized(config: GeneratorConfig, preset: PresetConfig) -> GeneratorConfig:
    """The generator as a preset uses it.

    No more images are sampled together than there are prompts, since batches are always filled up; and a preset of a
    few steps keeps no averages.
    """
    few = replace(config, sampling_batch_size=min(config.sampling_batch_size, preset.n_prompts))
    if preset.averages:
        return few
    rates = {method: replace(rates, ema_decay=0.0) for method, rates in few.method_rates.items()}
    return replace(few, ema_decay=0.0, method_rates=rates)


def weights_folder(config: GeneratorConfig) -> Path:
    """The local folder of a generator: the one given, else the hub's, else what ships with the package."""
    if config.folder is not None:
        return Path(config.folder).expanduser()
    if config.hub is not None:
        return resolve(config.hub)
    if config.miniature is not None:
        return WEIGHTS / config.miniature
    raise InvalidInputError(
        f"`generator.folder` must be where {config.name} was downloaded to: no hub that is known has it, and it "
        "does not ship with the package. Add generator.folder=<path>."
    )


def neighbours(config: GeneratorConfig) -> Neighbours:
    """The edit directions and other versions that a generator names; a version samples as its base does."""
    if not (config.directions or config.versions):
        return Neighbours()
    base = generator_settings(config)
    return Neighbours(
        directions={
            name: _path(direction.file) or direction_file(name)
            for name, direction in config.directions.items()
        },
        versions={name: _version(name, version, base) for name, version in config.versions.items()},
    )


def open_corpus(config: CorpusConfig, *, store: Path) -> Corpus:
    """The corpus of a configuration."""
    from finetune.corpora import opening

    usual, paths = CorpusConfig(name=config.name), ("folder", "prompts_from", "captioner")
    given = {name: value for name, value in asdict(config).items() if value != getattr(usual, name)}
    given |= {name: _path(given[name]) for name in paths if name in given}
    return opening.open_corpus(opening.corpus_settings({**given, "kind": corpus_kind(config)}), store=store)


def check_sizes(settings: Settings) -> None:
    """Raise unless the images of the corpus are as large as those that the generator makes."""
    side = SIZE if settings.corpus.folder is None else settings.corpus.size
    check_size((side, side), generator_settings(settings.generator))


def corpus_kind(config: CorpusConfig) -> str:
    """The kind of corpus: what is said, else the name of the choice."""
    return config.kind or config.name


def _version(name: str, config: VersionConfig, base: GeneratorSettings) -> GeneratorSettings:
    if config.folder is not None:
        return replace(base, folder=Path(config.folder).expanduser(), adapter=_path(config.adapter))
    if config.hub is not None:
        return replace(base, folder=resolve(config.hub), adapter=_path(config.adapter))
    return replace(base, adapter=_path(config.adapter) or version_adapter(name))


def _path(given: str | None) -> Path | None:
    return None if given is None else Path(given).expanduser()
