"""The adversarial loop: it trains both sides, averages, and a killed run ends where an undisturbed one does."""

import dataclasses
from pathlib import Path

import pytest
import torch

from finetune.families.controlgan.architecture import Architecture
from finetune.families.controlgan.generator import Captions
from finetune.families.controlgan.networks import Networks, build_networks
from finetune.pretraining.controlgan.adversarial import GanSettings, train_gan
from finetune.pretraining.controlgan.paired_scenes import Scenes, drawn
from finetune.pretraining.loop import LoopSettings

SETTINGS = LoopSettings(steps=3, learning_rate=1e-3, warmup_steps=1, average_decay=0.5, seed=1)
GAN = GanSettings(batch_size=4, painted_first=0.0, n_painted=2, n_statistics=4)
SMALL = Architecture(
    n_words=5, generator_width=2, discriminator_width=2, n_residual=1, base_size=16, word_width=4, embedding_width=4,
    condition_width=3, noise_width=3, caption_length=4, image_encoder="small", perception="image_encoder",
)  # fmt: skip


def networks() -> Networks:
    torch.manual_seed(0)
    built = build_networks(SMALL)
    built.image_encoder.requires_grad_(False).eval()
    return built


@pytest.fixture(scope="module")
def scenes() -> Scenes:
    source = torch.Generator().manual_seed(2)
    padding = torch.zeros(6, 4, dtype=torch.bool)
    forms = [
        Captions(torch.randn(6, 4, generator=source), torch.randn(6, 4, 4, generator=source), padding)
        for _ in range(2)
    ]
    images = torch.rand(6, 3, 64, 64, generator=source) * 2 - 1
    return Scenes(images=images, captions=(forms[0], forms[1]), numbers=torch.tensor([0, 1, 2, 3, 4, 0]))


def trained(scenes: Scenes, folder: Path, *, steps: int = 3) -> dict[str, torch.Tensor]:
    fresh = networks()
    settings = dataclasses.replace(SETTINGS, steps=steps)
    train_gan(fresh, scenes, settings=settings, gan=GAN, folder=folder)
    return fresh.generator.state_dict() | {f"d.{n}": t for n, t in fresh.discriminators.state_dict().items()}


def test_a_killed_run_ends_with_the_bytes_of_an_undisturbed_one(scenes: Scenes, tmp_path: Path) -> None:
    whole = trained(scenes, tmp_path / "whole")
    first = dataclasses.replace(SETTINGS, save_every_s=0.0)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("finetune.pretraining.controlgan.adversarial.drawn", _dying(at=2))
        train_gan(networks(), scenes, settings=first, gan=GAN, folder=tmp_path / "broken")
    resumed = trained(scenes, tmp_path / "broken")
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)


def _dying(*, at: int):
    count = iter(range(at + 1))

    def dying(*given, **named):
        if next(count) == at:
            raise KeyboardInterrupt
        return drawn(*given, **named)

    return dying


def test_generator_and_discriminators_both_learn(scenes: Scenes, tmp_path: Path) -> None:
    one, three = trained(scenes, tmp_path / "one", steps=1), trained(scenes, tmp_path / "three")
    names = (
        "img_net3.img.0.weight",
        "ca_net.fc.weight",
        "d.words.perception.weight",
        "d.stages.2.img_code_s16.0.weight",
    )
    assert all(not torch.equal(one[name], three[name]) for name in names)


def test_nobody_judges_at_first(scenes: Scenes, tmp_path: Path) -> None:
    fresh = networks()
    before = {name: tensor.clone() for name, tensor in fresh.discriminators.named_parameters()}
    gan = dataclasses.replace(GAN, painted_first=1.0)
    settings = dataclasses.replace(SETTINGS, steps=1)
    train_gan(fresh, scenes, settings=settings, gan=gan, folder=tmp_path)
    judge = "stages.0.COND_DNET.outlogits.0.bias"
    assert torch.equal(dict(fresh.discriminators.named_parameters())[judge], before[judge])


def test_a_batch_is_a_function_of_its_seed(scenes: Scenes) -> None:
    one, same, other = (drawn(scenes, SMALL, n=4, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(one.chance.noise, same.chance.noise) and torch.equal(one.reals[0], same.reals[0])
    assert not torch.equal(one.chance.noise, other.chance.noise)


def test_equal_captions_are_marked(scenes: Scenes) -> None:
    everywhere = dataclasses.replace(scenes, numbers=torch.zeros(6, dtype=torch.long))
    assert drawn(everywhere, SMALL, n=4, seed=0).same.sum() == 12
