"""The painter of the synthetic corpus: Stable Diffusion 3.5 as published, from a local diffusers folder."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import UInt8

from finetune.corpora.reading import digest_of
from finetune.store import manifest
from finexl.code_version import code_version
from finexl.errors import FinexlError

_TRUSTED = {"diffusers", "transformers"}
_CONTENT = {".json", ".txt", ".model", ".safetensors"}


class PainterError(FinexlError):
    """A pipeline cannot be loaded, or does not draw images."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brush:
    """How it draws; the defaults are those that its publishers give for 3.5 Large."""

    n_steps: int = 28
    guidance: float = 3.5
    height: int | None = None
    """Pixels from top to bottom; None = the size that the model was trained at."""
    width: int | None = None
    """Pixels from side to side; None = the size that the model was trained at."""


class StableDiffusion3Painter:
    """Draws one image at a time: the same prompt and seed give the same. Loads its weights when it first draws."""

    def __init__(self, folder: Path, *, device: str = "cpu", brush: Brush | None = None) -> None:
        self._parts = _parts(folder)
        self._folder = folder
        self._device = device
        self._brush = brush or Brush()

    @property
    def id(self) -> str:
        """A hash of the weights that are loaded, and of how they draw."""
        return self._id

    @cached_property
    def _id(self) -> str:
        roots = [self._folder / part for part in self._parts]
        found = (path for root in roots for path in root.rglob("*") if path.suffix in _CONTENT)
        values = {
            "weights": digest_of(self._folder, sorted(path for path in found if path.is_file())),
            "brush": asdict(self._brush),
            "code": code_version(f"{__name__}:StableDiffusion3Painter"),
            "device": self._device.partition(":")[0],
        }
        return manifest.digest(values)[:32]

    def sample(self, prompts: Sequence[str], seeds: Sequence[int]) -> UInt8[np.ndarray, "n h w 3"]:
        """One image per prompt; noise comes from a CPU generator per seed."""
        return np.stack([self._drawn(prompt, seed) for prompt, seed in zip(prompts, seeds, strict=True)])

    @cached_property
    def _pipeline(self) -> Callable[..., Any]:
        return _loaded(self._folder, device=self._device)

    def _drawn(self, prompt: str, seed: int) -> UInt8[np.ndarray, "h w 3"]:
        import torch

        with torch.no_grad():
            (drawn,) = self._pipeline(
                prompt,
                num_inference_steps=self._brush.n_steps,
                guidance_scale=self._brush.guidance,
                height=self._brush.height,
                width=self._brush.width,
                generator=torch.Generator().manual_seed(seed),
                output_type="np",
                return_dict=False,
            )
        pixels = np.asarray(drawn)[0]  # (h, w, 3) in 0..1
        if not np.isfinite(pixels).all():
            raise PainterError(
                f"A drawn image must be finite. Got NaN or infinity for {prompt!r}. Draw in float32."
            )
        return np.rint(pixels * 255).astype(np.uint8)


def _loaded(folder: Path, *, device: str) -> Callable[..., Any]:
    """The pipeline: safetensors only, nothing fetched or run."""
    import torch
    from diffusers.pipelines.stable_diffusion_3.pipeline_stable_diffusion_3 import StableDiffusion3Pipeline

    dtype = torch.float32 if device == "cpu" else torch.bfloat16
    try:
        pipeline = StableDiffusion3Pipeline.from_pretrained(
            folder, torch_dtype=dtype, local_files_only=True, use_safetensors=True
        )
    except (OSError, ValueError) as reason:
        raise PainterError(
            f"{folder} must hold a complete Stable Diffusion 3 pipeline with safetensors weights. Got: {reason}"
        ) from reason
    pipeline.set_progress_bar_config(disable=True)
    return pipeline.to(device)


def _parts(folder: Path) -> tuple[str, ...]:
    """The sub-folders of a pipeline; refuses other pipelines, and parts from elsewhere than the two libraries."""
    try:
        index = json.loads((folder / "model_index.json").read_bytes())
        entries = {name: entry for name, entry in index.items() if isinstance(entry, list)}
        libraries = {name: library for name, (library, _) in entries.items()}
    except (OSError, ValueError, AttributeError) as reason:
        raise PainterError(
            "To draw the synthetic corpus, `folder` must be a local copy of a Stable Diffusion 3 pipeline "
            f"(`model_index.json`). Got {str(folder)!r}."
        ) from reason
    used = {name: library for name, library in libraries.items() if library is not None}
    foreign = sorted(name for name, library in used.items() if library not in _TRUSTED)
    if index.get("_class_name") != "StableDiffusion3Pipeline" or foreign:
        raise PainterError(
            f"`model_index.json` in {folder} must describe a StableDiffusion3Pipeline whose parts come from "
            f"diffusers and transformers. Got {index.get('_class_name')!r} with foreign parts {foreign!r}."
        )
    return tuple(sorted(used))
