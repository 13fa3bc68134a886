"""The three pre-training tasks of IDC-PCL (arXiv 2202.04298 §3.2): words, regions, and whole differences.

One is drawn for each step, in the published proportions.
"""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn import functional

from baselines.diff_caption.model import Pretraining

Proportions = tuple[tuple[str, int], ...]
CLEVR: Proportions = (("masked_language", 8), ("masked_visual_contrast", 1), ("difference_alignment", 2))
"""How often each task is drawn for CLEVR-Change."""
BIRDS: Proportions = (("masked_language", 9), ("masked_visual_contrast", 1), ("difference_alignment", 2))
"""How often each task is drawn for pairs of birds."""
N_NEGATIVES = 6
"""Wrong sentences beside the right one in difference alignment; its batches are as many times smaller."""

RegionPair = tuple[Float[Tensor, "n k r"], Float[Tensor, "n k r"]]


def drawn_task(generator: torch.Generator, proportions: Proportions) -> str:
    """The name of a task, in proportion."""
    pool = [task for task, share in proportions for _ in range(share)]
    return pool[int(torch.randint(len(pool), (), generator=generator))]


def masked_language(
    model: Pretraining, regions: RegionPair, words: Int[Tensor, "n t"], labels: Int[Tensor, "n t"]
) -> Float[Tensor, ""]:
    """MLM: the hidden words, from the rest of the sentence and both images."""
    seen = model(model.images(*regions), words)[:, -words.shape[1] :]
    asked = labels >= 0
    return functional.cross_entropy(model.output_layer(seen[asked]), labels[asked])


def masked_visual_contrast(
    model: Pretraining, regions: RegionPair, words: Int[Tensor, "n t"], hidden: Bool[Tensor, "n k2"]
) -> Float[Tensor, ""]:
    """MVCL: each hidden region, predicted, is nearest its own features among those of all hidden regions and the
    predictions for all shown ones (InfoNCE of cosines at temperature 1)."""
    n_regions = regions[0].shape[1]
    shown = [
        x.masked_fill(h[..., None], 0) for x, h in zip(regions, hidden.split(n_regions, dim=1), strict=True)
    ]
    tokens = model(model.images(*shown), words)
    of_regions = torch.cat(
        [tokens[:, 1 : 1 + n_regions], tokens[:, 2 + n_regions : 2 + 2 * n_regions]], dim=1
    )
    predicted = functional.normalize(model.feat_regress(of_regions[hidden]), dim=1)
    true = functional.normalize(torch.cat(regions, dim=1)[hidden], dim=1)
    others = functional.normalize(model.feat_regress(of_regions[~hidden]), dim=1)
    scores = torch.cat([predicted @ true.T, predicted @ others.T], dim=1)
    return functional.cross_entropy(scores, torch.arange(len(scores), device=scores.device))


def difference_alignment(
    model: Pretraining, regions: RegionPair, sentences: Int[Tensor, "n m t"]
) -> Float[Tensor, ""]:
    """FDA: of m sentences the first fits best, by the cosine of the images' marks with the text's mark."""
    n, m, _ = sentences.shape
    images = model.images(*regions).repeat_interleave(m, dim=0)
    tokens = model(images, sentences.flatten(0, 1))
    n_regions = regions[0].shape[1]
    of_images = (tokens[:, 0] + tokens[:, 1 + n_regions]) / 2
    of_text = tokens[:, 2 + 2 * n_regions]
    scores = torch.cosine_similarity(of_images, of_text, dim=1).view(n, m)
    return functional.cross_entropy(scores, torch.zeros(n, dtype=torch.long, device=scores.device))
