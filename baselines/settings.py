"""Settings of the explainers: numbers as published where they are, and a named choice where they are not.

This file does not need torch, so that command lines can show the settings at once. What is out of range raises
`InvalidInputError` when the settings are made.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from finexl.errors import InvalidInputError
from finexl.template import ConceptTemplate

Pairing = Literal["prompt", "none"]
Contrast = Literal["neutral", "negation"]
Test = Literal["paired", "welch"]
Ranking = Literal["effect", "p_value"]
Generator = Literal["rule", "language_model", "hybrid"]
PairCaptionerKind = Literal["chg2cap", "diff_caption"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NaiveSettings:
    """How the naive methods ask."""

    n_vlm_pairs: int = 8
    """How many pairs, spread evenly, the one question shows. The paper says nothing of it; one question cannot show
    every pair, since models take few images at once."""

    def __post_init__(self) -> None:
        _at_least_one(self, "n_vlm_pairs")


@dataclass(frozen=True, slots=True, kw_only=True)
class PairCaptionSettings:
    """Which captioner of image pairs is asked."""

    captioner: PairCaptionerKind = "chg2cap"
    """Which of the miniature's captioners speaks where no `folder` is given."""
    folder: Path | None = None
    """A captioner of one's own, made by `python -m baselines train` or `convert`; its kind stands in the folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnePairSettings(PairCaptionSettings):
    """Which pair is captioned, as the paper gives one pair to Chg2Cap and Diff Caption (§5)."""

    pair: int = 0
    """Position of the pair; counted around where there are fewer pairs."""

    def __post_init__(self) -> None:
        if self.pair < 0:
            raise InvalidInputError(f"`pair` must be at least 0. Got {self.pair!r}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyPairsSettings(PairCaptionSettings):
    """How many captions are counted, and how many must agree."""

    n_pairs: int = 16
    """How many pairs, spread evenly over the prompts, are captioned; the paper's rivals see one."""
    minimum_share: float = 0.25
    """An aspect is reported if at least this share of the captions names it; in [0, 1]."""

    def __post_init__(self) -> None:
        _at_least_one(self, "n_pairs")
        if not 0 <= self.minimum_share <= 1:
            raise InvalidInputError(f"`minimum_share` must be in [0, 1]. Got {self.minimum_share!r}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposerSettings:
    """How a language model is asked for hypotheses: the configuration that VisDiff's authors used for two generators.

    Source: Understanding-Visual-Datasets/VisDiff, `configs/base.yaml` and `applications/Diffusion/parti.yaml`.
    """

    pairing: Pairing = "prompt"
    """`prompt` lists both captions of a prompt together; `none` draws from each group by itself, for any two sets."""
    n_rounds: int = 3
    """How many questions the language model is asked about a model, each about other images."""
    n_samples: int = 20
    """How many captions of each group one question lists."""
    n_hypotheses: int = 10
    """How many hypotheses are taken from one answer; the question asks for as many."""
    seed: int = 0
    """Decides which images are captioned in which round."""

    def __post_init__(self) -> None:
        _at_least_one(self, "n_rounds", "n_samples", "n_hypotheses")


@dataclass(frozen=True, slots=True, kw_only=True)
class VisDiffSettings(ProposerSettings):
    """How VisDiff ranks and reports what was proposed."""

    n_top: int = 5
    """Hypotheses that an explanation in text names; the authors evaluate five."""
    false_discovery_rate: float = 0.05
    """Hypotheses are supported if Benjamini and Hochberg's procedure keeps them at this rate; 1 keeps all, as
    published: there a Welch test is stored and filters nothing."""

    def __post_init__(self) -> None:
        ProposerSettings.__post_init__(self)
        _at_least_one(self, "n_top")
        _is_rate(self.false_discovery_rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisDiffWordsSettings:
    """How VisDiff's number is given to the words of the dictionary, without captions and hypotheses."""

    false_discovery_rate: float = 0.05
    """As in `VisDiffSettings`, over all words."""

    def __post_init__(self) -> None:
        _is_rate(self.false_discovery_rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectorSettings:
    """How GSCLIP selects; its paper (arXiv 2206.15007) comes without code, so choices are named."""

    templates: tuple[str, ...] = ("a {word} photo",)
    """Sentences of the rule-based generator; the directions of several are averaged."""
    negations: tuple[str, ...] = ("a photo that is not {word}",)
    """What each of `templates` is held against where `contrast` is `negation`: one sentence for each, in order."""
    contrast: Contrast = "neutral"
    """What a sentence is held against: its negation, as published, or the mean of all candidates. Encoders of
    images and texts barely tell a sentence from its negation, so that the difference is mostly noise."""
    test: Test = "paired"
    """Images come in pairs of one prompt and noise; `welch` forgets that, as the published two-sample test does."""
    false_discovery_rate: float = 0.05
    """The paper calls p < .05 supported, whatever the number of candidates."""
    ranking: Ranking = "effect"
    """What orders supported candidates: the size of the shift, or the p-value as published. Of paired images the
    smallest p belongs to the steadiest shift, however small: on the miniature's development aspects that is rarely
    the right word."""
    n_top: int = 15
    """How many supported candidates are scored; the paper's largest list."""

    def __post_init__(self) -> None:
        _at_least_one(self, "n_top")
        _is_rate(self.false_discovery_rate)
        for name in ("templates", "negations"):
            if not getattr(self, name) or not all("{word}" in text for text in getattr(self, name)):
                raise InvalidInputError(
                    f"`{name}` must hold sentences with {{word}} in each. Got {getattr(self, name)!r}."
                )
        if len(self.templates) != len(self.negations):
            raise InvalidInputError(
                "`negations` must hold one sentence for each of `templates`. "
                f"Got {len(self.negations)} for {len(self.templates)}."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class GSCLIPSettings(SelectorSettings):
    """How GSCLIP generates, and what a text says beside what its selector finds."""

    generator: Generator = "hybrid"
    """`rule` fills `templates` with the dictionary; `language_model` asks for hypotheses; `hybrid` unites both."""
    graded: bool = True
    """Whether a text says how large each effect is, by Cohen's and Sawilowsky's words for it."""
    n_told: int = 5
    """How many supported candidates a text names."""
    proposer: ProposerSettings = field(default_factory=ProposerSettings)
    """How the language model is asked; GPT-2 continued the templates without seeing anything of the images."""

    def __post_init__(self) -> None:
        SelectorSettings.__post_init__(self)
        _at_least_one(self, "n_told")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpLiCESettings:
    """SpLiCE's penalty (AI4LIFE-GROUP/SpLiCE)."""

    penalty: float = 0.25
    """Weight of the sum of weights against the squared error; the authors' examples use .15 to .35."""

    def __post_init__(self) -> None:
        if not 0 < self.penalty < float("inf"):
            raise InvalidInputError(f"`penalty` of SpLiCE must be positive. Got {self.penalty!r}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSpanSettings:
    """TextSpan's sizes (yossigandelsman/clip_prs), and what differences call for."""

    n_texts: int = 10
    """How many texts are found at most, one after the other."""
    rank: int = 80
    """Texts are projected on the span of so many leading right singular vectors of the data, or all there are."""
    centre_data: bool = False
    """Whether the data are centred: as published they are, and the spread over samples is explained. For differences
    between two models the origin means "no change", and centring would remove the very shift to be explained."""
    signed: bool = True
    """Whether only texts that the shift points towards can be found; as published, the opposite counts too."""

    def __post_init__(self) -> None:
        _at_least_one(self, "n_texts", "rank")


@dataclass(frozen=True, slots=True, kw_only=True)
class CompConSettings:
    """The two thresholds of CompCon's score (arXiv 2509.08940, which calls them t and δ and leaves them to tune)."""

    margin: float = 0.05
    """δ: by how much more the personalized image must be similar to the attribute, as a cosine."""
    threshold: float | None = None
    """t: the cosine from which an image shows the attribute; None takes the mean similarity of the base images to
    it, since similarities of different words and encoders have different levels."""
    n_top: int = 10
    """How many attributes are reported at most, those with the largest shares."""

    def __post_init__(self) -> None:
        _at_least_one(self, "n_top")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedSettings:
    """What the authors' public script has as its options and constants (pittisl/ExplainablePersonalization)."""

    e_ortho: float = 1.0
    """A concept is kept if its signed cosines with those already kept sum to less than this."""
    e_decomp: float = 0.0
    """Concepts are added until the script's residual falls below this; at 0, the script's value, never."""
    n_vlm_pairs: int | None = None
    """How many pairs the VLM is shown, one at a time; None is all of them, as in the script."""
    template: ConceptTemplate = field(
        default_factory=lambda: ConceptTemplate(
            with_concept="a{concept} photo of {prompt}", without="a photo of {prompt}"
        )
    )
    """The script's texts: no space before the concept."""

    def __post_init__(self) -> None:
        if self.n_vlm_pairs is not None:
            _at_least_one(self, "n_vlm_pairs")


def _at_least_one(settings: object, *names: str) -> None:
    for name in names:
        if getattr(settings, name) < 1:
            raise InvalidInputError(f"`{name}` must be at least 1. Got {getattr(settings, name)!r}.")


def _is_rate(rate: float) -> None:
    if not 0 < rate <= 1:
        raise InvalidInputError(f"`false_discovery_rate` must be in (0, 1]. Got {rate!r}.")
