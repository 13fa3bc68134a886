"""CLIP, ALIGN and other dual towers through transformers (§5, §6.7), from a local folder or by hub id.

Any model that `AutoModel` knows and that has `get_image_features` and `get_text_features`. Weights are
safetensors only, and code that comes with a model is never run.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float, Float32
from PIL import Image
from safetensors import SafetensorError
from torch import Tensor
from transformers import AutoModel, AutoProcessor
from transformers.utils.generic import ModelOutput

from finexl.encoders.contexts import n_tokens
from finexl.encoders.embedding import check_finite, count_cut, embed_in_batches, identity, on_device
from finexl.errors import EncoderError, InvalidInputError
from finexl.pictures import as_seen

TEXT_LENGTHS = {"align": 64}
"""Tokens of a text where a model was trained with fewer than it has positions for (`AlignProcessor` says 64)."""
_LOCAL = {"_name_or_path", "dtype", "torch_dtype", "transformers_version"}
"""What a model's configuration says beside the model: where it lay, how it was stored, who stored it."""


@dataclass(slots=True, kw_only=True, eq=False)
class TransformersEncoder:
    """An `Encoder` around a dual tower of transformers that is already loaded, with its processor's parts."""

    model: Any
    image_processor: Any
    tokenizer: Any
    id: str
    text_length: int
    """Tokens that every text is padded or cut to."""
    batch_size: int = 64
    n_truncated: int = 0
    """How many texts so far were longer than `text_length` and lost their end."""

    def __post_init__(self) -> None:
        if self.batch_size < 1:
            raise InvalidInputError(f"`batch_size` must be at least 1. Got {self.batch_size!r}.")
        self.model.eval()

    def embed_images(self, images: Sequence[Image.Image]) -> Float32[Tensor, "n d"]:
        """One L2-normalised float32 row per image, on the CPU."""
        return self._embed(images, self.model.get_image_features, self._pixels)

    def embed_texts(self, texts: Sequence[str]) -> Float32[Tensor, "n d"]:
        """One L2-normalised float32 row per text, on the CPU; too long a text is cut, with a warning."""
        return self._embed(texts, self.model.get_text_features, self._tokens)

    def _embed(
        self, items: Sequence[Any], features: Callable[..., Any], prepare: Callable[[Sequence[Any]], Any]
    ) -> Float32[Tensor, "n d"]:
        def encode(batch: Sequence[Any]) -> Tensor:
            return pooled(features(**prepare(batch).to(self.model.device)))

        return embed_in_batches(items, encode, batch_size=self.batch_size)

    def _pixels(self, images: Sequence[Image.Image]) -> Any:
        return self.image_processor([as_seen(image) for image in images], return_tensors="pt")

    def _tokens(self, texts: Sequence[str]) -> Any:
        lengths = n_tokens(self.tokenizer, texts)
        cut = [text for text, length in zip(texts, lengths, strict=True) if length > self.text_length]
        count_cut(self, cut, limit=self.text_length)
        return self.tokenizer(
            list(texts),
            padding="max_length",  # SigLIP and ALIGN were trained so, and no text depends on its company
            truncation=True,
            max_length=self.text_length,
            return_tensors="pt",
        )


def pooled(output: Tensor | ModelOutput) -> Float[Tensor, "n d"]:
    """The rows of `get_image_features` or `get_text_features`: a tensor before transformers 5, an object since."""
    rows = output if isinstance(output, Tensor) else output.get("pooler_output")
    if rows is None:
        raise EncoderError(
            "A dual tower must return one pooled row per image or text. Got an output without `pooler_output`."
        )
    return rows


def load_transformers_encoder(
    model: str, *, revision: str = "main", device: str, batch_size: int = 64
) -> TransformersEncoder:
    """Load `model`, a folder or a hub id (with `revision`, a commit or branch of it), in float32.

    The folder is what `save_pretrained` of model and processor leave: `config.json`, `*.safetensors`, and the
    files of tokenizer and image processor.

    Raises:
        EncoderError: it is not there, lacks a part or a weight, holds NaN, or has no pair of towers.
    """
    towers, missing, processor = _load(model, revision)
    for role in ("get_image_features", "get_text_features"):
        if not callable(getattr(towers, role, None)):
            raise EncoderError(
                "An encoder must have an image and a text tower of one space. "
                f"Got a {type(towers).__name__} from {model!r}, which has no `{role}`."
            )
    if missing:
        raise EncoderError(
            f"The weights must be complete. {model!r} lacks {missing[0]!r} and {len(missing) - 1} more, or has them "
            "in another shape. Download or save the model again."
        )
    check_finite(towers.state_dict(), place=model)
    for part in ("image_processor", "tokenizer"):
        if getattr(processor, part, None) is None:
            raise EncoderError(
                f"An encoder must come with an image processor and a tokenizer. {model!r} has no `{part}`. "
                "Save its processor beside the model."
            )
    positions = int(towers.config.get_text_config().max_position_embeddings)
    length = min(positions, TEXT_LENGTHS.get(towers.config.model_type, positions))
    facts = {
        "model": _without_local(towers.config.to_dict()),
        "images": processor.image_processor.to_dict(),
        "tokenizer": [type(processor.tokenizer).__name__, processor.tokenizer.get_vocab(), length],
    }
    return TransformersEncoder(
        model=on_device(towers, device),
        image_processor=processor.image_processor,
        tokenizer=processor.tokenizer,
        id=identity(towers, facts, library="transformers"),
        text_length=length,
        batch_size=batch_size,
    )


def _load(model: str, revision: str) -> tuple[Any, list[str], Any]:
    """The model, what its file lacks (transformers only logs that it left a weight random), and its processor."""
    try:
        towers, found = AutoModel.from_pretrained(
            model,
            revision=revision,
            dtype=torch.float32,
            use_safetensors=True,
            output_loading_info=True,
            ignore_mismatched_sizes=True,  # they are named in what it found, and refused below
        )
        processor = AutoProcessor.from_pretrained(model, revision=revision)
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        first_line = str(error).strip().partition("\n")[0]
        place = "folder" if Path(model).is_dir() else "hub id"
        raise EncoderError(
            "A transformers encoder must be a folder or hub id with safetensors that `AutoModel` and `AutoProcessor` "
            f"know. The {place} {model!r} is not: {type(error).__name__}: {first_line} "
            "Check the name and the connection, or download it and give its folder with encoder.folder=."
        ) from error
    missing = [*found["missing_keys"], *(str(one[0]) for one in found["mismatched_keys"])]
    return towers, sorted(missing), processor


def _without_local(config: Mapping[Any, Any]) -> dict[Any, Any]:
    return {
        name: _without_local(value) if isinstance(value, Mapping) else value
        for name, value in config.items()
        if name not in _LOCAL
    }
