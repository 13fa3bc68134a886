import copy
from collections.abc import Sequence

import numpy as np
import pytest
import torch
from anole_sizes import GRID, N_CODES
from diffusers.models.autoencoders.vq_model import VQModel
from torch import Tensor

from finetune.families.anole.images import AnoleGenerator, decoded, encoded
from finetune.generator import GeneratorError


class FixedCodes:
    """The same codes for everyone."""

    def of(self, prompts: Sequence[str], seeds: Sequence[int]) -> Tensor:
        return codes(len(prompts))


def codes(n: int) -> Tensor:
    return torch.randint(N_CODES, (n, *GRID), generator=torch.Generator().manual_seed(4))


def test_pixels_are_the_decoder_s_in_eight_bits(vq: VQModel) -> None:
    with torch.no_grad():
        vectors = vq.quantize.embedding(codes(1)).permute(0, 3, 1, 2)
        plain = vq.decoder(vq.post_quant_conv(vectors))[0].permute(1, 2, 0)
    wanted = np.rint((np.clip(plain.numpy(), -1, 1) + 1) * 127.5)
    assert np.array_equal(decoded(vq, codes(1), batch_size=1)[0], wanted)


def test_images_do_not_depend_on_how_many_are_decoded(vq: VQModel) -> None:
    all_at_once, alone = decoded(vq, codes(5), batch_size=2), decoded(vq, codes(5)[4:], batch_size=2)
    assert np.array_equal(all_at_once[4:], alone)


def test_codes_of_an_image_are_the_nearest(vq: VQModel) -> None:
    images = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 3), dtype=np.uint8)
    with torch.no_grad():
        latents = vq.encode(torch.from_numpy(images).permute(0, 3, 1, 2) / 127.5 - 1).latents
        _, _, (_, _, nearest) = vq.quantize(latents)
    assert encoded(vq, images).flatten().tolist() == nearest.tolist()


def test_a_generator_decodes_the_codes_of_its_prompts(vq: VQModel) -> None:
    images = AnoleGenerator(vq, FixedCodes(), batch_size=2).sample(["a", "b", "c"], [1, 2, 3])
    assert images.shape == (3, 8, 8, 3)
    assert np.array_equal(images, decoded(vq, codes(3), batch_size=2))


def test_images_that_are_no_numbers_are_refused(vq: VQModel) -> None:
    broken = copy.deepcopy(vq)
    torch.nn.init.constant_(broken.decoder.conv_out.weight, torch.nan)
    with pytest.raises(GeneratorError, match="diverged"):
        decoded(broken, codes(1), batch_size=1)
