"""The paired margin of CompCon (Dunlap et al., 2025): how often does a personalized image show more of a word?

As published (arXiv 2509.08940): a prompt counts for an attribute if the one model's image is more similar to it than t,
and by more than δ more similar than the other model's image for that prompt; attributes are ranked by the share of
prompts. Only this score is taken: CompCon's attributes come from a VLM and it goes on to search for prompts that bring
them out, which is another question. Among equal shares, the larger mean margin comes first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from jaxtyping import Float64
from torch import Tensor

from baselines.controls import check_vocabulary
from baselines.paired_rows import paired_rows, remembering, unit_rows
from baselines.settings import CompConSettings
from baselines.shared_list import explain_on_shared_list
from finexl.embeddings import text_rows
from finexl.interfaces import Encoder
from finexl.values import ImagePairs, ScoredExplanation


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
        """The words with the largest shares."""
        (explanation,) = self.explain_jointly([pairs])
        return explanation

    def explain_jointly(self, group: Sequence[ImagePairs]) -> tuple[ScoredExplanation, ...]:
        """The words with the largest shares for any of the models, for each of them."""
        encoder = remembering(self.encoder)
        words = unit_rows(text_rows(self.dictionary, encoder=encoder))
        scores: list[dict[str, float]] = []
        for pairs in group:
            rows = paired_rows(pairs, encoder=encoder)
            personalized, base = (unit_rows(images) @ words.T for images in (rows.personalized, rows.base))
            found = scored(paired_shares(personalized, base, self.settings), personalized - base)
            scores.append(dict(zip(self.dictionary, found.tolist(), strict=True)))
        chosen = [self._chosen(one, n=len(pairs)) for one, pairs in zip(scores, group, strict=True)]
        return explain_on_shared_list(scores, chosen, notes=[{"margin": self.settings.margin}] * len(scores))

    def _chosen(self, scores: dict[str, float], *, n: int) -> list[str]:
        """The best words that at least one of `n` prompts counts for."""
        ranked = sorted(scores, key=lambda word: (-scores[word], word))
        return [word for word in ranked[: self.settings.n_top] if scores[word] > 0.5 / n]


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
