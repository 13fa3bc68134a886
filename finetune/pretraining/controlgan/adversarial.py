"""A resumable adversarial loop for the miniature's ControlGAN: two optimizers, weight average, rate by the clock.

Batches depend on (seed, step) alone. Generator and discriminators compute in bfloat16 and keep float32 weights.
"""

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

from finetune.families.controlgan.encoders import Seen
from finetune.families.controlgan.generator import Generated
from finetune.families.controlgan.losses import condition_loss
from finetune.families.controlgan.networks import Critics, Networks
from finetune.pretraining.controlgan.averaging import save_grid, use_average
from finetune.pretraining.controlgan.checkpoints import Progressed, Trained, restore, save
from finetune.pretraining.controlgan.paired_scenes import SceneBatch, Scenes, drawn
from finetune.pretraining.loop import LoopSettings, floats
from finetune.pretraining.networks.vae import image_loss


@dataclass(frozen=True, slots=True, kw_only=True)
class GanSettings:
    """How the parts of the generator's loss are weighted, and how fast discriminators learn."""

    batch_size: int = 16
    painted_first: float = 0.5
    """Share of the training in which every image is painted from a noise that was read from the real one, and nothing
    else is asked for: shapes are learned before anyone judges them."""
    n_painted: int = 8
    """How many images of a batch are painted so after that."""
    discriminator_rate: float = 0.2
    """Learning rate of the discriminators as a share of the generator's."""
    adversarial: float = 0.02
    words: float = 0.1
    matching: float = 0.1
    pixels: float = 20.0
    perceptual: float = 8.0
    condition: float = 0.1
    noise: float = 0.03
    """Weight of the divergence of the noise that is read from images, in nats per image."""
    n_statistics: int = 64
    """Batches that the averaged generator's batch statistics are measured on."""
    grid_every_s: float = 180.0


class Run(NamedTuple):
    """What a training reads."""

    networks: Networks
    scenes: Scenes
    settings: LoopSettings
    gan: GanSettings


class NoiseReader(nn.Module):
    """Reads the noise of an image: mean and logarithm of the variance."""

    def __init__(self, noise_width: int, widths: tuple[int, ...] = (24, 48, 64, 96)) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for n_in, n_out in zip((3, *widths), widths, strict=False):
            layers += [nn.Conv2d(n_in, n_out, 4, stride=2, padding=1), nn.LeakyReLU(0.2)]
        self.layers = nn.Sequential(*layers, nn.Flatten())
        self.linear = nn.Linear(widths[-1] * 16, 2 * noise_width)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        mean, log_variance = self.linear(self.layers(images)).chunk(2, dim=1)
        return mean, log_variance.clamp(-10, 4)


def train_gan(
    networks: Networks, scenes: Scenes, *, settings: LoopSettings, gan: GanSettings, folder: Path
) -> None:
    """Train generator and discriminators in place; the generator ends with its averaged weights."""
    torch.manual_seed(settings.seed + 1)
    run, trained = Run(networks, scenes, settings, gan), _prepared(networks, settings)
    folder.mkdir(parents=True, exist_ok=True)
    state = restore(folder, trained)
    last_save = last_grid = time.monotonic()
    while _share(state, settings) < 1:
        start = time.monotonic()
        losses = _step(run, trained, state)
        now = time.monotonic()
        state.seconds += now - start
        if state.step % 100 == 0:
            told = (f"{name} {loss:.3f}" for name, loss in losses.items())
            print(state.step, f"{state.seconds:.0f}s", *told, flush=True)
        if now - last_save > settings.save_every_s:
            save(folder, trained, state)
            last_save = now
        if now - last_grid > gan.grid_every_s:
            save_grid(folder, networks, scenes, trained.average, n_batches=gan.n_statistics // 4)
            last_grid = now
    save(folder, trained, state)
    save_grid(folder, networks, scenes, trained.average, n_batches=gan.n_statistics // 4)
    use_average(networks, scenes, trained.average, n_batches=gan.n_statistics)


def _prepared(networks: Networks, settings: LoopSettings) -> Trained:
    """Initialised as in the reference; the word-level discriminator starts with the image encoder's projection."""
    for module in (networks.generator, networks.discriminators):
        module.apply(_initialise)
        module.train().requires_grad_(True)
    reader = NoiseReader(networks.architecture.noise_width)
    painter = nn.ModuleDict({"generator": networks.generator, "reader": reader})
    with torch.no_grad():
        networks.discriminators.words.perception.weight.copy_(networks.image_encoder.emb_features.weight)
    rate, betas = settings.learning_rate, (0.5, 0.999)
    return Trained(
        painter=painter,
        discriminators=networks.discriminators,
        painting=torch.optim.Adam(painter.parameters(), lr=rate, betas=betas),
        judging=torch.optim.Adam(networks.discriminators.parameters(), lr=rate, betas=betas),
        average={name: value.detach().clone() for name, value in floats(networks.generator).items()},
    )


def _initialise(module: nn.Module) -> None:
    match module:
        case nn.Conv2d() | nn.Linear():
            nn.init.orthogonal_(module.weight)
        case nn.BatchNorm1d() | nn.BatchNorm2d():
            nn.init.normal_(module.weight, 1.0, 0.02)
        case _:
            pass


def _step(run: Run, trained: Trained, state: Progressed) -> dict[str, float]:
    """One step of the discriminators, then one of the generator; every part's loss."""
    networks, settings, gan = run.networks, run.settings, run.gan
    seed = settings.seed * 1_000_003 + state.step
    batch = drawn(run.scenes, networks.architecture, n=gan.batch_size, seed=seed)
    _set_rates(trained, settings.learning_rate * _rate(state, settings), gan)
    if _share(state, settings) < gan.painted_first:
        fakes, divergence = _painted(networks, trained, batch, n=gan.batch_size)
        parts = _likeness(networks, batch, fakes, n=gan.batch_size)
    else:
        fakes, divergence = _painted(networks, trained, batch, n=gan.n_painted)
        _improve(trained.judging, _judging_loss(networks, batch, fakes))
        parts = _likeness(networks, batch, fakes, n=gan.n_painted) | _judged(networks, batch, fakes)
    parts["noise"] = divergence
    total = torch.stack([getattr(gan, name) * part for name, part in parts.items()]).sum()
    _improve(trained.painting, total)
    _note(run, trained, state, total.item())
    return {name: part.item() for name, part in parts.items()}


def _painted(networks: Networks, trained: Trained, batch: SceneBatch, *, n: int) -> tuple[Generated, Tensor]:
    """Images for the batch's captions, the first `n` of them from noise read from the real images."""
    mean, log_variance = trained.painter["reader"](batch.reals[-1][:n])
    read = mean + (0.5 * log_variance).exp() * batch.chance.noise[:n]
    noise = torch.cat([read, batch.chance.noise[n:]])
    divergence = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(dim=1).mean()
    with torch.autocast("cpu", torch.bfloat16):
        made = networks.generator(batch.captions, batch.chance._replace(noise=noise))
    images = tuple(image.float() for image in made.images)
    return Generated(images, type(made.condition)(*(part.float() for part in made.condition))), divergence


def _judging_loss(networks: Networks, batch: SceneBatch, fakes: Generated) -> Tensor:
    with torch.autocast("cpu", torch.bfloat16):
        with torch.no_grad():
            seen = networks.image_encoder(batch.reals[-1])
        seen = Seen(*(part.float() for part in seen))
        return networks.discriminators.loss(batch.reals, fakes.images, captions=batch.captions, seen=seen)


def _likeness(networks: Networks, batch: SceneBatch, fakes: Generated, *, n: int) -> dict[str, Tensor]:
    """How far the first `n` images are from the real ones, by the names of the parts' weights."""
    critics = Critics(image_encoder=networks.image_encoder, perception=networks.perception)
    painted, aims = [image[:n] for image in fakes.images], [image[:n] for image in batch.reals]
    with torch.autocast("cpu", torch.bfloat16):
        perceptual = critics.difference(painted, aims)
    pairs = zip(painted, aims, strict=True)
    return {
        "perceptual": perceptual,
        "pixels": torch.stack([image_loss(one, other) for one, other in pairs]).mean(),
        "condition": condition_loss(fakes.condition),
    }


def _judged(networks: Networks, batch: SceneBatch, fakes: Generated) -> dict[str, Tensor]:
    """What discriminators and image encoder say, by the names of the parts' weights."""
    critics = Critics(image_encoder=networks.image_encoder, perception=networks.perception)
    networks.discriminators.requires_grad_(False)
    with torch.autocast("cpu", torch.bfloat16):
        adversarial, words, matching = critics.judged(
            fakes.images, batch.captions, discriminators=networks.discriminators, same=batch.same
        )
    networks.discriminators.requires_grad_(True)
    return {"adversarial": adversarial, "words": words, "matching": matching}


def _improve(optimizer: torch.optim.Adam, loss: Tensor) -> None:
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()


def _set_rates(trained: Trained, rate: float, gan: GanSettings) -> None:
    for optimizer, share in ((trained.painting, 1.0), (trained.judging, gan.discriminator_rate)):
        for group in optimizer.param_groups:
            group["lr"] = rate * share


def _note(run: Run, trained: Trained, state: Progressed, loss: float) -> None:
    """Move the average of the generator's weights, and count the step."""
    if not math.isfinite(loss):
        raise FloatingPointError(f"The loss of step {state.step} is {loss}.")
    decay = min(run.settings.average_decay, (1 + state.step) / (10 + state.step))
    with torch.no_grad():
        for name, value in floats(run.networks.generator).items():
            trained.average[name].lerp_(value, 1 - decay)
    state.step += 1
    state.loss = loss if math.isnan(state.loss) else 0.98 * state.loss + 0.02 * loss


def _share(state: Progressed, settings: LoopSettings) -> float:
    return max(state.step / settings.steps, state.seconds / (60 * settings.max_minutes))


def _rate(state: Progressed, settings: LoopSettings) -> float:
    warm = min(1.0, (state.step + 1) / settings.warmup_steps)
    return warm * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * min(1.0, _share(state, settings)))))
