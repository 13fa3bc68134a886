"""Edits add what NoiseCLR's law says, where and as much as it says, and nothing at scale 0."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline
from diffusers.schedulers.scheduling_ddim import DDIMScheduler
from safetensors.torch import save_file
from torch import Tensor
from transformers import CLIPTextModel, CLIPTokenizer

from finetune.cli import main
from finetune.families.diffusion.latent_editing import (
    Direction,
    DirectionError,
    edited_generator,
    pseudo_word_direction,
    read_direction,
    textual_direction,
    write_direction,
)
from finetune.families.diffusion.personalizer import load_pipeline, text_states
from finetune.families.diffusion.sampling import DiffusionGenerator, Sampling, Window
from finexl.errors import InvalidInputError

PROMPTS = ("a red house", "a blue fish", "a green star", "a red fish", "a blue house")
SEEDS = (1, 2, 3, 4, 5)
SAMPLING = Sampling(n_steps=4, guidance=3.0, batch_size=4)


@pytest.fixture
def direction(pipeline: StableDiffusionPipeline) -> Direction:
    states = torch.randn(text_states(pipeline, [""])[0].shape, generator=torch.Generator().manual_seed(0))
    return Direction(name="mustache", states=states, generator="g", largest_scale=6.0)


def edited(
    pipeline: StableDiffusionPipeline, direction: Direction, scale: float, window: Window | None = None
) -> np.ndarray:
    windowed = replace(direction, window=window or direction.window)
    generator = edited_generator(pipeline, SAMPLING, windowed, scale=scale)
    return generator.sample(PROMPTS[:2], SEEDS[:2])


def naive_images(
    pipeline: StableDiffusionPipeline, direction: Direction, *, scale: float, steps: range
) -> np.ndarray:
    """DDIM with one U-Net call per condition; the edit is added to the noise, not to what the U-Net predicts."""
    schedule = DDIMScheduler.from_config(pipeline.scheduler.config)
    assert isinstance(schedule, DDIMScheduler)
    schedule.set_timesteps(SAMPLING.n_steps)
    images = []
    for prompt, seed in zip(PROMPTS[:2], SEEDS[:2], strict=True):
        latents = torch.randn(1, 4, 4, 4, generator=torch.Generator().manual_seed(seed))
        states, empty = text_states(pipeline, [prompt]), text_states(pipeline, [""])
        for index, time in enumerate(schedule.timesteps.tolist()):
            alpha = schedule.alphas_cumprod[time]

            def noise(condition: Tensor, latents: Tensor = latents, time: int = time, alpha=alpha) -> Tensor:
                predicted = pipeline.unet(latents, time, encoder_hidden_states=condition).sample
                if schedule.config["prediction_type"] == "epsilon":
                    return predicted
                return alpha.sqrt() * predicted + (1 - alpha).sqrt() * latents

            without = noise(empty)
            total = without + SAMPLING.guidance * (noise(states) - without)
            if index in steps:
                total = total + scale * (noise(direction.states[None]) - without)
            before = time - 1000 // SAMPLING.n_steps
            target = schedule.alphas_cumprod[before] if before >= 0 else schedule.final_alpha_cumprod
            clean = (latents - (1 - alpha).sqrt() * total) / alpha.sqrt()
            clean = clean.clamp(-1, 1) if schedule.config["clip_sample"] else clean
            latents = target.sqrt() * clean + (1 - target).sqrt() * total
        images.append(pipeline.vae.decode(latents / pipeline.vae.config["scaling_factor"]).sample)
    pixels = (torch.cat(images).clamp(-1, 1) + 1) * 127.5
    return pixels.round().permute(0, 2, 3, 1).numpy()


def test_scale_zero_is_the_base_generator_to_the_byte(
    pipeline: StableDiffusionPipeline, direction: Direction
) -> None:
    base = DiffusionGenerator(pipeline, SAMPLING).sample(PROMPTS, SEEDS)
    untouched = edited_generator(pipeline, SAMPLING, direction, scale=0.0)
    assert np.array_equal(untouched.sample(PROMPTS, SEEDS), base)


@torch.no_grad()
@pytest.mark.parametrize("scale", [2.0, -1.5])
def test_an_edit_is_scale_times_its_noise_without_that_of_no_caption(
    pipeline: StableDiffusionPipeline, direction: Direction, scale: float
) -> None:
    expected = naive_images(pipeline, direction, scale=scale, steps=range(4))
    assert np.abs(edited(pipeline, direction, scale) - expected).max() <= 1


@torch.no_grad()
def test_an_edit_is_added_within_its_window_only(
    pipeline: StableDiffusionPipeline, direction: Direction
) -> None:
    expected = naive_images(pipeline, direction, scale=3.0, steps=range(1, 3))
    images = edited(pipeline, direction, 3.0, Window(start=0.25, end=0.75))
    assert np.abs(images - expected).max() <= 1


def test_a_window_counts_its_start_and_not_its_end() -> None:
    window = Window(start=0.25, end=0.75)
    assert [window.covers(step, 8) for step in range(8)] == [
        False,
        False,
        True,
        True,
        True,
        True,
        False,
        False,
    ]


def test_the_direction_of_no_caption_changes_nothing(pipeline: StableDiffusionPipeline) -> None:
    nothing = textual_direction(pipeline, "", name="nothing")
    images = edited(pipeline, nothing, 5.0).astype(int)
    assert np.abs(images - DiffusionGenerator(pipeline, SAMPLING).sample(PROMPTS[:2], SEEDS[:2])).max() <= 1


def test_edits_work_without_guidance(pipeline: StableDiffusionPipeline, direction: Direction) -> None:
    plain = Sampling(n_steps=2, guidance=1.0, batch_size=4)
    base = DiffusionGenerator(pipeline, plain).sample(PROMPTS, SEEDS)
    images = edited_generator(pipeline, plain, direction, scale=4.0).sample(PROMPTS, SEEDS)
    assert not np.array_equal(images, base)


def test_the_same_prompt_and_seed_give_the_same_bytes_in_any_company(
    pipeline: StableDiffusionPipeline, direction: Direction
) -> None:
    generator = edited_generator(pipeline, SAMPLING, direction, scale=2.0)
    together = generator.sample(PROMPTS, SEEDS)
    alone = np.concatenate(
        [generator.sample([prompt], [seed]) for prompt, seed in zip(PROMPTS, SEEDS, strict=True)]
    )
    assert np.array_equal(together, alone)


def test_a_direction_survives_its_file(direction: Direction, tmp_path: Path) -> None:
    write_direction(tmp_path / "d.safetensors", direction)
    read = read_direction(tmp_path / "d.safetensors")
    assert (read.name, read.generator, read.window, read.largest_scale) == ("mustache", "g", Window(), 6.0)
    assert torch.equal(read.states, direction.states)


def test_a_file_edits_like_what_was_written(
    pipeline: StableDiffusionPipeline, direction: Direction, tmp_path: Path
) -> None:
    file = tmp_path / "d.safetensors"
    write_direction(file, direction)
    images = edited_generator(pipeline, SAMPLING, read_direction(file), scale=2.0).sample(
        PROMPTS[:2], SEEDS[:2]
    )
    assert np.array_equal(images, edited(pipeline, direction, 2.0))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(DirectionError, match="None is at"):
        read_direction(tmp_path / "none.safetensors")


def test_a_file_without_facts_is_not_a_direction(tmp_path: Path) -> None:
    save_file({"states": torch.zeros(2, 2)}, tmp_path / "d.safetensors")
    with pytest.raises(DirectionError, match="must hold finite `states`"):
        read_direction(tmp_path / "d.safetensors")


def test_a_direction_of_another_width_is_refused(pipeline: StableDiffusionPipeline) -> None:
    foreign = Direction(name="mustache", states=torch.zeros(12, 5))
    with pytest.raises(DirectionError, match=r"shape \(12, 32\). Got \(12, 5\)"):
        edited_generator(pipeline, SAMPLING, foreign, scale=1.0)


def test_a_direction_of_another_generator_is_refused(direction: Direction) -> None:
    direction.require_generator("g")
    with pytest.raises(DirectionError, match=r"'g'\. Got 'h'"):
        direction.require_generator("h")


def test_a_direction_of_another_generator_edits_nothing(
    pipeline: StableDiffusionPipeline, direction: Direction
) -> None:
    with pytest.raises(DirectionError, match=r"'g'\. Got 'h'"):
        edited_generator(pipeline, SAMPLING, direction, scale=1.0, generator="h")


@pytest.mark.parametrize(("start", "end"), [(0.5, 0.5), (-0.1, 1.0), (0.0, 1.1)])
def test_an_empty_or_foreign_window_is_refused(start: float, end: float) -> None:
    with pytest.raises(InvalidInputError, match="0 <= start < end <= 1"):
        Window(start=start, end=end)


@pytest.fixture
def published(sd15: Path, tmp_path: Path) -> Path:
    """A pipeline folder with two learned pseudo-words, as NoiseCLR publishes its directions."""
    tokenizer = CLIPTokenizer.from_pretrained(sd15 / "tokenizer")
    encoder = CLIPTextModel.from_pretrained(sd15 / "text_encoder")
    tokenizer.add_tokens(["<t1>", "<t2>"])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        encoder.resize_token_embeddings(len(tokenizer))
    tokenizer.save_pretrained(tmp_path / "tokenizer")
    encoder.save_pretrained(tmp_path / "text_encoder")
    return tmp_path


def test_a_published_pseudo_word_is_a_direction(published: Path, sd15: Path) -> None:
    first, second = (pseudo_word_direction(published, word) for word in ("<t1>", "<t2>"))
    assert first.name == "t1" and not torch.equal(first.states, second.states)
    edited_generator(load_pipeline(sd15), SAMPLING, first, scale=1.0)


def test_the_command_writes_a_published_pseudo_word_as_a_file(published: Path) -> None:
    file = published / "mustache.safetensors"
    assert main(["direction", str(published), "<t2>", "--to", str(file), "--name", "mustache"]) == 0
    written, read = pseudo_word_direction(published, "<t2>"), read_direction(file)
    assert read.name == "mustache" and torch.equal(read.states, written.states)


def test_the_command_tells_of_an_unknown_pseudo_word(
    published: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["direction", str(published), "<t3>", "--to", str(published / "d.safetensors")]) == 1
    assert "It has: " in capsys.readouterr().err and not (published / "d.safetensors").exists()


def test_an_unknown_pseudo_word_is_told_with_those_that_exist(published: Path) -> None:
    with pytest.raises(DirectionError, match=r"It has: .*<t1>, <t2>"):
        pseudo_word_direction(published, "<t3>")


def test_a_folder_without_a_text_encoder_is_told(tmp_path: Path) -> None:
    with pytest.raises(DirectionError, match="must hold `tokenizer` and `text_encoder`"):
        pseudo_word_direction(tmp_path, "<t1>")
