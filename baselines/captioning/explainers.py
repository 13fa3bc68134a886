"""The two captioners as explainers: one pair in one sentence, as published, or what many sentences agree on.

The paper gives Chg2Cap and Diff Caption one image pair (§5), and so does `OnePairCaption`. `ManyPairsCaption` is the
stronger variant of ours: it asks about many pairs and counts.
"""

from collections import Counter
from dataclasses import dataclass, field

from baselines.captioning.captioner import PairCaptioner
from baselines.captioning.vocabulary import stated_degrees
from baselines.settings import ManyPairsSettings, OnePairSettings
from finexl.discovery import evenly_spread
from finexl.errors import InvalidInputError
from finexl.values import Claim, ImagePairs, ScoredExplanation, TextExplanation


@dataclass(frozen=True, slots=True, kw_only=True)
class OnePairCaption:
    """The caption of one pair, verbatim."""

    captioner: PairCaptioner
    settings: OnePairSettings = field(default_factory=OnePairSettings)
    name: str = "chg2cap"

    def explain(self, pairs: ImagePairs) -> TextExplanation | ScoredExplanation:
        """One sentence about one pair; a captioner that finds no word claims nothing."""
        at = self.settings.pair % len(pairs)
        (said,) = self.captioner.caption([pairs.base[at]], [pairs.personalized[at]])
        return TextExplanation(text=said) if said else ScoredExplanation(claims=())


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyPairsCaption:
    """The aspects that most captions name, each scored by its mean degree over all pairs asked about.

    A pair whose caption does not name an aspect counts as degree 0, so that the score grows both with how often and
    with how strongly an aspect is named.
    """

    captioner: PairCaptioner
    settings: ManyPairsSettings = field(default_factory=ManyPairsSettings)
    name: str = "chg2cap_pairs"

    def __post_init__(self) -> None:
        if not self.captioner.vocabulary.aspects:
            raise InvalidInputError(
                "Captions can be counted only by words that name aspects. The vocabulary of "
                f"{self.captioner.id} lists none: use the explainer of one pair, or add `aspects` to vocabulary.json."
            )

    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        """Aspects by share of captions, most frequent first; none if no caption agrees with others."""
        shown = evenly_spread(len(pairs), self.settings.n_pairs)
        base, personalized = ([images[at] for at in shown] for images in (pairs.base, pairs.personalized))
        captions = self.captioner.caption(base, personalized)
        said = [stated_degrees(caption, self.captioner.vocabulary) for caption in captions]
        counts = Counter(aspect for degrees in said for aspect in degrees)
        needed = self.settings.minimum_share * len(said)
        frequent = sorted((a for a in counts if counts[a] >= needed), key=lambda a: (-counts[a], a))
        scored = tuple(
            Claim(concept=aspect, amount=sum(degrees.get(aspect, 0.0) for degrees in said) / len(said))
            for aspect in frequent
        )
        return ScoredExplanation(claims=scored, notes={"n_captions": len(said), "n_named": len(counts)})
