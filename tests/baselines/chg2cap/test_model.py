"""What a Chg2Cap computes: masked attention, a cosine mask, one sentence per pair in any company."""

from dataclasses import replace

import pytest
import torch
from tiny_pairs import CHG2CAP, PREPROCESSING, tiny_pairs
from torch import Tensor

from baselines.captioning.vocabulary import Vocabulary
from baselines.chg2cap.attentive import AttentiveEncoder
from baselines.chg2cap.decoder import sinusoids
from baselines.chg2cap.model import Chg2Cap
from baselines.chg2cap.stage import vocabulary_of
from finexl.errors import InvalidInputError

PAIRS = tiny_pairs()


@pytest.fixture
def vocabulary() -> Vocabulary:
    return vocabulary_of(PAIRS)


@pytest.fixture
def model(vocabulary: Vocabulary) -> Chg2Cap:
    torch.manual_seed(1)
    return Chg2Cap(CHG2CAP, vocabulary).eval()


@pytest.fixture
def images() -> list[Tensor]:
    return [PREPROCESSING.standardised(torch.from_numpy(part)) for part in (PAIRS.base, PAIRS.personalized)]


@pytest.fixture
def captions(vocabulary: Vocabulary) -> Tensor:
    return torch.tensor([vocabulary.encode(caption, length=12) for caption in PAIRS.captions])


def test_scores_are_one_row_of_words_for_each_word(model: Chg2Cap, images, captions, vocabulary) -> None:
    assert model(*images, captions).shape == (len(captions), 12, len(vocabulary))


def test_a_word_does_not_hear_those_after_it(model: Chg2Cap, images, captions) -> None:
    changed = captions.clone()
    changed[:, 5:] = 1
    scores, others = model(*images, captions), model(*images, changed)
    torch.testing.assert_close(scores[:, :5], others[:, :5])
    assert not torch.allclose(scores[:, 5:], others[:, 5:])


def test_a_sentence_that_does_not_end_has_as_many_words_as_there_are_places(
    model: Chg2Cap, images, vocabulary: Vocabulary
) -> None:
    with torch.no_grad():
        model.decoder.wdc.weight.zero_()
        model.decoder.wdc.bias.copy_(torch.eye(len(vocabulary))[5])
    assert {len(said.split()) for said in model.caption(*images)} == {CHG2CAP.max_length}


def test_padding_costs_nothing(model: Chg2Cap, images, captions) -> None:
    longest = int((captions != 0).sum(dim=1).max())
    short = captions[:, :longest]
    torch.testing.assert_close(model.loss(*images, short), model.loss(*images, captions))


def test_the_loss_is_the_mean_surprise_at_every_word_and_the_end(model: Chg2Cap, images, captions) -> None:
    chances = model(*images, captions).log_softmax(dim=-1)
    surprises = [
        -chances[row, at, captions[row, at + 1]]
        for row in range(len(captions))
        for at in range(11)
        if captions[row, at + 1] != 0
    ]
    torch.testing.assert_close(model.loss(*images, captions), torch.stack(surprises).mean())


UNUSED = ("fc_alpha", "embedding_1D")
"""Parameters that the published model has and never uses, by a part of their names."""


def test_every_parameter_that_is_used_gets_a_gradient(model: Chg2Cap, images, captions) -> None:
    model.train()
    model.loss(*images, captions).backward()
    silent = {name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()}
    unused = {name for name in silent if any(part in name for part in UNUSED)}
    assert silent - unused - {"decoder.transformer.layers.0.self_attn.in_proj_bias"} == set()
    assert unused == {n for n, _ in model.named_parameters() if any(part in n for part in UNUSED)}


def test_published_attention_averages_keys_and_ours_values(vocabulary: Vocabulary) -> None:
    maps = torch.randn(1, 8, 4, 4)
    for source, unused in (("keys", "to_v"), ("values", None)):
        encoder = AttentiveEncoder(replace(CHG2CAP, values_from=source))
        one, two = encoder(maps, maps.flip(2))
        (one.square().sum() + two.square().sum()).backward()
        without = {name for name, p in encoder.named_parameters() if p.grad is None}
        assert all(unused and unused in name for name in without) and bool(without) == bool(unused)


def test_attention_is_that_of_a_plain_loop() -> None:
    torch.manual_seed(3)
    block = AttentiveEncoder(CHG2CAP).eval().selftrans[0][0].att
    x = torch.randn(1, 5, 8)
    heads = []
    for head in range(2):
        part = slice(head * 8, head * 8 + 8)
        q, k, v = (x[0] @ layer.weight[part].T for layer in (block.to_q, block.to_k, block.to_v))
        heads.append((q @ k.T / 8**0.5).softmax(dim=1) @ v)
    torch.testing.assert_close(block(x)[0], block.to_out(torch.cat(heads, dim=1)))


def test_maps_that_agree_are_raised_by_one() -> None:
    torch.manual_seed(4)
    model = Chg2Cap(CHG2CAP, vocabulary_of(PAIRS)).eval()
    seen: list[Tensor] = []
    model.decoder.Conv1.register_forward_hook(lambda module, given, made: seen.append(given[0]))
    one = torch.randn(1, 8, 3, 3)
    model.decoder.fuse(one, 2 * one)
    model.decoder.fuse(one, -one)
    torch.testing.assert_close(seen[0], torch.cat([one, 2 * one], dim=1) + 1)
    torch.testing.assert_close(seen[1], torch.cat([one, -one], dim=1) - 1)


def test_the_order_of_a_pair_matters(model: Chg2Cap, images, captions) -> None:
    assert not torch.allclose(model(*images, captions), model(*reversed(images), captions))


def test_captions_repeat_and_do_not_depend_on_company(model: Chg2Cap, images) -> None:
    together = model.caption(*images)
    alone = [model.caption(images[0][at : at + 1], images[1][at : at + 1])[0] for at in range(len(together))]
    assert together == model.caption(*images) == alone


def test_captions_are_as_long_as_they_may_be_at_most(model: Chg2Cap, images) -> None:
    assert all(len(caption.split()) < 12 for caption in model.caption(*images))


def test_positions_are_sines_and_cosines_in_turn() -> None:
    table = sinusoids(3, 4)
    expected = torch.tensor([2.0, 2.0, 0.02, 0.02])
    torch.testing.assert_close(
        table[2], torch.where(torch.arange(4) % 2 == 0, expected.sin(), expected.cos())
    )


def test_heads_must_divide_the_widths() -> None:
    with pytest.raises(InvalidInputError, match="multiples of `heads`"):
        replace(CHG2CAP, heads=3)
