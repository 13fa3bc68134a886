"""Captions become words and sentences, images regions and wholes, in the published layouts."""

import torch

from finetune.families.controlgan.architecture import Architecture
from finetune.families.controlgan.encoders import InceptionImageEncoder, SmallImageEncoder, TextEncoder
from finetune.families.controlgan.losses import VggPerception

TOKENS = torch.tensor([[3, 1, 2, 0], [4, 0, 0, 0]])
LENGTHS = torch.tensor([3, 1])


def test_the_text_encoder_has_attngans_keys_and_shapes() -> None:
    with torch.device("meta"):
        state = TextEncoder(Architecture(n_words=5450)).state_dict()
    expected: dict[str, tuple[int, ...]] = {"encoder.weight": (5450, 300)}
    for end in ("", "_reverse"):
        expected |= {f"rnn.weight_ih_l0{end}": (512, 300), f"rnn.weight_hh_l0{end}": (512, 128)}
        expected |= {f"rnn.bias_{kind}_l0{end}": (512,) for kind in ("ih", "hh")}
    assert {key: tuple(value.shape) for key, value in state.items()} == expected


def test_a_sentence_is_the_last_state_forwards_and_the_first_backwards(architecture: Architecture) -> None:
    captions = TextEncoder(architecture).eval()(TOKENS, LENGTHS)
    expected = torch.cat([captions.words[0, :4, 2], captions.words[0, 4:, 0]])
    torch.testing.assert_close(captions.sentences[0], expected)


def test_words_behind_the_end_are_zero_and_marked(architecture: Architecture) -> None:
    captions = TextEncoder(architecture).eval()(TOKENS, LENGTHS)
    assert captions.padding.tolist() == [[False, False, False, True], [False, True, True, True]]
    assert captions.words[1, :, 1:].abs().max() == 0


def test_inception_sees_289_regions_and_has_torchvisions_names() -> None:
    with torch.device("meta"):
        encoder = InceptionImageEncoder(256).eval()
        seen = encoder(torch.empty(1, 3, 256, 256))
    assert seen.local.shape == (1, 768, 17, 17)
    assert seen.regions.shape == (1, 256, 17, 17)
    assert seen.whole.shape == (1, 256)
    state = encoder.state_dict()
    assert state["emb_features.weight"].shape == (256, 768, 1, 1)
    assert state["emb_cnn_code.weight"].shape == (256, 2048)
    assert {
        "Conv2d_1a_3x3.conv.weight",
        "Mixed_6e.branch7x7_1.bn.running_var",
        "Mixed_7c.branch1x1.conv.weight",
    } <= set(state)
    assert not any(key.startswith(("AuxLogits", "fc.")) for key in state)


def test_the_small_encoder_sees_8_by_8_regions_at_64_pixels() -> None:
    seen = SmallImageEncoder(8).eval()(torch.zeros(2, 3, 64, 64))
    assert (seen.regions.shape, seen.whole.shape) == ((2, 8, 8, 8), (2, 8))


def test_vgg_sees_images_normalised_like_imagenet() -> None:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        vgg = VggPerception().eval()
    grey = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1).expand(1, 3, 16, 16)
    torch.testing.assert_close(
        vgg(2 * grey - 1), vgg.features(torch.zeros(1, 3, 16, 16)), atol=1e-6, rtol=1e-4
    )
    assert vgg(2 * grey - 1).shape == (1, 128, 8, 8)
    assert set(vgg.state_dict()) == {
        f"features.{n}.{kind}" for n in (0, 2, 5, 7) for kind in ("weight", "bias")
    }
