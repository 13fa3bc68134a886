"""Maps are the probabilities that the model itself computes."""

from typing import Any

import pytest
import torch
from diffusers.models.attention_processor import Attention, AttnProcessor
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline

from finetune.families.diffusion.attention_maps import MapSettings, attention_maps, recorded
from finetune.families.diffusion.examples import Examples
from finexl.errors import InvalidInputError

CAPTIONS = ("a red house in a field", "a blue fish at night")


def predicted(pipeline: StableDiffusionPipeline) -> torch.Tensor:
    states = torch.linspace(-1, 1, 2 * 12 * 32).reshape(2, 12, 32)
    with torch.no_grad():
        return pipeline.unet(torch.ones(2, 4, 4, 4), torch.tensor([500]), encoder_hidden_states=states).sample


class Storing(AttnProcessor):
    """Diffusers' plain processor, keeping the scores that it asks the layer for."""

    def __init__(self, kept: list[torch.Tensor]) -> None:
        self._kept = kept

    def __call__(
        self, attn: Attention, hidden_states: Any, encoder_hidden_states: Any = None, **_: Any
    ) -> Any:
        if encoder_hidden_states is not None:
            query = attn.head_to_batch_dim(attn.to_q(hidden_states))
            key = attn.head_to_batch_dim(attn.to_k(encoder_hidden_states))
            self._kept.append(attn.get_attention_scores(query, key))
        return super().__call__(attn, hidden_states, encoder_hidden_states)


def test_a_map_is_the_mean_of_the_layers_probabilities_over_heads(pipeline: StableDiffusionPipeline) -> None:
    with recorded(pipeline.unet, (4, 4)) as maps:
        predicted(pipeline)
    kept: list[torch.Tensor] = []
    pipeline.unet.set_attn_processor(Storing(kept))
    predicted(pipeline)
    heads = [
        layer.heads
        for layer in pipeline.unet.modules()
        if isinstance(layer, Attention) and layer.is_cross_attention
    ]
    sizes = {tensor.shape[1] for tensor in kept}
    assert len(maps) == len(kept) == len(heads) and sizes == {16, 4}
    for found, scores in zip(maps, kept, strict=True):
        if scores.shape[1] == 16:  # places of the full size need no resizing
            mean = scores.reshape(2, -1, 16, 12).mean(dim=1)
            torch.testing.assert_close(found, mean.transpose(1, 2).reshape(2, 12, 4, 4))


def test_recording_leaves_the_prediction_alone(pipeline: StableDiffusionPipeline) -> None:
    before = predicted(pipeline)
    with recorded(pipeline.unet, (4, 4)):
        during = predicted(pipeline)
    assert torch.equal(before, during) and torch.equal(before, predicted(pipeline))


def test_the_tokens_of_every_place_sum_to_one(pipeline: StableDiffusionPipeline, examples: Examples) -> None:
    maps = attention_maps(pipeline, examples.latents[:2], CAPTIONS, settings=MapSettings(n_draws=2))
    assert maps.shape == (2, 12, 4, 4)
    torch.testing.assert_close(maps.sum(dim=1), torch.ones(2, 4, 4))


def test_maps_are_a_function_of_the_seed(pipeline: StableDiffusionPipeline, examples: Examples) -> None:
    first, again, other = (
        attention_maps(pipeline, examples.latents[:2], CAPTIONS, settings=MapSettings(n_draws=1, seed=seed))
        for seed in (0, 0, 1)
    )
    assert torch.equal(first, again) and not torch.equal(first, other)


def test_a_time_beyond_the_schedule_is_refused() -> None:
    with pytest.raises(InvalidInputError, match=r"`time`.*Got 1\.0"):
        MapSettings(time=1.0)
