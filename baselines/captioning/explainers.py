"""The two rivals as explainers: one pair in one sentence, as published, or what many sentences agree on.

The paper gives Chg2Cap and Diff Caption one image pair (§5), and so does `OnePairCaption`. `ManyPairsCaption` is the
stronger variant of ours: it asks about many pairs and counts.
"""

from dataclasses import dataclass

from baselines.captioning.captioner import PairCaptioner
from baselines.captioning.reading import stated_degrees
from finexl.discovery import evenly_spread
from finexl.errors import InvalidInputError
from finexl.values import ImagePairs, NoExplanation, ScoredConcept, ScoredExplanation, TextExplanation


@dataclass(frozen=True, slots=True, kw_only=True)
class OnePairCaption:
    """The caption of one pair, verbatim."""

    captioner: PairCaptioner
    pair: int = 0
    """Which one; counted around where there are fewer pairs."""
    name: str = "chg2cap"

    def __post_init__(self) -> None:
        if self.pair < 0:
            raise InvalidInputError(f"`pair` must be at least 0. Got {self.pair!r}.")

    def explain(self, pairs: ImagePairs) -> TextExplanation | NoExplanation:
        """One sentence about one pair."""
        at = self.pair % len(pairs)
        (said,) = self.captioner.caption([pairs.base[at]], [pairs.personalized[at]])
        return TextExplanation(text=said) if said else NoExplanation(reason="empty")


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyPairsCaption:
    """The aspects that most captions name, each scored by its mean degree over all pairs asked about.

    A pair whose caption does not name an aspect counts as degree 0, so that the score grows both with how often and
    with how strongly an aspect is named.
    """

    captioner: PairCaptioner
    n_pairs: int = 16
    """How many pairs, spread evenly."""
    minimum_share: float = 0.25
    """An aspect is reported if at least so many of the captions name it."""
    name: str = "chg2cap_pairs"

    def __post_init__(self) -> None:
        if self.n_pairs < 1 or not 0 <= self.minimum_share <= 1:
            raise InvalidInputError(
                "`n_pairs` must be at least 1 and `minimum_share` in [0, 1]. "
                f"Got {self.n_pairs!r} and {self.minimum_share!r}."
            )
        if not self.captioner.vocabulary.aspects:
            raise InvalidInputError(
                "Captions can be counted only by words that name aspects. The vocabulary of "
                f"{self.captioner.id} lists none: use the explainer of one pair, or add `aspects` to vocabulary.json."
            )

    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        """Aspects by share of captions, most frequent first; none if no caption agrees with others."""
        shown = evenly_spread(len(pairs), self.n_pairs)
        base, personalized = ([images[at] for at in shown] for images in (pairs.base, pairs.personalized))
        captions = self.captioner.caption(base, personalized)
        said = [stated_degrees(caption, self.captioner.vocabulary) for caption in captions]
        counts = {
            aspect: sum(aspect in degrees for degrees in said) for degrees in said for aspect in degrees
        }
        frequent = [aspect for aspect, count in counts.items() if count >= self.minimum_share * len(said)]
        frequent.sort(key=lambda aspect: (-counts[aspect], aspect))
        scored = tuple(
            ScoredConcept(concept=aspect, score=sum(degrees.get(aspect, 0.0) for degrees in said) / len(said))
            for aspect in frequent
        )
        return ScoredExplanation(concepts=scored, notes={"n_captions": len(said), "n_named": len(counts)})
