"""From ControlGAN's published files to a folder that `layout.py` loads; widths are read from the tensors
themselves.

`generator` and `text_encoder` are the reference's `netG_epoch_<n>.pth` (or `bird_ControlGAN.pth`) and
AttnGAN's `text_encoder.pth`; `vocabulary` is a JSON of the word numbers, which AttnGAN and the reference keep as
the fourth entry of `captions.pickle` (not opened here: `words.RECIPE` makes the JSON). `image_encoder`, `vgg16`
(torchvision's) and the discriminators (`netD0.pth` to `netD2.pth`, never published) are needed for
personalizing only.
"""

import math
from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from finetune.families.controlgan.architecture import N_STAGES, Architecture
from finetune.families.controlgan.layout import VOCABULARY, load_networks, write_config
from finetune.families.controlgan.words import read_vocabulary, write_vocabulary
from finetune.families.convert import ConversionError, read_published
from finetune.store.tensors import write_tensors

_DISCRIMINATORS = tuple(f"discriminator{stage}" for stage in range(N_STAGES))
_VGG_USED = ("features.0.", "features.2.", "features.5.", "features.7.")


def convert_controlgan(files: Mapping[str, Path], folder: Path) -> None:
    """Write the folder, and load it once to see that every key and shape is the published one.

    Raises:
        ConversionError: A file holds other things than tensors, or lacks published keys.
        GeneratorError: The tensors do not fit each other.
    """
    networks = {name: read_published(files[name]) for name in ("generator", "text_encoder")}
    if "image_encoder" in files:
        networks["image_encoder"] = read_published(files["image_encoder"])
    if "vgg16" in files:
        vgg = read_published(files["vgg16"])
        networks["perception"] = {key: vgg[key] for key in vgg if key.startswith(_VGG_USED)}
    judges = [read_published(files[name]) for name in _DISCRIMINATORS if name in files]
    if judges:
        networks["discriminators"] = _joined(judges, networks)
    architecture = architecture_of(networks)
    folder.mkdir(parents=True, exist_ok=True)
    write_config(folder, architecture)
    write_vocabulary(folder / VOCABULARY, read_vocabulary(files["vocabulary"]))
    for name, tensors in networks.items():
        write_tensors(folder / f"{name}.safetensors", {key: value.clone() for key, value in tensors.items()})
    load_networks(folder)


def architecture_of(networks: Mapping[str, Mapping[str, Tensor]]) -> Architecture:
    """The widths and sizes that the tensors of `generator` and `text_encoder` have.

    Raises:
        ConversionError: Published keys are missing.
    """
    generator, text = networks["generator"], networks["text_encoder"]
    judges = networks.get("discriminators")
    try:
        condition_width = generator["ca_net.fc.weight"].shape[0] // 4
        return Architecture(
            n_words=text["encoder.weight"].shape[0],
            generator_width=generator["img_net1.img.0.weight"].shape[1],
            discriminator_width=judges["stages.0.img_code_s16.0.weight"].shape[0]
            if judges
            else Architecture(n_words=1).discriminator_width,
            n_residual=sum(
                key.endswith("block.0.weight") for key in generator if key.startswith("h_net2.residual.")
            ),
            base_size=math.isqrt(generator["h_net2.att.conv_context2.weight"].shape[0]),
            word_width=generator["ca_net.fc.weight"].shape[1],
            embedding_width=text["encoder.weight"].shape[1],
            condition_width=condition_width,
            noise_width=generator["h_net1.fc.0.weight"].shape[1] - condition_width,
        )
    except KeyError as missing:
        raise ConversionError(
            f"A generator and a text encoder must have the published keys of ControlGAN. Without: {missing}. "
            "Give the state dictionaries `netG_epoch_<n>.pth` and `text_encoder.pth`."
        ) from missing


def _joined(
    judges: list[dict[str, Tensor]], networks: Mapping[str, Mapping[str, Tensor]]
) -> dict[str, Tensor]:
    """All discriminators in one file; the word-level one starts with the image encoder's own projection."""
    if len(judges) != N_STAGES or "image_encoder" not in networks:
        raise ConversionError(
            f"Discriminators must be given for all {N_STAGES} stages, together with the image encoder. "
            f"Got {len(judges)}, {'with' if 'image_encoder' in networks else 'without'} it."
        )
    joined = {f"stages.{n}.{key}": value for n, judge in enumerate(judges) for key, value in judge.items()}
    return joined | {"words.perception.weight": networks["image_encoder"]["emb_features.weight"]}
