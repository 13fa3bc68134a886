"""One run keeps several steps, changes nothing but the U-Net, and survives being interrupted."""

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline
from interrupting import InterruptAt

from finetune.families.diffusion.examples import Draw, Examples, ExampleStream
from finetune.families.diffusion.personalizer import DiffusionPersonalizer, load_pipeline, noise_schedule
from finetune.recipe import Recipe
from finetune.store.progress import Progress
from finetune.store.tensors import read_tensors
from finetune.training.trajectory import (
    STATE,
    Run,
    TrainingError,
    TrainingSettings,
    load_step,
    step_file,
    train_trajectory,
)

Build = Callable[..., Recipe]


class Trainee(NamedTuple):
    """A pipeline that is to be trained, and how."""

    pipeline: StableDiffusionPipeline
    settings: TrainingSettings


def learner(pipeline: StableDiffusionPipeline, **settings: Any) -> Trainee:
    return Trainee(pipeline, TrainingSettings(**settings))


def train(
    recipe: Recipe, examples: Examples, *, learner: Trainee, folder: Path, progress: Progress | None = None
) -> None:
    schedule = noise_schedule(learner.pipeline)
    unet = learner.pipeline.unet.float().requires_grad_(True).train()
    module = DiffusionPersonalizer(unet, schedule=schedule, learning_rate=recipe.learning_rate)
    draw = Draw(
        batch_size=recipe.batch_size,
        n_times=int(schedule.config["num_train_timesteps"]),
        caption_dropout=0.1,
        seed=recipe.seed,
        chunks=learner.settings.accumulate,
    )
    run = Run(folder=folder, settings=learner.settings)
    stream = ExampleStream(examples=examples, draw=draw)
    train_trajectory(recipe, module, stream, run=run, progress=progress)


def weights(part: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in part.state_dict().items()}


def same(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(first[name], second[name]) for name in first)


def test_training_changes_the_unet_and_nothing_else(
    pipeline: StableDiffusionPipeline, examples: Examples, recipe: Build, tmp_path: Path
) -> None:
    before = [weights(part) for part in (pipeline.unet, pipeline.vae, pipeline.text_encoder)]
    train(recipe(), examples, learner=learner(pipeline), folder=tmp_path)
    after = [weights(part) for part in (pipeline.unet, pipeline.vae, pipeline.text_encoder)]
    assert [same(*pair) for pair in zip(before, after, strict=True)] == [False, True, True]


def test_zero_steps_change_nothing(
    pipeline: StableDiffusionPipeline, examples: Examples, recipe: Build, tmp_path: Path
) -> None:
    before = weights(pipeline.unet)
    train(recipe(steps=(0,)), examples, learner=learner(pipeline), folder=tmp_path)
    assert same(before, weights(pipeline.unet))
    assert not list(tmp_path.glob("step_*"))


def test_the_kept_steps_are_those_declared(
    pipeline: StableDiffusionPipeline, examples: Examples, recipe: Build, tmp_path: Path
) -> None:
    train(recipe(steps=(0, 1, 3)), examples, learner=learner(pipeline), folder=tmp_path)
    assert [path.name for path in sorted(tmp_path.iterdir())] == [
        "step_000001.safetensors",
        "step_000003.safetensors",
        "trajectory.json",
    ]


def test_a_kept_step_is_what_a_run_of_that_length_ends_with(
    sd21: Path, examples: Examples, recipe: Build, tmp_path: Path
) -> None:
    for steps in ((2,), (2, 4)):
        folder = tmp_path / str(len(steps))
        folder.mkdir()
        train(recipe(steps=steps), examples, learner=learner(load_pipeline(sd21)), folder=folder)
    assert step_file(tmp_path / "1", 2).read_bytes() == step_file(tmp_path / "2", 2).read_bytes()


def test_kept_weights_are_half_precision_and_load_back(
    pipeline: StableDiffusionPipeline, examples: Examples, recipe: Build, tmp_path: Path
) -> None:
    train(recipe(), examples, learner=learner(pipeline), folder=tmp_path)
    trained = weights(pipeline.unet)
    pipeline.unet.load_state_dict(load_step(tmp_path, 2))
    assert all(tensor.dtype == torch.float16 for tensor in read_tensors(step_file(tmp_path, 2)).values())
    torch.testing.assert_close(weights(pipeline.unet), trained, atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("at", [1, 2, 3])
def test_an_interrupted_run_resumes_to_the_same_bytes(
    folder: Path, examples: Examples, recipe: Build, tmp_path: Path, at: int
) -> None:
    straight, broken = tmp_path / "straight", tmp_path / "broken"
    straight.mkdir()
    broken.mkdir()
    plan = recipe(steps=(2, 4))
    train(plan, examples, learner=learner(load_pipeline(folder)), folder=straight)
    with pytest.raises(KeyboardInterrupt):
        train(
            plan,
            examples,
            learner=learner(load_pipeline(folder), state_every_s=0.0),
            folder=broken,
            progress=InterruptAt(at),
        )
    train(plan, examples, learner=learner(load_pipeline(folder)), folder=broken)
    for step in plan.steps:
        assert step_file(straight, step).read_bytes() == step_file(broken, step).read_bytes()
    assert (straight / "trajectory.json").read_bytes() == (broken / "trajectory.json").read_bytes()


def test_a_resumed_run_does_not_repeat_steps(
    sd21: Path, examples: Examples, recipe: Build, tmp_path: Path
) -> None:
    seen: list[int] = []

    class Watch:
        def step(self, done: int, total: int, label: str) -> None:
            seen.append(done)

    with pytest.raises(KeyboardInterrupt):
        interrupted = learner(load_pipeline(sd21), state_every_s=0.0)
        train(recipe(steps=(4,)), examples, learner=interrupted, folder=tmp_path, progress=InterruptAt(3))
    train(
        recipe(steps=(4,)), examples, learner=learner(load_pipeline(sd21)), folder=tmp_path, progress=Watch()
    )
    assert seen == [3, 4]


def test_an_unreadable_state_means_starting_again(
    sd21: Path, examples: Examples, recipe: Build, tmp_path: Path
) -> None:
    train(recipe(), examples, learner=learner(load_pipeline(sd21)), folder=tmp_path)
    expected = step_file(tmp_path, 2).read_bytes()
    (tmp_path / STATE).write_bytes(b"torn")
    train(recipe(), examples, learner=learner(load_pipeline(sd21)), folder=tmp_path)
    assert step_file(tmp_path, 2).read_bytes() == expected


def test_interrupts_still_work_after_an_interrupt(
    sd21: Path, examples: Examples, recipe: Build, tmp_path: Path
) -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        train(
            recipe(), examples, learner=learner(load_pipeline(sd21)), folder=tmp_path, progress=InterruptAt(1)
        )
    assert signal.getsignal(signal.SIGINT) is before


def test_accumulating_parts_gives_the_same_training_up_to_rounding(
    sd21: Path, examples: Examples, recipe: Build, tmp_path: Path
) -> None:
    losses = []
    for parts in (1, 2):
        train(
            recipe(steps=(3,)),
            examples,
            learner=learner(load_pipeline(sd21), accumulate=parts),
            folder=tmp_path,
        )
        losses.append(json.loads((tmp_path / "trajectory.json").read_text())["losses"])
    assert losses[1] == pytest.approx(losses[0], rel=1e-3)


def test_half_precision_follows_full_precision(
    sd21: Path, examples: Examples, recipe: Build, tmp_path: Path
) -> None:
    losses = []
    for precision in ("fp32", "bf16"):
        half = learner(load_pipeline(sd21), precision=precision)
        train(recipe(steps=(2,)), examples, learner=half, folder=tmp_path)
        losses.append(json.loads((tmp_path / "trajectory.json").read_text())["losses"])
    assert losses[1] != losses[0]
    assert losses[1] == pytest.approx(losses[0], rel=0.03)


def test_the_report_holds_one_loss_per_step(
    pipeline: StableDiffusionPipeline, examples: Examples, recipe: Build, tmp_path: Path
) -> None:
    train(recipe(steps=(1, 3)), examples, learner=learner(pipeline), folder=tmp_path)
    report = json.loads((tmp_path / "trajectory.json").read_text())
    assert len(report["losses"]) == 3 and report["recipe"]["steps"] == [1, 3]


def test_a_diverging_run_says_what_to_change(
    sd21: Path, examples: Examples, recipe: Build, tmp_path: Path
) -> None:
    pipeline = load_pipeline(sd21)
    pipeline.unet.conv_out.bias.data.fill_(float("nan"))
    with pytest.raises(TrainingError, match="Lower the learning rate"):
        train(recipe(), examples, learner=learner(pipeline), folder=tmp_path)


def test_training_leaves_global_switches_alone(
    sd21: Path, examples: Examples, recipe: Build, tmp_path: Path
) -> None:
    before = torch.get_rng_state()
    train(recipe(), examples, learner=learner(load_pipeline(sd21)), folder=tmp_path)
    assert not torch.are_deterministic_algorithms_enabled()
    assert torch.equal(torch.get_rng_state(), before)


def test_training_says_nothing(
    sd21: Path, examples: Examples, recipe: Build, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    train(recipe(), examples, learner=learner(load_pipeline(sd21)), folder=tmp_path)
    assert capfd.readouterr() == ("", "")
