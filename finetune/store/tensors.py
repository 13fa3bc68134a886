"""Tensors on disk: safetensors only, with the errors of the disk told as such."""

import re
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from finetune.store.tensor_headers import TensorFileError

_OS_ERROR = re.compile(r"os error (\d+)")


def write_tensors(
    path: Path, tensors: Mapping[str, torch.Tensor], *, metadata: Mapping[str, str] | None = None
) -> None:
    """Write `tensors` to `path`; a full or read-only disk raises `OSError`."""
    # safetensors refuses views that share memory, and tensors elsewhere than on the CPU.
    held = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    try:
        save_file(held, path, dict(metadata) if metadata else None)
    except SafetensorError as failure:
        number = _OS_ERROR.search(str(failure))
        if number is None:
            raise
        raise OSError(int(number[1]), str(failure)) from failure


def in_half(tensor: torch.Tensor) -> torch.Tensor:
    """The tensor in half precision if it holds floats, as it is otherwise."""
    return tensor.half() if tensor.is_floating_point() else tensor


def read_tensors(path: Path) -> dict[str, torch.Tensor]:
    """The tensors in `path`, on the CPU; a file that is no safetensors raises `TensorFileError`."""
    try:
        return load_file(path)
    except SafetensorError as reason:
        raise TensorFileError(
            f"{path} must be a safetensors file. Got one that cannot be read ({reason}). "
            "Remove it to make it again."
        ) from reason
