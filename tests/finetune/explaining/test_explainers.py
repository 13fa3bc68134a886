"""Commands explain the miniature's own pictures with its captioner, which runs here without a network."""

from functools import cache

import numpy as np
import pytest

from finetune.corpora.synthetic import SyntheticCorpus
from finetune.explaining.explainers import CommandExplainer, encoder_for
from finetune.explaining.models import Sampling, read_base
from finexl.errors import UnknownNameError
from finexl.explain.models import MINIATURE, ChosenEncoder
from finexl.values import ImagePairs, ImageStack


def chosen() -> ChosenEncoder:
    return encoder_for(MINIATURE, read_base(MINIATURE, Sampling()))


@cache
def warm_pairs() -> ImagePairs:
    """Twelve scenes, plain and painted warm."""
    corpus = SyntheticCorpus(aspects=("warm",))
    painted, captions = corpus.images("warm", 12, 3)
    return ImagePairs(
        prompts=captions,
        base=ImageStack(np.ascontiguousarray(corpus.contents("warm", 12, 3))),
        personalized=ImageStack(np.ascontiguousarray(painted)),
    )


def test_the_miniatures_captioner_is_asked_about_the_miniatures_pictures() -> None:
    assert CommandExplainer(chosen())(warm_pairs()).notes["n_vlm_calls"] > 0


@pytest.mark.parametrize("given", [{"vlm": "none"}, {"words": ("warm", "cold")}])
def test_nobody_is_asked_where_none_is_named_or_words_are_given(given: dict) -> None:
    assert CommandExplainer(chosen(), **given)(warm_pairs()).notes["n_vlm_calls"] == 0


def test_a_name_that_is_no_vlm_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="miniature"):
        CommandExplainer(chosen(), vlm="minature")
