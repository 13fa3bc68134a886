"""GSCLIP (Zhu, Liang and Zou, 2022): generate candidate sentences, select those that images support by a test.

Three explainers. `GSCLIP` lists its best candidates in text, as the FineXL paper uses it (§5). `GSCLIPScores` gives
each candidate its effect, the mean shift of the images along its direction, on one list shared by the models compared:
a p-value says how sure a shift is, not how large, and vanishes for every strong one. `GSCLIPWords` gives the same
number to the words of the dictionary, one model at a time and without a language model.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from baselines.controls import check_vocabulary
from baselines.gsclip.generators import Candidate, from_language_model, rule_based
from baselines.gsclip.selector import Selected, directions, select
from baselines.paired_rows import paired_rows, remembering
from baselines.proposing import propose
from baselines.remembered_captions import remembering_captions
from baselines.settings import GSCLIPSettings, SelectorSettings
from baselines.shared_list import Notes, explain_on_shared_list
from baselines.visdiff.explainers import told
from finexl.interfaces import VLM, Encoder
from finexl.values import Claim, ImagePairs, NoExplanation, ScoredExplanation, TextExplanation

_EFFECTS = (
    (0.2, "barely"),
    (0.5, "slightly"),
    (0.8, "moderately"),
    (1.2, "clearly"),
    (2.0, "very"),
    (float("inf"), "extremely"),
)
"""Up to which Cohen's d an effect is called what: Cohen (1988) up to .8, Sawilowsky (2009) beyond."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GSCLIP:
    """Lists the best of the candidates that a paired test supports, in text, with words for the size of the effect."""

    encoder: Encoder
    vlm: VLM
    dictionary: tuple[str, ...]
    settings: GSCLIPSettings = field(default_factory=GSCLIPSettings)
    name: str = "gsclip"

    def __post_init__(self) -> None:
        check_vocabulary(self.dictionary)
        # Models are seen one by one, and share the base images that are captioned.
        object.__setattr__(self, "vlm", remembering_captions(self.vlm))

    def explain(self, pairs: ImagePairs) -> TextExplanation | NoExplanation:
        """The best supported candidates, one per line; one sentence if there is none."""
        candidates = _candidates([pairs], self)
        if candidates.failure:
            return _unanswered(candidates.failure)
        (ranked,) = _selected([pairs], candidates.found, encoder=self.encoder, settings=self.settings)
        named = [one for one in ranked if is_supported(one, self.settings)][: self.settings.n_told]
        return TextExplanation(text=told([in_words(one, graded=self.settings.graded) for one in named]))


@dataclass(frozen=True, slots=True, kw_only=True)
class GSCLIPScores:
    """Scores candidates by the shift along their direction, on one list shared by the models compared."""

    encoder: Encoder
    vlm: VLM
    dictionary: tuple[str, ...]
    settings: GSCLIPSettings = field(default_factory=GSCLIPSettings)
    name: str = "gsclip_score"

    def __post_init__(self) -> None:
        check_vocabulary(self.dictionary)

    def explain(self, pairs: ImagePairs) -> ScoredExplanation | NoExplanation:
        """Score one model's own candidates."""
        (explanation,) = self.explain_jointly([pairs])
        return explanation

    def explain_jointly(self, group: Sequence[ImagePairs]) -> tuple[ScoredExplanation | NoExplanation, ...]:
        """Score the best supported candidates of all models, for each of them."""
        candidates = _candidates(group, self)
        if candidates.failure:
            return tuple(_unanswered(candidates.failure) for _ in group)
        ranked = _selected(group, candidates.found, encoder=self.encoder, settings=self.settings)
        supported = [
            [one.candidate.concept for one in ranking if is_supported(one, self.settings)]
            for ranking in ranked
        ]
        return explain_on_shared_list(
            [{one.candidate.concept: one.effect for one in ranking} for ranking in ranked],
            [concepts[: self.settings.n_top] for concepts in supported],
            notes=[{**candidates.notes, "n_candidates": len(candidates.found)}] * len(ranked),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GSCLIPWords:
    """Scores the words of the dictionary by the shift along their direction, one model at a time."""

    encoder: Encoder
    dictionary: tuple[str, ...]
    settings: SelectorSettings = field(default_factory=SelectorSettings)
    name: str = "gsclip_score_solo"

    def __post_init__(self) -> None:
        check_vocabulary(self.dictionary)

    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        """The best supported words, in the order that the settings call for."""
        candidates = rule_based(self.dictionary, self.settings)
        (ranked,) = _selected([pairs], candidates, encoder=self.encoder, settings=self.settings)
        supported = [one for one in ranked if is_supported(one, self.settings)]
        return ScoredExplanation(
            claims=tuple(
                Claim(concept=one.candidate.concept, amount=one.effect)
                for one in supported[: self.settings.n_top]
            ),
            notes={"n_candidates": len(candidates), "n_supported": len(supported)},
        )


def is_supported(one: Selected, settings: SelectorSettings) -> bool:
    """Whether images shift towards a candidate, at the rate of false discoveries that is allowed."""
    return one.q_value <= settings.false_discovery_rate and one.effect > 0


def in_words(one: Selected, *, graded: bool) -> str:
    """A candidate, where `graded` with the adverb for its Cohen's d: small .2, medium .5, large .8 and so on.

    A hypothesis stays as the language model said it, with the degree that it may have.
    """
    concept = one.candidate.concept
    if not graded or one.candidate.sentences == (concept,):
        return concept
    adverb = next(adverb for bound, adverb in _EFFECTS if one.cohens_d <= bound)
    return f"{adverb} {concept}"


class Candidates(NamedTuple):
    """What the generators found, and how the language model's rounds ended."""

    found: tuple[Candidate, ...]
    notes: Notes
    failure: str | None
    """Why the language model proposed nothing at all, where it was asked and gave no answer."""


def _candidates(group: Sequence[ImagePairs], explainer: GSCLIP | GSCLIPScores) -> Candidates:
    settings = explainer.settings
    if settings.generator == "rule":
        return Candidates(rule_based(explainer.dictionary, settings), {}, None)
    proposals = propose(group, vlm=explainer.vlm, settings=settings.proposer)
    hypotheses = sorted({each for proposal in proposals for each in proposal.hypotheses})
    rules = rule_based(explainer.dictionary, settings) if settings.generator == "hybrid" else ()
    failures = {proposal.failure for proposal in proposals}
    return Candidates(
        found=rules + from_language_model(hypotheses, besides=rules),
        notes={"n_from_language_model": len(hypotheses)},
        failure=proposals[0].failure if proposals and None not in failures else None,
    )


def _selected(
    group: Sequence[ImagePairs],
    candidates: Sequence[Candidate],
    *,
    encoder: Encoder,
    settings: SelectorSettings,
) -> list[tuple[Selected, ...]]:
    if not candidates:
        return [() for _ in group]
    remembered = remembering(encoder)
    towards = directions(candidates, encoder=remembered, contrast=settings.contrast)
    return [
        select(candidates, paired_rows(pairs, encoder=remembered), towards, settings=settings)
        for pairs in group
    ]


def _unanswered(failure: str) -> NoExplanation:
    """A language model that was asked and gave no answer is a failure, even where rules have candidates."""
    return NoExplanation(reason=failure, detail="The language model proposed no candidate.")
