"""Which base generator is personalized, as values: its settings, and the identity of its weights."""

from dataclasses import dataclass
from pathlib import Path

from finetune import manifest
from finexl.errors import FinexlError, InvalidInputError

PRECISIONS = ("bf16", "fp32")

_PARTS = ("model_index.json", "scheduler", "text_encoder", "tokenizer", "unet", "vae")
_CONTENT = {".json", ".txt", ".safetensors"}


class GeneratorError(FinexlError):
    """A generator cannot be loaded, or does not produce images."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratorSettings:
    """Which base generator is personalized, and how it trains and samples."""

    folder: Path
    """A local diffusers folder."""
    family: str = "diffusion"
    n_sampling_steps: int = 12
    guidance: float = 3.0
    """Weight of the caption in sampling; 1 is no guidance, and costs half."""
    device: str = "cpu"
    precision: str = "fp32"
    """Of the U-Net in sampling: fp32, or bf16 (twice as fast where the processor knows it)."""
    training_precision: str = "fp32"
    """Of the U-Net in training: fp32, or bf16 (for large networks; a small one gains nothing on a CPU)."""
    batch_size: int = 16
    """Images sampled together; part of an image's identity, since rounding may differ by it."""
    caption_dropout: float = 0.1
    accumulate: int = 1
    """Parts into which a training batch is split to save memory."""

    def __post_init__(self) -> None:
        if self.family != "diffusion":
            raise InvalidInputError(f"`family` of a generator must be: diffusion. Got {self.family!r}.")
        for name, given in (("precision", self.precision), ("training_precision", self.training_precision)):
            if given not in PRECISIONS:
                raise InvalidInputError(
                    f"`{name}` of a generator must be one of: {', '.join(PRECISIONS)}. Got {given!r}."
                )


def generator_id(folder: Path) -> str:
    """A hash of what a diffusers folder loads: weights, configuration and vocabulary, wherever it lies."""
    files = {str(path.relative_to(folder)): manifest.file_digest(path) for path in _loaded_files(folder)}
    if "model_index.json" not in files:
        raise missing_generator(folder)
    return manifest.digest(files)[:32]


def missing_generator(folder: Path) -> GeneratorError:
    """The error for a folder without a pipeline."""
    return GeneratorError(
        "The folder of a generator must hold a diffusers pipeline (`model_index.json`). "
        f"Got {str(folder)!r}, which does not. Make the miniature with `python -m finetune pretrain "
        "diffusion`, or give the local folder of a downloaded Stable Diffusion."
    )


def _loaded_files(folder: Path) -> list[Path]:
    found = [path for part in _PARTS for path in [folder / part, *(folder / part).rglob("*")]]
    return sorted(path for path in found if path.is_file() and path.suffix in _CONTENT)
