"""Latent editing (§6.3): an edit direction pushes the sampling of a diffusion model, and its scale is the level.

The law is NoiseCLR's (Dalva and Yanardag, CVPR 2024): to the prediction with classifier-free guidance comes
scale · (ε(direction) − ε(no caption)) between a start and an end step. A direction is the condition that takes
the place of a caption's states. It is learned, or made from words, or a pseudo-word of a published text encoder.
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline
from jaxtyping import Float
from safetensors import SafetensorError, safe_open
from torch import Tensor
from transformers import CLIPTextModel, CLIPTokenizer

from finetune.families.diffusion.personalizer import text_states
from finetune.families.diffusion.sampling import DiffusionGenerator, Edit, Sampling, Window
from finetune.families.strict_loading import quiet
from finetune.store.tensors import read_tensors, write_tensors
from finexl.errors import FinexlError

_FACTS = "direction"
"""The entry of a file's metadata that holds everything but the states, as JSON."""


class DirectionError(FinexlError):
    """An edit direction cannot be read, or does not belong to this generator."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Direction:
    """What is pushed towards."""

    name: str
    """What it adds, such as `mustache`."""
    states: Float[Tensor, "t d"]
    """The condition, of the form that the generator's text encoder gives."""
    generator: str = ""
    """Identity of the base generator that it was made for; empty if it is not known."""
    window: Window = field(default_factory=Window)
    """When it is added."""
    largest_scale: float | None = None
    """Up to here images were found to change monotonically; None if that was not measured."""

    def require_generator(self, generator: str) -> None:
        """Raise unless it was made for the base generator with this identity, or for one that is not known."""
        if self.generator not in ("", generator):
            raise DirectionError(
                f"The direction {self.name!r} must be used with the generator that it was made for, "
                f"{self.generator!r}. Got {generator!r}. Make it again for this generator."
            )


def edited_generator(
    pipeline: StableDiffusionPipeline,
    sampling: Sampling,
    direction: Direction,
    *,
    scale: float,
    generator: str = "",
) -> DiffusionGenerator:
    """A base generator whose sampling is pushed along one direction; scale 0 is the base to the byte.

    Raises:
        DirectionError: The direction's states have another shape than the generator's captions, or it was made for
            another base generator than `generator`, where both are known.
    """
    if generator:
        direction.require_generator(generator)
    wanted = (int(pipeline.tokenizer.model_max_length), int(pipeline.unet.config["cross_attention_dim"]))
    given = tuple(direction.states.shape)
    if given != wanted:
        raise DirectionError(
            f"The states of the direction {direction.name!r} must have the generator's shape {wanted}. Got {given}. "
            "It was made for another generator."
        )
    edit = Edit(states=direction.states.float(), scale=scale, window=direction.window)
    return DiffusionGenerator(pipeline, sampling, edits=(edit,))


def textual_direction(pipeline: StableDiffusionPipeline, words: str, *, name: str) -> Direction:
    """The direction of a caption, such as "a person with a mustache"."""
    return Direction(name=name, states=text_states(pipeline, [words])[0])


def pseudo_word_direction(folder: Path, word: str) -> Direction:
    """A published direction: a pseudo-word such as "<t1>" of a pipeline folder's text encoder and tokenizer.

    NoiseCLR publishes whole pipelines whose tokenizer got one word per direction, `<t1>`, `<t2>` and so on, with
    learned embeddings. They have no names. Safetensors only.
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
    tokens = tokenizer(word, padding="max_length", truncation=True, return_tensors="pt")
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
    """The direction in a file that `write_direction` wrote; any other file raises `DirectionError`."""
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
