"""Where the miniature's pretrained models are: folders of safetensors that ship with the package."""

from pathlib import Path

from finexl.errors import FinexlError, InvalidInputError

WEIGHTS = Path(__file__).parent / "weights"
CAPTIONERS = ("captioner", "captioner_medium", "captioner_small")
"""The best first."""
GROUNDINGS = WEIGHTS / "explain" / "grounded"
"""What the base generator shows when asked for the world's words, a file per encoder."""


class MissingModelError(FinexlError):
    """A pretrained model of the miniature is not in its folder."""


ENCODERS: dict[str, tuple[str, str]] = {
    "encoder": ("open_clip", "open_clip_config.json"),
    "encoder_vit": ("open_clip", "open_clip_config.json"),
    "encoder_eva": ("open_clip", "open_clip_config.json"),
    "encoder_align": ("transformers", "config.json"),
}
"""Every encoder, with the library that loads it and the file that it cannot do without."""


def encoder_folder(name: str = "encoder") -> Path:
    """An encoder, in the layout that `finexl.encoders.open_clip` or `finexl.encoders.transformers` loads."""
    return _existing(name, ENCODERS[name][1])


def pipeline_folder() -> Path:
    """The base generator, a diffusers `StableDiffusionPipeline` folder."""
    return _existing("diffusion", "model_index.json")


def captioner_folder(name: str = CAPTIONERS[0]) -> Path:
    """One of `CAPTIONERS`, in the layout of `finexl.vlms.miniature`."""
    return _existing(name, "vocabulary.json")


def anole_folder() -> Path:
    """The auto-regressive generator, in the layout of `finetune.families.anole.layout`."""
    return _existing("anole", "config.json")


def portraits_folder() -> Path:
    """The generator of portraits (§6.3), a diffusers folder like the base generator's."""
    return _existing("portraits", "model_index.json")


def direction_file(name: str) -> Path:
    """An edit direction of the generator of portraits, such as "mustache"."""
    return _one_of(portraits_folder() / "directions", name, key="generator.directions", instead="file")


def version_adapter(name: str) -> Path:
    """The adapter that makes the base generator another version (§6.4), such as "v21"."""
    return _one_of(WEIGHTS / "versions", name, key="generator.versions", instead="adapter")


def _one_of(folder: Path, name: str, *, key: str, instead: str) -> Path:
    """One of the files that ship in a folder, which settings name without a path."""
    shipped = sorted(file.stem for file in folder.glob("*.safetensors"))
    if not shipped:
        raise MissingModelError(
            f"The miniature's {folder.name} must be in its weights folder. {str(folder)!r} has none. Reinstall the "
            "package."
        )
    if name not in shipped:
        raise InvalidInputError(
            f"A name in `{key}` must be one that ships ({', '.join(shipped)}), or have a file of its own. Got {name!r}"
            f". Give one of these, or {key}.{name}.{instead}=PATH."
        )
    return folder / f"{name}.safetensors"


def _existing(name: str, marker: str) -> Path:
    folder = WEIGHTS / name
    if not (folder / marker).is_file():
        raise MissingModelError(
            f"The miniature's {name} must be in its weights folder. {str(folder)!r} has no {marker}. "
            f"Reinstall the package, or run `python -m finetune pretrain {name}`."
        )
    return folder
