"""VisDiff (Dunlap et al., 2024): captions, a language model's hypotheses, and a ranking by an image-text encoder.

Three explainers. `VisDiff` says its best hypotheses in text, as the FineXL paper uses it (§5): the text says what
differs and rarely how much. `VisDiffAUROC` gives VisDiff's own number to every hypothesis, on one list shared by the
models that are compared; a list of its own for each model would make the numbers incomparable. `VisDiffWords` gives the
number to the words of the dictionary, one list for every model there is, one model at a time and without a VLM.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from baselines.controls import check_vocabulary
from baselines.paired_rows import paired_rows, remembering, unit_rows
from baselines.proposing import Proposal, propose
from baselines.remembered_captions import remembering_captions
from baselines.settings import VisDiffSettings, VisDiffWordsSettings
from baselines.shared_list import explain_on_shared_list
from baselines.visdiff.ranking import RankedHypothesis, rank
from finexl.embeddings import text_rows
from finexl.interfaces import VLM, Encoder
from finexl.values import Claim, ImagePairs, NoExplanation, ScoredExplanation, TextExplanation

NO_DIFFERENCE = "The personalized images do not differ noticeably from the base images."


@dataclass(frozen=True, slots=True, kw_only=True)
class VisDiff:
    """Names the hypotheses that separate personalized from base images best, in text."""

    encoder: Encoder
    vlm: VLM
    settings: VisDiffSettings = field(default_factory=VisDiffSettings)
    name: str = "visdiff"

    def __post_init__(self) -> None:
        # Models are seen one by one, and share the base images that are captioned.
        object.__setattr__(self, "vlm", remembering_captions(self.vlm))

    def explain(self, pairs: ImagePairs) -> TextExplanation | NoExplanation:
        """The best supported hypotheses, one per line; one sentence if there is none."""
        (proposal,) = propose([pairs], vlm=self.vlm, settings=self.settings)
        if proposal.failure:
            return _unanswered(proposal)
        ranked = _ranked(pairs, proposal.hypotheses, encoder=remembering(self.encoder))
        named = [one.hypothesis for one in ranked if is_supported(one, self.settings)]
        return TextExplanation(text=told(named[: self.settings.n_top]))


@dataclass(frozen=True, slots=True, kw_only=True)
class VisDiffAUROC:
    """Scores hypotheses by VisDiff's AUROC, on one list shared by all models that are compared."""

    encoder: Encoder
    vlm: VLM
    settings: VisDiffSettings = field(default_factory=VisDiffSettings)
    name: str = "visdiff_auroc"

    def explain(self, pairs: ImagePairs) -> ScoredExplanation | NoExplanation:
        """Score one model's own hypotheses."""
        (explanation,) = self.explain_jointly([pairs])
        return explanation

    def explain_jointly(self, group: Sequence[ImagePairs]) -> tuple[ScoredExplanation | NoExplanation, ...]:
        """Score every hypothesis that is supported for any of the models, for each of them."""
        proposals = propose(group, vlm=self.vlm, settings=self.settings)
        if group and all(proposal.failure for proposal in proposals):
            return tuple(_unanswered(proposal) for proposal in proposals)
        candidates = sorted({each for proposal in proposals for each in proposal.hypotheses})
        encoder = remembering(self.encoder)
        ranked = [_ranked(pairs, candidates, encoder=encoder) for pairs in group]
        return explain_on_shared_list(
            [{one.hypothesis: one.score for one in ranking} for ranking in ranked],
            [[one.hypothesis for one in ranking if is_supported(one, self.settings)] for ranking in ranked],
            notes=[{**proposal.notes, "n_hypotheses": len(candidates)} for proposal in proposals],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class VisDiffWords:
    """Scores the words of the dictionary by VisDiff's AUROC, one model at a time."""

    encoder: Encoder
    dictionary: tuple[str, ...]
    settings: VisDiffWordsSettings = field(default_factory=VisDiffWordsSettings)
    name: str = "visdiff_auroc_solo"

    def __post_init__(self) -> None:
        check_vocabulary(self.dictionary)

    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        """The supported words, the highest AUROC first."""
        ranked = _ranked(pairs, self.dictionary, encoder=remembering(self.encoder))
        named = [one for one in ranked if is_supported(one, self.settings)]
        return ScoredExplanation(
            claims=tuple(Claim(concept=one.hypothesis, amount=one.score) for one in named),
            notes={"n_hypotheses": len(ranked), "n_supported": len(named)},
        )


def is_supported(one: RankedHypothesis, settings: VisDiffSettings | VisDiffWordsSettings) -> bool:
    """Whether a hypothesis is truer of personalized images, at the rate of false discoveries that is allowed."""
    return one.q_value <= settings.false_discovery_rate and one.mean_difference > 0


def told(named: Sequence[str]) -> str:
    """Hypotheses or concepts as an explanation in words, the strongest first."""
    if not named:
        return NO_DIFFERENCE
    return "More typical of the personalized images than of the base images:\n" + "\n".join(
        f"- {each}" for each in named
    )


def _ranked(
    pairs: ImagePairs, hypotheses: Sequence[str], *, encoder: Encoder
) -> tuple[RankedHypothesis, ...]:
    if not hypotheses:
        return ()
    rows = paired_rows(pairs, encoder=encoder)
    texts = unit_rows(text_rows(hypotheses, encoder=encoder))
    personalized, base = ((unit_rows(images) @ texts.T).numpy() for images in (rows.personalized, rows.base))
    return rank(hypotheses, personalized, base)


def _unanswered(proposal: Proposal) -> NoExplanation:
    return NoExplanation(reason=proposal.failure or "empty", detail=f"Rounds ended in {proposal.outcomes!r}.")
