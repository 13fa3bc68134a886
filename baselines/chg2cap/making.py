"""`python -m baselines train chg2cap`: from pairs to a folder with a captioner."""

import torch

from baselines.captioning.cards import Facts
from baselines.captioning.making import Request, fitted, overridden, state_folder, without_limits
from baselines.captioning.model_folder import write_model
from baselines.captioning.preprocessing import IMAGENET, LEVIR, MINIATURE
from baselines.chg2cap.architecture import ARCHITECTURES
from baselines.chg2cap.model import Chg2Cap
from baselines.chg2cap.stage import FROZEN, published_settings, train_chg2cap, vocabulary_of
from baselines.chg2cap.stage import MINIATURE as MINIATURE_SETTINGS

_PREPROCESSING = {"published": LEVIR, "small": IMAGENET, "miniature": MINIATURE}


def make_chg2cap(request: Request) -> Facts:
    """Train a Chg2Cap and write it to the requested folder."""
    pairs, preprocessing = request.pairs, _PREPROCESSING[request.size]
    architecture, vocabulary = ARCHITECTURES[request.size], vocabulary_of(pairs, size=request.size)
    usual = MINIATURE_SETTINGS if request.size == "miniature" else published_settings(len(pairs.captions))
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
    write_model(
        request.folder, "chg2cap", sizes=architecture, preprocessing=preprocessing, vocabulary=vocabulary,
        weights=model.state_dict(),
    )  # fmt: skip
    return Facts(
        title=f"Chg2Cap, {request.size}",
        summary="Residual network, attentive encoder, cosine-masked fusion and transformer decoder "
        "(arXiv 2304.01091), trained from the start on pairs whose captions name styles with adverbs of degree.",
        data=f"{len(pairs.captions):,} pairs of `{request.source}`",
        command=request.command,
        seeds=(settings.seed,),
        threads=torch.get_num_threads(),
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        stages=(done,),
    )
