"""Settings of the generator that is personalized: weights, method, training, sampling, and what it is compared with."""

from collections.abc import Iterable
from dataclasses import field
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt

from benchmark.parts.strictness import Amount, Count, Place, Positive, Share, settings
from finetune.family_facts import FAMILIES
from finexl.errors import InvalidInputError, unknown_name

Decay = Annotated[float, Ge(0), Lt(1)]
LearningRate = Annotated[float, Gt(0), Le(1)]
Rank = Annotated[int, Ge(1), Le(1024)]
"""Of an adapter: with more it would be larger than the layers that it changes."""
_FLAT = ("learning_rate", "pair_learning_rate", "learning_rates", "ema_decay")
"""Settings of the methods that have none of their own."""


@settings
class VersionConfig:
    """Another released checkpoint of a generator (§6.4): the first of folder, hub and adapter that is given."""

    folder: Place | None = None
    """A local folder in the family's layout."""
    hub: str | None = None
    """A published checkpoint, by its name in `finetune.families.hub.SOURCES`."""
    adapter: Place | None = None
    """A LoRA file that makes the base generator this version; None = the miniature's file for this version's name."""
    aspects: dict[str, int] = field(default_factory=dict)
    """How much of which aspect is known to be in its images, where that is known; only the order counts."""


@settings
class DirectionConfig:
    """An edit direction (§6.3)."""

    file: Place | None = None
    """A file that `latent_editing.write_direction` wrote; None = the miniature's for this direction's name."""
    top_scale: Positive = 1.0
    """The scale of the last level; those before it are even steps from `bottom_scale`."""
    bottom_scale: Positive | None = None
    """The scale of the first level: the least that shows more than other noise does; None = one nth of `top_scale`
    where there are n levels."""


@settings
class Rates:
    """How one method trains: in place of the fields of `GeneratorConfig` that have the same names."""

    learning_rate: LearningRate
    """Adam's learning rate."""
    pair_learning_rate: LearningRate | None = None
    """The rate for mixtures of two aspects; None = `learning_rate`."""
    learning_rates: dict[str, LearningRate] = field(default_factory=dict)
    """Learning rates of single aspects, where they differ."""
    ema_decay: Decay = 0.0
    """Decay of the moving average of weights that levels keep; 0 keeps the weights themselves."""
    pair_steps_factor: Positive = 1.0
    """Mixtures train for this many times the preset's `pair_steps`: small adapters need longer to tell shares apart."""
    rank: Rank = 4
    """Rank of the method's adapters."""
    response: Positive = 1.0
    """Power of an adapter's weight that what it shows grows with, in composed models: one that is to show half of its
    aspect has the weight 0.5 ** (1 / response)."""


@settings
class GeneratorConfig:
    """The text-to-image model that is personalized, and how; see `finetune.generator.GeneratorSettings`.

    Its weights are the first of folder, hub and miniature that is given.
    """

    name: str
    folder: Place | None = None
    """A local folder in the family's layout."""
    hub: str | None = None
    """A published checkpoint, by its name in `finetune.families.hub.SOURCES`."""
    miniature: str | None = "diffusion"
    """The name of weights that ship with the package."""
    family: str = "diffusion"
    """A name in `finetune.family_facts.FAMILIES`."""
    method: str = "full"
    """What is trained: all weights of the trained part, or adapters (families other than diffusion have none)."""
    rank: Rank | None = None
    """Rank of adapters; None = what `method_rates` says, 4 if it does not."""
    adapter: Place | None = None
    """A LoRA file that is merged into the base generator (diffusion only)."""
    adapter_scale: float = 1.0
    """How many times that adapter counts: 1 is as trained, and it may be negative (diffusion only)."""
    n_sampling_steps: Count = 12
    """Denoising steps of an image (diffusion only)."""
    guidance: Amount = 3.0
    """Weight of the caption in sampling; 1 is no guidance."""
    device: str = "cpu"
    """Where it trains and samples, in torch's words."""
    devices: Count = 1
    """Devices that share a training batch."""
    strategy: Literal["auto", "ddp_fork", "ddp_spawn"] = "auto"
    """How several devices train together; auto is ddp_fork on CPUs and ddp_spawn elsewhere."""
    precision: Literal["fp32", "bf16"] = "fp32"
    """Arithmetic of sampling."""
    training_precision: Literal["fp32", "bf16"] = "fp32"
    """Arithmetic of training."""
    batch_size: Count = 8
    """Images of a training step."""
    sampling_batch_size: Count = 16
    """Images sampled together."""
    caption_dropout: Share = 0.1
    """Share of training captions that are left out, so that sampling can be guided (diffusion only)."""
    accumulate: Count = 1
    """Parts into which a training batch is split to save memory."""
    gradient_checkpointing: bool = False
    """Compute activations twice instead of keeping them: less memory, more time."""
    ema_decay: Decay = 0.0
    """Decay of the moving average of weights that levels keep; 0 keeps the weights themselves."""
    learning_rate: LearningRate = 1e-4
    """Adam's learning rate (§5), for methods that `method_rates` does not name."""
    pair_learning_rate: LearningRate | None = None
    """The rate for mixtures of two aspects; None = `learning_rate`. For methods that `method_rates` does not name."""
    learning_rates: dict[str, LearningRate] = field(default_factory=dict)
    """Learning rates of single aspects, where they differ: at a large network's rate a small one saturates within a
    few steps. For methods that `method_rates` does not name."""
    method_rates: dict[str, Rates] = field(default_factory=dict)
    """How each method trains that calls for rates of its own: adapters learn at larger ones."""
    directions: dict[str, DirectionConfig] = field(default_factory=dict)
    """Edit directions by the feature that they add, for scenario=subject."""
    versions: dict[str, VersionConfig] = field(default_factory=dict)
    """Other checkpoints of this generator, for scenario=versions."""

    def __post_init__(self) -> None:
        if self.family not in FAMILIES:
            raise unknown_name("family", self.family, FAMILIES)
        if self.method not in FAMILIES[self.family].methods:
            raise unknown_name("method", self.method, FAMILIES[self.family].methods)

    @property
    def rates(self) -> Rates:
        """The learning rates and the average of the method."""
        usual = Rates(
            learning_rate=self.learning_rate,
            pair_learning_rate=self.pair_learning_rate,
            learning_rates=self.learning_rates,
            ema_decay=self.ema_decay,
        )
        # whole, not field by field: a rate of full training is never right for an adapter
        return self.method_rates.get(self.method, usual)


def check_batch(config: GeneratorConfig) -> None:
    """See that a training batch falls into equal parts, for those that are accumulated and the devices that share them.

    Raises:
        InvalidInputError: It does not.
    """
    n_parts = config.accumulate * config.devices
    if config.batch_size % n_parts:
        raise InvalidInputError(
            "`generator.batch_size` must be a multiple of generator.accumulate times generator.devices, into which a "
            f"training batch is split. Got {config.batch_size}, {config.accumulate} and {config.devices}. Give "
            f"generator.batch_size={n_parts * -(-config.batch_size // n_parts)}, or fewer parts or devices."
        )


def check_rates(config: GeneratorConfig, given: Iterable[str]) -> None:
    """See that no rate on the command line is one that the method's own would take the place of.

    Raises:
        InvalidInputError: One is; the message names the key to give instead.
    """
    if config.method not in config.method_rates:
        return
    for key in given:
        first, _, rest = key.partition(".")
        if first == "generator" and rest.partition(".")[0] in _FLAT:
            raise InvalidInputError(
                f"`{key}` is for methods without rates of their own, and {config.name} has some for "
                f"generator.method={config.method}. Give generator.method_rates.{config.method}.{rest}= instead."
            )
