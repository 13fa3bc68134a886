"""FineXL for use: words from a dictionary and a vision-language model, weighed, doubted, and left out where unsure."""

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float64

from finexl.concepts import concept_vectors
from finexl.discovery import evenly_spread
from finexl.embeddings import image_rows
from finexl.errors import InvalidInputError
from finexl.explanation import Explanation
from finexl.interfaces import VLM, Encoder
from finexl.robust.asking import Asked, ask_for_words
from finexl.robust.evidence import Evidence
from finexl.robust.explaining import Embedded, explain_embedded
from finexl.robust.grounding import Grounding
from finexl.robust.settings import RobustSettings
from finexl.robust.vocabulary import checked_words, look_words, united
from finexl.values import ImagePairs, NoExplanation, ScoredExplanation


@dataclass(frozen=True, slots=True, kw_only=True)
class FineXL:
    """Explains a personalized model by few claims with intervals, and says where it does not know.

    Without a VLM the dictionary is all that can be claimed; without either nothing can.
    """

    encoder: Encoder
    vlm: VLM | None = None
    dictionary: tuple[str, ...] = field(default_factory=look_words)
    grounding: Grounding | None = None
    """What a base generator shows when asked for words; None: words mean what the text encoder makes of them."""
    settings: RobustSettings = field(default_factory=RobustSettings)
    name: str = "finexl"

    def __post_init__(self) -> None:
        checked_words("dictionary", self.dictionary)
        if self.grounding is not None and self.grounding.encoder != self.encoder.id:
            raise InvalidInputError(
                "`grounding` must be made with the explainer's encoder, or its vectors mean nothing. Got vectors of "
                f"{self.grounding.encoder!r} for encoder {self.encoder.id!r}. Make it again: finexl.robust.ground."
            )

    def explanation(self, pairs: ImagePairs, *, paired: bool = True) -> Explanation:
        """All that is known of how the tuned model differs.

        `paired=False` says that image i of one side has nothing to do with image i of the other; intervals are wider.
        """
        return explain_embedded(self.embedded(pairs, paired=paired)[0], self.settings)

    def explain(self, pairs: ImagePairs) -> ScoredExplanation | NoExplanation:
        """The claims that hold, with their amounts; a typed failure where no word was known and the VLM gave none."""
        given, asked = self.embedded(pairs)
        if not self.dictionary and asked.failure:
            return NoExplanation(
                reason=asked.failure, detail=f"The VLM named no concept: {dict(asked.notes)}."
            )
        return explain_embedded(given, self.settings).scored()

    def embedded(self, pairs: ImagePairs, *, paired: bool = True) -> tuple[Embedded, Asked]:
        """Images and words as vectors, which is all that costs time, and what the VLM was asked for them."""
        evidence = Evidence(
            base=image_rows(pairs.base, encoder=self.encoder, role="base").numpy(),
            tuned=image_rows(pairs.personalized, encoder=self.encoder, role="personalized").numpy(),
            paired=paired,
        )
        asked = Asked()
        words: tuple[str, ...] = ()
        if evidence.shift.any():  # nobody need be asked about what is the same
            if self.vlm is not None:
                asked = ask_for_words(pairs, evidence, vlm=self.vlm, settings=self.settings)
            words = united(self.dictionary, asked.words)
        given = Embedded(
            evidence=evidence,
            words=words,
            vectors=self._vectors(words, pairs),
            encoder=self.encoder.id,
            grounding=self.grounding,
            vocabulary=self._described(words, asked),
            answers=asked.answers,
            prompts=pairs.prompts,
            notes={**asked.notes},
        )
        return given, asked

    def _vectors(self, words: tuple[str, ...], pairs: ImagePairs) -> Float64[np.ndarray, "c d"]:
        """Concept vectors (Eq. 6) over prompts that are spread over all, whatever their order."""
        if not words:
            return np.empty((0, 1))
        prompts = sorted(set(pairs.prompts))
        shown = [prompts[i] for i in evenly_spread(len(prompts), self.settings.n_text_prompts)]
        return concept_vectors(words, shown, encoder=self.encoder, template=self.settings.template).numpy()

    def _described(self, words: tuple[str, ...], asked: Asked) -> str:
        told = f"{len(self.dictionary)} words of a dictionary"
        if asked.outcomes:
            told += f", {len(set(asked.words) - set(self.dictionary))} more from the VLM"
        if self.grounding is not None and self.settings.grounded_share:
            shown = len(set(words) & set(self.grounding.words))
            told += f"; {shown} of them as base generator {self.grounding.generator[:8]} shows them"
        return told
