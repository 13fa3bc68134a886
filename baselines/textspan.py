"""TextSpan (Gandelsman et al., 2024) on per-prompt differences: words found one by one, each taken out of the data.

As published (yossigandelsman/clip_prs, `compute_complete_text_set.py`): texts are projected on the span of the leading
right singular vectors of the data; then, again and again, the text with the largest spread of projections is taken, and
its direction is removed from the data and from all texts. The data here are differences between two models' images for
the same prompt, and what departs because of it is a setting with its reason. One thing departs without a setting: null
directions, in which no image differs beyond rounding, are left out of the span although the published code keeps as
many as `rank` says; texts would be projected on noise.
"""

from dataclasses import dataclass, field

import torch
from jaxtyping import Float64
from torch import Tensor

from baselines.controls import check_vocabulary
from baselines.paired_rows import paired_rows, remembering, unit_rows
from baselines.settings import TextSpanSettings
from finexl.embeddings import text_rows
from finexl.interfaces import Encoder
from finexl.values import Claim, ImagePairs, ScoredExplanation

_ZERO = 1e-9
"""A direction or spread below this share of the first is rounding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A text that deflation took, and what the data showed along its direction at that step."""

    index: int
    spread: float
    """Root mean square of the projections on its direction."""
    shift: float
    """Mean of the projections: how far images moved along it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSpan:
    """Scores words of a dictionary by the mean shift along their direction when they are found."""

    encoder: Encoder
    dictionary: tuple[str, ...]
    settings: TextSpanSettings = field(default_factory=TextSpanSettings)
    name: str = "textspan"

    def __post_init__(self) -> None:
        check_vocabulary(self.dictionary)

    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        """The words in the order in which deflation finds them."""
        encoder = remembering(self.encoder)
        shifts = paired_rows(pairs, encoder=encoder).shifts
        texts = unit_rows(text_rows(self.dictionary, encoder=encoder))
        found = deflate(shifts, texts, settings=self.settings)
        explained = sum(one.spread**2 for one in found) * len(shifts)
        total = float(shifts.square().sum())
        return ScoredExplanation(
            claims=tuple(Claim(concept=self.dictionary[one.index], amount=one.shift) for one in found),
            residual=max(0.0, 1 - explained / total) ** 0.5 if total else 0.0,
            notes={"n_found": len(found)},
        )


def deflate(
    rows: Float64[Tensor, "n d"], texts: Float64[Tensor, "c d"], *, settings: TextSpanSettings
) -> tuple[Found, ...]:
    """Texts by the size of their projections of the rows, each found where those before are taken out."""
    decomposed = torch.linalg.svd(rows, full_matrices=False)
    n_spanned = int((_ZERO * decomposed.S[0] < decomposed.S).sum())
    basis = decomposed.Vh[: min(settings.rank, n_spanned)]  # (r, d)
    rest = texts @ basis.T @ basis
    data = rows - rows.mean(dim=0, keepdim=True) if settings.centre_data else rows
    smallest = _ZERO * float(rest.norm(dim=1).max()) if len(rest) else 0.0
    found: list[Found] = []
    for _ in range(settings.n_texts):
        projections = data @ rest.T  # (n, c)
        spreads = projections.square().mean(dim=0).sqrt()
        allowed = rest.norm(dim=1) > smallest
        if settings.signed:
            allowed &= projections.mean(dim=0) > 0
        index = int(torch.where(allowed, spreads, -1.0).argmax())
        length = float(rest[index].norm())
        if not bool(allowed[index]) or float(spreads[index]) <= smallest * length:
            break
        direction = rest[index] / length
        along = data @ direction
        found.append(
            Found(index=index, spread=float(along.square().mean().sqrt()), shift=float(along.mean()))
        )
        data = data - torch.outer(along, direction)
        rest = rest - torch.outer(rest @ direction, direction)
    return tuple(found)
