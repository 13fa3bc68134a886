"""The edit directions of the generator of portraits (§6.3): the features of a face, in words.

NoiseCLR has to learn its directions without names from a model that knows everything. This generator knows faces
only, and a quarter of its captions name one feature and leave the rest open. So the noise prediction for such a
caption differs from that for none by the feature alone, and the words are the direction.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from finetune.families.diffusion.latent_editing import textual_direction, write_direction
from finetune.families.diffusion.personalizer import load_pipeline
from finetune.families.diffusion.sampling import Window
from finetune.generator import GeneratorSettings, generator_id
from finetune.miniature.portraits import Portrait, feature_caption


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """How a feature is added."""

    window: Window
    largest_scale: float
    """Up to here it grows, seen by eye and measured by the encoder, on development seeds."""


EDITS: dict[str, Edit] = {
    "mustache": Edit(window=Window(), largest_scale=7.0),
    "glasses": Edit(window=Window(), largest_scale=9.0),
    "smile": Edit(window=Window(), largest_scale=9.0),
    "hat": Edit(window=Window(), largest_scale=9.0),
}
"""Beyond their largest scales other features fade: glasses where a mustache grows, hair where a hat does."""


def write_directions(folder: Path) -> None:
    """Write `folder/directions/<feature>.safetensors` for the pipeline in `folder`."""
    pipeline, generator = load_pipeline(folder), generator_id(GeneratorSettings(folder=folder))
    (folder / "directions").mkdir(exist_ok=True)
    for feature, edit in EDITS.items():
        words = feature_caption(feature, Portrait())
        direction = replace(
            textual_direction(pipeline, words, name=feature),
            generator=generator,
            window=edit.window,
            largest_scale=edit.largest_scale,
        )
        write_direction(folder / "directions" / f"{feature}.safetensors", direction)
