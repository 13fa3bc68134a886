"""Commands explain the miniature's own pictures with its captioner, which runs here without a network."""

import json
from functools import cache

import numpy as np
import pytest

from finetune.corpora.synthetic import SyntheticCorpus
from finetune.explaining.explainers import CommandExplainer, encoder_for
from finetune.explaining.models import Sampling, read_base
from finetune.miniature.models import captioner_folder
from finexl.errors import InvalidInputError, UnknownNameError
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


@pytest.mark.parametrize("vlm", ["none", MINIATURE])
def test_a_target_that_no_change_can_be_called_by_is_refused(vlm: str) -> None:
    explain = CommandExplainer(chosen(), vlm=vlm)
    assert explain.check_target("vivid") == explain.check_target(None) == ""
    with pytest.raises(InvalidInputError, match=r"Got 'vivd'\. Did you mean --target vivid\?"):
        explain.check_target("vivd")


def test_all_that_the_miniatures_captioner_says_may_be_a_target() -> None:
    explain = CommandExplainer(chosen())
    vocabulary = json.loads((captioner_folder() / "vocabulary.json").read_bytes())
    said = [word for words in vocabulary["styles"].values() for word in words]
    assert said and not any(map(explain.check_target, said))


def test_a_target_that_only_an_endpoint_may_name_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    explain = CommandExplainer(chosen(), vlm="m@http://localhost/v1 probe=false")
    assert "only if the model that is asked names it so" in explain.check_target("a friend of mine")
    assert explain.check_target("vivid") == ""
