"""Losses against closed forms and loops."""

import math

import torch
from torch import Tensor

from finetune.families.controlgan.attention import padding_of, region_contexts, word_agreement
from finetune.families.controlgan.encoders import Seen
from finetune.families.controlgan.generator import Captions, Condition
from finetune.families.controlgan.losses import (
    Verdicts,
    adversarial_loss,
    condition_loss,
    discriminator_loss,
    matching_loss,
    perceptual_loss,
    sentence_scores,
    word_discriminator_loss,
    word_scores,
)

SOURCE = torch.Generator().manual_seed(11)
CAPTIONS = Captions(
    torch.randn(3, 4, generator=SOURCE),
    torch.randn(3, 4, 5, generator=SOURCE),
    padding_of(torch.tensor([5, 2, 3]), 5),
)
SEEN = Seen(
    torch.zeros(3, 1, 2, 2), torch.randn(3, 4, 2, 2, generator=SOURCE), torch.randn(3, 4, generator=SOURCE)
)
NONE_SAME = torch.zeros(3, 3, dtype=torch.bool)


def undecided() -> Verdicts:
    return Verdicts(torch.zeros(3), torch.zeros(3))


def test_undecided_discriminators_lose_log_two_on_truths_and_on_lies() -> None:
    torch.testing.assert_close(
        discriminator_loss(undecided(), undecided(), torch.zeros(2)), torch.tensor(2 * math.log(2))
    )


def test_the_discriminators_loss_averages_two_truths_and_three_lies() -> None:
    def bce(logit: float, truth: int) -> float:
        probability = 1 / (1 + math.exp(-logit))
        return -math.log(probability if truth else 1 - probability)

    real = Verdicts(torch.tensor([1.0]), torch.tensor([2.0]))
    fake = Verdicts(torch.tensor([-1.0]), torch.tensor([0.5]))
    expected = (bce(1, 1) + bce(2, 1)) / 2 + (bce(-1, 0) + bce(0.5, 0) + bce(-3, 0)) / 3
    torch.testing.assert_close(discriminator_loss(real, fake, torch.tensor([-3.0])), torch.tensor(expected))


def test_the_generator_wants_to_be_called_real_twice() -> None:
    torch.testing.assert_close(adversarial_loss(undecided()), torch.tensor(2 * math.log(2)))


def test_undecided_words_lose_log_two() -> None:
    loss = word_discriminator_loss(torch.zeros(3), torch.zeros(3))
    torch.testing.assert_close(loss, torch.tensor(math.log(2)))


def test_the_condition_loss_is_the_divergence_of_normal_distributions() -> None:
    mean, log_variance = torch.randn(2, 3, generator=SOURCE), torch.randn(2, 3, generator=SOURCE)
    normal = torch.distributions.Normal(mean, (0.5 * log_variance).exp())
    expected = torch.distributions.kl_divergence(normal, torch.distributions.Normal(0.0, 1.0)).mean()
    torch.testing.assert_close(condition_loss(Condition(mean, log_variance)), expected)


def test_the_perceptual_loss_is_the_mean_over_sizes() -> None:
    fakes = [torch.zeros(1, 3, 2, 2), torch.zeros(1, 3, 4, 4)]
    reals = [torch.ones(1, 3, 2, 2), 3 * torch.ones(1, 3, 4, 4)]
    torch.testing.assert_close(perceptual_loss(lambda image: image, fakes, reals), torch.tensor(5.0))


def test_word_scores_are_those_of_each_pair_alone() -> None:
    scores = word_scores(SEEN.regions, CAPTIONS)
    for image in range(3):
        for caption in range(3):
            words, padding = CAPTIONS.words[caption : caption + 1], CAPTIONS.padding[caption : caption + 1]
            contexts = region_contexts(words, SEEN.regions[image : image + 1], padding=padding, sharpness=4.0)
            kept = word_agreement(words, contexts)[~padding]
            torch.testing.assert_close(scores[image, caption], 10 * (5 * kept).exp().sum().log())


def test_sentence_scores_are_ten_times_the_cosine() -> None:
    expected = 10 * torch.cosine_similarity(SEEN.whole[:, None], CAPTIONS.sentences[None], dim=2)
    torch.testing.assert_close(sentence_scores(SEEN, CAPTIONS), expected)


def test_matching_is_four_cross_entropies() -> None:
    def both(scores: Tensor) -> Tensor:
        rows = [-scores[i].log_softmax(dim=0)[i] for i in range(3)]
        columns = [-scores[:, i].log_softmax(dim=0)[i] for i in range(3)]
        return torch.stack(rows).mean() + torch.stack(columns).mean()

    expected = both(word_scores(SEEN.regions, CAPTIONS)) + both(sentence_scores(SEEN, CAPTIONS))
    torch.testing.assert_close(matching_loss(SEEN, CAPTIONS, same=NONE_SAME), expected)


def test_an_equal_caption_is_no_mistake() -> None:
    """With the other two marked as equal, nothing is left to be mistaken for."""
    same = ~torch.eye(3, dtype=torch.bool)
    torch.testing.assert_close(matching_loss(SEEN, CAPTIONS, same=same), torch.tensor(0.0))
