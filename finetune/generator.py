"""Which base generator is personalized, as values: its settings, and the identity of its weights."""

from dataclasses import dataclass, fields
from math import isfinite
from pathlib import Path

from finetune.family_facts import FAMILIES, FamilyFacts
from finetune.store import manifest
from finexl.errors import FinexlError, InvalidInputError

PRECISIONS = ("bf16", "fp32")
STRATEGIES = ("auto", "ddp_fork", "ddp_spawn")
"""How several devices train together; auto is ddp_fork on CPUs and ddp_spawn elsewhere.

Lightning's plain `ddp` would run the whole command once per device, and those would wait for each other's store.
"""
_CONTENT = {".json", ".txt", ".safetensors"}


class GeneratorError(FinexlError):
    """A generator cannot be loaded, or does not produce images."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratorSettings:
    """Which base generator is personalized, and how it trains and samples."""

    folder: Path
    """A local folder in the family's layout, as `layout.py` of the family's folder in `finetune.families` tells it."""
    family: str = "diffusion"
    """A name in `finetune.family_facts.FAMILIES`."""
    adapter: Path | None = None
    """A LoRA file that is merged into the base generator when it is loaded (diffusion only)."""
    adapter_scale: float = 1.0
    """How many times the adapter counts: 0 is the base generator, 1 the adapter as trained; it may be negative."""
    method: str = "full"
    """What is trained: one of the family's methods."""
    rank: int = 4
    """Rank of the adapters that are trained; methods that train all weights have none."""
    n_sampling_steps: int = 12
    """Denoising steps of an image (diffusion only)."""
    guidance: float = 3.0
    """Weight of the caption in sampling; 1 is no guidance, and costs half. A ControlGAN has none."""
    device: str = "cpu"
    """Where it trains and samples, in torch's words: `cpu`, `cuda` or `cuda:1`."""
    devices: int = 1
    """Devices that share a training batch."""
    strategy: str = "auto"
    """How several devices train together: one of `STRATEGIES`."""
    precision: str = "fp32"
    """Arithmetic of sampling: fp32, or bf16 (twice as fast where the processor knows it)."""
    training_precision: str = "fp32"
    """Arithmetic of training: fp32, or bf16 (for large networks; a small one gains nothing on a CPU)."""
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
        if self.family not in FAMILIES:
            raise InvalidInputError(
                f"`family` of a generator must be one of: {', '.join(FAMILIES)}. Got {self.family!r}."
            )
        for name, known in (
            ("method", self.facts.methods),
            ("precision", PRECISIONS),
            ("training_precision", PRECISIONS),
            ("strategy", STRATEGIES),
        ):
            given = getattr(self, name)
            if given not in known:
                raise InvalidInputError(
                    f"`{name}` of a {self.family} generator must be one of: {', '.join(known)}. Got {given!r}."
                )
        if not isfinite(self.adapter_scale) or (self.adapter is None and self.adapter_scale != 1):
            raise InvalidInputError(
                "`adapter_scale` of a generator must be a finite number, and 1 where it has no `adapter`. "
                f"Got {self.adapter_scale!r}."
            )
        if not 0 <= self.ema_decay < 1:
            raise InvalidInputError(f"`ema_decay` must be in [0, 1). Got {self.ema_decay!r}.")
        # What is given but would change nothing is an error: whoever gives it expects that it does.
        changed = {field.name for field in fields(self) if getattr(self, field.name) != field.default}
        for name in self.facts.unused:
            if name in changed:
                raise InvalidInputError(
                    f"`generator.{name}` must not be given for a {self.family} generator, which has no use for "
                    f"it. Got {getattr(self, name)!r}."
                )
        if self.method == "full" and "rank" in changed:
            raise InvalidInputError(
                "`generator.rank` is that of adapters, and generator.method=full trains none. "
                f"Got {self.rank!r}. Leave it out, or give generator.method=lora."
            )

    @property
    def facts(self) -> FamilyFacts:
        """What is known of its family."""
        return FAMILIES[self.family]


def generator_id(settings: GeneratorSettings) -> str:
    """A hash of what is loaded: weights, configuration and vocabulary, wherever they lie."""
    facts = settings.facts
    found = _loaded_files([settings.folder / part for part in facts.parts])
    files = {str(path.relative_to(settings.folder)): manifest.file_digest(path) for path in found}
    if facts.marker not in files:
        raise missing_generator(settings.folder, facts.marker)
    if settings.adapter is not None:
        files["adapter"] = _adapter_digest(settings.adapter)
        if settings.adapter_scale != 1:
            files["adapter_scale"] = repr(float(settings.adapter_scale))
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
            "`generator.adapter` must be a safetensors file, or a folder with one. "
            f"{str(path)!r} is {'another file' if path.is_file() else 'not there' if not path.exists() else 'without'}."
        )
    return manifest.digest(found)


def _loaded_files(roots: list[Path]) -> list[Path]:
    found = [path for root in roots for path in [root, *root.rglob("*")]]
    return sorted(path for path in found if path.is_file() and path.suffix in _CONTENT)
