"""f(C): a concept in words as a vector of the image space (§4.3, Eq. 6)."""

from collections.abc import Sequence

from jaxtyping import Float64
from torch import Tensor

from finexl.divergence import reduce_prompts
from finexl.embeddings import text_rows
from finexl.interfaces import Encoder
from finexl.settings import Reduction
from finexl.template import ConceptTemplate

__all__ = ["ConceptTemplate", "concept_vectors"]


def concept_vectors(
    concepts: Sequence[str],
    prompts: Sequence[str],
    *,
    encoder: Encoder,
    template: ConceptTemplate,
    reduction: Reduction = "mean",
) -> Float64[Tensor, "c d"]:
    """Shift of text embeddings when each concept is added to the prompts (Eq. 6), one row per concept.

    All texts go to the encoder in one call; those without a concept are shared by all concepts.
    """
    plain = [template.plain(prompt) for prompt in prompts]
    joined = [template.join(concept, prompt) for concept in concepts for prompt in prompts]
    rows = text_rows([*plain, *joined], encoder=encoder)
    n = len(plain)
    shifts = rows[n:].unflatten(0, (len(concepts), n)) - rows[:n]  # (c, n, d)
    return reduce_prompts(shifts, reduction=reduction)
