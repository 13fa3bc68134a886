"""A resumable training loop for the miniature's models: AdamW, cosine rate, weight average, progress bar.

State on disk is safetensors + JSON, replaced atomically, so that a killed run continues where it was saved.
Batches depend on (seed, step) alone: a resumed run sees what an uninterrupted one would have seen.
"""

import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from safetensors.torch import load_file, save_file
from torch import Tensor, nn


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopSettings:
    """How long and how fast a model is trained."""

    steps: int
    learning_rate: float
    warmup_steps: int = 200
    weight_decay: float = 0.01
    average_decay: float = 0.999
    """Decay of the exponential moving average of the weights; the average is what is kept."""
    seed: int = 0
    save_every_s: float = 60.0
    keep_every: int = 0
    """Keep a copy of the averaged weights every so many steps, to see whether more time still helps; 0 keeps none."""
    max_minutes: float = math.inf
    """Stop early after this long; the learning rate then follows the clock instead of the step count."""


@dataclass(slots=True)
class _State:
    step: int = 0
    seconds: float = 0.0
    loss: float = math.nan


LossOfStep = Callable[[torch.Generator, int], Tensor]


def train(
    module: nn.Module, loss_of_step: LossOfStep, *, settings: LoopSettings, folder: Path
) -> dict[str, float | int]:
    """Train `module` in place, ending with its averaged weights; returns steps, seconds and final loss."""
    optimizer = torch.optim.AdamW(
        module.parameters(), lr=settings.learning_rate, betas=(0.9, 0.98), weight_decay=settings.weight_decay
    )
    average = {name: value.detach().clone() for name, value in floats(module).items()}
    state = _restore(folder, module, optimizer, average)
    last_save = time.monotonic()
    module.train()
    with _bar() as progress:
        task = progress.add_task(folder.name, total=settings.steps, completed=state.step, loss=state.loss)
        while not _finished(state, settings):
            start = time.monotonic()
            _step(module, loss_of_step, optimizer, average, state, settings)
            state.seconds += time.monotonic() - start
            progress.update(task, completed=state.step, loss=state.loss)
            if settings.keep_every and state.step % settings.keep_every == 0:
                _keep(folder, average, state)
            if time.monotonic() - last_save > settings.save_every_s:
                _save(folder, module, optimizer, average, state)
                last_save = time.monotonic()
    _save(folder, module, optimizer, average, state)
    module.load_state_dict(average, strict=False)
    module.eval()
    return {"steps": state.step, "seconds": round(state.seconds, 1), "final_loss": round(state.loss, 5)}


def floats(module: nn.Module) -> dict[str, Tensor]:
    """What is averaged: weights and statistics, not counters."""
    return {name: value for name, value in module.state_dict().items() if value.is_floating_point()}


def _step(module, loss_of_step, optimizer, average, state: _State, settings: LoopSettings) -> None:
    for group in optimizer.param_groups:
        group["lr"] = settings.learning_rate * _rate(state, settings)
    generator = torch.Generator().manual_seed(settings.seed * 1_000_003 + state.step)
    loss = loss_of_step(generator, state.step)
    loss.backward()
    nn.utils.clip_grad_norm_(module.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    decay = min(settings.average_decay, (1 + state.step) / (10 + state.step))
    with torch.no_grad():
        for name, value in floats(module).items():
            average[name].lerp_(value, 1 - decay)
    state.step += 1
    smooth = 0.98 if math.isfinite(state.loss) else 0.0
    state.loss = smooth * (state.loss if smooth else 0.0) + (1 - smooth) * loss.item()


def _done_share(state: _State, settings: LoopSettings) -> float:
    return max(state.step / settings.steps, state.seconds / (60 * settings.max_minutes))


def _finished(state: _State, settings: LoopSettings) -> bool:
    return _done_share(state, settings) >= 1


def _rate(state: _State, settings: LoopSettings) -> float:
    warm = min(1.0, (state.step + 1) / settings.warmup_steps)
    return warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, _done_share(state, settings)))))


def _save(folder: Path, module, optimizer, average, state: _State) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    names = [name for name, _ in module.named_parameters()]
    tensors = {f"model.{name}": value for name, value in module.state_dict().items()}
    tensors |= {f"average.{name}": value for name, value in average.items()}
    for index, slots in optimizer.state_dict()["state"].items():
        tensors |= {f"adam.{names[index]}.{slot}": value for slot, value in slots.items()}
    temporary = folder / "state.tmp"
    save_file({name: value.contiguous().clone() for name, value in tensors.items()}, temporary, _texts(state))
    temporary.replace(folder / "state.safetensors")
    (folder / "state.json").write_text(json.dumps(asdict(state)))


def _keep(folder: Path, average: dict[str, Tensor], state: _State) -> None:
    target = folder / "kept" / f"step{state.step}.safetensors"
    target.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: value.half().contiguous() for name, value in average.items()}, target, _texts(state))


def _texts(state: _State) -> dict[str, str]:
    """Safetensors metadata: strings only."""
    return {name: repr(value) for name, value in asdict(state).items()}


def _restore(folder: Path, module, optimizer, average) -> _State:
    path = folder / "state.safetensors"
    if not path.exists():
        return _State()
    saved = load_file(path)
    module.load_state_dict({n[6:]: v for n, v in saved.items() if n.startswith("model.")})
    for name in average:
        average[name].copy_(saved[f"average.{name}"])
    slots: dict[int, dict[str, Tensor]] = {}
    for index, (name, _) in enumerate(module.named_parameters()):
        prefix = f"adam.{name}."
        found = {n[len(prefix) :]: v for n, v in saved.items() if n.startswith(prefix)}
        if found:
            slots[index] = found
    optimizer.load_state_dict({"state": slots, "param_groups": optimizer.state_dict()["param_groups"]})
    return _saved_state(path)


def _saved_state(path: Path) -> _State:
    from safetensors import safe_open

    with safe_open(path, "pt") as file:
        saved = file.metadata()
    return _State(step=int(saved["step"]), seconds=float(saved["seconds"]), loss=float(saved["loss"]))


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        TextColumn("loss {task.fields[loss]:.4f}"), TimeRemainingColumn(),
    )  # fmt: skip
