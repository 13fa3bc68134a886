"""SpLiCE (Bhalla et al., 2024) on differences: V_div as a sparse, non-negative sum of centred dictionary words.

As published (AI4LIFE-GROUP/SpLiCE, `splice/model.py`): words are embedded without a template, normalised, centred by
their mean and normalised again; weights are a non-negative lasso's. Changed: what is decomposed is the difference of
two models' images, so the mean of images, which SpLiCE subtracts, has cancelled already. Its direction is decomposed,
as SpLiCE decomposes unit vectors, and the weights are multiplied by its length, or no level could be read from them.
The dictionary and its mean are public, so that a model's answer depends on no other model.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from jaxtyping import Float64
from torch import Tensor

from baselines.controls import check_vocabulary
from baselines.paired_rows import paired_rows, remembering, unit_rows
from baselines.settings import SpLiCESettings
from finexl.embeddings import text_rows
from finexl.interfaces import Encoder
from finexl.values import Claim, ImagePairs, ScoredExplanation


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
        """The words with a weight above zero, the largest first."""
        encoder = remembering(self.encoder)
        words = centred_dictionary(self.dictionary, encoder=encoder)
        shift = paired_rows(pairs, encoder=encoder).shifts.mean(dim=0)
        found = [
            Claim(concept=word, amount=weight)
            for word, weight in self._weights(shift, words).items()
            if weight > 0
        ]
        return ScoredExplanation(
            claims=tuple(sorted(found, key=lambda claim: (-claim.amount, claim.concept))),
            notes={"n_found": len(found), "divergence_norm": float(shift.norm())},
        )

    def _weights(self, shift: Float64[Tensor, " d"], words: Float64[Tensor, "c d"]) -> dict[str, float]:
        """The weight of each word in the shift: none where nothing shifted."""
        from sklearn.linear_model import Lasso

        length = float(shift.norm())
        if not length:
            return dict.fromkeys(self.dictionary, 0.0)
        # The objective of SpLiCE is ‖direction - Σ wᵢ wordᵢ‖² + penalty · Σ wᵢ; scikit-learn's is that over 2d.
        alpha = self.settings.penalty / (2 * len(shift))
        # Far below float32: words of zero weight must be exactly zero, since what has weight is what is named.
        lasso = Lasso(alpha=alpha, positive=True, fit_intercept=False, tol=1e-12, max_iter=100_000)
        lasso.fit(words.T.numpy(), (shift / length).numpy())
        return dict(zip(self.dictionary, (lasso.coef_ * length).tolist(), strict=True))


def centred_dictionary(dictionary: Sequence[str], *, encoder: Encoder) -> Float64[Tensor, "c d"]:
    """Unit embeddings of the bare words, less their mean, scaled to length 1 again."""
    rows = unit_rows(text_rows(dictionary, encoder=encoder))
    return unit_rows(rows - rows.mean(dim=0, keepdim=True))
