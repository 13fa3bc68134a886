"""Training an IDC-PCL: three pre-training tasks in turn, then captions (arXiv 2202.04298 §3.2 and §3.3)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from baselines.captioning import preprocessing as pixels
from baselines.captioning.backbone import Backbone
from baselines.captioning.making import Request, Trained, fitted, overridden, state_folder, without_limits
from baselines.captioning.pairs import DifferencePairs
from baselines.captioning.rates import Cosine, Halved, Noam
from baselines.captioning.training import Progressed, TrainingSettings, progress_in, train
from baselines.captioning.vocabulary import Vocabulary, learned_vocabulary
from baselines.diff_caption import tasks
from baselines.diff_caption.architecture import ARCHITECTURES
from baselines.diff_caption.masking import SHARE, hide_regions, hide_words
from baselines.diff_caption.model import FIRST, MARKS, Captioner, DiffCaption, Pretraining, regions_of
from baselines.diff_caption.negatives import hard_negatives
from finexl.errors import InvalidInputError

_AT_ONCE = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """How both stages are trained."""

    pretraining: TrainingSettings
    captioning: TrainingSettings
    hidden_share: float = SHARE
    """Share of words hidden in the second stage, which learns from hidden words alone."""
    proportions: tasks.Proportions = tasks.CLEVR
    """How often each task of the first stage is drawn."""


CLEVR = Stages(
    pretraining=TrainingSettings(
        steps=250_000, batch_size=200, learning_rate=1e-4, rate=Noam(warmup_steps=8000)
    ),
    captioning=TrainingSettings(
        steps=100_000, batch_size=200, learning_rate=3e-5, rate=Halved(every=10_000, times=2)
    ),
)
BIRDS = Stages(
    pretraining=TrainingSettings(
        steps=60_000, batch_size=150, learning_rate=1e-4, rate=Noam(warmup_steps=4000)
    ),
    captioning=TrainingSettings(
        steps=20_000,
        batch_size=128,
        learning_rate=3e-5,
        rate=Halved(every=10_000, times=2),
        weight_decay=1e-4,
    ),
    proportions=tasks.BIRDS,
)
MINIATURE = Stages(
    pretraining=TrainingSettings(
        steps=2000, batch_size=32, learning_rate=1e-3, rate=Cosine(warmup_steps=200), gradient_clip=1.0,
        seed=61,
    ),
    captioning=TrainingSettings(
        steps=10_000, batch_size=32, learning_rate=1e-3, rate=Cosine(warmup_steps=200), gradient_clip=1.0,
        seed=62,
    ),
    hidden_share=0.35,
)  # fmt: skip


_STAGES = {"published": CLEVR, "birds": BIRDS, "small": BIRDS, "miniature": MINIATURE}


def make_diff_caption(request: Request) -> Trained:
    """Train an IDC-PCL on regions that the requested backbone cuts.

    Raises:
        InvalidInputError: the request names no backbone.
    """
    if request.backbone is None:
        raise InvalidInputError(
            "Diff Caption needs a backbone that makes regions of images. Got none: add --backbone with a trained "
            "Chg2Cap's folder or a ResNet's safetensors file."
        )
    pairs, preprocessing = request.pairs, pixels.MINIATURE if request.size == "miniature" else pixels.IMAGENET
    architecture, vocabulary = ARCHITECTURES[request.size], vocabulary_of(pairs)
    stages, whole = (_overridden(_STAGES[request.size], one) for one in (request, without_limits(request)))
    torch.manual_seed(stages.pretraining.seed)
    model = DiffCaption(architecture, vocabulary)
    pretraining = Pretraining(architecture, vocabulary).to(request.device)
    model.regions.load_state_dict(request.backbone)
    model.to(request.device).eval()
    pool = region_pairs(
        fitted(pairs, preprocessing.size),
        model.regions,
        vocabulary,
        standardised=preprocessing.standardised,
        max_length=architecture.max_length,
    )
    folder = state_folder(request, "diff_caption", architecture, preprocessing, whole)
    done = train_stages(model.captioner, pretraining, pool, stages=stages, folder=folder)
    return Trained(
        network=model,
        architecture=architecture,
        preprocessing=preprocessing,
        vocabulary=vocabulary,
        title=f"Diff Caption (IDC-PCL), {request.size}",
        summary="Image-difference encoder and cross-modal transformer (arXiv 2202.04298), pre-trained on masked words, "
        "masked regions and difference alignment, then trained to caption; its regions come from a frozen backbone.",
        seeds=(stages.pretraining.seed, stages.captioning.seed),
        stages=done,
    )


def _overridden(stages: Stages, request: Request) -> Stages:
    """A limit of minutes or steps is shared out: a third to the first stage, the rest to the second."""
    return replace(
        stages,
        pretraining=overridden(stages.pretraining, request, share=1 / 3),
        captioning=overridden(stages.captioning, request, share=2 / 3),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionPairs:
    """A pool of pairs whose images are regions already."""

    first: Float[Tensor, "n k r"]
    second: Float[Tensor, "n k r"]
    captions: Int[Tensor, "n t"]
    changed: Bool[Tensor, " n"]
    negatives: Int[Tensor, "n m"]
    """Positions of captions that are hard to tell from each pair's own."""

    def regions(self, chosen: Tensor, device: torch.device) -> tasks.RegionPair:
        """Both images' regions of some pairs, in fp32."""
        return self.first[chosen].float().to(device), self.second[chosen].float().to(device)


def vocabulary_of(pairs: DifferencePairs) -> Vocabulary:
    """Every word of the captions, after the marks."""
    return learned_vocabulary(
        pairs.captions, FIRST, marks=MARKS, aspects=pairs.aspects, degrees=pairs.degrees
    )


def region_pairs(
    pairs: DifferencePairs, backbone: Backbone, vocabulary: Vocabulary, *,
    standardised: Callable[[Tensor], Tensor], max_length: int,
) -> RegionPairs:  # fmt: skip
    """Cut every image into regions once, kept in half precision, and choose every caption's negatives."""
    first, second = (
        _extracted(backbone, torch.from_numpy(images), standardised)
        for images in (pairs.base, pairs.personalized)
    )
    return RegionPairs(
        first=first,
        second=second,
        captions=torch.tensor([vocabulary.encode(caption, length=max_length) for caption in pairs.captions]),
        changed=torch.tensor(list(pairs.changed)),
        negatives=torch.from_numpy(hard_negatives(pairs.captions, tasks.N_NEGATIVES)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PretrainingLoss:
    """The loss of one step of pre-training: a task in proportion, on a batch that a generator draws."""

    model: Pretraining
    pool: RegionPairs
    batch_size: int
    proportions: tasks.Proportions

    def __call__(self, generator: torch.Generator) -> Float[Tensor, ""]:
        pool, device = self.pool, next(self.model.parameters()).device
        task = tasks.drawn_task(generator, self.proportions)
        aligns = task == "difference_alignment"
        size = max(1, self.batch_size // (tasks.N_NEGATIVES + 1)) if aligns else self.batch_size
        chosen = torch.randint(len(pool.captions), (size,), generator=generator)
        regions, words = pool.regions(chosen, device), pool.captions[chosen]
        if aligns:
            sentences = torch.cat([words[:, None], pool.captions[pool.negatives[chosen]]], dim=1)
            return tasks.difference_alignment(self.model, regions, sentences.to(device))
        if task == "masked_visual_contrast":
            hidden = hide_regions(size, regions[0].shape[1], generator=generator)
            return tasks.masked_visual_contrast(self.model, regions, words.to(device), hidden.to(device))
        shown = hide_words(words, self.model.vocabulary, generator=generator)
        return tasks.masked_language(self.model, regions, shown.words.to(device), shown.labels.to(device))


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptioningLoss:
    """The loss of one step of the second stage."""

    model: Captioner
    pool: RegionPairs
    batch_size: int
    hidden_share: float

    def __call__(self, generator: torch.Generator) -> Float[Tensor, ""]:
        pool, device = self.pool, next(self.model.parameters()).device
        chosen = torch.randint(len(pool.captions), (self.batch_size,), generator=generator)
        shown = hide_words(
            pool.captions[chosen], self.model.vocabulary, share=self.hidden_share, generator=generator
        )
        changed = pool.changed[chosen].to(device)
        return self.model.loss(
            pool.regions(chosen, device), shown.words.to(device), shown.labels.to(device), changed
        )


def train_stages(
    captioner: Captioner, pretraining: Pretraining, pool: RegionPairs, *, stages: Stages, folder: Path
) -> Sequence[Progressed]:
    """Pre-train, hand the weights over, train `captioner` in place; each stage resumes from its own sub-folder.

    Once the second stage has begun, the first is over: what it learned later would reach no captioner.
    """
    first, second = stages.pretraining, stages.captioning
    n_pretrained = progress_in(folder / "pretraining").step
    if n_pretrained and progress_in(folder / "captioning").step:
        first = replace(first, steps=n_pretrained)
    pretraining_loss = PretrainingLoss(
        model=pretraining, pool=pool, batch_size=first.batch_size, proportions=stages.proportions
    )
    done = train(pretraining, pretraining_loss, settings=first, folder=folder / "pretraining")
    captioner.take_over(pretraining)
    captioning_loss = CaptioningLoss(
        model=captioner, pool=pool, batch_size=second.batch_size, hidden_share=stages.hidden_share
    )
    return done, train(captioner, captioning_loss, settings=second, folder=folder / "captioning")


@torch.inference_mode()
def _extracted(
    backbone: Backbone, images: Tensor, standardised: Callable[[Tensor], Tensor]
) -> Float[Tensor, "n k r"]:
    device = next(backbone.parameters()).device
    backbone.eval()
    blocks = [
        regions_of(backbone, standardised(images[start : start + _AT_ONCE]).to(device)).half().cpu()
        for start in range(0, len(images), _AT_ONCE)
    ]
    return torch.cat(blocks)
