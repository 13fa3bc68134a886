"""The pre-training tasks are what plain loops over the same outputs say they are."""

from collections import Counter

import pytest
import torch
from tiny_pairs import DIFF_CAPTION, tiny_pairs
from torch import Tensor
from torch.nn.functional import cosine_similarity

from baselines.diff_caption.masking import hide_regions, hide_words
from baselines.diff_caption.model import Pretraining
from baselines.diff_caption.stages import BIRDS, CLEVR, MINIATURE, Stages, vocabulary_of
from baselines.diff_caption.tasks import (
    difference_alignment,
    drawn_task,
    masked_language,
    masked_visual_contrast,
)

PAIRS = tiny_pairs()
VOCABULARY = vocabulary_of(PAIRS)
N, K = 4, 3
Regions = tuple[Tensor, Tensor]


@pytest.fixture
def model() -> Pretraining:
    torch.manual_seed(5)
    return Pretraining(DIFF_CAPTION, VOCABULARY).eval()


@pytest.fixture
def regions() -> Regions:
    generator = torch.Generator().manual_seed(6)
    return torch.randn(N, K, 8, generator=generator), torch.randn(N, K, 8, generator=generator)


WORDS = torch.tensor([VOCABULARY.encode(caption, length=12) for caption in PAIRS.captions[:N]])
SENTENCES = torch.stack([WORDS.roll(-shift, 0) for shift in range(3)], dim=1)
HIDDEN_REGIONS = hide_regions(N, K, share=0.4, generator=torch.Generator().manual_seed(7))
HIDDEN_WORDS = hide_words(WORDS, VOCABULARY, generator=torch.Generator().manual_seed(8))


@pytest.mark.parametrize(
    ("stages", "shares"), [(CLEVR, (8, 1, 2)), (BIRDS, (9, 1, 2)), (MINIATURE, (8, 1, 2))]
)
def test_tasks_are_drawn_in_the_published_proportions(stages: Stages, shares: tuple[int, ...]) -> None:
    generator = torch.Generator().manual_seed(0)
    counts = Counter(drawn_task(generator, stages.proportions) for _ in range(4000 * sum(shares)))
    tasks = ("masked_language", "masked_visual_contrast", "difference_alignment")
    assert [counts[task] / 4000 for task in tasks] == pytest.approx(list(shares), abs=0.12)


def test_masked_language_is_the_mean_surprise_at_hidden_words(model: Pretraining, regions: Regions) -> None:
    seen = model(model.images(*regions), HIDDEN_WORDS.words)[:, 2 * (1 + K) + 1 :]
    chances = model.output_layer(seen).log_softmax(dim=-1)
    asked = [(i, t) for i in range(N) for t in range(12) if HIDDEN_WORDS.labels[i, t] >= 0]
    expected = -torch.stack([chances[i, t, WORDS[i, t]] for i, t in asked]).mean()
    torch.testing.assert_close(masked_language(model, regions, *HIDDEN_WORDS), expected)


def test_hidden_regions_are_told_from_all_others_by_their_features(
    model: Pretraining, regions: Regions
) -> None:
    shown = [regions[part].clone() for part in range(2)]
    for i, at in HIDDEN_REGIONS.nonzero().tolist():
        shown[at // K][i, at % K] = 0
    tokens = model(model.images(*shown), WORDS)
    outputs = {(i, at): tokens[i, 1 + at + at // K] for i in range(N) for at in range(2 * K)}
    hidden = [place for place in outputs if HIDDEN_REGIONS[place]]
    others = [model.feat_regress(outputs[place][None])[0] for place in outputs if not HIDDEN_REGIONS[place]]
    true = [regions[at // K][i, at % K] for i, at in hidden]
    losses = []
    for number, place in enumerate(hidden):
        made = model.feat_regress(outputs[place][None])[0]
        scores = torch.stack([cosine_similarity(made, other, dim=0) for other in (*true, *others)])
        losses.append(-scores.log_softmax(dim=0)[number])
    made = masked_visual_contrast(model, regions, WORDS, HIDDEN_REGIONS)
    torch.testing.assert_close(made, torch.stack(losses).mean())


def test_alignment_asks_which_sentence_fits_the_images(model: Pretraining, regions: Regions) -> None:
    losses = []
    for i in range(N):
        own = [part[i : i + 1] for part in regions]
        scores = []
        for sentence in SENTENCES[i]:
            tokens = model(model.images(*own), sentence[None])[0]
            images = (tokens[0] + tokens[1 + K]) / 2
            scores.append(cosine_similarity(images, tokens[2 * (1 + K)], dim=0))
        losses.append(-torch.stack(scores).log_softmax(dim=0)[0])
    torch.testing.assert_close(difference_alignment(model, regions, SENTENCES), torch.stack(losses).mean())


def test_the_tasks_together_reach_every_parameter_they_use(model: Pretraining, regions: Regions) -> None:
    model.train()
    loss = masked_language(model, regions, *HIDDEN_WORDS)
    loss = loss + masked_visual_contrast(model, regions, WORDS, HIDDEN_REGIONS)
    (loss + difference_alignment(model, regions, SENTENCES)).backward()
    silent = {name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()}
    assert {name for name in silent if "k_linear.bias" not in name} == {"pooler.0.weight", "pooler.0.bias"}
