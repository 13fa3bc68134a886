"""Writing an image as tokens: a loop of our own around a transformer's body and its output matrix.

`ChameleonForConditionalGeneration.forward` masks the logits of all image tokens, so it cannot write images; its
`model` and `lm_head` can. The same loop drives a small Llama. Guidance, temperature and nucleus are those of the
release (GAIR-NLP/anole `chameleon/inference/chameleon.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from finetune.families.anole.tokens import ImageVocabulary
from finetune.families.full_batches import in_full_batches
from finetune.generator import GeneratorError
from finexl.errors import InvalidInputError


@runtime_checkable
class TextTokenizer(Protocol):
    """What is asked of a transformers tokenizer."""

    def encode(self, text: str, *, add_special_tokens: bool) -> list[int]: ...


@runtime_checkable
class LanguageModel(Protocol):
    """What is asked of a transformers causal language model."""

    @property
    def model(self) -> nn.Module: ...

    @property
    def lm_head(self) -> nn.Linear: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """How tokens are drawn."""

    n_tokens: int
    """Tokens of an image."""
    prompt_length: int
    """Tokens before the image; shorter prompts are padded, longer texts cut, so that no shape depends on them."""
    guidance: float = 3.0
    """Weight of the text; 1 is no guidance, and costs half."""
    image_guidance: float = 1.2
    """Weight of images in the prompt; without any it has no effect."""
    temperature: float = 0.7
    """Divides the logits; below 1 the likelier tokens gain."""
    top_p: float = 0.9
    """Probability that the tokens among which one is drawn must reach together."""
    batch_size: int = 16
    """Images written together."""

    def __post_init__(self) -> None:
        if min(self.n_tokens, self.batch_size) < 1 or self.prompt_length < 4:
            raise InvalidInputError(
                "Writing images needs at least one token, one image at once and four tokens of prompt. "
                f"Got {self.n_tokens}, {self.batch_size} and {self.prompt_length}."
            )
        if self.temperature <= 0 or not 0 < self.top_p <= 1:
            raise InvalidInputError(
                "`temperature` must be positive and `top_p` in (0, 1]. "
                f"Got {self.temperature!r} and {self.top_p!r}."
            )


class TokenWriter:
    """Codes of images for prompts: the same prompt and seed give the same codes, whatever else is asked for.

    Chance is one uniform number per token from a CPU generator per seed, turned into a token by the inverse of the
    distribution function. All shapes are fixed: prompts are padded to one length, batches filled up to one size.
    """

    def __init__(
        self,
        model: LanguageModel,
        tokenizer: TextTokenizer,
        *,
        vocabulary: ImageVocabulary,
        writing: Writing,
    ) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._vocabulary = vocabulary
        self._writing = writing
        weight = model.lm_head.weight
        self._image_ids = torch.tensor(vocabulary.images, device=weight.device)
        self._head = weight.detach()[self._image_ids]

    @torch.no_grad()
    def write(self, prompts: Sequence[str], seeds: Sequence[int]) -> Int[Tensor, "n t"]:
        """Codes of one image per prompt, in the order of rows."""
        return torch.cat(in_full_batches(prompts, seeds, self._batch, size=self._writing.batch_size))

    def _batch(self, prompts: list[str], seeds: list[int]) -> Int[Tensor, "b t"]:
        n_tokens, n = self._writing.n_tokens, len(prompts)
        chance = torch.stack([_uniform(seed, n_tokens) for seed in seeds])
        new, seen = self._prompts(prompts)
        places = (seen.cumsum(dim=1) - 1).clamp(min=0)
        memory: Any = None
        codes = []
        for index in range(n_tokens):
            out = self._model.model(
                input_ids=new,
                attention_mask=seen.long(),
                position_ids=places,
                past_key_values=memory,
                use_cache=True,
            )
            memory = out.past_key_values
            drawn = self._drawn(out.last_hidden_state[:, -1] @ self._head.T, chance[:, index])
            codes.append(drawn)
            new = self._image_ids[drawn.to(seen.device)].repeat(len(seen) // n)[:, None]
            seen = torch.cat([seen, torch.ones_like(seen[:, :1])], dim=1)
            places = places[:, -1:] + 1
        return torch.stack(codes, dim=1)

    def _prompts(self, texts: Sequence[str]) -> tuple[Int[Tensor, "rows p"], Bool[Tensor, "rows p"]]:
        """Padded prompts with text, and as many without if there is guidance; and where they are not padding."""
        vocabulary, length = self._vocabulary, self._writing.prompt_length
        rows = [
            vocabulary.prompt(tuple(self._tokenizer.encode(text, add_special_tokens=False)), length)
            for text in texts
        ]
        if self._writing.guidance != 1:
            rows += [vocabulary.unconditional] * len(rows)
        padded = [(vocabulary.pad,) * (length - len(row)) + row for row in rows]
        seen = [[place >= length - len(row) for place in range(length)] for row in rows]
        device = self._image_ids.device
        return torch.tensor(padded, device=device), torch.tensor(seen, device=device)

    def _drawn(self, logits: Float[Tensor, "rows k"], chance: Float[Tensor, " b"]) -> Int[Tensor, " b"]:
        """One code per image."""
        writing = self._writing
        rows = logits.double().cpu()
        if not torch.isfinite(rows).all():
            raise GeneratorError(
                "The logits of a generator must be finite. Got NaN or infinity. Use precision=fp32."
            )
        if len(rows) > len(chance):
            full, without = rows.chunk(2)
            # Prompts have no images, so what keeps only their images is what keeps nothing.
            rows = guided(full, without, without, text=writing.guidance, image=writing.image_guidance)
        return drawn(nucleus(rows / writing.temperature, writing.top_p), chance)


def guided(
    full: Float[Tensor, "b k"],
    image_only: Float[Tensor, "b k"],
    unconditional: Float[Tensor, "b k"],
    *,
    text: float,
    image: float,
) -> Float[Tensor, "b k"]:
    """Logits led from nothing to the prompt's images and from there to its text (the release's three ways)."""
    return unconditional + image * (image_only - unconditional) + text * (full - image_only)


def nucleus(logits: Float[Tensor, "b k"], top_p: float) -> Float[Tensor, "b k"]:
    """Probabilities of the fewest likeliest entries that together reach `top_p`; the others have none."""
    ordered, order = logits.softmax(dim=1).sort(dim=1, descending=True, stable=True)
    reached_before: Bool[Tensor, "b k"] = ordered.cumsum(dim=1) - ordered >= top_p
    kept = ordered.masked_fill(reached_before, 0.0)
    probabilities = torch.zeros_like(logits).scatter(1, order, kept)
    return probabilities / probabilities.sum(dim=1, keepdim=True)


def drawn(probabilities: Float[Tensor, "b k"], chance: Float[Tensor, " b"]) -> Int[Tensor, " b"]:
    """The entry at which the distribution function passes a number in [0, 1)."""
    reached = probabilities.cumsum(dim=1)
    found = torch.searchsorted(reached, (chance * reached[:, -1])[:, None], right=True)[:, 0]
    last = probabilities.shape[1] - 1 - (probabilities.flip(1) > 0).int().argmax(dim=1)
    return torch.minimum(found, last)


def _uniform(seed: int, n: int) -> Float[Tensor, " n"]:
    return torch.rand(n, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
