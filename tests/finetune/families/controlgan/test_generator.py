"""The generator's layout is the published one, and its images are steered by their own caption alone."""

import pytest
import torch
from torch import Tensor

from finetune.families.controlgan.architecture import Architecture
from finetune.families.controlgan.generator import Captions, Chance, Condition, ControlGenerator
from finetune.families.controlgan.layout import load_strictly
from finetune.families.controlgan.networks import Networks
from finexl.errors import InvalidInputError

BIRDS = Architecture(n_words=5450)
Shapes = dict[str, tuple[int, ...]]


def test_the_birds_generator_has_the_published_keys_and_shapes(published_birds: Shapes) -> None:
    with torch.device("meta"):
        state = ControlGenerator(BIRDS).state_dict()
    assert {key: tuple(value.shape) for key, value in state.items()} == published_birds


def test_a_checkpoint_in_the_published_layout_loads_strictly(published_birds: Shapes) -> None:
    with torch.device("meta"):
        generator = ControlGenerator(BIRDS)
        checkpoint = {key: torch.empty(shape) for key, shape in published_birds.items()}
    generator.load_state_dict(checkpoint, strict=True, assign=True)


def test_the_birds_generator_paints_64_128_and_256_pixels() -> None:
    with torch.device("meta"):
        padding = torch.zeros(2, 18, dtype=torch.bool)
        captions = Captions(torch.empty(2, 256), torch.empty(2, 256, 18), padding)
        images = (
            ControlGenerator(BIRDS).eval()(captions, Chance(torch.empty(2, 100), torch.empty(2, 100))).images
        )
    assert [tuple(image.shape) for image in images] == [(2, 3, 64, 64), (2, 3, 128, 128), (2, 3, 256, 256)]


def test_an_image_does_not_depend_on_the_order_of_its_batch(
    networks: Networks, captions: Captions, chance: Chance
) -> None:
    order = torch.tensor([2, 0, 1])
    shuffled = Captions(*(part[order] for part in captions)), Chance(*(part[order] for part in chance))
    expected = networks.generator(captions, chance).images[-1][order]
    torch.testing.assert_close(networks.generator(*shuffled).images[-1], expected)


def test_an_image_does_not_depend_on_its_neighbours(
    networks: Networks, captions: Captions, chance: Chance
) -> None:
    alone = Captions(*(part[:1] for part in captions)), Chance(*(part[:1] for part in chance))
    expected = networks.generator(captions, chance).images[-1][:1]
    torch.testing.assert_close(networks.generator(*alone).images[-1], expected, atol=1e-5, rtol=1e-4)


def test_an_image_does_not_depend_on_what_stands_behind_its_caption(
    networks: Networks, captions: Captions, chance: Chance
) -> None:
    noise = torch.randn(captions.words.shape, generator=torch.Generator().manual_seed(3))
    words = torch.where(captions.padding[:, None, :], noise, captions.words)
    expected = networks.generator(captions, chance).images[-1]
    torch.testing.assert_close(
        networks.generator(captions._replace(words=words), chance).images[-1], expected
    )


def test_every_used_parameter_is_reached_by_the_gradient(
    networks: Networks, captions: Captions, chance: Chance
) -> None:
    images = networks.generator.train()(captions, chance).images
    torch.stack([image.square().mean() for image in images]).sum().backward()
    unreached = {name for name, one in networks.generator.named_parameters() if one.grad is None}
    expected = {f"{stage}.att.conv_context{n}.weight" for stage in ("h_net2", "h_net3") for n in (2, 3)}
    assert unreached == expected | {
        "h_net2.channel_att.conv_context3.weight",
        "h_net3.channel_att.conv_context2.weight",
    }


def test_the_condition_is_mean_and_log_variance_of_a_gate(networks: Networks) -> None:
    sentence = torch.randn(1, 8, generator=torch.Generator().manual_seed(0))
    layer = networks.generator.ca_net.fc
    flat: Tensor = layer.weight @ sentence[0] + layer.bias
    gated = flat[:10] * torch.sigmoid(flat[10:])
    condition: Condition = networks.generator.ca_net(sentence)
    torch.testing.assert_close(torch.cat([condition.mean[0], condition.log_variance[0]]), gated)


def test_a_base_size_that_is_no_power_of_two_is_an_error() -> None:
    with pytest.raises(InvalidInputError, match="power of two"):
        Architecture(n_words=3, base_size=48)


def test_wrong_keys_are_named(networks: Networks) -> None:
    state = networks.generator.state_dict()
    state["h_net9.what"] = state.pop("img_net1.img.0.weight")
    with pytest.raises(Exception, match=r"Missing: 'img_net1.*Unknown: 'h_net9\.what'"):
        load_strictly(networks.generator, state, of="a test")
