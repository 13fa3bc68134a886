"""Attention against loops over samples, locations and words."""

import torch

from finetune.families.controlgan.attention import (
    ChannelWordAttention,
    SpatialWordAttention,
    padding_of,
    region_contexts,
    word_agreement,
)

SOURCE = torch.Generator().manual_seed(7)
WORDS = torch.randn(3, 5, 6, generator=SOURCE)
FEATURES = torch.randn(3, 4, 2, 2, generator=SOURCE)
LENGTHS = torch.tensor([6, 2, 4])
PADDING = padding_of(LENGTHS, 6)


def test_padding_begins_behind_the_last_word() -> None:
    assert PADDING.sum(dim=1).tolist() == [0, 4, 2]


def test_spatial_attention_mixes_a_samples_own_words_at_each_location() -> None:
    attention = SpatialWordAttention(4, word_width=5, channel_cells=(4, 16))
    mixed = attention(FEATURES, WORDS, PADDING)
    matrix = attention.conv_context.weight[:, :, 0, 0]
    for sample in range(3):
        words = matrix @ WORDS[sample, :, : LENGTHS[sample]]
        for cell in range(4):
            place = FEATURES[sample, :, cell // 2, cell % 2]
            expected = words @ (place @ words).softmax(dim=0)
            torch.testing.assert_close(mixed[sample, :, cell], expected)


def test_channel_attention_mixes_a_samples_own_words_for_each_channel() -> None:
    attention = ChannelWordAttention(word_width=5, channel_cells=(4, 16))
    attended = FEATURES.flatten(2)
    mixed = attention(attended, WORDS, PADDING)
    matrix = attention.conv_context2.weight[:, :, 0, 0]
    for sample in range(3):
        words = matrix @ WORDS[sample, :, : LENGTHS[sample]]  # cells × words
        for channel in range(4):
            weights = (attended[sample, channel] @ words).softmax(dim=0)
            torch.testing.assert_close(mixed[sample, channel], words @ weights)


def test_the_later_stage_uses_the_larger_projection() -> None:
    attention = ChannelWordAttention(word_width=5, channel_cells=(4, 16))
    attention(torch.zeros(3, 4, 16), WORDS, PADDING).sum().backward()
    assert attention.conv_context2.weight.grad is None
    assert attention.conv_context3.weight.grad is not None


def test_each_word_sees_the_regions_that_are_its_own() -> None:
    regions = torch.randn(3, 5, 2, 2, generator=torch.Generator().manual_seed(1))
    contexts = region_contexts(WORDS, regions, padding=PADDING, sharpness=4.0)
    for sample in range(3):
        cells = [regions[sample, :, cell // 2, cell % 2] for cell in range(4)]
        words = WORDS[sample, :, : LENGTHS[sample]]
        shares = torch.stack([(cell @ words).softmax(dim=0) for cell in cells])  # cells × words
        for word in range(int(LENGTHS[sample])):
            weights = (4.0 * shares[:, word]).softmax(dim=0)
            expected = torch.stack([w * cell for w, cell in zip(weights, cells, strict=True)]).sum(dim=0)
            torch.testing.assert_close(contexts[sample, :, word], expected)


def test_agreement_is_the_cosine() -> None:
    other = torch.randn(WORDS.shape, generator=torch.Generator().manual_seed(2))
    expected = torch.cosine_similarity(WORDS, other, dim=1)
    torch.testing.assert_close(word_agreement(WORDS, other), expected)
