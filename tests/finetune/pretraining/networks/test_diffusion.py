"""The base generator's pretraining: what its data say, and what a new start takes over from an earlier pipeline."""

from pathlib import Path

import numpy as np
import pytest
import torch

from finetune.families.diffusion.personalizer import load_pipeline
from finetune.miniature.examples import Examples, plain_examples, worded_examples
from finetune.miniature.models import pipeline_folder
from finetune.miniature.tokenizer import build_clip_tokenizer
from finetune.pretraining.networks.diffusion import (
    MAX_LENGTH,
    VOCABULARY,
    Denoiser,
    build_scheduler,
    build_text_encoder,
    build_unet,
    denoising_loss,
    inherit,
    tokenise,
)
from finetune.pretraining.pretrainings import pretrain
from finexl.errors import InvalidInputError


@pytest.fixture(scope="module")
def examples() -> Examples:
    return worded_examples(20, 30, seed=3)


def test_plain_scenes_come_first_and_stay_as_they_are(examples: Examples) -> None:
    plain = plain_examples(50, seed=3)
    assert np.array_equal(examples.images[:20], plain.images[:20])
    assert examples.captions[0] == plain.captions[0]
    assert examples.captions[1] == f"a photo: {plain.captions[1]}"


def test_a_styled_scene_differs_and_its_caption_says_how(examples: Examples) -> None:
    plain = plain_examples(50, seed=3)
    differs = (examples.images[20:] != plain.images[20:]).any(axis=(1, 2, 3))
    assert differs.mean() > 0.9
    assert all(" photo: " in said and not said.startswith("a photo") for said in examples.captions[20:])


@torch.no_grad()
def test_a_start_from_the_same_architecture_is_that_pipeline() -> None:
    earlier = load_pipeline(pipeline_folder())
    captions = plain_examples(400, seed=1).captions
    tokenizer = build_clip_tokenizer(captions, vocab_size=VOCABULARY, max_length=MAX_LENGTH)
    torch.manual_seed(0)
    denoiser = Denoiser(build_unet(8), build_text_encoder(tokenizer)).eval()
    inherit(denoiser, tokenizer, earlier)
    noisy, states = torch.randn(2, 8, 16, 16), torch.randn(2, MAX_LENGTH, 128)
    ours = denoiser.unet(noisy, 500, states).sample
    assert torch.allclose(ours, earlier.unet(noisy, 500, states).sample, atol=1e-5)


@torch.no_grad()
def test_new_attention_starts_silent() -> None:
    earlier = load_pipeline(pipeline_folder())
    del earlier.unet.down_blocks[0].attentions
    tokenizer = build_clip_tokenizer(plain_examples(100, seed=1).captions, max_length=MAX_LENGTH)
    denoiser = Denoiser(build_unet(4), build_text_encoder(tokenizer)).eval()
    inherit(denoiser, tokenizer, earlier)
    attention = denoiser.unet.down_blocks[0].attentions[0]
    hidden = torch.randn(1, 64, 16, 16)
    states = torch.randn(1, MAX_LENGTH, 128)
    assert torch.equal(attention(hidden, encoder_hidden_states=states).sample, hidden)


def test_words_that_both_know_keep_their_meaning() -> None:
    earlier = load_pipeline(pipeline_folder())
    tokenizer = build_clip_tokenizer(plain_examples(400, seed=1).captions, max_length=MAX_LENGTH)
    denoiser = Denoiser(build_unet(4), build_text_encoder(tokenizer))
    inherit(denoiser, tokenizer, earlier)
    token = "house</w>"
    ours = denoiser.text_encoder.get_input_embeddings().weight[tokenizer.get_vocab()[token]]
    theirs = earlier.text_encoder.get_input_embeddings().weight[earlier.tokenizer.get_vocab()[token]]
    assert torch.equal(ours, theirs)


def test_no_caption_loses_its_end(examples: Examples) -> None:
    tokenizer = load_pipeline(pipeline_folder()).tokenizer
    assert tokenise(tokenizer, list(examples.captions)).shape == (50, MAX_LENGTH)
    longest = max(len(tokenizer(said).input_ids) for said in examples.captions)
    assert longest <= MAX_LENGTH


def test_only_the_diffusion_model_starts_from_another(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="`start` is for the diffusion model"):
        pretrain("encoder", state=tmp_path, start=tmp_path)


def test_the_last_step_of_training_is_noise_alone_and_sampling_starts_there() -> None:
    scheduler = build_scheduler()
    scheduler.set_timesteps(12)
    assert scheduler.alphas_cumprod[-1] == 0
    assert scheduler.timesteps[0] == len(scheduler.alphas_cumprod) - 1


class _Answer(Denoiser):
    """Predicts the velocity of one clean latent, whatever it is shown."""

    def __init__(self, clean: torch.Tensor) -> None:
        torch.nn.Module.__init__(self)
        self.clean = clean

    def forward(self, noisy: torch.Tensor, timesteps: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        del timesteps, tokens
        return -self.clean.expand_as(noisy)


def test_what_is_predicted_of_noise_alone_counts() -> None:
    clean = torch.full((1, 8, 16, 16), 0.5)
    scheduler = build_scheduler()
    scheduler.alphas_cumprod = torch.zeros(1)  # every draw is the last step
    tokens = torch.zeros(2, MAX_LENGTH, dtype=torch.long)
    right, wrong = (
        denoising_loss(_Answer(answer), clean, tokens, scheduler=scheduler) for answer in (clean, 0 * clean)
    )
    draw = torch.Generator
    assert float(right(draw().manual_seed(1), 0)) == 0
    assert float(wrong(draw().manual_seed(1), 0)) == pytest.approx(0.25)
