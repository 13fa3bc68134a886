"""Discriminators in the reference's layout, and words that are really judged."""

import torch

from finetune.families.controlgan.architecture import Architecture
from finetune.families.controlgan.attention import padding_of
from finetune.families.controlgan.discriminators import ImageDiscriminator, WordDiscriminator
from finetune.families.controlgan.generator import Captions
from finetune.families.controlgan.networks import Networks

BIRDS = Architecture(n_words=5450)
BLOCKS = {
    0: {},
    1: {"img_code_s32.0": (1024, 512, 4, 4), "img_code_s32_1.0": (512, 1024, 3, 3)},
    2: {
        "img_code_s32.0": (1024, 512, 4, 4),
        "img_code_s64.0": (2048, 1024, 4, 4),
        "img_code_s64_1.0": (1024, 2048, 3, 3),
        "img_code_s64_2.0": (512, 1024, 3, 3),
    },
}
"""Convolutions behind the first four of the reference's discriminators with DF 64, by stage."""
FIRST = {
    "img_code_s16.0": (64, 3, 4, 4),
    "img_code_s16.2": (128, 64, 4, 4),
    "img_code_s16.5": (256, 128, 4, 4),
}
LAST = {
    "img_code_s16.8": (512, 256, 4, 4),
    "UNCOND_DNET.outlogits.0": (1, 512, 4, 4),
    "COND_DNET.jointConv.0": (512, 768, 3, 3),
    "COND_DNET.outlogits.0": (1, 512, 4, 4),
}


def test_convolutions_have_the_references_names_and_shapes() -> None:
    for stage, blocks in BLOCKS.items():
        with torch.device("meta"):
            state = ImageDiscriminator(BIRDS, stage=stage).state_dict()
        found = {
            key.removesuffix(".weight"): tuple(value.shape)
            for key, value in state.items()
            if value.dim() == 4
        }
        assert found == FIRST | LAST | blocks


def test_every_stage_is_judged_from_4_by_4_features(networks: Networks, captions: Captions) -> None:
    for stage, size in enumerate((16, 32, 64)):
        verdicts = networks.discriminators.verdicts(stage, torch.zeros(3, 3, size, size), captions)
        assert (verdicts.alone.shape, verdicts.with_sentence.shape) == ((3,), (3,))


def test_the_score_of_words_reaches_the_image_and_the_discriminator() -> None:
    judge = WordDiscriminator(4, word_width=5)
    source = torch.Generator().manual_seed(0)
    image = torch.randn(2, 4, 3, 3, generator=source).requires_grad_()
    words = torch.randn(2, 5, 6, generator=source)
    judge(image, words, padding_of(torch.tensor([6, 3]), 6)).sum().backward()
    assert image.grad is not None and image.grad.abs().min() > 0
    assert judge.perception.weight.grad is not None and judge.perception.weight.grad.abs().max() > 0


def test_the_discriminators_loss_trains_the_word_discriminator(
    networks: Networks, captions: Captions
) -> None:
    images = [torch.randn(3, 3, size, size) for size in (16, 32, 64)]
    seen = networks.image_encoder(images[-1])
    networks.discriminators.loss(images, images, captions=captions, seen=seen).backward()
    gradient = networks.discriminators.words.perception.weight.grad
    assert gradient is not None and gradient.abs().max() > 0


def test_the_weight_of_a_word_has_an_effect() -> None:
    """The word that agrees counts more, the more it is what its caption says."""
    judge = WordDiscriminator(2, word_width=2)
    judge.perception.weight.data = torch.eye(2).view(2, 2, 1, 1)
    image = torch.tensor([1.0, 0.0]).view(1, 2, 1, 1)
    padding = torch.zeros(1, 2, dtype=torch.bool)
    seen_is_long = torch.tensor([[[3.0, 0.0], [0.0, 1.0]]])
    seen_is_short = torch.tensor([[[1.0, 0.0], [0.0, 3.0]]])
    assert judge(image, seen_is_long, padding) > judge(image, seen_is_short, padding)


def test_a_caption_of_one_word_scores_its_cosine() -> None:
    judge = WordDiscriminator(2, word_width=2)
    judge.perception.weight.data = torch.eye(2).view(2, 2, 1, 1)
    image = torch.tensor([0.6, 0.8]).view(1, 2, 1, 1)
    word = torch.tensor([[[2.0, 9.0], [0.0, 9.0]]])
    score = judge(image, word, torch.tensor([[False, True]]))
    torch.testing.assert_close(score, torch.tensor([5 * 0.6]))
