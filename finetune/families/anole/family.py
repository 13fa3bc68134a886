"""The auto-regressive family at work: one language model and encoder, and detokenizers that are exchanged."""

import copy
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import torch
from diffusers.models.autoencoders.vq_model import VQModel
from torch import Tensor

from finetune.families.anole.config import read_config
from finetune.families.anole.images import AnoleGenerator
from finetune.families.anole.language_model import TokenWriter, Writing
from finetune.families.anole.layout import load_language_model, load_tokenizer, load_vq
from finetune.families.anole.personalizer import (
    DETOKENIZER,
    DetokenizerPersonalizer,
    TokenStream,
    token_stream,
)
from finetune.families.anole.prompt_codes import CachedCodes
from finetune.families.anole.tokens import image_vocabulary
from finetune.families.image_sizes import check_size
from finetune.families.strict_loading import check_exactly
from finetune.generator import GeneratorSettings, generator_id
from finetune.identity import sampling_identity, tokens_code
from finetune.mixing import TrainingImages
from finetune.recipe import Recipe
from finetune.store.store import Store
from finexl.errors import InvalidInputError


class AnoleFamily:
    """Base and personalized generator, which share everything but the detokenizer."""

    def __init__(self, settings: GeneratorSettings, *, store: Store | None = None) -> None:
        self._settings = settings
        self._config = read_config(settings.folder)
        self._codes = CachedCodes(
            lambda: self._writer, grid=self._config.grid, store=store, identity=self._tokens_identity
        )

    def personalizer(self, recipe: Recipe) -> DetokenizerPersonalizer:
        """The detokenizer in training."""
        return DetokenizerPersonalizer(
            self._base,
            learning_rate=recipe.learning_rate,
            ema_decay=self._settings.ema_decay,
            gradient_checkpointing=self._settings.gradient_checkpointing,
        )

    def stream(self, training: TrainingImages, recipe: Recipe) -> TokenStream:
        """Codes and images, computed once."""
        height, width = training.images.shape[1:3]
        check_size((height, width), self._settings)
        return token_stream(self._base, training, recipe, chunks=self._settings.accumulate)

    def generator(self, kept: Mapping[str, Tensor] | None = None, *, scale: float = 1.0) -> AnoleGenerator:
        """The base generator, or one with the detokenizer that a level keeps."""
        if scale != 1:
            raise InvalidInputError(f"`scale` of a detokenizer must be 1: it is no adapter. Got {scale:g}.")
        vq = self._base if kept is None else self._exchanged(kept)
        return AnoleGenerator(vq, self._codes, batch_size=self._settings.batch_size)

    def _exchanged(self, kept: Mapping[str, Tensor]) -> VQModel:
        """A copy of the image tokenizer with another detokenizer."""
        base = self._base.state_dict()
        needed = {name: tensor for name, tensor in base.items() if name.startswith(DETOKENIZER)}
        check_exactly(kept, needed, of="a personalized detokenizer")
        vq = copy.deepcopy(self._base)
        vq.load_state_dict(kept, strict=False)
        return vq

    @cached_property
    def _base(self) -> VQModel:
        vq = load_vq(self._settings.folder)
        vq.to(self._settings.device)  # pyright: ignore[reportArgumentType]  # a decorated method
        return vq

    @cached_property
    def _writer(self) -> TokenWriter:
        settings, config = self._settings, self._config
        dtype = torch.bfloat16 if settings.precision == "bf16" else torch.float32
        tokenizer = load_tokenizer(settings.folder)
        n_codes = int(self._base.config["num_vq_embeddings"])
        return TokenWriter(
            load_language_model(settings.folder, dtype=dtype, device=settings.device),
            tokenizer,
            vocabulary=image_vocabulary(tokenizer.get_vocab(), n_codes=n_codes),
            writing=Writing(
                n_tokens=config.n_tokens,
                prompt_length=config.prompt_length,
                guidance=settings.guidance,
                image_guidance=config.image_guidance,
                temperature=config.temperature,
                top_p=config.top_p,
                batch_size=settings.batch_size,
            ),
        )

    def _tokens_identity(self) -> dict[str, Any]:
        sampling = sampling_identity(self._settings, generator_id(self._settings))
        return {"sampling": sampling | {"code": tokens_code()}}
