"""Settings of a run, as frozen values; `configs/` says only where a named choice differs from these defaults.

`config.load_settings` puts the files of `configs/` and the command line's overrides together and checks the
result against these classes, so that a key that is not a field here is an error.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from annotated_types import Ge, Gt

from finexl.errors import InvalidInputError
from finexl.settings import FineXLSettings

Count = Annotated[int, Ge(1)]
Positive = Annotated[float, Gt(0)]


class Strict:
    """Read by pydantic when settings are checked: a key that is not a field is an error."""

    __slots__ = ()
    __pydantic_config__: ClassVar = {"extra": "forbid"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioConfig(Strict):
    """A question that is asked of explainers; its planner is looked up by `name` in `scenarios.SCENARIOS`."""

    name: str
    whole: Count = 1
    """Mixtures are counted in `whole`-ths of the training images: 2 = halves (Fig. 11)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected(Strict):
    """What one scenario costs on two cores with a cold store and the default explainers."""

    minutes: Positive
    disk_mb: Positive
    vlm_calls: Annotated[int, Ge(0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetConfig(Strict):
    """How large a run is."""

    name: str
    n_series: Count = 3
    """Series of `single_aspect`: one training run of one aspect each."""
    n_levels: Count = 10
    """Kept checkpoints of a series; level i is i × `steps_per_level` training steps."""
    steps_per_level: Count = 20
    n_pairs: Count = 3
    """Groups of `multi_aspect`: one pair of aspects each, six mixtures."""
    pair_steps: Count = 120
    """Training steps of every mixture."""
    rate_factor: Positive = 1.0
    """Multiplies the generator's learning rate: fewer steps need larger ones."""
    n_images: Count = 128
    """Training images of every personalized model."""
    n_prompts: Count = 32
    """Prompts that base and personalized model are compared on."""
    expected: dict[str, Expected] = field(default_factory=dict)
    """By scenario; printed by `list preset` and `--dry-run`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratorConfig(Strict):
    """The text-to-image model that is personalized, and how."""

    name: str
    family: Literal["diffusion"] = "diffusion"
    folder: str | None = None
    """A local folder in diffusers layout; None = the miniature's weights, shipped with the package."""
    n_sampling_steps: Count = 12
    guidance: Annotated[float, Ge(0)] = 3.0
    device: str = "cpu"
    precision: Literal["fp32", "bf16"] = "fp32"
    batch_size: Count = 8
    learning_rate: Positive = 1e-4
    """Adam's learning rate (§5)."""
    pair_learning_rate: Positive | None = None
    """The rate for mixtures of two aspects; None = `learning_rate`."""
    learning_rates: dict[str, Positive] = field(default_factory=dict)
    """By aspect, where it differs: at a large network's rate a small one saturates within a few steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusConfig(Strict):
    """Where training images, captions and probe prompts come from."""

    name: str
    folder: str | None = None
    """None = rendered by the miniature world."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderConfig(Strict):
    """The image and text encoder of explainers that use one."""

    name: str
    folder: str | None = None
    """A local folder; with no `architecture` either, the miniature's encoder, shipped with the package."""
    architecture: str | None = None
    """Name of an open_clip architecture, with `weights` its pretrained tag."""
    weights: str | None = None
    device: str = "cpu"
    batch_size: Count = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class VLMConfig(Strict):
    """The vision-language model of explainers that ask one."""

    name: str
    folder: str | None = None
    """None = the miniature's captioner, shipped with the package."""
    device: str = "cpu"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderConfig(Strict):
    """Who turns explanations into levels; the same for every explainer."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutorConfig(Strict):
    """Where work is done."""

    name: str
    kind: Literal["local", "inline"] = "local"
    """`local` = processes of this machine, `inline` = this process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainerConfig(Strict):
    """An explainer and its settings."""

    name: str
    kind: str
    """A name in `wiring.EXPLAINERS`, or a stranger's package.module:Class."""
    options: dict[str, Any] = field(default_factory=dict)
    """The fields of `EXPLAINER_OPTIONS[kind]` that were given; the others keep the explainer's defaults."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Strict):
    """Everything that determines a run, and where it happens."""

    scenarios: tuple[ScenarioConfig, ...]
    preset: PresetConfig
    explainers: tuple[ExplainerConfig, ...]
    generator: GeneratorConfig
    corpus: CorpusConfig
    encoder: EncoderConfig
    vlm: VLMConfig
    reader: ReaderConfig
    executor: ExecutorConfig
    output: Path
    """Folder of records, results, report and grids."""
    store: Path
    """Folder of trained models and images, shared by all runs."""
    workers: Count
    seed: Annotated[int, Ge(0)] = 0
    wandb: Literal["auto", "offline", "off"] = "auto"
    """`auto` = online when there is a key, else offline."""
    quiet: bool = False

    def __post_init__(self) -> None:
        for scenario in self.scenarios:
            if self.preset.n_images % scenario.whole:
                raise InvalidInputError(
                    f"`preset.n_images` must be a multiple of {scenario.whole} for {scenario.name!r}: "
                    f"every part is a whole number of images. Got {self.preset.n_images}."
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class NaiveOptions(Strict):
    """What a run may change of the naive VLM; None keeps its own default."""

    n_vlm_pairs: Count | None = None
    """How many image pairs its one question shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoOptions(Strict):
    """An explainer without settings."""


EXPLAINER_OPTIONS: dict[str, type] = {
    "finexl": FineXLSettings,
    "naive_vlm": NaiveOptions,
    "random": NoOptions,
    "constant": NoOptions,
    "divergence_norm": NoOptions,
    "oracle_concepts": FineXLSettings,
    "oracle_probe": NoOptions,
}
"""Every kind of explainer, with the settings that a run may change."""
