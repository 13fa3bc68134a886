"""The one training loop of both captioners: Lightning, Adam, a progress bar, and state that a killed run continues from.

What a step sees depends on (seed, step) alone, dropout included, so that a resumed run ends with the same weights.
"""

import json
import logging
import math
import signal
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from lightning.fabric.plugins.environments.lightning import LightningEnvironment
from lightning.pytorch import Callback, LightningModule, Trainer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
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
    """Train `module` in place, continuing from the state in `folder`; returns how far it came."""
    folder.mkdir(parents=True, exist_ok=True)
    training = _Training(module, loss, settings)
    progressed = training.restore(folder)
    keeper = _Keeper(progressed, settings, folder)
    if not keeper.finished:
        device = next(module.parameters()).device
        with _quietly():
            _trainer(settings, keeper, device).fit(training, _Steps(progressed.step, settings.steps))
        keeper.save(training)
    module.eval()
    return keeper.progressed


def progress_in(folder: Path) -> Progressed:
    """How far the training is whose state is in a folder; at its beginning where there is none."""
    if not (folder / STATE).exists():
        return Progressed()
    with safe_open(folder / STATE, "pt") as file:
        return Progressed(**json.loads(file.metadata()["progressed"]))


class _Training(LightningModule):
    def __init__(self, module: nn.Module, loss: StepLoss, settings: TrainingSettings) -> None:
        super().__init__()
        self.module = module
        self._loss = loss
        self._settings = settings
        self._moments: dict[str, Tensor] = {}

    def training_step(self, batch: int) -> Tensor:
        number = self._settings.seed * 1_000_003 + batch
        with torch.random.fork_rng(devices=[self.device] if self.device.type == "cuda" else []):
            torch.manual_seed(number)
            return self._loss(torch.Generator().manual_seed(number))

    def configure_optimizers(self) -> torch.optim.Optimizer:
        trained = [parameter for parameter in self.module.parameters() if parameter.requires_grad]
        settings = self._settings
        return torch.optim.Adam(trained, lr=settings.learning_rate, weight_decay=settings.weight_decay)

    def on_train_start(self) -> None:
        """Give the optimizer the moments of the run that continues."""
        self.module.train()
        parameters = dict(self.module.named_parameters())
        for name, tensor in self._moments.items():
            slot, parameter = name.split("/", 1)
            self.optimizer.state[parameters[parameter]][slot] = tensor.clone()

    @property
    def optimizer(self) -> torch.optim.Optimizer:
        optimizer = self.optimizers(use_pl_optimizer=False)
        assert isinstance(optimizer, torch.optim.Optimizer)
        return optimizer

    def state(self) -> dict[str, Tensor]:
        """Weights, statistics and moments under flat names."""
        state = {f"model/{name}": tensor for name, tensor in self.module.state_dict().items()}
        for name, parameter in self.module.named_parameters():
            for slot, tensor in self.optimizer.state.get(parameter, {}).items():
                state[f"adam/{slot}/{name}"] = tensor
        return {name: tensor.detach().cpu().contiguous().clone() for name, tensor in state.items()}

    def restore(self, folder: Path) -> Progressed:
        """Put a saved state back, if there is one; returns how far it was."""
        if not (folder / STATE).exists():
            return Progressed()
        saved = load_file(folder / STATE)
        weights = {name[6:]: tensor for name, tensor in saved.items() if name.startswith("model/")}
        try:
            self.module.load_state_dict(weights)
        except RuntimeError as reason:
            raise TrainingError(
                f"The state in {folder} must be of the model that is trained. Got another. Remove it to start anew."
            ) from reason
        self._moments = {name[5:]: tensor for name, tensor in saved.items() if name.startswith("adam/")}
        return progress_in(folder)


class _Steps(torch.utils.data.IterableDataset[int]):
    """The numbers of the steps to come."""

    def __init__(self, first: int, end: int) -> None:
        self._range = range(first, end)

    def __iter__(self) -> Iterator[int]:
        return iter(self._range)


class _Keeper(Callback):
    """Sets the rate, watches loss and clock, and saves."""

    def __init__(self, progressed: Progressed, settings: TrainingSettings, folder: Path) -> None:
        self.progressed = progressed
        self._settings = settings
        self._folder = folder
        self._started = self._saved = time.monotonic()
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
            TextColumn("loss {task.fields[loss]:.4f}"), TimeRemainingColumn(),
        )  # fmt: skip
        self._task = TaskID(0)

    @property
    def finished(self) -> bool:
        return self._done() >= 1

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        del trainer, pl_module
        self._bar.start()
        now = self.progressed
        total = self._settings.steps
        self._task = self._bar.add_task(self._folder.name, total=total, completed=now.step, loss=now.loss)

    def on_train_batch_start(
        self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int
    ) -> None:
        del trainer, batch, batch_idx
        assert isinstance(pl_module, _Training)
        self._started = time.monotonic()
        factor = self._settings.rate.factor(self.progressed.step, self._done())
        for group in pl_module.optimizer.param_groups:
            group["lr"] = self._settings.learning_rate * factor

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        del batch, batch_idx
        assert isinstance(pl_module, _Training)
        self._advance(float(outputs["loss"]))
        self._bar.update(self._task, completed=self.progressed.step, loss=self.progressed.loss)
        if time.monotonic() - self._saved > self._settings.save_every_s:
            self.save(pl_module)
            self._saved = time.monotonic()
        trainer.should_stop = trainer.should_stop or self.finished

    def teardown(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        del trainer, pl_module, stage
        self._bar.stop()

    def on_exception(self, trainer: Trainer, pl_module: LightningModule, exception: BaseException) -> None:
        del trainer, pl_module, exception
        self._bar.stop()

    def save(self, training: _Training) -> None:
        """Replace the saved state by the present one."""
        told = json.dumps(asdict(self.progressed))
        temporary = self._folder / "state.tmp"
        save_file(training.state(), temporary, {"progressed": told})
        temporary.replace(self._folder / STATE)
        (self._folder / SUMMARY).write_text(told + "\n", encoding="utf-8")

    def _advance(self, loss: float) -> None:
        now = self.progressed
        if not math.isfinite(loss):
            raise TrainingError(
                f"The loss of training must be finite. Got {loss} at step {now.step + 1}. Lower the learning rate."
            )
        self.progressed = Progressed(
            step=now.step + 1,
            seconds=now.seconds + time.monotonic() - self._started,
            loss=0.98 * now.loss + 0.02 * loss if math.isfinite(now.loss) else loss,
        )

    def _done(self) -> float:
        now, settings = self.progressed, self._settings
        return max(now.step / settings.steps, now.seconds / (60 * settings.max_minutes))


def _trainer(settings: TrainingSettings, keeper: _Keeper, device: torch.device) -> Trainer:
    return Trainer(
        accelerator="gpu" if device.type == "cuda" else device.type,
        devices=[device.index] if device.type == "cuda" and device.index is not None else 1,
        max_epochs=1,
        gradient_clip_val=settings.gradient_clip,
        callbacks=[keeper],
        plugins=[LightningEnvironment()],
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )


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
