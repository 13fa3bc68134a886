"""How large a ControlGAN is, as a value: the published birds generator, and the miniature, are two of them.

Widths and sizes are free; everything else is fixed by them. Numbers of the birds generator are those of the
reference's `cfg/train_bird.yml` and `miscc/config.py` (mrlibw/ControlGAN).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from finetune.families.image_sizes import Size, config_in
from finexl.errors import InvalidInputError

N_STAGES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """Widths and sizes of all networks of a ControlGAN."""

    n_words: int
    """Entries of the vocabulary, the padding at index 0 included."""
    generator_width: int = 32
    """Channels of the feature maps that images are read from (GF)."""
    discriminator_width: int = 64
    """Channels after a discriminator's first convolution (DF)."""
    n_residual: int = 2
    """Residual blocks in each of the later stages (R)."""
    base_size: int = 64
    """Side of the first stage's images in pixels; the later ones are twice and four times as large."""
    word_width: int = 256
    """Features of a word, of a sentence and of an image region."""
    embedding_width: int = 300
    """Features of a word before its context is read."""
    condition_width: int = 100
    """Features of the draw around a sentence that an image is conditioned on."""
    noise_width: int = 100
    """Features of the noise that tells images of one caption apart."""
    caption_length: int = 25
    """Words of a caption that are read; the rest is cut off. The reference evaluates with 25 and trains with 18."""
    image_encoder: Literal["inception_v3", "small"] = "inception_v3"
    """The network that the DAMSM sees images with: Inception-v3 at 299 pixels, or a small one at the images' size."""
    perception: Literal["vgg16", "image_encoder"] = "vgg16"
    """What the perceptual loss compares: VGG-16 up to relu2_2, or the first blocks of the image encoder."""

    def __post_init__(self) -> None:
        if self.base_size < 16 or self.base_size & (self.base_size - 1):
            raise InvalidInputError(
                f"`base_size` of a ControlGAN must be a power of two, at least 16. Got {self.base_size}."
            )
        if self.word_width % 2:
            raise InvalidInputError(
                f"`word_width` must be even: half of it reads forwards, half backwards. Got {self.word_width}."
            )
        if self.perception == "image_encoder" and self.image_encoder != "small":
            raise InvalidInputError(
                "`perception` must be vgg16 unless `image_encoder` is small. "
                f"Got {self.perception!r} with {self.image_encoder!r}."
            )

    @property
    def sizes(self) -> tuple[int, ...]:
        """Sides of the three stages' images in pixels."""
        return tuple(self.base_size << stage for stage in range(N_STAGES))

    @property
    def n_doublings(self) -> int:
        """Doublings from 4×4 cells to the first stage's images, and halvings back in its discriminator."""
        return (self.base_size // 4).bit_length() - 1

    @property
    def channel_cells(self) -> tuple[int, int]:
        """Cells of the feature maps that the second and third stage attend to, channel by channel."""
        return self.sizes[0] ** 2, self.sizes[1] ** 2


def image_size(folder: Path) -> Size:
    """Height and width in pixels of the last stage's images, by a folder's configuration alone."""
    side = int(config_in(folder).get("base_size", Architecture(n_words=1).base_size)) << (N_STAGES - 1)
    return side, side
