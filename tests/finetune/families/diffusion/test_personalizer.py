"""The diffusion family trains the U-Net alone, on latents and text states computed once."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline

from finetune.families.diffusion.examples import Draw, Examples, drawn_batch
from finetune.families.diffusion.personalizer import (
    DiffusionPersonalizer,
    encode_examples,
    load_pipeline,
    noise_schedule,
    target,
    text_states,
)
from finetune.generator import GeneratorError
from finetune.mixing import TrainingImages

DRAW = Draw(batch_size=4, n_times=1000, caption_dropout=0.0, seed=0)


def test_the_saved_pipeline_has_the_published_layout(sd21: Path) -> None:
    files = {str(path.relative_to(sd21)) for path in sd21.rglob("*") if path.is_file()}
    assert files >= {
        "model_index.json",
        "scheduler/scheduler_config.json",
        "text_encoder/config.json",
        "text_encoder/model.safetensors",
        "tokenizer/merges.txt",
        "tokenizer/vocab.json",
        "unet/config.json",
        "unet/diffusion_pytorch_model.safetensors",
        "vae/config.json",
        "vae/diffusion_pytorch_model.safetensors",
    }


def test_text_states_are_those_of_the_stable_diffusion_pipeline(pipeline: StableDiffusionPipeline) -> None:
    expected, _ = pipeline.encode_prompt(["a red house", ""], "cpu", 1, False)
    assert torch.equal(text_states(pipeline, ["a red house", ""]), expected)


def test_a_latent_is_the_scaled_mean_of_the_posterior(
    pipeline: StableDiffusionPipeline, training: TrainingImages, examples: Examples
) -> None:
    image = torch.from_numpy(training.images[2]).permute(2, 0, 1)[None].float() / 127.5 - 1
    expected = pipeline.vae.encode(image).latent_dist.mean * pipeline.vae.config["scaling_factor"]
    torch.testing.assert_close(examples.latents[2:3], expected)


def test_each_caption_is_encoded_once(examples: Examples) -> None:
    assert len(examples.states) == 3
    assert examples.state_of == (0, 1, 2, 0, 1, 2)


def test_encoded_examples_do_not_depend_on_how_many_there_are(
    pipeline: StableDiffusionPipeline, training: TrainingImages
) -> None:
    many = TrainingImages(
        images=np.concatenate([training.images] * 4), captions=training.captions * 4, sources=("x",) * 24
    )
    torch.testing.assert_close(
        encode_examples(pipeline, many).latents[18:], encode_examples(pipeline, training).latents
    )


def test_the_target_is_noise_or_velocity_as_the_scheduler_says(
    pipeline: StableDiffusionPipeline, examples: Examples
) -> None:
    batch = drawn_batch(examples, DRAW, step=0)
    schedule = noise_schedule(pipeline)
    kept = schedule.alphas_cumprod[batch.times].view(-1, 1, 1, 1)
    expected = {
        "epsilon": batch.noise,
        "v_prediction": kept.sqrt() * batch.noise - (1 - kept).sqrt() * batch.latents,
    }
    torch.testing.assert_close(
        target(batch, schedule), expected[pipeline.scheduler.config["prediction_type"]]
    )


def test_the_loss_is_the_mean_squared_error_of_the_prediction(
    pipeline: StableDiffusionPipeline, examples: Examples
) -> None:
    module = DiffusionPersonalizer(pipeline.unet, schedule=noise_schedule(pipeline), learning_rate=1e-4)
    batch = drawn_batch(examples, DRAW, step=3)
    kept = pipeline.scheduler.alphas_cumprod[batch.times].view(-1, 1, 1, 1)
    noisy = kept.sqrt() * batch.latents + (1 - kept).sqrt() * batch.noise
    predicted = pipeline.unet(noisy, batch.times, batch.states).sample
    expected = (predicted - target(batch, noise_schedule(pipeline))).square().mean()
    torch.testing.assert_close(module.training_step(batch, 0), expected)


def test_nothing_but_the_unet_is_in_the_module(pipeline: StableDiffusionPipeline) -> None:
    module = DiffusionPersonalizer(pipeline.unet, schedule=noise_schedule(pipeline), learning_rate=1e-4)
    assert {id(weight) for weight in module.parameters()} == {
        id(weight) for weight in pipeline.unet.parameters()
    }


def test_a_missing_folder_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(GeneratorError, match="python -m finetune pretrain"):
        load_pipeline(tmp_path / "nowhere")


def test_missing_weights_are_named(sd21: Path, tmp_path: Path) -> None:
    shutil.copytree(sd21, tmp_path / "copy")
    (tmp_path / "copy/unet/diffusion_pytorch_model.safetensors").unlink()
    with pytest.raises(GeneratorError, match="safetensors"):
        load_pipeline(tmp_path / "copy")


def test_pickled_weights_are_refused(sd21: Path, tmp_path: Path) -> None:
    shutil.copytree(sd21, tmp_path / "copy")
    weights = tmp_path / "copy/unet/diffusion_pytorch_model.safetensors"
    weights.rename(weights.with_suffix(".bin"))
    with pytest.raises(GeneratorError, match="safetensors"):
        load_pipeline(tmp_path / "copy")


def test_a_folder_that_brings_its_own_code_is_refused(sd21: Path, tmp_path: Path) -> None:
    shutil.copytree(sd21, tmp_path / "copy")
    index = json.loads((sd21 / "model_index.json").read_text()) | {"unet": ["my_unet", "MyUNet"]}
    (tmp_path / "copy/model_index.json").write_text(json.dumps(index))
    (tmp_path / "copy/my_unet.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    with pytest.raises(GeneratorError, match=r"foreign parts \['unet'\]"):
        load_pipeline(tmp_path / "copy")
    assert not (tmp_path / "ran").exists()


def test_another_kind_of_pipeline_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model_index.json").write_text('{"_class_name": "FluxPipeline"}')
    with pytest.raises(GeneratorError, match="FluxPipeline"):
        load_pipeline(tmp_path)
