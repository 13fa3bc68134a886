"""The table of generator families: one row of facts for each, which everything that names a family reads.

A new family is a folder in `finetune/families/` and a row here. Nothing here loads a network: what needs torch is named
as `module:name` and imported when it is called for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """What a family's published model consists of, and what makes a folder of it."""

    summary: str
    """Where its files come from, for `python -m finetune convert --help`."""
    needed: tuple[str, ...]
    """Names of the files without which nothing can be made."""
    optional: tuple[str, ...] = ()
    """Names of the files that may be given as well."""
    make: str
    """`module:function` that takes files by name and the folder to make."""

    def told(self, kind: str) -> str:
        """What it is and what it takes, for `convert --help`."""
        return f"{kind}: {self.summary}\n  needs {', '.join(self.needed)}\n  takes {', '.join(self.optional)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyFacts:
    """All that is known of a family of generators without loading one."""

    methods: tuple[str, ...] = ("full",)
    """What can be trained: all weights of the trained part (`full`), or adapters by name."""
    opens: str
    """`module:callable` that makes a `finetune.families.opening.Family` of settings and a store."""
    image_size: str
    """`module:function` that reads height and width of a folder's images from its configuration files."""
    marker: str = "config.json"
    """The file without which a folder holds no generator of the family."""
    parts: tuple[str, ...] = (".",)
    """What of a folder is loaded, and so names the generator."""
    unused: tuple[str, ...] = ()
    """Settings that would change nothing; giving one is an error."""
    trained_by: tuple[str, ...]
    """The code that decides what is trained, as `module:name`; no sampling is in it, so weights outlive its changes."""
    sampled_by: tuple[str, ...]
    """The code that decides an image from given weights, as `module:name`."""
    edited_by: tuple[str, ...] = ()
    """The code that pushes sampling along an edit direction, as `module:name`."""
    composed_by: tuple[str, ...] = ()
    """The code that adds several adapters to one model, as `module:name`; none where there are no adapters."""
    wants_contents: bool = False
    """Training reads what images show without their aspect, which a corpus may have to draw first."""
    published_side: int = 512
    """Pixels on a side of the published model's images, to estimate costs before anything is downloaded."""
    miniature: str
    """Name of the miniature's base generator of the family, in `finetune/miniature/weights`."""
    miniature_settings: Mapping[str, Any] = field(default_factory=dict)
    """How the miniature's base generator is usually sampled, where that differs from `GeneratorSettings`."""
    miniature_ema_decay: float = 0.0
    """Decay of the average of weights that a level of the miniature's ladders keeps; 0 keeps the weights themselves."""
    conversion: Conversion | None = None
    """How published `.pth` and `.ckpt` files become a folder; None where the published form is one already."""


FAMILIES: dict[str, FamilyFacts] = {
    "diffusion": FamilyFacts(
        methods=("full", "lora", "finestyle"),
        opens="finetune.families.diffusion.family:DiffusionFamily",
        image_size="finetune.families.diffusion.image_size:image_size",
        trained_by=(
            "finetune.families.diffusion.family:DiffusionFamily.personalizer",
            "finetune.families.diffusion.family:DiffusionFamily.stream",
        ),
        sampled_by=("finetune.families.diffusion.family:DiffusionFamily.generator",),
        edited_by=("finetune.families.diffusion.family:DiffusionFamily.edited",),
        composed_by=("finetune.families.diffusion.family:DiffusionFamily.composed",),
        marker="model_index.json",
        parts=("model_index.json", "scheduler", "text_encoder", "tokenizer", "unet", "vae"),
        miniature="diffusion",
        # guidance leads away from what only half of the training images show
        miniature_settings={"guidance": 1.0},
        miniature_ema_decay=0.95,
    ),
    "controlgan": FamilyFacts(
        opens="finetune.families.controlgan.family:open_family",
        image_size="finetune.families.controlgan.architecture:image_size",
        trained_by=(
            "finetune.families.controlgan.family:ControlFamily.personalizer",
            "finetune.families.controlgan.family:ControlFamily.stream",
            "finetune.families.controlgan.layout:load_networks",
        ),
        sampled_by=(
            "finetune.families.controlgan.family:ControlFamily.generator",
            "finetune.families.controlgan.layout:load_networks",
        ),
        unused=("adapter", "adapter_scale", "n_sampling_steps", "guidance", "caption_dropout"),
        published_side=256,
        miniature="controlgan",
        conversion=Conversion(
            summary="mrlibw/ControlGAN: the birds generator, AttnGAN's encoders, one's own discriminators",
            needed=("generator", "text_encoder", "vocabulary"),
            optional=("image_encoder", "vgg16", "discriminator0", "discriminator1", "discriminator2"),
            make="finetune.families.controlgan.published:convert_controlgan",
        ),
    ),
    "anole": FamilyFacts(
        opens="finetune.families.anole.family:AnoleFamily",
        image_size="finetune.families.anole.config:image_size",
        trained_by=(
            "finetune.families.anole.layout:load_vq",
            "finetune.families.anole.personalizer:DetokenizerPersonalizer",
            "finetune.families.anole.personalizer:token_stream",
        ),
        sampled_by=("finetune.families.anole.family:AnoleFamily.generator",),
        unused=("adapter", "adapter_scale", "n_sampling_steps", "caption_dropout"),
        wants_contents=True,
        miniature="anole",
        miniature_settings={"guidance": 1.5},  # a language model this small loses its thread with more
        conversion=Conversion(
            summary="GAIR/Anole-7b-v0.1: the image tokenizer `vqgan.ckpt`, the tokenizer `text_tokenizer.json`, and "
            "the language model `consolidated.pth` with its `params.json`",
            needed=("vqgan",),
            optional=("text_tokenizer", "language_model", "params"),
            make="finetune.families.anole.published:convert_anole",
        ),
    ),
}
"""Every family by name."""
