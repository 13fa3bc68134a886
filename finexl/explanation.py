"""What is known about how a model changed: claims with amounts, intervals and verdicts, as people and programs read it.

This file does not need torch.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, Any

from PIL import Image

from finexl.values import Claim, ImagePairs, ScoredExplanation

if TYPE_CHECKING:
    import pandas

SCHEMA_VERSION = 2
"""Of the JSON that explanations are written as."""

Interval = tuple[float, float]


class Verdict(StrEnum):
    """What the pairs say about a model, or about one claim."""

    CHANGED = "changed"
    UNCHANGED = "no detectable change"
    NOT_ENOUGH_DATA = "not enough data"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedClaim:
    """One aspect in which the model changed, by how much, and how sure that is."""

    concept: str
    """The name that fits best."""
    other_names: tuple[str, ...] = ()
    """Synonyms that the encoder cannot tell from `concept`."""
    amount: float
    """Signed, on one scale across models of one encoder: 1 is the length of the concept's own vector."""
    interval: Interval
    """95 % interval of the amount over redrawn prompts."""
    p_value: float
    """Of no change in this aspect; claims of a verdict `changed` hold the false discovery rate of the settings."""
    verdict: Verdict
    """`changed`: it holds by itself. `not enough data`: it does not; where the model changed, it is the best guess.
    `no detectable change`: nothing moved, or no further than training on the base model's own images moves a model."""
    inseparable: tuple[str, ...] = ()
    """Other aspects that the data cannot separate from this one: one or several of the set changed."""
    most_moved: tuple[int, ...] = ()
    """Pairs that moved most along the claim, by their index, strongest first."""
    least_moved: tuple[int, ...] = ()
    """Pairs that moved least, or the other way, weakest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """How a personalized model differs from its base: a verdict, and claims with intervals, strongest first."""

    verdict: Verdict
    claims: tuple[ExplainedClaim, ...]
    """Those of verdict `changed` first, by falling absolute amount; then the others."""
    n_pairs: int
    pairs_needed: int | None = None
    """About how many pairs would settle a verdict `not enough data`; None elsewhere, and where nothing says it."""
    smallest_change: float | None = None
    """The smallest amount that these pairs would have shown with a chance of 80 %; None where undefined."""
    shift: float
    """‖V_div‖ (Eq. 5), the length of the mean shift of image embeddings, ≥ 0."""
    floor: float | None = None
    """‖V_div‖ of base against base at this number of pairs, ≥ 0; None where it could not be measured."""
    explained: float | None = None
    """Share of the shift that the claims explain, in [0, 1]; None where nothing moved."""
    explained_interval: Interval | None = None
    paired: bool = True
    """Whether both images of a pair come from one prompt and noise."""
    encoder: str
    """Id of the encoder."""
    vocabulary: str
    """Where the words came from, and how many."""
    prompts: tuple[str, ...] = ()
    """One per pair; empty where they are unknown."""
    pair_names: tuple[str, ...] = ()
    """What the files of each pair are called; empty where pairs come from no files."""
    notes: dict[str, float | int | str] = field(default_factory=dict)

    @property
    def changes(self) -> tuple[ExplainedClaim, ...]:
        """The claims that hold by themselves."""
        return tuple(claim for claim in self.claims if claim.verdict is Verdict.CHANGED)

    @property
    def told(self) -> tuple[ExplainedClaim, ...]:
        """The best account of a change that holds as a whole, strongest first: sure claims and guesses alike."""
        if self.verdict is not Verdict.CHANGED:
            return ()
        told = [claim for claim in self.claims if claim.verdict is not Verdict.UNCHANGED]
        return tuple(sorted(told, key=lambda claim: (-abs(claim.amount), claim.concept)))

    def scored(self) -> ScoredExplanation:
        """What is told as claims with amounts alone, which is what a benchmark reads."""
        return ScoredExplanation(
            claims=tuple(Claim(concept=claim.concept, amount=claim.amount) for claim in self.told),
            residual=None if self.explained is None else 1 - self.explained,
            notes=self.notes,
        )

    def to_json(self) -> str:
        """JSON of a versioned schema, which `from_json` reads back without loss."""
        return _shown_by("json_form", "to_json")(self)

    @classmethod
    def from_json(cls, text: str | bytes) -> "Explanation":
        """What `to_json` wrote; raises `InvalidInputError` for everything else."""
        return _shown_by("json_form", "from_json")(text)

    def to_frame(self) -> "pandas.DataFrame":
        """A table of pandas with a row per claim."""
        return _shown_by("frame", "to_frame")(self)

    def to_html(self, pairs: ImagePairs | None = None) -> str:
        """A page that needs nothing else; with the `pairs` that were explained it shows some of them."""
        return _shown_by("page", "to_html")(self, pairs)

    def to_markdown(self) -> str:
        """A section of a model card."""
        return _shown_by("model_card", "to_markdown")(self)

    def plot(self) -> Image.Image:
        """A picture with a bar and an interval per claim."""
        return _shown_by("drawing", "plot")(self)

    def _repr_html_(self) -> str:
        return _shown_by("page", "fragment")(self)

    def __str__(self) -> str:
        return _shown_by("terminal", "plain_card")(self)


def _shown_by(module: str, name: str) -> Callable[..., Any]:
    """A function of `finexl.explain`, found by a computed name: how a card looks is in no key of results."""
    return getattr(import_module(f"finexl.explain.{module}"), name)
