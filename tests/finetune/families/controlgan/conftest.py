"""A random ControlGAN of a few thousand weights, at 16, 32 and 64 pixels."""

from pathlib import Path

import numpy as np
import pytest
import torch

from finetune.families.controlgan.architecture import Architecture
from finetune.families.controlgan.generator import Captions, Chance
from finetune.families.controlgan.layout import save_networks
from finetune.families.controlgan.networks import Networks, build_networks
from finetune.families.controlgan.words import Vocabulary, vocabulary_of
from finetune.mixing import TrainingImages
from finetune.recipe import Mixture, Recipe

CAPTIONS = ("a red house in a field", "a blue fish at night", "a green star in the sky and a red ball")

Shapes = dict[str, tuple[int, ...]]


def norm(name: str, width: int) -> Shapes:
    vectors = ("weight", "bias", "running_mean", "running_var")
    return {f"{name}.{one}": (width,) for one in vectors} | {f"{name}.num_batches_tracked": ()}


def up(name: str, n_in: int, n_out: int) -> Shapes:
    return {f"{name}.1.weight": (2 * n_out, n_in, 3, 3)} | norm(f"{name}.2", 2 * n_out)


def residual(name: str, width: int) -> Shapes:
    first = {f"{name}.block.0.weight": (2 * width, width, 3, 3)} | norm(f"{name}.block.1", 2 * width)
    return first | {f"{name}.block.3.weight": (width, width, 3, 3)} | norm(f"{name}.block.4", width)


@pytest.fixture
def published_birds() -> Shapes:
    """Keys and shapes of the reference's generator with GF 32, R 2, words of 256, condition and noise of 100."""
    shapes: Shapes = {"ca_net.fc.weight": (400, 256), "ca_net.fc.bias": (400,)}
    shapes |= {"h_net1.fc.0.weight": (16384, 200)} | norm("h_net1.fc.1", 16384)
    for number, width in enumerate((512, 256, 128, 64), start=1):
        shapes |= up(f"h_net1.upsample{number}", width, width // 2)
    for stage in ("h_net2", "h_net3"):
        shapes[f"{stage}.att.conv_context.weight"] = (32, 256, 1, 1)
        for attention in ("att", "channel_att"):
            shapes[f"{stage}.{attention}.conv_context2.weight"] = (4096, 256, 1, 1)
            shapes[f"{stage}.{attention}.conv_context3.weight"] = (16384, 256, 1, 1)
        shapes |= residual(f"{stage}.residual.0", 96) | residual(f"{stage}.residual.1", 96)
        shapes |= up(f"{stage}.upsample", 96, 32)
    return shapes | {f"img_net{stage}.img.0.weight": (3, 32, 3, 3) for stage in (1, 2, 3)}


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    return vocabulary_of(CAPTIONS)


@pytest.fixture(scope="session")
def architecture(vocabulary: Vocabulary) -> Architecture:
    return Architecture(
        n_words=len(vocabulary), generator_width=4, discriminator_width=4, n_residual=1, base_size=16, word_width=8,
        embedding_width=6, condition_width=5, noise_width=7, caption_length=10, image_encoder="small",
        perception="image_encoder",
    )  # fmt: skip


@pytest.fixture
def networks(architecture: Architecture) -> Networks:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        built = build_networks(architecture)
    for part in (built.generator, built.text_encoder, built.image_encoder, built.discriminators):
        part.eval()
    return built


@pytest.fixture
def folder(tmp_path: Path, networks: Networks, vocabulary: Vocabulary) -> Path:
    save_networks(tmp_path / "controlgan", networks, vocabulary)
    return tmp_path / "controlgan"


@pytest.fixture
def chance(architecture: Architecture) -> Chance:
    source = torch.Generator().manual_seed(5)
    widths = architecture.noise_width, architecture.condition_width
    return Chance(*(torch.randn(3, width, generator=source) for width in widths))


@pytest.fixture
def captions(networks: Networks, vocabulary: Vocabulary) -> Captions:
    from finetune.families.controlgan.reading import CaptionReader

    return CaptionReader(networks.text_encoder, vocabulary=vocabulary, length=10).read(CAPTIONS)


@pytest.fixture
def training() -> TrainingImages:
    images = np.random.default_rng(1).integers(0, 256, (6, 64, 64, 3), dtype=np.uint8)
    return TrainingImages(images=images, captions=2 * CAPTIONS, sources=("warm",) * 6)


@pytest.fixture
def recipe() -> Recipe:
    return Recipe(
        generator="g", corpus="c", aspects=("warm",), mixture=Mixture(parts=(1,), whole=1), n_images=6,
        learning_rate=1e-3, batch_size=4, steps=(1, 3), seed=2,
    )  # fmt: skip
