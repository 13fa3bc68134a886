"""From a run's settings to what finetune knows: generators and their neighbours."""

from dataclasses import replace
from pathlib import Path

from benchmark.parts.corpora import CorpusSettings
from benchmark.parts.generator_settings import GeneratorConfig, VersionConfig
from finetune.families.base_weights import check_weights
from finetune.families.diffusion.adapter_effects import adapter_notices
from finetune.families.diffusion.adapter_facts import base_layers
from finetune.families.diffusion.adapter_fits import check_adapter
from finetune.families.diffusion.direction_facts import check_direction
from finetune.families.hub import resolve
from finetune.families.image_sizes import check_size
from finetune.family_facts import FAMILIES
from finetune.generator import GeneratorSettings
from finetune.miniature.models import WEIGHTS, direction_file, portraits_folder, version_adapter
from finetune.workshop import Neighbours
from finexl.errors import InvalidInputError, unknown_name
from finexl.notices import Notice, notice


def generator_settings(config: GeneratorConfig) -> GeneratorSettings:
    """The base generator, as finetune knows it."""
    return GeneratorSettings(
        folder=weights_folder(config),
        family=config.family,
        adapter=config.adapter,
        adapter_scale=config.adapter_scale,
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


def sized(config: GeneratorConfig, *, n_prompts: int, averages: bool) -> GeneratorConfig:
    """The generator as a preset uses it.

    No more images are sampled together than there are prompts, since batches are always filled up; and a preset of a
    few steps keeps no averages.
    """
    few = replace(config, sampling_batch_size=min(config.sampling_batch_size, n_prompts))
    if averages:
        return few
    rates = {method: replace(rates, ema_decay=0.0) for method, rates in few.method_rates.items()}
    return replace(few, ema_decay=0.0, method_rates=rates)


def weights_folder(config: GeneratorConfig) -> Path:
    """The local folder of a generator: the one given, else the hub's, else what ships with the package.

    Raises:
        InvalidInputError: None of the three is given, or nothing of the name ships, or not for the family.
        HubError: The hub has it and it cannot be fetched.
    """
    if config.folder is not None:
        return config.folder
    if config.hub is not None:
        return resolve(config.hub)
    if config.miniature is not None:
        _check_shipped(config.miniature, config.family)
        return WEIGHTS / config.miniature
    raise InvalidInputError(
        f"`generator.folder` must be where {config.name} was downloaded to: no hub that is known has it, and it "
        "does not ship with the package. Add generator.folder=<path>."
    )


def _check_shipped(miniature: str, family: str) -> None:
    """See that a base generator of the name ships with the package, and is of the family."""
    families = {facts.miniature: name for name, facts in FAMILIES.items()}
    families[portraits_folder().name] = "diffusion"
    if miniature not in families:
        raise unknown_name("generator.miniature", miniature, families)
    if families[miniature] != family:
        raise InvalidInputError(
            f"`generator.family` must be that of the weights. Got {family!r} with those of "
            f"generator.miniature={miniature}, which are of {families[miniature]}. Give "
            f"generator.miniature={FAMILIES[family].miniature}, or your own with generator.folder=PATH."
        )


def neighbours(config: GeneratorConfig) -> Neighbours:
    """The edit directions and other versions that a generator names; a version samples as its base does."""
    if not (config.directions or config.versions):
        return Neighbours()
    base = replace(generator_settings(config), adapter=None, adapter_scale=1.0)
    return Neighbours(
        directions={
            name: direction.file or direction_file(name) for name, direction in config.directions.items()
        },
        versions={name: _version(name, version, base) for name, version in config.versions.items()},
    )


def check_sizes(corpus: CorpusSettings, generator: GeneratorConfig) -> None:
    """See that the images of the corpus are as large as those that the generator makes.

    Raises:
        InvalidInputError: They are not.
    """
    check_size((corpus.side, corpus.side), generator_settings(generator))


def check_adapter_files(config: GeneratorConfig) -> None:
    """See that the adapters that a generator and its versions name can be merged into them, before one is loaded.

    Raises:
        AdapterError: One is another kind of file, or does not fit its base model.
        TensorFileError: One is no safetensors.
    """
    others = neighbours(config).versions.values()
    for settings in (generator_settings(config), *others):
        if settings.adapter is not None:
            facts = check_adapter(settings.adapter, base_layers(settings.folder))
            for one in adapter_notices(facts, scale=settings.adapter_scale):
                notice(one)


def check_base_files(config: GeneratorConfig) -> None:
    """See that the weights of a generator and its versions are sound, and its edit directions what they should be.

    Raises:
        GeneratorError: Weights are not finite.
        TensorFileError: A file of weights is no safetensors.
        InvalidInputError: A direction is not there, or is another kind of file.
    """
    found = neighbours(config)
    for settings in (generator_settings(config), *found.versions.values()):
        check_weights(settings)
        if settings.family == "controlgan" and not (settings.folder / "discriminators.safetensors").is_file():
            how = "its folder has no discriminators, so that training starts with random ones"
            notice(Notice(what="generator", how=how))
    for name, file in found.directions.items():
        check_direction(file, key=f"generator.directions.{name}.file")


def _version(name: str, config: VersionConfig, base: GeneratorSettings) -> GeneratorSettings:
    if config.folder is not None:
        return replace(base, folder=config.folder, adapter=config.adapter)
    if config.hub is not None:
        return replace(base, folder=resolve(config.hub), adapter=config.adapter)
    return replace(base, adapter=config.adapter or version_adapter(name))
