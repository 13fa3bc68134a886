import pytest
import torch
from diffusers.models.autoencoders.vq_model import VQModel
from taming_reference import State, decode, encode, nearest, random_checkpoint

from finetune.families.anole.images import vectors_to_images
from finetune.families.anole.vqgan import (
    N_TENSORS,
    config_of,
    from_released,
    released_key,
    to_released,
    vq_config,
)
from finetune.generator import GeneratorError

FULL = (128, 128, 256, 256, 512)


@pytest.fixture(scope="module")
def released() -> State:
    """Of the release's depth, narrow."""
    return random_checkpoint((32, 32, 64, 64, 128), codes=(64, 32))


@pytest.fixture(scope="module")
def hosted(released: State) -> VQModel:
    return from_released(released)


def test_the_full_size_checkpoint_finds_every_place() -> None:
    checkpoint = random_checkpoint(FULL, device="meta")
    vq = from_released(checkpoint)
    assert len(checkpoint) == len(vq.state_dict()) == N_TENSORS
    assert config_of(checkpoint) == vq_config()
    assert sum(t.numel() for t in vq.decoder.state_dict().values()) == 39_294_851


def test_pixels_of_codes_are_those_of_taming(released: State, hosted: VQModel) -> None:
    codes = torch.randint(64, (1, 2, 3), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        assert torch.allclose(vectors_to_images(hosted, codes), decode(released, codes), atol=1e-4, rtol=0)


def test_vectors_and_codes_of_images_are_those_of_taming(released: State, hosted: VQModel) -> None:
    images = torch.rand(1, 3, 32, 48, generator=torch.Generator().manual_seed(2)) * 2 - 1
    with torch.no_grad():
        ours, theirs = hosted.encode(images).latents, encode(released, images)
        assert torch.allclose(ours, theirs, atol=1e-4, rtol=0)
        _, _, (_, _, codes) = hosted.quantize(ours)
    assert torch.equal(codes.view(1, 2, 3), nearest(released, theirs))


def test_both_ways_give_the_same_checkpoint(released: State, hosted: VQModel) -> None:
    back = to_released(hosted)
    assert back.keys() == released.keys()
    assert all(torch.equal(back[name], tensor) for name, tensor in released.items())


def test_levels_of_the_decoder_are_counted_from_the_other_end() -> None:
    assert released_key("decoder.up_blocks.0.upsamplers.0.conv.bias", 5) == "decoder.up.4.upsample.conv.bias"


def test_what_only_training_needed_is_left_out(released: State) -> None:
    from_released(released | {"loss.discriminator.main.0.weight": torch.zeros(1)})


@pytest.mark.parametrize("name", ["decoder.up.3.block.1.conv1.bias", "encoder.mid.attn_1.q.weight"])
def test_a_missing_tensor_is_named(released: State, name: str) -> None:
    with pytest.raises(GeneratorError, match=name):
        from_released({key: tensor for key, tensor in released.items() if key != name})


def test_an_unknown_tensor_is_named(released: State) -> None:
    with pytest.raises(GeneratorError, match=r"Unknown: 'decoder\.extra'"):
        from_released(released | {"decoder.extra": torch.zeros(1)})


def test_another_shape_is_named(released: State) -> None:
    with pytest.raises(GeneratorError, match=r"decoder\.conv_out\.bias"):
        from_released(released | {"decoder.conv_out.bias": torch.zeros(4)})


def test_something_else_is_no_image_tokenizer() -> None:
    with pytest.raises(GeneratorError, match=r"quantize\.embedding\.weight"):
        from_released({"weight": torch.zeros(1)})
