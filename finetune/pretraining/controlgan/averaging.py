"""The averaged generator of an adversarial training: its batch statistics, and what it paints."""

from collections.abc import Mapping
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor, nn

from finetune.families.controlgan.networks import Networks
from finetune.pretraining.controlgan.paired_scenes import Scenes, drawn

_STATISTICS_SEED = 10_000_019
_GRID_SEED = 77


def use_average(networks: Networks, scenes: Scenes, average: Mapping[str, Tensor], *, n_batches: int) -> None:
    """Load the averaged weights, and measure the batch statistics that belong to them."""
    generator = networks.generator
    generator.load_state_dict(average, strict=False)
    norms = [part for part in generator.modules() if isinstance(part, (nn.BatchNorm1d, nn.BatchNorm2d))]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a plain mean over the batches
    generator.train()
    with torch.no_grad():
        for number in range(n_batches):
            batch = drawn(scenes, networks.architecture, n=16, seed=_STATISTICS_SEED + number)
            generator(batch.captions, batch.chance)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    generator.eval()


def save_grid(
    folder: Path, networks: Networks, scenes: Scenes, average: Mapping[str, Tensor], *, n_batches: int
) -> None:
    """Thirty-two captions as the averaged generator paints them, above the real images; training goes on as it was."""
    generator = networks.generator
    live = {name: value.clone() for name, value in generator.state_dict().items()}
    use_average(networks, scenes, average, n_batches=n_batches)
    batch = drawn(scenes, networks.architecture, n=32, seed=_GRID_SEED)
    with torch.no_grad():
        images = generator(batch.captions, batch.chance).images[-1]
    generator.load_state_dict(live)
    generator.train()
    pixels = ((torch.cat([images, batch.reals[-1]]).clamp(-1, 1) + 1) * 127.5).byte()
    side = pixels.shape[-1]
    sheet = pixels.view(8, 8, 3, side, side).permute(0, 3, 1, 4, 2).reshape(8 * side, 8 * side, 3)
    Image.fromarray(sheet.numpy()).resize((16 * side, 16 * side)).save(folder / "grid.png")
