"""What the miniature's base generator shows when it is asked for its world's style words: `python -m finetune ground`.

The words are the public ones. Nothing but the released base generator is asked: no fine-tuned model and no renderer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from finetune.corpora.synthetic import SyntheticCorpus
from finetune.generator import GeneratorSettings
from finetune.miniature.models import ENCODERS, GROUNDINGS, encoder_folder, pipeline_folder
from finetune.miniature.split import DEVELOPMENT_ASPECTS, DEVELOPMENT_SEEDS
from finetune.miniature.vocabulary import style_words
from finetune.store.store import Store
from finetune.workshop import Workshop
from finexl.interfaces import Encoder
from finexl.robust.grounding import Views, ground

SEED = DEVELOPMENT_SEEDS[90]
N_VIEWS, PER_WORD = 8, 2
"""Prompts in all and of each word: the four words of a style see all of them."""
N_STEPS, PRECISION, GUIDANCE = 8, "bf16", 3.0
"""Of sampling: coarser than in a run, since a direction is wanted and not a picture, and with the word made much of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """The base generator, whose images are kept, so that several encoders cost no more than one."""

    workshop: Workshop

    def sample(self, prompts: Sequence[str], seeds: Sequence[int]) -> UInt8[np.ndarray, "n h w 3"]:
        """As the workshop does."""
        return self.workshop.images(None, prompts, seeds)


def write_groundings(store: Path) -> Iterator[str]:
    """Write a file per encoder of the miniature; images are kept in `store`, and an interrupted run goes on."""
    corpus = SyntheticCorpus(aspects=DEVELOPMENT_ASPECTS)
    generator = GeneratorSettings(
        folder=pipeline_folder(), n_sampling_steps=N_STEPS, precision=PRECISION, guidance=GUIDANCE
    )
    workshop = Workshop(store=Store(store), generator=generator, corpus=corpus)
    views = Views(
        prompts=corpus.prompts(N_VIEWS, SEED),
        seeds=tuple(SEED * 10_000 + index for index in range(N_VIEWS)),
        per_word=PER_WORD,
    )
    GROUNDINGS.mkdir(exist_ok=True)
    words = style_words()
    for name in ENCODERS:
        found = ground(
            words,
            views,
            generator=_Kept(workshop=workshop),
            name=workshop.generator_id,
            encoder=_loaded(name),
        )
        found.write(file := GROUNDINGS / f"{name}.safetensors")
        yield f"wrote {file}: {len(words)} words"


def _loaded(name: str) -> Encoder:
    from finexl.encoders.open_clip import load_open_clip
    from finexl.encoders.transformers import load_transformers_encoder

    if ENCODERS[name][0] == "open_clip":
        return load_open_clip(encoder_folder(name), device="cpu")
    return load_transformers_encoder(str(encoder_folder(name)), device="cpu")
