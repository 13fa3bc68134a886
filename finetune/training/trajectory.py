"""One training run that keeps the model at several steps, each of them a level of personalization (§6.1).

A run writes into one folder and continues from what an interrupted run left there; either way the kept
weights are the same bytes. They do depend on the number of CPU threads, since gradients are sums: whoever
compares bytes fixes that number.
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
from typing import Any

import torch
from lightning.fabric.plugins.environments.lightning import LightningEnvironment
from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor, distributed

from finetune.generator import STRATEGIES, GeneratorSettings
from finetune.recipe import Recipe
from finetune.store.progress import Progress, Silent
from finetune.store.tensors import TensorFileError, read_tensors, write_tensors
from finetune.training.batches import Stream
from finetune.training.personalizer import Personalizer
from finexl.errors import FinexlError, InvalidInputError

STATE = "state.safetensors"
REPORT = "trajectory.json"
_LOSSES = "losses"
_LIGHTNING_PRECISION = {"fp32": "32-true", "bf16": "bf16-mixed"}

logger = logging.getLogger(__name__)


class TrainingError(FinexlError):
    """A training run cannot go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSettings:
    """How a recipe is trained; what is trained on and for how long is the recipe's business."""

    device: str = "cpu"
    """Where it trains, in torch's words: `cpu`, `cuda` or `cuda:1`."""
    precision: str = "fp32"
    """fp32, or bf16 for the forward and backward pass; weights and Adam's moments stay fp32."""
    devices: int = 1
    """Devices that share a batch."""
    strategy: str = "auto"
    """One of `STRATEGIES`; matters only with several devices, each of which takes its share of every batch."""
    gradient_clip: float = 1.0
    """Largest norm of the gradient; 0 is no limit."""
    accumulate: int = 1
    """Parts into which each batch is split to save memory."""
    state_every_s: float = 30.0
    """Seconds between the states from which an interrupted run resumes; every kept step has one too."""

    def __post_init__(self) -> None:
        if self.precision not in _LIGHTNING_PRECISION:
            raise InvalidInputError(
                f"`precision` of training must be one of: {', '.join(sorted(_LIGHTNING_PRECISION))}. "
                f"Got {self.precision!r}."
            )
        if self.strategy not in STRATEGIES:
            raise InvalidInputError(
                f"`strategy` of training must be one of: {', '.join(STRATEGIES)}. Got {self.strategy!r}."
            )


def training_settings(settings: GeneratorSettings) -> TrainingSettings:
    """How a generator trains, of all its settings."""
    return TrainingSettings(
        device=settings.device,
        devices=settings.devices,
        strategy=settings.strategy,
        precision=settings.training_precision,
        accumulate=settings.accumulate,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Where a run writes, and how it trains."""

    folder: Path
    """Where kept steps, the state of an interrupted run and the report lie."""
    settings: TrainingSettings
    """How it trains."""


def train_trajectory(
    recipe: Recipe, module: Personalizer, stream: Stream, *, run: Run, progress: Progress | None = None
) -> None:
    """Train for `recipe.steps[-1]` steps and leave the kept weights in a folder, with a report of the losses.

    Step 0 is the base model and has no file.

    Raises:
        TrainingError: The loss is no longer finite.
        InvalidInputError: The state that an interrupted run left belongs to another module.
    """
    folder = run.folder
    losses = _restore(module, folder / STATE)
    heard = progress if run.settings.devices == 1 else None  # other processes cannot reach it
    keeper = _Keeper(recipe, losses=losses, run=run, progress=heard or Silent())
    batches = stream.between(len(losses), recipe.steps[-1])
    if len(batches):
        with _alone():
            _trainer(run.settings, module=module, keeper=keeper).fit(module, batches)
    else:
        _write_report(folder / REPORT, recipe, run.settings, losses)
    (folder / STATE).unlink(missing_ok=True)


def kept_files(folder: Path) -> tuple[Path, ...]:
    """What a finished trajectory consists of."""
    return (*sorted(folder.glob("step_*.safetensors")), folder / REPORT)


def step_file(folder: Path, step: int) -> Path:
    """Where a trajectory's folder has the weights of one kept step."""
    return folder / f"step_{step:06d}.safetensors"


def load_step(folder: Path, step: int) -> dict[str, Tensor]:
    """The tensors that a trajectory's folder keeps for one step."""
    return read_tensors(step_file(folder, step))


class _Keeper(Callback):
    """Watches a run: keeps the weights at the declared steps, and now and then the state to resume from."""

    def __init__(self, recipe: Recipe, *, losses: list[float], run: Run, progress: Progress) -> None:
        self._recipe = recipe
        self._losses = losses
        self._settings = run.settings
        self._folder = run.folder
        self._progress = progress
        self._parts: list[Tensor] = []
        self._state_time = time.monotonic()
        self._tell()

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Arrive in a process that was spawned to train along, where Lightning would speak."""
        self.__dict__.update(state)
        for voice in _voices():
            voice.setLevel(logging.ERROR)
        warnings.filterwarnings("ignore", module=r"lightning\.")

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """After each full step: note its loss, keep what is due."""
        del batch, batch_idx
        assert isinstance(pl_module, Personalizer)
        self._parts.append(outputs["loss"].detach())
        if len(self._parts) < self._settings.accumulate:
            return
        self._note_loss()
        pl_module.note_step()
        if trainer.is_global_zero:
            self._keep(pl_module)
        self._tell()

    def on_fit_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write the report, in the process that trained."""
        del pl_module
        if trainer.is_global_zero:
            _write_report(self._folder / REPORT, self._recipe, self._settings, self._losses)

    def _keep(self, module: Personalizer) -> None:
        """A kept step also leaves the state, so that a run continues from any of them."""
        done = len(self._losses)
        is_level = done in self._recipe.steps
        if is_level:
            _write(step_file(self._folder, done), module.kept())
        if is_level or time.monotonic() - self._state_time >= self._settings.state_every_s:
            losses = torch.tensor(self._losses, dtype=torch.float64)
            _write(self._folder / STATE, module.state() | {_LOSSES: losses})
            self._state_time = time.monotonic()

    def _note_loss(self) -> None:
        loss = float(_mean_over_processes(torch.stack(self._parts).float().sum()))
        self._parts.clear()
        if not math.isfinite(loss):
            raise TrainingError(
                f"The loss of training must be finite. Got {loss} at step {len(self._losses) + 1} with "
                f"learning rate {self._recipe.learning_rate:g}. Lower the learning rate, or train with "
                "precision=fp32."
            )
        self._losses.append(loss)

    def _tell(self) -> None:
        self._progress.step(len(self._losses), self._recipe.steps[-1], "training")


def _mean_over_processes(loss: Tensor) -> Tensor:
    """The loss of the whole batch; each process saw an equal share of it."""
    if distributed.is_available() and distributed.is_initialized():
        distributed.all_reduce(loss)
        return loss / distributed.get_world_size()
    return loss


def _trainer(settings: TrainingSettings, *, module: Personalizer, keeper: Callback) -> Trainer:
    kind, _, index = settings.device.partition(":")
    automatic = module.automatic_optimization
    alone = settings.devices == 1
    # Forking is far cheaper than spawning, but CUDA does not survive a fork.
    usual = "ddp_fork" if settings.device == "cpu" else "ddp_spawn"
    shared = usual if settings.strategy == "auto" else settings.strategy
    return Trainer(
        accelerator="gpu" if kind == "cuda" else kind,
        devices=[int(index)] if index and alone else settings.devices,
        strategy="auto" if alone else shared,
        precision=_LIGHTNING_PRECISION[settings.precision],  # pyright: ignore[reportArgumentType]  # a literal table
        max_epochs=1,  # the stream ends where the run does
        accumulate_grad_batches=settings.accumulate if automatic else 1,
        gradient_clip_val=(settings.gradient_clip or None) if automatic else None,
        deterministic=True if kind == "cpu" else "warn",  # some GPU kernels have no other form
        callbacks=[keeper],
        plugins=[LightningEnvironment()] if alone else None,  # one process, also inside a cluster's job
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        use_distributed_sampler=False,
    )


@contextmanager
def _alone() -> Iterator[None]:
    """Runs Lightning without its advice, and gives back what it changes for the whole process.

    Lightning turns an interrupt into exit status 1 and ignores later ones; here it stays an interrupt.
    """
    voices = _voices()
    levels = [voice.level for voice in voices]
    was_deterministic = torch.are_deterministic_algorithms_enabled()
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
        torch.use_deterministic_algorithms(was_deterministic)
        for voice, level in zip(voices, levels, strict=True):
            voice.setLevel(level)


def _voices() -> list[logging.Logger]:
    return [logging.getLogger(name) for name in ("lightning", "lightning.pytorch", "lightning.fabric")]


def _restore(module: Personalizer, path: Path) -> list[float]:
    """Continue from a saved state, if there is one; returns the losses of the steps already taken."""
    if not path.exists():
        return []
    try:
        state = read_tensors(path)
    except TensorFileError:
        logger.warning("The saved state %s cannot be read; training starts again from the base model.", path)
        return []
    losses = state.pop(_LOSSES).tolist()
    module.restore(state)
    return losses


def _write(path: Path, tensors: dict[str, Tensor]) -> None:
    """Replace `path` at once, so that a killed run leaves the old file or the new one."""
    fresh = path.with_suffix(".new")
    write_tensors(fresh, tensors)
    fresh.replace(path)


def _write_report(path: Path, recipe: Recipe, settings: TrainingSettings, losses: list[float]) -> None:
    report = {"recipe": asdict(recipe), "settings": asdict(settings), "losses": losses}
    path.write_text(json.dumps(report, indent=1, allow_nan=False))
