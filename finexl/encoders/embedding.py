"""What adapters have in common: batches to rows, an id over all that embeddings depend on, texts that were cut."""

import hashlib
import json
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar, runtime_checkable

import torch
from jaxtyping import Float32
from torch import Tensor

from finexl.errors import EncoderError, InvalidInputError

Model = TypeVar("Model", bound=torch.nn.Module)


@runtime_checkable
class CutsTexts(Protocol):
    """An encoder whose context is finite, and which says how many texts did not fit."""

    n_truncated: int

    @property
    def id(self) -> str: ...


def embed_in_batches(
    items: Sequence[Any],
    encode: Callable[[Sequence[Any]], Tensor],
    *,
    batch_size: int,
    normalise: bool = True,
) -> Float32[Tensor, "n d"]:
    """One float32 row per item on the CPU, of unit length unless `normalise` is off."""
    if not len(items):
        raise InvalidInputError("An encoder must be given at least one image or text. Got none.")
    starts = range(0, len(items), batch_size)
    with torch.inference_mode():
        rows = torch.cat([encode(items[start : start + batch_size]).float().cpu() for start in starts])
        lengths = rows.norm(dim=1, keepdim=True)
    # Divided without a guard: a row of zeros becomes NaN, which the method reports.
    return (rows / lengths if normalise else rows).clone()


def count_cut(encoder: CutsTexts, cut: Sequence[str], *, limit: int) -> None:
    """Add texts that lost their end to the encoder's count; the first ones are warned about."""
    if cut and not encoder.n_truncated:
        warnings.warn(
            f"Texts should have at most {limit} tokens for encoder {encoder.id!r}. "
            f"Got a longer one, which was cut: {max(cut, key=len)[:80]!r}. "
            "Use shorter prompts; `n_truncated` counts the texts that were cut.",
            stacklevel=3,
        )
    encoder.n_truncated += len(cut)


def identity(model: torch.nn.Module, facts: Mapping[str, Any], *, library: str) -> str:
    """A hash over what determines embeddings: every weight in float32, and the facts (JSON values)."""
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)} ".encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().data)
    return f"{library}:{digest.hexdigest()}"


def check_finite(state: Mapping[str, Tensor], *, place: str) -> None:
    """Raise if a weight is NaN or infinite; `place` is where the weights are from."""
    broken = sorted(name for name, tensor in state.items() if not torch.isfinite(tensor).all())
    if broken:
        raise EncoderError(f"Weights must be finite. Got NaN or infinity in {broken[0]!r} of {place!r}.")


def on_device(model: Model, device: str) -> Model:
    """The model on its device, ready for evaluation."""
    try:
        return model.to(device).eval()
    except (RuntimeError, AssertionError) as error:
        raise EncoderError(f"`device` must exist on this machine. Got {device!r}: {error}.") from error
