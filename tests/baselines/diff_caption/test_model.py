"""What an IDC-PCL computes in each stage, and how it writes a caption."""

from dataclasses import replace

import pytest
import torch
from tiny_pairs import DIFF_CAPTION, tiny_pairs
from torch import Tensor

from baselines.captioning.vocabulary import Vocabulary
from baselines.diff_caption.masking import hide_words
from baselines.diff_caption.model import CLS, MASK, Captioner, Pretraining
from baselines.diff_caption.stages import vocabulary_of
from finexl.errors import InvalidInputError

PAIRS = tiny_pairs()
N, K = 5, 4
Regions = tuple[Tensor, Tensor]


@pytest.fixture
def vocabulary() -> Vocabulary:
    return vocabulary_of(PAIRS)


@pytest.fixture
def captioner(vocabulary: Vocabulary) -> Captioner:
    torch.manual_seed(2)
    return Captioner(DIFF_CAPTION, vocabulary).eval()


@pytest.fixture
def regions() -> Regions:
    generator = torch.Generator().manual_seed(3)
    return torch.randn(N, K, 8, generator=generator), torch.randn(N, K, 8, generator=generator)


@pytest.fixture
def words(vocabulary: Vocabulary) -> Tensor:
    return torch.tensor([vocabulary.encode(caption, length=12) for caption in PAIRS.captions[:N]])


def test_tokens_are_two_marks_two_images_and_the_words(captioner: Captioner, regions: Regions, words) -> None:
    assert captioner(*regions, words).shape == (N, 2 * (1 + K) + 12, 16)


def test_a_word_does_not_hear_those_after_it(captioner: Captioner, regions: Regions, words) -> None:
    changed = words.clone()
    changed[:, 4:] = 3
    seen, others = captioner(*regions, words), captioner(*regions, changed)
    torch.testing.assert_close(seen[:, : 10 + 4], others[:, : 10 + 4])
    assert not torch.allclose(seen[:, 10 + 4 :], others[:, 10 + 4 :])


def test_every_parameter_of_the_captioner_gets_a_gradient(
    captioner: Captioner, regions: Regions, words
) -> None:
    hidden = hide_words(words, captioner.vocabulary, share=0.5, generator=torch.Generator().manual_seed(0))
    changed = torch.tensor([True, False, True, True, False])
    captioner.train()
    captioner.loss(regions, hidden.words, hidden.labels, changed).backward()
    silent = {n for n, p in captioner.named_parameters() if p.grad is None or not p.grad.any()}
    assert {name for name in silent if "k_linear.bias" not in name} == set()


def test_the_loss_sums_hidden_words_and_distractors_over_each_pair(
    captioner, regions: Regions, words
) -> None:
    labels = torch.full_like(words, -100)
    labels[:, 2] = words[:, 2]
    changed = torch.tensor([True, False, True, True, False])
    seen = captioner(*regions, words)
    said = captioner.output_layer(seen[:, 10 + 2]).log_softmax(dim=-1)
    told = captioner.pooler(torch.cat([seen[:, 0], seen[:, 1 + K]], dim=1)).log_softmax(dim=-1)
    each = [-(said[i, words[i, 2]] + told[i, int(changed[i])]) for i in range(N)]
    torch.testing.assert_close(captioner.loss(regions, words, labels, changed), torch.stack(each).mean())


def test_without_distractors_words_alone_count(vocabulary: Vocabulary, regions: Regions, words) -> None:
    captioner = Captioner(replace(DIFF_CAPTION, tells_distractors=False), vocabulary).eval()
    labels = torch.full_like(words, -100)
    assert captioner.loss(regions, words, labels, torch.ones(N, dtype=torch.bool)).item() == 0


def test_a_caption_is_what_masks_after_the_words_so_far_are_filled_with(
    captioner: Captioner, regions
) -> None:
    numbers = captioner.vocabulary.id
    words = torch.tensor([[numbers("<BOS>")]])
    first, second = regions[0][:1], regions[1][:1]
    while words.shape[1] < 12 and int(words[0, -1]) != numbers("<EOS>"):
        asked = torch.cat([words, torch.tensor([[numbers(MASK)]])], dim=1)
        filled = captioner.output_layer(captioner(first, second, asked)[:, -1]).argmax(dim=-1)
        words = torch.cat([words, filled[:, None]], dim=1)
    assert captioner.caption(first, second) == [captioner.vocabulary.decode(words[0, 1:].tolist())]


def test_captions_repeat_and_do_not_depend_on_company(captioner: Captioner, regions: Regions) -> None:
    together = captioner.caption(*regions)
    alone = [captioner.caption(regions[0][i : i + 1], regions[1][i : i + 1])[0] for i in range(N)]
    assert together == captioner.caption(*regions) == alone


def test_pretraining_hands_over_everything_but_the_head(captioner: Captioner, vocabulary: Vocabulary) -> None:
    pretraining = Pretraining(DIFF_CAPTION, vocabulary)
    before = captioner.pooler[0].weight.clone()
    captioner.take_over(pretraining)
    torch.testing.assert_close(captioner.encoder.norm.a_2, pretraining.encoder.norm.a_2)
    torch.testing.assert_close(captioner.word_embedding.weight, pretraining.word_embedding.weight)
    assert torch.equal(captioner.pooler[0].weight, before)


def test_region_regression_shares_its_weight_with_the_projection(vocabulary: Vocabulary) -> None:
    pretraining = Pretraining(DIFF_CAPTION, vocabulary)
    assert pretraining.feat_regress.weight is pretraining.img_project[0].weight


def test_marks_stand_for_their_image_or_text(captioner: Captioner) -> None:
    assert captioner.vocabulary.id(CLS) == 4


def test_an_odd_width_is_an_error() -> None:
    with pytest.raises(InvalidInputError, match="`width`"):
        replace(DIFF_CAPTION, width=15, heads=3)
