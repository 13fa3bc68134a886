"""`python -m baselines train diff_caption`: from pairs, and a backbone for regions, to a folder with a captioner."""

from dataclasses import replace

import torch

from baselines.captioning.cards import Facts
from baselines.captioning.making import Request, fitted, overridden, state_folder, without_limits
from baselines.captioning.model_folder import write_model
from baselines.captioning.preprocessing import IMAGENET, MINIATURE
from baselines.diff_caption import stages as settings_of
from baselines.diff_caption.architecture import ARCHITECTURES
from baselines.diff_caption.model import Pretraining
from baselines.diff_caption.network import DiffCaption
from baselines.diff_caption.stages import Stages, region_pairs, train_stages, vocabulary_of
from finexl.errors import InvalidInputError

_PREPROCESSING = {"published": IMAGENET, "birds": IMAGENET, "small": IMAGENET, "miniature": MINIATURE}
_STAGES = {
    "published": settings_of.CLEVR,
    "birds": settings_of.BIRDS,
    "small": settings_of.BIRDS,
    "miniature": settings_of.MINIATURE,
}


def make_diff_caption(request: Request) -> Facts:
    """Train an IDC-PCL and write it to the requested folder."""
    if request.backbone is None:
        raise InvalidInputError(
            "Diff Caption needs a backbone that makes regions of images. Got none: add --backbone with a trained "
            "Chg2Cap's folder or a ResNet's safetensors file."
        )
    pairs, preprocessing = request.pairs, _PREPROCESSING[request.size]
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
    write_model(
        request.folder, "diff_caption", sizes=architecture, preprocessing=preprocessing, vocabulary=vocabulary,
        weights=model.state_dict(),
    )  # fmt: skip
    return Facts(
        title=f"Diff Caption (IDC-PCL), {request.size}",
        summary="Image-difference encoder and cross-modal transformer (arXiv 2202.04298), pre-trained on masked words, "
        "masked regions and difference alignment, then trained to caption; its regions come from a frozen backbone.",
        data=f"{len(pairs.captions):,} pairs of `{request.source}`",
        command=request.command,
        seeds=(stages.pretraining.seed, stages.captioning.seed),
        threads=torch.get_num_threads(),
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        stages=tuple(done),
    )


def _overridden(stages: Stages, request: Request) -> Stages:
    """A limit of minutes or steps is shared out: a third to the first stage, the rest to the second."""
    return replace(
        stages,
        pretraining=overridden(stages.pretraining, request, share=1 / 3),
        captioning=overridden(stages.captioning, request, share=2 / 3),
    )
