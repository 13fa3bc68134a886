"""The paired margin of CompCon (Dunlap et al., 2025): how often does a personalized image show more of a word?

As published (arXiv 2509.08940): a prompt counts for an attribute if the one model's image is more similar to it than t,
and by more than δ more similar than the other model's image for that prompt; attributes are ranked by the share of
prompts. Only this score is taken: CompCon's attributes come from a VLM and it goes on to search for prompts that bring
them out, which is another question. Among equal shares, the larger mean margin comes first.
"""

from dataclasses import dataclass, field

from jaxtyping import Float64
from torch import Tensor

from baselines.controls import check_vocabulary
from baselines.paired_rows import paired_rows, remembering, unit_rows
from baselines.settings import CompConSettings
from finexl.embeddings import text_rows
from finexl.interfaces import Encoder
from finexl.values import Claim, ImagePairs, ScoredExplanation


@dataclass(frozen=True, slots=True, kw_only=True)
class CompCon:
    """Scores words of a dictionary by the share of prompts whose personalized image shows more of them."""

    encoder: Encoder
    dictionary: tuple[str, ...]
    settings: CompConSettings = field(default_factory=CompConSettings)
    name: str = "compcon"

    def __post_init__(self) -> None:
        check_vocabulary(self.dictionary)

    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        """The words with the largest shares, of those that at least one prompt counts for."""
        encoder = remembering(self.encoder)
        words = unit_rows(text_rows(self.dictionary, encoder=encoder))
        rows = paired_rows(pairs, encoder=encoder)
        personalized, base = (unit_rows(images) @ words.T for images in (rows.personalized, rows.base))
        shares = scored(paired_shares(personalized, base, self.settings), personalized - base).tolist()
        best = sorted(zip(shares, self.dictionary, strict=True), key=lambda one: (-one[0], one[1]))
        return ScoredExplanation(
            claims=tuple(
                Claim(concept=word, amount=share)
                for share, word in best[: self.settings.n_top]
                if share > 0.5 / len(pairs)
            ),
            notes={"margin": self.settings.margin},
        )


def paired_shares(
    personalized: Float64[Tensor, "n c"], base: Float64[Tensor, "n c"], settings: CompConSettings
) -> Float64[Tensor, " c"]:
    """Share of prompts, for each word, whose personalized image shows it and shows it by the margin more."""
    seen_from = base.mean(dim=0, keepdim=True) if settings.threshold is None else settings.threshold
    counted = (personalized > seen_from) & (personalized - base > settings.margin)
    return counted.double().mean(dim=0)


def scored(shares: Float64[Tensor, " c"], margins: Float64[Tensor, "n c"]) -> Float64[Tensor, " c"]:
    """Shares, moved by the mean margin by less than half the distance between two shares, 1/n."""
    mean = margins.mean(dim=0)
    return shares + 0.49 / len(margins) * mean / (1 + mean.abs())
