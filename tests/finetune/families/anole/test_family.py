from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from anole_sizes import PROMPTS, SEEDS, Save
from transformers import ChameleonForConditionalGeneration

from finetune.families.anole.family import AnoleFamily
from finetune.families.opening import Family
from finetune.generator import GeneratorError, GeneratorSettings
from finetune.recipe import Recipe
from finetune.store.store import Store
from finexl.errors import InvalidInputError


def other_detokenizer(family: AnoleFamily, recipe: Recipe) -> dict[str, torch.Tensor]:
    kept = family.personalizer(recipe).kept()
    return kept | {"decoder.conv_out.bias": kept["decoder.conv_out.bias"] + 0.5}


def test_it_is_a_family(family: AnoleFamily) -> None:
    assert isinstance(family, Family)


def test_an_image_depends_on_prompt_and_seed_alone(family: AnoleFamily, settings: GeneratorSettings) -> None:
    together = family.generator().sample(PROMPTS, SEEDS)
    fresh = AnoleFamily(settings).generator()
    assert np.array_equal(fresh.sample(PROMPTS[::-1], SEEDS[::-1]), together[::-1])
    assert np.array_equal(AnoleFamily(settings).generator().sample(PROMPTS[1:2], SEEDS[1:2]), together[1:2])


def test_zero_steps_change_nothing(family: AnoleFamily, recipe: Callable[..., Recipe]) -> None:
    weights = {name: tensor.float() for name, tensor in family.personalizer(recipe()).learned().items()}
    base, untrained = family.generator(), family.generator(weights)
    assert np.array_equal(untrained.sample(PROMPTS, SEEDS), base.sample(PROMPTS, SEEDS))


def test_base_and_personalized_decode_the_same_tokens(
    settings: GeneratorSettings, recipe: Callable[..., Recipe], tmp_path: Path
) -> None:
    """The language model is read for the base generator only; then its folder may go."""
    store = Store(tmp_path)
    family = AnoleFamily(settings, store=store)
    base = family.generator().sample(PROMPTS, SEEDS)
    later = AnoleFamily(settings, store=store)
    moved = later.generator(other_detokenizer(later, recipe())).sample(PROMPTS, SEEDS)
    assert "_writer" not in later.__dict__
    difference = moved.astype(int) - base.astype(int)
    inside = (base > 70) & (base < 180)
    assert (difference[inside] > 55).all()


def test_the_base_generator_keeps_its_detokenizer(family: AnoleFamily, recipe: Callable[..., Recipe]) -> None:
    before = family.generator().sample(PROMPTS, SEEDS)
    family.generator(other_detokenizer(family, recipe())).sample(PROMPTS, SEEDS)
    assert np.array_equal(family.generator().sample(PROMPTS, SEEDS), before)


def test_tokens_are_stored_under_how_they_were_drawn(settings: GeneratorSettings, tmp_path: Path) -> None:
    for guidance in (3.0, 2.0):
        family = AnoleFamily(replace(settings, guidance=guidance), store=Store(tmp_path))
        family.generator().sample(PROMPTS, SEEDS)
    assert len(list((tmp_path / "tokens").iterdir())) == 2


def test_chameleon_makes_images(
    chameleon: ChameleonForConditionalGeneration, save: Save, tmp_path: Path
) -> None:
    settings = GeneratorSettings(folder=save(tmp_path, chameleon), family="anole", batch_size=2)
    images = AnoleFamily(settings).generator().sample(PROMPTS, SEEDS)
    assert images.shape == (3, 8, 8, 3)


def test_half_precision_sampling_makes_images(settings: GeneratorSettings) -> None:
    images = AnoleFamily(replace(settings, precision="bf16")).generator().sample(PROMPTS, SEEDS)
    assert images.shape == (3, 8, 8, 3)


def test_a_detokenizer_with_other_tensors_is_refused(
    family: AnoleFamily, recipe: Callable[..., Recipe]
) -> None:
    kept = family.personalizer(recipe()).kept()
    del kept["decoder.conv_in.bias"]
    with pytest.raises(GeneratorError, match=r"decoder\.conv_in\.bias"):
        family.generator(kept | {"unet.bias": torch.zeros(1)})


def test_a_detokenizer_has_no_scale(family: AnoleFamily) -> None:
    with pytest.raises(InvalidInputError, match=r"Got 0\.5"):
        family.generator({}, scale=0.5)
