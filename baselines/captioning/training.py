"""The one training loop of both captioners: Lightning, Adam, a progress bar, state that a killed run continues from.

What a step sees depends on (seed, step) alone, dropout included, so that a resumed run ends with the same weights.
"""

import json
import logging
import math
import signal
import threading
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from lightning.fabric.plugins.environments.lightning import LightningEnvironment
from lightning.pytorch import LightningModule, Trainer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from baselines.captioning.rates import Rate
from finexl.errors import FinexlError

_VOICES = ("lightning.pytorch", "lightning.pytorch.utilities.rank_zero", "lightning.fabric")
STATE, SUMMARY = "state.safetensors", "state.json"


class TrainingError(FinexlError):
    """A training cannot go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSettings:
    """How long and how fast a captioner is trained."""

    steps: int
    batch_size: int
    learning_rate: float
    rate: Rate
    weight_decay: float = 0.0
    gradient_clip: float | None = None
    seed: int = 0
    max_minutes: float = math.inf
    """Stop early after this long; a cosine then follows the clock where that is ahead of the steps."""
    save_every_s: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Progressed:
    """How far a training is."""

    step: int = 0
    seconds: float = 0.0
    loss: float = math.nan
    """Smoothed."""


@runtime_checkable
class StepLoss(Protocol):
    """The loss of one step; every choice is made by the generator."""

    def __call__(self, generator: torch.Generator) -> Float[Tensor, ""]: ...


def train(module: nn.Module, loss: StepLoss, *, settings: TrainingSettings, folder: Path) -> Progressed:
    """Train `module` in place, continuing from the state in `folder`; returns how far it came.

    Raises:
        TrainingError: the loss is no number, or the state in the folder is another model's.
    """
    folder.mkdir(parents=True, exist_ok=True)
    training = _Training(module, loss, settings, folder)
    if training.done < 1:
        device = next(module.parameters()).device
        with _quietly(), training.bar:
            trainer = Trainer(
                accelerator="gpu" if device.type == "cuda" else device.type,
                devices=[device.index] if device.type == "cuda" and device.index is not None else 1,
                max_epochs=1,
                gradient_clip_val=settings.gradient_clip,
                plugins=[LightningEnvironment()],
                logger=False,
                enable_checkpointing=False,
                enable_progress_bar=False,
                enable_model_summary=False,
            )
            trainer.fit(training, range(training.progressed.step, settings.steps))
        training.save()
    module.eval()
    return training.progressed


def progress_in(folder: Path) -> Progressed:
    """How far the training is whose state is in a folder; at its beginning where there is none."""
    if not (folder / STATE).exists():
        return Progressed()
    with safe_open(folder / STATE, "pt") as file:
        return Progressed(**json.loads(file.metadata()["progressed"]))


class _Training(LightningModule):
    """Sets the rate, watches loss and clock, and saves; a batch is the number of its step."""

    def __init__(self, module: nn.Module, loss: StepLoss, settings: TrainingSettings, folder: Path) -> None:
        super().__init__()
        self.module = module
        self.progressed = progress_in(folder)
        self.bar = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
            TextColumn("loss {task.fields[loss]:.4f}"), TimeRemainingColumn(),
        )  # fmt: skip
        self._loss, self._settings, self._folder = loss, settings, folder
        self._started = self._saved = time.monotonic()
        state = load_file(folder / STATE) if self.progressed.step else {}
        self._moments = _under("adam/", state)
        try:
            module.load_state_dict(_under("model/", state) if state else module.state_dict())
        except RuntimeError as reason:
            raise TrainingError(
                f"The state in {folder} must be of the model that is trained. Got another. Remove it to start anew."
            ) from reason

    @property
    def done(self) -> float:
        """The share of the training that is over, by steps or by the clock."""
        now, settings = self.progressed, self._settings
        return max(now.step / settings.steps, now.seconds / (60 * settings.max_minutes))

    def configure_optimizers(self) -> torch.optim.Optimizer:
        trained = [parameter for parameter in self.module.parameters() if parameter.requires_grad]
        settings = self._settings
        return torch.optim.Adam(trained, lr=settings.learning_rate, weight_decay=settings.weight_decay)

    @property
    def optimizer(self) -> torch.optim.Optimizer:
        optimizer = self.optimizers(use_pl_optimizer=False)
        assert isinstance(optimizer, torch.optim.Optimizer)
        return optimizer

    def on_train_start(self) -> None:
        """Give the optimizer the moments of the run that continues."""
        self.module.train()
        parameters = dict(self.module.named_parameters())
        for name, tensor in self._moments.items():
            slot, parameter = name.split("/", 1)
            self.optimizer.state[parameters[parameter]][slot] = tensor.clone()
        now, total = self.progressed, self._settings.steps
        self._task = self.bar.add_task(self._folder.name, total=total, completed=now.step, loss=now.loss)

    def on_train_batch_start(self, batch: int, batch_idx: int) -> None:
        self._started = time.monotonic()
        factor = self._settings.rate.factor(self.progressed.step, self.done)
        for group in self.optimizer.param_groups:
            group["lr"] = self._settings.learning_rate * factor

    def training_step(self, batch: int) -> Tensor:
        number = self._settings.seed * 1_000_003 + batch
        with torch.random.fork_rng(devices=[self.device] if self.device.type == "cuda" else []):
            torch.manual_seed(number)
            return self._loss(torch.Generator().manual_seed(number))

    def on_train_batch_end(self, outputs: Any, batch: int, batch_idx: int) -> None:
        now, loss = self.progressed, float(outputs["loss"])
        if not math.isfinite(loss):
            raise TrainingError(
                f"The loss of training must be finite. Got {loss} at step {now.step + 1}. Lower the learning rate."
            )
        self.progressed = Progressed(
            step=now.step + 1,
            seconds=now.seconds + time.monotonic() - self._started,
            loss=0.98 * now.loss + 0.02 * loss if math.isfinite(now.loss) else loss,
        )
        self.bar.update(self._task, completed=self.progressed.step, loss=self.progressed.loss)
        if time.monotonic() - self._saved > self._settings.save_every_s:
            self.save()
            self._saved = time.monotonic()
        self.trainer.should_stop = self.trainer.should_stop or self.done >= 1

    def save(self) -> None:
        """Replace the saved state by the present one: weights, statistics and moments under flat names."""
        state = {f"model/{name}": tensor for name, tensor in self.module.state_dict().items()}
        for name, parameter in self.module.named_parameters():
            for slot, tensor in self.optimizer.state.get(parameter, {}).items():
                state[f"adam/{slot}/{name}"] = tensor
        copied = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in state.items()}
        told = json.dumps(asdict(self.progressed))
        # Written beside and moved, so that a run that is killed leaves one whole state or the other.
        temporary = self._folder / "state.tmp"
        save_file(copied, temporary, {"progressed": told})
        temporary.replace(self._folder / STATE)
        (self._folder / SUMMARY).write_text(told + "\n", encoding="utf-8")


def _under(prefix: str, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in state.items() if name.startswith(prefix)}


@contextmanager
def _quietly() -> Iterator[None]:
    """Hide what Lightning says of devices and workers; what it changes in the process is put back."""
    voices = [logging.getLogger(name) for name in _VOICES]
    levels = [voice.level for voice in voices]
    in_main = threading.current_thread() is threading.main_thread()
    on_interrupt = signal.getsignal(signal.SIGINT)
    for voice in voices:
        voice.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"lightning\.")
            yield
    except SystemExit as stop:
        if isinstance(stop.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from None
        raise
    finally:
        if in_main:
            signal.signal(signal.SIGINT, on_interrupt)
        for voice, level in zip(voices, levels, strict=True):
            voice.setLevel(level)
