"""The table of explainers: what each is called, is built from, asks and is known to fail; and how one is built.

An explainer from elsewhere (`package.module:Class`, `path/to/mine.py:Class`) has no row: its constructor says by the
names of its parameters what it is built from, and gets the same encoder, model and settings as a row's would.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, asdict, dataclass, field, is_dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from pydantic import TypeAdapter

from baselines.settings import (
    CompConSettings,
    GSCLIPSettings,
    ManyPairsSettings,
    NaiveSettings,
    OnePairSettings,
    ReleasedSettings,
    SelectorSettings,
    SpLiCESettings,
    TextSpanSettings,
    VisDiffSettings,
    VisDiffWordsSettings,
)
from baselines.shipped import captioner_folder
from benchmark.parts import questions
from benchmark.parts.code import OUTSIDE, explainer_code, stranger_code
from benchmark.parts.described_types import stand_in
from benchmark.parts.dictionary import public_dictionary
from benchmark.parts.encoders import EncoderSettings
from benchmark.parts.identity import digest, folder_digest
from benchmark.parts.questions import Asked, Asks, no_questions
from benchmark.parts.strangers import (
    DICTIONARY,
    ENCODER,
    MODEL,
    PUBLIC,
    SEED,
    facts_of,
    label,
    load_stranger,
    settings_class,
)
from benchmark.parts.strictness import settings
from benchmark.parts.table import Part, construct, imported, row
from benchmark.parts.vlms import VLMSettings, vlm_facts
from benchmark.record.records import Track
from finetune.miniature.models import GROUNDINGS
from finexl.errors import InvalidInputError, unknown_name
from finexl.robust.settings import RobustSettings
from finexl.settings import FineXLSettings

if TYPE_CHECKING:
    from torch import Tensor

    from finexl.interfaces import VLM, Encoder

CONCEPTS, PROBE, CAPTIONER, GROUNDING = "concepts", "probe", "captioner", "grounding"
"""What else an explainer can be built from, by the names of its constructor's parameters; `captioner` is in its
settings."""


@dataclass(frozen=True, slots=True)
class ExplainerPart(Part):
    """A row of the table of explainers."""

    _: KW_ONLY
    uses: tuple[str, ...]
    """What its constructor is handed beside settings and name, and its key covers."""
    asks: Asks
    """The questions that it asks about one model, for the dry run."""
    track: Track
    """What it is given: solo if what it says of a model never depends on other models; one that is told the aspects is
    no fair rival."""
    n_draws: int = 1
    """Of how many draws its score is the mean; more than one for who answers by chance."""
    fails_by_design: Mapping[str, str] = field(default_factory=dict)
    """Rules of `check` that it breaks on purpose, and why."""


@settings
class NoSettings:
    """An explainer without settings."""


_NO_IMAGE = "this control opens no image"
EXPLAINERS: dict[str, ExplainerPart] = {
    "chg2cap": ExplainerPart(
        "baselines.captioners:load_one_pair",
        about="Chg2Cap captions the difference of one image pair, as the paper asks it (§5).",
        settings=OnePairSettings,
        uses=(CAPTIONER,),
        asks=no_questions,
        track="solo",
    ),
    "chg2cap_pairs": ExplainerPart(
        "baselines.captioners:load_many_pairs",
        about="Chg2Cap asked about many pairs: the aspects that its captions agree on, with their mean degree.",
        settings=ManyPairsSettings,
        uses=(CAPTIONER,),
        asks=no_questions,
        track="solo",
    ),
    "compcon": ExplainerPart(
        "baselines.compcon:CompCon",
        about="CompCon's paired margin: share of prompts whose personalized image shows more of a word "
        "(arXiv 2509.08940).",
        settings=CompConSettings,
        uses=(ENCODER, DICTIONARY),
        asks=no_questions,
        track="solo",
    ),
    "constant": ExplainerPart(
        "baselines.controls:ConstantScores",
        about="Control: the same score for every aspect of every model; shows what the rule for ties gives away.",
        settings=NoSettings,
        uses=(CONCEPTS,),
        asks=no_questions,
        track="told",
        fails_by_design={"identical_pairs": _NO_IMAGE},
    ),
    "divergence_norm": ExplainerPart(
        "baselines.controls:DivergenceNorm",
        about="Control: the length of V_div as the score of every aspect; ranks how much, never says what.",
        settings=NoSettings,
        uses=(ENCODER, CONCEPTS),
        asks=no_questions,
        track="told",
    ),
    "every_word": ExplainerPart(
        "baselines.controls:EveryWord",
        about="Control: every word of the public dictionary by its plain projection on V_div; claims much, "
        "little of it true.",
        settings=NoSettings,
        uses=(ENCODER, DICTIONARY),
        asks=no_questions,
        track="solo",
    ),
    "finexl": ExplainerPart(
        "finexl.robust.explainer:FineXL",
        about="FineXL as this library explains: words of the dictionary and of a VLM, synonyms as one aspect, a sparse "
        "signed decomposition of V_div, claims only where prompts agree.",
        settings=RobustSettings,
        uses=(ENCODER, MODEL, DICTIONARY),
        asks=questions.finexl_asks,
        track="solo",
    ),
    "finexl_grounded": ExplainerPart(
        "finexl.robust.explainer:FineXL",
        about="FineXL given one thing more than other rows: what the miniature's base generator shows when asked for "
        "the words.",
        settings=RobustSettings,
        uses=(ENCODER, MODEL, DICTIONARY, GROUNDING),
        code=("finexl.robust.explainer:FineXL", "finexl.robust.grounding:grounding_in"),
        asks=questions.finexl_asks,
        track="solo",
    ),
    "finexl_paper": ExplainerPart(
        "finexl.explainer:PaperFineXL",
        about="Algorithm 1 of the paper: discover concepts with a VLM, admit orthogonal ones, decompose V_div.",
        settings=FineXLSettings,
        uses=(ENCODER, MODEL),
        asks=questions.paper_asks,
        track="solo",
    ),
    "finexl_released": ExplainerPart(
        "baselines.finexl_released:ReleasedFineXL",
        about="FineXL as its authors' public script computes it, departures from the paper included; the question is "
        "ours (pittisl/ExplainablePersonalization).",
        settings=ReleasedSettings,
        uses=(ENCODER, MODEL),
        asks=questions.released_asks,
        track="solo",
    ),
    "gsclip": ExplainerPart(
        "baselines.gsclip.explainers:GSCLIP",
        about="GSCLIP in text: candidate sentences that a test on projections supports (Zhu et al., arXiv 2206.15007); "
        "ours: neutral contrast, paired test, false-discovery control, order by effect, words of degree.",
        settings=GSCLIPSettings,
        uses=(ENCODER, MODEL, DICTIONARY),
        asks=questions.gsclip_asks,
        track="solo",
    ),
    "gsclip_score": ExplainerPart(
        "baselines.gsclip.explainers:GSCLIPScores",
        about="GSCLIP's own number: the shift along each candidate's direction, held against the mean of all "
        "candidates; one list for all models of a group.",
        settings=GSCLIPSettings,
        uses=(ENCODER, MODEL, DICTIONARY),
        asks=questions.gsclip_asks,
        track="joint",
    ),
    "gsclip_score_solo": ExplainerPart(
        "baselines.gsclip.explainers:GSCLIPWords",
        about="GSCLIP's own number for the words of the public dictionary, one model at a time, without a language "
        "model.",
        settings=SelectorSettings,
        uses=(ENCODER, DICTIONARY),
        asks=no_questions,
        track="solo",
    ),
    "naive_text": ExplainerPart(
        "baselines.naive_text:NaiveText",
        about="The VLM alone describes the differences in words of degree, which a judge reads (paper §5, App. C).",
        settings=NaiveSettings,
        uses=(MODEL,),
        asks=questions.naive_text_asks,
        track="solo",
    ),
    "naive_vlm": ExplainerPart(
        "baselines.naive:NaiveVLM",
        about="The VLM alone is shown image pairs and asked for aspects with scores from 1 to 10 (paper §5).",
        settings=NaiveSettings,
        uses=(MODEL,),
        asks=questions.naive_scores_asks,
        track="solo",
    ),
    "oracle_concepts": ExplainerPart(
        "baselines.oracle:OracleConcepts",
        about="Ceiling: FineXL that is told the true names of the aspects, so that only the scoring is left to do.",
        settings=FineXLSettings,
        uses=(ENCODER, CONCEPTS),
        asks=no_questions,
        track="told",
    ),
    "oracle_probe": ExplainerPart(
        "baselines.oracle:OracleProbe",
        about="Ceiling: a linear probe trained on the corpus' own labels; shows how much truth the images hold.",
        settings=NoSettings,
        uses=(ENCODER, CONCEPTS, PROBE),
        asks=no_questions,
        track="told",
    ),
    "random": ExplainerPart(
        "baselines.controls:RandomScores",
        about="Control: random scores for every aspect; what an answer without any evidence is worth, as the mean of "
        "100 draws.",
        settings=NoSettings,
        uses=(CONCEPTS, SEED),
        asks=no_questions,
        track="told",
        n_draws=100,
        fails_by_design={
            "name_invariance": "this control's scores are a hash of the id",
            "identical_pairs": _NO_IMAGE,
        },
    ),
    "splice": ExplainerPart(
        "baselines.splice:SpLiCE",
        about="SpLiCE on V_div: sparse non-negative weights of centred dictionary words (Bhalla et al., "
        "NeurIPS 2024).",
        settings=SpLiCESettings,
        uses=(ENCODER, DICTIONARY),
        asks=no_questions,
        track="solo",
    ),
    "textspan": ExplainerPart(
        "baselines.textspan:TextSpan",
        about="TextSpan on per-prompt differences: words found one by one by deflation, null directions left out "
        "(Gandelsman et al., ICLR 2024).",
        settings=TextSpanSettings,
        uses=(ENCODER, DICTIONARY),
        asks=no_questions,
        track="solo",
    ),
    "visdiff": ExplainerPart(
        "baselines.visdiff.explainers:VisDiff",
        about="VisDiff in text: captions by prompt, a language model's hypotheses, the best by AUROC (Dunlap et al., "
        "CVPR 2024); ours: false-discovery control, ties by the mean difference.",
        settings=VisDiffSettings,
        uses=(ENCODER, MODEL),
        asks=questions.proposer_asks,
        track="solo",
    ),
    "visdiff_auroc": ExplainerPart(
        "baselines.visdiff.explainers:VisDiffAUROC",
        about="VisDiff's own number: the AUROC of each hypothesis, on one list shared by the models compared.",
        settings=VisDiffSettings,
        uses=(ENCODER, MODEL),
        asks=questions.proposer_asks,
        track="joint",
    ),
    "visdiff_auroc_solo": ExplainerPart(
        "baselines.visdiff.explainers:VisDiffWords",
        about="VisDiff's own number for the words of the public dictionary, one model at a time, without a VLM.",
        settings=VisDiffWordsSettings,
        uses=(ENCODER, DICTIONARY),
        asks=no_questions,
        track="solo",
    ),
}
"""Every kind of explainer of the suite; `configs/explainer/` holds variants, which are a kind with other options."""


@settings
class ExplainerConfig:
    """An explainer by the name that it has in a run."""

    name: str
    kind: str
    """A name in `EXPLAINERS`, or the path of a class from elsewhere."""
    options: Any = field(default_factory=dict)
    """Settings of the class that the kind's row names; of an explainer from elsewhere what was given, unchanged."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "options", _checked(self.kind, self.options))  # frozen from here on


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplies:
    """What explainers are built from; encoder, VLM and probe are loaded by those that call for them."""

    config: ExplainerConfig
    concepts: tuple[str, ...]
    """The aspects of the corpus in words, for control rows and ceilings."""
    seed: int
    encoder: "Callable[[], Encoder]"
    vlm: "Callable[[], VLM]"
    probe: "Callable[[], Tensor]"


@runtime_checkable
class Built(Protocol):
    """The part of a run's settings that explainers are built from."""

    @property
    def encoder(self) -> EncoderSettings: ...

    @property
    def vlm(self) -> VLMSettings: ...

    @property
    def seed(self) -> int: ...


def is_from_elsewhere(kind: str) -> bool:
    """Whether a kind is the path of a class and not a name in the table."""
    return ":" in kind


def build_explainer(supplies: Supplies) -> object:
    """The explainer of a configuration, handed what its row or its constructor calls for.

    Raises:
        UnknownNameError: There is none of that kind.
        InvalidInputError: A constructor asks for what it cannot have, or what is needed is missing.
    """
    config = supplies.config
    known: dict[str, Callable[[], object]] = {
        ENCODER: supplies.encoder,
        MODEL: supplies.vlm,
        DICTIONARY: public_dictionary,
        CONCEPTS: lambda: supplies.concepts,
        SEED: lambda: supplies.seed,
        PROBE: supplies.probe,
        GROUNDING: lambda: shipped_grounding(supplies.encoder()),
    }
    if is_from_elsewhere(config.kind):
        build = load_stranger(config.kind)
        # only these: a constructor that asks for the concepts of a corpus is refused, not answered
        public = {name: known[name] for name in PUBLIC}
        if (owner := settings_class(build)) is not None:
            public["settings"] = lambda: _stranger_options(config, owner)
        return construct(build, public, who=label(config.kind))
    part = row("explainer", config.kind, EXPLAINERS)
    # a row says what is handed in, not the constructor: a key that missed an input would serve old answers
    handed = {name: known[name] for name in part.uses if name in known}
    own = {"settings": lambda: config.options, "name": lambda: config.name}
    return construct(imported(part.target), {**own, **handed}, who=config.kind)


def explainer_key(
    config: ExplainerConfig,
    given: Built,
    concepts: Sequence[str],
    *,
    probe: Callable[[], Mapping[str, Any]],
) -> str:
    """A hash of what an explanation depends on beside the images: code, options, encoder, VLM, vocabulary.

    `probe` says what the oracle probe is made of; asked only for an explainer that uses it.
    """
    facts: dict[str, Any] = {"kind": label(config.kind), "options": options_of(config)}
    uses = uses_of(config)
    if is_from_elsewhere(config.kind):
        facts["code"] = [explainer_code(*OUTSIDE, uses=uses), stranger_code(config.kind)]
    else:
        part = row("explainer", config.kind, EXPLAINERS)
        checked_by = f"{part.settings.__module__}:{part.settings.__qualname__}"
        facts["code"] = explainer_code(*part.versioned, checked_by, uses=uses)
        if CAPTIONER in uses:
            del facts["options"]["folder"]  # what is in it counts, not where it lies
    inputs: dict[str, Callable[[], object]] = {
        ENCODER: lambda: given.encoder.identity,
        MODEL: lambda: vlm_facts(given.vlm),
        DICTIONARY: lambda: list(public_dictionary()),
        CONCEPTS: lambda: list(concepts),
        SEED: lambda: given.seed,
        PROBE: probe,
        CAPTIONER: lambda: folder_digest(
            captioner_folder(config.options), f"explainer_settings.{config.name}.folder"
        ),
        GROUNDING: lambda: folder_digest(GROUNDINGS),
    }
    return digest({**facts, **{use: inputs[use]() for use in uses}})


def shipped_grounding(encoder: "Encoder") -> object:
    """Public words as the miniature's base generator shows them, for its encoders."""
    from finexl.robust.grounding import grounding_in

    return grounding_in(GROUNDINGS, encoder.id)


def asked_about_model(config: ExplainerConfig, n_prompts: int) -> list[Asked]:
    """An explainer's questions about one model; nothing is known of those of one from elsewhere."""
    if is_from_elsewhere(config.kind):
        return []
    return row("explainer", config.kind, EXPLAINERS).asks(config.options, n_prompts)


def uses_of(config: ExplainerConfig) -> tuple[str, ...]:
    """What an explainer is built from beside settings and name: its row says it, or its constructor does."""
    if is_from_elsewhere(config.kind):
        return facts_of(config.kind).uses
    return row("explainer", config.kind, EXPLAINERS).uses


def track_of(config: ExplainerConfig) -> Track:
    """What an explainer is given: its row says so, or the method of one from elsewhere."""
    if is_from_elsewhere(config.kind):
        return "joint" if facts_of(config.kind).is_joint else "solo"
    return row("explainer", config.kind, EXPLAINERS).track


def draws_of(config: ExplainerConfig) -> int:
    """Of how many draws an explainer's score is the mean."""
    return 1 if is_from_elsewhere(config.kind) else row("explainer", config.kind, EXPLAINERS).n_draws


def options_of(config: ExplainerConfig) -> dict[str, Any]:
    """The settings of an explainer as plain values."""
    return asdict(config.options) if is_dataclass(config.options) else dict(config.options)  # type: ignore[arg-type]


def stranger_settings(config: ExplainerConfig) -> type | None:
    """A stand-in for the class that an explainer from elsewhere takes its `settings` as; None if it takes none.

    Raises:
        InvalidInputError: Settings are given and it takes none, or does not say which; or it cannot be imported.
    """
    facts = facts_of(config.kind)
    if not facts.takes_settings:
        if config.options:
            first = next(iter(config.options))
            raise InvalidInputError(
                f"`explainer_settings.{config.name}.{first}` must be read by the explainer, and the constructor of "
                f"{label(config.kind)} has no parameter `settings`. Got {config.options[first]!r}. Leave it out, or "
                "add the parameter with a dataclass as its type."
            )
        return None
    if facts.settings is None:
        raise InvalidInputError(
            f"The parameter `settings` of {label(config.kind)} must have a dataclass as its type. "
            "Write it as in: def __init__(self, settings: MySettings)."
        )
    return stand_in(facts.settings)


def _checked(kind: str, options: Any) -> Any:
    """Options as the settings of a kind; those of an explainer from elsewhere are read when it is built."""
    if is_from_elsewhere(kind):
        return dict(options)
    owner = row("explainer", kind, EXPLAINERS).settings
    known = owner.__dataclass_fields__
    if isinstance(options, Mapping) and (unknown := options.keys() - known.keys()):
        raise unknown_name("options", min(unknown), known)
    return TypeAdapter(owner).validate_python(options)


def _stranger_options(config: ExplainerConfig, owner: type) -> object:
    return TypeAdapter(owner).validate_python(config.options)
