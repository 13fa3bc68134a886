"""Chat models that run on this machine through transformers, such as the paper's Llama-3.2 and Qwen2-VL (Table 7).

Any model that `AutoModelForImageTextToText` and `AutoProcessor` know, by folder or hub id. Weights are safetensors
only, and code that comes with a model is never run. Questions are answered one at a time: a batch would pad them,
and what a model says would depend on the company.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForImageTextToText, AutoProcessor

from finexl.errors import VLMUnusableError
from finexl.interfaces import NoReply, Question, Reply
from finexl.pictures import as_seen
from finexl.vlms.local_settings import LocalSettings


class TransformersVLM:
    """Asks a loaded model (see `VLM`)."""

    def __init__(self, model: Any, processor: Any, *, settings: LocalSettings, weights: str) -> None:
        """`weights` names what was loaded, such as a digest or an id with its commit."""
        self._model = model
        self._processor = processor
        self._settings = settings
        digest = hashlib.sha256(json.dumps(dict(settings.identity), sort_keys=True).encode()).hexdigest()
        self._id = f"transformers/{weights}/{digest[:12]}"

    @property
    def id(self) -> str:
        return self._id

    def ask(self, questions: Sequence[Question]) -> tuple[Reply | NoReply, ...]:
        """One outcome per question; the same question gets the same answer in any company."""
        return tuple(map(self._answer, questions))

    def _answer(self, question: Question) -> Reply | NoReply:
        inputs = self._inputs(question)
        n_input = inputs["input_ids"].shape[1]
        try:
            words = self._generated(inputs, question)[n_input:]
        except torch.OutOfMemoryError as error:
            return NoReply(reason="failed", detail=f"{n_input} tokens do not fit: {error}"[:300])
        text = self._processor.decode(words, skip_special_tokens=True).strip()
        if not text:
            return NoReply(reason="empty", detail=f"{len(words)} tokens without text")
        if self._is_cut(words):
            return NoReply(reason="cut", detail=f"Cut off; raise vlm.max_tokens: {text[:200]!r}")
        return Reply(text=text, n_input_tokens=n_input, n_output_tokens=len(words))

    def _is_cut(self, words: torch.Tensor) -> bool:
        """Whether an answer has no end: its last word may be half a word, and what should follow is missing."""
        end = self._model.generation_config.eos_token_id
        ends = end if isinstance(end, list) else [end]
        return len(words) == self._settings.max_tokens and int(words[-1]) not in ends

    def _inputs(self, question: Question) -> Any:
        """The conversation as tensors: images in their order, each behind its number, then the text.

        Without words between them, Llama-3.2's cross-attention sees images as a set and not in an order.
        """
        content: list[dict[str, Any]] = []
        for number, image in enumerate(question.images, start=1):
            content.append({"type": "text", "text": f"Image {number}: "})
            content.append({"type": "image", "image": as_seen(image)})
        content.append({"type": "text", "text": question.text})
        inputs = self._processor.apply_chat_template(
            [{"role": "user", "content": content}],
            add_generation_prompt=True,
            tokenize=True,
            return_dict=True,
            return_tensors="pt",
        )
        return inputs.to(self._settings.device, dtype=getattr(torch, self._settings.dtype))

    @torch.inference_mode()
    def _generated(self, inputs: Any, question: Question) -> torch.Tensor:
        """Tokens of question and answer; chance depends on the seed and the question alone."""
        given = self._settings
        sampling: dict[str, Any] = {"do_sample": False}
        if given.temperature > 0:
            sampling = {"do_sample": True, "temperature": given.temperature, "top_p": 1.0, "top_k": 0}
        chance = json.dumps([given.seed, question.task.value, question.text])
        devices = [given.device] if given.device.startswith("cuda") else []
        with torch.random.fork_rng(devices=devices):
            torch.manual_seed(int.from_bytes(hashlib.sha256(chance.encode()).digest()[:7], "big"))
            return self._model.generate(**inputs, max_new_tokens=given.max_tokens, **sampling)[0]


def load_transformers_vlm(settings: LocalSettings, *, weights: str) -> TransformersVLM:
    """Load processor and weights.

    Raises: VLMUnusableError where they cannot be had.
    """
    try:
        processor = AutoProcessor.from_pretrained(settings.model, revision=settings.revision)
        model: Any = AutoModelForImageTextToText.from_pretrained(
            settings.model,
            revision=settings.revision,
            dtype=getattr(torch, settings.dtype),
            use_safetensors=True,
        )
    except (OSError, ValueError, KeyError) as error:
        first_line = str(error).strip().partition("\n")[0]
        place = "folder" if Path(settings.model).is_dir() else "hub id"
        commit = f" at revision {settings.revision!r}" if settings.revision else ""
        raise VLMUnusableError(
            "A local vision-language model must be a folder or hub id with safetensors that transformers knows as "
            f"image-text-to-text. The {place} {settings.model!r}{commit} is not: {first_line} Download it first, "
            "give its own commit with vlm.revision=, or its folder with vlm.folder=."
        ) from error
    model.generation_config.update(do_sample=False, temperature=None, top_p=None, top_k=None)  # ours alone
    return TransformersVLM(model.to(settings.device).eval(), processor, settings=settings, weights=weights)
