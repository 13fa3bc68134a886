"""One pair is answered in one sentence; many pairs in the aspects that their sentences agree on."""

from dataclasses import dataclass

import pytest
import torch
from PIL import Image
from tiny_pairs import PREPROCESSING, tiny_pairs

from baselines.captioning.captioner import PairCaptioner
from baselines.captioning.explainers import ManyPairsCaption, OnePairCaption
from baselines.captioning.vocabulary import learned_vocabulary
from baselines.chg2cap.model import FIRST, MARKS
from baselines.settings import ManyPairsSettings, OnePairSettings
from finexl.errors import InvalidInputError
from finexl.values import ImagePairs, ScoredExplanation, TextExplanation

PAIRS = tiny_pairs()
VOCABULARY = learned_vocabulary(
    PAIRS.captions, FIRST, marks=MARKS, aspects=PAIRS.aspects, degrees=PAIRS.degrees
)


@dataclass(frozen=True)
class Scripted:
    """Says the sentence whose number is the red of the first pixel of the personalized image."""

    sentences: tuple[str, ...]

    def caption(self, base: torch.Tensor, personalized: torch.Tensor) -> list[str]:
        red = personalized[:, 0, 0, 0] * PREPROCESSING.std[0] + PREPROCESSING.mean[0]
        return [self.sentences[round(float(value))] for value in red]


def captioner(*sentences: str) -> PairCaptioner:
    return PairCaptioner(
        network=Scripted(sentences), preprocessing=PREPROCESSING, vocabulary=VOCABULARY, id="scripted"
    )


def pairs(n: int) -> ImagePairs:
    side = (PREPROCESSING.size, PREPROCESSING.size)
    return ImagePairs(
        prompts=("a house",) * n,
        base=[Image.new("RGB", side)] * n,
        personalized=[Image.new("RGB", side, (number, 0, 0)) for number in range(n)],
    )


def test_one_pair_gives_its_caption_verbatim() -> None:
    explainer = OnePairCaption(captioner=captioner("the first", "the second"))
    assert explainer.explain(pairs(2)) == TextExplanation(text="the first")


def test_the_pair_can_be_chosen_and_is_counted_around() -> None:
    explainer = OnePairCaption(
        captioner=captioner("the first", "the second"), settings=OnePairSettings(pair=3)
    )
    assert explainer.explain(pairs(2)) == TextExplanation(text="the second")


def test_an_empty_caption_claims_nothing() -> None:
    assert OnePairCaption(captioner=captioner("")).explain(pairs(1)) == ScoredExplanation(claims=())


def test_many_pairs_give_mean_degrees_over_all_of_them() -> None:
    said = ("very red", "red", "slightly dark", "there is no difference")
    explainer = ManyPairsCaption(captioner=captioner(*said))
    scores = {c.concept: c.amount for c in explainer.explain(pairs(4)).claims}
    assert scores == pytest.approx({"red": (9 + 6) / 4, "dark": 3 / 4})


def test_the_most_frequent_aspect_comes_first() -> None:
    said = ("very dark", "slightly red", "slightly red", "slightly red and dark")
    explanation = ManyPairsCaption(captioner=captioner(*said)).explain(pairs(4))
    assert [c.concept for c in explanation.claims] == ["red", "dark"]


def test_what_few_captions_name_is_left_out() -> None:
    explainer = ManyPairsCaption(
        captioner=captioner("red", "red", "dark"), settings=ManyPairsSettings(minimum_share=0.5)
    )
    assert [c.concept for c in explainer.explain(pairs(3)).claims] == ["red"]


def test_captions_without_difference_give_no_concepts() -> None:
    said = ("there is no difference",) * 2
    assert ManyPairsCaption(captioner=captioner(*said)).explain(pairs(2)).claims == ()


def test_only_as_many_pairs_are_asked_about_as_the_settings_say() -> None:
    said = tuple("red" for _ in range(9))
    explanation = ManyPairsCaption(captioner=captioner(*said), settings=ManyPairsSettings(n_pairs=4)).explain(
        pairs(9)
    )
    assert explanation.notes["n_captions"] == 4


def test_counting_needs_a_vocabulary_that_lists_aspects() -> None:
    bare = learned_vocabulary(PAIRS.captions, FIRST, marks=MARKS)
    mute = PairCaptioner(network=Scripted(()), preprocessing=PREPROCESSING, vocabulary=bare, id="levir")
    with pytest.raises(InvalidInputError, match="levir"):
        ManyPairsCaption(captioner=mute)


@pytest.mark.parametrize(("field", "value"), [("n_pairs", 0), ("minimum_share", 1.5)])
def test_settings_out_of_range_are_errors(field: str, value: float) -> None:
    with pytest.raises(InvalidInputError, match=field):
        ManyPairsSettings(**{field: value})


def test_a_negative_pair_is_an_error() -> None:
    with pytest.raises(InvalidInputError, match="pair"):
        OnePairSettings(pair=-1)
