"""The check of cards counts what must hold, and its other factors are the same adapter."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from finetune.cli.printing import write_table
from finetune.explaining.cards.checks import (
    Called,
    Checked,
    Effect,
    effect_of,
    refactored,
    shift_of,
    table,
    way_of,
)
from finetune.miniature import apply_aspect
from finexl.values import ImagePairs, ImageStack

ONE = Checked(
    aspect="vivid", seed=1000, first="vivid, vibrant", is_first=True, amounts=(0.2, 0.5, 0.4),
    effects=(Effect(0.3, 0.9), Effect(0.8, 0.95), Effect(0.9, 0.7)),
    nothing="no detectable change", refactored=True,
    leaking=Called(is_first=True, verdict="changed", leaks=("vivid",), share=0.8),
    clean=Called(is_first=True, verdict="changed", leaks=(), share=0.04),
)  # fmt: skip


class MeanColour:
    """Embeds a picture as its mean colour."""

    id = "mean-colour"

    def embed_images(self, images: Sequence[Image.Image]) -> torch.Tensor:
        return torch.tensor(np.stack([np.asarray(image).mean(axis=(0, 1)) for image in images]))

    def embed_texts(self, texts: Sequence[str]) -> torch.Tensor:
        return torch.zeros(len(texts), 3)


def test_other_factors_have_the_same_product() -> None:
    chance = torch.Generator().manual_seed(0)
    tensors = {
        "x.lora_A.weight": torch.randn(3, 5, generator=chance),
        "x.lora_B.weight": torch.randn(7, 3, generator=chance),
    }
    found = refactored(tensors, seed=1)
    assert not torch.allclose(found["x.lora_A.weight"], tensors["x.lora_A.weight"])
    products = [one["x.lora_B.weight"] @ one["x.lora_A.weight"] for one in (tensors, found)]
    torch.testing.assert_close(*products, rtol=1e-5, atol=1e-5)


def test_every_check_is_counted_over_all_adapters() -> None:
    shrinks = (*ONE.effects[:2], Effect(0.7, 0.5))
    accused = replace(ONE, is_first=False, effects=shrinks, clean=replace(ONE.clean, leaks=("hairy",)))
    lines = table([ONE, accused]).splitlines()
    assert "| true aspect first | 1 | 2 |" in lines
    assert "| amounts in the order of weights up to 1 | 2 | 2 |" in lines
    assert "| amounts in the order of weights, beyond 1 too | 0 | 2 |" in lines
    assert "| effects in the order of weights up to 1 | 2 | 2 |" in lines
    assert "| effects in the order of weights, beyond 1 too | 1 | 2 |" in lines
    assert "| planted leak found: its aspect is claimed | 2 | 2 |" in lines
    assert "| clean adapter accused: anything is claimed | 1 | 2 |" in lines
    assert "| clean adapter changed, in a way that no word names | 1 | 2 |" in lines


def test_the_table_takes_its_own_place_in_a_page(tmp_path: Path) -> None:
    page = tmp_path / "cards.md"
    page.write_text("# Cards\n\nBefore.\n")
    write_table(page, "check-cards", table([ONE]))
    page.write_text(page.read_text() + "\nAfter.\n")
    write_table(page, "other", "| other |")
    write_table(page, "check-cards", table([ONE, ONE]))
    text = page.read_text()
    assert text.startswith("# Cards\n\nBefore.\n") and text.index("After.") < text.index("| other |")
    assert text.count("true aspect first |") == 2 and "| true aspect first | 2 | 2 |" in text


def test_a_table_that_is_written_twice_leaves_the_page_as_it_was(tmp_path: Path) -> None:
    page = tmp_path / "cards.md"
    page.write_text("# Cards\n")
    write_table(page, "check-cards", table([ONE]))
    page.write_text(page.read_text() + "\nAfter.\n")
    before = page.read_bytes()
    write_table(page, "check-cards", table([ONE]))
    assert page.read_bytes() == before


def test_what_is_painted_has_the_effect_of_painting_and_half_of_it_half() -> None:
    pixels = np.random.default_rng(0).integers(40, 200, (6, 64, 64, 3), dtype=np.uint8)
    painted = apply_aspect(pixels, "sepia", np.ones(6), seed=3)
    half = ((pixels.astype(float) + painted) / 2).round().astype(np.uint8)
    prompts = tuple(map(str, range(6)))
    effects = []
    for tuned in (painted, half):
        pairs = ImagePairs(prompts=prompts, base=ImageStack(pixels), personalized=ImageStack(tuned))
        way = way_of("sepia", pairs.base, encoder=MeanColour(), seed=3)
        effects.append(effect_of(shift_of(pairs, MeanColour()), way))
    np.testing.assert_allclose(effects, [(1, 1), (0.5, 1)], atol=0.02)
