"""Adapters start without effect, train alone, and scale what they add."""

import copy

import pytest
import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline

from finetune.families.diffusion.adapters import (
    TARGETS,
    AdapterLayout,
    LowRank,
    adapter_of,
    adapter_tensors,
    has_effect,
    inject,
    merge,
)
from finexl.errors import InvalidInputError

LORA = AdapterLayout(targets=TARGETS["lora"], rank=2)


def adapted(
    unet: UNet2DConditionModel, layout: AdapterLayout = LORA, *, seed: int = 0
) -> UNet2DConditionModel:
    """A copy with adapters whose products are not zero."""
    other = copy.deepcopy(unet)
    inject(other, layout, seed=seed)
    chance = torch.Generator().manual_seed(1)
    for name, tensor in adapter_tensors(other).items():
        if name.endswith("lora_B.weight"):
            tensor.data = torch.randn(tensor.shape, generator=chance) * 0.1
    return other


def predicted(unet: UNet2DConditionModel) -> torch.Tensor:
    latents, states = torch.ones(1, 4, 4, 4), torch.linspace(-1, 1, 12 * 32).reshape(1, 12, 32)
    with torch.no_grad():
        return unet(latents, torch.tensor([500]), encoder_hidden_states=states).sample


def weights(unet: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in unet.state_dict().items()}


def test_a_fresh_adapter_changes_nothing(pipeline: StableDiffusionPipeline) -> None:
    before = predicted(pipeline.unet)
    inject(pipeline.unet, LORA, seed=0)
    assert torch.equal(predicted(pipeline.unet), before)


def test_only_the_adapter_is_trainable(pipeline: StableDiffusionPipeline) -> None:
    inject(pipeline.unet, LORA, seed=0)
    trainable = {id(tensor) for tensor in pipeline.unet.parameters() if tensor.requires_grad}
    assert trainable == {id(tensor) for tensor in adapter_tensors(pipeline.unet).values()}


@pytest.mark.parametrize(("method", "n_per_block"), [("lora", 8), ("finestyle", 2)])
def test_every_attention_block_is_adapted(
    pipeline: StableDiffusionPipeline, method: str, n_per_block: int
) -> None:
    n_blocks = sum(name.endswith("attn2") for name, _ in pipeline.unet.named_modules())
    inject(pipeline.unet, AdapterLayout(targets=TARGETS[method], rank=1), seed=0)
    assert len(adapter_tensors(pipeline.unet)) == 2 * n_per_block * n_blocks


def test_finestyle_touches_keys_and_values_of_cross_attention_alone(
    pipeline: StableDiffusionPipeline,
) -> None:
    inject(pipeline.unet, AdapterLayout(targets=TARGETS["finestyle"]), seed=0)
    ends = {
        name.rsplit(".lora", 1)[0].split("transformer_blocks.0.")[1]
        for name in adapter_tensors(pipeline.unet)
    }
    assert ends == {"attn2.to_k", "attn2.to_v"}


def test_the_start_is_a_function_of_the_seed(pipeline: StableDiffusionPipeline) -> None:
    first, second, other = (adapter_tensors(adapted(pipeline.unet, seed=seed)) for seed in (0, 0, 1))
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not all(torch.equal(first[name], other[name]) for name in first)


def test_injecting_leaves_the_global_random_state_alone(pipeline: StableDiffusionPipeline) -> None:
    before = torch.get_rng_state()
    inject(pipeline.unet, LORA, seed=0)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_merged_adapter_is_the_one_that_was_trained(pipeline: StableDiffusionPipeline) -> None:
    other = adapted(pipeline.unet)
    merge(pipeline.unet, adapter_of(adapter_tensors(other)))
    torch.testing.assert_close(predicted(pipeline.unet), predicted(other), rtol=1e-4, atol=1e-5)


def test_scale_zero_is_the_base_to_the_byte(pipeline: StableDiffusionPipeline) -> None:
    adapter = adapter_of(adapter_tensors(adapted(pipeline.unet)))
    before = weights(pipeline.unet)
    merge(pipeline.unet, adapter, scale=0.0)
    assert all(torch.equal(before[name], tensor) for name, tensor in pipeline.unet.state_dict().items())


def test_the_change_of_a_weight_is_proportional_to_the_scale() -> None:
    layer = torch.nn.Sequential(torch.nn.Linear(3, 2, bias=False))
    before = layer[0].weight.detach().clone()
    down, up = torch.tensor([[1.0, 2.0, 3.0]]), torch.tensor([[1.0], [-1.0]])
    merge(layer, {"0": LowRank(down, up, 0.5)}, scale=0.25)
    expected = before + 0.125 * torch.tensor([[1.0, 2.0, 3.0], [-1.0, -2.0, -3.0]])
    torch.testing.assert_close(layer[0].weight.detach(), expected)


def test_a_convolution_is_adapted_like_the_matrix_it_is() -> None:
    layer = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 3, bias=False))
    torch.nn.init.zeros_(layer[0].weight)
    down, up = torch.randn(1, 2, 3, 3), torch.randn(3, 1, 1, 1)
    merge(layer, {"0": LowRank(down, up, 1.0)})
    torch.testing.assert_close(layer[0].weight.detach(), up * down)


def test_an_adapter_whose_products_are_zero_has_no_effect() -> None:
    zero, one = torch.zeros(2, 1), torch.ones(1, 3)
    assert not has_effect({"layer": LowRank(one, zero, 1.0)})
    assert has_effect({"layer": LowRank(one, zero + 1, 1.0)})


def test_factors_that_cancel_have_no_effect() -> None:
    down, up = torch.tensor([[1.0, 2.0], [0.0, 0.0]]), torch.tensor([[0.0, 3.0], [0.0, 1.0]])
    assert down.any() and up.any() and not has_effect({"layer": LowRank(down, up, 1.0)})


def test_a_rank_of_zero_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="rank of at least 1"):
        AdapterLayout(targets=("to_q",), rank=0)
