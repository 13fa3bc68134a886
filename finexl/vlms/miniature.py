"""The miniature's vision-language model: a captioner that sees real pixels, and a closed-vocabulary language layer.

The captioner describes every image several times; the language layer compares which style words it used, and how
strongly, for base and personalized images. Its errors are the captioner's. It knows only the rendered world.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

import numpy as np
import torch
from jaxtyping import Float, Int
from PIL import Image
from torch import Tensor
from transformers import CLIPTokenizer, VisionEncoderDecoderModel

from finexl.captions import read_captions
from finexl.errors import VLMError
from finexl.interfaces import NoReply, Question, Reply, Task
from finexl.pictures import as_seen, picture_key
from finexl.vlms.style_words import NOTHING, StyleWords

__all__ = ["NOTHING", "MiniatureVLM", "MiniatureVLMSettings", "Vocabulary", "load_miniature_vlm"]

START, END = "<|startoftext|>", "<|endoftext|>"
VOCABULARY_FILE = "vocabulary.json"
MAX_IMAGES = 32
"""Images captioned at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MiniatureVLMSettings:
    """How the captioner is sampled and what the language layer passes on."""

    n_samples: int = 4
    """Captions per image."""
    temperature: float = 0.7
    minimum_gain: float = 0.25
    """A word is a difference if its share of captions is larger by this for the personalized image."""
    n_aspects: int = 5
    """How many aspects an answer with scores names at most."""
    max_tokens: int = 30
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The style words of the world the captioner was trained on, and what its adverbs are worth from 1 to 10."""

    styles: Mapping[str, tuple[str, ...]]
    degrees: Mapping[str, float]
    size: int
    mean: float
    std: float


class MiniatureVLM:
    """Answers the suite's questions about 64-pixel scenes of the miniature world (see `VLM`)."""

    def __init__(
        self,
        model: VisionEncoderDecoderModel,
        tokenizer: CLIPTokenizer,
        vocabulary: Vocabulary,
        *,
        id: str,
        settings: MiniatureVLMSettings | None = None,
    ) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._vocabulary = vocabulary
        self._settings = settings or MiniatureVLMSettings()
        self._id = f"{id}/{hashlib.sha256(repr(self._settings).encode()).hexdigest()[:8]}"
        self._said: dict[str, list[str]] = {}
        self._words = StyleWords(styles=vocabulary.styles, degrees=vocabulary.degrees)

    @property
    def id(self) -> str:
        return self._id

    def ask(self, questions: Sequence[Question]) -> tuple[Reply | NoReply, ...]:
        """One outcome per question; the same question gets the same answer in any company."""
        for describing in (True, False):
            told = [i for q in questions if (q.task is Task.DESCRIBE) is describing for i in q.images]
            self._captions(told, n_samples=1 if describing else self._settings.n_samples)
        return tuple(self._answer(question) for question in questions)

    def _answer(self, question: Question) -> Reply | NoReply:
        if question.task is Task.PROPOSE:
            return self._proposal(question)
        n_expected = "one image" if question.task is Task.DESCRIBE else "base and personalized images in turn"
        n_images = len(question.images)
        if (
            n_images == 0
            or (question.task is Task.DESCRIBE) != (n_images == 1)
            or (n_images > 1 and n_images % 2)
        ):
            return NoReply(
                reason="failed", detail=f"The question must show {n_expected}. Got {n_images} images."
            )
        match question.task:
            case Task.DESCRIBE:
                text = self._captions(question.images, n_samples=1)[0][0]
            case Task.DIFFERENCES:
                text = self._differences(question.images)
            case Task.SCORED_ASPECTS:
                text = self._scored_aspects(question.images)
            case Task.JUDGE | Task.MATCH:
                return NoReply(reason="failed", detail="The miniature captioner judges no texts.")
            case Task.COMPARE:
                text = self._comparison(question.images)
            case _:
                assert_never(question.task)
        return Reply(text=text, n_output_tokens=len(text.split()))

    def _proposal(self, question: Question) -> Reply | NoReply:
        captions = read_captions(question.text)
        if question.images or not captions.a:
            return NoReply(
                reason="failed",
                detail="The question must hold captions of both groups and show no image. "
                f"Got {len(captions.a)} and {len(captions.b)} captions and {len(question.images)} images.",
            )
        text = self._words.propose(captions)
        return Reply(text=text, n_output_tokens=len(text.split()))

    def _comparison(self, images: Sequence[Image.Image]) -> str:
        """Every style that is said more strongly of personalized images, in the word most often used for it."""
        words = Counter(word for said in self._mentions(images, by_word=True)[1::2] for word, _ in said)
        named = {self._words.style_of(word): word for word in sorted(words, key=lambda w: (words[w], w))}
        gains = self._gains(self._mentions(images, by_word=False), graded=True)
        seen = [(named[style], gain) for style, gain in gains if gain >= 0.5]
        return self._words.compare(seen[: self._settings.n_aspects])

    def _differences(self, images: Sequence[Image.Image]) -> str:
        gains = self._gains(self._mentions(images, by_word=True), graded=False)
        named = [word for word, gain in gains if gain >= self._settings.minimum_gain]
        return ", ".join(named) or NOTHING

    def _scored_aspects(self, images: Sequence[Image.Image]) -> str:
        gains = self._gains(self._mentions(images, by_word=False), graded=True)
        scores = [(aspect, round(min(max(gain, 1.0), 10.0))) for aspect, gain in gains if gain >= 0.5]
        answer = [{"aspect": aspect, "score": score} for aspect, score in scores[: self._settings.n_aspects]]
        return json.dumps(answer)

    def _mentions(self, images: Sequence[Image.Image], *, by_word: bool) -> list[list[tuple[str, float]]]:
        """For each image, the style words (or styles) of all its captions with their degree."""
        return [
            [
                (word if by_word else self._words.style_of(word), degree)
                for text in texts
                for word, degree in self._words.mentions(text)
            ]
            for texts in self._captions(images, n_samples=self._settings.n_samples)
        ]

    def _gains(self, mentions: list[list[tuple[str, float]]], *, graded: bool) -> list[tuple[str, float]]:
        """How much more each word is said of personalized images: share of captions, or mean degree; largest first."""
        n_captions = self._settings.n_samples * len(mentions) / 2
        gains: dict[str, float] = {}
        for index, said in enumerate(mentions):
            sign = 1 if index % 2 else -1
            for word, degree in said:
                gains[word] = gains.get(word, 0.0) + sign * (degree if graded else 1.0) / n_captions
        return sorted(gains.items(), key=lambda item: (-item[1], item[0]))

    def _captions(self, images: Sequence[Image.Image], *, n_samples: int) -> list[list[str]]:
        """Captions of each image: a pure function of its pixels, so each is made once."""
        keys = [f"{n_samples}:{picture_key(image)}" for image in images]
        new = {key: image for key, image in zip(keys, images, strict=True) if key not in self._said}
        for start in range(0, len(new), MAX_IMAGES):
            block = list(new.items())[start : start + MAX_IMAGES]
            pixels = self._pixels([image for _, image in block])
            texts = self._sample(pixels, n_samples=n_samples)
            self._said |= dict(zip((key for key, _ in block), texts, strict=True))
        return [self._said[key] for key in keys]

    def _pixels(self, images: Sequence[Image.Image]) -> Float[Tensor, "n 3 h w"]:
        side = self._vocabulary.size
        fitted = [as_seen(image).resize((side, side), Image.Resampling.BICUBIC) for image in images]
        stack = torch.from_numpy(np.stack([np.asarray(image) for image in fitted])).permute(0, 3, 1, 2)
        return (stack.float() / 255 - self._vocabulary.mean) / self._vocabulary.std

    @torch.inference_mode()
    def _sample(self, pixels: Float[Tensor, "n 3 h w"], *, n_samples: int) -> list[list[str]]:
        """`n_samples` texts per image up to the colon that ends the style, or one whole caption without chance."""
        greedy = n_samples == 1
        encoder, decoder = self._model.encoder, self._model.decoder
        assert encoder is not None and decoder is not None
        seen = encoder(pixel_values=pixels).last_hidden_state.repeat_interleave(n_samples, dim=0)
        ids = self._tokenizer.get_vocab()
        end = ids[END]
        stops = [end] if greedy else [end, ids[":</w>"]]
        tokens = torch.full((len(seen), 1), ids[START])
        chance = torch.Generator().manual_seed(self._settings.seed)
        for _ in range(self._settings.max_tokens):
            logits = decoder(input_ids=tokens, encoder_hidden_states=seen, use_cache=False).logits[:, -1]
            chosen = logits.argmax(dim=-1) if greedy else self._drawn(logits, n_samples, chance)
            finished = torch.isin(tokens[:, 1:], torch.tensor(stops)).any(dim=1)
            tokens = torch.cat([tokens, chosen.masked_fill(finished, end)[:, None]], dim=1)
            if bool(finished.all()):
                break
        texts = [_joined(text) for text in self._tokenizer.batch_decode(tokens, skip_special_tokens=True)]
        return [texts[start : start + n_samples] for start in range(0, len(texts), n_samples)]

    def _drawn(
        self, logits: Float[Tensor, "n words"], n_samples: int, chance: torch.Generator
    ) -> Int[Tensor, " n"]:
        """One word per row; every image draws with the same chances, so that its company does not matter."""
        shares = (logits / self._settings.temperature).softmax(dim=-1).cumsum(dim=-1)
        draws = torch.rand(n_samples, generator=chance).repeat(len(logits) // n_samples)
        return torch.searchsorted(shares, draws[:, None]).squeeze(1).clamp(max=logits.shape[1] - 1)


def _joined(text: str) -> str:
    """Decoded text with hyphens, colons and commas where they belong: `a sepia-toned photo: a red house`."""
    return re.sub(r"\s+([:,])", r"\1", re.sub(r"\s*-\s*", "-", text)).strip()


def load_miniature_vlm(folder: Path, *, settings: MiniatureVLMSettings | None = None) -> MiniatureVLM:
    """Load captioner, tokenizer and vocabulary from a local folder; raises VLMError if something is missing."""
    if not (folder / VOCABULARY_FILE).is_file():
        raise VLMError(
            f"A miniature VLM must have {VOCABULARY_FILE} beside its weights. {str(folder)!r} has none. "
            "Run `python -m finetune pretrain captioner` to make it."
        )
    raw = json.loads((folder / VOCABULARY_FILE).read_text(encoding="utf-8"))
    vocabulary = Vocabulary(
        **raw | {"styles": {style: tuple(words) for style, words in raw["styles"].items()}}
    )
    model = VisionEncoderDecoderModel.from_pretrained(
        folder, local_files_only=True, dtype=torch.float32
    ).eval()
    tokenizer = CLIPTokenizer.from_pretrained(folder, local_files_only=True)
    weights = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()[:12]
    return MiniatureVLM(model, tokenizer, vocabulary, id=f"miniature-captioner/{weights}", settings=settings)
