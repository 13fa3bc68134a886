"""Encoders and models to ask by short names, and what is known of each before anything is loaded.

The miniature's weights ship beside this package, in the same distribution, and are found by their path; published
weights are looked for on this disk alone. Nothing is downloaded but by `python -m finexl get NAME`.

This file does not need torch.
"""

import filecmp
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from finexl.errors import (
    EncoderError,
    FinexlError,
    InvalidInputError,
    UnknownNameError,
    VLMError,
    unknown_name,
)
from finexl.explain.familiarity import Familiarity, read_familiarity

if TYPE_CHECKING:
    from finexl.explain.endpoints import AtEndpoint
    from finexl.interfaces import VLM, Encoder

SHIPPED = Path(__file__).parents[2] / "finetune" / "miniature" / "weights"
"""Models of the miniature."""
DICTIONARY = SHIPPED / "explain" / "dictionary.txt"
"""The public words of its world, as every explainer with a dictionary gets them."""
WORLD = SHIPPED / "explain" / "familiar.safetensors"
"""What pictures of its world look like."""
AUTO = "auto"
"""The miniature's encoder where pictures are of its world, else `DEFAULT`."""
MINIATURE = "miniature"
_MINIATURE = SHIPPED / "encoder"
DEFAULT = "clip"
_KEY = "OPENAI_API_KEY"
"""The environment variable with the key of endpoints."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """Weights that open_clip knows by name and tag."""

    architecture: str
    tag: str
    repository: str
    """On the hub, where open_clip gets them."""
    size: str
    about: str


PUBLISHED: Mapping[str, Published] = {
    "clip": Published(
        architecture="ViT-L-14-quickgelu",
        tag="openai",
        repository="timm/vit_large_patch14_clip_224.openai",
        size="1.7 GB",
        about="OpenAI's CLIP ViT-L/14, which the paper uses",
    ),
    "clip-b32": Published(
        architecture="ViT-B-32-quickgelu",
        tag="openai",
        repository="timm/vit_base_patch32_clip_224.openai",
        size="0.6 GB",
        about="OpenAI's CLIP ViT-B/32, four times faster",
    ),
}
ENCODERS = (AUTO, MINIATURE, *PUBLISHED)


@dataclass(frozen=True, kw_only=True)
class ChosenEncoder:
    """An encoder that is on this disk, not loaded yet."""

    name: str
    folder: Path | None = None
    published: Published | None = None

    @property
    def is_miniature(self) -> bool:
        """Whether it knows nothing but the miniature's world."""
        return self.folder is not None and self.folder.resolve().is_relative_to(SHIPPED.resolve())

    @property
    def is_own(self) -> bool:
        """Whether it was made elsewhere, so that its files may be anything."""
        return self.folder is not None and not self.is_miniature

    @property
    def spelled(self) -> str:
        """What `choose_encoder` takes for it."""
        return self.name if self.folder in (None, _MINIATURE) else str(self.folder)

    @cached_property
    def familiarity(self) -> Familiarity | None:
        """Of the world that it was trained on; None where that is the whole world."""
        return shipped_familiarity() if self.is_miniature else None

    def dictionary(self) -> tuple[str, ...]:
        """The words that a change may be called by: the world's, or the shipped words for looks."""
        from finexl.robust.vocabulary import look_words

        return words_in(DICTIONARY.read_text(encoding="utf-8")) if self.is_miniature else look_words()

    def load(self, *, device: str) -> "Encoder":
        """Build it; imports torch.

        Raises:
            EncoderError: Its files are missing or broken, or the device does not exist.
            InvalidInputError: Its files say what no library expects.
        """
        if self.published is not None:
            from finexl.encoders.open_clip import load_pretrained

            return load_pretrained(self.published.architecture, self.published.tag, device=device)
        assert self.folder is not None
        try:
            return _proved(_load_folder(self.folder, device=device))
        except FinexlError:
            raise
        except Exception as reason:  # configurations may be wrong in any way, and the libraries check few
            raise InvalidInputError(
                "The folder of an encoder must hold one as open_clip or transformers write it. "
                f"{str(self.folder)!r} does not: {type(reason).__name__}: {_first_sentence(reason)}. Save the model "
                "again with one of them, or download it again."
            ) from reason


def check_device(device: str, *, option: str = "device") -> None:
    """See that a device computes, which neither one that is not there does nor one that holds no data; imports torch.

    `option` is what the message calls it.

    Raises:
        InvalidInputError: It does not.
    """
    import torch

    try:
        torch.ones(1, device=device).sum().item()
    except (RuntimeError, ImportError, AssertionError) as reason:
        raise InvalidInputError(
            f"`{option}` must be one that computes on this machine. Got {device!r}: {_first_sentence(reason)}. Leave "
            "it out for the processor, or name another, as in cuda:0."
        ) from reason


def _first_sentence(reason: Exception) -> str:
    """Of what a library says, which may be pages, at most 200 letters."""
    return " ".join(str(reason).split()).partition(". ")[0].rstrip(".")[:200]


def _proved(encoder: "Encoder") -> "Encoder":
    """An encoder that has embedded a picture and a word: preprocessing that cannot work fails only then."""
    encoder.embed_images([Image.new("RGB", (64, 64))])
    encoder.embed_texts(["a"])
    return encoder


def _load_folder(folder: Path, *, device: str) -> "Encoder":
    if (folder / "open_clip_config.json").is_file():
        from finexl.encoders.open_clip import load_open_clip

        return load_open_clip(folder, device=device)
    from finexl.encoders.transformers import load_transformers_encoder

    return load_transformers_encoder(str(folder), device=device)


def shipped_familiarity() -> Familiarity:
    """The statistics of the miniature's world."""
    return read_familiarity(WORLD)


def words_in(text: str) -> tuple[str, ...]:
    """Words with commas, semicolons, tabs or lines between them, each once whatever its case; # begins a comment."""
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    found: dict[str, str] = {}
    for word in map(str.strip, re.split(r"[,;\t\n]", lines)):
        if word:
            found.setdefault(word.casefold(), word)
    return tuple(found.values())


def choose_encoder(name: str) -> ChosenEncoder:
    """The encoder of a short name, or in a folder; looks at the disk alone.

    Raises:
        UnknownNameError: There is no such name or folder.
        EncoderError: Its weights are not on this disk; the message says how to get them, and from where.
    """
    if name == MINIATURE:
        if not _MINIATURE.is_dir():
            raise EncoderError(
                f"The miniature's encoder must be in {str(_MINIATURE)!r}. It is not: install finexl again."
            )
        return ChosenEncoder(name=name, folder=_MINIATURE)
    if name in PUBLISHED:
        return _published(name, PUBLISHED[name])
    folder = folder_named(name)
    if not any((folder / file).is_file() for file in ("open_clip_config.json", "config.json")):
        raise _unknown(name)
    if _is_copy(folder, of=_MINIATURE):
        return choose_encoder(MINIATURE)
    return ChosenEncoder(name=folder.resolve().name, folder=folder)


def folder_named(name: str) -> Path:
    """The folder that people call so; a home that nobody has is none."""
    try:
        return Path(name).expanduser()
    except RuntimeError:
        return Path(name)


def _is_copy(folder: Path, *, of: Path) -> bool:
    """Whether a folder is another or holds its files, byte for byte, beside what describes them to people."""
    files = [file.name for file in of.glob("*") if file.suffix != ".md"]
    return bool(files) and len(filecmp.cmpfiles(folder, of, files, shallow=False)[0]) == len(files)


def get(name: str) -> str:
    """Download an encoder's weights where they do not ship; returns what there is to say of where they are.

    Raises:
        UnknownNameError: There is no such name.
        EncoderError: They cannot be had.
    """
    if name == MINIATURE:
        return "it ships with finexl"
    if name not in PUBLISHED:
        raise unknown_name("encoder", name, (MINIATURE, *PUBLISHED))
    from finexl.encoders.open_clip import load_pretrained

    weights = PUBLISHED[name]
    try:
        load_pretrained(weights.architecture, weights.tag, device="cpu")
    except EncoderError as error:
        raise EncoderError(
            f"The weights of encoder {name!r} ({weights.size}) must come from the hub repository {weights.repository}. "
            f"They did not: {str(error.__cause__ or error).rstrip('.')}. Check the connection and try again; or give a "
            "folder that holds an encoder to `explain`, with --encoder FOLDER."
        ) from error
    return f"on this disk now, from hub repository {weights.repository}"


def choose_vlm(name: str | None) -> "VLM | None":
    """The model of a short name: none, `miniature`, or MODEL@URL of an endpoint that speaks chat completions.

    Behind MODEL@URL may stand settings of the model, as in "gpt@https://far.example/v1 probe=false".

    Raises:
        UnknownNameError: There is no such name.
        VLMError: Its weights or its key are missing.
    """
    if name is None or name == "none":
        return None
    if name == MINIATURE:
        from finexl.vlms.miniature import load_miniature_vlm

        return load_miniature_vlm(SHIPPED / "captioner")
    asked = _checked(name)
    from finexl.vlms.chat import load_chat_vlm
    from finexl.vlms.probed import ProbedVLM
    from finexl.vlms.recorded import RecordingVLM

    chat = load_chat_vlm(asked.settings, key_variable=_KEY)
    vlm = ProbedVLM(chat=chat, settings=asked.settings) if asked.probe else chat
    return vlm if asked.record is None else RecordingVLM(vlm, asked.record, identity=asked.settings.identity)


def check_vlm(name: str | None) -> None:
    """See before any work whether `choose_vlm` can give a model; loads nothing.

    Raises:
        UnknownNameError: There is no such name.
        VLMError: Its weights or its key are missing.
    """
    if name is None or name == "none":
        return
    if name == MINIATURE:
        if not (SHIPPED / "captioner").is_dir():
            raise VLMError(
                f"The miniature's captioner must be in {str(SHIPPED / 'captioner')!r}. It is not: install finexl again."
            )
        return
    _checked(name)


def _checked(name: str) -> "AtEndpoint":
    """A model at an endpoint, whose key is there."""
    from finexl.explain.endpoints import at_endpoint, name_and_settings
    from finexl.vlms.keys import read_key

    first, settings = name_and_settings(name)
    if first.rpartition("@")[0] == "" and (not settings or first not in ("none", AUTO, MINIATURE)):
        raise unknown_name("vlm", first, ("none", MINIATURE, "MODEL@URL"))
    asked = at_endpoint(first, settings)
    read_key(asked.settings, key_variable=_KEY)
    return asked


def _published(name: str, weights: Published) -> ChosenEncoder:
    os.environ.setdefault(
        "HF_HUB_OFFLINE", "1"
    )  # read when the library is imported: explaining downloads nothing
    from huggingface_hub import try_to_load_from_cache

    if not any(
        isinstance(try_to_load_from_cache(weights.repository, file), str)
        for file in ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")
    ):
        raise EncoderError(
            f"The weights of encoder {name!r} ({weights.about}) must be on this disk. They are not. Get them with: "
            f"python -m finexl get {name}  ({weights.size}, from the hub repository {weights.repository}). "
            "Or give a folder that holds an encoder: --encoder FOLDER."
        )
    return ChosenEncoder(name=name, published=weights)


def _unknown(name: str) -> UnknownNameError:
    return unknown_name(
        "encoder", name, ENCODERS, "Or give the folder of an open_clip or transformers model."
    )
