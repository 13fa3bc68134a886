"""Eq. 4-5 against naive loops and in the toy world."""

import numpy as np
import pytest
import torch
from PIL import Image

from finexl.divergence import divergence, per_prompt_shift
from finexl.errors import EncoderError
from finexl.toy import ToyWorld
from finexl.values import ImagePairs, ImageStack


class MeanColour:
    """Three numbers per image: the mean of each channel; optionally NaN for black images."""

    id = "mean-colour"

    def __init__(self, *, nan_for_black: bool = False) -> None:
        self.nan_for_black = nan_for_black

    def embed_images(self, images):
        rows = torch.tensor(np.stack([np.asarray(image).mean(axis=(0, 1)) for image in images])).float()
        if self.nan_for_black:
            rows[rows.sum(dim=1) == 0] = torch.nan
        return rows

    def embed_texts(self, texts):
        raise NotImplementedError


def random_pairs(n: int = 5) -> ImagePairs:
    rng = np.random.default_rng(0)
    base, personalized = rng.integers(1, 256, (2, n, 6, 6, 3), dtype=np.uint8)
    prompts = tuple(f"prompt {i}" for i in range(n))
    return ImagePairs(prompts=prompts, base=ImageStack(base), personalized=ImageStack(personalized))


def test_divergence_is_the_mean_shift_of_a_naive_loop():
    pairs = random_pairs()
    shifts = [
        np.asarray(personalized).mean(axis=(0, 1)) - np.asarray(base).mean(axis=(0, 1))
        for base, personalized in zip(pairs.base, pairs.personalized, strict=True)
    ]
    expected = sum(shifts) / len(shifts)
    assert divergence(pairs, encoder=MeanColour()).numpy() == pytest.approx(expected, rel=1e-4)


def test_the_sum_of_equation_5_is_n_times_the_mean():
    pairs = random_pairs(4)
    summed = divergence(pairs, encoder=MeanColour(), reduction="sum")
    torch.testing.assert_close(summed, 4 * divergence(pairs, encoder=MeanColour()))


def test_divergence_is_computed_in_float64():
    assert divergence(random_pairs(), encoder=MeanColour()).dtype == torch.float64


def test_permuting_the_pairs_leaves_the_divergence_as_it_is():
    pairs, order = random_pairs(), [3, 1, 4, 0, 2]
    permuted = ImagePairs(
        prompts=tuple(pairs.prompts[i] for i in order),
        base=[pairs.base[i] for i in order],
        personalized=[pairs.personalized[i] for i in order],
    )
    torch.testing.assert_close(
        divergence(permuted, encoder=MeanColour()), divergence(pairs, encoder=MeanColour())
    )


def test_swapping_base_and_personalized_negates_the_divergence():
    pairs = random_pairs()
    swapped = ImagePairs(prompts=pairs.prompts, base=pairs.personalized, personalized=pairs.base)
    torch.testing.assert_close(
        divergence(swapped, encoder=MeanColour()), -divergence(pairs, encoder=MeanColour())
    )


def test_equal_images_have_divergence_zero():
    pairs = random_pairs()
    same = ImagePairs(prompts=pairs.prompts, base=pairs.base, personalized=pairs.base)
    assert not divergence(same, encoder=MeanColour()).any()


def test_there_is_one_shift_per_prompt():
    assert per_prompt_shift(random_pairs(5), encoder=MeanColour()).shape == (5, 3)


def test_the_shift_in_the_toy_world_is_the_painted_level():
    world = ToyWorld(aspects=("vivid", "dark"))
    shift = per_prompt_shift(world.pairs(levels={"dark": 2}), encoder=world.encoder)
    assert shift[:, -2:].tolist() == [[0.0, 2.0]] * len(world.prompts)


def test_nan_names_the_image():
    pairs = random_pairs()
    images = [*pairs.personalized]
    images[3] = Image.new("RGB", (6, 6))
    broken = ImagePairs(prompts=pairs.prompts, base=pairs.base, personalized=images)
    with pytest.raises(EncoderError, match="personalized image 3"):
        divergence(broken, encoder=MeanColour(nan_for_black=True))


def test_a_missing_row_is_an_error():
    class Forgetful(MeanColour):
        def embed_images(self, images):
            return super().embed_images(images)[1:]

    with pytest.raises(EncoderError, match="one row per personalized image"):
        divergence(random_pairs(), encoder=Forgetful())
