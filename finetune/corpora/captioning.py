"""Captions for images that have none: BLIP-2 (App. D), or anything else that describes images.

What was said about an image is kept by the hash of its pixels, so an interrupted run goes on where it stopped.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
from jaxtyping import UInt8

from finetune.corpora.naming import one_line
from finetune.store import manifest
from finexl.code_version import code_version
from finexl.errors import FinexlError

if TYPE_CHECKING:
    import transformers

_AT_ONCE = 8
"""Images described, and remembered, together."""
_CONTENT = {".json", ".txt", ".safetensors", ".model"}

Images = UInt8[np.ndarray, "n h w 3"]


class CaptioningError(FinexlError):
    """A captioner cannot be loaded, or does not describe what it is given."""


@runtime_checkable
class Captioner(Protocol):
    """Describes images."""

    def caption(self, images: Images) -> Sequence[str]:
        """One sentence per image."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RememberedCaptions:
    """What a captioner says, kept in a file of JSON lines; `id` names the captioner."""

    id: str
    captioner: Captioner
    file: Path
    """A line per image: {"image": hash, "caption": text}. One file per captioner."""

    def caption(self, images: Images) -> tuple[str, ...]:
        """One sentence per image; only images that were never seen are described."""
        keys = [_key(image) for image in images]
        known = dict(self._remembered())
        new = [place for place, key in enumerate(keys) if key not in known]
        for start in range(0, len(new), _AT_ONCE):
            batch = new[start : start + _AT_ONCE]
            said = list(self.captioner.caption(images[batch]))
            if len(said) != len(batch):
                raise CaptioningError(
                    f"A captioner must say one sentence per image. Got {len(said)} for {len(batch)}."
                )
            found = {keys[place]: one_line(text) for place, text in zip(batch, said, strict=True)}
            self._remember(found)
            known |= found
        return tuple(known[key] for key in keys)

    def _remembered(self) -> Iterator[tuple[str, str]]:
        """What the file says; a line that was torn by an interruption is passed over."""
        if not self.file.is_file():
            return
        with self.file.open(encoding="utf-8") as lines:
            for line in lines:
                with suppress(ValueError, KeyError, TypeError):
                    entry = json.loads(line)
                    yield str(entry["image"]), str(entry["caption"])

    def _remember(self, found: dict[str, str]) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        lines = [json.dumps({"image": key, "caption": text}) for key, text in found.items()]
        with self.file.open("a", encoding="utf-8") as stream:
            stream.write("\n".join(["", *lines, ""]))  # an empty line ends what an interruption left open


class Blip2Captioner:
    """BLIP-2 from a local folder as published (Salesforce/blip2-opt-2.7b): safetensors only, nothing fetched.

    It is asked without a prompt, by greedy search, so an image is always described the same. Loads its weights
    when it is first asked.
    """

    def __init__(self, folder: Path, *, device: str = "cpu", max_tokens: int = 30) -> None:
        self._folder = folder
        self._device = device
        self._max_tokens = max_tokens

    @property
    def id(self) -> str:
        """A hash of what its folder holds, and of how it is asked."""
        made_of = (
            code_version(f"{__name__}:Blip2Captioner"),
            self._max_tokens,
            self._device.partition(":")[0],
        )
        digest = hashlib.sha256(repr(made_of).encode())
        files = (path for path in self._folder.glob("*") if path.suffix in _CONTENT and path.is_file())
        for path in sorted(files):
            digest.update(f"{path.name}:{manifest.file_digest(path)}".encode())
        return f"blip2-{digest.hexdigest()[:32]}"

    def caption(self, images: Images) -> tuple[str, ...]:
        """One sentence per image."""
        import torch

        model, processor = self._loaded
        pixels = processor.image_processor(list(images), return_tensors="pt")["pixel_values"]
        with torch.no_grad():
            tokens = model.generate(
                pixels.to(model.device, model.dtype),
                do_sample=False,
                num_beams=1,
                max_new_tokens=self._max_tokens,
            )
        return tuple(one_line(text) for text in processor.batch_decode(tokens, skip_special_tokens=True))

    @cached_property
    def _loaded(self) -> "tuple[transformers.Blip2ForConditionalGeneration, transformers.Blip2Processor]":
        import torch
        from transformers import Blip2ForConditionalGeneration, Blip2Processor

        dtype = torch.float32 if self._device == "cpu" else torch.float16
        try:
            processor = Blip2Processor.from_pretrained(self._folder, local_files_only=True)
            model = Blip2ForConditionalGeneration.from_pretrained(
                self._folder, dtype=dtype, local_files_only=True, use_safetensors=True
            )
        except (OSError, ValueError, KeyError) as reason:
            raise CaptioningError(
                "`captioner` must be a local BLIP-2 folder with safetensors weights. "
                f"Got {str(self._folder)!r}: {reason}"
            ) from reason
        if model.config.image_token_index is None:
            raise CaptioningError(
                "The config.json of a BLIP-2 folder must say which token stands for an image "
                f"(`image_token_index`). {str(self._folder)!r} does not. Download its newest revision."
            )
        torch.nn.Module.to(model, self._device)
        return model.eval(), processor


def _key(image: UInt8[np.ndarray, "h w 3"]) -> str:
    return hashlib.sha256(repr(image.shape).encode() + np.ascontiguousarray(image).tobytes()).hexdigest()
