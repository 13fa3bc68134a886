"""The state of an adversarial training on disk: safetensors and JSON, replaced at once."""

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

_SLOTS = ("step", "exp_avg", "exp_avg_sq")


class Trained(NamedTuple):
    """What an adversarial training changes."""

    painter: nn.ModuleDict
    """Generator and noise reader."""
    discriminators: nn.Module
    painting: torch.optim.Adam
    judging: torch.optim.Adam
    average: dict[str, Tensor]
    """Running average of the generator's weights and statistics."""


@dataclass(slots=True)
class Progressed:
    """How far a training is."""

    step: int = 0
    seconds: float = 0.0
    loss: float = math.nan
    """The generator's loss, smoothed."""


def save(folder: Path, trained: Trained, state: Progressed) -> None:
    """Replace the saved state by the present one."""
    tensors = {f"average.{name}": value for name, value in trained.average.items()}
    for kind, module, optimizer in _parts(trained):
        names = [name for name, _ in module.named_parameters()]
        tensors |= {f"{kind}.{name}": value for name, value in module.state_dict().items()}
        for index, slots in optimizer.state_dict()["state"].items():
            tensors |= {f"adam.{kind}.{slot}.{names[index]}": value for slot, value in slots.items()}
    held = {name: value.contiguous().clone() for name, value in tensors.items()}
    temporary = folder / "state.tmp"
    save_file(held, temporary, {"state": json.dumps(asdict(state))})
    temporary.replace(folder / "state.safetensors")
    (folder / "state.json").write_text(json.dumps(asdict(state)))


def restore(folder: Path, trained: Trained) -> Progressed:
    """Put a saved state back, if there is one; returns how far it was."""
    path = folder / "state.safetensors"
    if not path.exists():
        return Progressed()
    saved = load_file(path)
    for name in trained.average:
        trained.average[name].copy_(saved[f"average.{name}"])
    for kind, module, optimizer in _parts(trained):
        module.load_state_dict({name: saved[f"{kind}.{name}"] for name in module.state_dict()})
        slots = {
            index: {slot: saved[f"adam.{kind}.{slot}.{name}"] for slot in _SLOTS}
            for index, (name, _) in enumerate(module.named_parameters())
            if f"adam.{kind}.step.{name}" in saved
        }
        optimizer.load_state_dict({"state": slots, "param_groups": optimizer.state_dict()["param_groups"]})
    with safe_open(path, "pt") as file:
        return Progressed(**json.loads(file.metadata()["state"]))


def _parts(trained: Trained) -> list[tuple[str, nn.Module, torch.optim.Adam]]:
    return [
        ("painter", trained.painter, trained.painting),
        ("discriminators", trained.discriminators, trained.judging),
    ]
