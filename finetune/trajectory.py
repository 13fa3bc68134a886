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
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.schedulers.scheduling_ddpm import DDPMScheduler
from lightning.fabric.plugins.environments.lightning import LightningEnvironment
from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor

from finetune.batches import Draw, Examples, TrainingStream
from finetune.diffusion import DiffusionPersonalizer
from finetune.progress import Progress, Silent
from finetune.recipe import Recipe
from finetune.tensors import TensorFileError, read_tensors, write_tensors
from finexl.errors import FinexlError, InvalidInputError

STATE = "state.safetensors"
REPORT = "trajectory.json"
_LIGHTNING_PRECISION = {"fp32": "32-true", "bf16": "bf16-mixed"}

logger = logging.getLogger(__name__)


class TrainingError(FinexlError):
    """A training run cannot go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSettings:
    """How a recipe is trained; what is trained on and for how long is the recipe's business."""

    device: str = "cpu"
    precision: str = "fp32"
    """fp32, or bf16 for the forward and backward pass; weights and Adam's moments stay fp32."""
    caption_dropout: float = 0.1
    gradient_clip: float = 1.0
    """Largest norm of the gradient; 0 is no limit."""
    accumulate: int = 1
    """Parts into which each batch is split to save memory."""
    state_every_s: float = 30.0
    """Seconds between the states from which an interrupted run resumes."""

    def __post_init__(self) -> None:
        if self.precision not in _LIGHTNING_PRECISION:
            raise InvalidInputError(
                f"`precision` of training must be one of: {', '.join(sorted(_LIGHTNING_PRECISION))}. "
                f"Got {self.precision!r}."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Learner:
    """What is trained: a U-Net (changed in place), under a noise schedule, with settings."""

    unet: UNet2DConditionModel
    schedule: DDPMScheduler
    settings: TrainingSettings


def train_trajectory(
    recipe: Recipe, examples: Examples, *, learner: Learner, folder: Path, progress: Progress | None = None
) -> None:
    """Train for `recipe.steps[-1]` steps and leave the kept weights in `folder`, with a report of the losses.

    Step 0 is the base model and has no file. `learner.unet` holds the last step's weights afterwards.
    """
    settings, last = learner.settings, recipe.steps[-1]
    learner.unet.float().requires_grad_(True).train()
    module = DiffusionPersonalizer(
        learner.unet, schedule=learner.schedule, learning_rate=recipe.learning_rate
    )
    losses = _restore(module, folder / STATE)
    draw = Draw(
        batch_size=recipe.batch_size,
        n_times=int(learner.schedule.config["num_train_timesteps"]),
        caption_dropout=settings.caption_dropout,
        seed=recipe.seed,
        chunks=settings.accumulate,
    )
    keeper = _Keeper(recipe, losses=losses, settings=settings, folder=folder, progress=progress or Silent())
    stream = TrainingStream(examples, draw=draw, start=len(losses), stop=last)
    if len(stream):
        with _alone():
            _trainer(settings, n_steps=last - len(losses), keeper=keeper).fit(module, stream)
    learner.unet.requires_grad_(False).eval()
    _write_report(folder / REPORT, recipe, settings, losses)
    (folder / STATE).unlink(missing_ok=True)


def kept_files(folder: Path) -> tuple[Path, ...]:
    """What a finished trajectory consists of."""
    return (*sorted(folder.glob("step_*.safetensors")), folder / REPORT)


def step_file(folder: Path, step: int) -> Path:
    """Where a trajectory's folder has the weights of one kept step."""
    return folder / f"step_{step:06d}.safetensors"


def load_step(unet: UNet2DConditionModel, folder: Path, step: int) -> None:
    """Put the kept weights of one step into `unet`."""
    unet.load_state_dict(read_tensors(step_file(folder, step)))


class _Keeper(Callback):
    """Watches a run: keeps the weights at the declared steps, and now and then the state to resume from."""

    def __init__(
        self,
        recipe: Recipe,
        *,
        losses: list[float],
        settings: TrainingSettings,
        folder: Path,
        progress: Progress,
    ) -> None:
        self._recipe = recipe
        self._losses = losses
        self._settings = settings
        self._folder = folder
        self._progress = progress
        self._parts: list[Tensor] = []
        self._state_time = time.monotonic()
        self._tell()

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """After each full step: note its loss, keep what is due."""
        del trainer, batch, batch_idx
        assert isinstance(pl_module, DiffusionPersonalizer)
        self._parts.append(outputs["loss"].detach())
        if len(self._parts) < self._settings.accumulate:
            return
        self._note_loss()
        done = len(self._losses)
        if done in self._recipe.steps:
            _write(step_file(self._folder, done), _half(pl_module.unet))
        if time.monotonic() - self._state_time >= self._settings.state_every_s:
            _write(self._folder / STATE, _state(pl_module, self._losses))
            self._state_time = time.monotonic()
        self._tell()

    def _note_loss(self) -> None:
        loss = float(torch.stack(self._parts).float().sum())
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


def _trainer(settings: TrainingSettings, *, n_steps: int, keeper: Callback) -> Trainer:
    kind, _, index = settings.device.partition(":")
    return Trainer(
        accelerator="gpu" if kind == "cuda" else kind,
        devices=[int(index)] if index else 1,
        precision=_LIGHTNING_PRECISION[settings.precision],  # pyright: ignore[reportArgumentType]  # a literal table
        max_steps=n_steps,
        max_epochs=-1,
        accumulate_grad_batches=settings.accumulate,
        gradient_clip_val=settings.gradient_clip or None,
        deterministic=True if kind == "cpu" else "warn",  # some GPU kernels have no other form
        callbacks=[keeper],
        plugins=[LightningEnvironment()],  # one process, also inside a cluster's job
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
    voices = [logging.getLogger(name) for name in ("lightning", "lightning.pytorch", "lightning.fabric")]
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


def _half(unet: UNet2DConditionModel) -> dict[str, Tensor]:
    return {name: tensor.half() for name, tensor in unet.state_dict().items()}


def _state(module: DiffusionPersonalizer, losses: list[float]) -> dict[str, Tensor]:
    """Everything that the next step depends on, under flat names."""
    optimizer = module.optimizers(use_pl_optimizer=False)
    assert isinstance(optimizer, torch.optim.Optimizer)
    state = {f"weights/{name}": tensor for name, tensor in module.unet.state_dict().items()}
    for name, parameter in module.unet.named_parameters():
        for moment, tensor in optimizer.state[parameter].items():
            state[f"{moment}/{name}"] = tensor
    return state | {"losses": torch.tensor(losses, dtype=torch.float64)}


def _restore(module: DiffusionPersonalizer, path: Path) -> list[float]:
    """Continue from a saved state, if there is one; returns the losses of the steps already taken."""
    if not path.exists():
        return []
    try:
        state = read_tensors(path)
    except TensorFileError:
        logger.warning("The saved state %s cannot be read; training starts again from the base model.", path)
        return []
    losses = state.pop("losses").tolist()
    moments: dict[str, dict[str, Tensor]] = {}
    weights: dict[str, Tensor] = {}
    for full_name, tensor in state.items():
        kind, _, name = full_name.partition("/")
        if kind == "weights":
            weights[name] = tensor
        else:
            moments.setdefault(name, {})[kind] = tensor
    module.unet.load_state_dict(weights)
    module.restore(moments)
    return losses


def _write(path: Path, tensors: dict[str, Tensor]) -> None:
    """Replace `path` at once, so that a killed run leaves the old file or the new one."""
    fresh = path.with_suffix(".new")
    write_tensors(fresh, tensors)
    fresh.replace(path)


def _write_report(path: Path, recipe: Recipe, settings: TrainingSettings, losses: list[float]) -> None:
    report = {"recipe": asdict(recipe), "settings": asdict(settings), "losses": losses}
    path.write_text(json.dumps(report, indent=1, allow_nan=False))
