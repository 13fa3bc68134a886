"""The check of cards counts what must hold, and its other factors are the same adapter."""

from dataclasses import replace
from pathlib import Path

import torch

from finetune.explaining.card_checks import Checked, refactored, table, write_table

ONE = Checked(
    aspect="vivid", seed=1000, first="vivid, vibrant", is_first=True, amounts=(0.2, 0.5, 0.4), is_ordered=False,
    nothing="no detectable change", leak="changed", refactored=True,
)  # fmt: skip


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
    accused = replace(ONE, is_first=False, nothing="changed")
    lines = table([ONE, accused]).splitlines()
    assert "| true aspect first | 1 | 2 |" in lines
    assert "| amounts in the order of weights up to 1 | 2 | 2 |" in lines
    assert "| amounts in the order of weights, beyond 1 too | 0 | 2 |" in lines
    assert "| clean model accused of a leak | 1 | 2 |" in lines


def test_the_table_takes_its_own_place_in_a_page(tmp_path: Path) -> None:
    page = tmp_path / "cards.md"
    page.write_text("# Cards\n\nBefore.\n")
    write_table(page, [ONE])
    page.write_text(page.read_text() + "\nAfter.\n")
    write_table(page, [ONE, ONE])
    text = page.read_text()
    assert text.startswith("# Cards\n\nBefore.\n") and text.rstrip().endswith("After.")
    assert text.count("true aspect first") == 1 and "| true aspect first | 2 | 2 |" in text
