"""GSCLIP (Zhu, Liang and Zou, 2022): generate candidate sentences, select those that images support by a test.

Two explainers. `GSCLIP` lists its best candidates in text, as the FineXL paper uses it (§5). `GSCLIPScores` gives each
candidate its effect, the mean shift of the images along its direction, on one list shared by the models compared: a
p-value says how sure a shift is, not how large, and vanishes for every strong one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from baselines.controls import check_vocabulary
from baselines.gsclip_generators import Candidate, from_language_model, rule_based
from baselines.gsclip_selector import Selected, directions, select
from baselines.paired_rows import paired_rows, remembering
from baselines.proposing import propose
from baselines.rival_settings import GSCLIPSettings
from baselines.shared_list import explain_on_shared_list
from baselines.visdiff import told
from finexl.interfaces import VLM, Encoder
from finexl.values import ImagePairs, NoExplanation, ScoredExplanation, TextExplanation

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

    def explain(self, pairs: ImagePairs) -> TextExplanation | NoExplanation:
        """The best supported candidates, one per line; one sentence if there is none."""
        candidates = _candidates([pairs], self)
        if not candidates:
            return _no_candidates()
        (ranked,) = _selected([pairs], candidates, encoder=self.encoder, settings=self.settings)
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
        if not candidates:
            return tuple(_no_candidates() for _ in group)
        ranked = _selected(group, candidates, encoder=self.encoder, settings=self.settings)
        supported = [
            [one.candidate.concept for one in ranking if is_supported(one, self.settings)]
            for ranking in ranked
        ]
        return explain_on_shared_list(
            [{one.candidate.concept: one.effect for one in ranking} for ranking in ranked],
            [concepts[: self.settings.n_top] for concepts in supported],
            notes=[{"n_candidates": len(candidates), "contrast": self.settings.contrast}] * len(ranked),
        )


def is_supported(one: Selected, settings: GSCLIPSettings) -> bool:
    """Whether images shift towards a candidate, at the rate of false discoveries that is allowed."""
    return one.q_value <= settings.false_discovery_rate and one.effect > 0


def in_words(one: Selected, *, graded: bool) -> str:
    """A candidate, where `graded` with the adverb for its Cohen's d: small .2, medium .5, large .8 and so on."""
    adverb = next(adverb for bound, adverb in _EFFECTS if one.cohens_d <= bound) if graded else ""
    return f"{adverb} {one.candidate.concept}".strip()


def _candidates(group: Sequence[ImagePairs], explainer: GSCLIP | GSCLIPScores) -> tuple[Candidate, ...]:
    settings = explainer.settings
    if settings.generator == "rule":
        return rule_based(explainer.dictionary, settings)
    proposals = propose(group, vlm=explainer.vlm, settings=settings.proposer)
    hypotheses = sorted({each for proposal in proposals for each in proposal.hypotheses})
    if settings.generator == "language_model":
        return from_language_model(hypotheses)
    rules = rule_based(explainer.dictionary, settings)
    return rules + from_language_model(hypotheses, besides=rules)


def _selected(
    group: Sequence[ImagePairs],
    candidates: Sequence[Candidate],
    *,
    encoder: Encoder,
    settings: GSCLIPSettings,
) -> list[tuple[Selected, ...]]:
    remembered = remembering(encoder)
    towards = directions(candidates, encoder=remembered, contrast=settings.contrast)
    return [
        select(candidates, paired_rows(pairs, encoder=remembered), towards, settings=settings)
        for pairs in group
    ]


def _no_candidates() -> NoExplanation:
    return NoExplanation(reason="empty", detail="The language model proposed no candidate.")
