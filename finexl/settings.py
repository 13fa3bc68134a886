"""FineXL's settings: every point that Algorithm 1 leaves open, as a named parameter with its reason.

This file does not need torch, so that command lines can show the settings at once.
"""

import math
from dataclasses import dataclass, field
from typing import Literal, get_args

from finexl.errors import InvalidInputError, unknown_name
from finexl.template import ConceptTemplate

Mode = Literal["paper"]
Reduction = Literal["mean", "sum"]
Projection = Literal["signed", "absolute", "max_absolute"]
Embeddings = Literal["as_given", "unit"]
Order = Literal["first_named", "times_named", "projection", "alphabetical"]
PromptVariant = Literal["original", "condensed", "elaborated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FineXLSettings:
    """How FineXL explains."""

    mode: Mode = "paper"
    """`paper` is Algorithm 1 line by line."""

    reduction: Reduction = "mean"
    """How Eq. 5 and 6 combine the prompts. Both equations sum, and Algorithm 1 divides only V_div by |T|; the
    mean for both has the same directions and gives scores that do not depend on the number of prompts."""

    embeddings: Embeddings = "as_given"
    """`unit` scales every row of the encoder to length 1 before differences are taken. The default trusts the
    encoder, since encoders promise unit rows; raw rows mix the length of a prompt into f(C). Nothing changes with
    the encoders of this suite, whose rows are unit already; it is for one of your own that breaks the promise."""

    template: ConceptTemplate = field(default_factory=ConceptTemplate)
    """How t ∪ C is written. The default follows the prompts of the paper's synthetic data, such as
    "a cartoon style photo: ..." (App. D)."""

    projection: Projection = "signed"
    """How Eq. 9 counts a projection. The paper sums signed cosines, so that opposite concepts cancel;
    `absolute` sums their sizes and `max_absolute` takes the largest."""

    order: Order = "projection"
    """In which order concepts are tried. The filter is greedy, so the order decides what is kept, and the paper's set
    has none. `first_named` and `times_named` (most often first) follow the VLM's answers, `projection` takes the
    largest |V_div · f(C)| / ‖f(C)‖ first, `alphabetical` knows nothing. Ties are alphabetical. Chosen with `e_ortho` on
    development aspects: `python -m benchmark tune`."""

    e_ortho: float = 0.5
    """A concept is admitted if its orthogonality (Eq. 9) is below this. The paper gives no value; chosen as `order`
    is. All f(C) share a direction (mean cosine about .3), so that small values reject nearly everything after the
    first concept."""

    e_decomp: float = 0.2
    """Admission stops once the residual (Eq. 11) is below this; 0.2 is the value of App. B."""

    decomp_relative: bool = True
    """Whether `e_decomp` is a fraction of ‖V_div‖, as in App. B, or an absolute length, as in Eq. 11."""

    n_vlm_pairs: int | None = None
    """How many pairs, spread evenly over the prompts, the VLM is shown; None is every pair, as in Algorithm 1. A few
    are a shortcut where each question costs money: new words become rare after about eight."""

    pairs_per_question: int = 1
    """How many pairs one question shows; Algorithm 1 asks about one pair at a time."""

    prompt: PromptVariant = "original"
    """How Figure 5's question is put: as it is, or one of the two rewrites of App. G."""

    def __post_init__(self) -> None:
        for name, choices in (
            ("mode", Mode),
            ("reduction", Reduction),
            ("embeddings", Embeddings),
            ("order", Order),
            ("projection", Projection),
        ):
            if getattr(self, name) not in get_args(choices):
                raise unknown_name(name, str(getattr(self, name)), get_args(choices))
        if not (math.isfinite(self.e_ortho) and self.e_ortho > 0):
            raise InvalidInputError(
                "`e_ortho` must be positive and finite: the first concept has orthogonality 0 and must pass. "
                f"Got {self.e_ortho!r}."
            )
        if not (math.isfinite(self.e_decomp) and self.e_decomp >= 0):
            raise InvalidInputError(f"`e_decomp` must be finite and not negative. Got {self.e_decomp!r}.")
        n_shown = 1 if self.n_vlm_pairs is None else self.n_vlm_pairs
        if min(n_shown, self.pairs_per_question) < 1:
            raise InvalidInputError(
                "`n_vlm_pairs` and `pairs_per_question` must be at least 1; `n_vlm_pairs` may be None, for all pairs. "
                f"Got {self.n_vlm_pairs!r} and {self.pairs_per_question!r}."
            )
