"""Latent editing (§6.3): an edit direction pushes the sampling of a diffusion model, and its scale is the level.

The law is NoiseCLR's (Dalva and Yanardag, CVPR 2024): to the prediction with classifier-free guidance comes
scale · (ε(direction) − ε(no caption)) between a start and an end step. A direction is the condition that takes
the place of a caption's states. It is learned, or made from words, or a pseudo-word of a published text encoder.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline
from jaxtyping import Float, UInt8
from safetensors import SafetensorError, safe_open
from torch import Tensor
from transformers import CLIPTextModel, CLIPTokenizer

from finetune.families.diffusion.personalizer import quiet, text_states
from finetune.families.diffusion.sampling import DiffusionGenerator, Edit, Sampling
from finetune.store.tensors import read_tensors, write_tensors
from finexl.errors import FinexlError, InvalidInputError

_FACTS = "direction"
"""The entry of a file's metadata that holds everything but the states, as JSON."""


class DirectionError(FinexlError):
    """An edit direction cannot be read, or does not belong to this generator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The part of sampling in which an edit is added, as shares of the steps: `start` ≤ step / n < `end`."""

    start: float = 0.0
    end: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= 1:
            raise InvalidInputError(
                "`start` and `end` of an edit must be shares of the sampling steps with 0 <= start < end <= 1. "
                f"Got {self.start:g} and {self.end:g}."
            )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Direction:
    """What is pushed towards."""

    name: str
    states: Float[Tensor, "t d"]
    """The condition, of the form that the generator's text encoder gives."""
    generator: str = ""
    """Identity of the base generator that it was made for; empty if it is not known."""
    window: Window = Window()
    largest_scale: float | None = None
    """Up to here images were found to change monotonically; None if that was not measured."""

    @property
    def id(self) -> str:
        """A hash of all that changes images."""
        content = self.states.float().contiguous().numpy().tobytes()
        return sha256(content + repr((self.window.start, self.window.end)).encode()).hexdigest()[:32]

    def require_generator(self, generator: str) -> None:
        """Raise unless it was made for the base generator with this identity, or for one that is not known."""
        if self.generator not in ("", generator):
            raise DirectionError(
                f"The direction {self.name!r} must be used with the generator that it was made for, "
                f"{self.generator!r}. Got {generator!r}. Make it again for this generator."
            )


class EditedGenerator:
    """A base generator whose sampling is pushed along one direction; scale 0 is the base to the byte."""

    def __init__(
        self,
        pipeline: StableDiffusionPipeline,
        sampling: Sampling,
        *,
        direction: Direction,
        scale: float,
        window: Window | None = None,
    ) -> None:
        _check_fit(pipeline, direction)
        within = window or direction.window
        edit = Edit(states=direction.states.float(), scale=scale, start=within.start, end=within.end)
        self._generator = DiffusionGenerator(pipeline, sampling, edits=(edit,))

    def sample(self, prompts: Sequence[str], seeds: Sequence[int]) -> UInt8[np.ndarray, "n h w 3"]:
        """One image per prompt, from the noise that the base generator starts from."""
        return self._generator.sample(prompts, seeds)


def edited_generator(
    pipeline: StableDiffusionPipeline,
    sampling: Sampling,
    direction_file: Path,
    *,
    scale: float,
    generator: str = "",
) -> EditedGenerator:
    """The generator edited along the direction in a file, which must be made for `generator` if that is known."""
    direction = read_direction(direction_file)
    if generator:
        direction.require_generator(generator)
    return EditedGenerator(pipeline, sampling, direction=direction, scale=scale)


def textual_direction(pipeline: StableDiffusionPipeline, words: str, *, name: str) -> Direction:
    """The direction of a caption, such as "a person with a mustache"."""
    return Direction(name=name, states=text_states(pipeline, [words])[0])


def pseudo_word_direction(folder: Path, word: str, *, template: str = "{}") -> Direction:
    """A published direction: a pseudo-word such as "<t1>" of a pipeline folder's text encoder and tokenizer.

    NoiseCLR publishes whole pipelines whose tokenizer got one word per direction, `<t1>`, `<t2>` and so on, with
    learned embeddings. They have no names; `template` puts the word into a sentence. Safetensors only.
    """
    folder = Path(folder)
    try:
        with quiet():
            tokenizer = CLIPTokenizer.from_pretrained(folder / "tokenizer", local_files_only=True)
            encoder = CLIPTextModel.from_pretrained(
                folder / "text_encoder", local_files_only=True, use_safetensors=True
            )
    except (OSError, ValueError) as reason:
        raise DirectionError(
            f"{folder} must hold `tokenizer` and `text_encoder` with safetensors weights. Got: {reason}."
        ) from reason
    added = tokenizer.get_added_vocab()
    if word not in added:
        raise DirectionError(
            f"The tokenizer in {folder} must have {word!r} as an added word. It has: {', '.join(added) or 'none'}."
        )
    tokens = tokenizer(template.format(word), padding="max_length", truncation=True, return_tensors="pt")
    with torch.no_grad():
        states = encoder.eval()(tokens.input_ids).last_hidden_state[0].float()
    return Direction(name=word.strip("<>"), states=states)


def write_direction(path: Path, direction: Direction) -> None:
    """Write a direction as one safetensors file with its facts in the metadata."""
    facts = {
        "name": direction.name,
        "generator": direction.generator,
        "window": asdict(direction.window),
        "largest_scale": direction.largest_scale,
    }
    write_tensors(path, {"states": direction.states}, metadata={_FACTS: json.dumps(facts)})


def read_direction(path: Path) -> Direction:
    """The direction in a file that `write_direction` wrote."""
    path = Path(path)
    if not path.is_file():
        raise DirectionError(f"A direction must be a safetensors file. None is at {str(path)!r}.")
    states = read_tensors(path).get("states")
    facts = _facts(path)
    if states is None or states.ndim != 2 or facts is None or not bool(torch.isfinite(states).all()):
        raise DirectionError(
            f"A direction must hold finite `states` of shape (tokens, width) and its facts. {path} does not. "
            "Write it with `finetune.families.diffusion.latent_editing.write_direction`."
        )
    return Direction(**facts | {"states": states.float(), "window": Window(**facts["window"])})


def _facts(path: Path) -> dict | None:
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
    except SafetensorError as reason:
        raise DirectionError(f"{path} must be a safetensors file. Got: {reason}.") from reason
    return json.loads(metadata[_FACTS]) if _FACTS in metadata else None


def _check_fit(pipeline: StableDiffusionPipeline, direction: Direction) -> None:
    wanted = (int(pipeline.tokenizer.model_max_length), int(pipeline.unet.config["cross_attention_dim"]))
    given = tuple(direction.states.shape)
    if given != wanted:
        raise DirectionError(
            f"The states of the direction {direction.name!r} must have the generator's shape {wanted}. Got {given}. "
            "It was made for another generator."
        )
