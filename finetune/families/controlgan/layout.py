"""A ControlGAN as a folder: `config.json`, `vocabulary.json` and one safetensors file per network.

| file | holds | needed for |
|---|---|---|
| `generator.safetensors`, `text_encoder.safetensors` | the published keys | sampling |
| `image_encoder.safetensors` | the DAMSM's image encoder | personalizing |
| `perception.safetensors` | VGG-16's `features.0` to `features.7`, with `perception` vgg16 | personalizing |
| `discriminators.safetensors` | `stages.<n>.*` in the keys of the reference's `netD<n>`, `words.*` | personalizing |

Discriminators were never published. A folder without them starts with random ones, which the log says.
"""

import json
import logging
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

from finetune.families.controlgan.architecture import Architecture
from finetune.families.controlgan.networks import Networks, build_networks
from finetune.families.controlgan.words import Vocabulary, read_vocabulary, write_vocabulary
from finetune.families.strict_loading import check_exactly
from finetune.generator import GeneratorError
from finetune.store.tensors import in_half, read_tensors, write_tensors

CONFIG, VOCABULARY = "config.json", "vocabulary.json"
CLASS = "ControlGAN"
FOR_SAMPLING = ("generator", "text_encoder")

logger = logging.getLogger(__name__)


class Loaded(NamedTuple):
    """A ControlGAN from a folder, frozen and in evaluation mode."""

    networks: Networks
    vocabulary: Vocabulary
    present: frozenset[str]
    """Names of the networks that the folder holds; the others are random."""


def load_networks(folder: Path, *, seed: int = 0) -> Loaded:
    """Every network of the folder, in float32 on the CPU; those it does not hold are random, by `seed`.

    Raises:
        GeneratorError: The folder lacks what sampling needs, or a file does not fit the configuration.
    """
    architecture = read_architecture(folder)
    vocabulary = read_vocabulary(_existing(folder, VOCABULARY))
    if len(vocabulary) != architecture.n_words:
        raise GeneratorError(
            f"{VOCABULARY} in {folder} must have the `n_words` of {CONFIG}. "
            f"Got {len(vocabulary)} words and n_words {architecture.n_words}."
        )
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(seed)
        networks = build_networks(architecture)
    present = [name for name, part in _parts(networks).items() if _loaded(part, folder, name)]
    if "discriminators" not in present:
        start = networks.image_encoder.emb_features.weight.detach()
        networks.discriminators.words.perception.weight.data.copy_(start)
    for part in _parts(networks).values():
        part.requires_grad_(False).eval()
    return Loaded(networks, vocabulary, frozenset(present))


def save_networks(folder: Path, networks: Networks, vocabulary: Vocabulary) -> None:
    """Write every network in half precision, with configuration and vocabulary."""
    folder.mkdir(parents=True, exist_ok=True)
    write_config(folder, networks.architecture)
    write_vocabulary(folder / VOCABULARY, vocabulary)
    for name, part in _parts(networks).items():
        tensors = {key: in_half(tensor) for key, tensor in part.state_dict().items()}
        write_tensors(folder / f"{name}.safetensors", tensors)


def write_config(folder: Path, architecture: Architecture) -> None:
    """The architecture as JSON."""
    config = {"_class_name": CLASS, **asdict(architecture)}
    (folder / CONFIG).write_text(json.dumps(config, indent=1), encoding="utf-8")


def read_architecture(folder: Path) -> Architecture:
    """The architecture that a folder's configuration describes."""
    config = json.loads(_existing(folder, CONFIG).read_bytes())
    if not isinstance(config, dict) or config.pop("_class_name", None) != CLASS:
        raise GeneratorError(f"`_class_name` of {CONFIG} in {folder} must be {CLASS}. Got another.")
    try:
        return Architecture(**config)
    except TypeError as reason:
        raise GeneratorError(
            f"{CONFIG} in {folder} must have the fields of a ControlGAN's architecture. Got: {reason}."
        ) from reason


def load_strictly(part: nn.Module, tensors: dict[str, Tensor], *, of: object) -> None:
    """Load all of `tensors` into `part`; a missing, foreign or differently shaped one is an error that names it."""
    state = part.state_dict()
    # Files of old torch lack the counts of batches, which nothing reads.
    given = {key: value for key, value in state.items() if key.endswith("num_batches_tracked")} | tensors
    check_exactly(given, state, of=of, advice=f"Check the widths in {CONFIG} and the layout of the file.")
    part.load_state_dict({key: given[key].to(tensor.dtype) for key, tensor in state.items()})


def require(loaded: Loaded, folder: Path) -> None:
    """Refuse to personalize without the networks that the losses read; tell of random discriminators."""
    needed = {name for name in _parts(loaded.networks) if name != "discriminators"}
    missing = sorted(needed - loaded.present)
    if missing:
        raise GeneratorError(
            f"Personalizing a ControlGAN needs its {' and '.join(missing)}. {folder} has no "
            f"{', '.join(f'{name}.safetensors' for name in missing)}. Convert them with finetune.families.convert."
        )
    if "discriminators" not in loaded.present:
        logger.warning("%s has no discriminators: training starts with random ones.", folder)


def _parts(networks: Networks) -> dict[str, nn.Module]:
    """The networks that a folder holds, by the names of their files."""
    parts: dict[str, nn.Module] = {
        "generator": networks.generator,
        "text_encoder": networks.text_encoder,
        "image_encoder": networks.image_encoder,
        "discriminators": networks.discriminators,
    }
    if networks.architecture.perception == "vgg16":
        parts["perception"] = networks.perception
    return parts


def _loaded(part: nn.Module, folder: Path, name: str) -> bool:
    path = folder / f"{name}.safetensors"
    if not path.is_file():
        if name in FOR_SAMPLING:
            _existing(folder, path.name)
        return False
    load_strictly(part, read_tensors(path), of=path)
    return True


def _existing(folder: Path, name: str) -> Path:
    if not (folder / name).is_file():
        raise GeneratorError(
            f"The folder of a ControlGAN must have a {name}. {str(folder)!r} has none. "
            "Convert published files with finetune.families.convert, or make the miniature with "
            "`python -m finetune pretrain controlgan`."
        )
    return folder / name
