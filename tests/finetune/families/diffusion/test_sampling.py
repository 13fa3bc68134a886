"""The generator is Stable Diffusion's own sampling, made independent of the batch."""

from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline
from diffusers.schedulers.scheduling_ddim import DDIMScheduler

from finetune.families.diffusion.personalizer import load_pipeline
from finetune.families.diffusion.sampling import DiffusionGenerator, Sampling
from finetune.generator import GeneratorError
from finexl.errors import InvalidInputError

PROMPTS = ("a red house", "a blue fish", "a green star", "a red fish", "a blue house")
SEEDS = (1, 2, 3, 4, 5)


def generator(pipeline: StableDiffusionPipeline, **changes: object) -> DiffusionGenerator:
    settings = {"n_steps": 3, "guidance": 3.0, "batch_size": 4} | changes
    return DiffusionGenerator(pipeline, Sampling(**settings))  # pyright: ignore[reportArgumentType]  # a table


@pytest.mark.parametrize("guidance", [1.0, 3.0])
def test_images_are_those_of_the_stable_diffusion_pipeline(
    pipeline: StableDiffusionPipeline, guidance: float
) -> None:
    noise = torch.stack([torch.randn(4, 4, 4, generator=torch.Generator().manual_seed(s)) for s in SEEDS[:2]])
    ours = generator(pipeline, guidance=guidance).sample(PROMPTS[:2], SEEDS[:2])
    pipeline.scheduler = DDIMScheduler.from_config(pipeline.scheduler.config)
    theirs = pipeline(
        prompt=list(PROMPTS[:2]),
        latents=noise,
        num_inference_steps=3,
        guidance_scale=guidance,
        output_type="np",
    )
    assert np.abs(ours / 255 - theirs.images).max() <= 1 / 255  # pyright: ignore  # an untyped output


def test_the_same_prompt_and_seed_give_the_same_bytes_in_any_company(folder: Path) -> None:
    g = generator(load_pipeline(folder))
    together = g.sample(PROMPTS, SEEDS)
    alone = np.concatenate([g.sample([prompt], [seed]) for prompt, seed in zip(PROMPTS, SEEDS, strict=True)])
    reverse = g.sample(PROMPTS[::-1], SEEDS[::-1])[::-1]
    assert np.array_equal(together, alone)
    assert np.array_equal(together, reverse)


def test_sampling_leaves_no_trace_in_the_generator(sd21: Path) -> None:
    g = generator(load_pipeline(sd21))
    assert np.array_equal(g.sample(PROMPTS, SEEDS), g.sample(PROMPTS, SEEDS))


def test_sampling_leaves_the_global_random_state_alone(sd21: Path) -> None:
    g = generator(load_pipeline(sd21))
    before = torch.get_rng_state()
    g.sample(PROMPTS[:1], SEEDS[:1])
    assert torch.equal(torch.get_rng_state(), before)


def test_another_seed_gives_another_image(sd21: Path) -> None:
    images = generator(load_pipeline(sd21)).sample(["a red house"] * 2, (1, 2))
    assert not np.array_equal(images[0], images[1])


def test_half_precision_stays_close(sd21: Path) -> None:
    pipeline = load_pipeline(sd21)
    full = generator(pipeline).sample(PROMPTS, SEEDS).astype(int)
    half = generator(pipeline, precision="bf16").sample(PROMPTS, SEEDS)
    assert 0 < np.abs(full - half).mean() < 4


def test_diverged_weights_are_an_error_and_not_a_black_image(sd21: Path) -> None:
    pipeline = load_pipeline(sd21)
    pipeline.unet.conv_out.weight.data.fill_(float("nan"))
    with pytest.raises(GeneratorError, match="finite"):
        generator(pipeline).sample(PROMPTS[:1], SEEDS[:1])


def test_a_prompt_without_a_seed_is_refused(sd21: Path) -> None:
    with pytest.raises(InvalidInputError, match="5 prompts and 4 seeds"):
        generator(load_pipeline(sd21)).sample(PROMPTS, SEEDS[:4])
