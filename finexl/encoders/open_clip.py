"""CLIP, OpenCLIP and EVA-CLIP encoders through open_clip (§5, §6.7), from a local folder or by name and tag.

open_clip builds plain GELU for weights trained with QuickGELU and only warns. Here that is an error, since
the embeddings would be wrong without a sign.
"""

import json
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import open_clip
from jaxtyping import Float32, Int64
from open_clip.tokenizer import SimpleTokenizer
from open_clip.transform import PreprocessCfg
from PIL import Image
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from finexl.encoders.contexts import cut_texts
from finexl.encoders.embedding import check_finite, count_cut, embed_in_batches, identity, on_device
from finexl.encoders.preprocess import BatchPreprocess, read_preprocess_config
from finexl.errors import EncoderError, InvalidInputError, unknown_name

CONFIG_FILE = "open_clip_config.json"
WEIGHTS_FILE = "open_clip_model.safetensors"
TRUNK_FILE = "config.json"
_LOCAL = "local-dir:"
"""How timm marks a model that a local folder describes."""

ClipModel = open_clip.CLIP | open_clip.CustomTextCLIP
Tokenizer = Callable[[list[str]], Int64[Tensor, "n t"]]


@dataclass(slots=True, kw_only=True, eq=False)
class OpenClipEncoder:
    """An `Encoder` around an open_clip model that is already built, on its device, with its tokenizer."""

    model: ClipModel
    preprocess: Callable[[Sequence[Image.Image]], Float32[Tensor, "n 3 h w"]]
    tokenizer: Tokenizer
    id: str
    batch_size: int = 64
    normalise: bool = True
    """Whether rows are scaled to unit length, as the `Encoder` protocol asks."""
    n_truncated: int = 0
    """How many texts so far were longer than the model's context and lost their end."""

    def __post_init__(self) -> None:
        if self.batch_size < 1:
            raise InvalidInputError(f"`batch_size` must be at least 1. Got {self.batch_size!r}.")
        self.model.eval()

    def embed_images(self, images: Sequence[Image.Image]) -> Float32[Tensor, "n d"]:
        """One L2-normalised float32 row per image, on the CPU."""
        return self._embed(images, self.preprocess, self.model.encode_image)

    def embed_texts(self, texts: Sequence[str]) -> Float32[Tensor, "n d"]:
        """One L2-normalised float32 row per text, on the CPU; too long a text is cut, with a warning."""
        return self._embed(texts, self._tokens, self.model.encode_text)

    def _embed(
        self,
        items: Sequence[Any],
        prepare: Callable[[Sequence[Any]], Tensor],
        encode: Callable[[Tensor], Tensor],
    ) -> Float32[Tensor, "n d"]:
        device = next(self.model.parameters()).device
        return embed_in_batches(
            items,
            lambda batch: encode(prepare(batch).to(device)),
            batch_size=self.batch_size,
            normalise=self.normalise,
        )

    def _tokens(self, texts: Sequence[str]) -> Int64[Tensor, "n t"]:
        tokens = self.tokenizer(list(texts))
        count_cut(self, cut_texts(self.tokenizer, texts), limit=tokens.shape[1])
        return tokens


def load_open_clip(
    folder: Path, *, device: str, batch_size: int = 64, normalise: bool = True
) -> OpenClipEncoder:
    """Load a folder with `open_clip_config.json`, `open_clip_model.safetensors` and perhaps a vocabulary.

    The config holds `model_cfg` (with `quick_gelu`), `preprocess_cfg` and `tokenizer` (a BPE file in the
    folder; without it, open_clip's own). Weights may be stored in half precision; the model runs in float32.

    Raises:
        EncoderError: a file is missing or broken, the parts do not fit each other, or the device does not exist.
    """
    config = _read_config(folder / CONFIG_FILE)
    model = build_model(config["model_cfg"], folder=folder)
    _load_weights(model, folder / WEIGHTS_FILE)
    tokenizer = _load_tokenizer(config, folder=folder, model=model)
    preprocess = read_preprocess_config(config.get("preprocess_cfg", {}), image_size=model.visual.image_size)
    facts = {
        "model": config["model_cfg"],
        "preprocess": asdict(preprocess),
        "tokenizer": tokenizer.encoder,
        "normalise": normalise,
    }
    if trunk := _trunk(config["model_cfg"], folder=folder):
        facts["trunk"] = json.loads((trunk / TRUNK_FILE).read_text(encoding="utf-8"))
    return OpenClipEncoder(
        model=on_device(model, device),
        preprocess=BatchPreprocess(preprocess),
        tokenizer=tokenizer,
        id=identity(model, facts, library="open_clip"),
        batch_size=batch_size,
        normalise=normalise,
    )


def load_pretrained(
    name: str, tag: str, *, device: str, cache_dir: Path | None = None, batch_size: int = 64
) -> OpenClipEncoder:
    """Load one of open_clip's published models, downloading its weights on first use.

    For OpenAI's weights use the names that end in `-quickgelu`.

    Raises:
        UnknownNameError: open_clip has no such model, or the model no such weights.
        EncoderError: the activation is not that of the weights, or they cannot be had.
    """
    check_quick_gelu(name, tag)
    cache = None if cache_dir is None else str(cache_dir)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", message="QuickGELU mismatch")
            model, _, _ = open_clip.create_model_and_transforms(
                name, pretrained=tag, precision="fp32", device="cpu", cache_dir=cache
            )
        tokenizer = open_clip.get_tokenizer(name, cache_dir=cache)
    except (RuntimeError, OSError, UserWarning) as error:
        raise EncoderError(
            f"The open_clip model {name!r} with weights {tag!r} must load. "
            f"Got {type(error).__name__}: {error}. "
            "Check the connection, or give a folder that holds the weights: encoder.folder=<path>."
        ) from error
    if not isinstance(model, ClipModel):
        raise EncoderError(
            f"A pretrained encoder must have two plain towers. Got a {type(model).__name__} for {name!r}."
        )
    preprocess = PreprocessCfg(**open_clip.get_model_preprocess_cfg(model))
    facts = {"name": name, "tag": tag, "preprocess": asdict(preprocess), "normalise": True}
    return OpenClipEncoder(
        model=on_device(model, device),
        preprocess=BatchPreprocess(preprocess),
        tokenizer=tokenizer,
        id=identity(model, facts, library="open_clip"),
        batch_size=batch_size,
    )


def check_quick_gelu(name: str, tag: str) -> None:
    """Raise unless the model's activation is the one that the weights were trained with; builds nothing."""
    config = open_clip.get_model_config(name) if name in open_clip.list_models() else None
    if config is None:
        raise unknown_name("encoder", name, open_clip.list_models())
    weights = open_clip.get_pretrained_cfg(name, tag)
    if not weights:
        raise unknown_name("pretrained", tag, open_clip.list_pretrained_tags_by_model(name))
    needs, has = bool(weights.get("quick_gelu")), bool(config.get("quick_gelu"))
    if needs != has:
        other = f"{name}-quickgelu" if needs else name.removesuffix("-quickgelu")
        raise EncoderError(
            f"Model and weights must use the same activation. The weights {tag!r} were trained with "
            f"quick_gelu={needs}, and the model {name!r} has quick_gelu={has}. Use the model name {other!r}."
        )


def is_on_hub(name: str, tag: str) -> bool:
    """Whether the weights are fetched from the hub, which can be kept from it, and not from an address of their own."""
    return bool(open_clip.get_pretrained_cfg(name, tag).get("hf_hub"))


def _read_config(path: Path) -> dict[str, Any]:
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EncoderError(
            f"An open_clip folder must contain a readable {CONFIG_FILE}. Got {str(path)!r}: {error}. "
            "Check the path, or make the weights again."
        ) from error
    if not isinstance(config, dict) or not isinstance(config.get("model_cfg"), dict):
        raise EncoderError(f"{str(path)!r} must contain an object `model_cfg`. Got {str(config)[:80]!r}.")
    return config


def build_model(model_cfg: Mapping[str, Any], *, folder: Path) -> ClipModel:
    """The open_clip model that `model_cfg` describes, with random weights.

    A timm tower called `local-dir:<name>` has its shape in `<name>/config.json` in `folder`, in timm's layout.
    """
    settings = {key: value for key, value in model_cfg.items() if key != "custom_text"}
    kind = open_clip.CustomTextCLIP if model_cfg.get("custom_text") else open_clip.CLIP
    if trunk := _trunk(model_cfg, folder=folder):
        settings["vision_cfg"] = {**settings["vision_cfg"], "timm_model_name": f"{_LOCAL}{trunk}"}
    try:
        return kind(**settings)
    except (TypeError, ValueError, RuntimeError, OSError, AssertionError) as error:
        raise EncoderError(
            f"`model_cfg` in {str(folder / CONFIG_FILE)!r} must describe an open_clip model. Got: {error}."
        ) from error


def _trunk(model_cfg: Mapping[str, Any], *, folder: Path) -> Path | None:
    """The folder of a timm tower that is described beside the weights."""
    name = str(model_cfg.get("vision_cfg", {}).get("timm_model_name") or "")
    return folder / name.removeprefix(_LOCAL) if name.startswith(_LOCAL) else None


def _load_weights(model: ClipModel, path: Path) -> None:
    try:
        stored = load_file(path)
        state = {name: t.float() if t.is_floating_point() else t for name, t in stored.items()}
        model.load_state_dict(state, strict=True)
    except (OSError, SafetensorError, RuntimeError) as error:
        raise EncoderError(
            f"The weights must be complete and fit {CONFIG_FILE}. Got {str(path)!r}: {error}. "
            "Check the path, or make the weights again."
        ) from error
    check_finite(state, place=str(path))


def _load_tokenizer(config: Mapping[str, Any], *, folder: Path, model: ClipModel) -> SimpleTokenizer:
    file = config.get("tokenizer")
    own: dict[str, Any] = {} if file is None else {"bpe_path": str(folder / file)}
    try:
        tokenizer = SimpleTokenizer(context_length=int(model.context_length), **own)
    except (OSError, UnicodeDecodeError) as error:
        raise EncoderError(
            f"The tokenizer of an open_clip folder must be a gzipped BPE vocabulary. Got {file!r}: {error}."
        ) from error
    largest = max(tokenizer.encoder.values())
    if largest >= model.vocab_size:
        raise EncoderError(
            f"The tokenizer's numbers must be below the model's `vocab_size`, {model.vocab_size}. "
            f"Got up to {largest} from {file or 'the vocabulary of open_clip'!r}. "
            "Name the vocabulary that the model was trained with."
        )
    return tokenizer
