"""Settings of a run, as frozen values; `configs/` says only where a named choice differs from these defaults.

`config.load_settings` puts the files of `configs/` and the command line's overrides together and checks the
result against these classes, so that a key that is not a field here is an error.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Ge, Le

from baselines.rival_settings import (
    CompConSettings,
    GSCLIPSettings,
    ReleasedSettings,
    SpLiCESettings,
    TextSpanSettings,
    VisDiffSettings,
)
from benchmark.parts.executor_settings import ExecutorSettings
from benchmark.parts.generator_settings import GeneratorConfig
from benchmark.parts.strictness import Count, Positive, Strict
from benchmark.parts.vlm_settings import VLMConfig
from finexl.errors import InvalidInputError
from finexl.settings import FineXLSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioConfig(Strict):
    """A question that is asked of explainers; its planner is looked up by `name` in `scenarios.SCENARIOS`."""

    name: str
    generator: str | None = None
    """The choice of generator that the scenario calls for; taken where the command line names none."""
    corpus: str | None = None
    """Likewise, the choice of corpus."""
    whole: Count = 1
    """Mixtures are counted in `whole`-ths of the training images: 2 = halves (Fig. 11)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected(Strict):
    """What one scenario costs on two cores with a cold store and the default explainers."""

    minutes: Positive
    disk_mb: Positive
    vlm_calls: Annotated[int, Ge(0)]
    generator: str = "miniature_sd"
    """The choice of generator for which this was measured; others take other times."""
    method: str = "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetConfig(Strict):
    """How large a run is."""

    name: str
    n_series: Count = 3
    """Series of `single_aspect` and `strength`: one training run of one aspect each; at most so many of `subject`."""
    n_levels: Count = 10
    """Models of a series; level i is i × `steps_per_level` training steps, or i/n of the full weight or scale."""
    steps_per_level: Count = 20
    n_pairs: Count = 3
    """Groups of `multi_aspect`: one pair of aspects each, six mixtures."""
    pair_steps: Count = 120
    """Training steps of every mixture."""
    rate_factor: Positive = 1.0
    """Multiplies the generator's learning rate: fewer steps need larger ones."""
    averages: bool = True
    """Whether levels keep the generator's running average of weights; a few steps have none to speak of."""
    n_images: Count = 128
    """Training images of every personalized model, or as many as every aspect of the corpus has."""
    n_prompts: Count = 32
    """Prompts that base and personalized model are compared on."""
    expected: dict[str, Expected] = field(default_factory=dict)
    """By scenario; printed by `list preset` and `--dry-run`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusConfig(Strict):
    """Where training images, captions and probe prompts come from; see `finetune.corpora.opening.CorpusSource`."""

    name: str
    kind: str | None = None
    """A name in `finetune.corpora.opening.CORPORA`; None = the name of the choice."""
    folder: str | None = None
    """The data; None = rendered by the miniature world."""
    size: Count = 512
    """Pixels that images of a folder are cropped and resized to; to train on them, what the generator makes."""
    columns: dict[str, str] = field(default_factory=dict)
    """Role (image, text, label; prompts in the file of `prompts_from`) to the name of the column that plays it."""
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Aspect to the words that count as naming it; the label itself where an aspect is not given."""
    aspects: tuple[str, ...] = ()
    """The aspects to use, in this order; none given: all there are."""
    prompts_from: str | None = None
    """A file of captions to probe with; None: the captions of held-out images."""
    captioner: str | None = None
    """A BLIP-2 folder that captions images without text."""
    n_drawn: Count = 50
    """Pictures of each style that a Stable Diffusion 3 pipeline may come to draw (`synthetic` with a folder)."""
    device: str = "cpu"
    """Where the captioner, or the pipeline that draws images, runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderConfig(Strict):
    """The image and text encoder of explainers that use one."""

    name: str
    kind: Literal["open_clip", "transformers"] = "open_clip"
    """The library that it is loaded with."""
    folder: str | None = None
    """A local folder; with no `architecture` either, one of the miniature's encoders, shipped with the package."""
    architecture: str | None = None
    """Name of an open_clip architecture, with `weights` its pretrained tag; or a hub id, with `weights` its commit."""
    weights: str | None = None
    miniature: str = "encoder"
    """Which of the miniature's encoders: a name in `finetune.miniature.models.ENCODERS`."""
    device: str = "cpu"
    batch_size: Count = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderConfig(Strict):
    """Who turns explanations into levels; the same for every explainer."""

    name: str
    vlm: VLMConfig | None = None
    """The model of a judge that asks one."""


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
    executor: ExecutorSettings
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
class OnePairOptions(Strict):
    """What a run may change of a captioner that is shown one pair; None keeps its own default."""

    folder: str | None = None
    """The captioner; None = the miniature's, shipped with the package."""
    pair: Annotated[int, Ge(0)] | None = None
    """Which pair it is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyPairsOptions(Strict):
    """What a run may change of a captioner that is asked about many pairs; None keeps its own default."""

    folder: str | None = None
    """The captioner; None = the miniature's, shipped with the package."""
    n_pairs: Count | None = None
    """How many pairs it is shown, one by one."""
    minimum_share: Annotated[float, Ge(0), Le(1)] | None = None
    """An aspect is reported if at least so many of its captions name it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoOptions(Strict):
    """An explainer without settings."""


EXPLAINER_OPTIONS: dict[str, type] = {
    "chg2cap": OnePairOptions,
    "chg2cap_pairs": ManyPairsOptions,
    "diff_caption": OnePairOptions,
    "diff_caption_pairs": ManyPairsOptions,
    "finexl": FineXLSettings,
    "naive_vlm": NaiveOptions,
    "random": NoOptions,
    "constant": NoOptions,
    "divergence_norm": NoOptions,
    "oracle_concepts": FineXLSettings,
    "oracle_probe": NoOptions,
    "compcon": CompConSettings,
    "finexl_released": ReleasedSettings,
    "gsclip": GSCLIPSettings,
    "gsclip_negation": GSCLIPSettings,
    "gsclip_score": GSCLIPSettings,
    "naive_text": NaiveOptions,
    "splice": SpLiCESettings,
    "textspan": TextSpanSettings,
    "visdiff": VisDiffSettings,
    "visdiff_auroc": VisDiffSettings,
}
"""Every kind of explainer, with the settings that a run may change."""
