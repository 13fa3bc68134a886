"""V_div: how a personalized model's images differ from the base model's (§4.1, Eq. 4-5).

Eq. 5 writes a sum and Algorithm 1 divides by |T|; `reduction` names the choice.
"""

from typing import assert_never

from jaxtyping import Float64
from torch import Tensor

from finexl.embeddings import image_rows
from finexl.interfaces import Encoder
from finexl.settings import Reduction
from finexl.values import ImagePairs


def divergence(
    pairs: ImagePairs, *, encoder: Encoder, reduction: Reduction = "mean"
) -> Float64[Tensor, " d"]:
    """Shift of image embeddings from base to personalized, over prompts (Eq. 4-5)."""
    return reduce_prompts(per_prompt_shift(pairs, encoder=encoder), reduction=reduction)


def per_prompt_shift(pairs: ImagePairs, *, encoder: Encoder) -> Float64[Tensor, "n d"]:
    """Shift of image embeddings from base to personalized for each prompt: the terms of Eq. 5."""
    personalized = image_rows(pairs.personalized, encoder=encoder, role="personalized")
    return personalized - image_rows(pairs.base, encoder=encoder, role="base")


def reduce_prompts(rows: Float64[Tensor, "*c n d"], *, reduction: Reduction) -> Float64[Tensor, "*c d"]:
    """The mean or the sum over prompts, the second axis from the right."""
    match reduction:
        case "mean":
            return rows.mean(dim=-2)
        case "sum":
            return rows.sum(dim=-2)
        case _:
            assert_never(reduction)
