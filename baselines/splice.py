"""SpLiCE (Bhalla et al., 2024) on differences: V_div as a sparse, non-negative sum of centred dictionary words.

As published (AI4LIFE-GROUP/SpLiCE, `splice/model.py`): words are embedded without a template, normalised, centred by
their mean and normalised again; weights are a non-negative lasso's. Changed: what is decomposed is the difference of
two models' images, so the mean of images, which SpLiCE subtracts, has cancelled already. Its direction is decomposed,
as SpLiCE decomposes unit vectors, and the weights are multiplied by its length, or no level could be read from them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from jaxtyping import Float64
from torch import Tensor

from baselines.controls import check_vocabulary
from baselines.nonnegative_lasso import nonnegative_lasso
from baselines.paired_rows import paired_rows, remembering, unit_rows
from baselines.settings import SpLiCESettings
from baselines.shared_list import explain_on_shared_list
from finexl.embeddings import text_rows
from finexl.interfaces import Encoder
from finexl.values import ImagePairs, ScoredExplanation


@dataclass(frozen=True, slots=True, kw_only=True)
class SpLiCE:
    """Scores words of a dictionary by their weights in a sparse decomposition of V_div."""

    encoder: Encoder
    dictionary: tuple[str, ...]
    settings: SpLiCESettings = field(default_factory=SpLiCESettings)
    name: str = "splice"

    def __post_init__(self) -> None:
        check_vocabulary(self.dictionary)

    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        """The words with a weight above zero."""
        (explanation,) = self.explain_jointly([pairs])
        return explanation

    def explain_jointly(self, group: Sequence[ImagePairs]) -> tuple[ScoredExplanation, ...]:
        """Every word that has weight for any of the models, for each of them; a weight may be zero."""
        encoder = remembering(self.encoder)
        words = centred_dictionary(self.dictionary, encoder=encoder)
        shifts = [paired_rows(pairs, encoder=encoder).shifts.mean(dim=0) for pairs in group]
        weights = [self._weights(shift, words) for shift in shifts]
        return explain_on_shared_list(
            weights,
            [[word for word, weight in one.items() if weight > 0] for one in weights],
            notes=[{"divergence_norm": float(shift.norm())} for shift in shifts],
        )

    def _weights(self, shift: Float64[Tensor, " d"], words: Float64[Tensor, "c d"]) -> dict[str, float]:
        """The weight of each word in the shift: none where nothing shifted."""
        length = float(shift.norm())
        if not length:
            return dict.fromkeys(self.dictionary, 0.0)
        weights = nonnegative_lasso(
            words.numpy(), (shift / length).numpy(), penalty=self.settings.penalty / 2
        )
        return dict(zip(self.dictionary, (weights * length).tolist(), strict=True))


def centred_dictionary(dictionary: Sequence[str], *, encoder: Encoder) -> Float64[Tensor, "c d"]:
    """Unit embeddings of the bare words, less their mean, scaled to length 1 again."""
    rows = unit_rows(text_rows(dictionary, encoder=encoder))
    return unit_rows(rows - rows.mean(dim=0, keepdim=True))
