"""Training a Chg2Cap: one stage, word after word with the true words before it (arXiv 2304.01091 §IV-B)."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from baselines.captioning import preprocessing as pixels
from baselines.captioning.making import Request, Trained, fitted, overridden, state_folder, without_limits
from baselines.captioning.pairs import DifferencePairs
from baselines.captioning.preprocessing import Preprocessing
from baselines.captioning.rates import Cosine, Halved
from baselines.captioning.training import Progressed, TrainingSettings, train
from baselines.captioning.vocabulary import Vocabulary, learned_vocabulary
from baselines.chg2cap.architecture import ARCHITECTURES
from baselines.chg2cap.model import FIRST, MARKS, Chg2Cap

EPOCHS = 50
"""Of the published training, with batches of 32; the rate is halved after every fifth."""
FROZEN = 5
"""Children of the backbone that the published training keeps: stem and first stage, pre-trained on ImageNet."""
AT_LEAST = {"published": 5}
"""How often captions must use a word for it to be learned, by size; once where none is told (LEVIR-CC: five times)."""
_PREPROCESSING = {"published": pixels.LEVIR, "small": pixels.IMAGENET, "miniature": pixels.MINIATURE}
MINIATURE = TrainingSettings(
    steps=6000, batch_size=32, learning_rate=2e-3, rate=Cosine(warmup_steps=200), gradient_clip=1.0, seed=51
)  # fmt: skip


def published_settings(n_pairs: int) -> TrainingSettings:
    """Adam at 1e-4, 50 epochs of batches of 32, halved every five epochs."""
    epoch = max(1, n_pairs // 32)
    return TrainingSettings(
        steps=EPOCHS * epoch, batch_size=32, learning_rate=1e-4, rate=Halved(every=5 * epoch)
    )


def vocabulary_of(pairs: DifferencePairs, *, size: str = "miniature") -> Vocabulary:
    """The words that the captions use often enough for a size, after the marks."""
    return learned_vocabulary(
        pairs.captions, FIRST, marks=MARKS, aspects=pairs.aspects, degrees=pairs.degrees,
        at_least=AT_LEAST.get(size, 1),
    )  # fmt: skip


def make_chg2cap(request: Request) -> Trained:
    """Train a Chg2Cap, from the requested backbone where there is one."""
    pairs, preprocessing = request.pairs, _PREPROCESSING[request.size]
    architecture, vocabulary = ARCHITECTURES[request.size], vocabulary_of(pairs, size=request.size)
    usual = MINIATURE if request.size == "miniature" else published_settings(len(pairs.captions))
    settings, whole = overridden(usual, request), overridden(usual, without_limits(request))
    torch.manual_seed(settings.seed)
    model = Chg2Cap(architecture, vocabulary)
    if request.backbone is not None:
        model.encoder.load_state_dict(request.backbone)
        model.encoder.freeze(FROZEN)
    model.to(request.device)
    done = train_chg2cap(
        model,
        fitted(pairs, preprocessing.size),
        preprocessing=preprocessing,
        settings=settings,
        folder=state_folder(request, "chg2cap", architecture, preprocessing, whole),
    )
    return Trained(
        network=model,
        architecture=architecture,
        preprocessing=preprocessing,
        vocabulary=vocabulary,
        title=f"Chg2Cap, {request.size}",
        summary="Residual network, attentive encoder, cosine-masked fusion and transformer decoder "
        "(arXiv 2304.01091), trained from the start on pairs whose captions name styles with adverbs of degree.",
        seeds=(settings.seed,),
        stages=(done,),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PairLoss:
    """The loss of a batch that a generator draws."""

    model: Chg2Cap
    base: Tensor
    """Bytes of shape (n, h, w, 3), like `personalized`."""
    personalized: Tensor
    captions: Tensor
    batch_size: int
    standardised: Callable[[Tensor], Tensor]

    def __call__(self, generator: torch.Generator) -> Float[Tensor, ""]:
        chosen = torch.randint(len(self.captions), (self.batch_size,), generator=generator)
        device = next(self.model.parameters()).device
        base, personalized = (
            self.standardised(images[chosen]).to(device) for images in (self.base, self.personalized)
        )
        captions = self.captions[chosen].to(device)
        longest = int((captions != self.model.vocabulary.id(MARKS.pad)).sum(dim=1).max())
        return self.model.loss(base, personalized, captions[:, :longest])


def train_chg2cap(
    model: Chg2Cap,
    pairs: DifferencePairs,
    *,
    preprocessing: Preprocessing,
    settings: TrainingSettings,
    folder: Path,
) -> Progressed:
    """Train `model` in place on pairs of the size it takes; state and progress are kept in `folder`."""
    length = model.architecture.max_length
    loss = PairLoss(
        model=model,
        base=torch.from_numpy(pairs.base),
        personalized=torch.from_numpy(pairs.personalized),
        captions=torch.tensor(
            [model.vocabulary.encode(caption, length=length) for caption in pairs.captions]
        ),
        batch_size=settings.batch_size,
        standardised=preprocessing.standardised,
    )
    return train(model, loss, settings=settings, folder=folder)
