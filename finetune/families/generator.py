"""Which base generator is personalized, as values: its settings, and the identity of its weights."""

from dataclasses import dataclass, fields
from pathlib import Path

from finetune.store import manifest
from finexl.errors import FinexlError, InvalidInputError

METHODS: dict[str, tuple[str, ...]] = {
    "diffusion": ("full", "lora", "finestyle"),
    "controlgan": ("full",),
    "anole": ("full",),
}
"""Every family of generators, and what can be trained of it: all weights of its trained part, or adapters."""
PRECISIONS = ("bf16", "fp32")
STRATEGIES = ("auto", "ddp_fork", "ddp_spawn")
"""How several devices train together; auto is ddp_fork on CPUs and ddp_spawn elsewhere.

Lightning's plain `ddp` would run the whole command once per device, and those would wait for each other's store.
"""
_UNUSED = {
    "controlgan": ("adapter", "n_sampling_steps", "guidance", "caption_dropout"),
    "anole": ("adapter", "n_sampling_steps", "caption_dropout"),
}
"""Settings that a family has no use for."""

_PARTS = ("model_index.json", "scheduler", "text_encoder", "tokenizer", "unet", "vae")
"""What a diffusers folder loads; the other families load all that their folder holds."""
_CONTENT = {".json", ".txt", ".safetensors"}


class GeneratorError(FinexlError):
    """A generator cannot be loaded, or does not produce images."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratorSettings:
    """Which base generator is personalized, and how it trains and samples."""

    folder: Path
    """A local folder: diffusers' layout, or that of `finetune.families.controlgan` or `finetune.families.anole`."""
    family: str = "diffusion"
    adapter: Path | None = None
    """A LoRA file that is merged into the base generator when it is loaded (diffusion only)."""
    method: str = "full"
    """What is trained; see `METHODS`."""
    rank: int = 4
    """Of adapters."""
    n_sampling_steps: int = 12
    """Of diffusion."""
    guidance: float = 3.0
    """Weight of the caption in sampling; 1 is no guidance, and costs half. A ControlGAN has none."""
    device: str = "cpu"
    devices: int = 1
    """Devices that share a training batch."""
    strategy: str = "auto"
    """How they do: one of `STRATEGIES`; matters only with several devices."""
    precision: str = "fp32"
    """Of sampling: fp32, or bf16 (twice as fast where the processor knows it)."""
    training_precision: str = "fp32"
    """Of training: fp32, or bf16 (for large networks; a small one gains nothing on a CPU)."""
    batch_size: int = 16
    """Images sampled together; part of an image's identity, since rounding may differ by it."""
    caption_dropout: float = 0.1
    """Share of training captions that diffusion leaves out, so that it can be guided."""
    accumulate: int = 1
    """Parts into which a training batch is split to save memory."""
    gradient_checkpointing: bool = False
    """Compute activations twice instead of keeping them; saves memory, not time."""
    ema_decay: float = 0.0
    """Decay per step of the moving average of weights that levels keep; 0 keeps the weights themselves."""

    def __post_init__(self) -> None:
        if self.family not in METHODS:
            raise InvalidInputError(
                f"`family` of a generator must be one of: {', '.join(METHODS)}. Got {self.family!r}."
            )
        if self.method not in METHODS[self.family]:
            raise InvalidInputError(
                f"`method` of a {self.family} generator must be one of: {', '.join(METHODS[self.family])}. "
                f"Got {self.method!r}."
            )
        for name, given in (("precision", self.precision), ("training_precision", self.training_precision)):
            if given not in PRECISIONS:
                raise InvalidInputError(
                    f"`{name}` of a generator must be one of: {', '.join(PRECISIONS)}. Got {given!r}."
                )
        if not 0 <= self.ema_decay < 1:
            raise InvalidInputError(f"`ema_decay` must be in [0, 1). Got {self.ema_decay!r}.")
        if self.strategy not in STRATEGIES:
            raise InvalidInputError(
                f"`strategy` of training must be one of: {', '.join(STRATEGIES)}. Got {self.strategy!r}."
            )
        self._check_use()

    def _check_use(self) -> None:
        """What is given but would change nothing is an error."""
        given = {field.name for field in fields(self) if getattr(self, field.name) != field.default}
        for name in _UNUSED.get(self.family, ()):
            if name in given:
                raise InvalidInputError(
                    f"`generator.{name}` must not be given for a {self.family} generator, which has no use for "
                    f"it. Got {getattr(self, name)!r}."
                )
        if self.method == "full" and "rank" in given:
            raise InvalidInputError(
                "`generator.rank` is that of adapters, and generator.method=full trains none. "
                f"Got {self.rank!r}. Leave it out, or give generator.method=lora."
            )


def generator_id(settings: GeneratorSettings) -> str:
    """A hash of what is loaded: weights, configuration and vocabulary, wherever they lie."""
    if settings.family == "diffusion":
        marker, paths = "model_index.json", [settings.folder / part for part in _PARTS]
    else:
        marker, paths = "config.json", [settings.folder]
    found = _loaded_files(paths)
    files = {str(path.relative_to(settings.folder)): manifest.file_digest(path) for path in found}
    if marker not in files:
        raise missing_generator(settings.folder, marker)
    if settings.adapter is not None:
        files["adapter"] = _adapter_digest(settings.adapter)
    return manifest.digest(files)[:32]


def missing_generator(folder: Path, marker: str = "model_index.json") -> GeneratorError:
    """The error for a folder without a generator."""
    return GeneratorError(
        f"The folder of a generator must hold one (`{marker}`). Got {str(folder)!r}, which does not. "
        "Make the miniature's with `python -m finetune pretrain`, or give the local folder of a downloaded model."
    )


def _adapter_digest(path: Path) -> str:
    """A hash of an adapter's file, or of a folder's, with peft's configuration, which holds its weight."""
    files = _loaded_files([path]) if path.is_dir() else [path, path.with_name("adapter_config.json")]
    found = {file.name: manifest.file_digest(file) for file in files if file.is_file()}
    if not any(name.endswith(".safetensors") for name in found):
        raise GeneratorError(
            "`adapter` of a generator must be a safetensors file, or a folder with one. "
            f"None is at {str(path)!r}."
        )
    return manifest.digest(found)


def _loaded_files(roots: list[Path]) -> list[Path]:
    found = [path for root in roots for path in [root, *root.rglob("*")]]
    return sorted(path for path in found if path.is_file() and path.suffix in _CONTENT)
