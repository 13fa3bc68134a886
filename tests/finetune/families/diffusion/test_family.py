"""Every method of the diffusion family trains, keeps and samples by one contract."""

import gc
import json
import weakref
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from finetune.families.diffusion.adapter_files import write_adapter
from finetune.families.diffusion.adapters import LowRank
from finetune.families.diffusion.family import DiffusionFamily
from finetune.families.diffusion.personalizer import DiffusionPersonalizer, load_pipeline, noise_schedule
from finetune.generator import GeneratorSettings
from finetune.mixing import TrainingImages
from finetune.recipe import Recipe
from finetune.training.personalizer import Personalizer
from finetune.training.trajectory import REPORT, Run, TrainingSettings, load_step, step_file, train_trajectory
from finexl.errors import InvalidInputError

Build = Callable[..., Recipe]
METHODS = ("full", "lora", "finestyle")
PROMPTS, SEEDS = ("a red house", "a blue fish"), (1, 2)


def family(folder: Path, **changes: Any) -> DiffusionFamily:
    return DiffusionFamily(GeneratorSettings(folder=folder, n_sampling_steps=2, batch_size=2, **changes))


def trained(
    family: DiffusionFamily, recipe: Recipe, training: TrainingImages, folder: Path, **settings: Any
) -> Personalizer:
    module = family.personalizer(recipe)
    run = Run(folder=folder, settings=TrainingSettings(**settings))
    train_trajectory(recipe, module, family.stream(training, recipe), run=run)
    return module


@pytest.mark.parametrize("method", METHODS)
def test_zero_steps_are_the_base(folder: Path, recipe: Build, method: str) -> None:
    it = family(folder, method=method)
    kept = it.personalizer(recipe(method=method)).kept()
    difference = it.generator(kept).sample(PROMPTS, SEEDS).astype(int) - it.generator().sample(PROMPTS, SEEDS)
    tolerance = 2 if method == "full" else 0  # all weights are kept in half precision
    assert np.abs(difference).max() <= tolerance


@pytest.mark.parametrize("method", METHODS)
def test_training_leaves_the_base_as_it_is(
    sd21: Path, recipe: Build, training: TrainingImages, tmp_path: Path, method: str
) -> None:
    it = family(sd21, method=method)
    before = it.generator().sample(PROMPTS, SEEDS)
    trained(it, recipe(method=method), training, tmp_path)
    changed = it.generator(load_step(tmp_path, 2)).sample(PROMPTS, SEEDS)
    assert np.array_equal(it.generator().sample(PROMPTS, SEEDS), before)
    assert not np.array_equal(changed, before)


@pytest.mark.parametrize("method", ["lora", "finestyle"])
def test_an_adapter_is_kept_without_its_base(
    sd21: Path, recipe: Build, training: TrainingImages, tmp_path: Path, method: str
) -> None:
    trained(family(sd21, method=method), recipe(method=method), training, tmp_path)
    kept = load_step(tmp_path, 2)
    assert all(".lora_" in name and tensor.dtype == torch.float16 for name, tensor in kept.items())
    weights = sd21 / "unet/diffusion_pytorch_model.safetensors"
    assert step_file(tmp_path, 2).stat().st_size < weights.stat().st_size / 2


def test_scale_zero_of_an_adapter_is_the_base_to_the_byte(
    sd21: Path, recipe: Build, training: TrainingImages, tmp_path: Path
) -> None:
    it = family(sd21, method="lora")
    trained(it, recipe(method="lora"), training, tmp_path)
    off = it.generator(load_step(tmp_path, 2), scale=0.0).sample(PROMPTS, SEEDS)
    assert np.array_equal(off, it.generator().sample(PROMPTS, SEEDS))


def test_images_move_away_from_the_base_with_the_scale(
    sd21: Path, recipe: Build, training: TrainingImages, tmp_path: Path
) -> None:
    it = family(sd21, method="lora")
    trained(it, recipe(method="lora", learning_rate=3e-2), training, tmp_path)
    kept, base = load_step(tmp_path, 2), it.generator().sample(PROMPTS, SEEDS).astype(int)
    ladder = [
        float(np.abs(it.generator(kept, scale=scale).sample(PROMPTS, SEEDS) - base).mean())
        for scale in (0.25, 0.5, 1.0)
    ]
    assert 0 < ladder[0] < ladder[1] < ladder[2]


@pytest.mark.parametrize("method", METHODS)
def test_an_interrupted_run_resumes_to_the_same_bytes(
    sd21: Path, recipe: Build, training: TrainingImages, tmp_path: Path, method: str
) -> None:
    class Interrupt:
        def step(self, done: int, total: int, label: str) -> None:
            if done == 2:
                raise KeyboardInterrupt

    plan, it = recipe(method=method, steps=(1, 3)), family(sd21, method=method)
    straight, broken = tmp_path / "straight", tmp_path / "broken"
    straight.mkdir()
    broken.mkdir()
    trained(it, plan, training, straight)
    run = Run(folder=broken, settings=TrainingSettings(state_every_s=0.0))
    stream = it.stream(training, plan)
    with pytest.raises(KeyboardInterrupt):
        train_trajectory(plan, it.personalizer(plan), stream, run=run, progress=Interrupt())
    train_trajectory(plan, it.personalizer(plan), stream, run=run)
    assert step_file(straight, 3).read_bytes() == step_file(broken, 3).read_bytes()


@pytest.mark.parametrize("method", METHODS)
def test_checkpointing_gives_the_same_gradients(
    sd21: Path, recipe: Build, training: TrainingImages, method: str
) -> None:
    plan, gradients = recipe(method=method), []
    for checkpointing in (False, True):
        it = family(sd21, method=method, gradient_checkpointing=checkpointing)
        module = it.personalizer(plan)
        (batch,) = it.stream(training, plan).between(1, 2)
        module.training_step(batch, 0).backward()
        gradients.append({name: tensor.grad for name, tensor in module.learned().items()})
    for name, gradient in gradients[0].items():
        torch.testing.assert_close(gradient, gradients[1][name])


def test_bf16_trains_adapters_close_to_full_precision(
    sd21: Path, recipe: Build, training: TrainingImages, tmp_path: Path
) -> None:
    kept = []
    for precision in ("fp32", "bf16"):
        folder = tmp_path / precision
        folder.mkdir()
        trained(family(sd21, method="lora"), recipe(method="lora"), training, folder, precision=precision)
        kept.append(torch.cat([tensor.flatten().float() for tensor in load_step(folder, 2).values()]))
    assert not torch.equal(*kept)
    torch.testing.assert_close(kept[0], kept[1], atol=5e-3, rtol=0.1)


def test_a_finestyle_run_sees_concepts_and_their_images(
    sd21: Path, recipe: Build, training: TrainingImages
) -> None:
    it = family(sd21, method="finestyle")
    examples = it.stream(training, recipe(method="finestyle")).examples
    assert len(examples) == 3 * len(training.captions)
    assert len(examples.states) > len(set(training.captions))


def test_a_base_with_an_adapter_is_another_base(sd21: Path, tmp_path: Path) -> None:
    layer = "mid_block.attentions.0.transformer_blocks.0.attn2.to_v"
    down = torch.linspace(0, 1, 32)[None]
    write_adapter(tmp_path / "a.safetensors", {layer: LowRank(down, torch.ones(16, 1), 1.0)})
    plain = family(sd21).generator().sample(PROMPTS, SEEDS)
    adapted = family(sd21, adapter=tmp_path / "a.safetensors").generator().sample(PROMPTS, SEEDS)
    assert not np.array_equal(plain, adapted)


class Precise(DiffusionPersonalizer):
    """Keeps levels in full precision, to compare them."""

    def kept(self) -> dict[str, torch.Tensor]:
        return {name: tensor.detach().clone() for name, tensor in self.learned().items()}


@pytest.mark.parametrize("settings", [TrainingSettings, partial(GeneratorSettings, folder=Path("/f"))])
def test_a_strategy_that_runs_the_command_again_is_refused(settings: Callable[..., Any]) -> None:
    with pytest.raises(InvalidInputError, match="ddp_spawn"):
        settings(devices=2, strategy="ddp")


@pytest.mark.parametrize("side", [4, 6, 12, 16])
def test_images_of_another_size_are_not_trained_on(sd21: Path, recipe: Build, side: int) -> None:
    images = np.zeros((1, side, side, 3), np.uint8)
    with pytest.raises(InvalidInputError, match=rf"8×8 pixels. Got {side}×{side}. Give corpus.size=8"):
        family(sd21).stream(TrainingImages(images=images, captions=("a",), sources=("x",)), recipe())


def test_a_generator_that_nobody_holds_takes_no_memory(sd21: Path, recipe: Build) -> None:
    it = family(sd21)
    generator = it.generator(it.personalizer(recipe()).kept())
    unet = weakref.ref(generator._pipeline.unet)  # pyright: ignore[reportPrivateUsage]  # what is large
    assert unet() is not None
    gc.disable()
    try:
        del generator
        assert unet() is None
    finally:
        gc.enable()


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["ddp_fork", "ddp_spawn"])
def test_two_processes_train_to_the_weights_of_one_and_say_nothing(
    sd21: Path,
    recipe: Build,
    training: TrainingImages,
    tmp_path: Path,
    strategy: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    plan, kept, losses = recipe(steps=(3,)), [], []
    for n_devices in (1, 2):
        folder = tmp_path / str(n_devices)
        folder.mkdir()
        it, pipeline = family(sd21), load_pipeline(sd21)
        module = Precise(
            pipeline.unet.requires_grad_(True), schedule=noise_schedule(pipeline), learning_rate=1e-3
        )
        run = Run(folder=folder, settings=TrainingSettings(devices=n_devices, strategy=strategy))
        train_trajectory(plan, module, it.stream(training, plan), run=run)
        kept.append(load_step(folder, 3))
        losses.append(json.loads((folder / REPORT).read_text())["losses"])
    assert losses[1] == pytest.approx(losses[0], rel=1e-4)
    for name, weight in kept[0].items():
        torch.testing.assert_close(weight, kept[1][name], atol=1e-5, rtol=0.0)
    assert capfd.readouterr() == ("", "")
