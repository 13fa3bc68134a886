"""The miniature's ControlGAN: 16, 32 and 64 pixels, trained from scratch on plain renderings.

First the DAMSM's encoders learn which caption belongs to which image; then the generator is trained
(`adversarial.py`). Captions almost determine a scene, but not where its subjects stand; so an encoder that
exists in training only reads the noise from the real image, and the generator has to paint that image (a
conditional VAE-GAN: Larsen et al. 2016; Zhu et al. 2017). After a first part in which nothing else is asked
for, half of each batch has free noise and all of ControlGAN's losses judge both halves.
"""

import dataclasses
from pathlib import Path

import torch
from torch import Tensor, nn

from finetune.families.controlgan.architecture import Architecture
from finetune.families.controlgan.encoders import TextEncoder, stacked
from finetune.families.controlgan.generator import Captions
from finetune.families.controlgan.layout import save_networks
from finetune.families.controlgan.losses import matching_loss
from finetune.families.controlgan.networks import Networks, build_networks
from finetune.families.controlgan.words import Vocabulary, vocabulary_of
from finetune.miniature.captions import PLAIN_TEMPLATE
from finetune.miniature.examples import Examples, plain_examples
from finetune.pretraining.controlgan.adversarial import GanSettings, train_gan
from finetune.pretraining.controlgan.paired_scenes import Scenes
from finetune.pretraining.loop import LoopSettings, train
from finetune.pretraining.networks.vae import to_tensor

MATCHING = LoopSettings(steps=6000, learning_rate=2e-3, average_decay=0.995, max_minutes=6.0, seed=61)
SETTINGS = LoopSettings(
    steps=40000, learning_rate=1.5e-3, warmup_steps=100, average_decay=0.998, max_minutes=45.0, seed=62,
    save_every_s=120.0,
)  # fmt: skip
GAN = GanSettings()
N_SCENES = 16000
MATCHED_TOGETHER = 32
AT_ONCE = 250


def miniature_architecture(n_words: int) -> Architecture:
    """About 0.8 M parameters of generator, 0.4 M of discriminators and 0.3 M of encoders."""
    return Architecture(
        n_words=n_words, generator_width=16, discriminator_width=16, n_residual=2, base_size=16, word_width=64,
        embedding_width=48, condition_width=32, noise_width=32, caption_length=20, image_encoder="small",
        perception="image_encoder",
    )  # fmt: skip


def pretrain_controlgan(folder: Path, *, settings: LoopSettings = SETTINGS) -> nn.Module:
    """Train all networks; keeps states in `folder` and beside it, saves to `folder/model`."""
    examples = plain_examples(N_SCENES, seed=settings.seed)
    vocabulary = vocabulary_of([*examples.captions, PLAIN_TEMPLATE.format(caption="")])
    torch.manual_seed(settings.seed)
    networks = build_networks(miniature_architecture(len(vocabulary)))
    images = to_tensor(examples.images)
    matching = folder.parent / f"{folder.name}_matching"
    minutes = min(MATCHING.max_minutes, settings.max_minutes)
    train_matching(networks, images, _tokens(vocabulary, examples), folder=matching, minutes=minutes)
    scenes = _scenes(networks.text_encoder, vocabulary, examples, images=images)
    train_gan(networks, scenes, settings=settings, gan=GAN, folder=folder)
    save_networks(folder / "model", networks, vocabulary)
    return nn.ModuleList(
        [networks.generator, networks.discriminators, networks.text_encoder, networks.image_encoder]
    )


def train_matching(
    networks: Networks, images: Tensor, tokens: tuple[Tensor, Tensor, Tensor], *, folder: Path, minutes: float
) -> None:
    """The DAMSM: words, sentences and images find each other within a batch."""
    settings = dataclasses.replace(MATCHING, max_minutes=minutes)
    encoders = nn.ModuleDict({"text": networks.text_encoder, "image": networks.image_encoder})
    ids, lengths, numbers = tokens

    def loss_of_step(generator: torch.Generator, step: int) -> Tensor:
        torch.manual_seed(settings.seed * 1_000_003 + step)  # dropout
        chosen = torch.randint(len(images), (MATCHED_TOGETHER,), generator=generator)
        variant = torch.randint(2, (MATCHED_TOGETHER,), generator=generator)
        captions = networks.text_encoder(ids[chosen, variant], lengths[chosen, variant])
        with torch.autocast("cpu", torch.bfloat16):
            seen = networks.image_encoder(images[chosen])
        same = numbers[chosen][:, None] == numbers[chosen]
        same.fill_diagonal_(False)
        return matching_loss(type(seen)(*(part.float() for part in seen)), captions, same=same)

    facts = train(encoders, loss_of_step, settings=settings, folder=folder)
    print("matching", facts, flush=True)
    encoders.requires_grad_(False).eval()


def _tokens(vocabulary: Vocabulary, examples: Examples) -> tuple[Tensor, Tensor, Tensor]:
    """Indices (n, 2, t) of each caption alone and as "a photo: ...", their lengths, and the captions' numbers."""
    length = miniature_architecture(len(vocabulary)).caption_length
    ids = torch.zeros(len(examples.captions), 2, length, dtype=torch.long)
    lengths = torch.zeros(len(examples.captions), 2, dtype=torch.long)
    numbers: dict[str, int] = {}
    for row, caption in enumerate(examples.captions):
        numbers.setdefault(caption, len(numbers))
        for variant, said in enumerate((caption, PLAIN_TEMPLATE.format(caption=caption))):
            read = vocabulary.read(said, length=length)
            ids[row, variant, : len(read)] = torch.tensor(read)
            lengths[row, variant] = len(read)
    return ids, lengths, torch.tensor([numbers[caption] for caption in examples.captions])


@torch.no_grad()
def _scenes(encoder: TextEncoder, vocabulary: Vocabulary, examples: Examples, *, images: Tensor) -> Scenes:
    """Images beside every caption in both forms, encoded once."""
    ids, lengths, numbers = _tokens(vocabulary, examples)
    alone, as_photo = (_encoded(encoder, ids[:, form], lengths[:, form]) for form in range(2))
    return Scenes(images=images, captions=(alone, as_photo), numbers=numbers)


def _encoded(encoder: TextEncoder, tokens: Tensor, lengths: Tensor) -> Captions:
    parts = zip(tokens.split(AT_ONCE), lengths.split(AT_ONCE), strict=True)
    return stacked([encoder(some, counts) for some, counts in parts])
